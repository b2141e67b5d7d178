"""Files of the package that a stage has used: Make runs it again where one of them is another.

A process knows its modules. What the kernel of the chapters and Jupyter Book load in processes of
their own is added by who starts these. Tables and texts are not imported: one that is called as a
module counts with it, others with any module of their folder. A folder whose modules a registry
looks through is listed as a pattern, since one more module in it may change what is found.
"""

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from evaluation.registry import LOOKED_THROUGH

PACKAGE = Path(__file__).parents[1]
STARTED = time.time()
_elsewhere: set[str] = set()


def sum_of(name: str) -> str:
    """Sum of a file, or of the names that a pattern matches; empty where there is none.

    Parameters
    ----------
    name : str
        Relative to the working folder. A pattern has a ``*``; hidden files and copies that an
        editor keeps (``~``) match none.
    """
    if "*" in name:
        names = "".join(f"{path}\n" for path in matching(name))
        return hashlib.sha256(names.encode()).hexdigest() if names else ""
    path = Path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def matching(pattern: str) -> list[str]:
    """Files that a pattern matches, in the order of their names."""
    found = sorted(path for path in Path().glob(pattern) if path.is_file())
    return [p.as_posix() for p in found if not p.name.startswith(".") and not p.name.endswith("~")]


def loaded() -> list[str]:
    """Modules of the package in this process, and patterns of folders that were looked through."""
    files = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
    found = {Path(file) for file in files if file.startswith(f"{PACKAGE}{os.sep}")}
    found |= {Path(folder, "*.py") for folder in LOOKED_THROUGH}
    return sorted(path.relative_to(PACKAGE.parent).as_posix() for path in found)


def add(names: Iterable[str]) -> None:
    """Count what another process has loaded.

    Parameters
    ----------
    names : iterable of str
        From :func:`loaded` there.
    """
    _elsewhere.update(names)


def sums() -> dict[str, str]:
    """Sum of each file of the package that was used; none where it lies outside of this folder.

    A file that was changed since this process began has none either: what was loaded of it is
    not known.
    """
    if not PACKAGE.parent.samefile(Path.cwd()):
        return {}
    names = {*loaded(), *_elsewhere}
    used = names | {name.rpartition("/")[0] for name in names}
    names |= {name for name in matching(f"{PACKAGE.name}/**/*.*") if _user(Path(name)) in used}
    return {name: "" if _is_younger(name) else sum_of(name) for name in sorted(names)}


def _user(path: Path) -> str:
    """The module that a table or text is called as, or the nearest folder of modules."""
    if path.suffix == ".py" or path.parent.name == "__pycache__":
        return ""
    folder = next(parent for parent in path.parents if (parent / "__init__.py").is_file())
    module = path.with_suffix(".py")
    return (module if module.is_file() else folder).as_posix()


def _is_younger(name: str) -> bool:
    return "*" not in name and Path(name).stat().st_mtime > STARTED
