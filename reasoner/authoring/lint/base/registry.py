"""Every rule there is, found by looking: a module of the package that has a ``check`` is one."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from reasoner.authoring import lint as package
from reasoner.authoring.lint.base.finding import Finding, rule_name
from reasoner.authoring.lint.base.release import Release
from reasoner.errors import InputError, Problem, nearest_word

SECTIONS = ("Problem", "Why", "Mend", "Source")
"""What the docstring of a rule says, in this order."""


@dataclass(frozen=True)
class Rule:
    """A rule, and what its docstring says of it.

    Attributes:
        name: the name, as findings and ``--rule`` have it.
        check: finds what is wrong with a release.
        sections: the text of each section of the docstring, by its title.
        is_fallback: whether it speaks only of files in which no other rule finds anything.
        looks_at_cases: whether it looks at what the cases of the library give.
        is_advice: whether what it finds may be meant: a warning in an editor, not an error.
    """

    name: str
    check: Callable[[Release], Iterator[Finding]]
    sections: Mapping[str, str]
    is_fallback: bool
    looks_at_cases: bool
    is_advice: bool


@cache
def rules() -> Mapping[str, Rule]:
    """Give every rule by its name, in alphabetical order."""
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.ispkg:
            continue
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        check = getattr(loaded, "check", None)
        if check is not None:
            name = rule_name(loaded.__name__)
            found[name] = Rule(
                name,
                check,
                sections_of(loaded.__doc__ or ""),
                getattr(loaded, "WHERE_NOTHING_ELSE_IS_FOUND", False),
                getattr(loaded, "LOOKS_AT_CASES", False),
                getattr(loaded, "IS_ADVICE", False),
            )
    return dict(sorted(found.items()))


def sections_of(docstring: str) -> dict[str, str]:
    """Take the docstring of a rule apart.

    Raises:
        ValueError: if it does not have the sections, in their order, and no others.
    """
    parts = re.split(r"(?:\A|\n\n)(\w+): ", docstring.strip())
    titles, texts = tuple(parts[1::2]), parts[2::2]
    if titles != SECTIONS or parts[0].strip():
        raise ValueError(f"a rule's docstring has the sections {SECTIONS}, not {titles}")
    return {title: text.strip() for title, text in zip(titles, texts, strict=True)}


def chosen_rules(names: list[str]) -> tuple[Rule, ...]:
    """Give the rules of some names; all of them where no name is given.

    Raises:
        InputError: if a name is no rule's.
    """
    known = rules()
    problems = [
        Problem(
            f"{name} is no rule.",
            "--rule",
            expected="one of " + ", ".join(known),
            nearest=nearest_word(name, known),
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    return tuple(rule for name, rule in known.items() if not names or name in names)
