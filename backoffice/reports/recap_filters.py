"""What can be chosen above the recap: the filters of the queue, with the words of each option."""

from collections.abc import Mapping

from config.office import office
from models import User
from outputs.dashboards.figures import AGES, NO_CAUSE
from outputs.recap.choice import DATES, GROUPS, MINE, NOBODY, OUTCOMES, Choice
from rules.statuses import LABELS
from web.runtime import runtime

# Those that lie folded below the others.
MORE = ("stage", "role", "assignee", "age", "outcome", "cause", "pelanggan")


def offered(choice: Choice) -> Mapping[str, object]:
    """For the template, as it names them. One query, for the people."""
    people = User.select(User.public_id, User.name).where(User.is_staff == 1)
    staff = people.where(User.in_service()).order_by(*User.name_order())
    flows = [offer.flow for offer in runtime().catalogue.values()]
    assignees = [(MINE, "Saya"), (NOBODY, "Belum ada"), *staff.tuples()]
    return {
        "dates": DATES,
        "statuses": [
            *((code, label.title) for code, label in LABELS.items()),
            *((code, words) for code, (words, _) in GROUPS.items()),
        ],
        "institutions": [(one.code, one.title) for one in office().institutions.values()],
        "stages": [
            (flow.title, [(f"{flow.code}:{stage.code}", stage.short) for stage in flow.stages[1:]])
            for flow in flows
        ],
        "more_filters": [
            ("role", "Menunggu", list(office().posts.items())),
            ("assignee", "Petugas", assignees),
            ("age", "Batas tahap", list(AGES.items())),
            ("outcome", "Ketepatan", list(OUTCOMES.items())),
            (
                "cause",
                "Penyebab terlambat",
                [(NO_CAUSE, "Belum dicatat"), *office().delay_causes.items()],
            ),
        ],
        "more_chosen": sum(bool(getattr(choice, name)) for name in MORE),
    }
