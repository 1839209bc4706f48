"""Synthetic cases: every encoded topic, what its criteria ask about, and what records lack.

How many requests a case has, how many facts, how many of them absent, which requests depend on
another or state a region or quantity: as in the development letters (68 letters, 166 requests, 511
facts). Which topic: each at least once in 250, the treatments of the letters as often again as
there. What is stated of a fact is drawn from the values at and around the bounds of the criteria.

Each part of the population has a random generator of its own, seeded by the seed and the part's
number, so that parts are the same whatever else is generated, and in whichever process.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from reasoner.corpus.drawn import RowWriter, case_file
from reasoner.corpus.schema import Rows, short
from reasoner.corpus.tables import (
    Progress,
    finish,
    make_way,
    no_progress,
    write_part,
    write_text,
)
from reasoner.corpus.templates import Asked, Sought, Template, templates
from reasoner.knowledge import Knowledge
from reasoner.processes import in_processes
from reasoner.terms import CORE, local_name

# From the development letters, by count: requests of a letter (6 stands for six and more).
REQUESTS = {1: 36, 2: 13, 3: 8, 4: 2, 5: 1, 6: 8}
# Shares: of facts that are absent; of requests that depend on another, with region, quantity.
ABSENT, DEPENDENT, WITH_REGION, WITH_QUANTITY = 0.17, 0.32, 0.68, 0.36
FACTS = 7.5
# Reviewers overturned 17 of 148 decided requests: as many have all that criteria seek on record.
DOCUMENTED = 0.115
# How often the letters ask for a treatment, of 166 requests; the ones asked for at least thrice.
TREATMENTS = {
    "MagneticResonanceImaging": 30, "PhysicalTherapy": 16, "TENS": 8, "Acupuncture": 5,
    "ChiropracticCare": 5, "PlainRadiograph": 5, "Electromyography": 4, "NerveConductionStudy": 4,
    "ElectrodiagnosticTest": 4, "Cyclobenzaprine": 4, "PostoperativeTherapy": 4,
    "PreoperativeLaboratoryTest": 4, "Tramadol": 3, "ComputedTomography": 3, "ColdTherapyUnit": 3,
    "ShoulderSling": 3, "PostoperativeEquipment": 3,
}  # fmt: skip
# Not to be had from letters, and assumed: that two facts contradict each other; that a record has
# no date; that a request has a day of its own; that utilization review granted a part.
CONTRADICTED, UNDATED, OWN_DAY, GRANTED = 0.03, 0.1, 0.04, 0.08

FIRST, LAST = date(2013, 1, 1), date(2018, 6, 30)
_RECORDS = ("ProgressReport", "ImagingReport", "ConsultationReport", "TherapyNote", "CaseSummary")
_OUTCOMES = ("Failed", "Failed", "Improved", "NotStated", "Intolerable", "Contraindicated")


@dataclass(frozen=True, eq=False)
class Generator:
    """Draws cases.

    Attributes:
        knowledge: what they are about.
        seed: what the draws start from.
    """

    knowledge: Knowledge
    seed: int
    _topics: tuple[Asked, ...] = ()
    _weights: tuple[float, ...] = ()
    _context: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(knowledge: Knowledge, seed: int) -> Generator:
        """Make a generator of cases about everything that is encoded."""
        topics = templates(knowledge)
        weights = [
            len(topics) / 250
            + sum(TREATMENTS.get(t, 0) for t in asked.treatments) / sum(TREATMENTS.values())
            for asked in topics
        ]
        concepts = knowledge.concepts
        below: dict[str, list[str]] = {}
        for kind, above in concepts.ancestors.items():
            for wide in above:
                below.setdefault(local_name(str(wide)), []).append(local_name(str(kind)))
        context = {
            "below": {name: sorted(found) for name, found in below.items()},
            "treatments": {
                local_name(str(c)) for c in concepts.subclasses(CORE.Treatment)
            },
            "drugs": {local_name(str(c)) for c in concepts.subclasses(CORE.Drug)},
            "regions": sorted(
                local_name(str(r)) for r in concepts.individuals(CORE.BodyRegion)
            ),
            "short": {
                local_name(str(t)): short(str(t)) for t in (*concepts.ancestors, *concepts.kinds)
            },
            "anything": sorted(
                {name for asked in topics for name in asked.facts}
            ),
        }  # fmt: skip
        return Generator(knowledge, seed, topics, tuple(accumulate(weights)), context)

    def part(self, number: int, size: int) -> Iterator[dict[str, Any]]:
        """Draw the cases of a part, each as the content of a case file."""
        random = Random(f"{self.seed}/{number}")
        for at in range(size):
            yield self._case(f"synthetic-{self.seed}-{number}-{at}", random)

    def _topic(self, random: Random, day: date | None = None) -> Asked:
        """Draw a topic, one that is in force on a day if one is given."""
        for _ in range(40):
            at = bisect(self._weights, random.random() * self._weights[-1])
            asked = self._topics[min(at, len(self._topics) - 1)]
            if day is None or any(r.guideline.in_force(day) for r in asked.recommendations):
                break
        return asked

    def _case(self, name: str, random: Random) -> dict[str, Any]:
        main = self._topic(random)
        day = _day_in_force(main, random)
        injured = day - timedelta(days=random.choice((20, 45, 100, 200, 400, 900, 1800)))
        records = []
        for number in range(1, random.choice((2, 3, 4, 5))):
            record: dict[str, Any] = {"id": f"r{number}", "type": random.choice(_RECORDS)}
            if random.random() >= UNDATED:
                record["date"] = day - timedelta(days=random.randrange(1, 60))
            records.append(record)
        many = random.choices(tuple(REQUESTS), tuple(REQUESTS.values()))[0]
        case: dict[str, Any] = {
            "id": name,
            "worker": {"age": random.randrange(20, 68), "sex": random.choice(("male", "female"))},
            "injury": {"date": injured},
            "utilizationReview": {"date": day, "decision": "Denied"},
            "records": records,
        }
        if random.random() < 0.02:
            del case["injury"]
        facts: list[dict[str, Any]] = []
        requests: list[dict[str, Any]] = []
        for number in range(1, many + 1):
            asked = main if number == 1 else self._topic(random, day)
            request = self._request(asked, number, day, injured, random)
            if number > 1 and random.random() < DEPENDENT:
                request["dependsOn"] = f"q{random.randrange(1, number)}"
            elif asked.parents and random.random() < 0.6:
                # Asked for with the treatment that it depends on.
                parent = {"id": f"q{number}p", "treatment": random.choice(asked.parents)}
                request["dependsOn"] = parent["id"]
                requests.append(parent)
            requests.append(request)
            if asked.sought and random.random() < DOCUMENTED:
                facts += self._documented(random.choice(asked.sought), request, records, random)
            else:
                wanted = max(2.0, FACTS / many)
                facts += self._facts(asked, request, wanted, records, day, random)
        case["facts"] = facts
        case["requests"] = requests
        return case

    def _request(
        self, asked: Asked, number: int, day: date, injured: date, random: Random
    ) -> dict[str, Any]:
        request: dict[str, Any] = {"id": f"q{number}", "treatment": random.choice(asked.treatments)}
        if random.random() < WITH_REGION or (asked.regions and random.random() < 0.7):
            among = asked.regions if asked.regions and random.random() < 0.85 else None
            request["region"] = random.choice(among or self._context["regions"])
            if random.random() < 0.25:
                request["side"] = random.choice(("Left", "Right", "Bilateral"))
        for key, values in asked.values.items():
            likely = 0.8 if key == "quantity" else 0.5
            if values and random.random() < likely:
                value = random.choice(values)
                request[key] = _plain(key, value)
        if "quantity" not in asked.values and random.random() < WITH_QUANTITY:
            request["quantity"] = random.choice((1, 2, 4, 6, 8, 12, 24))
        if request.get("quantity", 0) > 1 and random.random() < GRANTED:
            request["granted"] = random.randrange(0, request["quantity"])
        if asked.ingredients and random.random() < 0.8:
            chosen = random.sample(asked.ingredients, min(len(asked.ingredients),
                                                          random.choice((1, 1, 2, 3))))  # fmt: skip
            drugs = [d for d in chosen if d in self._context["drugs"]]
            key = "agents" if "Injection" in request["treatment"] else "ingredients"
            if drugs:
                request[key] = [{"is": d} for d in drugs]
        if random.random() < OWN_DAY and day - timedelta(days=10) > injured:
            request["date"] = day - timedelta(days=random.randrange(1, 10))
        return request

    def _facts(
        self,
        asked: Asked,
        request: Mapping[str, Any],
        wanted: float,
        records: list[dict[str, Any]],
        day: date,
        random: Random,
    ) -> Iterator[dict[str, Any]]:
        kinds = list(asked.facts.values())
        likely = min(0.9, wanted / max(1, len(kinds)))
        for template in kinds:
            if random.random() < likely:
                fact = self._fact(template, request, records, day, random)
                yield fact
                if random.random() < CONTRADICTED:
                    turned = "present" if fact.get("status") == "absent" else "absent"
                    yield {"is": fact["is"], "status": turned, "in": fact["in"]}
        if random.random() < 0.3:  # the same treatment before
            values = {"count": ["1", "2", "4", "8", "12"], "date": [], "relief": ["30 %", "60 %"],
                      "reliefDuration": ["2 weeks", "8 weeks"]}  # fmt: skip
            yield self._fact(Template(request["treatment"], values), request, records, day, random)
        if random.random() < 0.4:  # something that no criterion here asks about
            template = Template(random.choice(self._context["anything"]))
            yield self._fact(template, request, records, day, random)

    def _documented(
        self,
        sought: Sought,
        request: Mapping[str, Any],
        records: list[dict[str, Any]],
        random: Random,
    ) -> Iterator[dict[str, Any]]:
        """Draw the facts that criteria seek, all of them."""
        if sought.kinds:
            fact: dict[str, Any] = {"is": random.choice(sought.kinds)}
            if sought.absent:
                fact["status"] = "absent"
            fact["in"] = random.choice(records)["id"]
            if "region" in request:
                fact["region"] = request["region"]
            for key, values in sought.values:
                fact[key] = _plain(key, random.choice(values))
            yield fact
        parts = sought.parts
        for part in [random.choice(parts)] if sought.any and parts else parts:
            yield from self._documented(part, request, records, random)

    def _fact(
        self,
        template: Template,
        request: Mapping[str, Any],
        records: list[dict[str, Any]],
        day: date,
        random: Random,
    ) -> dict[str, Any]:
        kind = template.kind
        below = self._context["below"].get(kind, ())
        if len(below) > 1 and random.random() < 0.3:
            kind = random.choice(below)
        fact: dict[str, Any] = {"is": kind}
        if random.random() < ABSENT:
            fact["status"] = "absent"
        fact["in"] = random.choice(records)["id"]
        if random.random() < 0.5:
            near = request.get("region")
            fact["region"] = (
                near if near and random.random() < 0.85 else random.choice(self._context["regions"])
            )
            if random.random() < 0.15:
                fact["side"] = random.choice(("Left", "Right"))
        treatment = kind in self._context["treatments"]
        for key, values in template.values.items():
            if key == "date":
                if random.random() < 0.7:
                    fact[key] = day - timedelta(days=random.choice((70, 100, 150, 200, 380)))
            elif key in ("outcome", "relief", "reliefDuration") and not treatment:
                continue
            elif values and random.random() < 0.75:
                fact[key] = _plain(key, random.choice(values))
        if treatment and "outcome" not in fact and random.random() < 0.5:
            fact["outcome"] = random.choice(_OUTCOMES)
        if not treatment and "duration" not in fact and random.random() < 0.1:
            fact["onset"] = day - timedelta(days=random.choice((75, 91, 92, 200, 1000)))
        return fact


_NUMBERS = frozenset({"quantity", "count", "sessions", "levels", "granted"})
_DECIMALS = frozenset({"perWeek", "timesADay", "severity"})


def _plain(key: str, value: str) -> Any:
    if key in _NUMBERS:
        return int(Decimal(value))
    return float(value) if key in _DECIMALS else value


def _day_in_force(asked: Asked, random: Random) -> date:
    guideline = random.choice(asked.recommendations).guideline
    start = max(FIRST, guideline.start or FIRST)
    end = min(LAST, guideline.end or LAST)
    if end <= start:
        return start
    return start + timedelta(days=random.randrange((end - start).days))


@dataclass(frozen=True)
class _Job:
    generator: Generator
    folder: Path
    part: int
    size: int
    first: int
    files: Path | None


def _write(job: _Job) -> int:
    """Draw a part, and write its tables and case files."""
    writer, rows = RowWriter(job.generator.knowledge), Rows()
    for at, case in enumerate(job.generator.part(job.part, job.size)):
        file = (job.files or Path()) / f"{case['id']}.yaml"
        writer.add(rows, job.first + at, case, str(file))
        if job.files is not None:
            write_text(file, case_file(case))
    write_part(job.folder, job.part, rows, job.generator.knowledge)
    return job.size


_GENERATOR: Generator | None = None


def _begin(generator: Generator) -> None:
    global _GENERATOR
    _GENERATOR = generator


def _run(job: tuple[Path, int, int, int, Path | None]) -> int:
    assert _GENERATOR is not None
    return _write(_Job(_GENERATOR, *job))


def generate(
    many: int,
    seed: int,
    folder: Path,
    knowledge: Knowledge,
    *,
    files: Path | None = None,
    part: int = 20_000,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> None:
    """Write a synthetic population as tables, and as case files where they are wanted.

    Args:
        many: how many cases.
        seed: what the draws start from.
        folder: where the tables go.
        knowledge: what the cases are about.
        files: where case files go, if anywhere.
        part: how many cases to a part.
        jobs: how many processes draw.
        progress: told how many cases are written.

    Raises:
        InputError: if the folder holds tables already.
    """
    make_way(folder)
    generator = Generator.of(knowledge, seed)
    starts = range(0, many, part)
    plan = [(folder, n, min(part, many - first), first, files) for n, first in enumerate(starts)]
    done = 0
    _begin(generator)
    drawn = (
        nullcontext(map(_run, plan))
        if jobs <= 1 or len(plan) == 1
        else in_processes(_run, plan, jobs, _begin, (generator,))
    )
    with drawn as sizes:
        for size in sizes:
            done += size
            progress(done, many)
    finish(folder, many, len(plan))
