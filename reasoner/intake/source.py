"""What intake is given, whatever it is: a letter, a FHIR Bundle or a folder of records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoner.errors import InputError, Problem
from reasoner.intake.casefile import to_case_file
from reasoner.intake.draft import MODELINE, SCHEMA_FILE, write_draft
from reasoner.intake.fhir.bundle import MAX_BYTES, looks_like_json
from reasoner.intake.fhir.draft import read_bundle
from reasoner.intake.folder import read_folder
from reasoner.intake.letter import Letter, read_letter
from reasoner.intake.lexicon import Lexicon
from reasoner.intake.pages import Passage


@dataclass(frozen=True, slots=True)
class Source:
    """What was read from a source.

    Attributes:
        kind: what the source is, in words.
        text: the case file that was made of it.
        passages: the source, part by part, to be shown beside it.
    """

    kind: str
    text: str
    passages: tuple[Passage, ...]


def read_source(path: Path, lexicon: Lexicon, requests: Sequence[str] = ()) -> Source:
    """Read a source, told by what it is: a folder, JSON, or else a letter.

    Args:
        path: the file or folder.
        lexicon: what names the concepts.
        requests: what is asked for, in words, where a folder does not say; several as several.

    Raises:
        InputError: if it cannot be read, or requests are given for what states its own.
    """
    if path.is_dir():
        draft, passages = read_folder(path, lexicon, requests)
        return Source("folder of records", write_draft(draft), tuple(passages))
    if requests:
        raise InputError(
            [Problem("A request is given for a file that states its own.", "--request",
                     expected="it beside a folder of records only")]
        )  # fmt: skip
    if _is_json(path):
        draft, passages = read_bundle(_read(path), str(path), path.stem, lexicon)
        return Source("FHIR Bundle", write_draft(draft), tuple(passages))
    letter = read_letter(path)
    return Source("letter", to_case_file(letter, lexicon), tuple(_of_letter(letter)))


def with_modeline(text: str, out: Path | None) -> str:
    """Name the JSON Schema in the first line, where it lies beside the file to be written."""
    if out is None or text.startswith(MODELINE) or not (out.parent / SCHEMA_FILE).is_file():
        return text
    return f"{MODELINE}\n{text}"


def _of_letter(letter: Letter) -> list[Passage]:
    """Show what of a letter was read: neither outcomes nor rationales."""
    asked = "\n".join(f"{item.number}. {item.original or item.request}" for item in letter.items)
    ids = tuple(f"item-{item.number}" for item in letter.items)
    return [
        Passage("Clinical case summary", letter.summary, "summary"),
        Passage("Disputed items", asked, None, None, ids),
    ]


def _is_json(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return looks_like_json(stream.read(64))
    except OSError as error:
        raise _unreadable(path, error) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    told = "There is no such file." if isinstance(error, FileNotFoundError) else None
    message = told or f"The file cannot be read: {error.strerror}."
    return InputError([Problem(message, str(path))])
