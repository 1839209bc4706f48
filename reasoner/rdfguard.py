"""What an RDF parser must not be shown: contexts to fetch, entities to expand, endless nesting."""

from __future__ import annotations

import json
import re
from xml.parsers import expat

from reasoner.casereader import CONTEXT_IRI, MAX_PROBLEMS
from reasoner.errors import InputError, Problem, shown
from reasoner.terms import data_folder

MAX_DEPTH = 40
"""How deep JSON and XML may nest; a case nests a tenth of it."""
MAX_VALUES = 50_000
"""How many values a JSON-LD file may hold."""
MAX_TERMS = 200
"""How many values the contexts of a JSON-LD file may hold, ours aside."""
MAX_ATTRIBUTES = 100
"""How many attributes, namespaces included, an XML element may have."""
MAX_NAME = 1000
"""How long a key, or a text in a context, may be; each can stand for many uses of it."""


# JSON can write half of a surrogate pair, which no RDF literal can hold.
_HALF = re.compile("[\ud800-\udfff]")


def refused(message: str, file: str, line: int | None = None) -> InputError:
    """Make the error for a file that is not read at all."""
    return InputError([Problem(message, file, line)])


def one_line(message: str) -> str:
    """Give a parser's message without its place, which stands before it already."""
    text = message.split("\n")[0].removeprefix("Parser error ")
    text = text.split(": ", 1)[-1] if text.startswith(("at ", "between ")) else text
    return shown(text, most=200)[1:-1].rstrip(".")


def check_xml(text: str, file: str) -> None:
    """Refuse what makes XML dangerous: document types, and with them entities; excess.

    The time of an RDF/XML parser grows with the square of depth, and of the attributes of one
    element.
    """
    depth = 0

    def start(_name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if len(attributes) > MAX_ATTRIBUTES:
            raise refused(
                f"An element has over {MAX_ATTRIBUTES} attributes.", file, parser.CurrentLineNumber
            )
        if depth > MAX_DEPTH:
            raise refused(
                f"This nests deeper than {MAX_DEPTH} levels.", file, parser.CurrentLineNumber
            )

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def document_type(*_: object) -> None:
        raise refused(
            "A document type declaration is not read, nor are its entities; leave it out.",
            file,
            parser.CurrentLineNumber,
        )

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = document_type
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code) or "no XML"
        raise refused(f"The file is malformed: {what}.", file, error.lineno) from error


def with_local_context(text: str, file: str) -> str:
    """Put our own context where a JSON-LD file names it, and refuse any other to be fetched.

    Contexts stand anywhere in a file, in lists, in other contexts and in term definitions, and
    import each other; all of them are looked at.

    Raises:
        InputError: with every remote context and every key that stands twice in one object.
    """
    problems: list[Problem] = []
    document = _Local(file, problems).document(_parse_json(text, file, problems), 0)
    if problems:
        raise InputError(problems[:MAX_PROBLEMS])
    return json.dumps(document)


def _parse_json(text: str, file: str, problems: list[Problem]) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                name = shown(key)[1:-1]
                message = "This key stands twice in one object."
                problems.append(Problem(message, file, key=name, expected="each key once"))
            found[key] = value
        return found

    def constant(name: str) -> object:
        raise ValueError(f"{name} is not a number in JSON")

    def number(digits: str) -> object:
        # An integer of a million digits takes minutes to parse; 1e999 is infinite.
        if len(digits) > 30 or float(digits) in (float("inf"), float("-inf")):
            raise ValueError(f"{shown(digits)[1:-1]} is too large a number")
        return json.loads(digits)

    try:
        return json.loads(
            text, object_pairs_hook=once, parse_constant=constant,
            parse_int=number, parse_float=number,
        )  # fmt: skip
    except RecursionError as error:
        raise refused(f"The file nests deeper than {MAX_DEPTH} levels.", file) from error
    except ValueError as error:
        line = getattr(error, "lineno", None)
        what = getattr(error, "msg", None) or str(error)
        raise refused(f"The JSON is malformed: {one_line(what)}.", file, line) from error


class _Local:
    """Rewrites a document so that no context is left to fetch."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems
        self._values = 0
        self._terms = 0

    def _count(self, value: object, depth: int, in_context: bool) -> None:
        """Keep a file within bounds: contexts are processed again at each node that uses them."""
        self._values += 1
        self._terms += in_context
        if depth > MAX_DEPTH:
            raise refused(f"The file nests deeper than {MAX_DEPTH} levels.", self._file)
        if self._values > MAX_VALUES:
            raise refused(f"The file holds over {MAX_VALUES:,} values.", self._file)
        if self._terms > MAX_TERMS:
            raise refused(f"The contexts hold over {MAX_TERMS} values.", self._file)
        names = value if isinstance(value, dict) else [value] if in_context else []
        if any(isinstance(name, str) and len(name) > MAX_NAME for name in names):
            raise refused(f"A name has over {MAX_NAME:,} characters.", self._file)

    def document(self, value: object, depth: int, in_context: bool = False) -> object:
        self._count(value, depth, in_context)
        if isinstance(value, list):
            return [self.document(item, depth + 1, in_context) for item in value]
        if isinstance(value, str) and _HALF.search(value):
            raise refused(f"The text {shown(value)} holds half a character.", self._file)
        if not isinstance(value, dict):
            return value
        if "@import" in value:
            self._remote(value["@import"])
        return {
            key: self._context(below, depth + 1)
            if key == "@context"
            else self.document(below, depth + 1, in_context)
            for key, below in value.items()
        }

    def _context(self, value: object, depth: int) -> object:
        if isinstance(value, list):
            self._count(value, depth, in_context=True)
            return [self._context(item, depth + 1) for item in value]
        if value == CONTEXT_IRI:
            self._count(value, depth, in_context=True)
            ours = data_folder("ontology").joinpath("case-context.jsonld").read_bytes()
            return json.loads(ours)["@context"]
        if isinstance(value, str):
            self._remote(value)
        return self.document(value, depth, in_context=True)

    def _remote(self, name: object) -> None:
        self._problems.append(
            Problem(
                f"The context {shown(str(name))} would have to be fetched; nothing is.",
                self._file,
                key="@context",
                expected=f"a context in the file, or {CONTEXT_IRI}",
            )
        )
