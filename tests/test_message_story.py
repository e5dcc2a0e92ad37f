"""A wrong telephone number, from the refused message to the corrected one, as people live it."""

import json
from datetime import timedelta

import pytest
import requests

from config.settings import DeliveryRules
from messages.compose import read_message_templates
from messages.sending import Postman, deliver_due
from models import Message, Request, User
from tests.account_messages import prove
from tests.gateway import Stub
from tests.messages.gateways.test_meta_cloud import opened
from tests.messages.gateways.test_smtp import mailbox, smtp  # noqa: F401
from tests.people import Person, file_request
from tests.web.test_webhooks import listening, meta, sign  # noqa: F401
from web.runtime import now as instant

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]
WRONG, RIGHT = "+6281234567890", "+6281111111111"


@pytest.fixture
def gateway():
    stub = Stub()
    yield stub
    stub.close()


@pytest.fixture
def deliver(runtime, gateway, mailbox):  # noqa: F811
    """Deliver what is due now, through the real gateways."""
    cloud = opened(gateway.url, timeout=60)
    templates = read_message_templates("http://localhost", runtime.settings.secret_key)
    rules = DeliveryRules(quiet_hours=None)
    postman = Postman({"whatsapp": cloud, "email": smtp(mailbox)}, templates, rules)

    def now() -> int:
        return deliver_due(postman, now=instant() + timedelta(seconds=1))

    return now


def reported(live: str, state: str, wamid: str, **more) -> None:
    raw = meta(state, found=wamid, **more)
    headers = {"X-Hub-Signature-256": f"sha256={sign(raw)}"}
    assert requests.post(f"{live}/webhook/meta_cloud", raw, headers=headers, timeout=60).ok


def test_wrong_number(live, chromium, people, runtime, listening, gateway, mailbox, deliver):  # noqa: F811
    listening("meta_cloud", "META_APP_SECRET")
    request = file_request(runtime, people.customer, now=instant())
    Message.delete().where(Message.template == "tugas_baru").execute()

    # The gateway takes the message, and reports later that this number has no WhatsApp.
    gateway.answers = [(200, {"messages": [{"id": "wamid.1"}]})]
    assert deliver() == 1
    undeliverable = {"code": 131026, "title": "Message undeliverable"}
    reported(live, "failed", "wamid.1", errors=[undeliverable])

    # So the customer gets the e-mail.
    assert deliver() == 1
    mail = "\n".join(mailbox.mail)
    assert "To: pelanggan@contoh.test" in mail
    assert "Subject: Permohonan Anda sudah masuk" in mail

    # The admin sees on the card what happened and why, and in the outbox the whole of it.
    admin = Person(chromium, live)
    admin.logs_in(people.admin_layanan.email)
    admin.opens(f"/backoffice/permohonan/{request.public_id}")
    admin.sees("Nomor penerima tidak dapat menerima WhatsApp")
    admin.sees("Email ke pelanggan: terkirim")
    admin.page.get_by_text("Komunikasi", exact=True).click()
    admin.page.get_by_role("link", name="Pesan", exact=True).click()
    admin.sees("Diteruskan lewat saluran lain.")

    # The number is corrected on the customer's page. It is told nothing before its owner has proved
    # it by the link that comes there; the change itself is told by e-mail.
    admin.page.get_by_role("link", name="Data pelanggan").click()
    admin.page.get_by_label("No HP", exact=True).fill("0811-1111-1111")
    admin.presses("Simpan")
    admin.sees("Perubahan sudah disimpan.")
    assert User.get_by_id(people.customer.id).phone == RIGHT
    gateway.answers = [(200, {"messages": [{"id": f"wamid.{n}"}]}) for n in (2, 3)]
    # The old number, the e-mail, and the link to the new number.
    assert deliver() == 3
    prove(User.get_by_id(people.customer.id), instant())

    # Then the message goes there again.
    admin.opens("/backoffice/pesan/?state=failed")
    admin.page.locator("tbody").get_by_role("button", name="Kirim ulang").click()
    admin.sees("Pesan dimasukkan kembali ke antrean.")
    gateway.answers = [(200, {"messages": [{"id": "wamid.4"}]})]
    assert deliver() == 1
    sent = [json.loads(seen["body"]) for seen in gateway.seen]
    first, _, _, again = sent
    to = [WRONG[1:], WRONG[1:], RIGHT[1:], RIGHT[1:]]
    assert [body["to"] for body in sent] == to
    assert again["biz_opaque_callback_data"] == first["biz_opaque_callback_data"]

    # It arrives, and the customer reads so in the portal.
    reported(live, "delivered", "wamid.4")
    customer = Person(chromium, live, width=360)
    customer.logs_in(people.customer.email)
    customer.opens(f"/layanan/{request.public_id}")
    customer.sees("Pemberitahuan WhatsApp sudah Anda terima")
    assert Request.get_by_id(request.id).version == request.version
    admin.leaves()
    customer.leaves()
