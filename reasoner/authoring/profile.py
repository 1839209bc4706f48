"""Whether an ontology stays inside OWL 2 RL, so that the run-time closure is complete for it.

Outside the profile a rule engine answers all the same, with less than what follows. The grammar
tells where a class expression may stand: a union, or the existence of something, below another
class; a restriction to some class above one; an intersection or a value on either side.

Source: W3C OWL 2 Profiles (Second Edition), section 4.2, read on the RDF of the OWL 2 Mapping to
RDF Graphs, section 3. The global restrictions of OWL 2 DL are HermiT's to check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from reasoner.authoring.lookupgraph import lookup_graph
from reasoner.rdf import Triple
from reasoner.terms import local_name

DATATYPES = frozenset(
    XSD[name]
    for name in (
        "decimal", "integer", "nonNegativeInteger", "nonPositiveInteger", "positiveInteger",
        "negativeInteger", "long", "int", "short", "byte", "unsignedLong", "unsignedInt",
        "unsignedShort", "unsignedByte", "float", "double", "string", "normalizedString", "token",
        "language", "Name", "NCName", "NMTOKEN", "boolean", "hexBinary", "base64Binary", "anyURI",
        "dateTime", "dateTimeStamp",
    )
) | {RDF.langString, RDF.XMLLiteral, RDF.PlainLiteral, RDFS.Literal}  # fmt: skip
"""The datatypes of OWL 2 RL (section 4.2.2)."""


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """Something of an ontology that OWL 2 RL does not have.

    Attributes:
        axiom: the axiom, in functional style.
        problem: what of it is outside the profile.
        about: the term that is; a construct of OWL, a datatype or a property.
    """

    axiom: str
    problem: str
    about: URIRef

    def __str__(self) -> str:
        return f"{self.axiom}: {self.problem}"


def violations(triples: Iterable[Triple]) -> list[Violation]:
    """Find whatever of an ontology is outside OWL 2 RL.

    Args:
        triples: axioms and facts, with the declarations of their properties.

    Returns:
        Every violation, sorted; none if the ontology is in the profile.
    """
    return sorted(set(_Checker(lookup_graph(triples)).run()))


_Found = Iterator[tuple[str, URIRef]]

# Axioms whose arguments are properties, which the profile takes as they are.
_OF_PROPERTIES = frozenset(
    {
        RDFS.subPropertyOf,
        OWL.equivalentProperty,
        OWL.propertyDisjointWith,
        OWL.inverseOf,
        OWL.propertyChainAxiom,
    }
)
# What makes a class expression or data range what it is; read where the expression stands.
_CONSTRUCTS = frozenset(
    OWL[name]
    for name in (
        "intersectionOf", "unionOf", "complementOf", "oneOf", "someValuesFrom", "allValuesFrom",
        "hasValue", "hasSelf", "minCardinality", "maxCardinality", "cardinality",
        "minQualifiedCardinality", "maxQualifiedCardinality", "qualifiedCardinality",
        "onDatatype", "datatypeComplementOf", "inverseOf",
    )
)  # fmt: skip
# Predicates that belong to an axiom or expression read as a whole, or that say nothing.
_PARTS = frozenset(
    OWL[name]
    for name in (
        "onProperty", "onClass", "onDataRange", "members", "distinctMembers", "sameAs",
        "differentFrom", "hasKey",
        "sourceIndividual", "assertionProperty", "targetIndividual", "targetValue", "imports",
        "versionIRI", "versionInfo", "priorVersion", "backwardCompatibleWith", "incompatibleWith",
        "deprecated", "annotatedSource", "annotatedProperty", "annotatedTarget",
        "equivalentClass", "disjointWith", "withRestrictions",
    )
)  # fmt: skip
_TYPES = frozenset(
    OWL[name]
    for name in (
        "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual",
        "Ontology", "Restriction", "FunctionalProperty", "InverseFunctionalProperty",
        "TransitiveProperty", "SymmetricProperty", "AsymmetricProperty", "IrreflexiveProperty",
        "AllDisjointClasses", "AllDisjointProperties", "AllDifferent",
        "NegativePropertyAssertion", "Axiom", "Annotation", "DeprecatedClass",
        "DeprecatedProperty", "OntologyProperty",
    )
)  # fmt: skip
_KNOWN = _OF_PROPERTIES | _CONSTRUCTS | _PARTS
_SILENT_TYPES = _TYPES | {RDFS.Datatype, RDFS.Class, RDF.Property, RDF.List, RDFS.Resource}
_OF_CLASSES: dict[Node, str] = {
    RDFS.subClassOf: "SubClassOf",
    OWL.equivalentClass: "EquivalentClasses",
    OWL.disjointWith: "DisjointClasses",
}
_OWL = str(OWL)


class _Checker:
    """Reads the axioms of a graph one by one."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kinds = {
            kind: set(graph.subjects(RDF.type, kind))
            for kind in (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
        }
        # A characteristic that only object properties have declares one as well.
        for kind in ("TransitiveProperty", "SymmetricProperty", "InverseFunctionalProperty"):
            self._kinds[OWL.ObjectProperty] |= set(graph.subjects(RDF.type, OWL[kind]))
        self._checks: dict[Node, Callable[[Node, Node, Node], _Found]] = {
            RDFS.subClassOf: self._sub_class,
            OWL.equivalentClass: self._equivalent,
            OWL.disjointWith: self._disjoint,
            OWL.members: self._members,
            OWL.hasKey: self._key,
            RDFS.domain: self._of_property,
            RDFS.range: self._of_property,
            RDF.type: self._typed,
        }

    def run(self) -> Iterator[Violation]:
        for triple in self._graph:
            for problem, about in self._problems(*triple):
                yield Violation(self._axiom(*triple), problem, about)

    def _problems(self, s: Node, p: Node, o: Node) -> _Found:
        """Find what is wrong with the axiom or fact that a triple begins; most begin none."""
        check = self._checks.get(p)
        if check is not None:
            return check(s, p, o)
        if p in self._kinds[OWL.DatatypeProperty]:
            return self._literal(o)
        if str(p).startswith(_OWL) and p not in _KNOWN:
            return self._no(URIRef(str(p)))
        return iter(())

    def _axiom(self, s: Node, p: Node, o: Node) -> str:
        """Write the axiom that a triple begins, in functional style."""
        shown = f"{self.show(s)} {self.show(o)}"
        if p == RDF.type:
            of_class = not str(o).startswith(_OWL) or o in (OWL.Thing, OWL.Nothing)
            kind = f"{self.show(o)} {self.show(s)}"
            return f"ClassAssertion({kind})" if of_class else f"{self.show(o)}({self.show(s)})"
        if p == OWL.members:
            return f"DisjointClasses({self.show(o)})"
        if p == OWL.hasKey:
            return f"HasKey({self.show(s)} ...)"
        if p in (RDFS.domain, RDFS.range):
            of = "Data" if s in self._kinds[OWL.DatatypeProperty] else "Object"
            return f"{of}Property{local_name(str(p)).capitalize()}({shown})"
        if p in _OF_CLASSES:
            return f"{_OF_CLASSES[p]}({shown})"
        if p in self._kinds[OWL.DatatypeProperty]:
            return f"DataPropertyAssertion({self.show(p)} {shown})"
        return f"{self.show(p)}({shown})"

    def _sub_class(self, s: Node, _: Node, o: Node) -> _Found:
        return self._both((self._below, s), (self._above, o))

    def _equivalent(self, s: Node, _: Node, o: Node) -> _Found:
        if (s, RDF.type, RDFS.Datatype) in self._graph:
            return iter(())
        return self._both((self._same, s), (self._same, o))

    def _disjoint(self, s: Node, _: Node, o: Node) -> _Found:
        return self._both((self._below, s), (self._below, o))

    def _members(self, s: Node, _: Node, o: Node) -> _Found:
        if (s, RDF.type, OWL.AllDisjointClasses) not in self._graph:
            return iter(())
        return self._both(*((self._below, member) for member in self._graph.items(o)))

    def _key(self, s: Node, _p: Node, _o: Node) -> _Found:
        return self._below(s)

    def _of_property(self, s: Node, p: Node, o: Node) -> _Found:
        if s in self._kinds[OWL.AnnotationProperty]:
            return iter(())
        data = s in self._kinds[OWL.DatatypeProperty]
        if not data and s not in self._kinds[OWL.ObjectProperty]:
            return self._undeclared(s)
        return self._data_range(o) if data and p == RDFS.range else self._above(o)

    def _typed(self, _s: Node, _p: Node, o: Node) -> _Found:
        if o in _SILENT_TYPES:
            return iter(())
        if str(o).startswith(_OWL) and o not in (OWL.Thing, OWL.Nothing):
            return self._no(URIRef(str(o)))
        return self._above(o)

    def _both(self, *positions: tuple[Callable[[Node], _Found], Node]) -> _Found:
        for check, node in positions:
            yield from check(node)

    # A class expression is read by where it stands: below (subClassExpression), above
    # (superClassExpression), or on either side of an equivalence (equivClassExpression).

    def _below(self, node: Node) -> _Found:
        if isinstance(node, URIRef):
            yield from self._class(node)
            return
        construct, argument = self._construct(node)
        if construct in (OWL.intersectionOf, OWL.unionOf):
            for part in self._graph.items(argument):
                yield from self._below(part)
        elif construct == OWL.someValuesFrom:
            yield from self._existence(node, argument)
        elif construct == OWL.hasValue:
            yield from self._value(node, argument)
        elif construct != OWL.oneOf:
            yield from self._no(construct, "below a class")

    def _above(self, node: Node) -> _Found:
        if isinstance(node, URIRef):
            yield from self._class(node)
            return
        construct, argument = self._construct(node)
        if construct == OWL.intersectionOf:
            for part in self._graph.items(argument):
                yield from self._above(part)
        elif construct == OWL.complementOf:
            yield from self._below(argument)
        elif construct == OWL.allValuesFrom:
            data = self._is_data(node)
            if data is None:
                yield from self._undeclared(self._graph.value(node, OWL.onProperty))
            else:
                yield from self._data_range(argument) if data else self._above(argument)
        elif construct == OWL.hasValue:
            yield from self._value(node, argument)
        elif construct in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
            yield from self._at_most(node, argument)
        else:
            yield from self._no(construct, "above a class")

    def _same(self, node: Node) -> _Found:
        if isinstance(node, URIRef):
            yield from self._class(node)
            return
        construct, argument = self._construct(node)
        if construct == OWL.intersectionOf:
            for part in self._graph.items(argument):
                yield from self._same(part)
        elif construct == OWL.hasValue:
            yield from self._value(node, argument)
        else:
            yield from self._no(construct, "in an equivalence")

    def _class(self, node: URIRef) -> _Found:
        if node == OWL.Thing:
            yield from self._no(OWL.Thing, "as a class by itself")

    def _existence(self, node: Node, filler: Node) -> _Found:
        data = self._is_data(node)
        if data is None:
            yield from self._undeclared(self._graph.value(node, OWL.onProperty))
        elif data:
            yield from self._data_range(filler)
        elif filler != OWL.Thing:
            yield from self._below(filler)

    def _value(self, node: Node, value: Node) -> _Found:
        if self._is_data(node) is None:
            yield from self._undeclared(self._graph.value(node, OWL.onProperty))
        elif isinstance(value, Literal):
            yield from self._literal(value)

    def _at_most(self, node: Node, bound: Node) -> _Found:
        if not isinstance(bound, Literal) or bound.value not in (0, 1):
            yield "at most 0 or 1 is all that the profile has", OWL.maxCardinality
        filler = self._graph.value(node, OWL.onClass)
        if filler is not None and filler != OWL.Thing:
            yield from self._below(filler)
        data_range = self._graph.value(node, OWL.onDataRange)
        if data_range is not None:
            yield from self._data_range(data_range)

    def _data_range(self, node: Node) -> _Found:
        if isinstance(node, URIRef):
            if node not in DATATYPES:
                yield f"{self.show(node)} is no datatype of the profile", node
            return
        construct, argument = self._construct(node)
        if construct == OWL.intersectionOf:
            for part in self._graph.items(argument):
                yield from self._data_range(part)
        else:
            yield from self._no(construct, "as a data range")

    def _literal(self, node: Node) -> _Found:
        if isinstance(node, Literal) and node.datatype is not None:
            yield from self._data_range(node.datatype)

    def _construct(self, node: Node) -> tuple[URIRef, Node]:
        for p, o in sorted(self._graph.predicate_objects(node)):
            if p in _CONSTRUCTS:
                return URIRef(str(p)), o
        return OWL.Restriction, node

    def _is_data(self, restriction: Node) -> bool | None:
        on = self._graph.value(restriction, OWL.onProperty)
        if isinstance(on, BNode) and (on, OWL.inverseOf, None) in self._graph:
            return False
        if on in self._kinds[OWL.ObjectProperty]:
            return False
        return True if on in self._kinds[OWL.DatatypeProperty] else None

    def _undeclared(self, node: Node | None) -> _Found:
        about = URIRef(str(node or OWL.onProperty))
        yield f"{self.show(node)} is declared as no kind of property", about

    def _no(self, construct: URIRef, where: str = "") -> _Found:
        yield f"owl:{local_name(construct)} is not allowed {where}".rstrip(), construct

    def show(self, node: Node | None) -> str:
        """Write a term or class expression so that an author recognises it."""
        if isinstance(node, Literal):
            return node.n3()
        if not isinstance(node, BNode):
            return local_name(str(node))
        if (node, RDF.first, None) in self._graph:
            return " ".join(self.show(item) for item in self._graph.items(node))
        construct, argument = self._construct(node)
        on = self._graph.value(node, OWL.onProperty)
        return "{}({}{})".format(
            local_name(construct),
            "" if on is None else self.show(on) + " ",
            "" if argument == node else self.show(argument),
        )
