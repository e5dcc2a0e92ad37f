"""Every gateway against a real HTTP server: what it is sent, and what its answers mean."""

import email.policy
import json
import socketserver
import threading
from dataclasses import replace
from email import message_from_string
from urllib.parse import parse_qs

import pytest

from config.settings import GATEWAY_DEFAULTS, BadSetting, read_settings
from messages.gateways.answers import Fonnte, Gowa, MetaCloud, Waha
from messages.gateways.channels import (
    BadAddress,
    BadTemplate,
    Misconfigured,
    Outgoing,
    RateLimited,
    TryLater,
    Unreachable,
)
from messages.gateways.gateway import Gateway
from messages.gateways.mail import Smtp
from messages.gateways.opening import open_channel
from tests.gateway import Stub

MESSAGE = Outgoing(
    address="+6281234567890",
    text="Ibu Contoh, layanan 48/L.Data/29/VII/24 selesai.",
    subject="Layanan selesai",
    template="hasil_siap",
    variables={"nomor": "48/L.Data/29/VII/24"},
    idempotency_key="01J0000000000000000000000A",
    parameters=("Ibu\n Contoh", "48/L.Data/29/VII/24"),
)
ACCEPTED = {
    "meta_cloud": (200, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]}),
    "fonnte": (200, {"status": True, "id": ["80367170"], "process": "pending"}),
    "waha": (201, {"id": {"_serialized": "true_6281@c.us_3EB0", "id": "3EB0"}}),
    "gowa": (200, {"code": "SUCCESS", "results": {"message_id": "3EB0"}}),
}
IDS = {
    "meta_cloud": "wamid.1",
    "fonnte": "80367170",
    "waha": "true_6281@c.us_3EB0",
    "gowa": "3EB0",
}
NAMES = sorted(ACCEPTED)


@pytest.fixture
def stub():
    opened = Stub()
    yield opened
    opened.close()


def channel(name: str, url: str):
    return {
        "meta_cloud": lambda: MetaCloud(
            token="rahasia", phone_number_id="1055", base_url=url, timeout=0.3
        ),
        "fonnte": lambda: Fonnte(token="rahasia", base_url=url, timeout=0.3),
        "waha": lambda: Waha(base_url=url, api_key="rahasia", timeout=0.3),
        "gowa": lambda: Gowa(base_url=url, user="u", password="p", device="d1", timeout=0.3),
    }[name]()


@pytest.mark.parametrize("name", NAMES)
def test_accepted_gives_the_provider_id(stub, name):
    stub.answers = [ACCEPTED[name]]
    assert channel(name, stub.url).send(MESSAGE).provider_id == IDS[name]


def test_meta_cloud_sends_a_template(stub):
    stub.answers = [ACCEPTED["meta_cloud"]]
    channel("meta_cloud", stub.url).send(MESSAGE)
    (seen,) = stub.seen
    assert seen["path"] == "/v21.0/1055/messages"
    assert seen["headers"]["authorization"] == "Bearer rahasia"
    body = json.loads(seen["body"])
    assert body["to"] == "6281234567890"
    assert body["type"] == "template"
    assert body["template"]["name"] == "hasil_siap"
    assert body["template"]["language"] == {"code": "id"}
    texts = [entry["text"] for entry in body["template"]["components"][0]["parameters"]]
    assert texts == ["Ibu Contoh", "48/L.Data/29/VII/24"]
    assert body["biz_opaque_callback_data"] == MESSAGE.idempotency_key


def test_meta_cloud_answers_in_free_text(stub):
    stub.answers = [ACCEPTED["meta_cloud"]]
    channel("meta_cloud", stub.url).send(replace(MESSAGE, is_free=True, text="Baris satu\nDua"))
    body = json.loads(stub.seen[0]["body"])
    assert (body["type"], body["text"]["body"]) == ("text", "Baris satu\nDua")
    assert "template" not in body
    assert body["biz_opaque_callback_data"] == MESSAGE.idempotency_key


def test_fonnte_sends_a_form_with_a_bare_token(stub):
    stub.answers = [ACCEPTED["fonnte"]]
    channel("fonnte", stub.url).send(MESSAGE)
    (seen,) = stub.seen
    assert (seen["path"], seen["headers"]["authorization"]) == ("/send", "rahasia")
    form = {name: values[0] for name, values in parse_qs(seen["body"]).items()}
    assert form == {"target": "6281234567890", "message": MESSAGE.text, "countryCode": "0"}


def test_waha_and_gowa_address_a_chat(stub):
    stub.answers = [ACCEPTED["waha"], ACCEPTED["gowa"]]
    channel("waha", stub.url).send(MESSAGE)
    channel("gowa", stub.url).send(MESSAGE)
    waha, gowa = stub.seen
    assert (waha["path"], waha["headers"]["x-api-key"]) == ("/api/sendText", "rahasia")
    assert json.loads(waha["body"])["chatId"] == "6281234567890@c.us"
    assert (gowa["path"], gowa["headers"]["x-device-id"]) == ("/send/message", "d1")
    assert gowa["headers"]["authorization"].startswith("Basic ")
    assert json.loads(gowa["body"])["phone"] == "6281234567890@s.whatsapp.net"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "fault", ["hang", "drip", "cut", "lost", "garbage", "huge", (500, {}), (503, {})]
)
def test_passing_faults_are_tried_later(stub, name, fault):
    stub.answers = [fault]
    with pytest.raises(Unreachable):
        channel(name, stub.url).send(MESSAGE)
    assert len(stub.seen) == 1


@pytest.mark.parametrize("name", NAMES)
def test_rate_limit_names_the_wait(stub, name):
    stub.answers = [(429, {}, {"Retry-After": "120"})]
    with pytest.raises(RateLimited) as refusal:
        channel(name, stub.url).send(MESSAGE)
    assert refusal.value.after_seconds == 120


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", [(401, {}), (403, {}), "redirect"])
def test_refused_credentials_and_redirects_are_configuration(stub, name, answer):
    stub.answers = [answer]
    with pytest.raises(Misconfigured) as refusal:
        channel(name, stub.url).send(MESSAGE)
    assert "rahasia" not in str(refusal.value)


@pytest.mark.parametrize("name", NAMES)
def test_dead_gateway_is_tried_later(stub, name):
    sender = channel(name, stub.url)
    stub.close()
    with pytest.raises(TryLater):
        sender.send(MESSAGE)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (130429, RateLimited),
        (80007, RateLimited),
        (131000, Unreachable),
        (131016, Unreachable),
        (131056, TryLater),
        (131026, BadAddress),
        (131030, BadAddress),
        (131047, BadTemplate),
        (132001, BadTemplate),
        (132015, BadTemplate),
        (190, Misconfigured),
        (131042, Misconfigured),
        (210, Misconfigured),
        (100, BadTemplate),
        (131009, BadTemplate),
        (999999, TryLater),
    ],
)
def test_meta_cloud_error_codes(stub, code, kind):
    stub.answers = [(400, {"error": {"code": code, "message": "x", "type": "OAuthException"}})]
    with pytest.raises(kind):
        channel("meta_cloud", stub.url).send(MESSAGE)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("target invalid", BadAddress),
        ("token invalid", Misconfigured),
        ("insufficient quota", Misconfigured),
        ("request invalid on disconnected device", Misconfigured),
        ("too many requests", RateLimited),
        ("sesuatu yang baru", TryLater),
    ],
)
@pytest.mark.parametrize("key", ["status", "Status"])
def test_fonnte_refuses_with_200(stub, reason, kind, key):
    stub.answers = [(200, {key: False, "reason": reason})]
    with pytest.raises(kind):
        channel("fonnte", stub.url).send(MESSAGE)


@pytest.mark.parametrize("name", ["waha", "gowa"])
def test_self_hosted_refuses_a_number(stub, name):
    stub.answers = [(400, {"code": "INVALID", "message": "phone is not registered"})]
    with pytest.raises(BadAddress):
        channel(name, stub.url).send(MESSAGE)


WELL = {
    "meta_cloud": {},
    "fonnte": {"status": True, "device_status": "connect"},
    "waha": {"name": "default", "status": "WORKING"},
    "gowa": {},
}


@pytest.mark.parametrize("name", NAMES)
def test_health(stub, name):
    stub.answers = [(200, WELL[name]), (500, {}), (401, {})]
    sender = channel(name, stub.url)
    assert sender.health() == ""
    assert sender.health() != ""
    assert sender.health() != ""
    # An older or newer gateway may not know the question; that doesn't make it dead.
    stub.answers = [(404, {"message": "Not found"})]
    assert sender.health() == ""


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("fonnte", {"status": True, "device_status": "disconnect"}),
        ("fonnte", {"status": False, "reason": "token invalid"}),
        ("waha", {"status": "SCAN_QR_CODE"}),
    ],
)
def test_health_notices_a_silent_death(stub, name, answer):
    stub.answers = [(200, answer)]
    assert channel(name, stub.url).health() != ""


@pytest.mark.parametrize("name", NAMES)
def test_every_sending_carries_our_key(stub, name):
    stub.answers = [ACCEPTED[name]]
    channel(name, stub.url).send(MESSAGE)
    assert stub.seen[0]["headers"]["idempotency-key"] == MESSAGE.idempotency_key


def test_empty_template_parameter_becomes_a_dash(stub):
    stub.answers = [ACCEPTED["meta_cloud"]]
    channel("meta_cloud", stub.url).send(replace(MESSAGE, parameters=("", "x")))
    body = json.loads(stub.seen[0]["body"])
    assert body["template"]["components"][0]["parameters"][0]["text"] == "-"


def test_path_cannot_turn_the_host_into_a_user_name(stub):
    fonnte = Fonnte(token="rahasia", base_url=stub.url, path="@jahat.test/send")
    with pytest.raises(Misconfigured):
        fonnte.send(MESSAGE)
    assert stub.seen == []


def test_plain_http_is_only_for_this_machine():
    with pytest.raises(Misconfigured):
        Gateway("http://gateway.contoh.test")


# -- e-mail --------------------------------------------------------------------------------------


class Mailbox(socketserver.StreamRequestHandler):
    """As much SMTP as one message needs."""

    def handle(self) -> None:
        self.say("220 contoh.test")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self.say("250 contoh.test")
            elif word.startswith("RCPT"):
                self.say(self.server.on_recipient)
            elif word == "DATA":
                self.say("354 lanjutkan")
                while (part := self.rfile.readline()) != b".\r\n":
                    self.server.mail.append(part.decode().rstrip())
                self.say("250 diterima")
            elif word == "QUIT":
                self.say("221 selesai")
                return
            else:
                self.say("250 baik")

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def mailbox():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    server.daemon_threads = True
    server.mail, server.on_recipient = [], "250 baik"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def smtp(server, **kwargs) -> Smtp:
    port = server.server_address[1]
    return Smtp(host="127.0.0.1", port=port, sender="melasti@balai.test", security="none",
                timeout=2, **kwargs)  # fmt: skip


def test_mail_carries_a_stable_id(mailbox):
    mail = Outgoing(
        "pelanggan@contoh.test", "Isi – surat", "Perihal", "t", {}, MESSAGE.idempotency_key
    )
    sent = smtp(mailbox).send(mail)
    text = "\n".join(mailbox.mail)
    assert f"Message-ID: <{MESSAGE.idempotency_key}@balai.test>" in text
    assert sent.provider_id == f"<{MESSAGE.idempotency_key}@balai.test>"
    assert "Subject: Perihal" in text
    assert "To: pelanggan@contoh.test" in text


def test_mail_is_a_letter_with_the_same_words_as_text(mailbox):
    letter = "<!doctype html><p>Isi surat</p>"
    smtp(mailbox).send(Outgoing("x@contoh.test", "Isi surat", "s", "t", {}, "k", html=letter))
    read = message_from_string("\n".join(mailbox.mail), policy=email.policy.default)
    assert read.get_content_type() == "multipart/alternative"
    plain, rich = read.iter_parts()
    assert (plain.get_content_type(), plain.get_content().strip()) == ("text/plain", "Isi surat")
    assert (rich.get_content_type(), rich.get_content().strip()) == ("text/html", letter)


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 tidak ada", BadAddress), ("450 penuh", TryLater)]
)
def test_mail_recipient_refused(mailbox, answer, kind):
    mailbox.on_recipient = answer
    with pytest.raises(kind):
        smtp(mailbox).send(Outgoing("x@contoh.test", "i", "s", "t", {}, "k"))


def test_dead_mail_server_is_tried_later(mailbox):
    sender = smtp(mailbox)
    assert sender.health() == ""
    mailbox.shutdown()
    mailbox.server_close()
    with pytest.raises(TryLater):
        sender.send(Outgoing("x@contoh.test", "i", "s", "t", {}, "k"))


class Moody(socketserver.StreamRequestHandler):
    """A mail server in trouble: hang, cut, garbage, busy, or lost after it took the mail."""

    def handle(self) -> None:
        mood = self.server.mood
        if mood == "hang":
            self.server.release.wait(20)
        elif mood == "garbage":
            self.wfile.write(b"<html>bukan surat\r\n")
        elif mood == "busy":
            self.wfile.write(b"421 sedang sibuk\r\n")
        elif mood == "lost":
            self.take_and_vanish()

    def take_and_vanish(self) -> None:
        self.wfile.write(b"220 contoh.test\r\n")
        while line := self.rfile.readline().upper():
            if line.startswith(b"DATA"):
                self.wfile.write(b"354 lanjutkan\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.server.taken += 1
                return
            self.wfile.write(b"250 baik\r\n")


@pytest.mark.parametrize("mood", ["hang", "cut", "garbage", "busy", "lost"])
def test_mail_server_in_trouble_is_tried_later(mood):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Moody)
    server.daemon_threads, server.mood, server.taken = True, mood, 0
    server.release = threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    port = server.server_address[1]
    sender = Smtp(host="127.0.0.1", port=port, sender="melasti@balai.test", security="none",
                  timeout=0.4)  # fmt: skip
    with pytest.raises(Unreachable):
        sender.send(Outgoing("x@contoh.test", "i", "s", "t", {}, "k"))
    assert server.taken == (mood == "lost")
    server.release.set()
    server.shutdown()
    server.server_close()


# -- settings ------------------------------------------------------------------------------------


def test_settings_name_what_a_channel_lacks(tmp_path):
    environ = {"DATA_DIR": str(tmp_path), "WHATSAPP_CHANNEL": "fonnte"}
    with pytest.raises(BadSetting, match="FONNTE_TOKEN"):
        read_settings(environ)
    for name, value in (("QUIET_HOURS", "malam"), ("MESSAGE_LADDER", "merpati"),
                        ("GOWA_HMAC_KEY", "secret"), ("WHATSAPP_GAP_SECONDS", "x")):  # fmt: skip
        with pytest.raises(BadSetting, match=name):
            read_settings({"DATA_DIR": str(tmp_path), name: value})
    found = read_settings({**environ, "FONNTE_TOKEN": "x"})
    assert open_channel(found.whatsapp_channel, found.gateways).name == "fonnte"
    assert open_channel("log", GATEWAY_DEFAULTS).name == "log"
