"""Command ``bench``: seconds and peak memory of every stage, and of a make with nothing to do."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence

from evaluation.cli.chain import commands
from evaluation.cli.stage import SETTINGS, Paths
from evaluation.errors import StorageError
from evaluation.spec.study import read_languages

# ru_maxrss counts bytes on macOS and kilobytes elsewhere
UNITS_PER_MB = 1024 * 1024 if sys.platform == "darwin" else 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Run every stage again in place and print one row each.

    Raises
    ------
    StorageError
        A stage failed; its own message stands above.
    """
    sys.stdout.write(f"{'step':<32}{'seconds':>9}{'peak MB':>9}\n")
    total, peak = 0.0, 0.0
    for label, command in commands(options, read_languages(Paths.of(options).config)):
        seconds, memory = _measure(label, command)
        total, peak = total + seconds, max(peak, memory)
        sys.stdout.write(f"{label:<32}{seconds:>9.2f}{memory:>9.0f}\n")
    sys.stdout.write(f"{'all steps':<32}{total:>9.2f}{peak:>9.0f}\n")
    target = ["make", f"STUDY={options.study}"]
    if options.data_raw:
        target.append(f"DATA_RAW={options.data_raw}")
    # The first brings up to date what the stages alone do not; the second is what is timed.
    _measure("make", target)
    seconds, memory = _measure("make, nothing to do", target)
    sys.stdout.write(f"{'make, nothing to do':<32}{seconds:>9.2f}{memory:>9.0f}\n")


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
        raise StorageError("the step failed", where=label, mend="run make and mend what it says")
    return time.perf_counter() - begin, memory
