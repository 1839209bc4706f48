"""Cases of a dataset that are in normal form, found by queries, and their rows.

A case that has been read is in normal form: every thing has an IRI under the case and the type of
its form, what stands in a list has its position, a fact has its status, literals are written in one
way (``reasoner/casereader.py``). What the reader would refuse, or put another way, is not in normal
form here, and neither is whatever these queries do not look at; such a case is read by itself. So
what they take is what the reader takes, which tests hold them to.

The queries are made from the keys of ``shapes/case.ttl``. They read ``quad``: the number of a case
(``c``), then subject, predicate and object (``s``, ``p``, ``o``), each a term of N-Quads. But the
case itself, where it has the name of its graph, is an empty subject, and a part of it is its
fragment, with the ``#``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rdflib import RDF, SH, XSD, URIRef

from reasoner.case import CASE_BASE, MAX_BYTES
from reasoner.casecheck import MAX_FACTS, MAX_RECORDS, MAX_REQUESTS
from reasoner.caseformat import NAMED, Key
from reasoner.casereader import ID, NUMBER, SUPPOSED, YEARS
from reasoner.corpus.engine import Connection, load, text
from reasoner.corpus.schema import Property, properties, short
from reasoner.knowledge import Knowledge
from reasoner.quantities import parse_quantity
from reasoner.terms import CORE, local_name
from reasoner.wording import takes

_TYPE = f"<{RDF.type}>"
_POSITION = f"<{CORE.position}>"
_MOST_TRIPLES = 20_000
_ID = text(ID.pattern)
# Fewer digits than the reader takes: what a BIGINT holds.
_INTEGER = "'-?[1-9][0-9]{0,17}|0'"
_DECIMAL = text(NUMBER.pattern)
_DATE = "'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
_PLACE = f"""'"[1-9][0-9]{{0,5}}"\\^\\^<{XSD.integer}>'"""
_UNPRINTABLE = r"'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{FFFE}\x{FFFF}]'"
# A backslash that begins no escape known here, or a quotation mark without one.
_MISWRITTEN = r"""'(^|[^\\])(\\\\)*(\\([^\\"nrt]|$)|")'"""

# What of the shapes the queries below look at; with anything else, no case is in normal form.
_LOOKED_AT = frozenset(
    SH[name]
    for name in (
        "targetClass", "property", "path", "name", "description", "order", "nodeKind", "node",
        "class", "datatype", "minCount", "maxCount", "minInclusive", "maxInclusive", "maxLength",
    )
)  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """A key of a form, with its number and the form of what it leads to."""

    number: int
    form: str
    key: Key
    leads_to: str | None


class NormalForm:
    """Tells which cases of a dataset are in normal form.

    Args:
        sql: a database with the tables ``quad`` and ``graph`` (``c``, and its term ``g``).
        knowledge: the keys and concepts.
    """

    def __init__(self, sql: Connection, knowledge: Knowledge) -> None:
        self._sql = sql
        self._knowledge = knowledge
        self._forms = knowledge.case_format
        by_class = {form.of: form.name for form in self._forms.values()}
        self._keys = [
            _Row(number, form, key, key.form or by_class.get(key.of or URIRef("")))
            for number, (form, key) in enumerate(
                (form.name, key)
                for form in self._forms.values()
                for key in form.keys.values()
                if key.kind != "class"
            )
        ]
        self._is_known = self._knows_the_shapes()
        self._first = self._end = 0
        self._load_keys()

    def _knows_the_shapes(self) -> bool:
        """Tell whether shapes ask for no more than is looked at, and forms nest in no circle."""
        stated = {
            p for _, p, _ in self._knowledge.sources.form("case") if str(p).startswith(str(SH))
        }
        below = {
            form.name: {key.form for key in form.keys.values() if key.kind == "form"}
            for form in self._forms.values()
        }
        left = set(below)
        while ends := {name for name in left if not below[name] & left}:
            left -= ends
        paths = {key.path for f in self._forms.values() for key in f.keys.values()}
        kinds = {k.path for f in self._forms.values() for k in f.keys.values() if k.kind == "class"}
        each_once = all(
            len({key.path for key in form.keys.values()}) == len(form.keys)
            for form in self._forms.values()
        )
        return (
            stated <= _LOOKED_AT
            and not left
            and each_once
            and kinds <= {RDF.type}
            and all(path == RDF.type or path in CORE for path in paths)
        )

    def _load_keys(self) -> None:
        columns = {
            "key": "INTEGER", "form": "VARCHAR", "path": "VARCHAR", "prop": "VARCHAR",
            "kind": "VARCHAR", "leads_to": "VARCHAR", "most": "BIGINT", "longest": "BIGINT",
            "lowest": "DECIMAL(38,10)", "highest": "DECIMAL(38,10)", "datatype": "VARCHAR",
        }  # fmt: skip
        load(
            self._sql, "key", columns,
            [
                (
                    row.number, row.form, f"<{row.key.path}>", local_name(row.key.path),
                    row.key.kind, row.leads_to, row.key.most, row.key.longest,
                    _scaled(row.key.lowest), _scaled(row.key.highest),
                    "" if row.key.datatype in (None, XSD.string) else f"<{row.key.datatype}>",
                )
                for row in self._keys
            ],
        )  # fmt: skip
        load(
            self._sql, "form", {"of": "VARCHAR", "form": "VARCHAR", "wants_kind": "BOOLEAN"},
            [
                (f"<{f.of}>", f.name, any(k.kind == "class" for k in f.keys.values()))
                for f in self._forms.values()
            ],
        )  # fmt: skip
        load(
            self._sql, "word", {"key": "INTEGER", "o": "VARCHAR", "value": "VARCHAR"},
            [
                (row.number, f"<{term}>", short(str(term)))
                for row in self._keys
                if row.key.kind == "individual"
                for term in takes(row.key, self._knowledge)
            ],
        )  # fmt: skip
        load(
            self._sql, "kind_word", {"form": "VARCHAR", "o": "VARCHAR", "value": "VARCHAR"},
            [
                (form.name, f"<{term}>", short(str(term)))
                for form in self._forms.values()
                for key in form.keys.values()
                if key.kind == "class"
                for term in takes(key, self._knowledge)
            ],
        )  # fmt: skip
        # What has to be there of every thing of a form; a status is put there by the reader.
        load(
            self._sql, "needed", {"form": "VARCHAR", "many": "BIGINT"},
            [
                (form, sum(1 for row in self._keys if row.form == form and _is_needed(row.key)))
                for form in self._forms
            ],
        )  # fmt: skip
        self._needed = ", ".join(str(r.number) for r in self._keys if _is_needed(r.key)) or "-1"

    def find(self, first: int, end: int) -> None:
        """Look at the cases from a number on, to another.

        Makes the tables ``odd`` (``c``): the cases that are not in normal form; ``node``
        (``c``, ``n``, ``s``, ``form``, ``kind``); and ``said`` (``c``, ``n``, ``key``, ``value``,
        ``link``).
        """
        self._first, self._end = first, end
        run = self._sql.execute
        run(f"CREATE OR REPLACE TEMP TABLE part AS FROM quad WHERE c >= {first} AND c < {end}")
        run("CREATE OR REPLACE TEMP TABLE odd (c BIGINT)")
        if not self._is_known:
            run("INSERT INTO odd SELECT DISTINCT c FROM part")
        self._find_nodes()
        self._find_quantities()
        self._find_values()
        self._find_edges()
        for query in (*self._of_cases(), *self._of_nodes(), *self._of_values(), *_ACROSS):
            run(f"INSERT INTO odd {query}")

    def _find_nodes(self) -> None:
        self._sql.execute(
            "CREATE OR REPLACE TEMP TABLE node AS"
            " SELECT t.*, row_number() OVER (PARTITION BY c ORDER BY s) - 1 AS n, k.value AS kind,"
            " f.wants_kind FROM ("
            "  SELECT c, s, min(form) AS form, count(form) AS forms,"
            "  min(CASE WHEN form IS NULL THEN o END) AS o, count(*) - count(form) AS kinds"
            f" FROM part LEFT JOIN form ON o = form.of WHERE p = {text(_TYPE)} GROUP BY c, s"
            " ) t LEFT JOIN form f USING (form) LEFT JOIN kind_word k USING (form, o)"
        )

    def _find_quantities(self) -> None:
        """Add the quantities that are written as the reader writes them to the words."""
        ends = f'"^^<{CORE.Quantity}>'
        written = self._sql.execute(
            f"SELECT DISTINCT o FROM part WHERE ends_with(o, {text(ends)})"
            " EXCEPT SELECT o FROM word"
        ).fetchall()
        fitting = [
            (row.number, o, said)
            for (o,) in written
            for row in self._keys
            if row.key.kind == "quantity"
            and parse_quantity(said := o[1 : -len(ends)], row.key.unit_kind or "") is not None
            and " ".join(said.split()) == said
        ]
        if fitting:
            self._sql.executemany("INSERT INTO word VALUES (?, ?, ?)", fitting)

    def _find_values(self) -> None:
        """Make ``said``: what things state, its words and the things that it leads to found."""
        # A control character stands for a backslash meanwhile; a text with one is not taken.
        plain = r"replace(lexical, '\\', chr(1))"
        for escape, meant in ((r"\"", 34), (r"\n", 10), (r"\r", 13), (r"\t", 9)):
            plain = f"replace({plain}, '{escape}', chr({meant}))"
        plain = f"replace({plain}, chr(1), chr(92))"
        self._sql.execute(
            "CREATE OR REPLACE TEMP TABLE said AS"
            " SELECT s.c, s.n, s.s, s.o, s.key, s.kind, m.n AS link, lexical,"
            " CASE WHEN s.kind IN ('individual', 'quantity') THEN w.value"
            f"  WHEN contains(lexical, chr(92)) THEN {plain} ELSE lexical END AS value"
            " FROM ("
            "  SELECT part.c, part.s, part.o, n.n, k.key, k.kind, k.leads_to,"
            "  CASE WHEN NOT starts_with(part.o, chr(34)) THEN NULL"
            "   WHEN k.datatype = '' AND part.o[-1] = chr(34) THEN part.o[2:-2]"
            "   WHEN k.datatype <> '' AND ends_with(part.o, chr(34) || '^^' || k.datatype)"
            "   THEN part.o[2 : -(length(k.datatype) + 4)] END AS lexical"
            "  FROM part LEFT JOIN node n ON n.c = part.c AND n.s = part.s"
            "  LEFT JOIN key k ON k.form = n.form AND k.path = part.p"
            f" WHERE part.p <> {text(_TYPE)} AND part.p <> {text(_POSITION)}) s"
            " LEFT JOIN word w ON w.key = s.key AND w.o = s.o"
            " LEFT JOIN node m ON m.c = s.c AND m.s = s.o AND m.form = s.leads_to"
        )

    def _find_edges(self) -> None:
        """Make ``edge``: what leads from a thing to a part of it, with the place of the part."""
        self._sql.execute(
            "CREATE OR REPLACE TEMP TABLE edge AS"
            " SELECT s.c, s.n, s.s AS above, s.key, k.prop, k.most, k.leads_to, s.o AS below,"
            " s.link, p.place, p.many FROM said s JOIN key k USING (key) LEFT JOIN ("
            "  SELECT c, s, count(*) AS many, min(CASE WHEN regexp_full_match(o,"
            f" {_PLACE}) THEN try_cast(split_part(o, chr(34), 2) AS BIGINT) END) AS place"
            f" FROM part WHERE p = {text(_POSITION)} GROUP BY c, s"
            " ) p ON p.c = s.c AND p.s = s.o WHERE s.kind = 'form'"
        )

    def _of_cases(self) -> Iterator[str]:
        iri = f"<{CASE_BASE}{ID.pattern}>"
        yield (
            f"SELECT c FROM graph WHERE c >= {self._first} AND c < {self._end}"
            f" AND (NOT regexp_full_match(g, {text(iri)})"
            f" OR starts_with(g, {text(f'<{CASE_BASE}{SUPPOSED}')}))"
        )
        yield "SELECT DISTINCT c FROM part ANTI JOIN (SELECT c FROM node WHERE s = '') USING (c)"
        yield (
            "SELECT c FROM part GROUP BY c"
            f" HAVING count(*) > {_MOST_TRIPLES} OR sum(strlen(o)) > {MAX_BYTES // 4}"
        )
        for form, most in (("request", MAX_REQUESTS), ("fact", MAX_FACTS), ("record", MAX_RECORDS)):
            yield (
                f"SELECT c FROM node WHERE form = {text(form)} GROUP BY c HAVING count(*) > {most}"
            )

    def _of_nodes(self) -> Iterator[str]:
        yield "SELECT c FROM part WHERE s <> '' AND NOT starts_with(s, '#')"
        yield (
            "SELECT c FROM node WHERE forms <> 1 OR (form = 'case') <> (s = '')"
            " OR (wants_kind AND (kinds <> 1 OR kind IS NULL)) OR (NOT wants_kind AND kinds > 0)"
        )
        yield "SELECT c FROM said WHERE n IS NULL OR key IS NULL"
        # Every thing is a part of one other, the case aside; forms nest in no circle.
        yield (
            "SELECT n.c FROM node n LEFT JOIN (SELECT c, link, count(*) AS many FROM edge"
            " GROUP BY c, link) e ON e.c = n.c AND e.link = n.n"
            " WHERE coalesce(many, 0) <> (CASE WHEN n.form = 'case' THEN 0 ELSE 1 END)"
        )
        yield (
            "SELECT p.c FROM part p ANTI JOIN edge e ON e.c = p.c AND e.below = p.s"
            f" WHERE p.p = {text(_POSITION)}"
        )
        yield (
            "SELECT c FROM edge WHERE CASE WHEN most = 1 THEN many IS NOT NULL"
            " ELSE place IS NULL OR many <> 1 END"
        )
        yield (
            "SELECT c FROM edge WHERE most IS DISTINCT FROM 1 GROUP BY c, n, key"
            " HAVING max(place) <> count(*) OR count(DISTINCT place) <> count(*)"
        )
        named = ", ".join(map(text, NAMED))
        made = (
            "(CASE WHEN above = '' THEN '#' ELSE above || '-' END) || prop"
            " || (CASE WHEN most = 1 THEN '' ELSE '-' || place END)"
        )
        yield (
            f"SELECT c FROM edge WHERE CASE WHEN leads_to IN ({named})"
            f" THEN NOT regexp_full_match(below[2:], {_ID})"
            f"  OR starts_with(below, {text('#' + SUPPOSED)}) ELSE below <> {made} END"
        )

    def _of_values(self) -> Iterator[str]:
        def odd(kinds: str, wrong: str) -> str:
            return (
                "SELECT c FROM said JOIN key k USING (key)"
                f" WHERE k.kind IN ({kinds}) AND (value IS NULL OR {wrong})"
            )

        yield "SELECT c FROM said WHERE kind IN ('form', 'reference') AND link IS NULL"
        yield odd("'individual', 'quantity'", "FALSE")
        yield odd(
            "'string'",
            "value = '' OR length(value) > coalesce(longest, 1000000)"
            f" OR regexp_matches(lexical, {_MISWRITTEN})"
            f" OR regexp_matches(lexical, {_UNPRINTABLE})",
        )
        for kind, grammar in (("integer", _INTEGER), ("decimal", _DECIMAL)):
            number = "try_cast(value AS DECIMAL(38,10))"
            yield odd(
                text(kind),
                f"NOT regexp_full_match(value, {grammar}) OR {number} IS NULL"
                f" OR coalesce({number} < lowest, FALSE) OR coalesce({number} > highest, FALSE)",
            )
        day = "try_cast(value AS DATE)"
        yield odd(
            "'date'",
            f"NOT regexp_full_match(value, {_DATE}) OR {day} IS NULL"
            f" OR year({day}) NOT BETWEEN {YEARS[0]} AND {YEARS[-1]}",
        )
        yield odd("'boolean'", "value NOT IN ('true', 'false')")
        yield (
            "SELECT c FROM said JOIN key k USING (key) WHERE k.most IS NOT NULL"
            " GROUP BY c, n, key, k.most HAVING count(*) > k.most"
        )
        # The same triple twice is one to a reader of RDF, and two rows here.
        yield "SELECT c FROM said GROUP BY c, n, key, value, link HAVING count(*) > 1"
        yield (
            "SELECT n.c FROM node n JOIN needed USING (form) LEFT JOIN (SELECT c, n,"
            f" count(DISTINCT key) AS many FROM said WHERE key IN ({self._needed}) GROUP BY c, n) s"
            " ON s.c = n.c AND s.n = n.n WHERE coalesce(s.many, 0) < needed.many"
        )

    def rows(self, property_: Property) -> str:
        """Give the query for the rows of a table of facts, of the cases in normal form."""
        if property_.name == "position":
            return (
                "SELECT c AS case_no, link::INTEGER AS subject, place AS object FROM edge"
                " ANTI JOIN odd USING (c) WHERE place IS NOT NULL"
            )
        keys = [r.number for r in self._keys if local_name(r.key.path) == property_.name]
        value = "link" if property_.kind in ("form", "reference") else "value"
        return (
            "SELECT c AS case_no, n::INTEGER AS subject,"
            f" try_cast({value} AS {property_.object}) AS object"
            f" FROM said ANTI JOIN odd USING (c) WHERE key IN ({', '.join(map(str, keys))})"
        )

    @property
    def facts(self) -> dict[str, str]:
        """The queries for the rows of every table of facts, by its name."""
        return {name: self.rows(p) for name, p in properties(self._knowledge).items()}

    @property
    def nodes(self) -> str:
        """The query for the rows of the table of nodes, of the cases in normal form."""
        return (
            "SELECT c AS case_no, n::INTEGER AS node, s[2:] AS name, form, kind FROM node"
            " ANTI JOIN odd USING (c)"
        )

    @property
    def identifiers(self) -> str:
        """The query for the cases in normal form: number, id and graph."""
        return (
            f"SELECT c AS case_no, g[{len(CASE_BASE) + 2} : -2] AS id, g FROM graph"
            f" ANTI JOIN odd USING (c) WHERE c >= {self._first} AND c < {self._end}"
        )


def _is_needed(key: Key) -> bool:
    return key.kind != "class" and (key.least > 0 or key.path == CORE.status)


def _scaled(number: Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(number).quantize(Decimal("1e-10"))


def _of(form: str, prop: str) -> str:
    """Give the query for a property of one form: ``c``, ``n``, ``value``, ``link``."""
    return (
        "(SELECT c, n, value, link FROM said JOIN key k USING (key)"
        f" WHERE k.form = {text(form)} AND k.prop = {text(prop)})"
    )


_ASKED = (
    "(SELECT n.c, n.n, coalesce(d.value, u.value) AS day FROM node n"
    f" LEFT JOIN {_of('request', 'date')} d ON d.c = n.c AND d.n = n.n"
    f" LEFT JOIN {_of('utilization-review', 'date')} u ON u.c = n.c WHERE n.form = 'request')"
)
_WRITTEN = (
    "(SELECT i.c, i.n, count(*) AS many, count(r.value) AS dated, max(r.value) AS last"
    f" FROM {_of('fact', 'documentedIn')} i"
    f" LEFT JOIN {_of('record', 'date')} r ON r.c = i.c AND r.n = i.link GROUP BY i.c, i.n)"
)


def _late(prop: str, bound: str) -> str:
    """Give the query for cases with a fact that has a date after what could report it."""
    last = "greatest(coalesce(w.last, a.last), coalesce(a.last, w.last))"
    recorded = "CASE WHEN w.dated = w.many THEN w.last END"
    bound = f"coalesce({recorded}, {last})" if bound == "recorded" else last
    return (
        f"SELECT f.c FROM {_of('fact', prop)} f LEFT JOIN {_WRITTEN} w ON w.c = f.c AND w.n = f.n"
        f" LEFT JOIN (SELECT c, max(day) AS last FROM {_ASKED} GROUP BY c) a ON a.c = f.c"
        f" WHERE f.value > {bound}"
    )


# What has to hold across a case; see ``reasoner/casecheck.py``. Days compare as they are written.
_ACROSS = (
    # A request may depend on an earlier one; the other way round a circle would have to be sought.
    f"SELECT d.c FROM {_of('request', 'dependsOn')} d"
    " JOIN edge one ON one.c = d.c AND one.link = d.n"
    " JOIN edge other ON other.c = d.c AND other.link = d.link WHERE other.place >= one.place",
    f"SELECT g.c FROM {_of('request', 'granted')} g"
    f" LEFT JOIN {_of('request', 'quantity')} q ON q.c = g.c AND q.n = g.n"
    " WHERE q.value IS NULL"
    " OR coalesce(try_cast(g.value AS BIGINT) >= try_cast(q.value AS BIGINT), TRUE)",
    f"SELECT c FROM {_of('case', 'reviewer')}",
    f"SELECT i.c FROM {_of('injury', 'date')} i JOIN {_of('utilization-review', 'date')} u"
    " ON u.c = i.c WHERE i.value > u.value",
    f"SELECT r.c FROM {_of('request', 'date')} r JOIN {_of('utilization-review', 'date')} u"
    " ON u.c = r.c WHERE r.value > u.value",
    f"SELECT r.c FROM {_of('request', 'date')} r JOIN {_of('injury', 'date')} i"
    " ON i.c = r.c WHERE i.value > r.value",
    _late("onset", "recorded"),
    _late("date", "last"),
)
