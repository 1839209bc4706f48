"""What items and cases come to: what falls with another, and the tables of outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from rdflib import URIRef

from reasoner.corpus.amounts import NAMES
from reasoner.corpus.engine import load
from reasoner.corpus.schema import short
from reasoner.corpus.store import Store
from reasoner.decision import item_outcome
from reasoner.errors import InputError, Problem
from reasoner.guidelines import Recommendation
from reasoner.outcomes import Basis, Necessity, Outcome, Role
from reasoner.terms import BASE


def settle(store: Store, recommendations: Sequence[Recommendation], role: Role) -> None:
    """Make the tables of items and cases, what depends on another with it.

    Args:
        store: the chunk, with ``assessed``, ``own`` and ``amount``.
        recommendations: what governs, by the numbers that these tables have it by.
        role: who decides.

    Raises:
        InputError: if requests depend on each other in a circle.
    """
    parent = store.facts("dependsOn")
    n = Necessity
    store.make(
        "settled",
        f"""SELECT a.case_no, a.num, q.node, g.rec, d.object AS parent,
            CASE WHEN t.node IS NOT NULL OR o.unread THEN 'refused'
                WHEN g.rec IS NULL THEN '{n.NO_GUIDELINE}'
                WHEN o.result = 2 THEN '{n.NECESSARY}'
                WHEN m.node IS NOT NULL THEN '{n.AS_MODIFIED}'
                ELSE '{n.NOT_NECESSARY}' END AS necessity,
            CASE WHEN g.rec IS NULL OR o.result = 2 OR m.node IS NOT NULL THEN NULL
                WHEN o.result IS NULL THEN '{Basis.NOT_SUPPORTED}'
                WHEN o.result = 0 THEN '{Basis.CONTRADICTED}'
                ELSE '{Basis.NOT_ESTABLISHED}' END AS basis,
            m.limited, m.supported, d.object IS NULL AS done, FALSE AS fell
        FROM asked a LEFT JOIN request q ON q.case_no = a.case_no AND q.num = a.num
        LEFT JOIN torn t ON t.node = q.node LEFT JOIN governing g ON g.node = q.node
        LEFT JOIN own o ON o.node = q.node LEFT JOIN amount m ON m.node = q.node
        LEFT JOIN {parent} d ON d.case_no = a.case_no AND d.subject = a.num""",
    )
    while True:
        before = store.run("SELECT COUNT(*) FROM settled WHERE NOT done")[0][0]
        if not before:
            break
        store.make("above", "SELECT case_no, num, necessity FROM settled WHERE done")
        store.make(
            "settled",
            f"""SELECT s.* REPLACE (
                CASE WHEN s.done OR u.case_no IS NULL THEN s.necessity
                    WHEN u.necessity IN ('{n.NOT_NECESSARY}', '{n.NO_GUIDELINE}')
                    THEN u.necessity ELSE s.necessity END AS necessity,
                CASE WHEN s.done OR u.case_no IS NULL THEN s.basis
                    WHEN u.necessity = '{n.NOT_NECESSARY}' THEN '{Basis.DEPENDENT}'
                    WHEN u.necessity = '{n.NO_GUIDELINE}' THEN NULL ELSE s.basis END AS basis,
                CASE WHEN s.done OR u.case_no IS NULL THEN s.fell
                    ELSE u.necessity IN ('{n.NOT_NECESSARY}', '{n.NO_GUIDELINE}') END AS fell,
                s.done OR u.case_no IS NOT NULL AS done)
            FROM settled s LEFT JOIN above u ON u.case_no = s.case_no AND u.num = s.parent""",
        )
        if store.run("SELECT COUNT(*) FROM settled WHERE NOT done")[0][0] == before:
            raise InputError([Problem("Requests depend on each other in a circle.",
                                      str(store.folder))])  # fmt: skip
    _tables(store, recommendations, role)


def _tables(store: Store, recommendations: Sequence[Recommendation], role: Role) -> None:
    words = [(str(n), item_outcome(n, role)) for n in Necessity]
    load(store.sql, "word", {"necessity": "VARCHAR", "outcome": "VARCHAR"}, words)
    load(
        store.sql, "governs",
        {"rec": "INTEGER", "recommendation": "VARCHAR", "topic": "VARCHAR",
         "guideline": "VARCHAR"},
        [(n, str(r.iri), topic_of(r.iri), short(r.guideline.iri))
         for n, r in enumerate(recommendations)],
    )  # fmt: skip
    load(
        store.sql, "criterion_of",
        {"rec": "INTEGER", "place": "INTEGER", "criterion": "VARCHAR", "number": "VARCHAR"},
        [(n, at, str(c.iri), c.number) for n, r in enumerate(recommendations)
         for at, c in enumerate(r.criteria)],
    )  # fmt: skip
    load(
        store.sql, "outcome_word", {"outcome": "INTEGER", "word": "VARCHAR"},
        [(code, str(o)) for code, o in NAMES.items()],
    )  # fmt: skip
    region = store.facts("region")
    store.make(
        "refusal",
        """SELECT s.case_no, c.id AS case_id, c.source, string_agg(CASE WHEN t.node IS NOT NULL
            THEN 'recommendations of one rank govern ' || n.name || ', and neither prevails: '
                || t.between
            ELSE 'a value of ' || n.name || ' cannot be read' END, '; ' ORDER BY s.num) AS why
        FROM settled s JOIN stated_case c USING (case_no)
        JOIN said n ON n.case_no = s.case_no AND n.node = s.num
        LEFT JOIN (
            SELECT x.node, string_agg(g.topic, ', ' ORDER BY g.topic) AS between
            FROM standing x SEMI JOIN torn t ON t.node = x.node JOIN governs g USING (rec)
            GROUP BY x.node
        ) t ON t.node = s.node WHERE s.necessity = 'refused'
        GROUP BY s.case_no, c.id, c.source""",
    )
    store.make(
        "item",
        f"""SELECT s.case_no, c.id AS case_id, n.name AS request, n.kind AS treatment,
            r.region, a.day, g.recommendation, g.topic, g.guideline, s.necessity, s.basis,
            w.outcome,
            CASE WHEN s.fell THEN NULL ELSE s.limited END AS limited,
            CASE WHEN s.fell THEN NULL ELSE s.supported END AS supported,
            CASE WHEN s.fell THEN p.name END AS parent, s.num
        FROM settled s JOIN stated_case c USING (case_no)
        JOIN asked a ON a.case_no = s.case_no AND a.num = s.num
        JOIN said n ON n.case_no = s.case_no AND n.node = s.num
        LEFT JOIN (SELECT case_no, subject, MIN(object) AS region FROM {region}
            GROUP BY case_no, subject) r ON r.case_no = s.case_no AND r.subject = s.num
        LEFT JOIN governs g ON g.rec = s.rec LEFT JOIN word w ON w.necessity = s.necessity
        LEFT JOIN said p ON p.case_no = s.case_no AND p.node = s.parent
        WHERE c.case_no NOT IN (SELECT case_no FROM refusal)""",
    )
    store.make(
        "criterion",
        f"""SELECT q.case_no, c.id AS case_id, n.name AS request, o.criterion, o.number,
            COALESCE(w.word, '{Outcome.NOT_APPLICABLE}') AS outcome, x.presumed, q.num, x.place
        FROM assessed x JOIN request q ON q.node = x.node
        JOIN stated_case c ON c.case_no = q.case_no
        JOIN said n ON n.case_no = q.case_no AND n.node = q.num
        JOIN criterion_of o ON o.rec = x.rec AND o.place = x.place
        LEFT JOIN outcome_word w ON w.outcome = x.outcome
        WHERE c.case_no NOT IN (SELECT case_no FROM refusal)""",
    )
    mixed = "Modified" if role is Role.UR else "OverturnedInPart"
    store.make(
        "outcome_of_case",
        f"""SELECT c.case_no, c.id AS case_id, c.source, CASE
            WHEN COUNT(*) FILTER (WHERE w.outcome = 'Undetermined') > 0 THEN 'Undetermined'
            WHEN COUNT(DISTINCT w.outcome) = 1 THEN MIN(w.outcome)
            ELSE '{mixed}' END AS outcome
        FROM stated_case c JOIN settled s USING (case_no)
        LEFT JOIN word w ON w.necessity = s.necessity
        WHERE c.case_no NOT IN (SELECT case_no FROM refusal)
        GROUP BY c.case_no, c.id, c.source""",
    )


def topic_of(iri: URIRef) -> str:
    """Give the topic that a recommendation or criterion belongs to, as ``guideline/topic``."""
    return str(iri).removeprefix(BASE + "guideline/").partition("#")[0]
