"""A service of its own, as an office writes it: it lends a wave gauge."""

from rules.services import STANDARD_COMPONENTS

CODE = "alat"


FILE = f"""
code = "alat"
title = "Peminjaman Alat Ukur Pantai"
tile = "PEMINJAMAN ALAT UKUR PANTAI"
classification = "PEMINJAMAN_ALAT"
summary = "Peminjaman alat ukur gelombang dan pasang surut."
number_code = "L.Alat"
working_days = 4
cost = "Tidak dipungut biaya"
attachment = "Surat permohonan bertanda tangan."
consent_role = "penyelia"
revision_stage = "BERITA_ALAT"
revision_role = "penyelia"

[[subclass]]
code = "harian"
title = "Harian"
classification = "HARIAN"
working_days = 4
requirements = ["Surat permohonan"]

[[subclass]]
code = "bulanan"
title = "Bulanan"
classification = "BULANAN"
working_days = 8
requirements = ["Surat permohonan", "Jaminan tertulis"]

[[field]]
name = "alat"
type = "choice"
label = "Alat yang dipinjam"
required = true
options = ["Wave gauge", "Tide gauge"]

[[field]]
name = "mulai"
type = "date"
label = "Mulai dipinjam"
required = true

[[field]]
name = "jumlah_bulan"
type = "number"
label = "Jumlah bulan"
required = true
subclasses = ["bulanan"]

[[attach]]
name = "jaminan"
label = "Jaminan tertulis"
required = true
subclasses = ["bulanan"]

[standard]
{chr(10).join(f'{name} = "Isi komponen {name}."' for name in STANDARD_COMPONENTS)}

[[stage]]
code = "AJUKAN"
title = "PENGAJUAN PEMINJAMAN ALAT"
short = "Diajukan"
role = "pelanggan"
kind = "submit"
days = "0"
effects = ["make_document:tanda_terima"]

[[stage]]
code = "PERIKSA"
title = "PEMERIKSAAN DAN PERSETUJUAN PEMINJAMAN"
short = "Disetujui"
days = "2"

[[stage.step]]
role = "petugas_contoh"
kind = "office"
action = "Catat keadaan alat"
waiting = "Menunggu pemeriksaan keadaan alat"
effects = ["issue_number"]
allows = ["reject", "cancel"]

[[stage.step.input]]
name = "keadaan"
type = "choice"
label = "Keadaan alat"
required = true
options = ["Baik", "Perlu kalibrasi"]
is_shown = true

[[stage.step]]
role = "penyelia"
kind = "office"
action = "Setujui peminjaman"
waiting = "Menunggu persetujuan Penyelia"
not_by = ["PERIKSA"]
allows = ["return"]

[[stage.step.input]]
name = "syarat"
type = "longtext"
label = "Syarat peminjaman"
required = true
is_shown = true

[[stage]]
code = "BERITA_ALAT"
title = "PENYERAHAN LAPORAN PEMAKAIAN ALAT"
short = "Laporan Siap"
role = "petugas_contoh"
kind = "office"
days = "3"
action = "Serahkan laporan pemakaian"
waiting = "Menunggu laporan pemakaian alat"
effects = ["stop_clock", "ask_survey"]

[[stage.input]]
name = "report"
type = "file"
label = "Laporan pemakaian alat"
required = true

[[stage]]
code = "SURVEI_ALAT"
title = "PENGISIAN SURVEI PEMINJAMAN"
short = "Survei"
role = "pelanggan"
kind = "survey"
days = "3"
action = "Isi Survey"
waiting = "Menunggu survei dari pelanggan"

[[stage]]
code = "SERAH_ALAT"
title = "LAPORAN PEMAKAIAN DISERAHKAN KEPADA PELANGGAN"
short = "Diserahkan"
role = "petugas_layanan"
kind = "handover"
days = "4"
action = "Serahkan laporan pemakaian kepada pelanggan"
waiting = "Menunggu penyerahan laporan"
effects = ["release_report", "make_document:berita_acara"]
"""


FORM = {
    "service": CODE,
    "subclass": "bulanan",
    "subject": "Pinjam wave gauge Pantai Contoh",
    "description": "Pengukuran gelombang untuk penelitian.",
    "statement": "y",
    "alat-alat": "Wave gauge",
    "alat-mulai": "2027-02-01",
    "alat-jumlah_bulan": "2",
}
