"""What must not lie about in a backup: keys, tokens, the settings; sealed with a passphrase.

scrypt (RFC 7914) makes the key of the passphrase, AES-256-GCM seals and shows any alteration.
"""

import base64
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from administration.backups.places import BackupError

MAGIC = b"melasti-keys-1\n"
SALT, NONCE = 16, 12
# 128 MB and about half a second for each passphrase that somebody tries.
COST = {"n": 2**17, "r": 8, "p": 1}
SHORTEST = 8
# A certificate or a list of services; nothing that a setting names and that is kept is larger.
LARGEST = 4 << 20
SERVICES = "SERVICES_DIR"
ENVIRONMENT, NAMED_FILES = "melasti.env", "files"


@dataclass(frozen=True)
class Keys:
    """Settings by name, the files that they name by path, and which manifest they belong to."""

    settings: Mapping[str, str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    manifest: str = ""


def collect(settings: Mapping[str, str]) -> Keys:
    """The settings, the small files that they name by a whole path, and the folder of services."""
    files = {}
    for name, value in settings.items():
        path = Path(value) if value.startswith("/") and "\0" not in value else None
        if path and name == SERVICES:
            found = sorted(path.glob("*.toml"))
        else:
            found = [path] if path and path.is_file() and path.stat().st_size <= LARGEST else []
        files |= {str(one): one.read_bytes() for one in found}
    return Keys(dict(settings), files)


def seal(keys: Keys, passphrase: str) -> bytes:
    plain = json.dumps(
        {
            "settings": dict(keys.settings),
            "files": {path: base64.b64encode(data).decode() for path, data in keys.files.items()},
            "manifest": keys.manifest,
        }
    ).encode()
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return MAGIC + salt + nonce + _cipher(passphrase, salt).encrypt(nonce, plain, MAGIC)


def unseal(sealed: bytes, passphrase: str) -> Keys:
    """Raises BackupError."""
    if not sealed.startswith(MAGIC):
        raise BackupError("the keys of the backup can't be read: another format")
    salt, rest = sealed[len(MAGIC) :][:SALT], sealed[len(MAGIC) + SALT :]
    try:
        plain = _cipher(passphrase, salt).decrypt(rest[:NONCE], rest[NONCE:], MAGIC)
    except (InvalidTag, ValueError):
        raise BackupError("the passphrase isn't the one of this backup") from None
    told = json.loads(plain)
    files = {path: base64.b64decode(data) for path, data in told["files"].items()}
    return Keys(told["settings"], files, told["manifest"])


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, **COST).derive(passphrase.encode()))


def write_out(keys: Keys, folder: Path) -> list[Path]:
    """Write settings and files for the administrator to put where they belong; return them."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = folder / ENVIRONMENT
    wanted = {environment: _as_environment(keys).encode()}
    # By their whole paths: two of them may have the same name.
    wanted |= {folder / NAMED_FILES / path.lstrip("/"): data for path, data in keys.files.items()}
    for path, data in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    return [*wanted]


def _as_environment(keys: Keys) -> str:
    """Lines that a shell and systemd's EnvironmentFile read alike."""
    quoted = ((name, re.sub(r'(["\\`$])', r"\\\1", value)) for name, value in keys.settings.items())
    return "".join(f'{name}="{value}"\n' for name, value in sorted(quoted))
