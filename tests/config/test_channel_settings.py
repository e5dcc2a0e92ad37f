"""Start refuses channels that would carry nothing, in one sentence that names the variable."""

import pytest

from config.settings import BadSetting, Settings, read_settings
from messages.gateways.registry import check_gateways, open_gateways
from messages.sending import deliver_due, make_postman
from models import ChannelState, Message
from tests.config.test_settings import KEY, SALT
from tests.messages.carriers import customer, tell
from tests.messages.mail_server import MailServer

PRODUCTION = {"MELASTI_MODE": "production", "SECRET_KEY": KEY, "PASSWORD_SALT": SALT,
              "BASE_URL": "https://layanan.balai.go.id"}  # fmt: skip
SMTP = {"EMAIL_CHANNEL": "smtp", "SMTP_HOST": "mail.balai.go.id",
        "EMAIL_SENDER": "melasti@balai.go.id"}  # fmt: skip
WAHA = {
    "WHATSAPP_CHANNEL": "waha",
    "WAHA_BASE_URL": "https://waha.balai.go.id",
    "WAHA_API_KEY": "k",
}


@pytest.fixture
def settings(tmp_path):
    def read(*parts: dict, **more: str) -> Settings:
        merged = {"DATA_DIR": str(tmp_path)}
        for part in (*parts, more):
            merged |= part
        return read_settings(merged)

    return read


@pytest.mark.parametrize(
    ("environ", "ladder"),
    [
        (SMTP, ("email",)),
        (WAHA, ("whatsapp",)),
        (SMTP | WAHA, ("whatsapp", "email")),
        (SMTP | WAHA | {"MESSAGE_LADDER": "email,whatsapp"}, ("email", "whatsapp")),
        (SMTP | {"MESSAGE_LADDER": "email"}, ("email",)),
        (SMTP | WAHA | {"MESSAGE_LADDER": "email"}, ("email",)),
        (WAHA | {"MESSAGE_LADDER": "whatsapp"}, ("whatsapp",)),
        (SMTP | WAHA | {"MESSAGE_LADDER": "Email, WhatsApp"}, ("email", "whatsapp")),
    ],
)
def test_only_what_carries_something_is_in_the_ladder(settings, environ, ladder):
    found = settings(PRODUCTION, environ)
    check_gateways(found)
    assert found.delivery.ladder == ladder
    assert set(open_gateways(found)) >= set(ladder)
    assert all(gateway.name != "log" for gateway in open_gateways(found).values())


@pytest.mark.parametrize(
    "environ",
    [{}, {"WHATSAPP_CHANNEL": "log", "EMAIL_CHANNEL": "log"}, SMTP | {"MESSAGE_LADDER": "whatsapp"},
     WAHA | {"MESSAGE_LADDER": "email"}],
)  # fmt: skip
def test_production_without_a_channel_is_refused(settings, environ):
    with pytest.raises(BadSetting, match="WHATSAPP_CHANNEL or EMAIL_CHANNEL"):
        check_gateways(settings(PRODUCTION, environ))


def test_a_demo_writes_into_the_log(settings):
    found = settings()
    check_gateways(found)
    assert found.delivery.ladder == ("whatsapp", "email")
    assert {gateway.name for gateway in open_gateways(found).values()} == {"log"}


BAD = [
    ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY must be one of starttls, tls, none, not 'ssl'"),
    ({"SMTP_SECURITY": "STARTTLS"}, "SMTP_SECURITY must be"),
    ({"SMTP_SECURITY": ""}, "SMTP_SECURITY must be"),
    ({"EMAIL_SENDER": "melasti@balai.test"}, "EMAIL_SENDER must be the office's own"),
    ({"EMAIL_SENDER": ""}, "EMAIL_SENDER must be the office's own"),
    ({"EMAIL_SENDER": "tidak-sah"}, "EMAIL_SENDER must be an e-mail address"),
    ({"EMAIL_SENDER": "Balai <a@balai.go.id>"}, "EMAIL_SENDER must be an e-mail address"),
    ({"SMTP_RETURN_PATH": "bounce"}, "SMTP_RETURN_PATH must be an e-mail address"),
    ({"SMTP_PORT": "smtp"}, "SMTP_PORT must be a number"),
]


@pytest.mark.parametrize(("wrong", "sentence"), BAD)
def test_a_bad_value_is_refused_by_name(settings, wrong, sentence):
    with pytest.raises(BadSetting, match=f"^{sentence}"):
        check_gateways(settings(PRODUCTION, SMTP, wrong))


@pytest.mark.parametrize(
    ("environ", "names"),
    [({}, "WHATSAPP_CHANNEL or EMAIL_CHANNEL"), (SMTP | {"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
     (SMTP | {"EMAIL_SENDER": ""}, "EMAIL_SENDER")],
)  # fmt: skip
@pytest.mark.parametrize("word", ["serve", "worker", "start"])
def test_start_says_one_sentence(command, tmp_path, environ, names, word):
    code, _, wrong = command(tmp_path, word, **{**PRODUCTION, **environ})
    assert (code, len(wrong.splitlines())) == (2, 1)
    assert names in wrong


def test_one_bad_channel_never_stops_the_other(settings, people, now):
    """What can't be opened while the other works, should it come so far."""
    server = MailServer()
    good = {"EMAIL_CHANNEL": "smtp", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port),
            "SMTP_SECURITY": "none", "EMAIL_SENDER": "melasti@balai.go.id",
            "QUIET_HOURS": ""}  # fmt: skip
    for number, bad in enumerate((
        WAHA | {"WAHA_BASE_URL": "http://tidak-aman.go.id"},
        WAHA | {"WAHA_PATH": "tanpa-garis"},
        WAHA | {"WHATSAPP_GAP_SECONDS": "tiga"},
    )):  # fmt: skip
        person = customer(f"baik-{number}@contoh.test", f"+62812000000{number}")
        tell(person, "whatsapp", f"W{number}", now)
        mail = tell(person, "email", f"E{number}", now)
        deliver_due(make_postman(settings(good, bad)), now=now)
        assert Message.get_by_id(mail.id).state == "sent"
    ChannelState.delete().execute()
    bad_mail = {"EMAIL_CHANNEL": "smtp", "SMTP_SECURITY": "ssl", "SMTP_HOST": "x"}
    phone = tell(customer("x@contoh.test", "+628120000009"), "whatsapp", "WX", now)
    deliver_due(make_postman(settings(bad_mail, QUIET_HOURS="")), now=now)
    assert Message.get_by_id(phone.id).state == "sent"
    server.close()
