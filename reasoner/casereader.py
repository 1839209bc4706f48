"""A case out of a tree of keys and values, by the keys of ``shapes/case.ttl``.

What comes out is normal: every thing has an IRI under the case and the type of its form, what
stands in a list has its position, a fact has a status, and literals are written in one way. So
a case is the same triples whatever format it was written in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal

from rdflib import RDF, XSD, Literal, URIRef

from reasoner.case import CASE_BASE, Case
from reasoner.caseformat import NAMED, Form, Key
from reasoner.casetree import Mapped, Scalar, Sequence, Tree
from reasoner.errors import InputError, Problem, nearest_word, shown
from reasoner.knowledge import Knowledge
from reasoner.quantities import parse_quantity, units_of
from reasoner.rdf import Triple
from reasoner.terms import BASE, CORE, local_name
from reasoner.wording import meant, takes

CONTEXT_IRI = BASE + "context/case.jsonld"
"""The published JSON-LD context of a case file, read from this package, never fetched."""

MAX_PROBLEMS = 200
"""How many problems of one file are gathered before reading stops."""
_MOST_LISTED = 12
_MOST_COMPARED = 1000

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
YEARS = range(1900, 2200)  # 0201 is a slip of 2014, and would make every pain chronic
SUPPOSED = "supposed-"  # what a cure would add to a case is named so
# JSON's grammar for a number, within bounds: 017 is 15 to some YAML readers, 1:30 is 90.
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,6})?")
_TRUTH = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n"})
# What XML 1.0 cannot carry (production 2, Char), and so neither RDF/XML nor a report.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_tree(
    tree: Tree, file: str, knowledge: Knowledge, problems: Iterable[Problem] = ()
) -> Case:
    """Make a case of what a file says.

    Args:
        tree: what it says.
        file: the file, as the user named it.
        knowledge: the keys and concepts.
        problems: what was found wrong with the file before.

    Raises:
        InputError: with every problem of the file, those found before included.
    """
    reader = _Reader(file, knowledge)
    reader.problems.extend(problems)
    if isinstance(tree, Mapped):
        case = reader.read(tree)
        if not reader.problems:
            return case
    else:
        stands = "A list stands" if isinstance(tree, Sequence) else "Text stands"
        reader.problem(f"{stands} where a case belongs.", tree.line, expected="keys such as id")
    raise InputError(reader.problems)


def is_id(text: str) -> bool:
    """Tell whether a text can be the id of a thing."""
    return ID.fullmatch(text) is not None and not text.startswith(SUPPOSED)


def _after_expected(description: str) -> str:
    """Put a description after "Expected"."""
    return description[:1].lower() + description[1:].rstrip(".")


class _Reader:
    def __init__(self, file: str, knowledge: Knowledge) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._knowledge = knowledge
        self._forms = knowledge.case_format
        self._triples: set[Triple] = set()
        self._lines: dict[tuple[URIRef, URIRef], int] = {}
        self._base = ""
        self._node: str | None = None
        self._names: set[str] = set()
        self._ids: dict[str, tuple[str, int | None]] = {}
        self._references: list[tuple[Key, str, int | None, str | None]] = []

    def problem(
        self,
        message: str,
        line: int | None,
        key: str | None = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.problems.append(Problem(message, self.file, line, key, expected, nearest, self._node))
        if len(self.problems) >= MAX_PROBLEMS:
            self.problems.append(
                Problem(f"Reading stopped here, after {MAX_PROBLEMS} problems.", self.file, line)
            )
            raise InputError(self.problems)

    def read(self, tree: Mapped) -> Case:
        self._node = tree.node
        identifier = self._identifier(tree) or "unnamed"
        self._base = CASE_BASE + identifier
        iri = URIRef(self._base)
        self._gather_ids(tree)
        self._form(tree, self._forms["case"], iri)
        self._resolve()
        return Case(iri, identifier, frozenset(self._triples), self.file, self._lines)

    # Ids

    def _identifier(self, tree: Mapped) -> str | None:
        entry = tree.entries.get("id")
        if entry is None:
            self.problem("The case has none.", tree.line, "id", expected="a name for the case")
            return None
        return self._id_text(*entry)

    def _id_text(self, line: int | None, value: Tree) -> str | None:
        text = value.value if isinstance(value, Scalar) else None
        if not isinstance(value, Scalar):
            self.problem("A plain value belongs here.", line, "id")
        elif text is None:
            self.problem("The value is missing.", line, "id")
        elif text.startswith(SUPPOSED):
            self.problem(f"{shown(text)} is taken.", line, "id", f"no id that begins {SUPPOSED}")
        elif value.plain and text.casefold() in _TRUTH:
            self._no_truth(text, line, "id")
        elif ID.fullmatch(text) is None:
            self.problem(
                f"{shown(text)} cannot be an id.", line, "id",
                expected="letters, digits, dots, dashes and underscores, at most 100 of them",
            )  # fmt: skip
        else:
            return text
        return None

    def _gather_ids(self, tree: Mapped) -> None:
        """Find the ids that the file gives, so that no name made for a thing is one of them."""
        for key in self._forms["case"].keys.values():
            if key.form not in NAMED or key.name not in tree.entries:
                continue
            line, value = tree.entries[key.name]
            for item in value.items if isinstance(value, Sequence) else (value,):
                if not isinstance(item, Mapped) or "id" not in item.entries:
                    continue
                line, given = item.entries["id"]
                self._node = item.node
                name = self._id_text(line, given)
                if name is not None and name in self._ids:
                    first = self._ids[name][1]
                    where = "" if first is None else f", in line {first}"
                    self.problem(
                        f"{shown(name)} is the id of another thing{where}.", line, "id",
                        expected="an id of its own",
                    )  # fmt: skip
                elif name is not None:
                    self._ids[name] = (key.form, line)
        self._node = tree.node
        self._names.update(self._ids)

    def _name(self, wanted: str) -> str:
        """Make a name for a thing without an id."""
        name, count = wanted, 1
        while name in self._names:
            count += 1
            name = f"{wanted}-{count}"
        self._names.add(name)
        return name

    def _resolve(self) -> None:
        """Hold every reference against the ids of the case."""
        by_class: dict[URIRef, set[str]] = {}
        for name, (form, _) in self._ids.items():
            by_class.setdefault(self._forms[form].of, set()).add(name)
        for key, name, line, node in self._references:
            assert key.of is not None
            right = by_class.get(key.of, set())
            if name in right:
                continue
            kind = self._knowledge.concepts.label(key.of)
            self._node = node
            self.problem(
                f"The case has no {kind} {shown(name)}.", line, key.name,
                expected=f"the id of a {kind}"
                + (f" ({', '.join(sorted(right))})" if 0 < len(right) <= _MOST_LISTED else ""),
                nearest=nearest_word(name, right) if len(right) <= _MOST_COMPARED else None,
            )  # fmt: skip

    # Forms

    def _form(self, tree: Mapped, form: Form, node: URIRef) -> None:
        above, self._node = self._node, tree.node
        self._state(node, RDF.type, form.of)
        known = [*form.keys, *(["id"] if form.takes_id else [])]
        for name, (line, value) in tree.entries.items():
            if name == "id" and form.takes_id:
                continue
            if name == "@context" and form.name == "case":
                self._context(line, value)
            elif name in form.keys:
                self._key(node, form.keys[name], value, line)
            else:
                self.problem(
                    f"This is not a key of {form.label}.", line, shown(name)[1:-1],
                    expected="one of " + ", ".join(sorted(known)),
                    nearest=nearest_word(name, known),
                )  # fmt: skip
        for key in form.keys.values():
            if key.name in tree.entries:
                continue
            if key.path == CORE.status:
                self._state(node, key.path, CORE.Present)
            elif key.least or key.kind == "class":
                self.problem(
                    f"{form.label[:1].upper()}{form.label[1:]} needs this key.",
                    tree.line, key.name, expected=_after_expected(key.description),
                )  # fmt: skip
        self._node = above

    def _context(self, line: int | None, value: Tree) -> None:
        if not isinstance(value, Scalar) or value.value != CONTEXT_IRI:
            self.problem(
                "A case file has one context, and none is fetched.", line, "@context",
                expected=CONTEXT_IRI,
            )  # fmt: skip

    def _key(self, node: URIRef, key: Key, value: Tree, line: int | None) -> None:
        if line is not None:
            self._lines[node, key.path] = line
        values = value.items if isinstance(value, Sequence) else (value,)
        if isinstance(value, Sequence) and key.most == 1:
            self.problem("A list stands where one value belongs.", line, key.name)
            return
        if key.least and not values:
            self.problem("The list is empty.", line, key.name, expected=f"{key.least} or more")
        for position, item in enumerate(values, start=1):
            if key.kind == "form":
                self._nested(node, key, item, position, line)
            elif not isinstance(item, Scalar):
                self.problem("A plain value belongs here.", item.line or line, key.name)
            elif item.value is None:
                self.problem("The value is missing.", item.line or line, key.name)
            elif _UNPRINTABLE.search(item.value):
                self.problem(f"{shown(item.value)} holds a control character.", item.line, key.name)
            else:
                for term in _VALUES[key.kind](self, key, item.value, item):
                    self._state(node, key.path, term)

    def _nested(self, node: URIRef, key: Key, item: Tree, position: int, line: int | None) -> None:
        form = self._forms[key.form or ""]
        if form.name == "ingredient" and isinstance(item, Scalar) and item.value is not None:
            # "agents: [Lidocaine]" is short for "agents: [{is: Lidocaine}]".
            item = Mapped({"is": (item.line, item)}, item.line, self._node)
        if not isinstance(item, Mapped):
            stands = "A list stands" if isinstance(item, Sequence) else "Text stands"
            if isinstance(item, Scalar) and item.value is None:
                stands = "Nothing stands"
            self.problem(
                f"{stands} where {form.label} belongs.", item.line or line, key.name,
                expected="keys such as " + ", ".join(list(form.keys)[:3]),
            )  # fmt: skip
            return
        below = URIRef(f"{self._base}#{self._name_of(item, form, key, node, position)}")
        self._state(node, key.path, below)
        if key.most != 1:
            self._state(below, CORE.position, Literal(position))
        self._form(item, form, below)

    def _name_of(self, item: Mapped, form: Form, key: Key, node: URIRef, position: int) -> str:
        if form.name in NAMED:
            given = item.entries.get("id", (None, None))[1]
            if isinstance(given, Scalar) and given.value in self._ids:
                return given.value
            name = self._name(f"{form.name}-{position}")
            self._ids[name] = (form.name, item.line)
            return name
        wanted = local_name(key.path) if key.most == 1 else f"{local_name(key.path)}-{position}"
        if str(node) != self._base:
            wanted = f"{local_name(node)}-{wanted}"
        return self._name(wanted)

    # Values

    def _no_truth(self, text: str, line: int | None, key: str) -> None:
        self.problem(
            f"{shown(text)[1:-1]} can be read as a truth value.", line, key,
            expected=f'"{text}" in quotes, if it is meant as text',
        )  # fmt: skip

    def _text(self, key: Key, text: str, item: Scalar) -> Iterator[Literal]:
        if item.plain and text.casefold() in _TRUTH:
            self._no_truth(text, item.line, key.name)
        elif key.longest is not None and len(text) > key.longest:
            self.problem(
                f"The text has {len(text):,} characters.", item.line, key.name,
                expected=f"at most {key.longest:,}",
            )  # fmt: skip
        else:
            yield Literal(text, datatype=XSD.string)

    def _number(self, key: Key, text: str, item: Scalar) -> Iterator[Literal]:
        whole = key.kind == "integer"
        what = "a whole number" if whole else "a number"
        if not NUMBER.fullmatch(text) or (whole and "." in text):
            self.problem(
                f"{shown(text)} is not {what}.", item.line, key.name,
                expected=f"{what} in digits, without a unit",
            )  # fmt: skip
            return
        value = Decimal(text)
        if (key.lowest is not None and value < key.lowest) or (
            key.highest is not None and value > key.highest
        ):
            self.problem(
                f"{text} is out of range.", item.line, key.name,
                expected=f"{what} from {_plain(key.lowest)} to {_plain(key.highest)}",
            )  # fmt: skip
            return
        # Without idle zeros: what is equal has one form, and one hash, in any store.
        yield Literal(int(value)) if whole else Literal(Decimal(_plain(value)))

    def _date(self, key: Key, text: str, item: Scalar) -> Iterator[Literal]:
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise ValueError
            day = date.fromisoformat(text)
        except ValueError:
            self.problem(
                f"{shown(text)} is not a day of the calendar.", item.line, key.name,
                expected="a date such as 2014-08-19",
            )  # fmt: skip
            return
        if day.year in YEARS:
            yield Literal(day)
        else:
            self.problem(
                f"The year of {text} is out of range.", item.line, key.name,
                expected=f"a year from {YEARS[0]} to {YEARS[-1]}",
            )  # fmt: skip

    def _truth(self, key: Key, text: str, item: Scalar) -> Iterator[Literal]:
        if text in ("true", "false"):
            yield Literal(text, datatype=XSD.boolean)
        else:
            self.problem(f"{shown(text)} is neither.", item.line, key.name, "true or false")

    def _quantity(self, key: Key, text: str, item: Scalar) -> Iterator[Literal]:
        kind = key.unit_kind or ""
        if parse_quantity(text, kind) is not None:
            yield Literal(" ".join(text.split()), datatype=CORE.Quantity)
            return
        if NUMBER.fullmatch(text.strip()):
            message = f"{shown(text)} has no unit."
        else:
            message = f"{shown(text)} is not a number with a unit of {_DIMENSIONS[kind]}."
        self.problem(
            message, item.line, key.name,
            expected="a number and one of " + ", ".join(units_of(kind)),
        )  # fmt: skip

    def _reference(self, key: Key, text: str, item: Scalar) -> Iterator[URIRef]:
        self._references.append((key, text, item.line, self._node))
        if ID.fullmatch(text):
            yield URIRef(f"{self._base}#{text}")

    def _concept(self, key: Key, text: str, item: Scalar) -> Iterator[URIRef]:
        assert key.of is not None
        concepts, among = self._knowledge.concepts, takes(key, self._knowledge)
        term = concepts.find(text)
        if term is not None and term in among:
            yield term
            return
        label = "concept" if key.of == CORE.Documentable else concepts.label(key.of)
        self.problem(
            f"{shown(text)} is not a known {label}.", item.line, key.name,
            expected=(
                "one of " + ", ".join(local_name(t) for t in among)
                if len(among) <= _MOST_LISTED
                else _after_expected(key.description)
            ),
            nearest=meant(text, among, self._knowledge),
        )  # fmt: skip

    def _state(self, subject: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
        self._triples.add((subject, predicate, value))


_VALUES: dict[str, Callable[[_Reader, Key, str, Scalar], Iterator[URIRef | Literal]]] = {
    "string": _Reader._text,
    "integer": _Reader._number,
    "decimal": _Reader._number,
    "date": _Reader._date,
    "boolean": _Reader._truth,
    "quantity": _Reader._quantity,
    "reference": _Reader._reference,
    "individual": _Reader._concept,
    "class": _Reader._concept,
}

_DIMENSIONS = {
    "time": "time",
    "percent": "per cent",
    "mass": "mass",
    "dose": "dose a day",
    "rate": "delivery rate",
}


def _plain(number: Decimal | None) -> str:
    return "any" if number is None else f"{number.normalize():f}"
