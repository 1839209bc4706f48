"""What a rule finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a release.

    Attributes:
        file: the file, from the root of the release.
        line: the line, from 1; None if the finding is about the file, or its absence.
        rule: the rule's name.
        subject: what it is about: an IRI, a shortened name or a file.
        message: what is wrong, as a sentence.
        mend: what to do about it, as a sentence.
        nearest: the known name nearest to one that is not known, where one is near.
        reading: the reading under which it is so; None if it is so by default.
    """

    file: str
    line: int | None
    rule: str
    subject: str
    message: str
    mend: str
    nearest: str | None = None
    reading: str | None = None

    @property
    def text(self) -> str:
        """The message, with the reading under which it is so."""
        if self.reading is None:
            return self.message
        return f"Under the reading {self.reading}: {self.message}"

    @property
    def sort_key(self) -> tuple[str, int, str, str, str]:
        """What findings are ordered by: their place, then their rule."""
        return (self.file, self.line or 0, self.rule, self.subject, self.message)


def rule_name(module: str) -> str:
    """Give the name of the rule of a module: ``literal_count`` holds ``literal-count``."""
    return module.rsplit(".", 1)[-1].replace("_", "-")
