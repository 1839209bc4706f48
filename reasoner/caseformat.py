"""The keys that a case file may use, read from ``shapes/case.ttl``.

The shapes are the one place where a key is declared: the reader, the JSON-LD context, the
JSON Schema and the case file reference are all made from what this module gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rdflib import RDF, SH, XSD, Graph, URIRef

from reasoner.errors import KnowledgeError
from reasoner.terms import CORE, local_name


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a form.

    Attributes:
        name: the key as a case file writes it.
        path: the property that it states; ``rdf:type`` for the kind of a thing.
        kind: ``date``, ``integer``, ``decimal``, ``string``, ``boolean``, ``quantity``,
            ``individual``, ``class``, ``reference`` or ``form``.
        of: the class whose individuals or subclasses it takes, or that a reference points to.
        unit_kind: the kind of quantity.
        form: the name of the nested form.
        least, most: how often it may stand; most is None where there is no end.
        lowest, highest: bounds of a number.
        longest: how many characters a text may have; None where there is no end.
        datatype: the datatype of its literals; None where it takes no literal.
    """

    name: str
    path: URIRef
    shape: URIRef
    kind: str
    description: str
    of: URIRef | None
    unit_kind: str | None
    form: str | None
    least: int
    most: int | None
    lowest: Decimal | None
    highest: Decimal | None
    longest: int | None
    datatype: URIRef | None


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of thing in a case file may state."""

    name: str
    label: str
    of: URIRef
    keys: Mapping[str, Key]

    @property
    def takes_id(self) -> bool:
        """Whether a thing of this form can be given an id of its own."""
        return self.name in ("case", *NAMED)


NAMED = ("record", "fact", "request")
"""The forms that others point to; each stands in a list of the case."""

_DATATYPES = {
    XSD.date: "date",
    XSD.integer: "integer",
    XSD.decimal: "decimal",
    XSD.string: "string",
    XSD.boolean: "boolean",
    CORE.Quantity: "quantity",
}


def _key(shapes: Graph, shape: URIRef) -> tuple[int, Key]:
    def one(predicate: URIRef) -> URIRef | None:
        found = shapes.value(shape, predicate)
        return URIRef(found) if isinstance(found, URIRef) else None

    def number(predicate: URIRef) -> Decimal | None:
        found = shapes.value(shape, predicate)
        return None if found is None else Decimal(str(found))

    path, name = one(SH.path), shapes.value(shape, SH.name)
    if path is None or name is None:
        raise KnowledgeError(f"<{shape}> of shapes/case.ttl needs sh:path and sh:name")
    value_of, kind_of, node, target = (
        one(CORE.valueOf),
        one(CORE.kindOf),
        one(SH.node),
        one(SH["class"]),
    )
    datatype = one(SH.datatype)
    if datatype is not None:
        kind = _DATATYPES[datatype]
    elif value_of is not None:
        kind = "individual"
    elif kind_of is not None:
        kind = "class"
    elif node is not None:
        kind = "form"
    elif target is not None:
        kind = "reference"
    else:
        raise KnowledgeError(f"<{shape}> of shapes/case.ttl does not say what it takes")
    unit = shapes.value(shape, CORE.unitName)
    least, most, longest = number(SH.minCount), number(SH.maxCount), number(SH.maxLength)
    key = Key(
        name=str(name),
        path=path,
        shape=shape,
        kind=kind,
        description=str(shapes.value(shape, SH.description) or ""),
        of=value_of or kind_of or target,
        unit_kind=None if unit is None else str(unit),
        form=None if node is None else local_name(node),
        least=int(least or 0),
        most=1 if kind == "class" else None if most is None else int(most),
        lowest=number(SH.minInclusive),
        highest=number(SH.maxInclusive),
        longest=None if longest is None else int(longest),
        datatype=datatype,
    )
    return int(number(SH.order) or 0), key


def compile_case_format(shapes: Graph) -> dict[str, Form]:
    """Read every form of the case file, by name; ``case`` is the outermost."""
    forms: dict[str, Form] = {}
    for node in shapes.subjects(RDF.type, SH.NodeShape):
        of = shapes.value(node, SH.targetClass)
        if not isinstance(of, URIRef):
            continue
        keys = sorted(
            (_key(shapes, URIRef(str(p))) for p in shapes.objects(node, SH.property)),
            key=lambda pair: pair[0],
        )
        name = local_name(str(node))
        forms[name] = Form(
            name=name,
            label=str(shapes.value(node, SH.name)),
            of=of,
            keys={key.name: key for _, key in keys},
        )
    if "case" not in forms:
        raise KnowledgeError("shapes/case.ttl has no shape for a case")
    return forms
