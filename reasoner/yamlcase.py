"""Case files in YAML, read by the keys of ``shapes/case.ttl``.

The result is what a JSON-LD processor makes of the same file with our context, once ids are
fragments and positions are given; a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from rdflib import RDF, XSD, Literal, URIRef

from reasoner.case import CASE_BASE, Case
from reasoner.caseformat import Form, Key
from reasoner.errors import InputError, Problem, nearest_word
from reasoner.knowledge import Knowledge
from reasoner.quantities import parse_quantity, units_of
from reasoner.rdf import Triple
from reasoner.terms import CORE, local_name
from reasoner.yamltree import Mapped, Scalar, Sequence, Tree, parse_yaml

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NAMED = {"record": "record", "fact": "fact", "request": "request"}
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")


def read_yaml_case(data: bytes, file: str, knowledge: Knowledge) -> Case:
    """Read a YAML case file.

    Raises:
        InputError: with every problem of the file.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            [Problem("The file is no text.", file, expected="a YAML case file in UTF-8")]
        ) from error
    if "\x00" in text:
        raise InputError([Problem("The file is no text.", file, expected="a YAML case file")])
    tree = parse_yaml(text, file)
    if not isinstance(tree, Mapped):
        raise InputError(
            [Problem("The file holds no keys.", file, tree.line, expected="a case, with its keys")]
        )
    reader = _Reader(file, knowledge)
    case = reader.read(tree)
    if reader.problems:
        raise InputError(reader.problems)
    return case


class _Reader:
    def __init__(self, file: str, knowledge: Knowledge) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._knowledge = knowledge
        self._forms = knowledge.case_format
        self._triples: set[Triple] = set()
        self._base = ""
        self._ids: dict[str, tuple[str, int]] = {}
        self._references: list[tuple[str, str, int, URIRef]] = []

    def problem(
        self,
        message: str,
        line: int,
        key: str | None = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.problems.append(Problem(message, self.file, line, key, expected, nearest))

    def read(self, tree: Mapped) -> Case:
        identifier = self._identifier(tree) or "unnamed"
        self._base = CASE_BASE + identifier
        iri = URIRef(self._base)
        self._form(tree, self._forms["case"], iri)
        for key, name, line, of in self._references:
            known = {n: form for n, (form, _) in self._ids.items()}
            if name not in known or self._forms[known[name]].of != of:
                right = [n for n, form in known.items() if self._forms[form].of == of]
                kind = self._knowledge.concepts.label(of)
                self.problem(
                    f"{name} is no {kind} of this case.",
                    line,
                    key,
                    expected=f"the id of a {kind}" + (f": {', '.join(right)}" if right else ""),
                    nearest=nearest_word(name, right),
                )
        return Case(iri, identifier, frozenset(self._triples), self.file)

    def _identifier(self, tree: Mapped) -> str | None:
        entry = tree.entries.get("id")
        if entry is None:
            self.problem("The case has no id.", tree.line, "id", expected="a name for the case")
            return None
        return self._id_text(*entry)

    def _id_text(self, line: int, value: Tree) -> str | None:
        if isinstance(value, Scalar) and value.value and _ID.fullmatch(value.value):
            return value.value
        shown = value.value if isinstance(value, Scalar) else "this"
        self.problem(
            f"{shown} is no id.", line, "id",
            expected="letters, digits, dots, dashes and underscores, at most 100",
        )  # fmt: skip
        return None

    def _node(self, tree: Tree, form: Form, position: int) -> URIRef:
        given: str | None = None
        if isinstance(tree, Mapped) and form.name in _NAMED and "id" in tree.entries:
            line, value = tree.entries["id"]
            given = self._id_text(line, value)
            if given is not None and given in self._ids:
                self.problem(
                    f"The id {given} is taken since line {self._ids[given][1]}.", line, "id",
                    expected="an id of its own",
                )  # fmt: skip
            elif given is not None:
                self._ids[given] = (form.name, line)
        name = given or f"{form.name}-{position}"
        if given is None and form.name in _NAMED:
            while name in self._ids:
                name += "-"
            self._ids[name] = (form.name, tree.line)
        return URIRef(f"{self._base}#{name}")

    def _form(self, tree: Mapped, form: Form, node: URIRef) -> None:
        self._state(node, RDF.type, form.of)
        takes_id = form.name == "case" or form.name in _NAMED
        known = [*form.keys, *(["id"] if takes_id else [])]
        for name, (line, value) in tree.entries.items():
            if name == "id" and takes_id:
                continue
            if name not in form.keys:
                self.problem(
                    f"{name} is no key of {form.label}.", line, name,
                    expected="one of " + ", ".join(sorted(known)),
                    nearest=nearest_word(name, known),
                )  # fmt: skip
                continue
            self._key(node, form, form.keys[name], value, line)
        for key in form.keys.values():
            if key.path == CORE.status and key.name not in tree.entries:
                self._state(node, key.path, CORE.Present)
            elif (key.least or key.kind == "class") and key.name not in tree.entries:
                self.problem(
                    f"{form.label} lacks it.".capitalize(), tree.line, key.name,
                    expected=key.description.rstrip(".")[:1].lower() + key.description.rstrip(".")[1:],
                )  # fmt: skip

    def _key(self, node: URIRef, form: Form, key: Key, value: Tree, line: int) -> None:
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
                self.problem("A plain value belongs here.", item.line, key.name)
            elif item.value is None:
                self.problem("The value is missing.", item.line, key.name)
            else:
                for term in self._value(form, key, item.value, item.line):
                    self._state(node, key.path, term)

    def _nested(self, node: URIRef, key: Key, item: Tree, position: int, line: int) -> None:
        form = self._forms[key.form or ""]
        prefix = "" if str(node) == self._base else str(node).removeprefix(self._base + "#") + "-"
        if form.name == "ingredient" and isinstance(item, Scalar):
            # "agents: [Lidocaine]" is short for "agents: [{is: Lidocaine}]".
            item = Mapped({"is": (item.line, item)}, item.line)
        if not isinstance(item, Mapped):
            self.problem(f"Keys belong here, those of {form.label}.", item.line or line, key.name)
            return
        if form.name in _NAMED:
            below = self._node(item, form, position)
        elif key.most == 1:
            below = URIRef(f"{self._base}#{prefix}{local_name(key.path)}")
        else:
            below = URIRef(f"{self._base}#{prefix}{local_name(key.path)}-{position}")
        self._state(node, key.path, below)
        if key.most != 1:
            self._state(below, CORE.position, Literal(position))
        self._form(item, form, below)

    def _value(self, form: Form, key: Key, text: str, line: int) -> Iterator[URIRef | Literal]:
        if key.kind == "string":
            yield Literal(text, datatype=XSD.string)
        elif key.kind in ("integer", "decimal"):
            yield from self._number(key, text, line)
        elif key.kind == "date":
            yield from self._date(key, text, line)
        elif key.kind == "boolean":
            if text in ("true", "false"):
                yield Literal(text, datatype=XSD.boolean)
            else:
                self.problem(f"{text} is neither.", line, key.name, expected="true or false")
        elif key.kind == "quantity":
            yield from self._quantity(key, text, line)
        elif key.kind == "reference":
            assert key.of is not None
            self._references.append((key.name, text, line, key.of))
            if _ID.fullmatch(text):
                yield URIRef(f"{self._base}#{text}")
        else:
            yield from self._concept(key, text, line)

    def _number(self, key: Key, text: str, line: int) -> Iterator[Literal]:
        whole = key.kind == "integer"
        if not _NUMBER.fullmatch(text) or (whole and "." in text):
            self.problem(
                f"{text} is no {'whole ' if whole else ''}number.", line, key.name,
                expected=f"{'a whole' if whole else 'a'} number without a unit",
            )  # fmt: skip
            return
        value = Decimal(text)
        if (key.lowest is not None and value < key.lowest) or (
            key.highest is not None and value > key.highest
        ):
            self.problem(
                f"{text} is out of bounds.", line, key.name,
                expected=f"{key.lowest} to {key.highest}",
            )  # fmt: skip
            return
        yield Literal(int(value)) if whole else Literal(value)

    def _date(self, key: Key, text: str, line: int) -> Iterator[Literal]:
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                raise ValueError
            yield Literal(date.fromisoformat(text))
        except ValueError:
            self.problem(
                f"{text} is no day of the calendar.", line, key.name,
                expected="a date such as 2014-08-19",
            )  # fmt: skip

    def _quantity(self, key: Key, text: str, line: int) -> Iterator[Literal]:
        kind = key.unit_kind or ""
        if parse_quantity(text, kind) is None:
            bare = _NUMBER.fullmatch(text.strip()) is not None
            self.problem(
                f"{text} has no unit." if bare else f"{text} is no quantity of this kind.",
                line, key.name, expected="a number and one of " + ", ".join(units_of(kind)),
            )  # fmt: skip
        else:
            yield Literal(text, datatype=CORE.Quantity)

    def _concept(self, key: Key, text: str, line: int) -> Iterator[URIRef]:
        assert key.of is not None
        concepts = self._knowledge.concepts
        among = (
            concepts.individuals(key.of) if key.kind == "individual" else concepts.subclasses(key.of)
        )
        term = concepts.find(text)
        if term is not None and term in among:
            yield term
            return
        label = concepts.label(key.of)
        self.problem(
            f"{text} is no {label} that is known.", line, key.name,
            expected=(
                "one of " + ", ".join(local_name(t) for t in among)
                if len(among) <= 12
                else f"a {label} of the clinical vocabulary"
            ),
            nearest=concepts.nearest(text, among),
        )  # fmt: skip

    def _state(self, subject: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
        self._triples.add((subject, predicate, value))
