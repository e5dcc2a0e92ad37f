"""The seam for gateways, and the channel that sends nothing."""

import logging

import pytest

from messages.gateways.channels import (
    BadAddress,
    BadTemplate,
    LogChannel,
    Misconfigured,
    Outgoing,
    RateLimited,
    Refusal,
    TryLater,
    Unreachable,
)

MESSAGE = Outgoing(
    address="+6281234567890",
    text="Halo Ibu Contoh, akun Anda aktif.",
    subject="Akun aktif",
    template="akun_aktif",
    variables={"nama": "Contoh"},
    idempotency_key="01J0000000",
)


def test_the_log_channel_answers_with_an_id_made_of_the_key():
    assert LogChannel().send(MESSAGE).provider_id == "log-01J0000000"


def test_the_log_names_the_template_and_nothing_of_the_person(caplog):
    with caplog.at_level(logging.INFO, "melasti.channels"):
        LogChannel().send(MESSAGE)
    assert "akun_aktif" in caplog.text and "01J0000000" in caplog.text
    for private in ("6281234567890", "Contoh", "Halo"):
        assert private not in caplog.text


def test_the_log_channel_is_always_well():
    assert (LogChannel().name, LogChannel().health()) == ("log", "")


def test_refusals_carry_their_reason_and_are_one_family():
    assert RateLimited("sibuk", 30).after_seconds == 30
    assert RateLimited("sibuk").after_seconds is None
    assert issubclass(RateLimited, TryLater) and issubclass(Unreachable, TryLater)
    for kind in (TryLater, RateLimited, Unreachable, BadAddress, BadTemplate, Misconfigured):
        with pytest.raises(Refusal, match="sebab"):
            raise kind("sebab")
