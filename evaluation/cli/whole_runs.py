"""Commands ``all``, ``bench`` and ``reproduce``: every stage in order, timed, or twice.

The prints of the book and the brief are built and compared too where Chromium is there.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from evaluation.cli.publish import unprintable
from evaluation.errors import StorageError
from evaluation.locale.messages import wording
from evaluation.report.terminal import counted, spoken
from evaluation.site.building import JUPYTER_BOOK
from evaluation.storage import disk, one_run
from evaluation.storage.folders import SETTINGS, STAGES, Paths
from evaluation.study.study import read_languages

# Stages whose results are words.
WRITTEN = ("exhibits", "notebook", "book")


def stage_commands(
    options: argparse.Namespace, languages: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of every stage; the book's once for each of its languages."""
    common = ["--study", options.study]
    if options.data_raw:
        common += ["--data-raw", options.data_raw]
    program = (sys.executable, "-m", "evaluation")
    found = []
    for stage in STAGES:
        if stage not in WRITTEN:
            # what the checks of the data say is in the language of EVAL_LANG, not of the book
            found.append((stage, (*program, stage, *common)))
        for language in languages if stage in WRITTEN else ():
            label = f"{stage} {language}"
            found.append((label, (*program, stage, *common, "--language", language)))
    return tuple(found)


def add_all_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run_all(options: argparse.Namespace) -> None:
    """Run all stages; the first that fails ends the run.

    Raises
    ------
    StorageError
        A stage failed; its own message stands above.
    """
    paths = Paths.of(options)
    # what another run writes must not be swept away
    one_run.refuse_others(paths.private)
    for folder in (paths.build, paths.clean):
        disk.sweep(folder)
    for label, command in stage_commands(options, read_languages(paths.config)):
        finished = subprocess.run(command, env={**os.environ, **SETTINGS}, check=False)
        if finished.returncode < 0:
            raise StorageError.of(
                "stage-killed", "stage-killed", label, signal=-finished.returncode
            )
        if finished.returncode != 0:
            raise StorageError.of("stage-failed", "fix-what-message", label)
    site = paths.language(options.language) / "site" / "index.html"
    sys.stdout.write(wording("all.book", spoken(options.language), path=site.as_posix()))


PAGE = "book/common/glossary.md"
# As many jobs as the processors that the targets are stated for.
JOBS = "--jobs=2"


def remade(
    target: Sequence[str], study: str, language: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of everything that Make is told to make again.

    Parameters
    ----------
    target : sequence of str
        Make and the settings that name the study.
    study : str
        Its name.
    language : {"en", "es"}
        Of the names.
    """
    table = f"config/{study}/exhibits.toml"
    return (
        (wording("bench.html", language), (*target, JOBS, f"--what-if={table}", "book")),
        (wording("bench.prose", language), (*target, JOBS, f"--what-if={PAGE}", "book")),
        (wording("bench.pdf", language), (*target, JOBS, "--what-if=book/_print/print.css", "pdf")),
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
    return (sys.executable, "-c", JUPYTER_BOOK, *arguments)


# ru_maxrss counts bytes on macOS and kilobytes elsewhere
UNITS_PER_MB = 1024 * 1024 if sys.platform == "darwin" else 1024


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run_bench(options: argparse.Namespace) -> None:
    """Run every stage again in place and print one row each.

    Raises
    ------
    StorageError
        A stage failed; its own message stands above.
    """
    language = spoken(options.language)
    heads = (
        wording("bench.step", language),
        wording("bench.seconds", language),
        wording("bench.peak", language),
    )
    sys.stdout.write("{:<32}{:>9}{:>9}\n".format(*heads))
    total, peak = 0.0, 0.0
    paths = Paths.of(options)
    languages = read_languages(paths.config)
    for label, command in stage_commands(options, languages):
        seconds, memory = _print(label, command)
        total, peak = total + seconds, max(peak, memory)
    sys.stdout.write(f"{wording('bench.whole', language):<32}{total:>9.2f}{peak:>9.0f}\n")
    target = ["make", f"STUDY={options.study}"]
    if options.data_raw:
        target.append(f"DATA_RAW={options.data_raw}")
    # The first brings up to date what the stages alone do not; the others are what is timed.
    _measure("make", target)
    _print(wording("bench.unchanged", language), target)
    for label, command in remade(target, options.study, language):
        _print(label, command)
    with tempfile.TemporaryDirectory() as folder:
        executed = paths.language(languages[0]) / "notebooks"
        _print(wording("bench.bare-book", language), bare_book(executed, Path(folder)))


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
        raise StorageError.of("step-failed", "run-make-fix", label)
    return time.perf_counter() - begin, memory


PRINT = ".pdf"
# One plain name and one with a space and a letter outside ASCII.
CLONES = ("one", "otra carpeta ñ")
GENERATED = ("build", "data_clean")
# The only generated file that names a folder of the machine, and it is private.
REMEMBERED = "data_raw"


def add_reproduce_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run_reproduce(options: argparse.Namespace) -> None:
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
        raise StorageError.of(
            "files-differ",
            "find-what-them",
            "reproduce",
            n=len(different),
            of=len(names),
            different=", ".join(different[:10]),
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
        raise StorageError.of("failed", "fix-what-says", "reproduce", command=" ".join(command[:3]))
