"""Find a Chromium, or install one: the system's, Debian's package, or Playwright's download."""

import os
import shutil
import subprocess
import sys

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """No browser for the tests. Install one of these and run `make test` again:
  Debian/Ubuntu: apt-get install chromium
  elsewhere:     .venv/bin/python -m playwright install chromium"""


def find() -> str | None:
    """Path of a Chromium, or None; CHROMIUM names one explicitly."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


def install() -> str | None:
    """Try Playwright's own download, then the system's package manager; the path or None."""
    attempts = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.insert(0, ["sh", "-c", "apt-get update && apt-get install -y chromium"])
    for command in attempts:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode == 0 and (found := find()):
            return found
    return None


if __name__ == "__main__":
    browser = find() or install()
    print(f"browser: {browser}" if browser else ADVICE)
    sys.exit(0 if browser else 1)
