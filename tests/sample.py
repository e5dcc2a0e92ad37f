"""Which tests a short run takes: the same each time, and something of everything."""

from zlib import crc32

import pytest

# Of these a sample runs a fifth of the cases.
SECONDS_A_CASE = {
    "test_400_wrong_log_ins_do_not_keep_the_official_out",
    "test_a_damaged_backup_is_told_in_one_line",
    "test_a_failure_leaves_the_letter_waiting_and_says_what_to_do",
    "test_every_form_of_a_service_is_one_page",
    "test_every_side_path_of_every_desk_is_taken_from_its_own_queue",
    "test_every_stage_is_completed_from_its_own_queue",
    "test_looking_ahead_changes_no_row",
    "test_reachable_pages_are_indonesian_and_valid",
    "test_reader_gets_what_the_table_says",
}
# Of other tests with so many cases it runs a third; those of the rules are fast.
MANY_CASES = 3


def sample_of(items: list[pytest.Item]) -> set[str]:
    """The ids of what a short run takes: chosen by name, so that each stays where it is when a file
    moves. Every test has a case on SQLite there, but for those that take minutes."""
    cases: dict[str, list[pytest.Item]] = {}
    chosen = set()
    for item in items:
        # Two hundred megabytes; the same with twelve stays.
        if item.get_closest_marker("long") or item.name.endswith("[200]"):
            continue
        if not is_on_postgres(item):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
        elif crc32(item.name.encode()) % 18 == 0:
            chosen.add(item.nodeid)
    for test, found in cases.items():
        found.sort(key=lambda item: crc32(item.name.encode()))
        chosen |= {item.nodeid for item in found[: len(found) // share_of(test, len(found)) or 1]}
    return chosen


def share_of(test: str, cases: int) -> int:
    """One in how many cases of a test is run."""
    if test.rpartition("::")[2] in SECONDS_A_CASE:
        return 5
    return 3 if cases >= MANY_CASES and not test.startswith("tests/rules/") else 1


def is_on_postgres(item: pytest.Item) -> bool:
    given = getattr(item, "callspec", None)
    return given is not None and given.params.get("engine") == "postgres"
