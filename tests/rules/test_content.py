"""The office's texts: complete, with no variable that nobody fills."""

import re
from pathlib import Path

from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from config.office import office, statements
from rules.survey import load_questionnaire
from rules.wording import read_wordings

CONFIG = Path(__file__).resolve().parent.parent.parent / "config"
VARIABLES = {"sapaan", "nama", "nomor", "layanan", "perihal", "tahap", "waktu", "batas", "tautan",
             "alasan"}  # fmt: skip


def test_messages_use_known_variables():
    wordings, footer = read_wordings(CONFIG / "messages.toml")
    assert footer
    for wording in wordings.values():
        assert wording.variables <= VARIABLES, wording.code
        assert wording.subject
        assert "{tautan}" in wording.text, wording.code
    assert {code for code, wording in wordings.items() if wording.is_secret} == {
        "akun_terdaftar",
        "kirim_ulang_verifikasi",
        "reset_sandi",
        "undangan_petugas",
    }


def test_pages_insert_only_known_facts():
    known = set(office().public_facts)
    for path in (CONFIG / "pages").glob("*.md"):
        assert set(re.findall(r"\{([^}]*)\}", path.read_text())) <= known, path.name


def test_questionnaire_loads_and_statements_have_versions():
    questionnaire = load_questionnaire(CONFIG / "survey" / "skm-2024.toml")
    assert questionnaire.title.format(tahun=2024).endswith("2024")
    assert all(statement.version and statement.text for statement in statements().values())


def test_every_post_and_institution_is_named():
    assert len(office().institutions) == 15
    assert not office().institutions["perorangan"].needs_name
    assert office().posts["ketua_tim"] == "Ketua Tim Layanan"


def test_compiled_catalogues_say_what_the_sources_say():
    folder = CONFIG / "translations" / "id" / "LC_MESSAGES"
    sources = sorted(folder.glob("*.po"))
    assert sources
    for path in sources:
        with path.open("rb") as file:
            source = read_po(file, locale="id")
        with path.with_suffix(".mo").open("rb") as file:
            compiled = read_mo(file)
        for message in source:
            if not message.id:
                continue
            assert message.string, (path.name, message.id)
            assert not message.fuzzy
            assert compiled.get(message.id).string == message.string
            singular = message.id if isinstance(message.id, str) else message.id[0]
            wanted = set(re.findall(r"%\(\w+\)[sd]", singular))
            given = message.string if isinstance(message.string, str) else message.string[0]
            assert set(re.findall(r"%\(\w+\)[sd]", given)) <= wanted
