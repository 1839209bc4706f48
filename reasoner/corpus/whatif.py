"""What a reform would do to a population: decided before and after, and what differs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reasoner.corpus.comparison import Comparison, rest
from reasoner.corpus.determine import MOST_AT_ONCE, Population
from reasoner.corpus.engine import Connection, connect, own_folder, text
from reasoner.corpus.quads import holds_many
from reasoner.corpus.reform import Reform
from reasoner.corpus.sampling import Sample
from reasoner.corpus.settling import Outcomes
from reasoner.corpus.tables import Progress, files_in, no_progress, write_tables
from reasoner.corpus.whatifreport import write_comparison
from reasoner.knowledge import Knowledge
from reasoner.outcomes import Role


def compare(
    folder: Path,
    base: Knowledge,
    reform: Reform,
    role: Role = Role.IMR,
    memory: str | None = None,
    progress: Progress = no_progress,
    sample: Sample | None = None,
) -> Comparison:
    """Decide a folder of tables before and after a reform.

    Args:
        folder: the tables.
        base: the release before.
        reform: what changes.
        role: who decides.
        memory: how much memory there is, such as ``3GB``.
        progress: told how many parts are compared.
        sample: decide only cases that are drawn.

    Raises:
        InputError: if the tables cannot be used.
        KnowledgeError: if something of either release is not compiled.
    """
    before = Population(folder, base, role, memory)
    after = Population(folder, reform.after, role, memory)
    topics = reform.topics()
    drawn = None if sample is None else _drawn(folder, sample)
    flips: list[dict[str, Any]] = []
    decided = items = revised = refused = 0
    # Two releases are held at once; of a topic or two, that is little.
    most = MOST_AT_ONCE // 2 if topics is None else MOST_AT_ONCE
    for parts in before.chunks(before.at_once(most)):
        wanted: Collection[int] | None = drawn
        if topics is not None:
            wanted = before.about(parts, topics) | after.about(parts, topics)
            wanted = wanted if drawn is None else wanted & drawn
        if wanted is None or wanted:
            found = _differences(before, after, parts, wanted, topics)
            flips += found.pop("flips")
            decided += found["cases"]
            items += found["items"]
            revised += found["revised"]
            refused += found["refused"]
        progress(parts[-1] + 1, before.parts)
    rest(flips)
    read = before.cases if drawn is None else len(drawn)
    return Comparison(
        reform, before.cases, read, decided, items, tuple(flips), revised, refused, sample
    )


def _drawn(folder: Path, sample: Sample) -> frozenset[int]:
    connection = connect()
    files = text(str(folder / "cases" / "*.parquet"))
    rows = connection.execute(f"SELECT case_no FROM read_parquet({files}) ORDER BY 1").fetchall()
    connection.close()
    return frozenset(sample.draw([number for (number,) in rows]))


def _differences(
    before: Population,
    after: Population,
    parts: Sequence[int],
    wanted: Collection[int] | None,
    topics: frozenset[str] | None,
) -> dict[str, Any]:
    """Decide a chunk twice, and give its flips and how many of what there are."""
    sql = connect(before.memory)
    if topics is None:
        for name, population in (("old", before), ("new", after)):
            _take(sql, name, population.finish(population.begin(parts, wanted)))
    else:
        old, new = before.begin(parts, wanted), after.begin(parts, wanted)
        touched = before.touched(old, topics) | after.touched(new, topics)
        for name, population, begun in (("old", before, old), ("new", after, new)):
            _take(sql, name, population.finish(begun, touched))
    found = _compared(sql)
    sql.close()
    return found


def _take(sql: Connection, name: str, outcomes: Outcomes) -> None:
    """Take what was decided into the database that compares."""
    for table, rows, query in (
        ("case", outcomes.cases, "SELECT case_no, source FROM taken"),
        ("item", outcomes.items,
         "SELECT i.case_no, i.case_id, c.source, i.request, i.treatment, i.region,"
         " strftime(i.day, '%Y-%m') AS month, i.topic, i.necessity, i.basis, i.outcome, i.parent"
         f" FROM taken i JOIN {name}_case c USING (case_no)"),
        ("criterion", outcomes.criteria,
         "SELECT case_no, request, criterion, outcome, presumed FROM taken"),
        ("refusal", outcomes.refused, "SELECT case_no FROM taken"),
    ):  # fmt: skip
        sql.register("taken", rows)
        sql.execute(f"CREATE TEMP TABLE {name}_{table} AS {query}")
        sql.unregister("taken")


def _compared(sql: Connection) -> dict[str, Any]:
    def number(query: str) -> int:
        return int(sql.execute(query).fetchone()[0])

    sql.execute(
        """CREATE TEMP TABLE changed AS
        SELECT case_no, request,
            string_agg(regexp_replace(criterion, '^.*/guideline/', ''), ', ' ORDER BY criterion)
                AS criteria,
            bool_or(COALESCE(o.presumed, FALSE) OR COALESCE(n.presumed, FALSE)) AS presumed
        FROM old_criterion o FULL JOIN new_criterion n USING (case_no, request, criterion)
        WHERE o.outcome IS DISTINCT FROM n.outcome GROUP BY case_no, request"""
    )
    both = "old_item o JOIN new_item n USING (case_no, request)"
    result = sql.execute(
        f"""SELECT case_no, o.case_id, o.source, request, o.treatment, o.region, o.month,
            COALESCE(n.topic, o.topic) AS topic, o.outcome AS before, n.outcome AS after,
            o.necessity AS necessity_before, n.necessity AS necessity_after,
            o.basis AS basis_before, n.basis AS basis_after, c.criteria,
            COALESCE(c.presumed, FALSE) AS presumed, COALESCE(n.parent, o.parent) AS parent
        FROM {both} LEFT JOIN changed c USING (case_no, request)
        WHERE o.outcome <> n.outcome ORDER BY case_no, request"""
    )
    names = [column[0] for column in result.description]
    return {
        "flips": [dict(zip(names, row, strict=True)) for row in result.fetchall()],
        "revised": number(
            f"SELECT COUNT(*) FROM {both}"
            " WHERE o.outcome = n.outcome AND o.necessity <> n.necessity"
        ),
        "cases": number("SELECT COUNT(DISTINCT case_no) FROM (SELECT case_no FROM old_item"
                        " UNION ALL SELECT case_no FROM new_item)"),
        "items": number("SELECT COUNT(*) FROM old_item"),
        "refused": number("SELECT COUNT(*) FROM (SELECT case_no FROM old_refusal"
                          " UNION SELECT case_no FROM new_refusal)"),
    }  # fmt: skip


def whatif(
    places: Sequence[Path],
    out: Path,
    base: Knowledge,
    reform: Reform,
    *,
    role: Role = Role.IMR,
    show: int = 20,
    jobs: int = 1,
    memory: str | None = None,
    sample: Sample | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Compare a population before and after a reform, and write what differs.

    Args:
        places: a folder of tables, or case files and folders of them.
        out: the folder that the comparison is written into.
        base: the release before.
        reform: what changes.
        role: who decides.
        show: how many flipped cases are shown with their rationales, where their files are there.
        jobs: how many processes read case files.
        memory: how much memory there is, such as ``3GB``.
        sample: decide only cases that are drawn, and say what that tells of all.
        progress: told how many parts are compared.

    Raises:
        InputError: if the cases cannot be used.
        KnowledgeError: if something of either release is not compiled.
        MtusError: if a file cannot be written.
    """
    with own_folder() as made:
        folder = places[0]
        if len(places) == 1 and (folder / "corpus.json").exists():
            comparison = compare(folder, base, reform, role, memory, progress, sample)
        else:
            files = files_in(places)
            folder = Path(made) / "tables"
            if any(map(holds_many, files)):
                # Of a file with many cases, cases are drawn, and not the file.
                unread = write_tables(files, folder, base, jobs=jobs, memory=memory).refused
                found = compare(folder, base, reform, role, memory, progress, sample)
                comparison = replace(found, refused=found.refused + unread)
            else:
                drawn = files if sample is None else sample.draw(files)
                unread = write_tables(drawn, folder, base, jobs=jobs, memory=memory).refused
                found = compare(folder, base, reform, role, memory, progress)
                comparison = replace(
                    found, cases=len(files), read=len(drawn), refused=found.refused + unread,
                    sample=sample,
                )  # fmt: skip
    write_comparison(comparison, out, base, role, show)
    return comparison
