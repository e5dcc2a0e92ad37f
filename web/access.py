"""Who may open a page at all. Which rows they find there is decided by the scopes."""

from collections.abc import Callable
from functools import wraps

from flask import abort, current_app
from flask.typing import ResponseReturnValue
from flask_security import current_user

from web.runtime import reader


def customer_required(view: Callable) -> Callable:
    """Only customers who are logged in; others are sent to the log-in page, staff get 403."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        if current_user.is_staff:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def person_required(view: Callable) -> Callable:
    """Anybody who is logged in."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        return view(*args, **kwargs)

    return guarded


def is_official() -> bool:
    """Whether the visitor holds, or acts for, any post."""
    return current_user.is_authenticated and bool(reader().posts)


def may(capability: str) -> bool:
    """Whether a post that the visitor holds or acts for lets them do it."""
    return current_user.is_authenticated and reader().may(capability)
