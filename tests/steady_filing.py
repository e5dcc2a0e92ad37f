"""A customer who files so many requests a second, for as long as it lives.

    python -m tests.steady_filing 20

Says the subject of each once it is committed.
"""

import itertools
import os
import sys
import time

import run
from config.clock import utc_now
from config.settings import read_settings
from models import User
from storage.database import database
from tests.people import file_request, pdf, stored
from tests.small_office import CUSTOMER


def main(rate: float) -> None:
    app = run.create_app(read_settings(os.environ))
    runtime = app.extensions["melasti"]
    with app.app_context(), database.connection_context():
        customer = User.get(User.email == CUSTOMER)
        began = time.monotonic()
        for number in itertools.count():
            subject = f"Beban {os.getpid()} nomor {number}"
            kept = stored(runtime, pdf(subject))
            file_request(runtime, customer, now=utc_now(), subject=subject, key=subject, file=kept)
            print(subject, flush=True)
            time.sleep(max(0.0, began + (number + 1) / rate - time.monotonic()))


if __name__ == "__main__":
    main(float(sys.argv[1]))
