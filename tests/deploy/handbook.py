"""The commands of the administrators' handbook, as somebody would type them."""

import re

from tests.floors import ROOT

BLOCK = re.compile(r"^```sh(?: \w+)?\n(.*?)^```$", re.S | re.M)


def commands(page: str) -> list[str]:
    """The blocks of a page of `docs/pengelola`, in their order."""
    found = BLOCK.findall((ROOT / "docs/pengelola" / page).read_text())
    assert found, page
    return found
