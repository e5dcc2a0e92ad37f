"""Certificates and the service, made once."""

import pytest

from tests.outputs.signing.bsre_service import BsreService
from tests.outputs.signing.certificates import make_p12


@pytest.fixture(scope="session")
def p12(tmp_path_factory):
    return make_p12(tmp_path_factory.mktemp("p12"))


@pytest.fixture
def service(p12):
    running = BsreService(p12)
    yield running
    running.stop()
