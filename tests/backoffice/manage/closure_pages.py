"""Forms of the calendar's pages, and the deadlines that they move."""

import re
from datetime import date

PAGE = "/backoffice/hari-libur/"


# Filed on Monday, 29 July 2024, due on Thursday, 1 August; Wednesday is nobody's holiday.
WEDNESDAY = date(2024, 7, 31)


def hidden(page: str) -> dict[str, str]:
    """What the preview hands on to the confirmation."""
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page).group(1)
            for name in ("plan", "stamp")}  # fmt: skip
