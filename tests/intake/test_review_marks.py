"""Where the quotes of a review stand in its source."""

from __future__ import annotations

from reasoner.intake.pages import Passage
from reasoner.intake.review.marks import Sought, mark


def test_quotes_that_overlap_share_their_words() -> None:
    (marked,) = mark(
        [Passage("p", "no pain or spasm of the neck", "r")],
        [
            Sought("a", "", "pain or spasm", ("r",), ""),
            Sought("b", "", "spasm of the neck", ("r",), ""),
        ],
    )
    assert [(p.text, p.names) for p in marked.pieces] == [
        ("no ", ()), ("pain or ", ("a",)), ("spasm", ("a", "b")), (" of the neck", ("b",)),
    ]  # fmt: skip


def test_quote_is_found_on_its_page_before_others() -> None:
    passages = [
        Passage("1", "pain", "r", "1"),
        Passage("2", "pain", "r", "2"),
        Passage("3", "pain", "s"),
    ]
    marked = mark(passages, [Sought("a", "", "Pain", ("r",), "2")])
    assert [bool(m.pieces[0].names) for m in marked] == [False, True, False]


def test_words_of_a_request_are_found_wherever_they_stand() -> None:
    marked = mark(
        [Passage("1", "x", "r"), Passage("2", "MRI of\nthe neck", "s")],
        [Sought("q", "", "MRI of the neck", ("",), "")],
    )
    assert marked[1].pieces[0].names == ("q",)


def test_quote_that_stands_nowhere_marks_nothing_or_its_resource() -> None:
    passages = [Passage("p", "text", None, None, ("f1",))]
    assert mark(passages, [Sought("a", "f1", "other words", (), "")])[0].names == ("a",)
    assert mark(passages, [Sought("a", "f2", "other words", (), "")])[0].names == ()
