"""Tables, patterns and templates of the package: files beside the modules that use them."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

PIECE = re.compile(r"\$\{(\w+)\}")


def read_beside(module: str, name: str = "") -> dict[str, Any]:
    """The TOML file of a module.

    Parameters
    ----------
    module : str
        The module's ``__file__``.
    name : str, optional
        Name of the file; that of the module with another ending where none is given.
    """
    path = Path(module).with_name(name) if name else Path(module).with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def filled_beside(module: str, name: str, /, **values: object) -> str:
    """A template beside a module, with a value for each ``$name`` in it.

    Parameters
    ----------
    module : str
        The module's ``__file__``.
    name : str
        Name of the template.
    values
        By name.

    Raises
    ------
    KeyError
        A name has no value.
    """
    text = Path(module).with_name(name).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def pattern(text: str | Sequence[str], pieces: Mapping[str, re.Pattern[str]]) -> re.Pattern[str]:
    """A regular expression from its text or lines of text.

    Parameters
    ----------
    text : str or sequence of str
        ``${name}`` stands for another pattern.
    pieces : mapping of str to Pattern
        The others by name.
    """
    whole = text if isinstance(text, str) else "".join(text)
    return re.compile(PIECE.sub(lambda piece: pieces[piece[1]].pattern, whole))


def patterns(table: Mapping[str, str | Sequence[str]]) -> dict[str, re.Pattern[str]]:
    """Regular expressions by name, in which each may hold those above it."""
    found: dict[str, re.Pattern[str]] = {}
    for name, text in table.items():
        found[name] = pattern(text, found)
    return found
