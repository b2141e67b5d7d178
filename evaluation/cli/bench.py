"""Command ``bench``: seconds and peak memory of every stage, and of what Make makes again."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from evaluation.cli.bench_book import bare_book, remade
from evaluation.cli.chain import commands
from evaluation.cli.stage import SETTINGS, Paths
from evaluation.cli.told import spoken
from evaluation.errors import StorageError
from evaluation.locale.messages import message, wording
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
    for label, command in commands(options, languages):
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
        raise StorageError(
            message("step-failed.problem"), where=label, mend=message("run-make-mend.mend")
        )
    return time.perf_counter() - begin, memory
