"""Requests for a dashboard to count, and what lies behind its figures."""

import re
from datetime import UTC, datetime, timedelta

from administration import figures
from tests.people import advance, file_request

JULY = datetime(2024, 7, 1, tzinfo=UTC).date()


def build_world(people, runtime, now):
    """Finished requests of two weeks of July, some at a desk, one waiting for its customer."""
    for index in range(10):
        filed_at = now - timedelta(days=20 - index)
        filed = file_request(runtime, people.customer, now=filed_at, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        advance(filed, people, runtime, now=filed_at + timedelta(hours=index))
    for index, desk in enumerate(("", "DISPOSISI_KABALAI", "DISPOSISI_KABALAI", "SURVEI"), 20):
        filed = file_request(runtime, people.customer, now=now, key=f"D{index}",
                             subject=f"Perihal {index:03d}")  # fmt: skip
        if desk:
            advance(filed, people, runtime, now=now, until=desk)
    figures.refresh([JULY])


FIGURE = re.compile(
    r'<td class="m-num"[^>]*>(?:<a href="([^"]+)" title="(\d+) permohonan">)?([^<]+)'
)
