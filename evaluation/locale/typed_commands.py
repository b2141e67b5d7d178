"""What a reader types, as it is typed in this folder.

In the catalogues ``<make publish DEST=folder>`` is typed so where Make builds the studies. In a
folder without its rules it becomes the program's own command, as ``<evaluation status>`` always
does.
"""

import os
import re
from pathlib import Path

TYPED = re.compile(r"<(make|evaluation)( [^<>]+)?>")
GOAL, OPTION = re.compile(r" [a-z]"), re.compile(r" ([A-Z_]+)=")
# how the program was called, by the console script
COMMAND = "EVAL_COMMAND"
# a Makefile alone may be anybody's
OF_REPOSITORY = ("Makefile", "evaluation/__init__.py")


def program() -> str:
    """How this program is called: by its console script, or as a module of Python."""
    return os.environ.get(COMMAND) or "python -m evaluation"


def as_typed(text: str) -> str:
    """A text of the catalogues with its commands as they are typed here."""
    return TYPED.sub(_command, text) if "<" in text else text


def _command(found: re.Match[str]) -> str:
    by, words = found[1], found[2] or ""
    if by == "evaluation":
        return program() + words
    if all(Path(name).is_file() for name in OF_REPOSITORY):
        return by + words
    command = words if GOAL.match(words) else f" all{words}"
    return program() + OPTION.sub(lambda at: f" --{at[1].lower().replace('_', '-')} ", command)
