"""The request card and the customer's page: who reads what."""

from datetime import timedelta

import pytest

from models import Document, Request
from moves.catalogue import current_stage
from tests.people import Person, advance, complete_desk, enter, file_request, post


def test_clauses_of_the_norm_stand_beside_each_stage_for_staff_only(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now, service="lab")
    card = enter(app, people.manajer_teknis).get(f"/backoffice/permohonan/{filed.public_id}").text
    clauses = [stage.clause for stage in runtime.catalogue["lab"].flow.stages if stage.clause]
    assert len(clauses) > 10
    for clause in clauses:
        assert f"SNI ISO/IEC 17025:2017 klausul {clause}" in card
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    assert "klausul" not in page


def test_card_says_how_long_each_stage_took(app, people, runtime, now):
    """Filed Monday 12.57; accepted 13.07 by a clerk; the head takes until Tuesday 10.07."""
    filed = file_request(runtime, people.customer, now=now)
    filed = advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    filed = advance(
        filed, people, runtime, now=now + timedelta(hours=21), until="DISPOSISI_KASUBAG"
    )
    card = enter(app, people.auditor).get(f"/backoffice/permohonan/{filed.public_id}").text
    # 13.07–16.00 and 08.00–10.07 on the next day: five hours of the office's seven.
    # A short line; the official sentence is its title, and stands on paper.
    entry = short_entry(card, "KEPALA BALAI MENDISPOSISIKAN")
    assert "Disposisi Kepala Balai" in entry and "5 jam kerja" in entry
    assert "menit kerja" in short_entry(card, "ADMIN LAYANAN MENERIMA")
    page = enter(app, people.customer).get(f"/layanan/{filed.public_id}").text
    assert "jam kerja" not in timeline_entry(page, "KEPALA BALAI MENDISPOSISIKAN")


def short_entry(page: str, title: str) -> str:
    return page.partition(f'title="{title}')[2].partition("</li>")[0]


def timeline_entry(page: str, title: str) -> str:
    return page.split(f'<div class="m-manual">{title}')[1].split("</li>")[0]


def test_other_requests_of_the_customer_within_the_readers_scope(app, people, runtime, now):
    first = file_request(runtime, people.customer, now=now, subject="Permohonan pertama")
    second = file_request(runtime, people.customer, now=now, key="K2", subject="Permohonan kedua")
    other = file_request(runtime, people.other_customer, now=now, key="K3", subject="Orang lain")
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{first.public_id}").text
    assert f"/backoffice/permohonan/{second.public_id}" in card
    assert other.public_id not in card
    # Who sees only what is assigned to them isn't shown the rest.
    given = advance(first, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    card = enter(app, people.pemangku_data).get(f"/backoffice/permohonan/{given.public_id}").text
    assert "Permohonan pertama" in card
    assert "Permohonan kedua" not in card


def test_all_requests_of_the_customer_are_a_list_of_the_queue(app, people, runtime, now):
    mine = [file_request(runtime, people.customer, now=now, key=f"M{n}", subject=f"Milik {n}")
            for n in range(7)]  # fmt: skip
    file_request(runtime, people.other_customer, now=now, key="O", subject="Orang lain")
    admin = enter(app, people.admin_layanan)
    card = admin.get(f"/backoffice/permohonan/{mine[6].public_id}").text
    assert "Milik 1</a>" in card and "Milik 0</a>" not in card
    way = f"/backoffice/?tab=semua&pelanggan={people.customer.public_id}"
    assert f'href="{way.replace("&", "&amp;")}">Lihat semua' in card
    listed = admin.get(way).text
    assert all(f"Milik {n}</strong>" in listed for n in range(7)) and "Orang lain" not in listed
    assert f"Pelanggan: {people.customer.name}" in listed
    # An address names nobody to who may see no request of theirs.
    other = f"/backoffice/?tab=semua&pelanggan={people.other_customer.public_id}"
    assert people.other_customer.name not in enter(app, people.penguji).get(other).text
    # Five or fewer are all there.
    file_request(runtime, people.other_customer, now=now, key="O2")
    card = admin.get(f"/backoffice/permohonan/{Request.get(subject='Orang lain').public_id}").text
    assert "Lihat semua" not in card


def test_who_has_nothing_to_do_reads_why(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    auditor, address = enter(app, people.auditor), f"/backoffice/permohonan/{filed.public_id}"

    def said() -> str:
        return auditor.get(address).text.partition('id="tindakan"')[2].partition("</section>")[0]

    nothing = "Tidak ada tindakan bagi Anda"
    assert f"{nothing} sekarang; menunggu Admin Layanan." in said()
    assert nothing not in enter(app, people.admin_layanan).get(address).text
    filed = advance(filed, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")
    assert f"{nothing} sekarang; menunggu Pemangku Data: {filed.assignee.name}." in said()
    filed = advance(filed, people, runtime, now=now, until="SURVEI")
    assert f"{nothing} sekarang; menunggu pelanggan." in said()
    advance(filed, people, runtime, now=now)
    assert f"{nothing}; permohonan ini selesai." in said()


def test_lateness_beside_the_deadline_of_the_whole_says_that_it_is_of_the_stage(
    app, people, runtime, now
):
    filed = file_request(runtime, people.customer, now=now)
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{filed.public_id}").text
    assert "</span>tahap ini terlambat" in card and "</span>terlambat" not in card


def test_paper_is_shown_where_it_is_asked_for_and_else_saved(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    paper = Document.get((Document.request == filed) & (Document.kind == "pendukung"))
    address = f"/dokumen/{paper.public_id}?lihat=1"
    for person in (people.admin_layanan, people.customer):
        client = enter(app, person)
        for asked, disposition in ((address, "inline"), (address.partition("?")[0], "attachment")):
            answer = client.get(asked)
            assert answer.headers["Content-Disposition"].startswith(disposition)
            assert answer.data.startswith(b"%PDF")
    # The page itself fills the frame, not small pictures of its pages.
    card = enter(app, people.admin_layanan).get(f"/backoffice/permohonan/{filed.public_id}").text
    assert f'<iframe src="{address}#navpanes=0&amp;view=FitH"' in card
    framed = enter(app, people.admin_layanan).get(address)
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
    assert enter(app, people.other_customer).get(address).status_code == 404


def typed_at_first_desk(item) -> dict[str, object]:
    """A form as the first desk shows it, half answered and with a note."""
    desk = current_stage(item)
    [points] = [entry for entry in desk.inputs if entry.type == "yes_no"]
    return {"version": str(item.version), "desk": desk.desk, "note": "Surat tugas masih dicari.",
            f"{points.name}-0": "ya"}  # fmt: skip


def test_after_a_conflict_the_same_form_holds_what_was_typed(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    typed = typed_at_first_desk(filed)
    Request.update(version=filed.version + 1).where(Request.id == filed.id).execute()
    answer = post(enter(app, people.admin_layanan),
                  f"/backoffice/permohonan/{filed.public_id}/complete", typed)  # fmt: skip
    assert answer.status_code == 409
    form = answer.text.partition('id="tindakan"')[2].partition("</form>")[0]
    assert "Surat tugas masih dicari.</textarea>" in form
    assert form.count(" checked>") == 1 and 'data-keep="unsaved"' in form
    assert f'name="version" value="{filed.version + 1}"' in form
    assert "Yang Anda tulis" not in answer.text


def test_after_a_colleague_acted_what_was_typed_can_be_copied(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now)
    typed = typed_at_first_desk(filed)
    # The same person has the next turn: another form, though its choice has the same name.
    people.admin_layanan.hold_posts(["admin_layanan", "kepala_balai"])
    advance(filed, people, runtime, now=now, until="DISPOSISI_KABALAI")
    answer = post(enter(app, people.admin_layanan),
                  f"/backoffice/permohonan/{filed.public_id}/complete", typed)  # fmt: skip
    assert answer.status_code == 409
    box = answer.text.partition("Yang Anda tulis")[2].partition("</section>")[0]
    assert "readonly>Surat tugas masih dicari.</textarea>" in box
    assert current_stage(filed).inputs[0].options[0] in box
    action = answer.text.partition('id="tindakan"')[2].partition("</section>")[0]
    assert "Surat tugas" not in action
    assert Request.get_by_id(filed.id).stage_code == "DISPOSISI_KABALAI"


@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_next_action_is_in_reach_without_scrolling(chromium, live, people, runtime, now, width):
    filed = file_request(runtime, people.customer, now=now)
    admin = Person(chromium, live, width=width)
    admin.logs_in(people.admin_layanan.email)
    admin.sees("Menunggu saya")
    admin.opens(f"/backoffice/permohonan/{filed.public_id}")
    button = admin.page.get_by_role("button", name="Terima dan teruskan ke Kepala Balai")

    def foot() -> float:
        box = button.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 900
        return box["y"]

    at_first = foot()
    if width == 360:
        for place in ("Dokumen", "Timeline"):
            admin.page.locator(".m-jump").get_by_role("link", name=place).click()
            assert foot() == at_first
        view = admin.page.get_by_role("link", name="Lihat Dokumen Pendukung")
        assert view.get_attribute("href").endswith("?lihat=1")
        # It hides nothing: the page ends above it.
        last = admin.page.locator("#riwayat, #timeline").last
        admin.page.evaluate("scrollTo({top: 1e9, behavior: 'instant'})")
        assert last.bounding_box()["y"] + last.bounding_box()["height"] <= at_first
    assert admin.page.evaluate("document.documentElement.scrollWidth") <= width
    button.click()
    admin.sees("Ada isian yang perlu diperbaiki")
    assert foot() == at_first or width == 1280
    admin.leaves()


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_every_post_finds_its_next_action_at_the_same_place(
    app, chromium, live, people, runtime, now
):
    """At the foot of a phone, and in sight on a desk, at every stage that an office post holds."""
    filed, seen, at = file_request(runtime, people.customer, now=now), {}, now
    name = app.config["SESSION_COOKIE_NAME"]
    while filed.is_open:
        stage, at = current_stage(filed), at + timedelta(minutes=10)
        if stage.role in people.staff:
            actor = filed.assignee or people.staff[stage.role]
            cookie = {"name": name, "url": live, "value": enter(app, actor).get_cookie(name).value}
            for width, height in ((360, 740), (1280, 800)):
                context = chromium.new_context(viewport={"width": width, "height": height})
                context.add_cookies([cookie])
                page = context.new_page()
                page.goto(f"{live}/backoffice/permohonan/{filed.public_id}")
                button = page.locator(".m-thumb .m-act .m-btn-main").first
                box = button.bounding_box()
                bottom = box["y"] + box["height"]
                assert box["y"] >= 0 and bottom <= height, (stage.code, width)
                if width == 360:
                    assert box["height"] >= 44 and box["width"] > 300
                    seen[stage.code] = bottom
                    page.evaluate("scrollTo({top: 1e9, behavior: 'instant'})")
                    after = button.bounding_box()
                    assert after["y"] + after["height"] == bottom
                context.close()
        filed = complete_desk(filed, people, runtime, now=at)
    assert len(seen) >= 6 and len(set(seen.values())) == 1


def test_what_was_handed_in_last_is_opened_beside_the_action(app, people, runtime, now):
    filed = file_request(runtime, people.customer, now=now, service="advis")
    filed = advance(filed, people, runtime, now=now, until="PEMBAHASAN")
    draft = Document.get((Document.request == filed) & (Document.title == "Konsep laporan"))
    card = (
        enter(app, people.staff[current_stage(filed).role])
        .get(f"/backoffice/permohonan/{filed.public_id}")
        .text
    )
    beside = card.partition("m-glance-paper")[2].partition("m-glance-act")[0]
    assert f'<iframe src="/dokumen/{draft.public_id}?lihat=1#' in beside
    # Other papers open in its place, none in place of the card.
    assert 'target="berkas">Konsep laporan</a>' in beside
