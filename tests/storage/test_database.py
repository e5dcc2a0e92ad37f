"""Prepared queries: built once for a shape, run with changing values."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from models import Role, User
from storage.database import database
from storage.fast import Bound, bound_each, prepared

built: list[int] = []


@prepared
def roles_named(count: int):
    built.append(count)
    return Role.select().where(Role.name.in_(bound_each("names", count))).order_by(Role.name)


@prepared
def people_made_after():
    return User.select().where(User.created_at > Bound("at", User.created_at)).order_by(User.id)


def names(*wanted: str) -> list[str]:
    return [role.name for role in roles_named(len(wanted), names=wanted)]


def test_a_shape_is_built_once_and_takes_other_values(people):
    built.clear()
    assert names("auditor", "ketua_tim") == ["auditor", "ketua_tim"]
    assert names("penyelia", "kasubag_tu") == ["kasubag_tu", "penyelia"]
    assert names("penyelia") == ["penyelia"]
    assert names("penyelia' OR 1=1 --") == []
    # Shapes met in an earlier test are known already.
    assert set(built) <= {1, 2} and len(built) == len(set(built))


def test_a_bound_value_is_stored_as_its_field_stores_it(people, now):
    User.update(created_at=now).execute()
    User.update(created_at=now + timedelta(microseconds=1)).where(
        User.id == people.customer.id
    ).execute()
    assert people_made_after(at=now) == [people.customer]
    assert len(people_made_after(at=now - timedelta(microseconds=1))) == User.select().count()


def test_threads_that_run_it_at_once_get_rows_of_their_own(people):
    wanted = ["auditor", "ketua_tim", "penyelia", "kasubag_tu"] * 50

    def ask(name: str) -> list[str]:
        with database.connection_context():
            return names(name)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, wanted)) == [[name] for name in wanted]
