"""Settings that are wrong are named before anything starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import BadSetting, read_settings
from tests.test_crash import ROOT

# As `secrets.token_urlsafe` makes them.
KEY, SALT = "wGZ0p3Xy-VqT8rLm_2Ns5Bd7Hc9Jf1Ka4Qe6", "u7Rk2Wn9-Ym4Tz6_Pb1Xd8Gs3Lv5Fj0Hq-Ac"


def test_flow_check_names_what_is_wrong(tmp_path):
    text = (ROOT / "config/services/data.toml").read_text()
    (tmp_path / "data.toml").write_text(text.replace('role = "kasubag_tu"', 'role = "juru_kunci"'))
    environ = {**os.environ, "DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "run.py", "flow", "check", "--folder", str(tmp_path)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pos tidak dikenal: juru_kunci" in done.stderr


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"PORT": "delapan"}, "PORT"),
        ({"WEB_PROCESSES": "0"}, "WEB_PROCESSES"),
        ({"MELASTI_MODE": "produksi"}, "MELASTI_MODE"),
        ({"BASE_URL": "balai"}, "BASE_URL"),
        ({"MELASTI_MODE": "production"}, "SECRET_KEY"),
        (
            {
                "MELASTI_MODE": "production",
                "SECRET_KEY": KEY,
                "PASSWORD_SALT": SALT,
                "BASE_URL": "http://balai.go.id",
            },
            "https",
        ),
        ({"INVITATION_DAYS": "0"}, "INVITATION_DAYS"),
        ({"DATABASE_URL": "mysql://balai"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://balai"}, "DATABASE_URL"),
        ({"HOST": "0.0.0.0"}, "demo mode"),
        ({"HOST": "::"}, "demo mode"),
        ({"BASE_URL": "https://layanan.balai.go.id"}, "demo mode"),
        ({"BASE_URL": "http://192.0.2.7:8000"}, "demo mode"),
        ({"BASE_URL": "http://localhost.balai.go.id"}, "demo mode"),
    ],
)
def test_nonsense_in_the_environment_is_named(tmp_path, environ, names):
    with pytest.raises(BadSetting, match=names):
        read_settings({"DATA_DIR": str(tmp_path), **environ})


@pytest.mark.parametrize(
    "weak",
    ["", "melasti", "a" * 40, "0123456789" * 4, KEY[:31], "abababab" * 8, KEY[:14] * 3 + "w"],
)
@pytest.mark.parametrize("name", ["SECRET_KEY", "PASSWORD_SALT"])
def test_a_weak_key_is_refused_in_production(tmp_path, name, weak):
    environ = {"MELASTI_MODE": "production", "BASE_URL": "https://balai.go.id",
               "DATA_DIR": str(tmp_path), "SECRET_KEY": KEY, "PASSWORD_SALT": SALT}  # fmt: skip
    with pytest.raises(BadSetting, match=name):
        read_settings(environ | {name: weak})
    with pytest.raises(BadSetting, match="must not be the same"):
        read_settings(environ | {"SECRET_KEY": SALT})


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HOST": "::1", "BASE_URL": "http://[::1]:8000"},
        {"BASE_URL": "http://localhost:8000"},
        {"HOST": "0.0.0.0", "BASE_URL": "http://melasti.test"},
    ],
)
def test_a_demo_on_ones_own_machine_starts(tmp_path, environ):
    assert read_settings({"DATA_DIR": str(tmp_path), **environ}).is_demo


def test_production_refuses_demo_accounts(app, people, runtime):
    from dataclasses import replace

    from administration import reference

    with pytest.raises(BadSetting, match="demo accounts"):
        reference.refuse_demo_accounts(replace(runtime.settings, mode="production"))


def test_demo_key_is_kept_between_starts(tmp_path: Path):
    first = read_settings({"DATA_DIR": str(tmp_path)})
    assert read_settings({"DATA_DIR": str(tmp_path)}).secret_key == first.secret_key
    assert len(first.secret_key) > 40
