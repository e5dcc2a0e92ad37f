"""An e-mail as HTML: the office's letterhead, the words, one button.

Presentational attributes are what mail programs agree on, and they are shown alike under the
content security policy of the preview. The style sheet only keeps lines short; it may be lost.
"""

from html import escape

from config.office import office

INK, MUTED, PRIMARY, ACCENT, PAGE = "#1c2733", "#525f6c", "#0b3d6e", "#f5b800", "#f6f4ef"
STYLE = "<style>.sheet { max-width: 600px } a { word-break: break-word }</style>"
FONT = "Arial, Helvetica, sans-serif"


def email_html(subject: str, text: str, *, link: str, footer: str) -> str:
    """The whole e-mail; `link` is made clickable where the text names it, and by a button."""
    facts = office()
    paragraphs = "".join(
        f"<p>{_font(_with_link(part, link))}</p>" for part in text.split("\n") if part.strip()
    )
    button = _button(link) if link else ""
    whole = f'<table role="presentation" width="100%" bgcolor="{PAGE}" cellpadding="12">'
    sheet = (
        '<table role="presentation" class="sheet" width="100%" bgcolor="#ffffff" cellspacing="0">'
    )
    return f"""<!doctype html>
<html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(subject)}</title>{STYLE}</head>
<body bgcolor="{PAGE}">
{whole}
<tr><td align="center">
{sheet}
<tr><td bgcolor="{PRIMARY}"><table role="presentation" cellpadding="16" cellspacing="0" border="0">
<tr><td>{_font(f"<b>{escape(facts.name)}</b>", "#ffffff", 4)}<br>
{_font(escape(facts.parent), "#dfe8f1", 2)}</td></tr></table></td></tr>
<tr><td bgcolor="{ACCENT}" height="4"></td></tr>
<tr><td><table role="presentation" width="100%" cellpadding="16" cellspacing="0" border="0">
<tr><td>{paragraphs}{button}</td></tr>
<tr><td bgcolor="#efece4">{_font(escape(footer), MUTED, 2)}</td></tr></table></td></tr>
</table></td></tr></table>
</body></html>
"""


def _font(inner: str, color: str = INK, size: int = 3) -> str:
    return f'<font face="{FONT}" color="{color}" size="{size}">{inner}</font>'


def _with_link(text: str, link: str) -> str:
    """Escaped text in which the address itself leads where it says."""
    if not link or link not in text:
        return escape(text)
    # Phones are narrow and addresses long: they may be broken after a slash.
    shown = escape(link).replace("/", "/<wbr>")
    anchor = f'<a href="{escape(link)}">{shown}</a>'
    return anchor.join(escape(part) for part in text.split(link))


def _button(link: str) -> str:
    words = _font(f"<b>Buka {escape(office().short_name)}</b>", "#2b2100")
    return (
        '<table role="presentation" cellpadding="12" cellspacing="0" border="0"><tr>'
        f'<td bgcolor="{ACCENT}" align="center"><a href="{escape(link)}">{words}</a></td>'
        "</tr></table>"
    )
