"""SPARQL constraints as relations: the nodes for which a query has an answer.

The algebra that rdflib makes of a query is turned into nested selects, a column for what each
variable is and one for its value where it is a number, a date or a text. What criteria use is
compiled: basic patterns with alternatives and optional steps, ``FILTER``, ``EXISTS``, ``OPTIONAL``,
``UNION``, ``BIND``, subqueries with sums, and arithmetic of numbers and dates. All else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib import RDF, XSD, Literal, URIRef, Variable
from rdflib.paths import AlternativePath, MulPath
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.corpus.engine import text
from reasoner.corpus.frames import Frame
from reasoner.corpus.sparqlparts import (
    _UnsupportedPart,
    apart,
    conjuncts,
    constant,
    interval,
    pattern_of,
)
from reasoner.corpus.store import Store
from reasoner.terms import CORE, local_name

_PLAIN_PATTERN = re.compile(r"[A-Za-z0-9^$\[\]+*? -]*")


@dataclass(frozen=True)
class Column:
    """What is known of a variable.

    Attributes:
        node: whether it has a column for what it is.
        kind: of its value: ``num``, ``day`` or ``lex``; None where it has none.
    """

    node: bool
    kind: str | None


@dataclass(frozen=True)
class Relation:
    """A query with a column for each variable: ``n_x`` what it is, ``w_x`` its value."""

    sql: str
    columns: Mapping[str, Column] = field(default_factory=dict)


Scope = Mapping[str, tuple[str | None, str | None, str | None]]
"""For each variable the SQL of what it is, of its value, and the kind of that."""


def kind_of_values(store: Store, predicate: URIRef) -> str | None:
    """Tell what values a property has: numbers, days or texts; None if it leads to nodes."""
    name = local_name(str(predicate))
    from reasoner.corpus.schema import properties

    known = properties(store.knowledge).get(name)
    if known is not None:
        return {"integer": "num", "decimal": "num", "date": "day", "string": "lex"}.get(known.kind)
    if name == "requestDate":
        return "day"
    ranges = set(store.knowledge.vocabulary.objects(predicate, URIRef(f"{_RDFS}range")))
    return "num" if ranges & {XSD.decimal, XSD.integer} else None


_RDFS = "http://www.w3.org/2000/01/rdf-schema#"


class Query:
    """Turns the algebra of a query into relations over a store, for the focus nodes of a frame."""

    def __init__(self, store: Store, frame: Frame) -> None:
        self._store = store
        self._plan = frame.plan
        self._focus = frame.rows
        self._names = 0
        self._seed: Relation | None = None

    def _name(self) -> str:
        self._names += 1
        return f"q{self._names}"

    def of(self, part: CompValue, outer: Scope) -> Relation:
        """Turn a part of the algebra into a relation.

        Args:
            part: the part.
            outer: what variables of the surrounding pattern are, inside EXISTS.
        """
        name = part.name
        if name == "BGP":
            return self._named(self._bgp(part.triples))
        if name in ("Project", "Distinct"):
            return self.of(part.p, outer)
        if name == "ToMultiSet":
            return self.of(part.p, outer)
        if name == "Filter":
            return self._filter(part, outer)
        if name in ("Join", "LeftJoin"):
            return self._join(part, outer)
        if name == "Union":
            return self._union(part, outer)
        if name == "Extend":
            return self._extend(part, outer)
        if name == "AggregateJoin":
            return self._aggregate(part, outer)
        raise _UnsupportedPart(name)

    def _filter(self, part: CompValue, outer: Scope) -> Relation:
        """Filter a pattern; EXISTS becomes a join where nothing inside it looks out."""
        inner = self.of(part.p, outer)
        alias = self._name()
        scope = {**outer, **self._scope(inner, alias)}
        conditions, patterns = [], []
        for condition in conjuncts(part.expr):
            if getattr(condition, "name", "") in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
                patterns.append(condition)
            else:
                conditions.append(self._expression(condition, scope)[0])
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        kept = self._named(
            Relation(f"SELECT {alias}.* FROM ({inner.sql}) {alias}{where}", inner.columns)
        )
        joins, looking_out = [], []
        for condition in patterns:
            before, self._seed = self._seed, kept
            try:
                within, lifted = self._looking_out(pattern_of(condition.graph))
                other, on = self._shared(within, self._scope(inner, alias))
                both = {**scope, **self._scope(within, other)}
                on = " AND ".join([on, *(self._expression(c, both)[0] for c in lifted)])
            except _UnsupportedPart:
                looking_out.append(self._expression(condition, scope)[0])
            else:
                word = "ANTI" if condition.name == "Builtin_NOTEXISTS" else "SEMI"
                joins.append(f"{word} JOIN ({within.sql}) {other} ON {on}")
            finally:
                self._seed = before
        last = f" WHERE {' AND '.join(looking_out)}" if looking_out else ""
        return Relation(
            f"SELECT {alias}.* FROM ({kept.sql}) {alias} {' '.join(joins)}{last}", inner.columns
        )

    def _looking_out(self, pattern: CompValue) -> tuple[Relation, list[CompValue]]:
        """Give a pattern, and those of its conditions that ask about what is around it."""
        if pattern.name != "Filter":
            return self.of(pattern, {}), []
        inner, alias = self.of(pattern.p, {}), self._name()
        scope = self._scope(inner, alias)
        kept, lifted = [], []
        for condition in conjuncts(pattern.expr):
            try:
                kept.append(self._expression(condition, scope)[0])
            except _UnsupportedPart:
                lifted.append(condition)
        where = f" WHERE {' AND '.join(kept)}" if kept else ""
        return Relation(
            f"SELECT {alias}.* FROM ({inner.sql}) {alias}{where}", inner.columns
        ), lifted

    def _shared(self, inner: Relation, scope: Scope) -> tuple[str, str]:
        """Name a relation, and give the condition that it agrees on what both bind."""
        alias = self._name()
        on = [
            f"{alias}.n_{name} = {scope[name][0]}"
            for name, column in sorted(inner.columns.items())
            if column.node and name in scope and scope[name][0] is not None
        ]
        return alias, " AND ".join(on) or "TRUE"

    def _scope(self, relation: Relation, alias: str) -> Scope:
        return {
            name: (
                f"{alias}.n_{name}" if column.node else None,
                f"{alias}.w_{name}" if column.kind is not None else None,
                column.kind,
            )
            for name, column in relation.columns.items()
        }

    # Patterns

    def _bgp(self, triples: list[tuple[Any, Any, Any]]) -> Relation:
        if not triples:
            return Relation("SELECT 1 AS one", {})
        sources: list[str] = []
        conditions: list[str] = []
        self._names, before = 0, self._names
        nodes: dict[str, str] = {}
        values: dict[str, tuple[str, str]] = {}

        def meet(term: Any, column: str) -> None:
            if isinstance(term, Variable):
                if str(term) in nodes:
                    conditions.append(f"{column} = {nodes[str(term)]}")
                else:
                    nodes[str(term)] = column
            elif isinstance(term, URIRef):
                conditions.append(f"{column} = {self._store.number(term)}")
            else:
                raise _UnsupportedPart("a literal in a pattern")

        for subject, predicate, value in triples:
            alias = self._name()
            if predicate == RDF.type:
                sources.append(f"typed {alias}")
                meet(subject, f"{alias}.node")
                if isinstance(value, URIRef):
                    sources.append(f"shown k{alias}")
                    shown = self._store.shows(value, f"k{alias}")
                    conditions.append(f"k{alias}.tset = {alias}.tset AND {shown}")
                else:
                    sources.append(f"in_set k{alias}")
                    conditions.append(f"k{alias}.tset = {alias}.tset")
                    meet(value, f"k{alias}.kind")
                continue
            table, kind = self._path(predicate)
            sources.append(f"{table} {alias}")
            meet(subject, f"{alias}.s")
            meet(value, f"{alias}.o")
            if kind is not None and isinstance(value, Variable):
                sources.append(f"lit l{alias}")
                conditions.append(f"l{alias}.o = {alias}.o")
                values.setdefault(str(value), (f"l{alias}.{kind}", kind))
        if "this" in nodes:
            sources.append(f"{self._focus} f")
            conditions.append(f"f.node = {nodes['this']}")
        if self._seed is not None and apart(triples):
            # What a pattern holds apart, the pattern around it holds together.
            shared = [n for n in nodes if n in self._seed.columns and self._seed.columns[n].node]
            selected = ", ".join(f"n_{n}" for n in shared) or "1"
            sources.append(f"(SELECT DISTINCT {selected} FROM ({self._seed.sql})) z")
            conditions += [f"z.n_{n} = {nodes[n]}" for n in shared]
        self._names = before
        columns = [f"{sql} AS n_{name}" for name, sql in nodes.items()]
        columns += [f"{sql} AS w_{name}" for name, (sql, _) in values.items()]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return Relation(
            f"SELECT {', '.join(columns)} FROM {', '.join(sources)}{where}",
            {name: Column(True, values.get(name, (None, None))[1]) for name in nodes},
        )

    def _named(self, relation: Relation) -> Relation:
        """Name a pattern, so that queries that share it look it up once."""
        return Relation(f"SELECT * FROM {self._plan.relation(relation.sql)}", relation.columns)

    def _path(self, predicate: Any) -> tuple[str, str | None]:
        """Give the table of a predicate or path, and the kind of its values."""
        if isinstance(predicate, URIRef) and predicate in CORE:
            return self._store.pairs(predicate), kind_of_values(self._store, predicate)
        if isinstance(predicate, AlternativePath):
            parts = [self._path(p) for p in predicate.args]
            if len({kind for _, kind in parts}) != 1:
                raise _UnsupportedPart("a path to values of several kinds")
            union = " UNION ".join(f"SELECT s, o FROM {table}" for table, _ in parts)
            return f"({union})", parts[0][1]
        if isinstance(predicate, MulPath) and predicate.mod == "?":
            table, kind = self._path(predicate.path)
            if kind is not None:
                raise _UnsupportedPart("an optional step to a value")
            return (
                f"(SELECT s, o FROM {table} UNION SELECT node, node FROM {self._focus})",
                None,
            )
        raise _UnsupportedPart("a path")

    def _join(self, part: CompValue, outer: Scope) -> Relation:
        left, right = self.of(part.p1, outer), self.of(part.p2, outer)
        if part.name == "LeftJoin" and part.expr.name != "TrueFilter":
            raise _UnsupportedPart("OPTIONAL with a filter")
        a, b = self._name(), self._name()
        on = []
        for name in left.columns.keys() & right.columns.keys():
            if not (left.columns[name].node and right.columns[name].node):
                raise _UnsupportedPart("a join on a computed value")
            on.append(f"{a}.n_{name} = {b}.n_{name}")
        columns = dict(left.columns)
        selected = [f"{a}.*"]
        for name, column in right.columns.items():
            if name not in columns:
                columns[name] = column
                selected += [f"{b}.n_{name}"] if column.node else []
                selected += [f"{b}.w_{name}"] if column.kind is not None else []
        join = "JOIN" if part.name == "Join" else "LEFT JOIN"
        return Relation(
            f"SELECT {', '.join(selected)} FROM ({left.sql}) {a} {join} ({right.sql}) {b}"
            f" ON {' AND '.join(sorted(on)) or 'TRUE'}",
            columns,
        )

    def _union(self, part: CompValue, outer: Scope) -> Relation:
        left, right = self.of(part.p1, outer), self.of(part.p2, outer)
        columns: dict[str, Column] = {}
        for name in sorted({*left.columns, *right.columns}):
            here = [r.columns[name] for r in (left, right) if name in r.columns]
            if len({c.kind for c in here}) != 1:
                raise _UnsupportedPart("UNION of values of several kinds")
            columns[name] = Column(any(c.node for c in here), here[0].kind)

        def selected(relation: Relation) -> str:
            parts = []
            for name, column in columns.items():
                own = relation.columns.get(name, Column(False, None))
                if column.node:
                    parts.append(f"n_{name}" if own.node else f"NULL::BIGINT AS n_{name}")
                if column.kind is not None:
                    parts.append(f"w_{name}" if own.kind is not None else f"NULL AS w_{name}")
            return ", ".join(parts) or "1 AS one"

        return Relation(
            f"SELECT {selected(left)} FROM ({left.sql})"
            f" UNION ALL SELECT {selected(right)} FROM ({right.sql})",
            columns,
        )

    def _extend(self, part: CompValue, outer: Scope) -> Relation:
        inner = self.of(part.p, outer)
        name, alias = str(part.var), self._name()
        if isinstance(part.expr, Variable) and str(part.expr) in inner.columns:
            column = inner.columns[str(part.expr)]
            added = [f"{alias}.n_{part.expr} AS n_{name}"] if column.node else []
            added += [f"{alias}.w_{part.expr} AS w_{name}"] if column.kind is not None else []
        else:
            sql, kind = self._expression(part.expr, {**outer, **self._scope(inner, alias)})
            if kind not in ("num", "day", "lex"):
                raise _UnsupportedPart("BIND of what is no value")
            column, added = Column(False, kind), [f"{sql} AS w_{name}"]
        return Relation(
            f"SELECT {alias}.*, {', '.join(added)} FROM ({inner.sql}) {alias}",
            {**inner.columns, name: column},
        )

    def _aggregate(self, part: CompValue, outer: Scope) -> Relation:
        group = part.p
        inner = self.of(group.p, outer)
        keys = [str(k) for k in group.expr or ()]
        columns: dict[str, Column] = {}
        selected = []
        for aggregate in part.A:
            name, of = str(aggregate.res), str(aggregate.vars)
            column = inner.columns.get(of)
            if column is None or dict.get(aggregate, "distinct"):
                raise _UnsupportedPart("an aggregate of what is not bound, or DISTINCT")
            if aggregate.name == "Aggregate_Sum" and column.kind == "num":
                selected.append(f"SUM(w_{of}) AS w_{name}")
                columns[name] = Column(False, "num")
            elif aggregate.name == "Aggregate_Sample" and of in keys and column.node:
                selected.append(f"n_{of} AS n_{name}")
                columns[name] = Column(True, None)
            else:
                raise _UnsupportedPart(aggregate.name)
        by = ", ".join(f"n_{k}" for k in keys)
        return Relation(f"SELECT {', '.join(selected)} FROM ({inner.sql}) GROUP BY {by}", columns)

    # Expressions

    def _expression(self, expression: Any, scope: Scope) -> tuple[str, str]:
        """Give the SQL of an expression, null where SPARQL has an error, and its kind."""
        if isinstance(expression, Variable):
            node, value, kind = scope.get(str(expression), (None, None, None))
            if value is not None and kind is not None:
                return value, kind
            if node is not None:
                return node, "node"
            raise _UnsupportedPart(f"?{expression}, which is not bound,")
        if isinstance(expression, URIRef):
            return str(self._store.number(expression)), "node"
        if isinstance(expression, Literal):
            return constant(expression)
        made = _EXPRESSIONS.get(expression.name)
        if made is None:
            raise _UnsupportedPart(expression.name)
        return made(self, expression, scope)

    def _logical(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        word = " AND " if expression.name == "ConditionalAndExpression" else " OR "
        parts = [expression.expr, *expression.other]
        return "(" + word.join(self._expression(p, scope)[0] for p in parts) + ")", "bool"

    def _relational(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        left, kind = self._expression(expression.expr, scope)
        if expression.op in ("IN", "NOT IN"):
            items = [self._expression(item, scope) for item in expression.other]
            if any(k != kind for _, k in items):
                raise _UnsupportedPart("IN with values of several kinds")
            return f"({left} {expression.op} ({', '.join(sql for sql, _ in items)}))", "bool"
        right, other = self._expression(expression.other, scope)
        if kind != other or (kind not in ("num", "day") and expression.op not in ("=", "!=")):
            raise _UnsupportedPart(f"{kind} {expression.op} {other}")
        return f"({left} {expression.op} {right})", "bool"

    def _arithmetic(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        sql, kind = self._expression(expression.expr, scope)
        for operator, other in zip(expression.op, expression.other, strict=True):
            if kind == "day" and operator == "-" and isinstance(other, Literal):
                sql = f"({sql} - {interval(other)})"
                continue
            right, right_kind = self._expression(other, scope)
            if kind != "num" or right_kind != "num" or operator == "/":
                raise _UnsupportedPart(f"{kind} {operator} {right_kind}")
            if operator == "*":
                sql = f"(CAST({sql} AS DECIMAL(18,6)) * CAST({right} AS DECIMAL(18,6)))"
            else:
                sql = f"({sql} {operator} {right})"
        return sql, kind

    def _not(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        return f"(NOT {self._expression(expression.expr, scope)[0]})", "bool"

    def _bound(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        return f"({self._expression(expression.arg, scope)[0]} IS NOT NULL)", "bool"

    def _coalesce(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        parts = [self._expression(p, scope) for p in expression.arg]
        if len({kind for _, kind in parts}) != 1:
            raise _UnsupportedPart("COALESCE of several kinds")
        return f"COALESCE({', '.join(sql for sql, _ in parts)})", parts[0][1]

    def _part_of_day(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        sql, kind = self._expression(expression.arg, scope)
        if kind != "day":
            raise _UnsupportedPart(f"{expression.name} of {kind}")
        return f"EXTRACT({expression.name.removeprefix('Builtin_')} FROM {sql})", "num"

    def _regex(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        sql, kind = self._expression(expression.text, scope)
        pattern = expression.pattern
        if kind != "lex" or dict.get(expression, "flags") or not isinstance(pattern, Literal):
            raise _UnsupportedPart("REGEX of this form")
        if not _PLAIN_PATTERN.fullmatch(str(pattern)):
            raise _UnsupportedPart(f"the pattern {pattern}")
        return f"regexp_matches({sql}, {text(str(pattern))})", "bool"

    def _exists(self, expression: CompValue, scope: Scope) -> tuple[str, str]:
        inner = self.of(pattern_of(expression.graph), scope)
        alias, on = self._shared(inner, scope)
        word = "NOT EXISTS" if expression.name == "Builtin_NOTEXISTS" else "EXISTS"
        return f"{word} (SELECT 1 FROM ({inner.sql}) {alias} WHERE {on})", "bool"


_EXPRESSIONS: Mapping[str, Callable[[Query, CompValue, Scope], tuple[str, str]]] = {
    "ConditionalAndExpression": Query._logical,
    "ConditionalOrExpression": Query._logical,
    "RelationalExpression": Query._relational,
    "AdditiveExpression": Query._arithmetic,
    "MultiplicativeExpression": Query._arithmetic,
    "UnaryNot": Query._not,
    "Builtin_BOUND": Query._bound,
    "Builtin_COALESCE": Query._coalesce,
    "Builtin_YEAR": Query._part_of_day,
    "Builtin_MONTH": Query._part_of_day,
    "Builtin_DAY": Query._part_of_day,
    "Builtin_REGEX": Query._regex,
    "Builtin_EXISTS": Query._exists,
    "Builtin_NOTEXISTS": Query._exists,
}
