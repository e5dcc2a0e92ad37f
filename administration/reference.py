"""Rows that must be there before anyone works, and who the accounts of the demo are.

The rows of the demo itself are written by `demo`; production asks only that they aren't there.
"""

import tomllib
from datetime import datetime

from administration import closures, figures, phrases
from config.office import office
from config.settings import CONTENT, DEMO, BadSetting, Settings
from models import ChangeRecord, FaqItem, Holiday, Page, Role, User
from rules.roles import PELANGGAN
from storage.database import database

HOLIDAY_YEARS = range(2024, 2029)
# The log-in page of a demo lists them; a production database may not hold them.
DEMO_STAFF = {
    "admin@balai.test": ("admin_layanan",),
    "kepala@balai.test": ("kepala_balai",),
    "kasubag@balai.test": ("kasubag_tu",),
    "ketua@balai.test": ("ketua_tim",),
    "pemangku@balai.test": ("pemangku_data",),
    "petugas@balai.test": ("petugas_layanan",),
    "manajer@balai.test": ("manajer_teknis",),
    "penyelia@balai.test": ("penyelia",),
    "penguji@balai.test": ("penguji",),
    "timadvis@balai.test": ("tim_advis",),
    "contoh@balai.test": ("petugas_contoh",),
    "bendahara@balai.test": ("bendahara",),
    "tu@balai.test": ("staf_tu",),
    "administrator@balai.test": ("administrator",),
    "auditor@balai.test": ("auditor",),
    "atasan@balai.test": ("atasan_balai",),
}
DEMO_CUSTOMERS = {
    "pelanggan@contoh.test": ("Pelanggan Contoh", "perguruan_tinggi", "Universitas Contoh", "L"),
    "dinas@contoh.test": ("Dinas Contoh", "kabupaten_kota", "Dinas Contoh Kabupaten Contoh", "P"),
    "konsultan@contoh.test": ("Konsultan Contoh", "swasta", "PT Contoh Pesisir", "L"),
}


def seed_reference(*, now: datetime) -> None:
    """Write the posts, holidays, pages, questions and figures that are missing; edits stay."""
    with database.atomic():
        for code, title in office().posts.items():
            Role.insert(name=code, title=title).on_conflict_ignore().execute()
        if not Holiday.select().exists():
            days = closures.known_days(HOLIDAY_YEARS)
            Holiday.insert_many(vars(day) for day in days).execute()
        for path in sorted((CONTENT / "pages").glob("*.md")):
            _seed_page(path.stem, path.read_text(), now=now)
        # Removed questions stay away, even all of them.
        kept = ChangeRecord.select().where(ChangeRecord.table == FaqItem._meta.table_name)
        if not FaqItem.select().exists() and not kept.exists():
            items = tomllib.loads((CONTENT / "faq.toml").read_text())["item"]
            FaqItem.insert_many(
                {**item, "position": position, "updated_at": now}
                for position, item in enumerate(items, start=1)
            ).execute()
        phrases.seed(now=now)
    # After the holidays: they say how many days a stage took.
    figures.begin(now=now)


def _seed_page(slug: str, text: str, *, now: datetime) -> None:
    _, front, body = text.split("+++", 2)
    facts = tomllib.loads(front)
    Page.insert(
        slug=slug,
        title=facts["title"],
        summary=facts["summary"],
        body=body.strip(),
        updated_at=now,
    ).on_conflict_ignore().execute()


def demo_accounts() -> list[tuple[str, str]]:
    """E-mail and post of each demo account, in the order of a request's way."""
    known = {email: office().posts.get(codes[0]) for email, codes in DEMO_STAFF.items()}
    staff = [(email, title) for email, title in known.items() if title]
    return [(next(iter(DEMO_CUSTOMERS)), office().posts[PELANGGAN]), *staff]


def refuse_demo_accounts(settings: Settings) -> None:
    """Raise BadSetting when a production database holds active demo accounts."""
    if settings.mode == DEMO:
        return
    known = [*DEMO_STAFF, *DEMO_CUSTOMERS]
    if User.select().where(User.email.in_(known) & User.active).exists():
        raise BadSetting("this database holds active demo accounts; production refuses to start")
