"""What the tests run beside Python: looked for, and as root on Debian installed by apt-get."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests import browser, office

# Daemons lie where only root's path looks.
SYSTEM_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


def find(name: str) -> str | None:
    """Path of a program, or None."""
    return shutil.which(name, path=SYSTEM_PATH)


# How each is found, and Debian's packages that bring it. A new one needs a line here.
PROGRAMS: tuple[tuple[str, Callable[[], object], str], ...] = (
    ("a Chromium", browser.find, "chromium fonts-liberation"),
    ("what Playwright's node needs", browser.can_be_driven, "libatomic1"),
    ("a LibreOffice", office.find, office.PACKAGE),
    ("nginx", partial(find, "nginx"), "nginx"),
    ("pgbouncer", partial(find, "pgbouncer"), "pgbouncer"),
    ("Caddy", partial(find, "caddy"), "caddy"),
    ("systemd-analyze", partial(find, "systemd-analyze"), "systemd"),
    ("fail2ban", partial(find, "fail2ban-regex"), "fail2ban"),
    ("strace", partial(find, "strace"), "strace"),
    ("unshare", partial(find, "unshare"), "util-linux"),
)
# What keeps apt-get from starting the services that it installs.
POLICY = Path("/usr/sbin/policy-rc.d")


def missing() -> dict[str, str]:
    """Name -> packages of what isn't there."""
    return {name: packages for name, is_there, packages in PROGRAMS if not is_there()}


def install(packages: str) -> None:
    """Let Debian's package manager try; where it can't, `missing` tells."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing {packages} …", flush=True)
    command = f"apt-get update && apt-get install -y --no-install-recommends {packages}"
    is_ours = not POLICY.exists()
    if is_ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(["sh", "-c", command], env=environ, capture_output=True, text=True)
    finally:
        if is_ours:
            POLICY.unlink()
    if done.returncode:
        print((done.stdout + done.stderr)[-2000:], file=sys.stderr)


def main() -> int:
    if lacking := missing():
        install(" ".join(lacking.values()))
        lacking = missing()
    if "a Chromium" in lacking and browser.download():
        lacking = missing()
    if lacking:
        print(
            f"The tests need {', '.join(lacking)}: on Debian or Ubuntu run "
            f'"apt-get install --no-install-recommends {" ".join(lacking.values())}" as root, '
            "then `make test` again.",
            file=sys.stderr,
        )
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
