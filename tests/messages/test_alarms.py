"""What is wrong leaves the page: once when it begins, once when it is over, to named people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from administration.system_checks import Check
from config.settings import BadSetting, read_settings
from messages.alarms import check_recipients, forget, note, tell
from messages.watcher import Watcher, beat
from models import ChannelState, Message, Trouble
from storage.database import database, open_database
from tests.messages.mail_server import SENDER, MailServer

WELL = Check("worker", "Pekerja latar", fact="Terlihat.")
SICK = replace(WELL, trouble="Pekerja latar tidak berjalan.", advice="Jalankan kembali.")
CHANNEL = Check("channel:email", "Saluran Email", "Email terganggu.", "Periksa.")


@pytest.fixture
def server():
    opened = MailServer()
    yield opened
    opened.close()


@pytest.fixture
def settings(runtime, server):
    environ = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "EMAIL_SENDER": SENDER,
               "SMTP_SECURITY": "none"}  # fmt: skip
    return replace(runtime.settings, email_channel="smtp", environ=environ,
                   alarm_email=("baik-admin@balai.go.id", "baik-wakil@balai.go.id"),
                   alarm_phone=("0812-3456-7890",))  # fmt: skip


def look(settings, checks, now):
    note(checks, now=now)
    return tell(settings, now=now)


def subjects(server) -> list[str]:
    return [letter["Subject"] for _, letter in server.taken]


def test_once_per_trouble_and_once_when_it_is_over(db, settings, server, now):
    for second in range(0, 200, 20):
        look(settings, [SICK], now + timedelta(seconds=second))
    assert sorted(server.addresses()) == ["baik-admin@balai.go.id", "baik-wakil@balai.go.id"]
    assert subjects(server) == ["Peringatan MELASTI: Pekerja latar"] * 2
    text = server.taken[0][1].get_body(("plain",)).get_content()
    assert SICK.trouble in text and SICK.advice in text and "/backoffice/keadaan-sistem/" in text
    server.taken.clear()
    for second in range(200, 300, 20):
        look(settings, [WELL], now + timedelta(seconds=second))
    assert subjects(server) == ["Pulih: Pekerja latar"] * 2
    (row,) = Trouble.select()
    assert row.told_at and row.ended_at and row.end_told_at
    # It needs no outbox, and leaves nothing there.
    assert Message.select().count() == 0


def test_what_a_second_look_does_not_see_was_none(db, settings, server, now):
    look(settings, [SICK], now)
    look(settings, [WELL], now + timedelta(seconds=20))
    assert server.taken == [] and Trouble.select().count() == 0


def test_the_same_again_is_told_again(db, settings, server, now):
    for minute, check in enumerate((SICK, SICK, WELL, SICK, SICK)):
        look(settings, [check], now + timedelta(minutes=minute))
    assert subjects(server)[::2] == [
        "Peringatan MELASTI: Pekerja latar", "Pulih: Pekerja latar",
        "Peringatan MELASTI: Pekerja latar",
    ]  # fmt: skip


def test_a_channel_that_comes_and_goes_tells_once(db, settings, server, now):
    well = replace(CHANNEL, trouble="")
    for step in range(12):
        at = now + timedelta(seconds=40 * step)
        look(settings, [CHANNEL if step % 2 == 0 else well], at)
    assert subjects(server) == ["Peringatan MELASTI: Saluran Email"] * 2


def test_two_processes_tell_it_once(db, settings, server, now):
    for process in range(3):
        note([SICK], now=now + timedelta(seconds=process))
    at = now + timedelta(seconds=30)
    note([SICK], now=at)
    rows = list(Trouble.select())
    assert len(rows) == 1
    # Both have read the row before either of them claimed it.
    from messages.alarms import _tell

    mine, theirs = Trouble.get(), Trouble.get()
    assert _tell(mine, settings, now=at) + _tell(theirs, settings, now=at) == 1
    assert len(server.taken) == 2


def test_what_nobody_took_is_tried_again(db, settings, server, now):
    settings = replace(settings, alarm_email=("nanti-admin@balai.go.id",), alarm_phone=())
    look(settings, [SICK], now)
    assert look(settings, [SICK], now + timedelta(seconds=20)) == 0
    assert Trouble.get().told_at is None
    server.mend = True
    assert look(settings, [SICK], now + timedelta(seconds=40)) == 0
    assert look(settings, [SICK], now + timedelta(minutes=3)) == 1
    assert Trouble.get().told_at


@pytest.mark.parametrize(("starts_after", "told"), [(40, []), (59, []), (None, [80])])
def test_a_worker_that_starts_a_little_later_is_not_missed(
    db, settings, server, clock, starts_after, told
):
    """One that never comes is told of within two minutes."""
    web, begun, news = Watcher(settings, {"web": lambda: True}), clock.now, []
    for second in range(121):
        clock.now = begun + timedelta(seconds=second)
        if starts_after is not None and second >= starts_after and second % 20 == 19:
            beat("worker:a", clock.now)
            beat("work", clock.now)
        if second % 20 == 0:
            web.look()
            database.connect(reuse_if_open=True)
            about = [one for one in subjects(server) if "Pekerja" in one or "Tugas" in one]
            news += [second] if about else []
            server.taken.clear()
    assert news == told


def test_one_channel_down_never_stops_the_other(db, settings, server, now, monkeypatch):
    ChannelState.create(name="email", failures=3, opened_at=now, reason="SMTP tidak menjawab.")
    settings = replace(settings, environ={**settings.environ, "SMTP_PORT": "1"})
    for second in (0, 20):
        told = look(settings, [SICK], now + timedelta(seconds=second))
    # WhatsApp took it: `log` in the demo.
    assert told == 1 and server.taken == []


def test_history_is_kept_for_a_year(db, now):
    for days in (364, 366):
        at = now - timedelta(days=days)
        Trouble.create(code="x", title="X", words="x", opened_at=at, seen_at=at, next_try_at=at,
                       ended_at=at)  # fmt: skip
    assert forget(now=now) == 1


@pytest.mark.parametrize(
    "environ",
    [{"ALARM_EMAIL": "admin"}, {"ALARM_EMAIL": "admin@balai.go.id,x"}, {"ALARM_PHONE": "112"},
     {"ALARM_PHONE": "0812-3456-7890, abc"}],
)  # fmt: skip
def test_nonsense_is_refused_by_name(tmp_path, environ):
    settings = read_settings({"DATA_DIR": str(tmp_path), **environ})
    with pytest.raises(BadSetting, match=next(iter(environ))):
        check_recipients(settings)


def test_several_people_are_named(tmp_path):
    environ = {"ALARM_EMAIL": "a@balai.go.id, b@balai.go.id ,", "ALARM_PHONE": "0812-3456-7890"}
    settings = read_settings({"DATA_DIR": str(tmp_path), **environ})
    check_recipients(settings)
    assert settings.alarm_email == ("a@balai.go.id", "b@balai.go.id")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_database_that_is_away_is_told_once_and_kept_when_it_is_back(
    db, settings, server, tmp_path, clock
):
    settings = replace(settings, data_dir=tmp_path, alarm_phone=())
    usual = settings.database_url
    two = [Watcher(settings, {"web": lambda: True}) for _ in range(2)]
    database.close()
    open_database(f"sqlite:///{tmp_path}/tidak/ada.db")
    try:
        for _ in range(4):
            for watcher in two:
                watcher.look()
            clock.forward(seconds=20)
        assert len(server.taken) == 2  # one trouble, two people
        assert "Basis data tidak menjawab" in server.taken[0][1].get_body(("plain",)).get_content()
    finally:
        open_database(usual)
    server.taken.clear()
    for _ in range(3):
        for watcher in two:
            watcher.look()
        clock.forward(seconds=20)
    assert [one for one in subjects(server) if "Basis data" in one] == ["Pulih: Basis data"] * 2
    database.connect(reuse_if_open=True)
    assert Trouble.get(Trouble.code.startswith("database:")).end_told_at
