"""What a way of signing is: a PDF in, the signed PDF out, or a sentence about why there is none.

A new way is one file beside this one, with a class made from `Way`, and one line in `registry.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


class SigningFailed(Exception):
    """Nothing was signed; the text is a sentence that tells the reader what to do."""


class WrongPassphrase(SigningFailed):
    """It wasn't the signer's; a further try counts against the signer's certificate."""


@dataclass(frozen=True)
class Credentials:
    """What a signer typed for this one time. Never kept, never logged, never shown again."""

    nik: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True)
class Order:
    """A paper to be signed."""

    content: bytes = field(repr=False)
    filename: str
    reason: str
    location: str
    # Where everybody can check the paper.
    check_url: str


@dataclass(frozen=True)
class Signed:
    """The signed paper, and under which id the way knows it."""

    content: bytes = field(repr=False)
    signature_id: str = ""


class Way(ABC):
    name: ClassVar[str]
    # (variable, whether it is needed): where this way is chosen.
    settings: ClassVar[tuple[tuple[str, bool], ...]] = ()
    # Whether the person who signs has to be there; then no worker can do it.
    needs_signer: ClassVar[bool] = False
    # What the foot of a signed paper says; empty where nothing is signed.
    seal: ClassVar[str] = ""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    @abstractmethod
    def sign(self, order: Order, by: Credentials | None = None) -> Signed:
        """Sign one paper. Raises SigningFailed; then nothing was signed that anybody sees."""
