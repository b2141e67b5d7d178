"""Times and memory of every stage and of what Make makes again, run in place."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from evaluation.cli.all import stage_commands
from evaluation.config.study import read_languages
from evaluation.site.building import JUPYTER_BOOK
from evaluation.storage import disk
from evaluation.storage.folders import Paths, add_common
from evaluation.storage.settings import SETTINGS

PAGE = "book/common/about.md"
# As many jobs as the processors that the targets are stated for.
JOBS = "--jobs=2"


def remade(target: Sequence[str], study: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of everything that Make is told to make again.

    Parameters
    ----------
    target : sequence of str
        Make and the settings that name the study.
    study : str
        Its name.
    """
    table = f"config/{study}/exhibits.toml"
    return (
        ("HTML, all languages", (*target, JOBS, f"--what-if={table}", "book")),
        ("one page's prose", (*target, JOBS, f"--what-if={PAGE}", "book")),
        ("PDF, all languages", (*target, JOBS, "--what-if=book/_print/print.css", "pdf")),
    )


def bare_book(executed: Path, folder: Path) -> tuple[str, ...]:
    """A Jupyter Book of the same executed notebooks and nothing else: its command line.

    Parameters
    ----------
    executed : Path
        Folder of the notebooks.
    folder : Path
        Empty folder to write into.
    """
    source = folder / "source"
    source.mkdir()
    names = sorted(path.stem for path in executed.glob("*.ipynb"))
    for name in names:
        shutil.copyfile(executed / f"{name}.ipynb", source / f"{name}.ipynb")
    files = "".join(f"  - file: {name}\n" for name in names)
    disk.write_text(source / "_config.yml", 'title: Bare\nexecute:\n  execute_notebooks: "off"\n')
    disk.write_text(source / "_toc.yml", f"format: jb-book\nroot: index\nchapters:\n{files}")
    disk.write_text(source / "index.md", "# Bare\n")
    arguments = ("build", str(source), "--path-output", str(folder / "output"), "-q")
    return (sys.executable, "-m", JUPYTER_BOOK, *arguments)


# ru_maxrss counts bytes on macOS and kilobytes elsewhere
UNITS_PER_MB = 1024 * 1024 if sys.platform == "darwin" else 1024


def main() -> None:
    """Run every stage again in place and print one row each.

    Raises
    ------
    SystemExit
        A stage failed; its own message stands above.
    """
    parser = argparse.ArgumentParser("python -m tools.bench.times", description=__doc__)
    add_common(parser)
    options = parser.parse_args()
    heads = (
        "step",
        "seconds",
        "peak MB",
    )
    sys.stdout.write("{:<32}{:>9}{:>9}\n".format(*heads))
    total, peak = 0.0, 0.0
    paths = Paths.of(options)
    languages = read_languages(paths.config)
    for label, command in stage_commands(options, languages):
        seconds, memory = _print(label, command)
        total, peak = total + seconds, max(peak, memory)
    sys.stdout.write(f"{'whole run':<32}{total:>9.2f}{peak:>9.0f}\n")
    target = ["make", f"STUDY={options.study}"]
    if options.data_raw:
        target.append(f"DATA_RAW={options.data_raw}")
    # The first brings up to date what the stages alone do not; the others are what is timed.
    _measure("make", target)
    _print("make, nothing to do", target)
    for label, command in remade(target, options.study):
        _print(label, command)
    with tempfile.TemporaryDirectory() as folder:
        executed = paths.language(languages[0]) / "notebooks"
        _print("a bare book of its notebooks", bare_book(executed, Path(folder)))


def _print(label: str, command: Sequence[str]) -> tuple[float, float]:
    seconds, memory = _measure(label, command)
    sys.stdout.write(f"{label:<32}{seconds:>9.2f}{memory:>9.0f}\n")
    sys.stdout.flush()
    return seconds, memory


def _measure(label: str, command: Sequence[str]) -> tuple[float, float]:
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **SETTINGS}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, errors = process.communicate() if not hasattr(os, "wait4") else (b"", b"")
    memory = 0.0
    if hasattr(os, "wait4"):
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        memory = usage.ru_maxrss / UNITS_PER_MB
    if process.returncode != 0:
        sys.stderr.write(errors.decode("utf-8", "replace"))
        raise SystemExit(f"{label} failed: run make, and fix what it says")
    return time.perf_counter() - begin, memory


if __name__ == "__main__":
    main()
