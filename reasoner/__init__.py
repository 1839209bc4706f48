"""An open reasoner for California's Independent Medical Review.

    >>> from reasoner import adjudicate, load_knowledge, read_case
    >>> knowledge = load_knowledge()
    >>> case = read_case("docs/examples/trigger-points.yaml", knowledge)
    >>> adjudicate(case, knowledge).outcome.value
    'Upheld'

It supports a physician reviewer and does not replace one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reasoner.case import Case, parse_case, read_case
    from reasoner.determination import Determination, adjudicate
    from reasoner.errors import EngineError, InputError, KnowledgeError, MtusError
    from reasoner.knowledge import Knowledge, load_knowledge
    from reasoner.outcomes import Role

__all__ = [
    "Case", "Determination", "EngineError", "InputError", "Knowledge", "KnowledgeError",
    "MtusError", "Role", "adjudicate", "load_knowledge", "parse_case", "read_case",
]  # fmt: skip

_HOMES = {
    "Case": "case", "parse_case": "case", "read_case": "case",
    "Determination": "determination", "adjudicate": "determination",
    "EngineError": "errors", "InputError": "errors", "KnowledgeError": "errors",
    "MtusError": "errors",
    "Knowledge": "knowledge", "load_knowledge": "knowledge",
    "Role": "outcomes",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the engines take a third of a second."""
    if name not in _HOMES:
        raise AttributeError(f"module 'reasoner' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"reasoner.{_HOMES[name]}"), name)
