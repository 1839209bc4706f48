"""What literals mean, by their numbers: conditions are told once for each distinct literal.

Literals are numbered -1, -2, and so on. A condition on a literal is an array with a place for each,
so that it is asked of the few thousand distinct ones, exactly, in Python, and looked up for the
millions of times that they are stated.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from reasoner.corpus.vectors import Array, np, objects

Meaning: TypeAlias = tuple[int, Decimal | int | None, date | None, str | None]
"""The number of a literal's datatype, and its number, day and text where it has one."""


class Literals:
    """The distinct literals of a graph.

    Args:
        rows: the meaning of each, in the order of their numbers.
        before: literals that come before these.

    Attributes:
        datatypes: by number, place 0 apart.
        numbers: exact, of Python; None where it is none.
        days: days since 1970, of Python; None where it is none.
        texts: None where it has none.
    """

    def __init__(self, rows: Sequence[Meaning], before: Literals | None = None) -> None:
        if before is None:
            rows = [(0, None, None, None), *rows]
        self.datatypes = np.array([dt for dt, *_ in rows], dtype=np.int64)
        self.numbers = objects(number for _, number, _, _ in rows)
        self.days = objects(None if d is None else day_number(d) for _, _, d, _ in rows)
        self.texts = objects(text for *_, text in rows)
        if before is not None:
            for name in ("datatypes", "numbers", "days", "texts"):
                setattr(self, name, np.concatenate([getattr(before, name), getattr(self, name)]))
        self._conditions: dict[tuple[object, ...], Array] = {}
        self._ranked: dict[str, tuple[list[Any], Array]] = {}

    def __len__(self) -> int:
        return len(self.datatypes)

    def has(self, column: str) -> Array:
        """Tell which have a value: ``num`` or ``day``."""
        return self._once(("has", column), lambda: self._ranks(column)[1] >= 0)

    def of(self, datatype: int) -> Array:
        """Tell which are of a datatype."""
        return self._once(("of", datatype), lambda: self.datatypes == datatype)

    def compared(self, column: str, operator_: str, bound: int | Decimal) -> Array:
        """Tell which compare so with a bound: a number, or a number of a day."""

        def tell() -> Array:
            values, ranks = self._ranks(column)
            # A rank compares with the bound's place as the value compares with the bound.
            side = bisect.bisect_right if operator_ in ("<=", ">") else bisect.bisect_left
            place = side(values, bound)
            found: Array = (ranks >= 0) & (
                ranks < place if operator_ in ("<", "<=") else ranks >= place
            )
            return found

        return self._once((column, operator_, bound), tell)

    def same(self, datatype: int, column: str, value: object) -> Array:
        """Tell which are of a datatype and have a value: ``num``, ``day`` or ``lex``."""
        columns = {"num": self.numbers, "day": self.days, "lex": self.texts}

        def tell() -> Array:
            equal = [found == value for found in columns[column].tolist()]
            found: Array = (self.datatypes == datatype) & np.array(equal, dtype=bool)
            return found

        return self._once(("same", datatype, column, value), tell)

    def _ranks(self, column: str) -> tuple[list[Any], Array]:
        if column not in self._ranked:
            self._ranked[column] = _ranked(self.numbers if column == "num" else self.days)
        return self._ranked[column]

    def _once(self, key: tuple[object, ...], tell: Callable[[], Array]) -> Array:
        if key not in self._conditions:
            found = tell()
            found[0] = False  # no literal
            self._conditions[key] = found
        return self._conditions[key]


def day_number(day: date) -> int:
    """Give a day as the number of days since 1970."""
    return day.toordinal() - _EPOCH


_EPOCH = date(1970, 1, 1).toordinal()


def date_of(number: int) -> date:
    """Give the day that is a number of days after 1970 began."""
    return date.fromordinal(number + _EPOCH)


def _ranked(values: Array) -> tuple[list[Any], Array]:
    """Give the distinct values in ascending order, and the place of each; -1 for none."""
    distinct = sorted({v for v in values.tolist() if v is not None})
    places = {v: n for n, v in enumerate(distinct)}
    ranks = np.array([-1 if v is None else places[v] for v in values.tolist()], dtype=np.int64)
    return distinct, ranks
