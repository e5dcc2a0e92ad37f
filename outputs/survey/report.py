"""The report of a survey period, in the five chapters that PermenPANRB 14/2017 asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.office import office
from models import ActionPlan, SurveyPeriod
from outputs.long_report import PALE, Report
from outputs.page import BLUE, INK
from outputs.sheet import Signature
from outputs.survey.annexes import write_matrix, write_plans, write_questionnaires
from outputs.survey.figures import Past, Results
from rules.formats import day, decimal_id, moment, moment_short
from rules.skm import ELEMENTS, Ikm
from rules.survey import Questionnaire

HIDDEN = "disamarkan"


@dataclass(frozen=True)
class ReportData:
    """Everything the report tells.

    `titles` maps a service's code to its name, `statuses` a plan's status to its words;
    `history` is the oldest period first and ends with this one. `result_url` is the public page
    of a locked period, empty for any other; `check_url` that on which everybody can check this
    report.
    """

    results: Results
    # Those that were answered in the period, the oldest first.
    questionnaires: Sequence[Questionnaire]
    history: Sequence[Past]
    plans: Sequence[ActionPlan]
    earlier_plans: Sequence[ActionPlan]
    kept: SurveyPeriod | None
    titles: Mapping[str, str]
    statuses: Mapping[str, str]
    made_by: str
    number: str = ""
    result_url: str = ""
    check_url: str = ""


def write_survey_report(data: ReportData, *, now: datetime) -> bytes:
    """The report as a PDF; raises ValueError for a period with fewer than five answers."""
    ikm = data.results.whole
    if ikm is None:
        raise ValueError("a report of fewer than five answers would tell about persons")
    period = data.results.period
    title, number = f"Laporan SKM {period.title}", data.number
    report = Report(title, reference=number, check_url=data.check_url)
    report.heading(
        "Laporan Survei Kepuasan Masyarakat",
        f"{office().name}, {period.title} ({day(period.first)} – {day(period.last)})",
    )
    _write_card(report, data, ikm)
    _write_introduction(report, data)
    _write_collection(report, data)
    _write_results(report, data, ikm)
    _write_analysis(report, data, ikm)
    _write_conclusion(report, data, ikm, now=now)
    write_questionnaires(report, data.questionnaires)
    write_matrix(report, data.results, ikm)
    _write_records(report, data)
    _write_earlier(report, data)
    return bytes(report.output())


def _write_card(report: Report, data: ReportData, ikm: Ikm) -> None:
    """The summary that may be published as it stands."""
    y = report.get_y()
    with report.artifact():
        report.set_fill_color(*PALE)
        report.rect(20, y, 170, 31, style="F")
    with report.tagged("P"):
        _write_card_words(report, data, ikm, y)
    report.set_y(y + 35)


def _write_card_words(report: Report, data: ReportData, ikm: Ikm, y: float) -> None:
    report.set_xy(25, y + 4)
    report.set_font("Lato", "B", 30)
    report.set_text_color(*BLUE)
    report.cell(52, 14, decimal_id(ikm.value))
    report.set_xy(25, y + 19)
    report.set_font("Lato", "B", 10.5)
    report.cell(52, 6, f"Mutu {ikm.grade} – {ikm.label}")
    report.set_text_color(*INK)
    report.set_font("Lato", "", 9.5)
    results = data.results
    lines = (
        f"Indeks Kepuasan Masyarakat, {results.period.title}",
        f"Unit layanan: {office().name}",
        f"{results.count} responden; {_sample(results)}",
        "; ".join(_counts(results, "gender")),
    )
    for number, line in enumerate(lines):
        report.set_xy(80, y + 4 + 6 * number)
        report.cell(108, 6, line)


def _sample(results: Results) -> str:
    population = results.answers.population
    if not population:
        return "populasi tidak tercatat"
    met = "terpenuhi" if results.count >= results.needed else "belum terpenuhi"
    return f"kebutuhan sampel {results.needed} dari populasi {population} ({met})"


def _counts(results: Results, code: str) -> list[str]:
    """`Laki-laki 12` for each option of a demographic that somebody gave."""
    for table in results.profile:
        if table.code == code:
            return [
                f"{option} {HIDDEN if count is None else count}"
                for option, count in table.rows
                if count != 0
            ]
    return []


def _write_introduction(report: Report, data: ReportData) -> None:
    name = office().name
    report.chapter("BAB I – PENDAHULUAN")
    report.part("1.1 Latar belakang")
    report.paragraph(
        f"{name} menyelenggarakan layanan data, advis teknis, dan pengujian laboratorium bagi "
        "instansi pemerintah, perguruan tinggi, badan usaha, dan perorangan. Pendapat pelanggan "
        "dikumpulkan setelah setiap layanan selesai, supaya perbaikan bertumpu pada pengalaman "
        "mereka dan bukan pada perkiraan."
    )
    report.part("1.2 Dasar hukum")
    for law in (
        "Undang-Undang Nomor 25 Tahun 2009 tentang Pelayanan Publik.",
        "Peraturan Menteri PANRB Nomor 14 Tahun 2017 tentang Pedoman Penyusunan Survei Kepuasan "
        "Masyarakat Unit Penyelenggara Pelayanan Publik.",
        "Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi.",
    ):
        report.paragraph(f"•  {law}")
    report.part("1.3 Maksud dan tujuan")
    report.paragraph(
        "Laporan ini menyajikan tingkat kepuasan pelanggan pada sembilan unsur pelayanan, "
        "menunjukkan unsur yang perlu didahulukan, dan menetapkan rencana tindak lanjut beserta "
        "penanggung jawabnya."
    )


def _write_collection(report: Report, data: ReportData) -> None:
    results, period = data.results, data.results.period
    report.chapter("BAB II – PENGUMPULAN DATA")
    report.fact("Pelaksana", f"{office().name} melalui aplikasi {office().short_name}")
    report.fact(
        "Metode",
        "Kuesioner daring yang diisi pelanggan setelah layanannya selesai, satu kali untuk setiap "
        "permohonan, atau kuesioner kertas yang disalin petugas loket. Hasil layanan diserahkan "
        "setelah kuesioner diisi, sehingga pengumpulan mendekati sensus.",
    )
    report.fact("Lokasi", office().address)
    report.fact("Waktu", f"{day(period.first)} sampai {day(period.last)}")
    report.fact("Kuesioner", _asked(data))
    report.fact(
        "Jumlah responden",
        f"{results.count} responden. Populasi adalah permohonan yang selesai dikerjakan pada "
        f"periode ini; {_sample(results)} menurut Krejcie–Morgan.",
    )
    report.fact(
        "Kerahasiaan",
        "Jawaban disimpan terpisah dari identitas. Kelompok dengan kurang dari lima responden "
        "disamarkan.",
    )


def _asked(data: ReportData) -> str:
    names = [one.name for one in data.questionnaires]
    if len(names) == 1:
        return f"Versi {names[0]}, sembilan unsur, skala 1–4"
    return (
        f"Dalam periode ini berlaku {len(names)} versi, berturut-turut {', '.join(names)} "
        "(Lampiran 1). Unsur, skala, dan bobotnya sama, sehingga semua jawaban dihitung bersama "
        "menurut unsur; nilai tiap versi ada pada bagian 3.4."
    )


def _write_results(report: Report, data: ReportData, ikm: Ikm) -> None:
    results = data.results
    report.chapter("BAB III – HASIL PENGOLAHAN DATA")
    report.part("3.1 Profil responden")
    rows = [
        (
            table.label if number == 0 else "",
            option,
            HIDDEN if count is None else str(count),
            "" if count is None else f"{decimal_id(100 * count / results.count, 1)} %",
        )
        for table in results.profile
        for number, (option, count) in enumerate(
            [(option, count) for option, count in table.rows if count != 0]
        )
    ]
    head = ("Ciri", "Pilihan", "Responden", "Bagian")
    report.grid(head, rows, widths=(50, 70, 25, 25), align="LLRR")
    # Nine elements and their sum are read in one look.
    report.part("3.2 Nilai rata-rata per unsur", room=100)
    elements = [
        (
            f"{code} {title}",
            str(ikm.totals[code]),
            decimal_id(ikm.nrr[code], 4),
            decimal_id(ikm.weighted[code], 4),
            decimal_id(ikm.elements[code]),
            " – ".join(ikm.grade_of(code)),
        )
        for code, title in ELEMENTS.items()
    ]
    elements.append(
        (
            "Indeks (jumlah tertimbang)",
            "",
            "",
            decimal_id(ikm.mean, 4),
            decimal_id(ikm.value),
            f"{ikm.grade} – {ikm.label}",
        )
    )
    head = ("Unsur", "Jumlah", "NRR", "Tertimbang", "Konversi", "Mutu")
    report.grid(head, elements, widths=(70, 17, 18, 22, 20, 33), align="LRRRRL")
    report.paragraph(
        "Bobot setiap unsur 1/9 dihitung eksak dan hanya hasil akhir yang dibulatkan (dua "
        "desimal), lalu mutu ditentukan. Dengan bobot 0,11 seperti pada lembar hitung lama, "
        f"indeksnya {decimal_id(results.printed.value)}; angka itu hanya untuk perbandingan."
        if results.printed
        else ""
    )
    report.part("3.3 IKM per layanan dan unit")
    rows = [
        (
            data.titles.get(item.code, item.code),
            str(item.ikm.count) if item.ikm else HIDDEN,
            decimal_id(item.ikm.value) if item.ikm else HIDDEN,
            f"{item.ikm.grade} – {item.ikm.label}" if item.ikm else "",
        )
        for item in results.services
    ]
    rows.append(
        (
            f"{office().name} (unit)",
            str(ikm.count),
            decimal_id(ikm.value),
            f"{ikm.grade} – {ikm.label}",
        )
    )
    head = ("Layanan", "Responden", "IKM", "Mutu")
    report.grid(head, rows, widths=(85, 25, 25, 35), align="LRRL")
    _write_versions(report, results)


def _write_versions(report: Report, results: Results) -> None:
    """The index of each questionnaire, when more than one was answered."""
    if len(results.versions) < 2:
        return
    report.part("3.4 IKM per versi kuesioner", room=20 + 6 * len(results.versions))
    rows = [
        (
            item.name,
            str(item.ikm.count) if item.ikm else HIDDEN,
            decimal_id(item.ikm.value) if item.ikm else HIDDEN,
            f"{item.ikm.grade} – {item.ikm.label}" if item.ikm else "",
        )
        for item in results.versions
    ]
    head = ("Versi", "Responden", "IKM", "Mutu")
    report.grid(head, rows, widths=(85, 25, 25, 35), align="LRRL")


def _write_analysis(report: Report, data: ReportData, ikm: Ikm) -> None:
    results = data.results
    report.chapter("BAB IV – ANALISIS", room=90)
    report.part("4.1 Unsur terendah dan tertinggi")
    report.bars(
        [
            (f"{code} {title}", float(ikm.elements[code]), decimal_id(ikm.elements[code]))
            for code, title in ELEMENTS.items()
        ],
        top=100,
    )
    report.paragraph(_extremes(ikm))
    if results.is_careless:
        report.paragraph(
            f"Catatan mutu data: {results.same} dari {results.count} responden memberi nilai yang "
            "sama pada kesembilan unsur. Semua jawaban tetap dihitung; kesimpulan perlu dibaca "
            "bersama saran dan keluhan."
        )
    report.part("4.2 Saran dan keluhan")
    report.paragraph(f"{results.answers.suggestions} responden menulis saran atau keluhan.")
    report.paragraph(
        data.kept.summary
        if data.kept and data.kept.summary
        else "Ringkasan saran dan keluhan belum ditulis."
    )
    report.part("4.3 Rencana tindak lanjut")
    write_plans(report, data.plans, data.statuses, "Rencana tindak lanjut belum disusun.")
    report.part("4.4 Tren antarperiode", room=20 + 6 * len(data.history))
    report.bars(
        [
            (
                past.period.title,
                float(past.ikm.value) if past.ikm else None,
                f"{decimal_id(past.ikm.value)} {past.ikm.grade}" if past.ikm else "–",
            )
            for past in data.history
        ],
        top=100,
    )


def _extremes(ikm: Ikm) -> str:
    if ikm.is_level:
        return (
            f"Kesembilan unsur bernilai sama ({decimal_id(ikm.elements['U1'])}); tidak ada unsur "
            "yang terendah atau tertinggi."
        )
    lowest, highest = (
        f"{_named(codes)} ({decimal_id(ikm.elements[codes[0]])})"
        for codes in (ikm.lowest, ikm.highest)
    )
    words = f"Unsur terendah: {lowest}. Unsur tertinggi: {highest}."
    if next_ones := ikm.weakest[len(ikm.lowest) :]:
        words += f" Berikutnya yang perlu perhatian: {_named(next_ones)}."
    return words


def _first_to_mend(ikm: Ikm) -> str:
    if ikm.is_level:
        return "Kesembilan unsur bernilai sama."
    return f"Unsur {_named(ikm.lowest)} perlu didahulukan dalam perbaikan."


def _named(codes: Sequence[str]) -> str:
    return "; ".join(f"{code} {ELEMENTS[code]}" for code in codes)


def _write_conclusion(report: Report, data: ReportData, ikm: Ikm, *, now: datetime) -> None:
    results, kept = data.results, data.kept
    report.chapter("BAB V – KESIMPULAN")
    report.paragraph(
        f"Indeks Kepuasan Masyarakat {office().name} pada {results.period.title} adalah "
        f"{decimal_id(ikm.value)} dengan mutu pelayanan {ikm.grade} ({ikm.label}), dari "
        f"{results.count} responden. {_first_to_mend(ikm)}"
    )
    if results.is_locked and kept:
        report.paragraph(
            f"Angka periode ini dikunci pada {moment(kept.locked_at)} dan tidak berubah lagi. "
            f"Sidik angka (SHA-256): {kept.digest}"
        )
        if data.result_url:
            report.paragraph(f"Hasilnya diumumkan pada {data.result_url}")
    else:
        report.paragraph(
            "Periode ini belum dikunci: angka dihitung pada saat laporan dibuat dan masih dapat "
            "berubah."
        )
    report.paragraph(f"Dibuat pada {moment_short(now)} oleh {data.made_by}.")
    locked = results.is_locked and kept is not None
    report.signatures(
        [
            Signature(
                day(kept.locked_at) if locked else "Tanggal: ..............................",
                f"{office().posts[min(office().posts_that_may('skm_lock'))]},",
                kept.locked_by.name if locked else "..............................",
                "Dikunci di MELASTI" if locked else "",
            )
        ]
    )


def _write_records(report: Report, data: ReportData) -> None:
    """What the office keeps as proof, and room for what only paper can hold."""
    results, kept = data.results, data.kept
    report.add_page()
    report.chapter("LAMPIRAN 3 – DOKUMENTASI")
    lock = f"dikunci {moment(kept.locked_at)}" if results.is_locked and kept else "belum dikunci"
    versions = ", ".join(one.name for one in data.questionnaires)
    report.paragraph(
        f"Rekaman elektronik di MELASTI: {results.count} jawaban tanpa identitas, versi kuesioner "
        f"{versions}, periode {lock}. Foto pelayanan dan pengisian survei ditempelkan di bawah ini."
    )
    report.frames(
        [
            "Foto 1: ........................................................",
            "Foto 2: ........................................................",
        ]
    )


def _write_earlier(report: Report, data: ReportData) -> None:
    earlier = data.results.period.previous
    report.chapter(f"LAMPIRAN 4 – TINDAK LANJUT {earlier.title.upper()}")
    write_plans(
        report,
        data.earlier_plans,
        data.statuses,
        f"Tidak ada rencana tindak lanjut yang tercatat pada {earlier.title}.",
    )
