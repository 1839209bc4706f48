"""SPARQL patterns as steps from solutions to solutions.

The algebra that rdflib makes of a query becomes functions, each of which takes solutions and gives
those that its pattern adds to them; the first have a row for each focus node, bound to ``$this``.
What criteria use is compiled: basic patterns with alternatives and optional steps, ``FILTER``,
``EXISTS``, ``OPTIONAL``, ``UNION``, ``BIND``, subqueries with sums, and arithmetic of numbers and
dates. All else is refused.

Source: W3C SPARQL 1.1 Query Language, section 18; of ``EXISTS``, section 18.6: what the pattern
around it binds stands in the pattern within.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from rdflib import RDF, URIRef, Variable
from rdflib.paths import AlternativePath, MulPath
from rdflib.plugins.sparql.parserutils import CompValue

from reasoner.corpus.expressions import (
    Value,
    condition_of,
    expression_of,
    nodes_of,
    term_of,
)
from reasoner.corpus.frames import Path, Source, reach
from reasoner.corpus.solutions import Solutions, joined, together, value_of
from reasoner.corpus.sparqlparts import Binding, _UnsupportedPart, conjuncts, pattern_of
from reasoner.corpus.vectors import Array, distinct, lead, np, numbered, sums, there
from reasoner.terms import CORE

Step: TypeAlias = Callable[[Source, Solutions], Solutions]
"""Gives what a pattern adds to solutions."""

THIS = "this"
_ROW = " row"  # no name of a variable: which solution of the pattern around EXISTS a row is of


@dataclass(frozen=True)
class Pattern:
    """A pattern that is compiled.

    Attributes:
        run: the step.
        variables: those that its solutions have.
    """

    run: Step
    variables: Mapping[str, Binding]


class Patterns:
    """Compiles patterns.

    Args:
        kind_of: tells what values a property has: ``num``, ``day`` or ``lex``; None if nodes.
    """

    def __init__(self, kind_of: Callable[[URIRef], str | None]) -> None:
        self._kind_of = kind_of
        self._asked: Mapping[str, tuple[URIRef, ...]] = {}

    @contextmanager
    def _asking(self, kinds: Mapping[str, tuple[URIRef, ...]]) -> Iterator[None]:
        """Compile patterns in which a filter around them asks variables to be among classes."""
        before, self._asked = self._asked, kinds
        yield
        self._asked = before

    def query(self, algebra: CompValue) -> Pattern:
        """Compile a query for solutions that bind ``$this``."""
        part = algebra
        while part.name in ("SelectQuery", "Project", "Distinct"):
            part = part.p
        return self.of(part, {THIS: Binding(True, None)})

    def of(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        """Compile a part of the algebra.

        Args:
            part: the part.
            known: the variables that the solutions have that it takes.
        """
        made = _PARTS.get(part.name)
        if made is None:
            raise _UnsupportedPart(part.name)
        return made(self, part, known)

    # Basic patterns

    def _basic(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        variables = dict(known)
        steps: list[Step] = []
        left = list(part.triples)
        while left:
            triple = min(left, key=lambda t: _reach_of(t, variables))
            left.remove(triple)
            steps.append(self._triple(triple, variables))

        return Pattern(partial(_one_by_one, tuple(steps)), variables)

    def _triple(self, triple: tuple[Any, Any, Any], variables: dict[str, Binding]) -> Step:
        """Compile a triple pattern, and add the variable that it binds to those that are bound."""
        subject, predicate, value = triple
        if predicate == RDF.type:
            return _type(subject, value, variables, self._asked)
        path, inverse, kind = self._path(predicate)
        if _is_bound(subject, variables):
            start, end, follow = subject, value, path
        elif inverse is not None and _is_bound(value, variables):
            start, end, follow, kind = value, subject, inverse, None
        else:
            raise _UnsupportedPart("a pattern apart from $this")
        if not isinstance(start, Variable):
            raise _UnsupportedPart("a constant that leads to what is asked")
        if isinstance(end, Variable) and not _is_bound(end, variables):
            variables[str(end)] = Binding(True, kind)
            return partial(_leading, str(start), follow, str(end))
        return partial(_meeting, str(start), follow, _term(end))

    def _path(self, predicate: Any) -> tuple[_Follow, _Follow | None, str | None]:
        """Give what follows a path, what follows it back, and the kind of its values."""
        if isinstance(predicate, URIRef) and predicate in CORE:
            property_ = predicate
            inverse = ("inverse", (property_,))
            return (
                partial(_reached, property_), partial(_reached, inverse), self._kind_of(property_)
            )  # fmt: skip
        if isinstance(predicate, AlternativePath):
            parts = [self._path(p) for p in predicate.args]
            if len({kind for *_, kind in parts}) != 1:
                raise _UnsupportedPart("a path to values of several kinds")
            follows = tuple(follow for follow, _, _ in parts)
            return partial(_one_or_other, follows), None, parts[0][2]
        if isinstance(predicate, MulPath) and predicate.mod == "?":
            if not isinstance(predicate.path, URIRef) or self._kind_of(predicate.path) is not None:
                raise _UnsupportedPart("an optional step to a value")
            return partial(_reached, ("optional", (predicate.path,))), None, None
        raise _UnsupportedPart("a path")

    # What patterns are made of

    def _filter(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        conditions = conjuncts(part.expr)
        with self._asking({**self._asked, **_kinds_asked(conditions)}):
            inner = self.of(part.p, known)
        # What asks least is asked first: a value of the row, before patterns.
        tests = sorted(conditions, key=lambda c: getattr(c, "name", "") in _EXISTS)
        told = tuple(self._condition(c, inner.variables) for c in tests)
        return Pattern(partial(_filtered, inner.run, told), inner.variables)

    def _condition(self, condition: CompValue, known: Mapping[str, Binding]) -> Value:
        name = getattr(condition, "name", "")
        if name not in _EXISTS:
            return condition_of(condition, known)
        with self._asking({}):
            within = self.of(pattern_of(condition.graph), {**known, _ROW: Binding(True, None)})
        return partial(_exists, within.run, name == "Builtin_EXISTS")

    def _join(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        left = self.of(part.p1, known)
        if _is_plain(part.p2):
            right = self.of(part.p2, left.variables)
            return Pattern(partial(_one_by_one, (left.run, right.run)), right.variables)
        right = self.of(part.p2, known)
        shared = sorted(left.variables.keys() & right.variables.keys())
        for name in shared:
            sides = (left.variables[name], right.variables[name])
            if not all(b.node and b.always for b in sides):
                raise _UnsupportedPart("a join on what is computed, or not always bound")
        return Pattern(
            partial(_joined, left.run, right.run, shared), {**right.variables, **left.variables}
        )

    def _optional(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        if part.expr.name != "TrueFilter" or part.p2.name != "BGP":
            raise _UnsupportedPart("OPTIONAL with more than a basic pattern")
        left = self.of(part.p1, known)
        marked = {**left.variables, _OPTION: Binding(True, None)}
        right = self.of(part.p2, marked)
        wanted = frozenset(right.variables.keys() - {_OPTION})
        variables = {
            name: binding if name in left.variables else Binding(True, binding.kind, always=False)
            for name, binding in right.variables.items()
            if name != _OPTION
        }
        return Pattern(partial(_with_option, left.run, right.run, wanted), variables)

    def _union(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        parts = [self.of(p, known) for p in (part.p1, part.p2)]
        variables: dict[str, Binding] = {}
        for name in dict.fromkeys(n for p in parts for n in p.variables):
            here = [p.variables[name] for p in parts if name in p.variables]
            if len({b.kind for b in here}) != 1:
                raise _UnsupportedPart("UNION of values of several kinds")
            always = len(here) == len(parts) and all(b.always for b in here)
            variables[name] = Binding(all(b.node for b in here), here[0].kind, always)
        computed = {n: b.kind for n, b in variables.items() if not b.node and b.kind is not None}
        return Pattern(partial(_united, tuple(p.run for p in parts), computed), variables)

    def _extend(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        inner, name = self.of(part.p, known), str(part.var)
        if isinstance(part.expr, Variable) and str(part.expr) in inner.variables:
            of = str(part.expr)
            return Pattern(
                partial(_renamed, inner.run, of, name),
                {**inner.variables, name: inner.variables[of]},
            )
        value, kind = expression_of(part.expr, inner.variables)
        if kind not in ("num", "day", "lex"):
            raise _UnsupportedPart("BIND of what is no value")
        return Pattern(
            partial(_bound_to, inner.run, value, name),
            {**inner.variables, name: Binding(False, kind, always=False)},
        )

    def _aggregate(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        keys = [str(k) for k in part.p.expr or ()]
        if keys != [THIS] or known.keys() != {THIS}:
            raise _UnsupportedPart("GROUP BY other than $this")
        with self._asking({}):
            inner = self.of(part.p.p, known)
        added: dict[str, str] = {}
        variables = {THIS: Binding(True, None)}
        for aggregate in part.A:
            name, of = str(aggregate.res), str(aggregate.vars)
            binding = inner.variables.get(of)
            if binding is None or dict.get(aggregate, "distinct"):
                raise _UnsupportedPart("an aggregate of what is not bound, or DISTINCT")
            if aggregate.name == "Aggregate_Sum" and binding.kind == "num":
                added[name] = of
                variables[name] = Binding(False, "num", always=False)
            elif aggregate.name == "Aggregate_Sample" and of == THIS:
                variables[name] = Binding(True, None)
            else:
                raise _UnsupportedPart(aggregate.name)
        keys = [name for name, binding in variables.items() if binding.node]
        return Pattern(partial(_summed, inner.run, keys, added), variables)

    def _subquery(self, part: CompValue, known: Mapping[str, Binding]) -> Pattern:
        inner = self.of(part.p.p if part.p.name == "Project" else part.p, known)
        if part.p.name != "Project":
            return inner
        wanted = frozenset({str(v) for v in part.p.PV} | known.keys())
        return Pattern(
            partial(_projected, inner.run, wanted),
            {name: b for name, b in inner.variables.items() if name in wanted},
        )


# What runs. These are functions of the module and no closures, so that what is compiled can be kept
# in a file.


def _one_by_one(steps: Sequence[Step], source: Source, solutions: Solutions) -> Solutions:
    for step in steps:
        solutions = step(source, solutions)
    return solutions


def _reached(path: Path, source: Source, nodes: Array) -> tuple[Array, Array]:
    return reach(source, path, nodes)


def _filtered(
    inner: Step, conditions: Sequence[Value], source: Source, given: Solutions
) -> Solutions:
    found = inner(source, given)
    for tell in conditions:
        found = found.at(tell(source, found) == 1)
    return found


def _exists(within: Step, wanted: bool, source: Source, solutions: Solutions) -> Array:
    rows = np.arange(1, solutions.count + 1)  # 0 would be unbound
    found = within(source, solutions.with_node(_ROW, rows))
    exists = np.zeros(solutions.count, dtype=np.int8)
    exists[found.nodes[_ROW] - 1] = 1
    return exists if wanted else 1 - exists


def _joined(
    left: Step, right: Step, shared: Sequence[str], source: Source, given: Solutions
) -> Solutions:
    return joined(left(source, given), right(source, given), shared)


def _with_option(
    left: Step, right: Step, wanted: frozenset[str], source: Source, given: Solutions
) -> Solutions:
    found = left(source, given)
    more = right(source, found.with_node(_OPTION, np.arange(1, found.count + 1)))
    alone = np.ones(found.count, dtype=bool)
    alone[more.nodes[_OPTION] - 1] = False
    return together([more.only(wanted), found.at(alone)])


def _united(
    parts: Sequence[Step], computed: Mapping[str, str], source: Source, given: Solutions
) -> Solutions:
    return together([_valued(source, part(source, given), computed) for part in parts])


def _renamed(inner: Step, of: str, name: str, source: Source, given: Solutions) -> Solutions:
    found = inner(source, given)
    if of in found.values:
        return found.with_value(name, found.values[of])
    return found.with_node(name, found.nodes[of])


def _bound_to(inner: Step, value: Value, name: str, source: Source, given: Solutions) -> Solutions:
    found = inner(source, given)
    return found.with_value(name, value(source, found))


def _summed(
    inner: Step, keys: Sequence[str], added: Mapping[str, str], source: Source, given: Solutions
) -> Solutions:
    found = inner(source, given)
    groups, places = np.unique(found.nodes[THIS], return_inverse=True)
    values = {}
    for name, of in added.items():
        numbers = value_of(source, found, of, "num")
        total = sums(places, numbers, len(groups))
        total[distinct(places[~there(numbers)])] = None  # an error
        values[name] = total
    return Solutions(len(groups), dict.fromkeys(keys, groups), values)


def _projected(inner: Step, wanted: frozenset[str], source: Source, given: Solutions) -> Solutions:
    return inner(source, given).only(wanted)


_Follow: TypeAlias = Callable[[Source, Array], tuple[Array, Array]]
_OPTION = " option"
_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")
_PARTS: Mapping[str, Callable[[Patterns, CompValue, Mapping[str, Binding]], Pattern]] = {
    "BGP": Patterns._basic,
    "Filter": Patterns._filter,
    "Join": Patterns._join,
    "LeftJoin": Patterns._optional,
    "Union": Patterns._union,
    "Extend": Patterns._extend,
    "AggregateJoin": Patterns._aggregate,
    "ToMultiSet": Patterns._subquery,
}


def _is_plain(part: CompValue) -> bool:
    """Tell whether a pattern says the same of the solutions before it as it does by itself."""
    if part.name in ("Union", "Join"):
        return _is_plain(part.p1) and _is_plain(part.p2)
    found: bool = part.name == "BGP"
    return found


def _is_bound(term: Any, variables: Mapping[str, Binding]) -> bool:
    if not isinstance(term, Variable):
        return isinstance(term, URIRef)
    known = variables.get(str(term))
    if known is not None and not (known.node and known.always):
        raise _UnsupportedPart(f"?{term}, which is computed, or not always bound, in a pattern")
    return known is not None


def _reach_of(triple: tuple[Any, Any, Any], variables: Mapping[str, Binding]) -> int:
    """Rank a triple pattern by how many solutions it is likely to make of one."""
    subject, predicate, value = triple
    here, there = _is_bound(subject, variables), _is_bound(value, variables)
    if predicate == RDF.type:  # the members of a class are not looked for
        return 0 if here else 4
    if here and there:
        return 0
    return 1 if here else 2 if there and isinstance(value, Variable) else 3


def _term(term: Any) -> Value:
    """Give what a bound term is, in each solution."""
    if isinstance(term, Variable):
        return partial(nodes_of, str(term))
    if isinstance(term, URIRef):
        return partial(term_of, term)
    raise _UnsupportedPart("a literal in a pattern")


def _led(source: Source, follow: _Follow, nodes: Array) -> tuple[Array, Array]:
    """Follow a path from each row's node: the rows, and what each leads to."""
    distinct, places = numbered(nodes)
    return lead(*follow(source, distinct), places)


def _leading(
    start: str, follow: _Follow, end: str, source: Source, solutions: Solutions
) -> Solutions:
    rows, values = _led(source, follow, solutions.nodes[start])
    return solutions.at(rows).with_node(end, values)


def _meeting(
    start: str,
    follow: _Follow,
    end: Value,
    source: Source,
    solutions: Solutions,
) -> Solutions:
    rows, values = _led(source, follow, solutions.nodes[start])
    found = solutions.at(rows)
    return found.at(values == end(source, found))


def _one_or_other(follows: Sequence[_Follow], source: Source, nodes: Array) -> tuple[Array, Array]:
    """Follow one path or another; what both lead to is there twice, as the specification has it."""
    of, values = map(np.concatenate, zip(*(f(source, nodes) for f in follows), strict=True))
    order = np.argsort(of, kind="stable")
    return of[order], values[order]


def _of_kind(source: Source, kind: URIRef, nodes: Array) -> Array:
    distinct, places = numbered(nodes)
    found: Array = source.holding(kind)[source.type_sets(distinct)][places]
    return found


def _type(
    subject: Any,
    kind: Any,
    variables: dict[str, Binding],
    kinds: Mapping[str, tuple[URIRef, ...]],
) -> Step:
    """Compile a pattern of a type: a class, or a variable that is asked to be among some."""
    if not isinstance(subject, Variable) or not _is_bound(subject, variables):
        raise _UnsupportedPart("the members of a class")
    name = str(subject)
    if isinstance(kind, URIRef):
        return partial(_those_of, name, kind)
    asked = kinds.get(str(kind))
    if asked is None or str(kind) in variables:
        raise _UnsupportedPart("a class that is not told")
    variables[str(kind)] = Binding(True, None)
    return partial(_each_of, name, asked, str(kind))


def _those_of(name: str, kind: URIRef, source: Source, solutions: Solutions) -> Solutions:
    return solutions.at(_of_kind(source, kind, solutions.nodes[name]))


def _each_of(
    name: str, kinds: Sequence[URIRef], kind: str, source: Source, solutions: Solutions
) -> Solutions:
    found = []
    for one in kinds:
        of = _those_of(name, one, source, solutions)
        number = np.full(of.count, source.number(one), dtype=np.int64)
        found.append(of.with_node(kind, number))
    return together(found)


def _kinds_asked(conditions: list[CompValue]) -> dict[str, tuple[URIRef, ...]]:
    """Give the terms that variables are asked to be among."""
    return {
        str(c.expr): tuple(dict.fromkeys(c.other))
        for c in conditions
        if getattr(c, "name", "") == "RelationalExpression"
        and c.op == "IN"
        and isinstance(c.expr, Variable)
        and all(isinstance(term, URIRef) for term in c.other)
    }


def _valued(source: Source, solutions: Solutions, kinds: Mapping[str, str]) -> Solutions:
    """Turn variables that are bound to literals into their values."""
    for name, kind in kinds.items():
        if name in solutions.nodes:
            values = value_of(source, solutions, name, kind)
            solutions = Solutions(
                solutions.count,
                {n: column for n, column in solutions.nodes.items() if n != name},
                {**solutions.values, name: values},
            )
    return solutions


__all__ = ["THIS", "Pattern", "Patterns", "Step"]
