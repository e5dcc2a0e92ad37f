"""Charts as SVG, drawn on the server: the same picture on every screen, readable without it."""

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 260, 34, 46, 14


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
            f'<line class="m-axis" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick}</text>'
        )
    for index, name in enumerate(months):
        middle = LEFT + group * (index + 0.5)
        for number, (title, values) in enumerate(series):
            height = plot_height * values[index] / top
            x = middle - bar * len(series) / 2 + bar * number
            parts.append(
                f'<rect class="m-bar m-bar-{number}" x="{x:.1f}" '
                f'y="{TOP + plot_height - height:.1f}" '
                f'width="{bar - 2:.1f}" height="{height:.1f}" rx="2">'
                f"<title>{escape(title)}, {escape(name)}: {values[index]}</title></rect>"
            )
        word, _, year = name.partition(" ")
        parts.append(
            f'<text x="{middle:.1f}" y="{HEIGHT - 26}" text-anchor="middle">'
            f"{escape(word[:3])}</text>"
            f'<text x="{middle:.1f}" y="{HEIGHT - 11}" text-anchor="middle">{escape(year)}</text>'
        )
    return Markup(
        f'<svg class="m-chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="chart-title"><title id="chart-title">Jumlah permohonan per bulan; '
        f"angkanya ada pada tabel di bawah</title>{''.join(parts)}</svg>"
    )


BARS_WIDTH, BARS_ROW, FIGURES = 420, 48, 90


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
        parts.append(
            f'<text x="0" y="{y + 16}">{escape(name)}</text>'
            f'<rect class="m-groove" x="0" y="{y + 23}" width="{room}" height="16" rx="2"/>'
        )
        if value is not None:
            parts.append(
                f'<rect class="m-bar" x="0" y="{y + 23}" width="{width:.1f}" height="16" rx="2">'
                f"<title>{escape(name)}: {escape(words)}</title></rect>"
            )
        parts.append(f'<text class="m-figure" x="{room + 8}" y="{y + 36}">{escape(words)}</text>')
    return Markup(
        f'<svg class="m-chart m-chart-bars" viewBox="0 0 {BARS_WIDTH} {BARS_ROW * len(rows)}" '
        f'role="img" aria-labelledby="{key}-title"><title id="{key}-title">{escape(title)}; '
        f"angkanya ada pada tabel di bawah</title>{''.join(parts)}</svg>"
    )


def _nice_step(highest: int) -> int:
    """A round step that gives at most about five lines."""
    step = 1
    while highest / step > 5:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def stacked_bars(
    key: str,
    title: str,
    series: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, Sequence[float], str]],
) -> Markup:
    """Lying bars in parts: `series` are (class, name) of the parts, with a legend above;
    a row is (name, a value per part, the sum in words)."""
    room, parts = BARS_WIDTH - FIGURES, []
    top = max([1e-9, *(sum(values) for _, values, _ in rows)])
    begin = _legend(series, parts)
    for number, (name, values, words) in enumerate(rows):
        y, x = begin + BARS_ROW * number, 0.0
        parts.append(f'<text x="0" y="{y + 16}">{escape(name)}</text>')
        for (kind, part), value in zip(series, values, strict=True):
            width = room * value / top
            if value > 0:
                parts.append(
                    f'<rect class="m-part-{kind}" x="{x:.1f}" y="{y + 23}" '
                    f'width="{max(width - 1, 1):.1f}" height="16">'
                    f"<title>{escape(name)}, {escape(part)}: {_short(value)}</title></rect>"
                )
            x += width
        parts.append(f'<text class="m-figure" x="{x + 8:.1f}" y="{y + 36}">{escape(words)}</text>')
    return Markup(
        f'<svg class="m-chart m-chart-bars" '
        f'viewBox="0 0 {BARS_WIDTH} {begin + BARS_ROW * len(rows)}" '
        f'role="img" aria-labelledby="{key}-title"><title id="{key}-title">{escape(title)}; '
        f"angkanya ada pada tabel di bawah</title>{''.join(parts)}</svg>"
    )


def _legend(series: Sequence[tuple[str, str]], parts: list[str]) -> int:
    """Write the names of the parts, two in a line; return where the bars begin."""
    for number, (kind, name) in enumerate(series):
        x, y = number % 2 * BARS_WIDTH // 2, number // 2 * 24
        parts.append(
            f'<rect class="m-part-{kind}" x="{x}" y="{y + 3}" width="14" height="14" rx="2"/>'
            f'<text x="{x + 22}" y="{y + 15}">{escape(name)}</text>'
        )
    return (len(series) + 1) // 2 * 24 + 8


def _short(value: float) -> str:
    return f"{value:g}".replace(".", ",")
