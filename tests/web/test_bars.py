"""Bars of an answer: as long as their numbers are, and nothing in a label is markup."""

import re

import pyoxigraph as ox

from reasoner.answers import bars_of
from reasoner.queries import Answer
from reasoner.web.pages.bars import as_svg


def drawn(*rows):
    answer = Answer(("what", "many"), tuple((ox.Literal(a), ox.Literal(n)) for a, n in rows))
    return str(as_svg(bars_of(answer)))


def test_bars_are_as_long_as_their_numbers():
    widths = [
        float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn(("a", 40), ("b", 10)))
    ]
    assert widths[0] == 4 * widths[1]


def test_numbers_are_written_beside_the_bars():
    assert re.findall(r">([\d,.]+)</text>", drawn(("a", 1200), ("b", 0))) == ["1,200", "0"]


def test_a_loss_is_drawn_hollow():
    assert 'fill="none"' in drawn(("a", -3))


def test_a_label_is_text():
    assert "<b>" not in drawn(("<b>x</b>", 1))
    assert "&lt;b&gt;x" in drawn(("<b>x</b>", 1))
