"""Steps of somebody who uploads results: to the form, in pieces, and the form itself."""

import html
import io
import re
from datetime import timedelta

from tests.people import advance, csrf_token, enter, file_request, post

PIECE = 256 * 1024


def ready_for_results(runtime, people, now, **more):
    """A request of the data service that waits for its results."""
    request = file_request(runtime, people.customer, now=now, **more)
    return advance(request, people, runtime, now=now, until="LAPORAN_KE_PETUGAS")


def handed_over(request, people, runtime, now):
    """The same request once the customer has everything."""
    return advance(request, people, runtime, now=now + timedelta(hours=2))


class Desk:
    """The card of a request as whoever holds it has it open."""

    def __init__(self, app, user, request):
        self.client, self.request = enter(app, user), request
        self.address = f"/backoffice/permohonan/{request.public_id}"
        self.look()

    def look(self) -> str:
        self.page = self.client.get(self.address).text
        self.token = csrf_token(self.client, self.address)
        self.permit = re.search(r'data-pieces="([^"]+)"', self.page).group(1)
        return self.page

    def begins(self, name: str, size: int, changed: str = "1") -> dict:
        form = {"untuk": self.permit, "nama": name, "ukuran": size, "berubah": changed}
        answer = post(self.client, "/unggahan", form)
        return {"status": answer.status_code, **answer.json}

    def sends(self, key: str, content: bytes, at: int) -> dict:
        answer = self.client.post(
            f"/unggahan/{key}", query_string={"dari": at}, data=content,
            headers={"X-CSRFToken": self.token}, content_type="application/octet-stream",
        )  # fmt: skip
        return {"status": answer.status_code, **answer.json}

    def gives_up(self, key: str) -> int:
        headers = {"X-CSRFToken": self.token}
        return self.client.post(f"/unggahan/{key}/batal", headers=headers).status_code

    def uploads(self, name: str, content: bytes) -> dict:
        """All pieces one after the other; the last answer."""
        begun = self.begins(name, len(content))
        if "id" not in begun:
            return begun
        there, answer = begun["there"], begun
        while there < len(content):
            answer = self.sends(begun["id"], content[there : there + PIECE], there)
            if "error" in answer:
                break
            there = answer["there"]
        return answer

    def hands_in(self, tokens=(), *, plain=(), about=None, **more):
        """Send the form with files that were uploaded, or chosen in it."""
        form = {"version": self.request.version, "desk": "LAPORAN_KE_PETUGAS",
                "report_kept": list(tokens), **(about or {}), **more}  # fmt: skip
        if plain:
            form["report"] = [(io.BytesIO(content), name) for name, content in plain]
        return post(self.client, f"{self.address}/complete", form)


def token_of(answer: dict) -> str:
    return html.unescape(re.search(r'name="report_kept" value="([^"]+)"', answer["kept"]).group(1))


def about_of(answer: dict) -> str:
    return re.search(r'name="(report_about_[0-9a-f]+)"', answer["kept"]).group(1)
