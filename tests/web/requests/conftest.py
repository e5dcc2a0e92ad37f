"""A short line for the check of files, and the application with another part of its own."""

from dataclasses import replace

import pytest

from storage.turns import Turns


@pytest.fixture
def with_runtime(app):
    """The application with another part, for this test alone."""
    own = app.extensions["melasti"]

    def change(**parts) -> None:
        app.extensions["melasti"] = replace(own, **parts)

    yield change
    app.extensions["melasti"] = own


@pytest.fixture
def short_line(runtime, with_runtime) -> Turns:
    turns = Turns(runtime.settings.files_dir / "tmp", at_once=2, most_here=3, patience=0.2)
    with_runtime(checks=turns)
    return turns
