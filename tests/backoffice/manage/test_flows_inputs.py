"""What a desk asks for, changed on its page."""

import pytest

from tests.backoffice.manage.flow_pages import ALUR, draft_of, flow_of_draft, send

# What differs between the engines is in test_flows.py and test_simulation.py.
pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_a_desk_asks_for_one_thing_more_and_one_less(admin):
    address = "/tahap/PEMBAYARAN/isian"
    fields = {"desk": "2", "isian2-label": "Cara bayar", "isian2-type": "choice",
              "isian2-options": "Bank\n\n Pos \nBank", "isian2-required": "y"}  # fmt: skip
    assert send(admin, address, "lab", **fields).status_code == 302
    added = flow_of_draft("lab").stage("PEMBAYARAN").desks[2].inputs[-1]
    assert (added.name, added.options, added.required) == ("cara_bayar", ("Bank", "Pos"), True)
    send(admin, address, "lab", **fields)
    names = [entry.name for entry in flow_of_draft("lab").stage("PEMBAYARAN").desks[2].inputs]
    assert names[-2:] == ["cara_bayar", "cara_bayar_2"]
    send(admin, address, "lab", desk="2", do="optional:cara_bayar")
    send(admin, address, "lab", desk="2", do="remove:cara_bayar_2")
    desk = flow_of_draft("lab").stage("PEMBAYARAN").desks[2]
    assert [(entry.name, entry.required) for entry in desk.inputs[-1:]] == [("cara_bayar", False)]
    told = admin.get(f"{ALUR}/lab/draf").text
    assert "isian baru “Cara bayar”" in told
    # The tax office's number is needed, and the check says so.
    send(admin, address, "lab", desk="2", do="remove:ntpn")
    assert "pembayaran memerlukan isian wajib" in admin.get(f"{ALUR}/lab/draf/periksa").text


@pytest.mark.parametrize("label", ["Version", "CSRF token", "Report", "Tanda terima", "Note"])
def test_a_new_input_never_takes_a_name_that_means_something(admin, label):
    assert send(admin, "/tahap/TERIMA_ADMIN/isian", **{
        "isian0-label": label, "isian0-type": "file"}).status_code == 302  # fmt: skip
    assert flow_of_draft().stage("TERIMA_ADMIN").inputs[-1].name.endswith("_2")
    assert "1 masalah" not in admin.get(f"{ALUR}/data/draf").text


def test_an_input_without_label_or_options_comes_back(admin):
    before = draft_of().definition
    answer = send(admin, "/tahap/TERIMA_ADMIN/isian", **{
        "isian0-type": "choice", "isian0-hint": "Petunjuk saya"})  # fmt: skip
    assert answer.status_code == 422
    assert "satu pada setiap baris" in answer.text and "Petunjuk saya" in answer.text
    assert draft_of().definition == before


@pytest.mark.parametrize(
    ("address", "fields"),
    [("TERIMA_ADMIN", {"do": "remove:tidak_ada"}), ("TERIMA_ADMIN", {"desk": "4"}),
     ("TERIMA_ADMIN", {"desk": "x"}), ("SURVEI", {}), ("PENGAJUAN", {}), ("TIDAK_ADA", {}),
     ("TERIMA_ADMIN", {"do": "meledak"})],
)  # fmt: skip
def test_inputs_where_there_are_none_are_a_404(admin, address, fields):
    assert send(admin, f"/tahap/{address}/isian", **fields).status_code == 404


def test_a_file_says_what_it_may_be_and_how_large(admin):
    address, field = "/tahap/TERIMA_ADMIN/isian", "isian0"
    file = {f"{field}-label": "Data mentah", f"{field}-type": "file"}
    wrong = send(admin, address, **{**file, f"{field}-max_mb": "201"})
    assert wrong.status_code == 422 and "Isi 1 sampai 200." in wrong.text
    send(admin, address, **{**file, f"{field}-accept": ["xlsx", "zip"], f"{field}-max_mb": "150",
                            f"{field}-many": "y"})  # fmt: skip
    added = flow_of_draft().stage("TERIMA_ADMIN").inputs[-1]
    assert (added.kinds, added.max_mb, added.many) == (("xlsx", "zip"), 150, True)
    page = admin.get(f"{ALUR}/data/draf/tahap/TERIMA_ADMIN").text
    assert "Excel (xlsx) atau ZIP, paling besar 150 MB setiap berkas" in page
    # Nothing said is a small PDF, and a change of something else keeps what the file said.
    send(admin, address, **{**file, f"{field}-label": "Surat"})
    assert flow_of_draft().stage("TERIMA_ADMIN").inputs[-1].is_plain_letter
    send(admin, address, do="required:data_mentah")
    kept = next(e for e in flow_of_draft().stage("TERIMA_ADMIN").inputs if e.name == "data_mentah")
    assert (kept.required, kept.kinds, kept.max_mb) == (True, ("xlsx", "zip"), 150)


def test_a_new_input_brings_its_rules_and_the_page_tells_them(admin):
    address = "/tahap/TERIMA_ADMIN/isian"
    number = {"isian0-label": "Jumlah berkas", "isian0-type": "number", "isian0-least": "5"}
    wrong = send(admin, address, **{**number, "isian0-most": "4"})
    assert wrong.status_code == 422 and "Lebih kecil daripada" in wrong.text
    send(admin, address, **{**number, "isian0-most": "40", "isian0-unique": "y"})
    added = flow_of_draft().stage("TERIMA_ADMIN").inputs[-1]
    assert (added.min, added.max, added.unique) == (5, 40, "service")
    send(admin, address, **{"isian0-label": "Diterima pada", "isian0-type": "date",
                            "isian0-day": "not_after", "isian0-least": "5"})  # fmt: skip
    added = flow_of_draft().stage("TERIMA_ADMIN").inputs[-1]
    assert (added.not_after, added.min) == ("today", None)
    send(admin, address, **{"isian0-label": "Periksa", "isian0-type": "yes_no",
                            "isian0-options": "Satu\nDua", "isian0-all_yes": "y"})  # fmt: skip
    assert flow_of_draft().stage("TERIMA_ADMIN").inputs[-1].required_yes == ("Satu", "Dua")
    page = admin.get(f"{ALUR}/data/draf/tahap/TERIMA_ADMIN").text
    for words in ("paling sedikit 5, paling banyak 40", "tidak sesudah hari ini",
                  "2 dari 2 butir harus Ya"):  # fmt: skip
        assert words in page
    assert "tidak ada masalah" in admin.get(f"{ALUR}/data/draf/periksa").text.casefold()


def test_rules_stay_with_what_they_name_and_go_with_it(admin):
    address = "/tahap/DISPOSISI_KABALAI/isian"

    def note():
        inputs = flow_of_draft().stage("DISPOSISI_KABALAI").inputs
        return next(entry for entry in inputs if entry.name == "note")

    assert note().required_unless == "instructions"
    send(admin, address, do="remove:instructions")
    assert note().required_unless == "" and not note().required
    send(admin, address, do="required:note")
    assert note().required
