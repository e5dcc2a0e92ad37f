"""The form in which an e-mail's address is kept and compared."""

import idna

from rules.text import one_line


def email_key(text: str) -> str:
    """Lower case; the domain as people read it, by IDNA 2008: `ß` isn't `ss`, which is another one.

    What is no address comes back in lower case, for whoever compares or refuses it. What is copied
    with it is dropped: `mailto:`, the name and brackets of an address book, the end of a sentence.
    """
    plain = one_line(text).lower().replace("＠", "@").rstrip(" .,;>")
    name, _, address = plain.rpartition(" <")
    # Of two addresses neither is meant for sure.
    plain = (plain if "@" in name else address).lstrip(" <").removeprefix("mailto:")
    local, at, domain = plain.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(idna.encode(domain, uts46=True))}" if at else plain
    except idna.IDNAError:
        return plain
