"""The gateway that sends nothing."""

import logging

from messages.gateways.log import Log
from tests.gateway import MESSAGE


def test_the_log_answers_with_an_id_made_of_the_key():
    assert Log({}).send(MESSAGE).provider_id == f"log-{MESSAGE.idempotency_key}"


def test_the_log_names_the_template_and_nothing_of_the_person(caplog):
    with caplog.at_level(logging.INFO, "melasti.channels"):
        Log({}).send(MESSAGE)
    assert "hasil_siap" in caplog.text and MESSAGE.idempotency_key in caplog.text
    for private in ("6281234567890", "Contoh", "48/L.Data"):
        assert private not in caplog.text


def test_the_log_is_always_well():
    assert (Log.name, Log({}).health()) == ("log", "")
