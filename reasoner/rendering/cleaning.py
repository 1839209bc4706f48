"""Text of a case file, made safe to show: no control sequences, nothing that reorders a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# ECMA-48: control sequences, operating system commands and the other escapes; 7 and 8 bit forms.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Directional marks can make a line read other than it is; invisible characters can hide in it.
_DECEPTIVE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def clean_text(text: str) -> str:
    """Strip escape sequences and control characters, and take white space together."""
    text = _DECEPTIVE.sub("", _ESCAPES.sub("", text))
    shown = "".join(_CATEGORIES.get(unicodedata.category(ch), ch) for ch in text)
    return " ".join(shown.split())


# Control characters and line separators stand for a space; half of a surrogate pair for itself
# cannot be encoded.
_CATEGORIES = {"Cc": " ", "Zl": " ", "Zp": " ", "Cs": "\ufffd"}


def clean(contract: Mapping[str, Any]) -> dict[str, Any]:
    """Give a determination with every text of it cleaned; the one given is left as it is."""
    return {key: _cleaned(value) for key, value in contract.items()}


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(below) for below in value]
    return value
