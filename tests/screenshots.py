"""Take a picture of every page in a demo: `make screenshots`.

All go whole to docs/screenshots/all, which git ignores. What SHOWN names is kept in
docs/screenshots as it first stands on the screen.
"""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

# The queue of this process is opened when it is first imported.
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="melasti-screenshots-")

from PIL import Image
from playwright.sync_api import sync_playwright

from administration import reference
from config.settings import read_settings
from run import create_app
from storage.database import database, migrate, open_database
from tests import browser
from tests.shown_pages import demo_of

KEPT = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
OUT = KEPT / "all"
# As it stands on the screen before anybody scrolls.
FIRST = OUT / "first"
PHONE, DESK = 360, 1280
# What README and the repository show: the name of a page -> the name of its picture.
SHOWN = {
    "beranda": "beranda",
    "statistik": "statistik",
    "sop-satu": "sop",
    "daftar": "daftar",
    "dasbor": "dasbor",
    "layanan-rekap": "daftar-layanan",
    "layanan-satu-survei": "survei",
    "layanan-satu": "detail",
    "antrean": "antrean",
    "kartu-kepala": "kartu",
    "rekap-staf": "rekap",
    "backoffice-loket-permohonan": "loket",
    "backoffice-pesan-masuk": "pesan-masuk",
    "backoffice-alur-satu": "alur",
    "backoffice-mandat": "plh",
    "backoffice-hari-libur": "kalender",
    "backoffice-pesan-templat-satu": "templat",
    "skm-kepala": "skm",
    "dasbor-kepala": "dasbor-pos",
}


def main() -> None:
    now = datetime.now(UTC)
    data = os.environ["DATA_DIR"]
    settings = read_settings({"DATA_DIR": data, "BASE_URL": "http://localhost"})
    open_database(settings.database_url)
    with database.connection_context():
        migrate()
        reference.seed_reference(now=now)
    app = create_app(settings)
    shutil.rmtree(OUT, ignore_errors=True)
    FIRST.mkdir(parents=True)
    try:
        # Each log-in closes the connection behind it, so it is no context that is left here.
        database.connect(reuse_if_open=True)
        with demo_of(app, now=now) as demo, sync_playwright() as playwright:
            opened = playwright.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)
            take_all(opened, demo)
            opened.close()
    finally:
        database.close_all()
        shutil.rmtree(data, ignore_errors=True)
    for shown, name in SHOWN.items():
        for width in (PHONE, DESK):
            keep(FIRST / f"{shown}-{width}.png", KEPT / f"{name}-{width}.png")
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}, {2 * len(SHOWN)} of them kept")


def keep(picture: Path, place: Path) -> None:
    """In 256 colours, which is a third of the size: every clone carries these."""
    with Image.open(picture) as opened:
        full = opened.convert("RGB")
        palette = full.quantize(256)
        full.quantize(palette=palette).save(place, optimize=True)


def take_all(opened, demo) -> None:
    for reader, pages in demo.by_reader().items():
        for width, height in ((PHONE, 800), (DESK, 800)):
            context = opened.new_context(viewport={"width": width, "height": height},
                                         locale="id-ID", color_scheme="light")  # fmt: skip
            context.add_cookies(demo.cookies(reader))
            page = context.new_page()
            for shown in pages:
                page.goto(demo.base + shown.path)
                if shown.name in SHOWN:
                    page.screenshot(path=FIRST / f"{shown.name}-{width}.png")
                picture = OUT / f"{shown.name}-{width}.png"
                page.screenshot(path=picture, full_page=True)
            context.close()


if __name__ == "__main__":
    main()
