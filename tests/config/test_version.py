"""The version comes from one place."""

import re

from config.settings import ROOT
from config.version import version


def test_version_is_the_one_of_the_project_file():
    said = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version() == said[1]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())
