"""A stop under load: who got an answer is kept, and the end is a clean one, soon."""

import signal
import threading
import time

import pytest

from tests.fault.conftest import check_kept
from tests.waiting import wait_for
from web.serving.server import DRAIN_SECONDS

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.long]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("again", [1, 3])
def test_a_stop_while_customers_file(serve, customer, folder, number, again):
    server = serve()
    filers = [customer(server) for _ in range(3)]
    threads = [threading.Thread(target=filer.file_until_cut) for filer in filers]
    for thread in threads:
        thread.start()
    wait_for(lambda: sum(len(filer.acknowledged) for filer in filers) >= 3, seconds=120)
    begun = time.monotonic()
    for _ in range(again):
        server.process.send_signal(number)
        time.sleep(0.05)
    assert server.process.wait(timeout=60) == 0
    assert time.monotonic() - begun < DRAIN_SECONDS + 10
    for thread in threads:
        thread.join(timeout=60)
    check_kept(folder, set().union(*(filer.acknowledged for filer in filers)))
