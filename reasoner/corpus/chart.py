"""A chart of counts as SVG, and as PNG where Typst is there to draw it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

_ROW, _LEFT, _WIDE, _TOP = 22, 150, 640, 48


def bars(title: str, counts: Mapping[str, int]) -> str:
    """Draw counts as horizontal bars, each with its name and number."""
    most = max(counts.values(), default=1)
    rows = []
    for at, (name, many) in enumerate(counts.items()):
        y = _TOP + at * _ROW
        wide = (_WIDE - _LEFT - 70) * many / most
        rows.append(
            f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{_LEFT}" y="{y}" width="{wide:.1f}" height="16" fill="#35618f"/>'
            f'<text x="{_LEFT + wide + 6:.1f}" y="{y + 12}">{many:,}</text>'
        )
    high = _TOP + max(1, len(counts)) * _ROW + 12
    empty = "" if counts else f'<text x="{_LEFT}" y="{_TOP + 12}">none</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {high}" width="{_WIDE}"'
        f' height="{high}" role="img" font-family="sans-serif" font-size="12">'
        f"<title>{escape(title)}</title>"
        f'<rect width="{_WIDE}" height="{high}" fill="#ffffff"/>'
        f'<text x="12" y="24" font-size="14" font-weight="bold">{escape(title)}</text>'
        f"{''.join(rows)}{empty}</svg>\n"
    )


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
