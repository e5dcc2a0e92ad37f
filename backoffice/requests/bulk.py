"""One action for several requests: through `workflow` one by one, with an outcome for each."""

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backoffice.base import StaffView
from backoffice.requests.preferences import preferences_of
from backoffice.requests.presence import leave
from backoffice.requests.sheet import (
    FEW_OPTIONS,
    Row,
    Sheet,
    card_address,
    fill_down,
    filled_in,
    letter_address,
    picked,
    sheet_of,
)
from models import Request
from storage.database import new_public_id
from web.listing import text_argument
from web.requests.actions import Sent, done_words, try_choice
from web.runtime import me

NOT_SURE = "Centang pernyataan di bawah tabel dahulu: tindakan ini tidak dapat ditarik kembali."
NONE_PICKED = "Centang sedikitnya satu permohonan."


class BulkView(StaffView):
    """Pick, fill in, send, and read at each row what became of it."""

    name = "Tindak bersama"
    url = "/backoffice/massal"
    endpoint = "bulk"
    in_menu = False
    reads = "requests"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The sheet of the picked requests, for their usual action or the one that is named."""
        items = picked(request.args.getlist("id"))
        if not items:
            return _nothing_picked()
        return self._show(items, sheet_of(items, text_argument("tindakan")))

    @expose("/", methods=("POST",))
    def act(self) -> ResponseReturnValue:
        """Do it to each row in a transaction of its own; one refusal doesn't stop the others.

        A button of “isi ke bawah” does nothing but copy, for who has no scripts.
        """
        form = request.form
        items = picked(form.getlist("id"))
        if not items:
            return _nothing_picked()
        sheet = filled_in(sheet_of(items, form.get("tindakan", "")))
        if asked := form.get("fill"):
            return self._show(items, fill_down(sheet, asked))
        if not any(row.is_picked for row in sheet.rows):
            return self._show(items, sheet, error=NONE_PICKED), 422
        if sheet.code != form.get("tindakan"):
            # Nobody was asked about what these rows offer by now.
            return self._show(items, sheet, error="Keadaannya berubah. Periksa kembali."), 409
        done = _carried_out(sheet)
        code = 200 if any(row.outcome for row in done.rows) else 422
        return self._show(items, done, is_sent=True), code

    def _show(
        self, items: Sequence[Request], sheet: Sheet, *, error: str = "", is_sent: bool = False
    ) -> str:
        return self.render(
            "backoffice/requests/bulk.html",
            items=items,
            sheet=sheet,
            error=error,
            is_sent=is_sent,
            done=sum(bool(row.outcome) for row in sheet.rows),
            tried=sum(row.is_picked for row in sheet.rows)
            + sum(bool(other.tried.refusal) for other in sheet.others),
            letter_address=letter_address,
            has_letters=any(letter_address(row) for row in sheet.open_rows),
            card_address=card_address,
            few_options=FEW_OPTIONS,
            has_shortcuts=preferences_of(me()).has_shortcuts,
        )


def _nothing_picked() -> ResponseReturnValue:
    flash("Pilih dahulu permohonan di antrean.", "warning")
    return redirect(url_for("queue.index"))


def _carried_out(sheet: Sheet) -> Sheet:
    """The sheet after every picked row was tried; what is grave needs its tick first."""
    batch = new_public_id()
    forms = {
        name: Sent(version, desk, f"{name}-", batch)
        for name, version, desk in map(_row_id, request.form.getlist("rowid"))
    }
    groups = []
    for group in sheet.groups:
        is_picked = any(row.is_picked for row in group.rows)
        if group.is_grave and is_picked and not request.form.get(f"{group.key}-sure"):
            groups.append(replace(group, error=NOT_SURE))
            continue
        rows = [
            _tried(row, forms[row.item.public_id]) if row.is_picked else row for row in group.rows
        ]
        groups.append(replace(group, rows=rows))
    others = [
        replace(other, tried=try_choice(other.item, None, sheet.code, forms[other.item.public_id]))
        if other.item.public_id in forms
        else other
        for other in sheet.others
    ]
    return replace(sheet, groups=groups, others=others)


def _row_id(text: str) -> tuple[str, str, str]:
    """Public id, version and desk of a row that was ticked."""
    name, _, rest = text.partition(":")
    version, _, desk = rest.partition(":")
    return name[:26], version, desk


def _tried(row: Row, sent: Sent) -> Row:
    item, code = row.item, row.choice.code
    is_same = sent.version == str(item.version) or sent.desk == row.choice.stage.desk
    # At another desk it asks for something else.
    tried = try_choice(item, row.choice if is_same else None, code, sent)
    if tried.moved is None:
        return replace(row, tried=tried, given=tried.given)
    leave(item, me())
    return replace(row, tried=tried, outcome=done_words(item, tried.moved, code))
