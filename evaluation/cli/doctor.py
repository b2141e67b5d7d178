"""Commands ``doctor``, ``status`` and ``repair``: this machine, and what of a study is built."""

import argparse
import ctypes
import functools
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from evaluation.cli.all import LIBRARIES, missing_libraries
from evaluation.config.decisions import open_in, to_settle
from evaluation.errors import StorageError
from evaluation.locale.messages import wording
from evaluation.report.terminal import counted, spoken
from evaluation.site import pango
from evaluation.storage import disk, made_files
from evaluation.storage.folders import ORDER, Paths

LOCK = Path("requirements.lock")
PIN = re.compile(r"^([a-zA-Z0-9._-]+)==([^ ]+)(?: ; (.+?))? \\$", re.MULTILINE)
PYTHONS = ((3, 11), (3, 14))
LEAST_FREE_GB = 2.0
GB = 1024**3
# by the id of what each is for, with the names that it may have
PROGRAMS = {
    **{name: (name,) for name in ("make", "git", "uv", "node", "soffice", "Rscript")},
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
}
BROWSER = "CHROMIUM"
# of the column of names
WIDTH = 42

Check = tuple[bool, str]


def run_doctor(options: argparse.Namespace) -> None:
    """Print every check; lacking something the build needs is an error.

    Raises
    ------
    StorageError
        Names what is lacking.
    """
    language = spoken(options.language)
    needed: dict[str, Callable[[], Check]] = {
        "python": lambda: _python(language),
        "libraries": lambda: _libraries(language),
        "disk": lambda: _disk(language),
        "text": lambda: _text(language),
        "raw": lambda: _folder(Paths.of(options).raw),
    }
    useful: dict[str, Callable[[], Check]] = {
        **{
            name: functools.partial(_program, names, language) for name, names in programs().items()
        },
        "prints": lambda: _prints(language),
        "shared": lambda: _folder(Path("../shared/data")),
    }
    found = {name: check() for name, check in needed.items()}
    _tell(found, "doctor.missing", language)
    _tell({name: check() for name, check in useful.items()}, "doctor.absent", language)
    gone = [wording(f"doctor.check.{name}", language) for name in found if not found[name][0]]
    if gone:
        raise StorageError.of("lacking", "see-lines-above", "doctor", lacking=", ".join(gone))


def _tell(checks: Mapping[str, Check], otherwise: str, language: str) -> None:
    for name, (is_there, text) in checks.items():
        state = wording("doctor.ok" if is_there else otherwise, language)
        sys.stdout.write(f"{state:<8}{wording(f'doctor.check.{name}', language):<{WIDTH}}{text}\n")


def _python(language: str) -> Check:
    low, high = PYTHONS
    text = wording(
        "doctor.machine",
        language,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        processors=os.cpu_count(),
    )
    return low <= sys.version_info[:2] < high, text


def _libraries(language: str) -> Check:
    """Whether what is installed is what the lock pins; without a lock, whether a book is built."""
    if not LOCK.is_file():
        missing, whole = len(missing_libraries()), len(LIBRARIES)
        numbers = {"n": whole - missing, "whole": whole, "lock": LOCK.name}
        return missing == 0, wording("doctor.no-lock", language, **numbers)
    pins = {name: version for name, version, marker in pins_of(disk.read_text(LOCK)) if not marker}
    wrong = [name for name, version in pins.items() if _installed(name) != version]
    if wrong:
        numbers = {"n": len(wrong), "whole": len(pins)}
        return False, wording("doctor.other-pins", language, name=wrong[0], **numbers)
    return True, wording("doctor.pins", language, n=len(pins), lock=LOCK.name)


def pins_of(lock: str) -> list[tuple[str, str, str]]:
    """Name, version and platform marker (or empty) of every pin of a lock."""
    return PIN.findall(lock)


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _disk(language: str) -> Check:
    free, least = shutil.disk_usage(".").free / GB, f"{LEAST_FREE_GB:.0f}"
    said = wording("doctor.disk", language, free=f"{free:.0f}", least=least)
    return free >= LEAST_FREE_GB, said


def _text(language: str) -> Check:
    encoding = sys.getfilesystemencoding()
    return encoding == "utf-8", wording("doctor.encoding", language, encoding=encoding)


def _folder(path: Path) -> Check:
    return path.is_dir(), path.as_posix()


def programs() -> dict[str, tuple[str, ...]]:
    """Names of each program; of the browser that of the variable alone, where it is set."""
    named = os.environ.get(BROWSER, "")
    return {**PROGRAMS, "chromium": (named,)} if named else PROGRAMS


def _program(names: Sequence[str], language: str) -> Check:
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        return False, wording("doctor.not-on-path", language)
    try:
        finished = subprocess.run(
            [found, "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_ANSWER,
        )
    except subprocess.TimeoutExpired:
        return False, wording("doctor.silent", language)
    lines = f"{finished.stdout}{finished.stderr}".strip().splitlines()
    return finished.returncode == 0, lines[0] if lines else wording("doctor.silent", language)


def _prints(language: str) -> Check:
    why = pango.unprintable(language)
    return not why, why or wording("doctor.prints", language)


# what numpy's wheels call the library of linear algebra, and the function that names its kernel
BLAS, KERNEL = "numpy.libs/*openblas*", ("scipy_openblas_get_corename64_", "openblas_get_corename")


def kernel() -> str:
    """The kernel of linear algebra that this processor gets; last bits differ between them."""
    for path in Path(np.__file__).parents[1].glob(BLAS):
        library = ctypes.CDLL(str(path))
        for name in KERNEL:
            if hasattr(library, name):
                asked = getattr(library, name)
                asked.restype = ctypes.c_char_p
                return str(asked().decode())
    return ""


SHOWN_DIGITS = 12
# seconds that a program has to say its version
LONGEST_ANSWER = 20


def run_status(options: argparse.Namespace) -> None:
    """Print one line for each kind of result."""
    paths = Paths.of(options)
    book = paths.language(options.language)
    results, registry = paths.build / "results.json", book / "exhibits" / ORDER
    language = spoken(options.language)
    sys.stdout.write(f"{wording('status.study', language)} {options.study}\n")
    if results.is_file():
        made_from = disk.read_json(results)
        for name in ("plan_hash", "data_hash"):
            digest = str(made_from[name])[:SHOWN_DIGITS]
            sys.stdout.write(f"  {wording(f'status.hash.{name}', language)} {digest}\n")
    counts = {
        "clean-files": len(list(paths.clean.glob("*"))),
        "result-tables": len(list(paths.build.glob("*.csv"))),
        # as the stage says it: those of the registry
        "exhibits": len(registry.read_text("utf-8").split()) if registry.is_file() else 0,
        "notebooks": len(list((book / "notebooks").glob("*.ipynb"))),
        "pages": sum(path.parent.name != "files" for path in (book / "site").glob("**/*.html")),
    }
    for what, count in counts.items():
        shown = count or wording("status.none", language)
        sys.stdout.write(f"  {wording(f'status.built.{what}', language)}: {shown}\n")
    said = wording("status.kernel", language)
    sys.stdout.write(f"  {said} {kernel() or wording('status.none', language)}\n")
    for file in made_files.altered(paths.build):
        said = wording(f"status.{file.why}", language)
        sys.stdout.write(f"  {said}: {file.path.as_posix()} ({file.stage})\n")
    _left(paths, language)


def run_repair(options: argparse.Namespace) -> str:
    """Remove every file that is not as its stage wrote it, and name it."""
    paths, language = Paths.of(options), spoken(options.language)
    found = made_files.altered(paths.build)
    for file in found:
        sys.stdout.write(f"  {file.path.as_posix()} ({file.stage})\n")
    made_files.forget(paths.build, found)
    if not found:
        return wording("repair.nothing", language)
    return wording("repair.removed", language, files=counted(len(found), "file", language))


def _left(paths: Paths, language: str) -> None:
    """Decisions that are open and comments of a draft that are not settled."""
    found, comments = open_in(paths.config), to_settle(paths.config)
    for where, decision in found:
        sys.stdout.write(
            f"  {wording('status.to-decide', language)}: {where} `{decision.key}`:"
            f" {decision.question}\n"
        )
    if comments:
        listed = ", ".join(f"{file} {count}" for file, count in comments.items())
        number = counted(sum(comments.values()), "comment", language)
        sys.stdout.write(f"  {wording('status.to-confirm', language)}: {number} ({listed})\n")
