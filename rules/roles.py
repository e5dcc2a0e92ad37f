"""The posts of the office, as code knows them. Their titles are in `config/office.toml`."""

PELANGGAN = "pelanggan"
ADMIN_LAYANAN = "admin_layanan"
KEPALA_BALAI = "kepala_balai"
KASUBAG_TU = "kasubag_tu"
KETUA_TIM = "ketua_tim"
PEMANGKU_DATA = "pemangku_data"
PETUGAS_LAYANAN = "petugas_layanan"
STAF_TU = "staf_tu"
ADMINISTRATOR = "administrator"
AUDITOR = "auditor"
MANAJER_TEKNIS = "manajer_teknis"
ATASAN_BALAI = "atasan_balai"

# Everybody in the chain of a request sees all of them; the others see what they were given.
SEES_ALL_REQUESTS = frozenset(
    {
        ADMIN_LAYANAN,
        KEPALA_BALAI,
        KASUBAG_TU,
        KETUA_TIM,
        MANAJER_TEKNIS,
        PETUGAS_LAYANAN,
        STAF_TU,
        AUDITOR,
    }
)
# Who looks up customers, and who reads what was sent to them.
SUPERVISES_ACCOUNTS = frozenset({ADMIN_LAYANAN, ADMINISTRATOR, AUDITOR})
READS_MESSAGES = frozenset({ADMIN_LAYANAN, ADMINISTRATOR, AUDITOR})
EXPORTS_RECAP = frozenset({STAF_TU, KASUBAG_TU, KEPALA_BALAI, ADMIN_LAYANAN, AUDITOR})
# The satisfaction survey: who reads it, who plans what to do about it, and who locks a period.
# Locking says that the figures are the office's result, so it is the head's (or a Plh.'s) to do.
READS_SKM = frozenset(
    {
        KEPALA_BALAI,
        KASUBAG_TU,
        KETUA_TIM,
        MANAJER_TEKNIS,
        STAF_TU,
        ADMIN_LAYANAN,
        ADMINISTRATOR,
        AUDITOR,
    }
)
PLANS_SKM = frozenset({KASUBAG_TU, STAF_TU})
LOCKS_SKM = frozenset({KEPALA_BALAI})
