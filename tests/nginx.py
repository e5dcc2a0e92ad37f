"""A real nginx before several hosts, each request to the next one."""

import os
import subprocess
import time
from pathlib import Path

import requests

from tests.programs import find

CONFIG = """daemon off;
{user}worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/1;
  uwsgi_temp_path {folder}/2;
  scgi_temp_path {folder}/3;
  upstream melasti {{
{servers}
  }}
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 210m;
    location / {{
      proxy_pass http://melasti;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      add_header X-Upstream $upstream_addr always;
    }}
  }}
}}
"""


class Nginx:
    """`base` is where it serves."""

    def __init__(self, folder: Path, port: int, hosts: list[str]):
        program = find("nginx")
        assert program, "no nginx for the tests: python -m tests.programs"
        folder.mkdir(parents=True)
        servers = "\n".join(f"    server {host.removeprefix('http://')};" for host in hosts)
        user = "user root;\n" if os.geteuid() == 0 else ""
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, port=port, servers=servers, user=user))
        self.base = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [program, "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]
        )
        until = time.monotonic() + 30
        while True:
            assert self._process.poll() is None and time.monotonic() < until
            try:
                requests.get(self.base, timeout=30)
                return
            except requests.ConnectionError:
                time.sleep(0.02)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
