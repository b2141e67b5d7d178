"""Build two clean clones of the last commit, and compare them byte for byte.

The prints of the book and the brief are built and compared too where this machine can print. The
second clone may be built by another Python.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from evaluation.cli.stages import unchanged
from evaluation.report.terminal import counted
from evaluation.site.pango import unprintable
from evaluation.storage.folders import Paths, add_common

PRINT = ".pdf"
# One plain name and one with a space and a letter outside ASCII.
CLONES = ("one", "otra carpeta ñ")
GENERATED = ("build", "data_clean")
# Private files that depend on the folder of the clone, whose name is looked for in what is
# published, and on the Python by which a stage ran.
REMEMBERED = ("raw_folder", "searched.json", f"*{unchanged.ENDING}")


def reproduce(options: argparse.Namespace) -> None:
    """Clone the last commit twice, build both, compare.

    Raises
    ------
    SystemExit
        A clone does not build, or a file differs.
    """
    unprinted = unprintable("en")
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        # not resolved: a virtual environment's interpreter is a link, and its folder is what counts
        pythons = (Path(sys.executable), Path(options.other or sys.executable))
        found = [
            _build(Path(folder) / name, options, python=python, printed=not unprinted)
            for name, python in zip(CLONES, pythons, strict=True)
        ]
    names = sorted(found[0].keys() | found[1].keys())
    different = [name for name in names if found[0].get(name) != found[1].get(name)]
    if different:
        first = ", ".join(different[:10])
        raise SystemExit(f"{len(different)} of {len(names)} files differ: {first}")
    prints = sum(name.endswith(PRINT) for name in names)
    files = counted(len(names), "file")
    sys.stdout.write(f"{files}, {prints} of them PDFs, the same to the byte in both clones\n")
    if unprinted:
        sys.stdout.write(f"PDFs were not compared: {unprinted}\n")


def _build(
    clone: Path, options: argparse.Namespace, *, python: Path, printed: bool
) -> dict[str, str]:
    """Digests of what a clean clone makes with an interpreter, by name."""
    _call(["git", "clone", "--quiet", "--no-hardlinks", ".", str(clone)], Path(), python)
    goals = ["all", "pdf"] if printed else ["all"]
    command = ["make", *goals, f"STUDY={options.study}", "EVAL_ENV=active"]
    raw = Paths.of(options).raw
    if raw != Path("data_raw") / options.study:
        command.append(f"DATA_RAW={raw.resolve()}")
    _call(command, clone, python)
    return {
        path.relative_to(clone).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in GENERATED
        for path in sorted((clone / top).rglob("*"))
        if path.is_file() and not any(map(path.match, REMEMBERED))
    }


def _call(command: list[str], folder: Path, python: Path) -> None:
    path = f"{python.parent.absolute()}{os.pathsep}{os.environ['PATH']}"
    # Make's own variables of the outer run are not the inner run's
    inherited = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    finished = subprocess.run(command, cwd=folder, env={**inherited, "PATH": path}, check=False)
    if finished.returncode != 0:
        raise SystemExit(f"`{' '.join(command[:3])}` failed: fix what it says above")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser("python -m tools.reproduce", description=__doc__)
    add_common(parser)
    parser.add_argument("--other", metavar="PYTHON", help="interpreter of the second clone")
    reproduce(parser.parse_args())


if __name__ == "__main__":
    main()
