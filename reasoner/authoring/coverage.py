"""What the cases of a library prove: for each criterion and outcome, the cases that show it.

A case *proves* an outcome if it states that outcome in its expectation and gives it; it merely
*shows* the outcome if it gives it without saying so. A gap is an outcome that a criterion can
have, and that no case proves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from rdflib import SH, Graph, URIRef
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reasoner.authoring.decidedcases import Observed
from reasoner.authoring.expectedcases import under
from reasoner.authoring.mutation.operators import readings_of
from reasoner.guidelines import Criterion, Recommendation, number_key
from reasoner.knowledge import Knowledge
from reasoner.rdf import iris
from reasoner.terms import CORE

FORMAT = "mtus.coverage/1"
OUTCOMES = ("Met", "NotMet", "NotDocumented", "NotApplicable")
HEADINGS = {"Met": "met", "NotMet": "not met", "NotDocumented": "not documented",
            "NotApplicable": "not applicable"}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """The cases of one criterion and outcome.

    Attributes:
        can_be: whether the criterion can have the outcome at all.
        proved: cases that state it.
        shown: further cases that give it without stating it.
    """

    can_be: bool
    proved: tuple[str, ...]
    shown: tuple[str, ...]

    @property
    def gap(self) -> bool:
        """Whether the criterion can have the outcome and no case proves it."""
        return self.can_be and not self.proved


@dataclass(frozen=True)
class Row:
    """The outcomes of one criterion, by name."""

    number: str
    statement: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class TopicCoverage:
    """What the cases of a topic prove.

    Attributes:
        cases: how many cases the topic governs a request of.
        wrong: cases that are not decided as they say; they prove nothing.
    """

    topic: str
    cases: int
    rows: tuple[Row, ...]
    wrong: tuple[str, ...]

    @property
    def gaps(self) -> list[tuple[Row, str]]:
        """The outcomes that no case proves, with their criteria."""
        return [(row, o) for row in self.rows for o, cell in row.cells.items() if cell.gap]


def criteria_of(knowledge: Knowledge, topic: str) -> list[tuple[Criterion, Recommendation, Graph]]:
    """Give the criteria of a topic, those that only a reading brings in included.

    Args:
        knowledge: this release, under its default readings.
        topic: ``guideline/topic``.

    Returns:
        For each criterion the recommendation that asks it, and the topic's shapes.
    """
    found: dict[URIRef, tuple[Criterion, Recommendation, Graph]] = {}
    for readings in ((), *((name,) for name in readings_of(knowledge, topic))):
        encoded = under(knowledge, readings).topic(topic)
        for recommendation in encoded.recommendations:
            for criterion in recommendation.criteria:
                found.setdefault(criterion.iri, (criterion, recommendation, encoded.shapes))
    return sorted(found.values(), key=lambda f: (number_key(f[0].number), f[0].iri))


_LOWER = frozenset({SH.minCount, SH.qualifiedMinCount})
_DESCRIBING = frozenset({SH.path, SH.datatype, SH.nodeKind, SH.qualifiedValueShape, SH.property})


def _can_be(criterion: Criterion, recommendation: Recommendation, shapes: Graph) -> set[str]:
    """Give the outcomes that a criterion can have by the make of its shape."""
    can = {"Met", "NotDocumented"}
    if criterion.target != recommendation.applies_to:
        can.add("NotApplicable")
    for shape in (criterion.shape, *iris(shapes, criterion.shape, SH.property)):
        if (shape, CORE.onViolation, CORE.NotDocumented) in shapes:
            continue
        constrains = {
            p
            for p in shapes.predicates(shape, None)
            if str(p).startswith(str(SH)) and p not in _DESCRIBING | {SH.targetClass}
        }
        if constrains - _LOWER or (shape, CORE.onViolation, CORE.NotMet) in shapes:
            can.add("NotMet")
    return can


def cover(
    knowledge: Knowledge, topics: Iterable[str], observed: Mapping[str, Observed]
) -> list[TopicCoverage]:
    """Tell what cases prove of the criteria of topics.

    Args:
        knowledge: this release, under its default readings.
        topics: each as ``guideline/topic``.
        observed: what each case gave.
    """
    found = []
    for topic in topics:
        governed = [o for o in observed.values() if any(i.topic == topic for i in o.items)]
        rows = tuple(
            Row(
                criterion.number,
                criterion.statement,
                {
                    outcome: _cell(
                        criterion,
                        outcome,
                        outcome in _can_be(criterion, recommendation, shapes),
                        topic,
                        [o for o in governed if not o.wrong],
                    )
                    for outcome in OUTCOMES
                },
            )
            for criterion, recommendation, shapes in criteria_of(knowledge, topic)
        )
        wrong = tuple(
            o.name
            for o in observed.values()
            if o.wrong and (o in governed or o.name.rpartition("/")[0] == topic)
        )
        found.append(TopicCoverage(topic, len(governed), rows, wrong))
    return found


def _cell(
    criterion: Criterion, outcome: str, can_be: bool, topic: str, observed: list[Observed]
) -> Cell:
    proved: list[str] = []
    shown: list[str] = []
    for case in observed:
        for item in case.items:
            given = item.outcomes.get(str(criterion.iri))
            # Silence that counts as met is what the record's silence comes to.
            if given == "PresumedMet":
                given = "NotDocumented"
            if item.topic == topic and given == outcome:
                (proved if criterion.number in item.stated else shown).append(case.name)
    return Cell(
        can_be or bool(proved or shown),
        tuple(dict.fromkeys(proved)),
        tuple(n for n in dict.fromkeys(shown) if n not in proved),
    )


def totals(found: Iterable[TopicCoverage]) -> dict[str, int]:
    """Count criteria, cases, outcomes that can be, and outcomes that are proved."""
    topics = list(found)
    cells = [cell for t in topics for row in t.rows for cell in row.cells.values()]
    return {
        "topics": len(topics),
        "criteria": sum(len(t.rows) for t in topics),
        "cases": sum(t.cases for t in topics),
        "outcomes": sum(cell.can_be for cell in cells),
        "proved": sum(bool(cell.proved) for cell in cells),
        "gaps": sum(cell.gap for cell in cells),
    }


def _summary(of: Mapping[str, int]) -> str:
    return (
        f"{_counted(of, 'topics', 'topic')}, {_counted(of, 'criteria', 'criterion')}, "
        f"{_counted(of, 'cases', 'case')}: "
        f"{of['proved']} of {of['outcomes']} outcomes proved, {of['gaps']} gaps."
    )


def _counted(of: Mapping[str, int], key: str, one: str) -> str:
    return f"1 {one}" if of[key] == 1 else f"{of[key]} {key}"


def _text_of(cell: Cell) -> str:
    if cell.gap:
        return f"gap ({len(cell.shown)} shown)" if cell.shown else "gap"
    if not cell.can_be:
        return "cannot be"
    return f"{len(cell.proved)}" + (f" + {len(cell.shown)}" if cell.shown else "")


def as_text(found: list[TopicCoverage], console: Console) -> None:
    """Print what is proved, a table for each topic."""
    for topic in found:
        table = Table("", "criterion", title=topic.topic, title_justify="left")
        for heading in HEADINGS.values():
            table.add_column(heading, justify="right")
        for row in topic.rows:
            table.add_row(
                escape(row.number),
                escape(row.statement),
                *(
                    f"[bold red]{_text_of(c)}[/]" if c.gap else f"[dim]{_text_of(c)}[/]"
                    if not c.can_be else _text_of(c)
                    for c in row.cells.values()
                ),
            )  # fmt: skip
        console.print(table)
        for name in topic.wrong:
            console.print(f"{name} is not decided as it says, and proves nothing.", markup=False)
    console.print(_summary(totals(found)), markup=False)
    console.print(
        "A number counts the cases that state the outcome; after +, those that only show it.",
        markup=False,
    )


def as_json(found: list[TopicCoverage], release: str) -> str:
    """Write what is proved as JSON, cases by name."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "release": release,
        "totals": totals(found),
        "topics": [
            {
                "topic": topic.topic,
                "cases": topic.cases,
                "notAsExpected": list(topic.wrong),
                "criteria": [
                    {
                        "number": row.number,
                        "statement": row.statement,
                        "outcomes": {
                            outcome: {
                                "canBe": cell.can_be,
                                "gap": cell.gap,
                                "proved": list(cell.proved),
                                "shown": list(cell.shown),
                            }
                            for outcome, cell in row.cells.items()
                        },
                    }
                    for row in topic.rows
                ],
            }
            for topic in found
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the cases prove</title>
<style>
:root { color-scheme: light dark; --line: #8886; --gap: #b00020; --soft: #6b6b6b; }
@media (prefers-color-scheme: dark) { :root { --gap: #ff8a95; --soft: #a0a0a0; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left;
  vertical-align: top; }
thead th { position: sticky; top: 0; background: Canvas; }
tbody th { font-weight: 400; }
.number { font-variant-numeric: tabular-nums; font-weight: 600; }
.gap { color: var(--gap); font-weight: 600; }
.cannot { color: var(--soft); }
summary { cursor: pointer; }
ul { margin: .3rem 0; padding-left: 1.1rem; overflow-wrap: anywhere; font-size: .85rem; }
</style>
</head>
<body>
<main>
<h1>What the cases prove</h1>
<p>{{ summary }}</p>
<p>A case proves an outcome if it states the outcome and gives it; it shows an outcome if it gives
it without stating it. A gap is an outcome that the criterion can have and that no case proves.
Release {{ release }}.</p>
{% if gaps %}
<details>
<summary>All {{ gaps | length }} gaps</summary>
<ul>{% for topic, row, outcome in gaps %}<li><a href="#{{ topic.topic }}">{{ topic.topic }}</a>,
criterion {{ row.number }}: {{ headings[outcome] }}</li>{% endfor %}</ul>
</details>
{% endif %}
{% for topic in topics %}
<section aria-labelledby="{{ topic.topic }}">
<h2 id="{{ topic.topic }}">{{ topic.topic }}</h2>
{% for name in topic.wrong %}<p class="gap">{{ name }} is not decided as it says, and proves
nothing.</p>{% endfor %}
<div class="wide" tabindex="0" role="region" aria-labelledby="{{ topic.topic }}">
<table>
<caption>{{ topic.rows | length }} criteria, {{ topic.cases }} cases</caption>
<thead><tr><th scope="col">Criterion</th>
{% for heading in headings.values() %}<th scope="col">{{ heading }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in topic.rows %}<tr>
<th scope="row"><span class="number">{{ row.number }}</span> {{ row.statement }}</th>
{% for cell in row.cells.values() %}<td{% if cell.gap %} class="gap"
{%- elif not cell.can_be %} class="cannot"{% endif %}>
{% if not cell.can_be %}cannot be{% elif cell.gap and not cell.shown %}gap{% else %}
<details><summary>{% if cell.gap %}gap, {{ cell.shown | length }} shown{% else -%}
{{ cell.proved | length }} proved{% if cell.shown %}, {{ cell.shown | length }} shown{% endif %}
{%- endif %}</summary>
<ul>{% for name in cell.proved %}<li>{{ name }}</li>{% endfor %}
{% for name in cell.shown %}<li>{{ name }} (shown)</li>{% endfor %}</ul></details>
{% endif %}</td>
{% endfor %}</tr>
{% endfor %}</tbody>
</table>
</div>
</section>
{% endfor %}
</main>
</body>
</html>
"""


def as_html(found: list[TopicCoverage], release: str) -> str:
    """Write what is proved as one page that needs nothing from elsewhere."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_PAGE).render(
        topics=found,
        gaps=[(t, row, outcome) for t in found for row, outcome in t.gaps],
        headings=HEADINGS,
        summary=_summary(totals(found)),
        release=release,
    )
