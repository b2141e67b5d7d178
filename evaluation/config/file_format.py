"""The format of a study's files: which one this program writes, and which it can read.

Studies of every earlier format are read. Whoever takes away a key or changes what it means raises
`FORMAT` and gives that key a message of its own, with what to write instead.
"""

from pathlib import Path

from evaluation.config.toml_reader import TomlFile, named
from evaluation.errors import SpecError
from evaluation.file_content import parse_toml

# what `new-study` writes; a study.toml without the key has the first
FORMAT = 1


class NewerStudyError(SpecError):
    """A study's files have a format that this program does not know; nothing in them is judged."""


def refuse_unknown_format(folder: Path) -> None:
    """Refuse a format that this program does not know, before any other key is read.

    Parameters
    ----------
    folder : Path
        ``config/<study>``.

    Raises
    ------
    NewerStudyError
        A newer program drafted the study: its keys may be unknown here, or mean something else.
    SpecError
        There is no such format, or ``study.toml`` cannot be parsed.
    """
    toml = TomlFile(named(folder, "study.toml"))
    found = parse_toml(folder / "study.toml")[1].get("format")
    # any other type is refused with the rest of the file
    if type(found) is not int:
        return
    if found > FORMAT:
        name = "study-format-newer"
        raise NewerStudyError.of(name, name, toml.where, format=f"{found}", known=f"{FORMAT}")
    toml.refuse(found < 1, "load-is", "use-one", key="format", value=f"{found}", names="1")
