"""The command that gives the JSON Schema of the case file, for completions in an editor."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write it here; printed otherwise."),
    ] = None,
) -> None:
    """Give the JSON Schema of the case file: an editor completes keys and names by it."""
    from reasoner.casedocs import schema as make
    from reasoner.knowledge import load_knowledge
    from reasoner.wholefile import write_text

    text = json.dumps(make(load_knowledge()), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text)
