"""An element of a FHIR resource: asked for what it holds by name, by type, and by its path.

What has another JSON type than FHIR gives it is a problem with the path of the element; reading
goes on, so that all of them are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from reasoner.errors import InputError, Problem, shown

MAX_PROBLEMS = 200
_DATE = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?"
)
_YEARS = range(1900, 2200)


@dataclass
class Findings:
    """What is wrong with a file, gathered while it is read."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        message: str,
        path: str | None = None,
        *,
        node: str | None = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        """Keep a problem.

        Raises:
            InputError: when there are so many that nothing is gained by reading on.
        """
        self.problems.append(Problem(message, self.file, None, path, expected, nearest, node))
        if len(self.problems) >= MAX_PROBLEMS:
            raise InputError(self.problems)

    def raise_any(self) -> None:
        """Raise what was found.

        Raises:
            InputError: if anything was.
        """
        if self.problems:
            raise InputError(self.problems)


@dataclass(frozen=True, slots=True)
class Day:
    """A FHIR date, as exact as it is stated.

    Attributes:
        first, last: the days that it can mean; one and the same where it is a whole date.
    """

    first: date
    last: date
    text: str

    @property
    def exact(self) -> date | None:
        """The day, where the date is a whole one."""
        return self.first if self.first == self.last else None


@dataclass(frozen=True, slots=True)
class Element:
    """A JSON object within a resource.

    Attributes:
        path: where it stands, such as ``Bundle.entry[3].resource.code``.
        node: the resource, such as ``Condition/c1``.
    """

    value: dict[str, Any]
    path: str
    node: str
    findings: Findings

    def _wrong(self, key: str, expected: str) -> None:
        self.findings.add(
            f"{shown(str(self.value[key]))} stands here.",
            f"{self.path}.{key}",
            node=self.node,
            expected=expected,
        )

    def has(self, key: str) -> bool:
        """Tell whether a key stands here."""
        return key in self.value

    def one(self, key: str) -> Element | None:
        """Give an object, or None."""
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            self._wrong(key, "an object")
            return None
        return Element(found, f"{self.path}.{key}", self.node, self.findings)

    def many(self, key: str) -> list[Element]:
        """Give the objects of a list, which may be empty."""
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            self._wrong(key, "a list of objects")
            return []
        return [
            Element(item, f"{self.path}.{key}[{place}]", self.node, self.findings)
            for place, item in enumerate(found)
        ]

    def text(self, key: str) -> str | None:
        """Give a string that is not blank, or None."""
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, str):
            self._wrong(key, "a string")
            return None
        return found.strip() or None

    def number(self, key: str) -> Decimal | None:
        """Give a number, or None."""
        found = self.value.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, Decimal)):
            self._wrong(key, "a number")
            return None
        number = Decimal(found)
        if not number.is_finite() or not -6 <= number.adjusted() <= 9:
            self._wrong(key, "a number between 0.000001 and 9999999999")
            return None
        return number

    def flag(self, key: str) -> bool | None:
        """Give a truth value, or None."""
        found = self.value.get(key)
        if found is not None and not isinstance(found, bool):
            self._wrong(key, "true or false")
            return None
        return found

    def day(self, key: str) -> Day | None:
        """Give a date or the day of a dateTime, or None."""
        found = self.text(key)
        if found is None:
            return None
        match = _DATE.fullmatch(found)
        try:
            if match is None or int(match[1]) not in _YEARS:
                raise ValueError
            year, month, day = (int(part) if part else None for part in match.groups())
            assert year is not None
            first = date(year, month or 1, day or 1)
            last = first if day else _last(year, month)
        except ValueError:
            self._wrong(key, "a date such as 2014-08-19")
            return None
        return Day(first, last, found)

    def extensions(self, ending: str) -> Iterator[Element]:
        """Give the extensions whose URL ends so."""
        for extension in self.many("extension"):
            if (extension.text("url") or "").endswith(ending):
                yield extension


def _last(year: int, month: int | None) -> date:
    following = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def plain(number: Decimal) -> str:
    """Write a number as a case file does: without an exponent or idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
