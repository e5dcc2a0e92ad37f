"""The two commands on a Debian that has python3, git and make, and nothing else."""

import pytest

from tests.deploy.minimal_root import MinimalRoot

pytestmark = pytest.mark.long
SUITES = {"bookworm": "python3.11-venv", "trixie": "python3.13-venv"}
# A handful: an ordinary one, one on Postgres, one in the browser, one with LibreOffice.
HANDFUL = (
    "tests/rules/test_numbering.py tests/storage/test_migrations.py "
    "tests/outputs/test_spreadsheets.py tests/backoffice/reports/test_recap_choose.py"
)


@pytest.fixture(scope="module", params=SUITES)
def root(request, tmp_path_factory) -> MinimalRoot:
    return MinimalRoot(tmp_path_factory.mktemp("debian"), request.param)


@pytest.fixture(scope="module")
def package(root) -> str:
    return SUITES[root.folder.name]


def test_both_commands_go_through(root, package):
    ours, theirs = root.check_out(), root.check_out("tukang")
    # Anybody else than root is told what is missing; what Debian leaves half-made is no hindrance.
    said = root.refusal(f"cd {theirs} && make run", user="tukang")
    assert f'run "apt-get install {package}" as root' in said and "Traceback" not in said
    root.refusal(f"cd {ours} && python3 -m venv .venv")
    assert (root.folder / ours.lstrip("/") / ".venv/bin/python").is_symlink()

    said = root.serve(f"cd {ours} && make run")
    assert "MELASTI siap di" in said and "WARN" not in said.upper() and "DEPREC" not in said
    assert "MELASTI siap di" in root.serve(f"cd {theirs} && make run", user="tukang")

    said = root.refusal(f"cd {theirs} && make test", user="tukang")
    assert "The tests need a Chromium" in said and "apt-get install" in said
    assert "Traceback" not in said
    printed = root.run(f"cd {ours} && make test", PYTEST_ADDOPTS=HANDFUL)
    assert " passed" in printed and "failed" not in printed
    # The Postgres from PyPI keeps one lock in /tmp, which is root's by now.
    place = "/home/tukang/tmp"
    printed = root.run(
        f"mkdir {place} && cd {theirs} && make test",
        user="tukang",
        PYTEST_ADDOPTS=HANDFUL,
        TMPDIR=place,
    )
    assert " passed" in printed and "failed" not in printed
