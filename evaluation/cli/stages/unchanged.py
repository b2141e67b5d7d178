"""Whether a stage of the statistics would make again what lies there; then nothing is computed.

Its results depend on the plan, the study's configuration, what the stages before wrote, the package
and the libraries. Where all of these, by their sums, and every file that the stage wrote are as
they were, its files stay. Texts that a plan only shows are not among them: its sum leaves them out.
"""

import hashlib
import importlib.metadata
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import evaluation
from evaluation.storage import made_files
from evaluation.storage.folders import RELEASES, Paths

PACKAGE = Path(evaluation.__file__).parent
PLAN = "plan.toml"
# of the file that keeps the sum, beside the stage's list
ENDING = ".inputs"
BEFORE = ("read", "clean")


def sum_of_inputs(paths: Paths, plan_hash: str, **told: object) -> str:
    """Sum of everything that the results of a stage depend on.

    Parameters
    ----------
    paths : Paths
        The study's folders.
    plan_hash : str
        Of the plan without the texts that are only shown.
    **told
        What else was asked of the stage, as JSON can hold it.

    Returns
    -------
    str
        sha256, as digits.
    """
    lists = [made_files.list_of(paths.build, stage) for stage in BEFORE]
    plan = paths.config / PLAN
    # the list of releases is written after the results, and they do not depend on it
    unread = (plan, paths.config / RELEASES)
    configured = (path for path in _files(paths.config) if path not in unread)
    modules = (path for path in _files(PACKAGE) if path.suffix != ".pyc")
    libraries = sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions())
    whole = {
        "plan": plan_hash,
        "told": told,
        "before": _sums((path for path in lists if path.is_file()), paths.build),
        "configuration": _sums(configured, paths.config),
        "package": _sums(modules, PACKAGE),
        "libraries": libraries,
        "python": sys.version,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def is_unchanged(paths: Paths, stage: str, inputs: str) -> bool:
    """Whether a stage has written its files from these inputs, and all files are as written.

    Parameters
    ----------
    paths : Paths
    stage : str
        Its name, under which its files are listed.
    inputs : str
        From :func:`sum_of_inputs`.
    """
    noted = _noted(paths, stage)
    if not noted.is_file() or noted.read_text("utf-8") != inputs:
        return False
    # what was edited by hand before this stage is to stop it where it reads it
    earlier = (name for name in BEFORE if made_files.list_of(paths.build, name).is_file())
    return all(made_files.are_whole(paths.build, name) for name in (*earlier, stage))


def note(paths: Paths, stage: str, inputs: str) -> None:
    """Keep the sum of what a stage has made its files from, after them.

    Parameters
    ----------
    paths : Paths
    stage, inputs : str
        As in :func:`is_unchanged`.
    """
    noted = _noted(paths, stage)
    noted.parent.mkdir(parents=True, exist_ok=True)
    # of this machine and its Python, so that it stands in no list; one cut off is no such sum
    noted.write_text(inputs, "utf-8")


def _noted(paths: Paths, stage: str) -> Path:
    return made_files.list_of(paths.build, stage).with_suffix(ENDING)


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in folders too that are only linked there."""
    for top, _, names in os.walk(folder, followlinks=True):
        yield from (path for name in names if (path := Path(top) / name).is_file())


def _sums(files: Iterable[Path], folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
