"""What became of the messages about a request, told beside the history that caused them.

A message is written in the transaction of its event, at the same instant: that ties them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from peewee import JOIN

from models import CallTask, Message, Request
from rules.formats import moment_short
from rules.labels import CHANNELS, MESSAGE_STATES
from rules.timeline import Step
from web.requests.request_card import Sheet

DeliveryStatus = Mapping[datetime, list[str]]


def delivery_status_for_staff(item: Request) -> DeliveryStatus:
    """Instant of an event -> what became of the messages to the customer. One query."""
    return _by_instant(item, words_for_staff)


def delivery_status_for_customer(item: Request) -> DeliveryStatus:
    """The same in simple words. One query."""
    return _by_instant(item, _for_customer)


def _by_instant(item: Request, words: Callable[[Message], str]) -> dict[datetime, list[str]]:
    rows = list(
        Message.select(Message, CallTask)
        .join(CallTask, JOIN.LEFT_OUTER, on=Message.call_task)
        .where((Message.request == item) & (Message.recipient == item.customer_id))
        .order_by(Message.id)
    )
    began = {row.id: row.created_at for row in rows}
    followed = {row.origin_id for row in rows}
    told: dict[datetime, list[str]] = {}
    for row in rows:
        # What went out in place of another stands with it.
        at = began[row.id] = began.get(row.origin_id, row.created_at)
        told.setdefault(at, []).append(words(row, row.id in followed))
    return told


def words_for_staff(message: Message, _: bool = False) -> str:
    """`WhatsApp ke pelanggan: gagal 29 Jul 2024 12:57 WITA – …`"""
    words = f"{CHANNELS[message.channel]} ke pelanggan: {MESSAGE_STATES[message.state].staff}"
    if message.state_at:
        words += f" {moment_short(message.state_at)}"
    if message.state == "failed" and message.error:
        words += f" – {plain(message.error)}"
    if message.call_task_id:
        task = message.call_task
        words += " · pelanggan sudah ditelepon" if task.done_at else " · pelanggan perlu ditelepon"
    return words


def _for_customer(message: Message, has_follower: bool) -> str:
    words = f"Pemberitahuan {CHANNELS[message.channel]} {MESSAGE_STATES[message.state].customer}"
    if message.state == "failed":
        after = "kami kirim lewat saluran lain" if has_follower else "kami akan menghubungi Anda"
        return f"{words}; {after}"
    return f"{words} {moment_short(message.state_at)}" if message.state_at else words


def plain(error: str) -> str:
    """The sentence for people, without the gateway's own words in brackets."""
    return error.partition(" (")[0].rstrip(".")


def beside_steps(steps: Iterable[Step], delivery_status: DeliveryStatus) -> list[Step]:
    """The timeline with what became of the message of each stage that is done."""
    return [
        replace(step, delivery_status=tuple(delivery_status.get(step.at, ()))) for step in steps
    ]


def beside_sheets(
    sheets: Iterable[Sheet], delivery_status: DeliveryStatus, steps: Iterable[Step] = ()
) -> list[Sheet]:
    """The history with what became of its messages, but for what stands in the timeline."""
    told = {step.at for step in steps if step.at}
    return [
        sheet
        if sheet.at in told
        else replace(sheet, delivery_status=tuple(delivery_status.get(sheet.at, ())))
        for sheet in sheets
    ]


def last_sent(delivery_status: DeliveryStatus) -> str:
    """What became of the newest messages, in one line; empty where none was written."""
    if not delivery_status:
        return ""
    return f"{'. '.join(delivery_status[max(delivery_status)])}."


def apart(
    delivery_status: DeliveryStatus, steps: Iterable[Step], sheets: Iterable[Sheet]
) -> list[str]:
    """What belongs to no entry of the history, such as reminders; the newest first."""
    told = {step.at for step in steps if step.at} | {sheet.at for sheet in sheets}
    return [
        f"{moment_short(at)}: {words}"
        for at in sorted(delivery_status.keys() - told, reverse=True)
        for words in delivery_status[at]
    ]
