"""What the administrator types behind `run.py`: a module a subject, with a table of its own."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings


class CommandError(Exception):
    """What was asked can't be done; one line that says why, and what would help."""


def nothing_more(_: ArgumentParser) -> None:
    """A command that takes no further words."""


@dataclass(frozen=True)
class Command:
    """`run` returns the exit code: 0, 1 for what was found, 2 for what couldn't be done.

    Its docstring is the help. `add_words` gives the parser the words that come behind it, the
    sentences of which are printed by `--help`.
    """

    run: Callable[[Settings, Namespace], int]
    add_words: Callable[[ArgumentParser], None] = nothing_more
    # Whether the command meets a database whose tables this program must know.
    needs_schema: bool = True
    # Whether it waits until a backup that is being brought back is there as a whole.
    needs_whole_data: bool = True
    # Whether it needs settings at all; `run` gets None where it doesn't.
    needs_settings: bool = True


def verbs(**helps: str) -> Callable[[ArgumentParser], None]:
    """Words of which one must follow, each with a sentence of help; read as `arguments.verb`."""

    def add(parser: ArgumentParser) -> None:
        parser.add_argument(
            "verb", choices=helps, help="; ".join(f"{verb}: {said}" for verb, said in helps.items())
        )

    return add
