"""A server to be killed: forks one `run.py` per line of its input, so that a start is cheap.

    python -m tests.kill_server

Prints `ready`, then for each line, the arguments of `run.py`, the pid of the run, whatever that
prints itself, and `ended` once it did. The runs share nothing but the folder, as starts do: each
opens the database and builds the application by itself.
"""

import os
import sys

import run


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            print(f"pid {os.getpid()}", flush=True)
            os._exit(run.main(line.split()))
        os.waitpid(pid, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
