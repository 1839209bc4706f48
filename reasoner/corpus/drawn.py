"""Drawn cases written: as case files, and as the rows that reading these would give."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml
from rdflib import RDF

from reasoner.corpus.schema import Rows, properties, short
from reasoner.knowledge import Knowledge
from reasoner.terms import local_name


def case_file(case: Mapping[str, Any]) -> str:
    """Write a drawn case as a case file."""
    return yaml.safe_dump(dict(case), sort_keys=False, allow_unicode=True, width=100)


class RowWriter:
    """Turns drawn cases into rows of tables, as reading their case files would."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._forms = knowledge.case_format
        self._known = properties(knowledge)
        concepts = knowledge.concepts
        self._short = {
            local_name(str(t)).casefold(): short(str(t))
            for t in sorted([*concepts.ancestors, *concepts.kinds])
        }
        self._keys = {
            name: {
                key.name: (None if key.path == RDF.type else local_name(key.path), key.kind,
                           key.form, key.most)
                for key in form.keys.values()
            }
            for name, form in self._forms.items()
        }  # fmt: skip

    def add(self, rows: Rows, number: int, case: Mapping[str, Any], source: str) -> None:
        """Add a case's rows."""
        nodes: dict[str, tuple[str, str | None]] = {}
        facts: list[tuple[str, str, Any, str]] = []
        self._thing("", "case", case, nodes, facts)
        order = {name: at for at, name in enumerate(sorted(nodes))}
        rows.cases.append((number, case["id"], source))
        rows.nodes.extend((number, at, name, *nodes[name]) for name, at in order.items())
        for subject, predicate, value, kind in facts:
            found = order[value] if kind in ("form", "reference") else value
            rows.facts.setdefault(predicate, []).append((number, order[subject], found))

    def _thing(
        self,
        name: str,
        form: str,
        stated: Mapping[str, Any],
        nodes: dict[str, tuple[str, str | None]],
        facts: list[tuple[str, str, Any, str]],
    ) -> None:
        kind = None
        for key, (predicate, sort, nested, most) in self._keys[form].items():
            if key not in stated:
                if predicate == "status":
                    facts.append((name, "status", self._short["present"], "individual"))
                continue
            value = stated[key]
            if predicate is None:
                kind = self._short[str(value).casefold()]
                continue
            values = value if isinstance(value, list) else [value]
            for position, item in enumerate(values, 1):
                if sort == "form":
                    assert nested is not None
                    below = self._name(name, predicate, nested, item, position, most)
                    facts.append((name, predicate, below, sort))
                    if most != 1:
                        facts.append((below, "position", position, "integer"))
                    self._thing(below, nested, item, nodes, facts)
                else:
                    facts.append((name, predicate, self._value(sort, item), sort))
        nodes[name] = (form, kind)

    def _name(
        self, above: str, predicate: str, form: str, item: Mapping[str, Any], position: int,
        most: int | None,
    ) -> str:  # fmt: skip
        if "id" in item:
            return str(item["id"])
        if form in ("record", "fact", "request"):
            return f"{form}-{position}"
        wanted = predicate if most == 1 else f"{predicate}-{position}"
        return f"{above}-{wanted}" if above else wanted

    def _value(self, sort: str, item: Any) -> Any:
        if sort in ("individual", "class"):
            return self._short[str(item).casefold()]
        if sort == "decimal":
            return Decimal(str(item))
        return item
