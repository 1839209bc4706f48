"""Cases in RDF: Turtle, TriG, N-Triples, N-Quads, JSON-LD and RDF/XML, parsed without a network.

The graph is turned into the tree that a YAML case file would be, and read as that is: the same
keys, the same checks, the same result. RDF keeps no lines, so problems name the thing instead.
Named graphs are merged. A name directly under the case namespace, such as ``<pr2>`` in Turtle
or ``"id": "pr2"`` in JSON-LD, is a fragment of the case; a blank node gets a name by its
position, or by what it states where no position is stated.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TypeAlias

import pyoxigraph as ox
from rdflib import OWL, RDF, XSD, BNode, Literal, URIRef

from reasoner.case import CASE_BASE, Case
from reasoner.caseformat import NAMED, Form, Key
from reasoner.casereader import MAX_PROBLEMS, is_id, read_tree
from reasoner.casetree import Mapped, Scalar, Sequence, Tree
from reasoner.errors import InputError, Problem, nearest_word, shown
from reasoner.knowledge import Knowledge
from reasoner.rdf import Term, Triple, parse_triples
from reasoner.rdfguard import check_xml, one_line, refused, with_local_context
from reasoner.terms import CLINICAL, CORE, local_name
from reasoner.wording import takes

RDF_FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
}

MAX_TRIPLES = 50_000
"""How many triples a case file may hold: twice what a case may."""
MAX_CHARACTERS = 20_000_000
"""How many characters the triples of a case may have; prefixes can make a small file large."""

# rdflib logs the traceback of every literal that it cannot parse, and with it the literal.
logging.getLogger("rdflib.term").addFilter(
    lambda record: not str(record.msg).startswith("Failed to convert Literal")
)

_Node: TypeAlias = URIRef | BNode
_Described: TypeAlias = dict[_Node, dict[URIRef, list[Term]]]


def read_rdf_case(text: str, file: str, format: ox.RdfFormat, knowledge: Knowledge) -> Case:
    """Read a case from RDF.

    Raises:
        InputError: with every problem; a syntax error with its line, another with its node
            and key.
    """
    triples = _parse(text, file, format)
    described: _Described = {}
    for subject, predicate, value in sorted(triples, key=_written):
        if (
            isinstance(subject, (URIRef, BNode))
            and isinstance(predicate, URIRef)
            and isinstance(value, (URIRef, BNode, Literal))
        ):
            described.setdefault(subject, {}).setdefault(predicate, []).append(value)
    if any(OWL.imports in says for says in described.values()):
        raise refused("owl:imports is not followed; put the triples into the file.", file)
    case = _the_case(described, file, knowledge)
    walk = _Walk(described, case, file, knowledge)
    tree = walk.thing(case, knowledge.case_format["case"])
    walk.leftover()
    return read_tree(tree, file, knowledge, walk.problems)


def _written(triple: Triple) -> tuple[str, ...]:
    """Order triples by how they are written: values of unlike types do not compare."""
    value = triple[2]
    kind = f"{value.datatype}@{value.language}" if isinstance(value, Literal) else ""
    return (str(triple[0]), str(triple[1]), str(value), kind)


def _parse(text: str, file: str, format: ox.RdfFormat) -> set[Triple]:
    if format == ox.RdfFormat.JSON_LD:
        text = with_local_context(text, file)
    if format == ox.RdfFormat.RDF_XML:
        check_xml(text, file)
    triples: set[Triple] = set()
    characters = 0
    try:
        for triple in parse_triples(text.encode(), format, base=CASE_BASE):
            triples.add(triple)
            characters += sum(len(str(term)) for term in triple)
            if len(triples) > MAX_TRIPLES:
                raise refused(f"The file holds over {MAX_TRIPLES:,} triples.", file)
            if characters > MAX_CHARACTERS:
                raise refused(
                    f"Written out, the file has over {MAX_CHARACTERS:,} characters.", file
                )
    except AttributeError as error:  # a triple term has none of the attributes of other terms
        raise refused("A triple stands inside a triple; RDF 1.1 is read.", file) from error
    except (SyntaxError, ValueError, OSError) as error:
        line = getattr(error, "lineno", None)
        what = getattr(error, "msg", None) or str(error)
        raise InputError(
            [Problem(f"The file is malformed: {one_line(what)}.", file, line)]
        ) from error
    return triples


def _the_case(described: _Described, file: str, knowledge: Knowledge) -> _Node:
    """Find the one node that is the case: it says so, or it has records, facts or requests."""
    parts = [key.path for key in knowledge.case_format["case"].keys.values()]
    cases = [
        node
        for node, says in described.items()
        if CORE.Case in says.get(RDF.type, ()) or any(part in says for part in parts)
    ]
    if len(cases) == 1:
        return cases[0]
    if not cases:
        raise refused("The file describes no case.", file)
    names = ", ".join(sorted(shown(_compact(case)) for case in cases)[:12])
    raise InputError(
        [Problem(f"The file describes {len(cases)} cases: {names}.", file, expected="one")]
    )


def _compact(term: Term) -> str:
    """Write a term as an author would."""
    for prefix, own in (("core", CORE), ("clinical", CLINICAL)):
        if isinstance(term, URIRef) and term.startswith(str(own)):
            return f"{prefix}:{term.removeprefix(str(own))}"
    if isinstance(term, URIRef):
        return str(term).removeprefix(CASE_BASE) or "<>"
    return "a blank node" if isinstance(term, BNode) else str(term)


class _Walk:
    """Turns what a graph says of a case into a tree of keys and values."""

    def __init__(self, described: _Described, case: _Node, file: str, knowledge: Knowledge) -> None:
        self.problems: list[Problem] = []
        self._described = described
        self._file = file
        self._knowledge = knowledge
        self._concepts = knowledge.concepts
        self._prefix = f"{case}#"
        self._seen: set[_Node] = set()
        self._contents: dict[tuple[BNode, int], str] = {}
        self._users: dict[Term, list[tuple[URIRef, _Node]]] = {}
        for user, says in described.items():
            for predicate, values in says.items():
                for value in values:
                    self._users.setdefault(value, []).append((predicate, user))
        self._names = self._name_blank_parts(case)

    def _name_blank_parts(self, case: _Node) -> dict[BNode, str]:
        """Name blank records, facts and requests by their place, as the reader names others."""
        keys = [k for k in self._knowledge.case_format["case"].keys.values() if k.form in NAMED]
        says = self._described.get(case, {})
        taken = {
            self._fragment(v) for k in keys for v in says.get(k.path, ()) if isinstance(v, URIRef)
        }
        names: dict[BNode, str] = {}
        for key in keys:
            for position, value in enumerate(self._ordered(says.get(key.path, [])), start=1):
                if isinstance(value, BNode):
                    wanted = name = f"{key.form}-{position}"
                    count = 1
                    while name in taken:
                        count += 1
                        name = f"{wanted}-{count}"
                    taken.add(name)
                    names[value] = name
        return names

    def problem(
        self,
        message: str,
        node: str | None,
        key: str | None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.problems.append(Problem(message, self._file, None, key, expected, nearest, node))
        if len(self.problems) >= MAX_PROBLEMS:
            raise InputError(self.problems)

    def thing(self, node: _Node, form: Form) -> Mapped:
        """Turn a node into the mapping of a form."""
        self._seen.add(node)
        name = self._label(node, form)
        says = self._described.get(node, {})
        entries: dict[str, tuple[int | None, Tree]] = {}
        identifier = self._id(node, form)
        if identifier is not None and form.takes_id:
            entries["id"] = (None, Scalar(identifier, None))
        by_path = {key.path: key for key in form.keys.values() if key.kind != "class"}
        kinds = self._kinds(says, form, name)
        if kinds is not None:
            entries[kinds[0]] = (None, kinds[1])
        for predicate, values in says.items():
            if predicate in (RDF.type, CORE.position):
                continue
            key = by_path.get(predicate)
            if key is None:
                names = {local_name(path): key for path, key in by_path.items()}
                self.problem(
                    f"This is not a property of {form.label}.", name,
                    shown(_compact(predicate))[1:-1],
                    expected="one of " + ", ".join(sorted(_compact(path) for path in by_path)),
                    nearest=nearest_word(local_name(predicate), names),
                )  # fmt: skip
                continue
            entry = self._values(key, values, name)
            if entry is not None:
                entries[key.name] = (None, entry)
        return Mapped(entries, None, name)

    def leftover(self) -> None:
        """Report what the file says of things that are no part of the case."""
        loose = [node for node in self._described if node not in self._seen]
        blank = sum(isinstance(node, BNode) for node in loose)
        names = [shown(_compact(node))[1:-1] for node in loose if isinstance(node, URIRef)]
        if blank:
            names.append(f"{blank:,} blank node{'s' if blank > 1 else ''}")
        for name in names:
            self.problem(
                "No part of the case leads here.", name, None,
                expected="a record, fact, request or other part of the case",
            )  # fmt: skip

    def _label(self, node: _Node, form: Form) -> str:
        if isinstance(node, URIRef):
            return shown(self._id(node, form) or _compact(node))[1:-1]
        kinds = [
            local_name(t)
            for t in self._described.get(node, {}).get(RDF.type, ())
            if isinstance(t, URIRef) and t != form.of
        ]
        return f"{form.label}, unnamed" + (f" ({shown(min(kinds))[1:-1]})" if kinds else "")

    def _id(self, node: _Node, form: Form) -> str | None:
        """Give the id that a node's IRI carries, or that a blank node was given."""
        if isinstance(node, BNode):
            return self._names.get(node)
        if form.name == "case" or not node.startswith(CASE_BASE):
            return node.removeprefix(CASE_BASE)
        return self._fragment(node)

    def _fragment(self, node: URIRef) -> str:
        """Give the name of a part of the case: its fragment, or what stands for one."""
        if node.startswith(self._prefix):
            return node.removeprefix(self._prefix)
        return node.removeprefix(CASE_BASE).removeprefix("#")

    def _kinds(
        self, says: dict[URIRef, list[Term]], form: Form, name: str
    ) -> tuple[str, Tree] | None:
        """Turn the types of a node into the key that tells its kind."""
        key = next((key for key in form.keys.values() if key.kind == "class"), None)
        stated = [t for t in says.get(RDF.type, ()) if t != form.of]
        if key is None:
            for kind in stated:
                self.problem(
                    f"{shown(_compact(kind))} is not the type of {form.label}.", name, "rdf:type",
                    expected=_compact(form.of),
                )  # fmt: skip
            return None
        # A file that was classified states what its kinds are kinds of, too.
        above = {
            higher
            for kind in stated
            if isinstance(kind, URIRef)
            for higher in self._concepts.ancestors.get(kind, ())
            if higher != kind
        }
        kinds = [kind for kind in stated if kind not in above]
        if len(kinds) > 1:
            self.problem(
                f"It is {len(kinds)} things at once: "
                + ", ".join(_compact(kind) for kind in kinds[:12]) + ".",
                name, key.name, expected="one kind for each",
            )  # fmt: skip
        if not kinds:
            return None
        return key.name, self._word(kinds[0], key)

    def _values(self, key: Key, values: list[Term], name: str) -> Tree | None:
        if key.kind == "form":
            form = self._knowledge.case_format[key.form or ""]
            items = [self._part(value, key, form, name) for value in self._ordered(values)]
        else:
            items = [self._scalar(value, key, name) for value in values]
        kept = tuple(item for item in items if item is not None)
        if key.most == 1:
            if len(values) > 1:
                self.problem(f"{len(values)} values stand where one belongs.", name, key.name)
            return kept[0] if kept else None
        return Sequence(kept, None) if kept else None

    def _part(self, value: Term, key: Key, form: Form, name: str) -> Tree | None:
        if isinstance(value, Literal):
            return Scalar(str(value), None)
        if value in self._seen:
            self.problem(
                f"{shown(_compact(value))} stands in two places.", name, key.name,
                expected="a node of its own",
            )  # fmt: skip
            return None
        if isinstance(value, URIRef) and not self._is_ours(value):
            self.problem(
                f"<{shown(value)[1:-1]}> is not a part of this case.", name, key.name,
                expected=f"an IRI that begins {self._prefix}",
            )  # fmt: skip
            self._seen.add(value)
            return None
        return self.thing(value, form)

    def _is_ours(self, node: URIRef) -> bool:
        return node.startswith(self._prefix) or (
            node.startswith(CASE_BASE) and is_id(self._fragment(node))
        )

    def _ordered(self, values: list[Term]) -> list[Term]:
        """Order parts of the case: as they say, else by name, else by what they state."""

        def place(value: Term) -> tuple[int, int, str]:
            says = self._described.get(value, {}) if isinstance(value, (URIRef, BNode)) else {}
            stated = [
                int(p)
                for p in says.get(CORE.position, ())
                if isinstance(p, Literal) and p.datatype == XSD.integer and not p.ill_typed
            ]
            if not isinstance(value, BNode):
                return (min(stated, default=MAX_TRIPLES), 0, str(value))
            users = sorted(
                f"{p.n3()} {self._content(u) if isinstance(u, BNode) else u.n3()}"
                for p, u in self._users.get(value, ())
            )
            return (min(stated, default=MAX_TRIPLES), 1, f"{self._content(value)} {users}")

        return sorted(values, key=place)

    def _content(self, node: BNode, depth: int = 4) -> str:
        """Hash what a blank node states, to the depth that a case nests."""
        key = (node, depth)
        if key not in self._contents:
            self._contents[key] = ""
            stated = sorted(
                f"{p.n3()} {self._content(o, depth - 1) if isinstance(o, BNode) else o.n3()}"
                for p, values in self._described.get(node, {}).items()
                for o in (values if depth else ())
            )
            self._contents[key] = hashlib.sha256("\n".join(stated).encode()).hexdigest()
        return self._contents[key]

    def _scalar(self, value: Term, key: Key, name: str) -> Scalar | None:
        if key.datatype is not None:
            return self._literal(value, key, name)
        if key.kind == "reference":
            if isinstance(value, BNode) and value in self._names:
                return Scalar(self._names[value], None)
            ours = isinstance(value, URIRef) and self._is_ours(value)
            return Scalar(self._fragment(URIRef(value)) if ours else _compact(value), None)
        return self._word(value, key)

    def _word(self, term: Term, key: Key) -> Scalar:
        """Write a concept as a case file does; what cannot stand there stays unknown."""
        known = term in takes(key, self._knowledge)
        return Scalar(local_name(str(term)) if known else _compact(term), None)

    def _literal(self, value: Term, key: Key, name: str) -> Scalar | None:
        assert key.datatype is not None
        if not isinstance(value, Literal):
            self.problem("A node stands where a value belongs.", name, key.name)
            return None
        stated = XSD.string if value.datatype is None and value.language is None else value.datatype
        if stated == key.datatype:
            return Scalar(str(value), None)
        what = (
            f"in the language {value.language}"
            if value.language
            else f"of the type {_type(stated)}"
        )
        self.problem(
            f"{shown(str(value))} is {what}.", name, key.name,
            expected=f"the type {_type(key.datatype)}",
        )  # fmt: skip
        return None


def _type(datatype: URIRef | None) -> str:
    if datatype is not None and datatype.startswith(str(XSD)):
        return f"xsd:{datatype.removeprefix(str(XSD))}"
    return "none" if datatype is None else shown(_compact(datatype))[1:-1]
