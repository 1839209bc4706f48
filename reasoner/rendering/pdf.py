"""The letter as PDF/UA, set by typst.

The template is a file and the case only ever data to it, so nothing in a case can be read as
markup. PDF/UA and not PDF/A: the latter demands a date of the document, and a determination has
none.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Any

from reasoner.errors import EngineError, MissingExtraError
from reasoner.rendering.letter import letter

_PRINTABLE = (
    (0x20, 0x7E), (0xA0, 0x4FF), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x2030, 0x205E),
    (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x22FF), (0x2500, 0x25FF),
)  # fmt: skip
"""Ranges of characters that the fonts in the typst wheel have glyphs for. System fonts are left
out, so that the same determination gives the same bytes on every machine."""


def render_pdf(contract: Mapping[str, Any]) -> bytes:
    """Render a determination in the form of an issued letter, as PDF/UA-1.

    Raises:
        MissingExtraError: if typst is not installed.
        EngineError: if typst cannot set the letter.
    """
    try:
        import typst
    except ImportError as error:
        raise MissingExtraError("a letter as PDF", "letter") from error
    data = json.dumps(_printable(letter(contract)), ensure_ascii=False)
    template = files("reasoner.rendering").joinpath("templates", "letter.typ")
    try:
        with as_file(template) as path:
            made = typst.compile(
                str(path),
                format="pdf",
                pdf_standards=["ua-1"],
                ignore_system_fonts=True,
                sys_inputs={"letter": data},
            )
    except typst.TypstError as error:
        raise EngineError(f"typst could not set the letter: {error}") from error
    if not isinstance(made, bytes):
        raise EngineError("typst gave no PDF")
    return made


def _printable(value: object) -> object:
    """Write what the fonts have no glyph for by its code: ``[U+4E2D]``."""
    if isinstance(value, str):
        return "".join(ch if _has_glyph(ch) else f"[U+{ord(ch):04X}]" for ch in value)
    if isinstance(value, dict):
        return {key: _printable(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_printable(below) for below in value]
    return value


def _has_glyph(ch: str) -> bool:
    if unicodedata.category(ch) in ("Cn", "Cf", "Co"):
        return False
    return any(first <= ord(ch) <= last for first, last in _PRINTABLE)
