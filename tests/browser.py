"""Find a Chromium: the system's, or the one that Playwright downloaded."""

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
ADVICE = "No browser for the tests: `make programs` installs one or says how."
# Playwright's own programs are asked in a process of their own: its node may not start.
WHERE = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find() -> str | None:
    """Path of a Chromium, or None; CHROMIUM names one explicitly."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _of_playwright()


def _of_playwright() -> str | None:
    asked = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True)
    path = asked.stdout.strip()
    return path if asked.returncode == 0 and os.path.exists(path) else None


def can_be_driven() -> bool:
    """Whether the node that drives the browser starts: on a minimal Debian it lacks a library."""
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True).returncode == 0


def download() -> bool:
    """Let Playwright download its own, where the system has none."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, capture_output=True).returncode == 0
