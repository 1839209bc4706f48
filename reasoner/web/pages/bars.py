"""Numbers of an answer as bars: SVG that takes the page's colours, on a screen and on paper."""

from __future__ import annotations

from html import escape

from markupsafe import Markup

from reasoner.answers import Bars, shown

_WIDE, _LABEL, _NUMBER, _ROW, _BAR = 820, 330, 90, 22, 14


def as_svg(bars: Bars) -> Markup:
    """Draw bars, each with its label before and its number behind; a loss is drawn hollow."""
    room = _WIDE - _LABEL - _NUMBER
    high = _ROW * (len(bars.values) + 1) + 6
    drawn = [f'<text x="{_LABEL}" y="15" font-weight="bold">{escape(bars.column)}</text>']
    for at, (label, value) in enumerate(zip(bars.labels, bars.values, strict=True), 1):
        top = at * _ROW + 4
        wide = max(1.0, room * abs(value) / bars.greatest)
        fill = "currentColor" if value >= 0 else "none"
        drawn.append(
            f"<g><title>{escape(label)}: {shown(value)}</title>"
            f'<text x="{_LABEL - 8}" y="{top + 11}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{_LABEL}" y="{top}" width="{wide:.1f}" height="{_BAR}" fill="{fill}"'
            f' stroke="currentColor"/>'
            f'<text x="{_LABEL + wide + 6:.1f}" y="{top + 11}">{shown(value)}</text></g>'
        )
    return Markup(
        f'<svg viewBox="0 0 {_WIDE} {high}" role="img" font-size="12">'
        f"<title>{escape(bars.column)} as bars; the same numbers are in the table below</title>"
        f"{''.join(drawn)}</svg>"
    )
