"""Charts as SVG, drawn on the server: one picture for page, print and PDF, readable without it.

The colours stand in the picture itself, so that it can leave the page; on the page the style
sheet may paint it anew, as it does in the dark.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 260, 34, 46, 14
BARS_WIDTH, BARS_ROW, FIGURES = 420, 48, 90
INK, MUTED, BLUE, AMBER = "#1c2733", "#525f6c", "#0b3d6e", "#d99a00"
# What each class is painted with where no style sheet reaches.
PAINT = {
    "m-bar": BLUE,
    "m-bar m-bar-0": BLUE,
    "m-bar m-bar-1": "#1769aa",
    "m-bar m-bar-2": AMBER,
    "m-groove": "#efece4",
    "m-part-late": "#a4161a",
    "m-part-soon": AMBER,
    "m-part-later": BLUE,
    "m-part-stopped": "#807a6c",
    "m-part-office": BLUE,
    "m-part-customer": AMBER,
}


def month_bars(months: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]) -> Markup:
    """Grouped bars: one group a month, one bar a series. The page shows the figures as a table."""
    highest = max([1, *(value for _, values in series for value in values)])
    step = _nice_step(highest)
    top = -(-highest // step) * step
    plot_height = HEIGHT - BOTTOM - TOP
    group = (WIDTH - LEFT) / max(1, len(months))
    bar = min(34.0, group * 0.7 / max(1, len(series)))
    parts = []
    for tick in range(0, top + 1, step):
        y = TOP + plot_height * (1 - tick / top)
        parts.append(
            f'<line class="m-axis" stroke="#d8d3c7" x1="{LEFT}" x2="{WIDTH}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/>' + _text(LEFT - 6, y + 4, str(tick), 11, anchor="end")
        )
    for index, name in enumerate(months):
        middle = LEFT + group * (index + 0.5)
        for number, (title, values) in enumerate(series):
            height = plot_height * values[index] / top
            x = middle - bar * len(series) / 2 + bar * number
            parts.append(
                _bar(
                    f"m-bar m-bar-{number}",
                    x,
                    TOP + plot_height - height,
                    bar - 2,
                    height,
                    words=f"{title}, {name}: {values[index]}",
                )
            )
        word, _, year = name.partition(" ")
        parts.append(_text(middle, HEIGHT - 26, word[:3], 11, anchor="middle"))
        parts.append(_text(middle, HEIGHT - 11, year, 11, anchor="middle"))
    return _picture("chart", "Jumlah permohonan per bulan", WIDTH, HEIGHT, parts)


def value_bars(
    key: str, title: str, rows: Sequence[tuple[str, float | None, str]], *, top: float
) -> Markup:
    """Lying bars from 0 to `top`: (name, value or None, the value in words) a row.

    The name stands above its bar, so that the chart can be read on a phone too. `key` makes the
    ids of this chart unique on its page.
    """
    room = BARS_WIDTH - FIGURES
    parts = []
    for number, (name, value, words) in enumerate(rows):
        y = BARS_ROW * number
        width = room * max(0.0, min(1.0, (value or 0) / top))
        parts += [_text(0, y + 16, name), _bar("m-groove", 0, y + 23, room, 16)]
        if value is not None:
            parts.append(_bar("m-bar", 0, y + 23, width, 16, words=f"{name}: {words}"))
        parts.append(_figure(room + 8, y + 36, words))
    return _picture(key, title, BARS_WIDTH, BARS_ROW * len(rows), parts, kind=" m-chart-bars")


def stacked_bars(
    key: str,
    title: str,
    series: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, Sequence[float], str]],
) -> Markup:
    """Lying bars in parts: `series` are (class, name) of the parts, with a legend above;
    a row is (name, a value per part, the sum in words)."""
    room = BARS_WIDTH - FIGURES
    parts: list[str] = []
    top = max([1e-9, *(sum(values) for _, values, _ in rows)])
    begin = _legend(series, parts)
    for number, (name, values, words) in enumerate(rows):
        y, x = begin + BARS_ROW * number, 0.0
        parts.append(_text(0, y + 16, name))
        for (kind, part), value in zip(series, values, strict=True):
            width = room * value / top
            if value > 0:
                parts.append(
                    _bar(
                        f"m-part-{kind}",
                        x,
                        y + 23,
                        max(width - 1, 1),
                        16,
                        rounded=0,
                        words=f"{name}, {part}: {_short(value)}",
                    )
                )
            x += width
        parts.append(_figure(x + 8, y + 36, words))
    height = begin + BARS_ROW * len(rows)
    return _picture(key, title, BARS_WIDTH, height, parts, kind=" m-chart-bars")


def _legend(series: Sequence[tuple[str, str]], parts: list[str]) -> int:
    """Write the names of the parts, two in a line; return where the bars begin."""
    for number, (kind, name) in enumerate(series):
        x, y = number % 2 * BARS_WIDTH // 2, number // 2 * 24
        parts += [_bar(f"m-part-{kind}", x, y + 3, 14, 14), _text(x + 22, y + 15, name)]
    return (len(series) + 1) // 2 * 24 + 8


def _picture(
    key: str, title: str, width: int, height: int, parts: Sequence[str], kind: str = ""
) -> Markup:
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="m-chart{kind}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-title">'
        f'<title id="{key}-title">{escape(title)}; angkanya ada pada tabel di bawah</title>'
        f"{''.join(parts)}</svg>"
    )


def _bar(
    kind: str, x: float, y: float, width: float, height: float, *, words: str = "", rounded: int = 2
) -> str:
    """A rectangle; `words` tell a pointer what it stands for."""
    corners = f' rx="{rounded}"' if rounded else ""
    rect = (
        f'<rect class="{kind}" fill="{PAINT.get(kind, BLUE)}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}"{corners}'
    )
    return f"{rect}><title>{escape(words)}</title></rect>" if words else f"{rect}/>"


def _text(x: float, y: float, words: str, size: int = 14, *, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{MUTED}" '
        f'font-family="Lato" font-size="{size}">{escape(words)}</text>'
    )


def _figure(x: float, y: float, words: str) -> str:
    return (
        f'<text class="m-figure" x="{x:.1f}" y="{y:.1f}" fill="{INK}" font-family="Lato" '
        f'font-weight="bold" font-size="14">{escape(words)}</text>'
    )


def _nice_step(highest: int) -> int:
    """A round step that gives at most about five lines."""
    step = 1
    while highest / step > 5:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def _short(value: float) -> str:
    return f"{value:g}".replace(".", ",")
