"""What a simple random sample of cases says of the population that it was drawn from.

Cases are drawn, not items, for the items of a case flip together. The interval of a share is
Wilson's, which holds where few or none were seen; that of a number of items is normal, and is left
out where fewer than ten cases of the sample have one. Both take into account how much of the
population was drawn: where all of it was, nothing is left to chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import Any, TypeVar

CONFIDENCE = 0.95
_Z = 1.959964
ENOUGH = 10
"""Cases seen, below which no interval is given for a number of items."""

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class Sample:
    """A sample that was asked for.

    Attributes:
        size: how many cases.
        seed: the same seed draws the same cases.
    """

    size: int
    seed: int = 1

    def draw(self, population: Sequence[_Thing]) -> list[_Thing]:
        """Draw from a population, all of it if it is smaller; in the population's order."""
        if self.size >= len(population):
            return list(population)
        chosen = Random(self.seed).sample(range(len(population)), self.size)
        return [population[at] for at in sorted(chosen)]


@dataclass(frozen=True)
class Estimate:
    """A number in the population, as a sample gives it.

    Attributes:
        seen: how many in the sample.
        value: how many in the population, most likely.
        low, high: the ends of the interval.
    """

    seen: int
    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON has it, rounded to whole numbers."""
        return {
            "seen": self.seen, "estimate": round(self.value), "low": round(self.low),
            "high": round(self.high),
        }  # fmt: skip


def cases_with(seen: int, drawn: int, population: int) -> Estimate:
    """Estimate how many cases of the population have what some of the sample have."""
    if drawn >= population:
        return Estimate(seen, seen, seen, seen)
    share = seen / drawn
    # As many independent draws would say as much.
    n = drawn * (population - 1) / (population - drawn)
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    # What was seen is there, and what was drawn without it is not.
    return Estimate(
        seen,
        share * population,
        max(low * population, seen),
        min(high * population, population - drawn + seen),
    )


def items_of(counts: Sequence[int], drawn: int, population: int) -> Estimate | None:
    """Estimate how many items of the population there are.

    Args:
        counts: how many each case of the sample has, those with none left out.
        drawn: how many cases the sample has.
        population: how many the population has.

    Returns:
        None where too few cases were seen to tell.
    """
    total = sum(counts)
    if drawn >= population:
        return Estimate(total, total, total, total)
    if len(counts) < ENOUGH:
        return None
    mean = total / drawn
    squares = sum(c * c for c in counts) - drawn * mean * mean
    error = sqrt(squares / (drawn - 1) / drawn * (1 - drawn / population))
    value = mean * population
    half = _Z * error * population
    return Estimate(total, value, max(value - half, total), value + half)
