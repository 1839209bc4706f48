"""A chart of counts as SVG, and as PNG where Typst is there to draw it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from math import ceil

_WIDE, _HIGH = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 48, 62


def columns(title: str, counts: Mapping[str, int]) -> str:
    """Draw counts as columns, each with its name below; their scale starts at nothing."""
    step = _step(max(counts.values(), default=1))
    top = step * max(1, ceil(max(counts.values(), default=1) / step))
    room, high = _WIDE - _LEFT - _RIGHT, _HIGH - _TOP - _BOTTOM
    floor = _HIGH - _BOTTOM
    drawn = []
    for value in range(0, top + 1, step):
        y = floor - high * value / top
        drawn.append(
            f'<line x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d5dbe1"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'
        )
    wide = room / max(1, len(counts))
    every = ceil(len(counts) * 16 / room)  # names that are apart by sixteen units can be read
    for at, (name, many) in enumerate(counts.items()):
        x, tall = _LEFT + at * wide, high * many / top
        bar = min(wide * 0.76, 48)
        drawn.append(
            f'<rect x="{x + (wide - bar) / 2:.1f}" y="{floor - tall:.1f}" width="{bar:.1f}"'
            f' height="{tall:.1f}" fill="#35618f"><title>{escape(name)}: {many:,}</title></rect>'
        )
        if at % every == 0:
            middle = x + wide / 2 + 4
            drawn.append(
                f'<text x="{middle:.1f}" y="{floor + 8}" text-anchor="end"'
                f' transform="rotate(-60 {middle:.1f} {floor + 8})">{escape(name)}</text>'
            )
    empty = "" if counts else f'<text x="{_LEFT + 8}" y="{floor - 8}">none</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}"'
        f' height="{_HIGH}" role="img" font-family="sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#ffffff"/>'
        f'<text x="12" y="24" font-size="14" font-weight="bold">{escape(title)}</text>'
        f"{''.join(drawn)}{empty}</svg>\n"
    )


def _step(most: int) -> int:
    """Give a round step that divides a scale into at most five."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * 5 >= most:
                return step
        size *= 10


def by_month(counts: Mapping[str, int]) -> dict[str, int]:
    """Put counts by month in order, with the months between that have none; others at the end."""
    months = sorted(m for m in counts if _MONTH.fullmatch(m))
    found: dict[str, int] = {}
    if months:
        year, month = map(int, months[0].split("-"))
        while (name := f"{year:04}-{month:02}") <= months[-1]:
            found[name] = counts.get(name, 0)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found | {name: many for name, many in counts.items() if name not in found}


_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def to_png(svg: str) -> bytes | None:
    """Draw an SVG as PNG; None if the extra ``letter`` is not installed."""
    try:
        import typst
    except ImportError:
        return None
    source = (
        "#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg),"
        ' format: "svg")'
    )
    drawn = typst.compile(source.encode(), format="png", ppi=144.0, sys_inputs={"svg": svg})
    assert isinstance(drawn, bytes)
    return drawn
