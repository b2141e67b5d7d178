"""One measurement in a process of its own: ``python -m tools.bench.worker`` with JSON on its input.

Prints JSON: the first call apart, the median of the others, the numbers found, the memory taken.
"""
# ruff: noqa: PLC0415 -- an engine is imported only where it is measured

import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import ModuleType

from tools.bench import survey


def measure(call: Callable[[], dict[str, float]], *, seconds: float, most: int) -> dict:
    """First call, then others until they have taken some seconds or are enough."""
    before = _resident()
    first, values = _timed(call)
    others: list[float] = []
    while len(others) < most and sum(others) < seconds:
        others.append(_timed(call)[0])
    return {
        "first": 1000.0 * first,
        "median": 1000.0 * median(others or [first]),
        "calls": len(others),
        "values": values,
        "above_data_mb": _peak() - before,
    }


def _timed(call: Callable[[], dict[str, float]]) -> tuple[float, dict[str, float]]:
    begin = time.perf_counter()
    values = call()
    return time.perf_counter() - begin, values


def _resident() -> float:
    """Megabytes in use now; the peak counts anew from here where the system lets it."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return 0.0
    return _status("VmRSS")


def _peak() -> float:
    if Path("/proc/self/status").exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name)) / 1024.0


def main() -> None:
    """Read what to measure, measure it, print it."""
    asked = json.load(sys.stdin)
    module = importlib.import_module(f"tools.bench.{asked['module']}")
    if asked["kind"] in ("files", "stored"):
        json.dump(_on_files(module, asked), sys.stdout)
        return
    table = (
        survey.panel(asked["n"])
        if asked["kind"] == "panel"
        else survey.make(asked["n"], survey.KINDS[asked["kind"]])
    )
    arguments = [asked["draws"]] if asked["draws"] else []
    if asked["spread"]:
        from tools.bench import ours

        arguments.append(ours.spread(table))
    call = getattr(module, asked["function"])(table, *arguments)
    found = measure(call, seconds=asked["seconds"], most=asked["most"])
    found["data_mb"] = float(table.memory_usage(deep=False).sum()) / 2**20
    json.dump(found, sys.stdout)


def _on_files(module: ModuleType, asked: dict) -> dict:
    """Measure what begins with files on a disk; the memory is that of the largest process."""
    with tempfile.TemporaryDirectory() as folder:
        # in another process, which leaves no memory behind in this one
        written = "stored" if asked["kind"] == "stored" else "survey_files"
        command = [sys.executable, "-m", f"tools.bench.{written}", folder, str(asked["n"])]
        subprocess.run(command, check=True)
        call = getattr(module, asked["function"])(Path(folder))
        found = measure(call, seconds=asked["seconds"], most=asked["most"])
        return found | {"above_data_mb": max(_peak(), *module.PEAKS, 0.0), "data_mb": 0.0}


if __name__ == "__main__":
    main()
