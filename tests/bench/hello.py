"""The least that waitress can do: a line of text, with the settings of our server."""

import logging
import sys

from waitress import serve


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"halo"]


if __name__ == "__main__":
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(hello, host="127.0.0.1", port=int(sys.argv[1]), threads=8, ident=None, _quiet=True)
