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
    parent = store.stated("dependsOn")
    n = Necessity
    store.make(
        "waiting",
        f"""SELECT a.case_no, a.num, a.day, q.node, g.rec, d.object AS parent,
            CASE WHEN t.node IS NOT NULL OR o.unread THEN 'refused'
                WHEN g.rec IS NULL THEN '{n.NO_GUIDELINE}'
                WHEN o.result = 2 THEN '{n.NECESSARY}'
                WHEN m.node IS NOT NULL THEN '{n.AS_MODIFIED}'
                ELSE '{n.NOT_NECESSARY}' END AS necessity,
            CASE WHEN g.rec IS NULL OR o.result = 2 OR m.node IS NOT NULL THEN NULL
                WHEN o.result IS NULL THEN '{Basis.NOT_SUPPORTED}'
                WHEN o.result = 0 THEN '{Basis.CONTRADICTED}'
                ELSE '{Basis.NOT_ESTABLISHED}' END AS basis,
            m.limited, m.supported, FALSE AS fell
        FROM asked a LEFT JOIN request q ON q.case_no = a.case_no AND q.num = a.num
        LEFT JOIN torn t ON t.node = q.node LEFT JOIN governing g ON g.node = q.node
        LEFT JOIN own o ON o.node = q.node LEFT JOIN amount m ON m.node = q.node
        LEFT JOIN {parent} d ON d.case_no = a.case_no AND d.subject = a.num""",
    )
    store.make("settled", "SELECT * FROM waiting WHERE parent IS NULL")
    store.make("waiting", "SELECT * FROM waiting WHERE parent IS NOT NULL")
    while store.run("SELECT COUNT(*) FROM waiting")[0][0]:
        store.make(
            "ready",
            f"""SELECT w.* REPLACE (
                CASE WHEN w.necessity = 'refused' THEN w.necessity
                    WHEN u.necessity IN ('{n.NOT_NECESSARY}', '{n.NO_GUIDELINE}')
                    THEN u.necessity ELSE w.necessity END AS necessity,
                CASE WHEN u.necessity = '{n.NOT_NECESSARY}' THEN '{Basis.DEPENDENT}'
                    WHEN u.necessity = '{n.NO_GUIDELINE}' THEN NULL ELSE w.basis END AS basis,
                u.necessity IN ('{n.NOT_NECESSARY}', '{n.NO_GUIDELINE}') AS fell)
            FROM waiting w JOIN settled u ON u.case_no = w.case_no AND u.num = w.parent""",
        )
        if not store.run("INSERT INTO settled SELECT * FROM ready")[0][0]:
            raise InputError([Problem("Requests depend on each other in a circle.",
                                      str(store.folder))])  # fmt: skip
        store.make(
            "waiting",
            "SELECT w.* FROM waiting w ANTI JOIN ready r"
            " ON r.case_no = w.case_no AND r.num = w.num",
        )
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
        "named",
        """SELECT n.case_no, n.node AS num, q.node, c.id AS case_id, n.name, n.kind
        FROM said n JOIN stated_case c ON c.case_no = n.case_no
        LEFT JOIN request q ON q.case_no = n.case_no AND q.num = n.node
        ANTI JOIN refusal f ON f.case_no = n.case_no""",
    )
    store.make(
        "item",
        f"""SELECT s.case_no, n.case_id, n.name AS request, n.kind AS treatment,
            r.region, s.day, g.recommendation, g.topic, g.guideline, s.necessity, s.basis,
            w.outcome,
            CASE WHEN s.fell THEN NULL ELSE s.limited END AS limited,
            CASE WHEN s.fell THEN NULL ELSE s.supported END AS supported,
            CASE WHEN s.fell THEN p.name END AS parent, s.num
        FROM settled s JOIN named n ON n.case_no = s.case_no AND n.num = s.num
        LEFT JOIN (
            SELECT f.case_no, f.subject, MIN(f.object) AS region FROM {store.stated("region")} f
            SEMI JOIN asked a ON a.case_no = f.case_no AND a.num = f.subject
            GROUP BY f.case_no, f.subject
        ) r ON r.case_no = s.case_no AND r.subject = s.num
        LEFT JOIN governs g ON g.rec = s.rec LEFT JOIN word w ON w.necessity = s.necessity
        LEFT JOIN named p ON s.fell AND p.case_no = s.case_no AND p.num = s.parent""",
    )
    store.make(
        "criterion",
        f"""SELECT n.case_no, n.case_id, n.name AS request, o.criterion, o.number,
            COALESCE(w.word, '{Outcome.NOT_APPLICABLE}') AS outcome, x.presumed, n.num, x.place
        FROM assessed x JOIN named n ON n.node = x.node
        JOIN criterion_of o ON o.rec = x.rec AND o.place = x.place
        LEFT JOIN outcome_word w ON w.outcome = x.outcome""",
    )
    mixed = "Modified" if role is Role.UR else "OverturnedInPart"
    store.make(
        "outcome_of_case",
        f"""SELECT c.case_no, c.id AS case_id, c.source, o.outcome
        FROM stated_case c JOIN (
            SELECT s.case_no, CASE WHEN bool_or(w.outcome = 'Undetermined') THEN 'Undetermined'
                WHEN MIN(w.outcome) = MAX(w.outcome) THEN MIN(w.outcome)
                ELSE '{mixed}' END AS outcome
            FROM settled s LEFT JOIN word w ON w.necessity = s.necessity GROUP BY s.case_no
        ) o ON o.case_no = c.case_no
        ANTI JOIN refusal f ON f.case_no = c.case_no""",
    )


def topic_of(iri: URIRef) -> str:
    """Give the topic that a recommendation or criterion belongs to, as ``guideline/topic``."""
    return str(iri).removeprefix(BASE + "guideline/").partition("#")[0]
