"""What a mail server says about one recipient is that recipient's, whatever the moment."""

import pytest

from messages.gateways.gateway import (
    AnswerLost,
    BadAddress,
    Misconfigured,
    Outgoing,
    ServerFault,
    TryLater,
)
from messages.gateways.smtp import Smtp, on_the_wire
from tests.messages.mail_server import SENDER, MailServer


@pytest.fixture
def mail_server():
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def plain_server():
    """Without SMTPUTF8, as most of them are."""
    server = MailServer(enable_SMTPUTF8=False)
    yield server
    server.close()


def letter(address: str, key: str = "K1") -> Outgoing:
    return Outgoing(address, "Isi surat – selesai", "Perihal é", "t", {}, key)


@pytest.mark.parametrize(
    ("address", "kind"),
    [("tolak@contoh.test", BadAddress), ("isi@contoh.test", BadAddress),
     ("nanti@contoh.test", TryLater), ("penuh@contoh.test", TryLater),
     ("tutup@contoh.test", ServerFault), ("hilang@contoh.test", AnswerLost),
     ("lambat@contoh.test", AnswerLost)],
)  # fmt: skip
def test_a_recipient_is_refused_as_one(mail_server, address, kind):
    with pytest.raises(kind) as refusal:
        mail_server.opened().send(letter(address))
    assert type(refusal.value) is kind
    mail_server.opened().send(letter("baik@contoh.test"))
    assert mail_server.addresses()[-1] == "baik@contoh.test"


ADDRESSES = ["andré@contoh.test", "bäcker0@contoh.test", "用户@contoh.test", "o’neil@contoh.test",
             "иван@contoh.test"]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_letters_that_the_server_cannot_take_are_the_address(plain_server, address):
    with pytest.raises(BadAddress):
        plain_server.opened().send(letter(address))
    assert plain_server.opened().health() == ""


@pytest.mark.parametrize("address", ADDRESSES)
def test_letters_that_the_server_takes_arrive(mail_server, address):
    sender = mail_server.opened()
    sender.send(letter(address))
    assert sender.takes_utf8 is True
    ((taken, read),) = mail_server.taken
    assert (taken, read["Subject"]) == (address, "Perihal é")


@pytest.mark.parametrize(
    ("address", "on_wire"),
    [("info@straße.test", "info@xn--strae-oqa.test"),
     ("Info@Müller.TEST", "Info@xn--mller-kva.test"), ("surat@例え.test", "surat@xn--r8jz45g.test"),
     ("a.b+c@contoh.test", "a.b+c@contoh.test")],
)  # fmt: skip
def test_the_domain_is_written_as_dns_knows_it_and_the_name_is_kept(plain_server, address, on_wire):
    assert on_the_wire(address) == on_wire
    plain_server.opened().send(letter(address))
    assert plain_server.addresses() == [on_wire]


@pytest.mark.parametrize(
    "address",
    ["", "tanpa-et", "@contoh.test", "a@", "a@-.test", "a@b..test",
     "a\r\nRCPT TO:<x@y.test>@c.test", "a@" + "x" * 70 + ".test", "dua kata@contoh.test",
     "a@\udc80.test"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_asking(mail_server, address):
    with pytest.raises(BadAddress):
        mail_server.opened().send(letter(address))
    assert mail_server.taken == []


def test_an_address_is_one_recipient_whatever_it_says(mail_server):
    """A comma would make two of a header."""
    with pytest.raises(BadAddress):
        mail_server.opened().send(letter("a,b@contoh.test"))
    assert mail_server.taken == []


def test_bounces_go_where_they_are_read(mail_server):
    sender = mail_server.opened()
    sender.send(letter("baik@contoh.test"))
    environ = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail_server.port), "EMAIL_SENDER": SENDER,
               "SMTP_SECURITY": "none", "SMTP_RETURN_PATH": "bounce@balai.go.id"}  # fmt: skip
    Smtp(environ).send(letter("baik@contoh.test"))
    assert mail_server.senders == [SENDER, "bounce@balai.go.id"]


def test_what_the_server_does_not_offer_at_all_is_configuration(mail_server):
    environ = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail_server.port), "EMAIL_SENDER": SENDER}
    for more in ({"SMTP_SECURITY": "starttls"}, {"SMTP_SECURITY": "none", "SMTP_USER": "u"}):
        with pytest.raises(Misconfigured):
            Smtp({**environ, **more}).send(letter("baik@contoh.test"))
