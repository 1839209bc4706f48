"""Case files in YAML: text in, a case out.

The result is what a JSON-LD processor makes of the same file with our context, once it is
normal (``reasoner.casereader`` says what that is); a test holds the two together.
"""

from __future__ import annotations

from reasoner.case import Case
from reasoner.casereader import read_tree
from reasoner.knowledge import Knowledge
from reasoner.yamltree import parse_yaml


def read_yaml_case(text: str, file: str, knowledge: Knowledge) -> Case:
    """Read a YAML case file.

    Raises:
        InputError: with every problem of the file.
    """
    tree, problems = parse_yaml(text, file)
    return read_tree(tree, file, knowledge, problems)
