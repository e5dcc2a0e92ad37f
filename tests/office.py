"""Find a LibreOffice, and let it open spreadsheets as a colleague would."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

NAMES = ("soffice", "libreoffice")
OF_A_MAC = "/Applications/LibreOffice.app/Contents/MacOS/soffice"
PACKAGE = "libreoffice-calc-nogui"
ADVICE = "No LibreOffice for the tests: `make programs` installs one or says how."
# A formula is counted anew when the file is opened, not shown with the figure we wrote.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
  <item oor:path="/org.openoffice.Office.Calc/Formula/Load">
    <prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
  </item>
</oor:items>
"""
# Separated by semicolons, UTF-8, from the first line.
CSV_FILTER = "Text - txt - csv (StarCalc):59,34,76,1"


def find() -> str | None:
    """Path of a LibreOffice, or None; SOFFICE names one explicitly."""
    named = os.environ.get("SOFFICE")
    if named:
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (OF_A_MAC if os.path.exists(OF_A_MAC) else None)


def save_again(files: Sequence[Path], folder: Path) -> dict[str, Path]:
    """Open the files in one LibreOffice with a profile of its own and save what it understood.

    All of one kind: .csv, or workbooks. Name without suffix -> the new .xlsx under `folder`.
    """
    program = find()
    assert program, ADVICE
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(SETTINGS)
    reading = [f"--infilter={CSV_FILTER}"] if files[0].suffix == ".csv" else []
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
               "--norestore", *reading, "--convert-to", "xlsx", "--outdir", str(folder),
               *map(str, files)]  # fmt: skip
    # Started by root it makes a cache for all users of the machine, who have to read it.
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, umask=0o022)
    saved = {path.stem: folder / f"{path.stem}.xlsx" for path in files}
    missing = [str(path) for path in saved.values() if not path.exists()]
    assert not missing, f"{missing}\n{done.stdout}\n{done.stderr}"
    return saved
