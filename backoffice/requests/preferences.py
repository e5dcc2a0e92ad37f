"""How each member of staff likes the queue: columns, density, shortcuts, and saved views."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.helpers import get_redirect_target
from flask_security import current_user
from peewee import ModelSelect, fn

from backoffice.base import ANY_POST, StaffView
from backoffice.lists import LISTS
from backoffice.requests.queue_filters import arguments_of, queue_address
from config.office import office
from models import SavedView, User
from rules.rights import OWN
from storage.database import database
from storage.fast import prepared
from web.runtime import me, now, reader
from workflow import Reader

# Columns that may be left out; time left, perihal and action always show.
COLUMNS = {
    "nomor": "Nomor",
    "pelanggan": "Pelanggan",
    "instansi": "Nama instansi",
    "keadaan": "Keadaan",
    "petugas": "Petugas",
    "diajukan": "Diajukan",
    "batas": "Batas tahap",
}
USUAL_COLUMNS = ("nomor", "pelanggan", "instansi", "keadaan", "diajukan")
MOST_VIEWS = 30


@dataclass(frozen=True)
class Preferences:
    columns: tuple[str, ...] = USUAL_COLUMNS
    is_dense: bool = False
    has_shortcuts: bool = True


def preferences_of(user: User) -> Preferences:
    """What this person chose. No query: it lies on the account."""
    kept = (user.preferences or {}).get("queue", {})
    columns = tuple(code for code in COLUMNS if code in kept.get("columns", USUAL_COLUMNS))
    return Preferences(columns, bool(kept.get("dense")), bool(kept.get("shortcuts", True)))


def views_of(reader: Reader) -> list[dict[str, object]]:
    """The saved views of this person and of the posts held. One query."""
    return [
        {
            "title": row.title,
            "url": url_for("preferences.open", public_id=row.public_id)
            if "q" in dict(parse_qsl(row.arguments))
            else f"{url_for('queue.index')}?{row.arguments}",
            "arguments": row.arguments,
            "post": office().posts.get(row.role_code, ""),
            "remove": url_for("preferences.remove", public_id=row.public_id)
            if row.owner_id == reader.id
            else "",
        }
        for row in _views(reader)
    ]


@prepared
def _views(reader: Reader) -> ModelSelect:
    views = SavedView.visible_to(reader)
    return views.order_by(
        SavedView.role_code, fn.melasti_order(SavedView.title), SavedView.id
    ).limit(60)


class PreferencesView(StaffView):
    """Writes what one person chose; there is nothing to look at here."""

    name = "Tampilan"
    url = "/backoffice/tampilan"
    endpoint = "preferences"
    in_menu = False
    reads = ANY_POST

    @expose("/")
    def index(self) -> ResponseReturnValue:
        return redirect(url_for("queue.index"))

    @expose("/buka/<public_id>")
    def open(self, public_id: str) -> ResponseReturnValue:
        """A saved search: its words go another way than the address."""
        views = SavedView.visible_to(reader())
        row = views.where(SavedView.public_id == public_id[:26]).first()
        if row is None:
            abort(404)
        return redirect(queue_address(row.arguments))

    @expose("/layar", methods=("POST",))
    def screen(self) -> ResponseReturnValue:
        me = User.get_by_id(current_user.id)
        queue = {
            "columns": [code for code in COLUMNS if code in request.form.getlist("columns")],
            "dense": request.form.get("density") == "rapat",
            "shortcuts": bool(request.form.get("shortcuts")),
        }
        User.update(preferences={**(me.preferences or {}), "queue": queue}).where(
            User.id == me.id
        ).execute()
        flash("Tampilan antrean Anda sudah disimpan.", "success")
        return redirect(_back())

    @expose("/kolom", methods=("POST",))
    def columns(self) -> ResponseReturnValue:
        """Which columns a list shows; it goes on where it was."""
        endpoint, person = request.form.get("daftar", ""), User.get_by_id(current_user.id)
        listed = LISTS.get(endpoint)
        if listed is None or not listed.is_accessible():
            abort(404)
        chosen = set(request.form.getlist("columns"))
        kept = dict(person.preferences or {})
        lists = kept.get("lists", {})
        lists[endpoint] = [name for name in listed.column_list if name in chosen]
        User.update(preferences={**kept, "lists": lists}).where(User.id == person.id).execute()
        flash("Kolom daftar ini sudah disimpan.", "success")
        return redirect(get_redirect_target() or listed.get_url(".index_view"))

    @expose("/simpan", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        title = " ".join(request.form.get("title", "").replace("\x00", "").split())[:60]
        role = request.form.get("role", "")
        # An auditor shares with nobody, whatever other post there may be.
        silent = any("shares" not in power.may for power in reader().powers if power.kind == OWN)
        if role and (role not in reader().held or silent):
            abort(403)
        arguments = arguments_of(request.form.get("arguments", ""))
        mine = SavedView.select().where(SavedView.owner == me())
        if not title:
            flash("Beri nama tampilan ini, misalnya “Lab yang terlambat”.", "error")
        elif mine.count() >= MOST_VIEWS:
            flash(f"Paling banyak {MOST_VIEWS} tampilan. Hapus yang tidak dipakai lagi.", "error")
        else:
            # Of the same name and for the same people; a shared one stays beside one's own.
            with database.atomic():
                known = (SavedView.owner == me()) & (SavedView.title == title)
                replaced = SavedView.delete().where(known & (SavedView.role_code == role)).execute()
                SavedView.create(
                    owner=me(), role_code=role, title=title, arguments=arguments, created_at=now()
                )
            whose = f" bersama {office().posts[role]}" if role else ""
            flash(
                f"Tampilan “{title}”{whose} sudah {'diganti' if replaced else 'disimpan'}.",
                "success",
            )
        return redirect(_back())

    @expose("/hapus/<public_id>", methods=("POST",))
    def remove(self, public_id: str) -> ResponseReturnValue:
        """Only the owner removes a view, a shared one too."""
        gone = SavedView.delete().where(
            (SavedView.public_id == public_id[:26]) & (SavedView.owner == me())
        )
        if not gone.execute():
            abort(404)
        flash("Tampilan sudah dihapus.", "success")
        return redirect(_back())


def _back() -> str:
    return queue_address(request.form.get("arguments", ""))
