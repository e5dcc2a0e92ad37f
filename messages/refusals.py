"""Refusals of gateways in the administrator's words."""

from messages.gateways.gateway import (
    AnswerLost,
    BadAddress,
    BadTemplate,
    Misconfigured,
    RateLimited,
    Refusal,
    ServerFault,
    Unreachable,
)

# In plain words what a refusal means; the gateway's own words follow in brackets.
PLAIN = (
    (BadAddress, "Alamat penerima tidak dapat menerima pesan."),
    (BadTemplate, "Gateway menolak template pesan ini."),
    (Misconfigured, "Pengaturan gateway perlu diperiksa."),
    (RateLimited, "Gateway membatasi laju kiriman."),
    (Unreachable, "Gateway tidak dapat dihubungi."),
    (ServerFault, "Gateway gagal memproses pesan ini."),
    (AnswerLost, "Jawaban gateway tidak sampai; pesan mungkin sudah terkirim."),
)


def plain_reason(refusal: Refusal) -> str:
    """A refusal in the administrator's words."""
    words = next((said for kind, said in PLAIN if isinstance(refusal, kind)), "")
    return f"{words} ({refusal})" if words else str(refusal)
