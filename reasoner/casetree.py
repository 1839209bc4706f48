"""What a case file says before it is understood: keys, lists and plain values, with their places.

Every format is turned into this first, so that one reader checks them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Scalar:
    """A plain value, as written.

    Attributes:
        value: the characters; None where nothing is.
        line: the line, from 1; None where the format keeps none.
        plain: whether it stands without quotes, where the format has any.
    """

    value: str | None
    line: int | None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Tree, ...]
    line: int | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping; for each key, the line of the key and the value.

    Attributes:
        node: what to call it in a message, where the format keeps no lines.
    """

    entries: Mapping[str, tuple[int | None, Tree]]
    line: int | None
    node: str | None = None


Tree: TypeAlias = Scalar | Sequence | Mapped
