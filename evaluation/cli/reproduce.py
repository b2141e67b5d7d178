"""Command ``reproduce``: build two clean clones in different folders and compare every byte.

The prints of the book and the brief are built and compared too where Chromium is there.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from evaluation.cli.publish import unprintable
from evaluation.cli.stage import Paths
from evaluation.cli.told import counted, spoken
from evaluation.errors import StorageError
from evaluation.locale.messages import message, wording

PRINT = ".pdf"
# One plain name and one with a space and a letter outside ASCII.
CLONES = ("one", "otra carpeta ñ")
GENERATED = ("build", "data_clean")
# The only generated file that names a folder of the machine, and it is private.
REMEMBERED = "data_raw"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Clone the last commit twice, build both, compare.

    Raises
    ------
    StorageError
        A clone does not build, or a file differs.
    """
    language = spoken(options.language)
    unprinted = unprintable(language)
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        found = [_build(Path(folder) / name, options, printed=not unprinted) for name in CLONES]
    names = sorted(found[0].keys() | found[1].keys())
    different = [name for name in names if found[0].get(name) != found[1].get(name)]
    if different:
        raise StorageError(
            message(
                "files-differ.problem",
                n=len(different),
                of=len(names),
                different=", ".join(different[:10]),
            ),
            where="reproduce",
            mend=message("find-what-them.mend"),
        )
    prints = sum(name.endswith(PRINT) for name in names)
    files = counted(len(names), "file", language)
    sys.stdout.write(wording("reproduce.done", language, files=files, prints=prints))
    if unprinted:
        sys.stdout.write(wording("reproduce.not-printed", language, why=unprinted))


def _build(clone: Path, options: argparse.Namespace, *, printed: bool) -> dict[str, str]:
    """Digests of what a clean clone makes with this interpreter, by name."""
    _call(["git", "clone", "--quiet", "--no-hardlinks", ".", str(clone)], Path())
    goals = ["all", "pdf"] if printed else ["all"]
    command = ["make", *goals, f"STUDY={options.study}", "EVAL_ENV=active"]
    raw = Paths.of(options).raw
    if raw != Path("data_raw") / options.study:
        command.append(f"DATA_RAW={raw.resolve()}")
    _call(command, clone)
    return {
        path.relative_to(clone).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in GENERATED
        for path in sorted((clone / top).rglob("*"))
        if path.is_file() and path.name != REMEMBERED
    }


def _call(command: list[str], folder: Path) -> None:
    # not resolved: a virtual environment's interpreter is a link, and its folder is what counts
    interpreter = Path(sys.executable).parent
    path = f"{interpreter}{os.pathsep}{os.environ['PATH']}"
    # Make's own variables of the outer run are not the inner run's
    inherited = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    finished = subprocess.run(command, cwd=folder, env={**inherited, "PATH": path}, check=False)
    if finished.returncode != 0:
        raise StorageError(
            message("failed.problem", command=" ".join(command[:3])),
            where="reproduce",
            mend=message("mend-what-says.mend"),
        )
