"""Bills in every state, and what they add up to by plain arithmetic over the rows."""

from datetime import date, timedelta

from models import Billing, Request
from rules.formats import ZONE
from rules.statuses import OPEN_STATUSES
from tests.people import file_request

# (service, status of the request, days until it lapses, paid so many days ago, replaced, amount)
SAMPLES = [
    ("lab", "waiting_customer", 30, None, False, 1_000_001),
    ("lab", "waiting_customer", 3, None, False, 2_000_003),
    ("lab", "waiting_customer", 2, None, False, 4_000_007),
    ("lab", "waiting_customer", 0, None, False, 8_000_011),
    ("lab", "waiting_customer", -1, None, False, 16_000_013),
    ("lab", "waiting_customer", -400, None, False, 32_000_017),
    ("lab", "in_process", 20, 1, False, 64_000_019),
    ("lab", "done", -200, 210, False, 128_000_023),
    ("advis", "done", -200, 210, False, 256_000_029),
    ("lab", "cancelled", 20, 0, False, 512_000_031),
    ("lab", "cancelled", 20, None, False, 1_024_000_037),
    ("lab", "rejected", -5, None, False, 2_048_000_041),
    ("lab", "expired", -5, None, False, 4_096_000_043),
    ("lab", "waiting_customer", -10, None, True, 8_192_000_047),
    ("lab", "cancelled", -10, None, True, 16_384_000_053),
]
EXPECTED_STATES = ["unpaid", "unpaid", "lapsing", "lapsing", "lapsed", "lapsed", "paid", "paid",
                   "paid", "paid", "void", "void", "void", "replaced", "replaced"]  # fmt: skip


def bill_all(people, runtime, now) -> None:
    """A request and a bill for each sample, and for a replaced one the bill that took its place."""
    today = now.astimezone(ZONE).date()
    for index, (service, status, days, paid, is_replaced, amount) in enumerate(SAMPLES):
        filed = file_request(runtime, people.customer, now=now, key=f"B{index}", service=service)
        number = f"{index + 1}/L.Uji/29/VII/24"
        stage = "PEMBAYARAN" if service == "lab" else filed.stage_code
        Request.update(
            status=status, number=number, number_key=number.casefold(), stage_code=stage,
            step=1 if service == "lab" else 0,
            waiting_role="pelanggan" if status in OPEN_STATUSES else "",
        ).where(Request.id == filed.id).execute()  # fmt: skip
        issued_at = now - timedelta(days=(paid or 0) + 5, minutes=index)
        Billing.create(
            request=filed, code=f"82024{index:010d}", amount=amount, issued_at=issued_at,
            expires_on=today + timedelta(days=days),
            ntpn=None if paid is None else f"NTPN{index:012d}",
            paid_on=None if paid is None else today - timedelta(days=paid),
            verified_at=None if paid is None else now - timedelta(days=paid),
            replaced_at=now - timedelta(days=1) if is_replaced else None,
        )  # fmt: skip


def counted(rows: list[dict], today: date) -> dict[str, tuple[int, int]]:
    """State -> (bills, rupiah) from the rows as a clerk with a pencil would tell them."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        if row["ntpn"]:
            state = "paid"
        elif row["replaced_at"]:
            state = "replaced"
        elif row["status"] in ("cancelled", "rejected", "expired", "done"):
            state = "void"
        elif row["expires_on"] < today:
            state = "lapsed"
        else:
            state = "lapsing" if (row["expires_on"] - today).days <= 2 else "unpaid"
        many, rupiah = found.get(state, (0, 0))
        found[state] = (many + 1, rupiah + row["amount"])
    return found


def all_rows() -> list[dict]:
    bill = (Billing.code, Billing.amount, Billing.issued_at, Billing.expires_on)
    payment = (Billing.ntpn, Billing.paid_on, Billing.replaced_at)
    request = (Request.status, Request.service_code)
    return list(
        Billing.select(*bill, *payment, *request).join(Request).order_by(Billing.issued_at).dicts()
    )
