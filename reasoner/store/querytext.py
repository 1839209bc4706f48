"""What can be told of a query or an update by its text alone.

Oxigraph has no switch that keeps it from asking other machines, and its parser takes more than the
grammar allows (``1SERVICE<...>``, a comment that ends with a carriage return, ``<`` as an operator
where a token would be an IRI). So nothing is skipped as a string or a comment here: what could be
read as such a clause anywhere is refused. ``confinement`` is the second wall.
"""

from __future__ import annotations

import re

from reasoner.errors import InputError, Problem

QUERY = "a SELECT, ASK, CONSTRUCT or DESCRIBE query of SPARQL 1.1"
UPDATE = "an update of SPARQL 1.1"

_MOST = 200
"""Times that the word may occur: each may be followed by a long comment, which takes time."""
_SPACE = r"(?:\s|#[^\r\n]*+[\r\n])*+"
_PLACE = r"(?:<[^<>]*+>|[?$][^\s{}#]*+|[^\s{}#:]*+:[^\s{}#]*+)"
# A variable is taken first, so that ?service is none.
_SERVICE = re.compile(rf"[?$]\w+|(SERVICE{_SPACE}(?:SILENT{_SPACE})?{_PLACE}{_SPACE}\{{)", re.I)
# A name that follows at once counts where an operation may begin only: load: is a prefix too.
_LOAD = re.compile(
    rf"(?:^|[\s;>\ufeff])LOAD{_SPACE}(?:SILENT{_SPACE})?<"
    rf"|(?:^|[\s;>\ufeff])LOAD(?=[\s#]){_SPACE}(?:SILENT{_SPACE})?[\w.-]*+:"
    r"|(?:^|[;>\r\n\ufeff])[ \t]*+LOAD[\w.-]*+:",
    re.I,
)
# Strings, comments and IRIs; what is not closed goes on to the end, so that this is linear.
_HIDDEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z|\\\Z)'
    r"|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*+(?:\'\'\'|\Z|\\\Z)"
    r'|"(?:[^"\\\n\r]|\\.)*+(?:"|[\n\r]|\Z|\\\Z)'
    r"|'(?:[^'\\\n\r]|\\.)*+(?:'|[\n\r]|\Z|\\\Z)"
    r"|#[^\r\n]*+"
    r"|(<[^<>\"{}|^`\\\x00-\x20]*+>)",
    re.S,
)
_DATASET = re.compile(r"(?<![\w:?$-])FROM\s*+(?:NAMED\s*+)?(?:<|[\w.-]*+:)", re.I)


def require_local(text: str, name: str, *, expected: str = QUERY) -> None:
    """Require that a query or an update asks no other machine.

    Args:
        text: the query or update.
        name: what to call it in an error.
        expected: what would be right.

    Raises:
        InputError: if it holds ``SERVICE``, or what could be read so.
    """
    for view in (text, _unescaped(text)):
        if _often("SERVICE", view) or any(match[1] for match in _SERVICE.finditer(view)):
            raise InputError(
                [Problem("SERVICE asks another machine, and is not allowed.", name,
                         expected=expected)]
            )  # fmt: skip


def require_no_load(text: str, name: str) -> None:
    """Require that an update reads no file and no other machine.

    Raises:
        InputError: if it holds ``LOAD``, or what could be read so.
    """
    for view in (text, _unescaped(text)):
        if _often("LOAD", view) or _LOAD.search(view):
            raise InputError(
                [Problem("LOAD reads a file or another machine, and is not allowed.", name,
                         expected="INSERT DATA, or mtus store load")]
            )  # fmt: skip


def states_dataset(text: str) -> bool:
    """Tell whether a query names its graphs by FROM."""
    return bool(_DATASET.search(_HIDDEN.sub(lambda m: m[1] or " ", text)))


def masked(text: str) -> str:
    """Give a query with spaces in the place of its strings, comments and IRIs."""
    return _HIDDEN.sub(lambda m: " " * len(m[0]), text)


def _often(word: str, text: str) -> bool:
    return text.upper().count(word) > _MOST


def _unescaped(text: str) -> str:
    return re.sub(
        r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})",
        lambda m: chr(min(int(m[1] or m[2], 16), 0x10FFFF)),
        text,
    )
