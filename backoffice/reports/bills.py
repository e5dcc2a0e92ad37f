"""The treasurer's book: bills with their sums, on screen, paper and file; renewing one; targets."""

from dataclasses import replace
from functools import partial

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from peewee import ModelSelect

import workflow
from administration.revenue_targets import set_targets
from backoffice.base import StaffView
from backoffice.requests.keyset import Sort, keyset_page
from models import Billing, Request, User
from moves.catalogue import current_stage
from outputs.bills import files
from outputs.bills.book import (
    DATES,
    TOGETHER,
    Choice,
    Sums,
    chosen_bills,
    in_states,
    is_only_similar,
    read_chunks,
    state_of,
    sum_up,
)
from outputs.bills.realisation import Realisation, realisation_of, years_paid
from outputs.workbooks import MEDIA_TYPE
from rules import bills
from rules.formats import MONTHS, ZONE, day
from rules.inputs import BadInput, clean_value
from rules.periods import EVERYTHING, OWN_DATES, PRESETS
from rules.services import Input
from web.listing import text_argument
from web.requests.actions import Attempt, attempt
from web.requests.uploads import send_bytes
from web.runtime import me, now, reader, runtime
from web.searched_words import KEY, searched_words
from workflow import Refused

PERIODS = {EVERYTHING: "Semua tanggal", **PRESETS, OWN_DATES: "Tanggal sendiri"}
NEWEST = Sort("Terbaru", Billing.issued_at, is_descending=True)
PER_PAGE = 25
# More than this is no paper any more, but a file.
MOST_PRINTED = 1000
RENEW = "reissue_billing"
MEDIA = {files.XLSX: MEDIA_TYPE, files.CSV: "text/csv; charset=utf-8"}


class BillsView(StaffView):
    """For the treasurer, and who answers for the money."""

    name = "Tagihan PNBP"
    url = "/backoffice/tagihan"
    endpoint = "bills"
    reads = "bills"
    writes = "bills_target"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        choice = _choice()
        sums = sum_up(choice, reader())
        chosen = sums.of(choice.states)
        query = _bills_of(choice)
        page = keyset_page(
            query, query.select(Billing, Request, User), sort=NEWEST, total=chosen.count,
            per_page=PER_PAGE,
        )  # fmt: skip
        return self.render(
            "backoffice/reports/bills.html",
            choice=choice,
            page=page,
            rows=[(bill, *_shown(bill)) for bill in page.rows],
            sums=sums,
            tiles=_tiles(choice, sums),
            chips=_chips(choice),
            is_similar=is_only_similar(choice, reader()),
            here=partial(_here, choice),
            **_words(),
        )

    @expose("/cetak")
    def printed(self) -> ResponseReturnValue:
        """Everything that is chosen on one page, for paper."""
        choice = _choice()
        sums = sum_up(choice, reader())
        chosen = sums.of(choice.states)
        is_too_much = chosen.count > MOST_PRINTED
        chunks = [] if is_too_much else read_chunks(_bills_of(choice))
        return self.render(
            "backoffice/reports/bills_print.html",
            choice=choice,
            rows=[(bill, *_shown(bill)) for chunk in chunks for bill in chunk],
            sums=sums,
            chosen=chosen,
            is_too_much=is_too_much,
            most=MOST_PRINTED,
            here=partial(_here, choice),
            today=_today(),
            filters=choice.in_words(_today(), _titles()),
            **_words(),
        )

    @expose("/unduh")
    def download(self) -> ResponseReturnValue:
        """The chosen bills as a file, with their totals."""
        kind = text_argument("format") or files.XLSX
        choice = _choice()
        if kind not in files.FORMATS or choice.is_backwards:
            abort(404)
        content, _ = files.write_book(kind, choice, reader(), _titles())
        return _file(kind, content, f"buku-tagihan-{_today().isoformat()}")

    # -- a new code for one that lapsed --

    @expose("/<code>/terbitkan-ulang", methods=("GET", "POST"))
    def renew(self, code: str) -> ResponseReturnValue:
        """Ask for a new code; afterwards the card takes it."""
        bill = _bill(code)
        item = Request.visible_to(reader()).where(Request.id == bill.request_id).first()
        choices = {one.code: one for one in workflow.choices(item, reader())} if item else {}
        if RENEW not in choices or bill.replaced_at or bill.ntpn:
            abort(404)
        reason = (
            f"Kode billing {bill.code} berlaku sampai {day(bill.expires_on)} dan belum dibayar."
        )
        tried = Attempt(choices[RENEW], given={"reason": reason})
        if request.method == "POST":
            tried = attempt(item, RENEW)
            if tried.moved is not None:
                flash("Tagihan lama ditutup. Tuliskan kode billing yang baru di bawah.", "success")
                return redirect(url_for("card.card", public_id=item.public_id, _anchor="tindakan"))
            if tried.refusal:
                flash(tried.refusal, "warning")
                return redirect(url_for("bills.index"))
        page = self.render(
            "backoffice/reports/bills_renew.html",
            bill=bill,
            item=item,
            choice=choices[RENEW],
            tried=tried,
            state=bills.STATES[state_of(bill, _today())],
        )
        return page, tried.code

    # -- what came in --

    @expose("/realisasi", methods=("GET", "POST"))
    def realisation(self) -> ResponseReturnValue:
        """Each service's months against its target; who may sets the targets here."""
        years = years_paid(reader(), today=_today())
        year = _year(years)
        typed, errors = {}, {}
        if request.method == "POST":
            self.writers_only()
            typed = {code: request.form.get(f"target-{code}", "") for code in _titles()}
            amounts, errors = _amounts(typed)
            if not errors:
                try:
                    set_targets(year, amounts, actor=me(), now=now())
                    flash(f"Target tahun {year} sudah disimpan.", "success")
                except Refused as refusal:
                    flash(str(refusal), "error")
                return redirect(url_for("bills.realisation", tahun=year))
        found = realisation_of(year, reader(), _titles())
        if kind := text_argument("format"):
            return _realisation_file(kind, found)
        page = self.render(
            "backoffice/reports/bills_realisation.html",
            found=found,
            years=years,
            months=MONTHS,
            typed=typed,
            errors=errors,
            listed=[
                (f"target-{code}", f"{_titles()[code]}: {said}") for code, said in errors.items()
            ],
            may_write=self.may_write,
            formats=files.FORMATS,
        )
        return page, 422 if errors else 200


def _choice() -> Choice:
    return Choice.read(request.args, services=_titles(), words=searched_words())


def _titles() -> dict[str, str]:
    return {code: offer.flow.title for code, offer in runtime().catalogue.items()}


def _today():
    return now().astimezone(ZONE).date()


def _words() -> dict[str, object]:
    """What the pages of the book call things."""
    return {
        "titles": _titles(),
        "periods": PERIODS,
        "own_dates": OWN_DATES,
        "dates": DATES,
        "states": {
            **{code: words for code, (words, _) in TOGETHER.items()},
            **{code: state.title for code, state in bills.STATES.items()},
        },
        "formats": files.FORMATS,
    }


def _bills_of(choice: Choice) -> ModelSelect:
    return in_states(chosen_bills(choice, reader()), choice.states, _today())


def _bill(code: str) -> Billing:
    """The bill of this code in the reader's book, with its request and customer; 404 for none."""
    mine = Billing.visible_to(reader()).select(Billing, Request, User)
    return mine.where(Billing.code == code[:15]).first() or abort(404)


def _shown(bill: Billing) -> tuple[object, str]:
    """(words of its state, what the reader may do with it: renew, issue or nothing)."""
    state = state_of(bill, _today())
    return bills.STATES[state], _next_step(bill, state)


def _next_step(bill: Billing, state: str) -> str:
    """No query: the card and the page of renewal look closer."""
    item = bill.request
    if state not in (*bills.WAITING, bills.LAPSED) or item.pending or not item.is_open:
        return ""
    desk, posts = current_stage(item), reader().posts
    if posts & set(desk.who_may(RENEW)):
        return "renew"
    return "issue" if desk.has_effect("record_billing") and desk.role in posts else ""


def _tiles(choice: Choice, sums: Sums) -> list[tuple[str, object, str, str, bool]]:
    """(words, sum, address, tone, whether it is the one chosen) of the states above the list."""
    wanted = {"issued": "", "waiting": "", bills.LAPSING: "progress", bills.LAPSED: "danger",
              bills.PAID: "success"}  # fmt: skip
    return [
        (
            _words()["states"][state],  # type: ignore[index]
            sums.of(replace(choice, state=state).states),
            _here(choice, "bills.index", state=state),
            tone,
            choice.state == state,
        )
        for state, tone in wanted.items()
    ]


def _here(choice: Choice, endpoint: str, **changes: str) -> str:
    """The address of another page with this choice, and the key of the words looked for."""
    arguments = choice.arguments(**{KEY: text_argument(KEY), **changes})
    return f"{url_for(endpoint)}?{arguments}" if arguments else url_for(endpoint)


def _chips(choice: Choice) -> list[tuple[str, str]]:
    """What narrows the list, each with the address without it."""
    found = []
    if choice.words:
        found.append((f"Dicari: {choice.words}", _here(choice, "bills.index", **{KEY: ""})))
    without: dict[str, dict[str, str]] = {
        "Keadaan": {"state": ""},
        "Layanan": {"service": ""},
    }
    for name, value in choice.in_words(_today(), _titles()):
        if name != "Dicari":
            dates = {"period": "", "since": "", "until": "", "by": ""}
            change = without.get(name, dates)
            found.append((f"{name}: {value}", _here(choice, "bills.index", **change)))
    return found


def _file(kind: str, content: bytes, name: str) -> Response:
    return send_bytes(content, f"{name}.{kind}", MEDIA[kind])


# -- targets -------------------------------------------------------------------------------------


def _year(years: list[int]) -> int:
    """The year that is asked for; the next one too, for its targets."""
    asked = text_argument("tahun", 4)
    known = {str(year) for year in (*years, years[0] + 1)}
    return int(asked) if asked in known else years[0]


def _amounts(typed: dict[str, str]) -> tuple[dict[str, int | None], dict[str, str]]:
    amounts: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for code, text in typed.items():
        try:
            said = clean_value(Input("target", "money", "Target"), text)
            amounts[code] = int(str(said)) if said else None
        except BadInput as problem:
            errors[code] = str(problem)
    return amounts, errors


def _realisation_file(kind: str, found: Realisation) -> Response:
    if kind not in files.FORMATS:
        abort(404)
    return _file(kind, files.write_realisation(kind, found), f"realisasi-pnbp-{found.year}")
