"""The dashboard on paper: the pictures of the page, and every figure in a table beside them."""

from collections.abc import Sequence

from outputs.dashboards.board import Board
from outputs.dashboards.figures import AGES, Durations
from outputs.dashboards.statistics import share_words
from outputs.long_report import Report
from outputs.sheet import picture_height
from rules.formats import moment

PICTURE = 84.0
TITLE = "Dasbor Layanan"


def write_dashboard(board: Board, *, number: str, made_by: str, check_url: str) -> bytes:
    """The dashboard as a PDF; `check_url` is where everybody can check it."""
    report = Report(TITLE, reference=number, check_url=check_url)
    report.set_creation_date(board.at)
    report.heading(TITLE, f"Nomor: {number}")
    report.facts(
        [*board.about, ("Dihitung pada", moment(board.at)), ("Dibuat oleh", made_by)],
        label_width=36,
    )
    _write_summary(report, board)
    _write_load(report, board)
    _write_bottleneck(report, board)
    _write_services(report, board)
    _write_causes(report, board)
    _write_months(report, board)
    _write_stages(report, board)
    report.paragraph(
        "Beban dihitung pada saat dokumen ini dibuat. Angka masa lalu dihitung dari riwayat "
        "setiap malam pukul 02.10 WITA. Waktu pelanggan tidak dihitung sebagai waktu kantor. P90: "
        "sembilan dari sepuluh tidak lebih lama."
    )
    return bytes(report.output())


def _write_summary(report: Report, board: Board) -> None:
    boxes = [(str(board.running), "sedang berjalan"), (str(board.late), "terlambat di tahapnya")]
    boxes += [
        (share_words(one.on_time), f"tepat waktu: {one.title}")
        for one in board.past.services
        if one.passes
    ]
    report.boxes(boxes)


def _chart(report: Report, title: str, svg: str) -> None:
    """A heading and its picture on one page."""
    report.section(title, room=picture_height(svg, PICTURE) + 12)
    report.picture(svg, width=PICTURE)


def _write_load(report: Report, board: Board) -> None:
    title = "Beban tiap pos sekarang"
    if not board.desks:
        report.section(title)
        report.paragraph("Tidak ada permohonan yang menunggu di sini.")
        return
    _chart(report, title, board.load_chart)
    rows = [
        (
            board.title_of(desk),
            *(str(desk.ages[age]) for age in AGES),
            str(desk.total),
            f"{board.oldest_words(desk)} kerja",
        )
        for desk in board.desks
    ]
    head = ("Pos", *AGES.values(), "Jumlah", "Terlama menunggu")
    report.grid(head, rows, widths=(48, 22, 26, 22, 24, 18, 30), align="LRRRRRR")


def _write_bottleneck(report: Report, board: Board) -> None:
    one = board.past.bottleneck
    if one is None:
        return
    report.section(f"Hambatan terbesar {board.bottleneck_month}")
    report.paragraph(
        f"{one.title}: {one.passes} permohonan melewati tahap ini dan bersama menghabiskan waktu "
        f"kantor {board.took(one.office_total)} kerja, terbanyak dari {board.compared_with}. "
        f"Median {board.took(one.office_median)}, sembilan dari sepuluh dalam "
        f"{board.took(one.office_p90)}. Tepat waktu {share_words(one.on_time)}, "
        f"terlambat {one.late} permohonan."
    )


def _write_services(report: Report, board: Board) -> None:
    report.section(f"Layanan, {board.period_words}")
    rows = [
        (
            one.title,
            str(one.passes),
            share_words(one.on_time),
            share_words(None if one.on_time is None else 1 - one.on_time),
            *_times(board, one),
        )
        for one in board.past.services
    ]
    head = ("Layanan", "Selesai", "Tepat waktu", "Terlambat", *TIMES)
    report.grid(head, rows, widths=(46, 16, 18, 19, 20, 20, 22, 22), align="LRRRRRRR")


def _write_causes(report: Report, board: Board) -> None:
    report.section("Penyebab keterlambatan")
    if not board.causes:
        report.paragraph("Tidak ada keterlambatan yang dicatat.")
        return
    rows = [(words, str(count)) for _, words, count in board.causes]
    report.grid(("Penyebab", "Permohonan"), rows, widths=(100, 30), align="LR")


def _write_months(report: Report, board: Board) -> None:
    title = "Tepat waktu tiap bulan"
    if not board.months:
        report.section(title)
        report.paragraph("Belum ada pekerjaan yang selesai dalam dua belas bulan ini.")
        return
    _chart(report, title, board.month_chart)
    rows = [
        (row.words, str(row.timely), str(row.count), share_words(row.share))
        for row in reversed(board.months)
    ]
    head = ("Bulan", "Tepat waktu", "Selesai", "Bagian")
    report.grid(head, rows, widths=(60, 30, 30, 30), align="LRRR")


def _write_stages(report: Report, board: Board) -> None:
    title = "Lama tiap tahap"
    if not board.past.stages:
        report.section(title)
        report.paragraph("Belum ada tahap yang selesai dalam dua belas bulan ini.")
        return
    _chart(report, title, board.stage_chart)
    for flow in board.flows:
        stages = [one for one in board.past.stages if one.service_code == flow.code]
        if stages:
            report.part(flow.title)
            rows = [
                (
                    one.title,
                    str(one.passes),
                    share_words(one.on_time),
                    str(one.late),
                    *_times(board, one),
                )
                for one in stages
            ]
            head = ("Tahap", "Dilewati", "Tepat waktu", "Terlambat", *TIMES)
            report.grid(head, rows, widths=(46, 16, 18, 19, 20, 20, 22, 22), align="LRRRRRRR")


TIMES = ("Kantor, median", "Kantor, P90", "Pelanggan, median", "Pelanggan, P90")


def _times(board: Board, one: Durations) -> Sequence[str]:
    values = (one.office_median, one.office_p90, one.customer_median, one.customer_p90)
    return [board.took(value) for value in values]
