"""NumPy, loaded when it is needed, and what is done with arrays everywhere here."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from reasoner.errors import MissingExtraError

try:
    import numpy as np
except ImportError as error:
    raise MissingExtraError("A corpus", "corpus") from error

Array: TypeAlias = "np.ndarray[Any, Any]"
"""One dimension; of what, its use says."""


def ranges(starts: Array, stops: Array) -> tuple[Array, Array]:
    """Give the places of several ranges, one range after another.

    Returns:
        For each place the number of its range, and the place.
    """
    lengths = stops - starts
    of = np.repeat(np.arange(len(lengths)), lengths)
    before = np.cumsum(lengths) - lengths
    return of, np.arange(len(of)) - before[of] + starts[of]


def places(values: Array, ordered: Array) -> tuple[Array, Array]:
    """Give the places of values among others that are distinct and in ascending order.

    Returns:
        The places, and which values are there; of those that are not, the place means nothing.
    """
    if not len(ordered):
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=bool)
    at = np.searchsorted(ordered, values)
    at[at == len(ordered)] = 0
    return at, ordered[at] == values


def steps(ordered: Array) -> Array:
    """Tell which values, in ascending order, are not the one before."""
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return new


def distinct(values: Array) -> Array:
    """Give the distinct values in ascending order.

    NumPy's own way, by hashing, takes many times as long for numbers that are mostly distinct.
    """
    ordered = np.sort(values)
    return ordered[steps(ordered)]


def numbered(values: Array) -> tuple[Array, Array]:
    """Give the distinct values in ascending order, and for each row the place of its value."""
    if (values[1:] >= values[:-1]).all():  # nothing is to be put in order
        new = steps(values)
        return values[new], np.cumsum(new) - 1
    found, at = np.unique(values, return_inverse=True)
    return found, at


def coded(numbers: Array) -> tuple[Array, Array]:
    """Give the distinct numbers in ascending order, and for each row the place of its number."""
    if not len(numbers):
        return numbers, numbers
    least, most = int(numbers.min()), int(numbers.max())
    if most - least > 4 * len(numbers) + 1024:
        found, at = np.unique(numbers, return_inverse=True)
        return found, at
    # They are close together: to mark them in a table is quicker than to put them in order.
    marked = np.zeros(most - least + 1, dtype=bool)
    marked[numbers - least] = True
    return np.flatnonzero(marked) + least, (np.cumsum(marked) - 1)[numbers - least]


def matching(left: Array, right: Array) -> tuple[Array, Array]:
    """Join on numbers: give the rows of both sides that have the same; the left ones in order."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    rows, at = ranges(
        np.searchsorted(ordered, left, "left"), np.searchsorted(ordered, left, "right")
    )
    return rows, order[at]


def in_order(first: Array, second: Array) -> tuple[Array, Array]:
    """Give pairs each once, in ascending order; quickly, if they are so already."""
    ahead = first[1:] > first[:-1]
    if (ahead | ((first[1:] == first[:-1]) & (second[1:] > second[:-1]))).all():
        return first, second
    return distinct_pairs(first, second)


def found_in(values: Array, ordered: Array) -> Array:
    """Tell which values are among others that are in ascending order."""
    return places(values, ordered)[1]


def lead(of: Array, values: Array, places: Array) -> tuple[Array, Array]:
    """Give what each row leads to.

    Args:
        of: for each value the place of the node that leads to it, in ascending order.
        values: the values.
        places: for each row the place of its node.

    Returns:
        For each value that a row leads to: the row, and the value.
    """
    first = np.searchsorted(of, places, "left")
    last = np.searchsorted(of, places, "right")
    rows, at = ranges(first, last)
    return rows, values[at]


def distinct_pairs(first: Array, second: Array) -> tuple[Array, Array]:
    """Give pairs each once, in ascending order."""
    order = np.lexsort((second, first))
    return once(first[order], second[order])


def once(first: Array, second: Array) -> tuple[Array, Array]:
    """Give pairs that are in ascending order each once."""
    new = np.ones(len(first), dtype=bool)
    new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return first[new], second[new]


def objects(values: Any) -> Array:
    """Make an array of Python's objects."""
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made


def there(values: Array) -> Array:
    """Tell which of Python's objects are not None."""
    return np.array([value is not None for value in values.tolist()], dtype=bool)


def gathered(groups: Array, values: Array, count: int, made: Callable[[Any, Any], Any]) -> Array:
    """Make one exact number of those of each group; null where a group has none.

    Args:
        groups: the number of each value's group.
        values: numbers of Python, or None, which is passed over.
        count: how many groups there are.
        made: makes one number of two.
    """
    found: list[Any] = [None] * count
    for group, value in zip(groups.tolist(), values.tolist(), strict=True):
        if value is not None:
            before = found[group]
            found[group] = value if before is None else made(before, value)
    return objects(found)


def sums(groups: Array, values: Array, count: int) -> Array:
    """Add exact numbers up by group, as ``gathered`` has them."""
    return gathered(groups, values, count, operator.add)


def greatest(groups: Array, values: Array, count: int) -> Array:
    """Give the greatest exact number of each group, as ``gathered`` has them."""
    return gathered(groups, values, count, max)


__all__ = [
    "Array", "coded", "distinct", "distinct_pairs", "found_in", "greatest", "in_order", "lead",
    "matching", "np", "numbered", "objects", "once", "places", "ranges", "steps", "sums", "there",
]  # fmt: skip
