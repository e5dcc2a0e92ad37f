"""Write docs/screenshots from a demo of its own: `make screenshots`."""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import browser
from tests.test_crash import ROOT, Server

OUT = ROOT / "docs" / "screenshots"
WIDTHS = (360, 1280)
PASSWORD = "melasti-demo"


def log_in(page, base: str, email: str) -> None:
    page.goto(f"{base}/masuk")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("text=Sign In")
    page.wait_for_url(lambda url: "/masuk" not in url)


def first_link(page, base: str, path: str, selector: str) -> str:
    page.goto(base + path)
    return page.locator(selector).first.get_attribute("href")


def shoot(page, base: str, name: str, path: str, width: int) -> None:
    page.goto(base + path)
    page.screenshot(path=OUT / f"{name}-{width}.png", full_page=width < 600)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.run("db", "upgrade")
        server.run("seed")
        server.start()
        opened = playwright.chromium.launch(executable_path=browser.find(), args=browser.FLAGS)
        try:
            for width in WIDTHS:
                take_all(opened, server.base, width)
        finally:
            opened.close()
            server.kill()
    print(f"wrote {len(list(OUT.glob('*.png')))} pictures to {OUT.relative_to(ROOT)}")


def take_all(opened, base: str, width: int) -> None:
    def person():
        context = opened.new_context(
            viewport={"width": width, "height": 800}, locale="id-ID", color_scheme="light"
        )
        return context.new_page()

    visitor = person()
    for name, path in (("beranda", "/"), ("statistik", "/statistik"), ("sop", "/sop/data"),
                       ("daftar", "/daftar")):  # fmt: skip
        shoot(visitor, base, name, path, width)
    customer = person()
    log_in(customer, base, "pelanggan@contoh.test")
    shoot(customer, base, "dasbor", "/dasbor", width)
    shoot(customer, base, "daftar-layanan", "/layanan/rekap", width)
    survey = first_link(customer, base, "/dasbor", "a:has-text('Isi Survey')")
    shoot(customer, base, "survei", survey, width)
    detail = first_link(customer, base, "/layanan/proses", "td a:has-text('Detail')")
    shoot(customer, base, "detail", detail, width)
    admin = person()
    log_in(admin, base, "admin@balai.test")
    shoot(admin, base, "antrean", "/backoffice/?tab=semua", width)
    card = first_link(admin, base, "/backoffice/", "td a.m-btn-main").split("#")[0]
    shoot(admin, base, "kartu", card, width)
    shoot(admin, base, "rekap", "/backoffice/rekap/", width)
    shoot(admin, base, "loket", "/backoffice/loket/permohonan", width)
    shoot(admin, base, "pesan-masuk", "/backoffice/pesan-masuk/", width)
    keeper = person()
    log_in(keeper, base, "administrator@balai.test")
    flow = first_link(keeper, base, "/backoffice/alur/", "td a.m-btn")
    shoot(keeper, base, "alur", flow, width)
    shoot(keeper, base, "plh", "/backoffice/mandat/", width)
    shoot(keeper, base, "kalender", "/backoffice/hari-libur/", width)
    shoot(keeper, base, "templat", "/backoffice/pesan-templat/tahap_maju", width)
    chief = person()
    log_in(chief, base, "kepala@balai.test")
    shoot(chief, base, "skm", "/backoffice/skm/", width)


if __name__ == "__main__":
    main()
