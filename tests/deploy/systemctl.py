#!/usr/bin/python3
"""Stands in for systemctl where no systemd runs: starts what units say, by their own lines.

It knows what our units use: the socket, user, folder, settings and command of a service.
"""

import os
import pwd
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

UNITS = Path("/etc/systemd/system")
# Of Debian's packages, which come with units of their own.
PACKAGED = {
    ("start", "nginx"): "nginx",
    ("stop", "nginx"): "nginx -s quit; while [ -e /run/nginx.pid ]; do sleep 0.1; done",
    ("reload", "nginx"): "nginx -s reload",
    ("start", "postgresql"): "pg_ctlcluster $(ls /etc/postgresql) main start",
}


def values(unit: str, name: str) -> list[str]:
    return re.findall(rf"(?m)^{name}=(.*)$", (UNITS / unit).read_text())


def settings_of(file: str) -> dict[str, str]:
    lines = (line for line in Path(file).read_text().splitlines() if line[:1] not in ("#", ""))
    return {
        name: "".join(shlex.split(value)) for name, _, value in (x.partition("=") for x in lines)
    }


def open_socket(unit: str) -> socket.socket:
    host, _, port = values(unit, "ListenStream")[0].rpartition(":")
    return socket.create_server((host, int(port)), backlog=int(values(unit, "Backlog")[0]))


def start(unit: str, listening: socket.socket | None) -> None:
    environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    for file in values(unit, "EnvironmentFile"):
        environ |= settings_of(file)
    if os.fork():
        return
    os.setsid()
    log = os.open(f"/var/log/{unit}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if listening:
        os.dup2(listening.fileno(), 3)
        os.set_inheritable(3, True)
        environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    user = pwd.getpwnam(values(unit, "User")[0])
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.umask(int(values(unit, "UMask")[0], 8))
    os.chdir(values(unit, "WorkingDirectory")[0])
    command = shlex.split(values(unit, "ExecStart")[0])
    os.execve(command[0], command, environ)


def main(verb: str, *units: str) -> None:
    if verb == "daemon-reload":
        return
    if verb in ("start", "stop", "reload"):
        subprocess.run(["sh", "-c", PACKAGED[verb, units[0]]], check=True)
        return
    assert (verb, units[0]) == ("enable", "--now"), (verb, units)
    sockets = {unit[:-7]: open_socket(unit) for unit in units if unit.endswith(".socket")}
    for unit in units[1:]:
        assert (UNITS / unit).exists(), unit
        if unit.endswith(".service"):
            start(unit, sockets.get(unit[:-8]))


if __name__ == "__main__":
    main(*sys.argv[1:])
