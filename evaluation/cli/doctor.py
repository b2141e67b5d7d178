"""Command ``doctor``: what this machine has and lacks for the build, one line each."""

import argparse
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError

LOCK = Path("requirements.lock")
PIN = re.compile(r"^([a-zA-Z0-9._-]+)==([^ ]+)(?: ; (.+?))? \\$", re.MULTILINE)
PYTHONS = ((3, 11), (3, 14))
LEAST_FREE_GB = 2.0
GB = 1024**3

Check = tuple[bool, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Print every check; lacking something the build needs is an error.

    Raises
    ------
    StorageError
        Names what is lacking.
    """
    needed: dict[str, Callable[[], Check]] = {
        "python": _python,
        "libraries": _libraries,
        "disk": _disk,
        "text": _text,
        "raw data": lambda: _folder(Paths.of(options).raw),
    }
    useful: dict[str, Callable[[], Check]] = {
        "make": lambda: _program("make", "--version"),
        "git": lambda: _program("git", "--version"),
        "uv (faster set-up)": lambda: _program("uv", "--version"),
        "../shared/data (reference tests)": lambda: _folder(Path("../shared/data")),
    }
    lacking = [name for name, check in needed.items() if not _tell(name, check(), "MISSING")]
    for name, check in useful.items():
        _tell(name, check(), "absent")
    if lacking:
        raise StorageError(
            f"lacking: {', '.join(lacking)}", where="doctor", mend="see the lines above, then make"
        )


def _tell(name: str, found: Check, otherwise: str) -> bool:
    state = "ok" if found[0] else otherwise
    sys.stdout.write(f"{state:<8}{name:<34}{found[1]}\n")
    return found[0]


def _python() -> Check:
    low, high = PYTHONS
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return low <= sys.version_info[:2] < high, f"{text}, {os.cpu_count()} processors"


def _libraries() -> Check:
    """Whether what is installed is what the lock pins."""
    pins = {name: version for name, version, marker in pins_of(io.read_text(LOCK)) if not marker}
    wrong = [name for name, version in pins.items() if _installed(name) != version]
    if wrong:
        return False, f"{len(wrong)} of {len(pins)} are not the lock's, first {wrong[0]}: run make"
    return True, f"{len(pins)} as in {LOCK.name}"


def pins_of(lock: str) -> list[tuple[str, str, str]]:
    """Name, version and platform marker (or empty) of every pin of a lock."""
    return PIN.findall(lock)


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _disk() -> Check:
    free = shutil.disk_usage(".").free / GB
    return free >= LEAST_FREE_GB, f"{free:.0f} GB free, {LEAST_FREE_GB:.0f} needed"


def _text() -> Check:
    encoding = sys.getfilesystemencoding()
    return encoding == "utf-8", f"file names are {encoding}"


def _folder(path: Path) -> Check:
    return path.is_dir(), path.as_posix()


def _program(name: str, argument: str) -> Check:
    if shutil.which(name) is None:
        return False, "not on PATH"
    finished = subprocess.run([name, argument], capture_output=True, text=True, check=False)
    lines = finished.stdout.splitlines()
    return finished.returncode == 0, lines[0] if lines else "does not answer"
