"""Archives are listed and counted: a bomb is told from its directory, and nothing is unpacked."""

import io
import stat
import time
import tracemalloc
import zipfile

import pytest

from storage.zip_policy import BadArchive, check_archive
from tests.storage import file_samples as samples


@pytest.fixture
def refusal(tmp_path):
    def sentence(content: bytes) -> str:
        path = tmp_path / "isi.zip"
        path.write_bytes(content)
        with pytest.raises(BadArchive) as rejected:
            check_archive(path)
        return str(rejected.value)

    return sentence


def test_measurements_and_documents_are_accepted(tmp_path):
    path = tmp_path / "isi.zip"
    path.write_bytes(samples.archive({
        "data/": b"", "data/gelombang.csv": samples.table(200_000), "peta.shp": b"\x00" * 5000,
        "tabel.xlsx": samples.workbook(), "Catatan é.txt": b"catatan",
    }))  # fmt: skip
    check_archive(path)


def test_a_bomb_is_refused_by_its_directory(refusal):
    bomb = samples.archive({"nol.csv": b"0" * 120_000_000})
    assert len(bomb) < 200_000
    begun = time.monotonic()
    assert "mengembang" in refusal(bomb)
    assert time.monotonic() - begun < 0.5


def test_parts_that_share_their_data_are_a_bomb(refusal):
    assert "mengembang" in refusal(samples.overlapping_archive())


def test_the_names_are_counted_before_they_are_read(refusal):
    bomb = samples.archive_of_many_names()
    tracemalloc.start()
    assert "lebih dari 5000 berkas" in refusal(bomb)
    # Most of it is the file that this test itself wrote.
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_count_that_lies_doesnt_help(refusal):
    bomb = bytearray(samples.archive_of_many_names())
    at = bomb.rindex(b"PK\x05\x06")
    bomb[at + 8 : at + 12] = b"\x01\x00\x01\x00"
    assert "lebih dari 5000 berkas" in refusal(bytes(bomb))


def test_a_locked_archive_is_refused(refusal):
    assert "kata sandi" in refusal(samples.locked_archive())


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "C:/Windows/x", "a/../../b",
                                  "..\\..\\x", "a\x1b[2J", "a\u202etxt.exe"])  # fmt: skip
def test_names_that_lead_out_of_the_folder_are_refused(refusal, name):
    assert "ke luar foldernya" in refusal(samples.archive({name: b"x"}))


def test_links_are_refused(refusal):
    file, link = io.BytesIO(), zipfile.ZipInfo("tautan")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(link, "/etc/passwd")
    assert "ke luar foldernya" in refusal(file.getvalue())


@pytest.mark.parametrize("name", ["dalam.zip", "a/b.RAR", "x.tar.gz", "y.7z"])
def test_an_archive_in_an_archive_is_refused_by_name(refusal, name):
    said = refusal(samples.archive({name: b"x"}))
    assert "arsip lain" in said and name.split("/")[-1] in said


@pytest.mark.parametrize("name", ["pasang.exe", "a/lari.BAT", "makro.xlsm"])
def test_programs_in_an_archive_are_refused(refusal, name):
    assert "program atau makro" in refusal(samples.archive({name: b"x"}))


def test_broken_archives_are_refused(refusal):
    whole = samples.archive()
    for broken in (whole[:-30], whole[:40], b"PK\x03\x04", whole + b"ekor", whole[30:]):
        assert "rusak" in refusal(broken)
    assert "kosong" in refusal(b"PK\x05\x06" + b"\x00" * 18)


@pytest.mark.parametrize(
    "name",
    ["Data\xa0gelombang.csv", "gelom\xadbang.csv", "Cafe\u0301.csv", "海\u3000岸.csv"],
    ids=ascii,
)
def test_a_name_with_a_sign_that_only_isnt_seen_leads_nowhere(tmp_path, name):
    path = tmp_path / "isi.zip"
    path.write_bytes(samples.archive({name: b"1"}))
    check_archive(path)


@pytest.mark.parametrize("name", ["a\nb.csv", "a\x1bb.csv", "surat\u202efdp.csv"], ids=ascii)
def test_a_name_that_writes_lines_or_turns_round_is_refused(refusal, name):
    assert "menunjuk ke luar" in refusal(samples.archive({name: b"1"}))
