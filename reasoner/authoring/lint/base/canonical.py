"""What a shape says, whatever its parts are called; and whether one shape says more than another.

Both are by structure: two shapes that are written differently and mean the same may be told
apart, and two that are found equal, or of which one is found to imply the other, are.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.lint.base.shapes import TARGETS, number, properties
from reasoner.authoring.lint.base.vocabulary import Vocabulary
from reasoner.terms import CORE

_SAYS_NOTHING = frozenset(
    {RDF.type, CORE.criterion, SH.name, SH.description, SH.message, SH.order, SH.group, SH.prefixes}
    | set(TARGETS)
)
_UNORDERED = (SH["in"], SH["or"], SH["and"], SH.xone, SH.languageIn)


def canonical(graph: Graph, node: Node, above: tuple[Node, ...] = ()) -> Hashable:
    """Give what a node of a shapes graph says: equal for two that say the same."""
    if isinstance(node, Literal):
        value = node.value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return ("number", Decimal(value).normalize())
        return ("text", " ".join(str(node).split()), str(node.datatype), node.language)
    if (node, RDF.first, None) in graph:
        return ("list", tuple(canonical(graph, item, above) for item in graph.items(node)))
    stated = list(graph.predicate_objects(node))
    if not stated or node in above:
        return ("term", str(node))
    return frozenset(
        (predicate, _object(graph, predicate, value, (*above, node)))
        for predicate, value in stated
        if predicate not in _SAYS_NOTHING
    )


def _object(graph: Graph, predicate: Node, value: Node, above: tuple[Node, ...]) -> Hashable:
    if predicate in _UNORDERED:
        return frozenset(canonical(graph, item, above) for item in graph.items(value))
    return canonical(graph, value, above)


class Implication:
    """Whether one shape of a graph implies another, with what was found kept.

    Args:
        graph: the shapes.
        vocabulary: what is a kind of what.
    """

    def __init__(self, graph: Graph, vocabulary: Vocabulary) -> None:
        self._graph = graph
        self._vocabulary = vocabulary
        self._canonical: dict[Node, Hashable] = {}

    def says(self, node: Node) -> Hashable:
        """Give the canonical form of a shape."""
        if node not in self._canonical:
            self._canonical[node] = canonical(self._graph, node)
        return self._canonical[node]

    def holds(self, strong: Node, weak: Node) -> bool:
        """Tell whether whatever conforms to the first shape conforms to the second."""
        if self.says(strong) == self.says(weak):
            return True
        own = [
            (p, o)
            for p, o in self._graph.predicate_objects(weak)
            if p not in _SAYS_NOTHING and p != SH.property
        ]
        return all(self._node_constraint(strong, p, o) for p, o in own) and all(
            any(self._property(have, want) for have in properties(self._graph, strong))
            for want in properties(self._graph, weak)
        )

    def _node_constraint(self, strong: Node, parameter: Node, value: Node) -> bool:
        """Tell whether a shape holds a constraint on the node itself, or a stronger one."""
        stated = list(self._graph.objects(strong, parameter))
        if parameter == SH["class"]:
            return any(
                isinstance(c, URIRef)
                and isinstance(value, URIRef)
                and self._vocabulary.is_kind_of(c, value)
                for c in stated
            )
        if parameter == SH["not"]:
            return any(self.holds(value, denied) for denied in stated)
        wanted = _object(self._graph, parameter, value, ())
        return any(_object(self._graph, parameter, o, ()) == wanted for o in stated)

    def _property(self, strong: Node, weak: Node) -> bool:
        if self.says(strong) == self.says(weak):
            return True
        graph = self._graph
        paths = [graph.value(s, SH.path, any=True) for s in (strong, weak)]
        if paths[0] is None or paths[1] is None or self.says(paths[0]) != self.says(paths[1]):
            return False
        return all(
            self._parameter(strong, weak, p, o)
            for p, o in graph.predicate_objects(weak)
            if p not in _SAYS_NOTHING and p not in (SH.path, SH.qualifiedValueShape)
        )

    def _parameter(self, strong: Node, weak: Node, parameter: Node, value: Node) -> bool:
        """Tell whether a property shape implies one parameter of another on the same path."""
        graph = self._graph
        if parameter in _BOUNDS:
            return self._bound(strong, weak, parameter)
        if parameter == SH.minCount:
            counts = (number(graph, strong, p) or 0 for p in (SH.minCount, SH.qualifiedMinCount))
            return max(counts) >= (number(graph, weak, SH.minCount) or 0)
        if parameter == SH["in"]:
            return any(
                set(graph.items(head)) <= set(graph.items(value))
                for head in graph.objects(strong, SH["in"])
            )
        if parameter in (SH.qualifiedMinCount, SH.qualifiedMaxCount):
            have, want = (number(graph, s, parameter) for s in (strong, weak))  # type: ignore[arg-type]
            of = [graph.value(s, SH.qualifiedValueShape, any=True) for s in (strong, weak)]
            if have is None or want is None or of[0] is None or of[1] is None:
                return False
            if parameter == SH.qualifiedMinCount:
                return have >= want and self.holds(of[0], of[1])
            return have <= want and self.holds(of[1], of[0])
        return self._node_constraint(strong, parameter, value)

    def _bound(self, strong: Node, weak: Node, parameter: Node) -> bool:
        inclusive, exclusive, sign = _BOUNDS[parameter]
        want = number(self._graph, weak, parameter)  # type: ignore[arg-type]
        if want is None:
            return False
        at, beyond = (number(self._graph, strong, p) for p in (inclusive, exclusive))
        if beyond is not None and sign * beyond <= sign * want:
            return True
        if at is None:
            return False
        return sign * at < sign * want or (parameter == inclusive and at == want)


# For each bound its inclusive and its exclusive form, and the sign under which less is tighter.
_BOUNDS: dict[Node, tuple[URIRef, URIRef, int]] = {
    SH.maxInclusive: (SH.maxInclusive, SH.maxExclusive, 1),
    SH.maxExclusive: (SH.maxInclusive, SH.maxExclusive, 1),
    SH.minInclusive: (SH.minInclusive, SH.minExclusive, -1),
    SH.minExclusive: (SH.minInclusive, SH.minExclusive, -1),
}
