"""Names of the package that a text gives to its reader, and whether they are there."""

import importlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# one letter stands for any name
NAME = re.compile(
    r"\bevaluation(?:/\w\w+)+\.py\b|(?<![\w./-])evaluation(?:\.[A-Za-z_]\w+)+(?::\w\w+)?"
)


def names(text: str) -> list[str]:
    """Paths ``evaluation/x.py`` and dotted names ``evaluation.x.y`` or ``evaluation.x:y``."""
    return NAME.findall(text)


def exists(name: str) -> bool:
    """Whether a path is a file, or a dotted name a module or what one holds."""
    if "/" in name:
        return (ROOT / name).is_file()
    parts = name.replace(":", ".").split(".")
    for n in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        return holds(found, parts[n:])
    return False


def holds(found: object, parts: list[str]) -> bool:
    """Whether an object has an attribute, or declares one, that has the next, and so on."""
    for part in parts:
        if not hasattr(found, part):
            return part == parts[-1] and part in getattr(found, "__annotations__", {})
        found = getattr(found, part)
    return True
