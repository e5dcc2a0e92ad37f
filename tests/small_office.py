"""An office of a few people and requests, written into the place that the environment names.

    python -m tests.small_office

Quicker than the demo: for tests that meet the program from outside.
"""

import os
import sys
from datetime import timedelta

import run
from config.clock import utc_now
from config.settings import read_settings
from models import Upload
from storage.database import database
from tests.people import People, file_request, make_customer, pdf, stored

CUSTOMER = "pelanggan-pertama@contoh.test"
SUBJECTS = ("Gelombang di Kuta", "Pasang surut di Sanur", "Abrasi di Amed")


def main() -> int:
    if code := run.main(["db", "upgrade"]):
        return code
    app = run.create_app(read_settings(os.environ))
    with app.app_context(), database.connection_context():
        People.create()
        customer = make_customer(CUSTOMER, "Pelanggan Pertama")
        now = utc_now() - timedelta(minutes=5)
        runtime = app.extensions["melasti"]
        for number, subject in enumerate(SUBJECTS):
            file_request(runtime, customer, now=now, subject=subject, key=f"K{number}")
            kept = stored(runtime, pdf(subject))
            Upload.create(
                user=customer, purpose="uji", kinds="pdf", max_mb=2, filename="data.pdf",
                size=kept.size, sha256=kept.sha256, updated_at=now,
            )  # fmt: skip
    database.close_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
