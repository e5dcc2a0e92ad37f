"""A link of a message opens one thing, for one address, until something changes."""

from datetime import timedelta

import pytest

from administration.account_links import BadLink, LateLink, path_of, read_link

SECRET = "uji-" * 10


@pytest.fixture
def person(app, people):
    return people.customer


def token(person, kind="proof", **given) -> str:
    told = {"channel": "whatsapp", "address": person.phone, "secret_key": SECRET} | given
    return path_of(kind, person, **told).rpartition("/")[2]


@pytest.mark.parametrize("channel", ["whatsapp", "email"])
def test_it_names_the_person_and_the_way_it_came(person, now, channel):
    address = person.phone if channel == "whatsapp" else person.email
    until = now + timedelta(hours=24)
    given = token(person, until=until, channel=channel, address=address)
    link = read_link("proof", given, secret_key=SECRET, now=now)
    assert (link.person, link.channel, link.address) == (person, channel, address)
    assert link.until == until.replace(microsecond=0)
    assert person.phone not in given and person.email not in given


def test_a_late_one_says_since_when(person, now):
    given = token(person, until=now)
    with pytest.raises(LateLink) as late:
        read_link("proof", given, secret_key=SECRET, now=now + timedelta(minutes=1))
    assert late.value.until == now.replace(microsecond=0)


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "+628111111111"},
        {"fs_uniquifier": "lain"},
        {"active": False},
        {"public_id": "0" * 26},
    ],
)
def test_it_dies_with_what_it_was_made_for(person, now, change):
    given = token(person, until=now + timedelta(hours=1))
    type(person).update(**change).where(type(person).id == person.id).execute()
    with pytest.raises(BadLink):
        read_link("proof", given, secret_key=SECRET, now=now)


def test_one_for_a_new_address_lives_as_long_as_that_waits(person, now):
    person.new_phone = "+628222222222"
    person.save()
    given = token(person, until=now + timedelta(hours=1), address=person.new_phone)
    link = read_link("proof", given, secret_key=SECRET, now=now)
    assert link.address == "+628222222222"
    type(person).update(new_phone="").where(type(person).id == person.id).execute()
    with pytest.raises(BadLink):
        read_link("proof", given, secret_key=SECRET, now=now)


def test_one_kind_opens_no_other(person, now):
    given = token(person, "proof", until=now + timedelta(hours=1))
    for kind in ("reset", "invitation"):
        with pytest.raises(BadLink):
            read_link(kind, given, secret_key=SECRET, now=now)


@pytest.mark.parametrize("given", ["", "x", "é", "[]", "WzFd.abc", "a" * 5000])
def test_what_is_no_token_opens_nothing(person, now, given):
    with pytest.raises(BadLink):
        read_link("proof", given, secret_key=SECRET, now=now)


def test_another_key_signs_nothing(person, now):
    given = token(person, until=now + timedelta(hours=1), secret_key="lain" * 10)
    with pytest.raises(BadLink):
        read_link("proof", given, secret_key=SECRET, now=now)
