"""The one importer of pypdfium2: the lines of a PDF, with what is set in bold.

Letters set the heading of each item in bold, and nothing else tells where the rationale of one
item ends and the heading of the next begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.errors import InputError, MissingExtraError, Problem

MAX_BYTES = 50_000_000
MAX_PAGES = 500
_BOLD = 600
"""The font weight from which a character counts as bold; regular is 400, bold 700."""
_BROKEN_HYPHEN = "\ufffe"
"""What PDFium gives for a hyphen at the end of a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document.

    Attributes:
        bold: the share of its characters, spaces aside, that are bold.
        page: the page, from 1.
    """

    text: str
    bold: float
    page: int


def read_lines(path: Path) -> list[Line]:
    """Read the lines of a PDF or a text file; a text file has no bold.

    Raises:
        InputError: if the file is missing, too large, encrypted with a password, or holds no text.
        MissingExtraError: if a PDF is given and the extra ``intake`` is not installed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError([Problem(f"The file is over {MAX_BYTES // 1_000_000} MB.", str(path))])
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            [Problem(f"The file cannot be read: {error.strerror}.", str(path))]
        ) from error
    return parse_lines(data, str(path))


def parse_lines(data: bytes, file: str) -> list[Line]:
    """Read the lines of the content of a PDF or a text file, as ``read_lines`` does."""
    lines = list(_pdf_lines(data, file) if data.startswith(b"%PDF") else _text_lines(data, file))
    if not any(line.text for line in lines):
        raise InputError([Problem("The file holds no text; a scan is not read.", file)])
    return lines


def _text_lines(data: bytes, file: str) -> Iterator[Line]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise InputError([Problem("The file is neither a PDF nor text.", file)])
    for line in text.splitlines():
        yield Line(" ".join(line.split()), 0.0, 1)


def _pdf_lines(data: bytes, file: str) -> Iterator[Line]:
    try:
        import pypdfium2 as pdfium
        from pypdfium2 import raw
    except ImportError as error:
        raise MissingExtraError("Reading a PDF", "intake") from error
    try:
        document: Any = pdfium.PdfDocument(data)  # type: ignore[no-untyped-call]
    except pdfium.PdfiumError as error:
        raise InputError([Problem(f"The PDF cannot be opened: {error}.", file)]) from error
    try:
        if len(document) > MAX_PAGES:
            raise InputError([Problem(f"The PDF has over {MAX_PAGES} pages.", file)])
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            yield from _page_lines(raw, text, number + 1)
            text.close()
            page.close()
    finally:
        document.close()


def _page_lines(raw: Any, text: Any, page: int) -> Iterator[Line]:
    characters: list[str] = []
    bold = counted = 0

    def line() -> Line:
        return Line(" ".join("".join(characters).split()), bold / counted if counted else 0.0, page)

    for index in range(text.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text, index))
        if character in "\r\n":
            if characters:
                yield line()
            characters, bold, counted = [], 0, 0
            continue
        characters.append("-" if character in (_BROKEN_HYPHEN, "\x02") else character)
        if not character.isspace():
            counted += 1
            bold += raw.FPDFText_GetFontWeight(text, index) >= _BOLD
    if characters:
        yield line()
