"""Everybody at a browser, and what they do in more than one story."""

from datetime import timedelta

from rules.formats import ZONE
from tests.people import Person
from web.runtime import now as instant


class Office:
    """Everybody at a browser, logged in once; each opens the request from the own queue."""

    def __init__(self, chromium, base, people, subject: str):
        self._chromium, self._base, self._people = chromium, base, people
        self.subject = subject
        self._open: dict[str, Person] = {}

    def at(self, post: str, *, width: int = 1280) -> Person:
        """The holder of a post with the request open: beside the list, or its card on a phone."""
        person = self._open.get(post)
        if person is None:
            person = self._open[post] = Person(self._chromium, self._base, width=width)
            person.logs_in(self._people.staff[post].email)
        person.opens("/backoffice/")
        person.page.get_by_role("link", name=self.subject, exact=True).click()
        person.page.get_by_role("heading", name=self.subject, exact=True).wait_for()
        return person

    def reads_card(self, post: str) -> Person:
        """The holder of a post with all there is about the request."""
        person = self.at(post)
        person.page.get_by_role("link", name="Kartu lengkap").click()
        person.page.wait_for_url("**/permohonan/*")
        return person

    def completes(self, post: str, button: str, **filled: object) -> None:
        """Fill the inputs of the stage by name and press its button."""
        person = self.at(post)
        page, form = person.page, person.page.locator("#tindakan form").first
        person.ticks(form)
        for name, value in filled.items():
            field = page.locator(f"#complete-{name}")
            if hasattr(value, "exists"):
                field.set_input_files(value)
            elif value in (0, 1):
                form.locator(f"input[name={name}]").nth(value).check()
            elif field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        person.presses(button)
        # After the last of the list there is nothing beside it.
        page.wait_for_url("**/backoffice/")

    def leaves(self) -> None:
        for person in self._open.values():
            person.leaves()


def in_days(days: int) -> str:
    return (instant() + timedelta(days=days)).astimezone(ZONE).date().isoformat()


def files_with(customer: Person, service: str, paper, *, subject: str, filled, attached) -> str:
    """File a request through the form; return the address of its page."""
    page = customer.page
    customer.opens("/ajukan")
    page.locator(f"#services input[value={service}]").check()
    page.fill("#subject", subject)
    page.fill("#description", "Uraian keperluan, lokasi, dan periode.")
    for name, value in filled.items():
        if value is True:
            page.locator(name).first.check()
        else:
            page.fill(name, value)
    for name, words in attached.items():
        page.set_input_files(name, paper(words))
    page.set_input_files("#file", paper("Surat permohonan"))
    page.check("#statement")
    customer.presses("Simpan")
    customer.sees("Periksa isian Anda")
    customer.presses("Kirim permohonan")
    page.get_by_role("link", name="Lihat permohonan").click()
    customer.sees("Menunggu verifikasi Admin Layanan")
    return page.url


def answers_survey(customer: Person, address: str) -> None:
    page = customer.page
    page.goto(address)
    page.get_by_role("link", name="Isi Survey").click()
    for element in range(1, 10):
        page.locator(f"input[name=U{element}][value='4']").check()
    page.select_option("#age", index=1)
    page.select_option("#education", index=5)
    page.select_option("#occupation", index=8)
    customer.presses("Kirim survei")
    customer.sees("Penilaian Anda sudah kami simpan")
