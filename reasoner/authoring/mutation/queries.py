"""Slips in a SPARQL constraint: a number off by one, a comparison the wrong way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdflib import SH, Literal, URIRef

from reasoner.authoring.mutation.mutant import Encoding, Mutant, property_name
from reasoner.rdf import iris

_NUMBER = re.compile(r"(?<![\w?.:/#\"-])\d+(?![\w.])|(?<=\"P)\d+(?=[YMD])|(?<=\"-P)\d+(?=[YMD])")
_COMPARISON = re.compile(r"(?<=\s)(?:>=|<=|!=|=|>|<)(?=\s)")
_STRICTNESS = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_DIRECTION = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "!=", "!=": "="}


def queries(encoding: Encoding) -> Iterator[Mutant]:
    """The slips of every SPARQL constraint that a criterion has."""
    for shape in encoding.shape_nodes:
        for constraint in iris(encoding.shapes, shape, SH.sparql):
            text = encoding.shapes.value(constraint, SH.select)
            if isinstance(text, Literal):
                yield from _of_query(encoding, shape, constraint, text)


def _of_query(
    encoding: Encoding, shape: URIRef, constraint: URIRef, text: Literal
) -> Iterator[Mutant]:
    query = str(text)

    def mutant(operator: str, found: re.Match[str], new: str, hint: str, detail: str) -> Mutant:
        changed = query[: found.start()] + new + query[found.end() :]
        return encoding.of_shape(
            operator,
            constraint,
            SH.select,
            f"{new} instead of {found.group()} in: {_line_of(query, found.start())}",
            hint,
            [(constraint, SH.select, text)],
            [(constraint, SH.select, Literal(changed, datatype=text.datatype))],
            detail,
        )

    about = property_name(encoding, shape)
    for place, found in enumerate(_NUMBER.finditer(query)):
        number = int(found.group())
        for other in (number + 1, number - 1):
            if other >= 0:
                hint = f"just at the limit of {number} ({about})"
                yield mutant("query-number", found, str(other), hint, f"{place}:{other}")
    for place, found in enumerate(_COMPARISON.finditer(query)):
        turned = {
            "query-strictness": _STRICTNESS.get(found.group()),
            "query-direction": _DIRECTION[found.group()],
        }
        for operator, new in turned.items():
            if new is not None:
                yield mutant(operator, found, new, f"exactly at the limit ({about})", str(place))


def _line_of(query: str, position: int) -> str:
    """Give the line of a query that a position is on."""
    start = query.rfind("\n", 0, position) + 1
    end = query.find("\n", position)
    return query[start : end if end >= 0 else len(query)].strip()
