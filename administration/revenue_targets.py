"""What each service is to bring in within a year, as the office sets it."""

from collections.abc import Mapping
from datetime import datetime

from administration.drafts import require_capability
from models import RevenueTarget, User
from moves.changes import record_change
from rules import events
from storage.database import database

CAPABILITY, SUBJECT = "bills_target", "target penerimaan"


def set_targets(year: int, amounts: Mapping[str, int | None], *, actor: User, now: datetime) -> int:
    """Keep the target of each service, None for no target; return how many changed. Refuses."""
    post = require_capability(actor, CAPABILITY, SUBJECT)
    changed = 0
    with database.atomic():
        known = {
            row.service_code: row
            for row in RevenueTarget.select().where(RevenueTarget.year == year)
        }
        for code, amount in amounts.items():
            row = known.get(code)
            before = row.amount if row else None
            if amount == before:
                continue
            changed += 1
            if row is None:
                row = RevenueTarget(service_code=code, year=year)
            row.amount, row.updated_at, row.updated_by = amount or 0, now, actor
            row.save()
            if amount is None:
                row.delete_instance()
            record_change(
                row,
                events.TARGET_SET,
                before={} if before is None else {"amount": before},
                after={} if amount is None else {"amount": amount},
                actor=actor,
                at=now,
                stream=f"target:{year}",
                acted_for=post,
                data={"service": code, "year": year},
            )
    return changed
