"""Which files of a stage the customer sees."""

from models import Document


def test_what_the_customer_gave_is_shown_to_the_customer_and_the_offices_work_is_not(at):
    request = at("PENGUJIAN", "lab")
    given = {
        row.title: row
        for row in Document.select().where(
            (Document.request == request) & Document.created_by.is_null(False)
        )
    }
    theirs = {row.title for row in given.values() if row.created_by_id == request.customer_id}
    assert {
        "Dokumen Pendukung",
        "Kontrak/formulir pengujian (Lembar Konfirmasi Layanan) bertanda tangan",
    } <= theirs, theirs
    assert not any(given[title].is_internal for title in theirs)
    assert given["Rencana uji"].is_internal
