"""A Debian with python3, git and make and nothing more, in a folder; as root only.

DEBIAN_ROOTS names a folder with roots that debootstrap made before (`bookworm`, `trixie`).
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.floors import ROOT
from tests.waiting import wait_for

PACKAGES = "python3,git,make,ca-certificates"
MIRROR = "http://deb.debian.org/debian"
# How this machine reaches its registries, so that the root reaches them alike.
FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf")
VARIABLES = (
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_CERT",
    "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip
CLONE_NEWNET = 0x40000000
TYPED = "=== typed ==="
# Namespaces of its own: what is mounted and started in there ends with the command.
ENTER = (
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; "
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
    'exec chroot --userspec="$1" "$0" /usr/bin/env -i HOME="$2" PATH="$PATH" '
    'LANG=C.UTF-8 "${@:4}" sh -c "$3"'
)


class MinimalRoot:
    """Runs commands in there, as root or as `tukang`, who may nothing special."""

    def __init__(self, folder: Path, suite: str):
        assert os.geteuid() == 0, "a minimal Debian is made by root: run these tests as root"
        self.folder = folder / suite
        if ready := os.environ.get("DEBIAN_ROOTS"):
            subprocess.run(["cp", "-a", f"{ready}/{suite}", self.folder], check=True)
        else:
            made = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite]
            subprocess.run([*made, self.folder, MIRROR], check=True, stdout=subprocess.DEVNULL)
        for name in filter(os.path.exists, FILES):
            shutil.copy(name, f"{self.folder}{name}")
        self.run("useradd --create-home tukang")

    def run(self, command: str, *, user: str = "root", **variables: str) -> str:
        """What the command printed; raises when it failed."""
        done = self._start(command, user, variables)
        printed, _ = done.communicate()
        if done.returncode:
            raise CommandFailed(printed)
        return printed

    def refusal(self, command: str, *, user: str = "root", **variables: str) -> str:
        """What a command printed that has to fail."""
        try:
            printed = self.run(command, user=user, **variables)
        except CommandFailed as failed:
            return str(failed)
        raise AssertionError(f"it went through: {printed}")

    def check_out(self, user: str = "root") -> str:
        """What is committed here, in the home of the user: the path in there."""
        home = "/root" if user == "root" else f"/home/{user}"
        there = f"{self.folder}{home}/melasti"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, there], check=True)
        self.run(f"chown -R {user}: {home}/melasti")
        return f"{home}/melasti"

    def serve(self, command: str, *, user: str = "root") -> str:
        """Start what serves, fetch the home page, stop it: what it printed."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        started = self._start(command, user, {"PORT": str(port)})
        wait_for(lambda: _answers(port) or started.poll() is not None, 1200)
        is_up = started.poll() is None
        if is_up:
            # make is the first process of its namespace: it hands the signal on.
            os.killpg(started.pid, signal.SIGTERM)
        printed, _ = started.communicate(timeout=60)
        assert is_up, printed
        return printed

    @contextmanager
    def console(self) -> Iterator["Console"]:
        opened = Console(self.folder)
        try:
            yield opened
        finally:
            opened.close()

    def _start(self, command: str, user: str, variables: dict[str, str]) -> subprocess.Popen:
        home = "/root" if user == "root" else f"/home/{user}"
        given = {name: os.environ[name] for name in VARIABLES if name in os.environ} | variables
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", ENTER,
             self.folder, user, home, command, *(f"{k}={v}" for k, v in given.items())],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip


class Console:
    """One shell in a root, in which services go on running, with a loopback of its own."""

    def __init__(self, folder: Path):
        entered = ENTER.replace("mount -t proc", "ip link set lo up && mount -t proc", 1)
        self._shell = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c",
             entered, folder, "root", "/root", "exec bash"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.type("set -e")

    def type(self, block: str) -> str:
        """What was printed; raises when the last command failed."""
        self._shell.stdin.write(f"{block}\n{{ echo; echo {TYPED}; }} 2>&1\n")
        self._shell.stdin.flush()
        printed = ""
        for line in self._shell.stdout:
            if line.strip() == TYPED:
                return printed
            printed += line
        raise CommandFailed(f"{block}\n{printed}")

    def enter_network(self) -> None:
        """Let the thread that calls this, and those that it starts, see what the shell sees."""
        pid = self._shell.pid
        child = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
        with open(f"/proc/{child}/ns/net") as namespace:
            done = ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET)
        assert done == 0, os.strerror(ctypes.get_errno())

    def close(self) -> None:
        self._shell.kill()
        self._shell.wait()


class CommandFailed(AssertionError):
    """With what the command printed."""


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=60).status_code == 200
    except requests.ConnectionError:
        return False
