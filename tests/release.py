"""Tag a release with its section of the changelog: `make release`."""

import re
import subprocess
import sys
from pathlib import Path

from config.version import version

ROOT = Path(__file__).resolve().parent.parent


class NotReady(Exception):
    """Why there is nothing to release; one sentence."""


def section_of(changelog: str, number: str) -> str:
    """What stands under `## NUMBER – DATE`. Raises NotReady."""
    found = re.search(
        rf"^## {re.escape(number)} – (\S+)\n(.*?)(?=^## |\Z)", changelog, flags=re.S | re.M
    )
    if not found:
        raise NotReady(f"CHANGELOG.md has no section “## {number} – date”")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", found[1]):
        raise NotReady(f"CHANGELOG.md says “{found[1]}” of {number}: write its date")
    return found[2].strip()


def tag(folder: Path, number: str) -> str:
    """Tag what is checked out in `folder`; the name of the tag. Raises NotReady."""
    section = section_of((folder / "CHANGELOG.md").read_text(), number)
    name = f"v{number}"
    if _git(folder, "status", "--porcelain"):
        raise NotReady("commit or put away what is changed")
    if _git(folder, "tag", "--list", name):
        raise NotReady(f"{name} is tagged already: raise the version in pyproject.toml")
    # A line of the changelog may begin with what git takes for a comment.
    _git(
        folder, "tag", "--annotate", "--cleanup=verbatim", "--message", f"{name}\n\n{section}", name
    )
    return name


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def main() -> int:
    try:
        print(f"{tag(ROOT, version())}: now `git push --follow-tags`")
    except NotReady as why:
        print(f"release: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
