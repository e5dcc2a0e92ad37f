"""Which release of MELASTI this is: said once, in `pyproject.toml`."""

import tomllib
from functools import cache

from config.settings import ROOT


@cache
def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
