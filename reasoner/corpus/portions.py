"""The graph of a chunk laid out by recommendation, so that each plan reads its own cases alone.

A plan asks about the requests that one recommendation governs, some hundreds of a hundred thousand,
and would look for their facts among all facts. So each table that plans read is laid out once more:
a row for each recommendation that governs a request of the row's view, in the order of
recommendations. DuckDB keeps the least and the greatest value of each row group, and passes over
those of other recommendations.
"""

from __future__ import annotations

import re

from reasoner.corpus.store import FIRST_NODE, VIEW, Store

_TABLES = re.compile(r"\b(?:p_\w+|typed)\b")


class Portions:
    """What each recommendation's plan reads.

    Args:
        store: the chunk, with ``governing`` and ``typed``.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._laid_out: dict[str, bool] = {}
        store.make(
            "share", "SELECT DISTINCT g.rec, q.base FROM governing g JOIN request q USING (node)"
        )

    def of(self, number: int, sql: str) -> str:
        """Give a query with the tables that it reads cut to what a recommendation looks at.

        Args:
            number: the number that ``governing`` has the recommendation by.
            sql: a query over tables of properties, and ``typed``.
        """
        cut = ", ".join(
            f"{name} AS (SELECT * EXCLUDE rec FROM of_{name} WHERE rec = {number})"
            for name in sorted(set(_TABLES.findall(sql)))
            if self._lay_out(name)
        )
        return f"WITH {cut} {sql}" if cut else sql

    def _lay_out(self, name: str) -> bool:
        """Lay a table out, and tell whether it is; what is said of vocabulary terms is of all."""
        if name not in self._laid_out:
            if name != "typed":
                self._store.property(name.removeprefix("p_"))
            subject = "node" if name == "typed" else "s"
            ((least,),) = self._store.run(f"SELECT MIN({subject}) FROM {name}")
            self._laid_out[name] = least is not None and least >= FIRST_NODE
            if self._laid_out[name]:
                self._store.make(
                    f"of_{name}",
                    f"SELECT w.rec, x.* FROM {name} x JOIN share w"
                    f" ON w.base = x.{subject} & {-VIEW} ORDER BY w.rec",
                )
        return self._laid_out[name]
