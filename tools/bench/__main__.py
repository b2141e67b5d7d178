"""Agree, then time: this package, what is possible, and other packages on the same survey.

``python -m tools.bench`` in the environment of tools/bench/peers.lock measures, prints the table,
and writes build/bench/results.json, what the page needs of it to tools/bench/results.json, and
book/software/performance.md. ``--page`` only writes the page from the stored results; ``--keep``
puts the tasks that were asked for among them.
"""

import argparse
import datetime
import importlib.metadata
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

from tools.bench import agreement, page, rows, survey
from tools.bench.agreement import DisagreementError, Found
from tools.bench.rows import ROWS, Row, Run
from tools.kept import lines_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS, FULL = HERE / "results.json", ROOT / "build" / "bench" / "results.json"
PAGE = ROOT / "book" / "software" / "performance.md"

PYTHON_PEERS = (
    "pyfixest",
    "linearmodels",
    "statsmodels",
    "wildboottest",
    "ritest-python",
    "csdid",
    "diff-diff",
    "pandera",
)
R_PEERS = ("estimatr", "clubSandwich")
STACK = ("numpy", "scipy", "pandas", "pyarrow", "numba")
# Each measurement stops after these seconds or calls, whatever comes first.
SECONDS, CALLS = 1.5, 31
IMPORTS = 9
# Not to be loaded by the package itself.
HEAVY = ("scipy.stats", "statsmodels", "linearmodels", "matplotlib")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    """Measure and write, or only write the page."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--page", action="store_true", help="only write the page again")
    parser.add_argument(
        "--large", action="store_true", help="ten and a hundred million rows and slow peers too"
    )
    parser.add_argument(
        "--most-rows", type=int, default=rows.LARGEST, help="leave out larger tasks"
    )
    parser.add_argument("--task", default="", metavar="WORDS", help="only tasks so named; print")
    parser.add_argument("--keep", action="store_true", help="store what --task measured")
    parser.add_argument("--print", action="store_true", help="print the table, write nothing")
    options = parser.parse_args()
    if options.page:
        _write_page(json.loads(RESULTS.read_text(encoding="utf-8")))
        return 0
    size = "large" if options.large else "always"
    try:
        asked = rows.chosen(ROWS, size, options.most_rows)
        results = bench([row for row in asked if options.task in row.task], size)
        if options.keep:
            results = among(json.loads(RESULTS.read_text(encoding="utf-8")), results)
    except DisagreementError as problem:
        sys.stderr.write(f"bench stopped: {problem}\n")
        return 1
    sys.stdout.write(page.table(results))
    if options.keep:
        _store(results)
    elif not (options.print or options.task):
        FULL.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, sort_keys=True)
        FULL.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        _store(results)
    return 0


def _store(results: Mapping) -> None:
    RESULTS.write_text(kept(results), encoding="utf-8", newline="\n")
    _write_page(json.loads(RESULTS.read_text(encoding="utf-8")))


def among(stored: Mapping, results: Mapping) -> dict:
    """Stored results with those of some tasks, which have their own date and load.

    Raises
    ------
    DisagreementError
        They were measured on another machine or with other versions.
    """
    moved = [n for n, v in stored["versions"].items() if results["versions"].get(n, v) != v]
    if results["machine"] != stored["machine"] or moved:
        raise DisagreementError(
            f"not to be put among the stored results: another {', '.join(moved) or 'machine'}"
        )
    when = {"date": results["date"], "load": results["load"]}
    order = [(row.task, row.ours.n, row.ours.draws) for row in ROWS]
    placed = {_place(row): row for row in stored["rows"]}
    placed |= {_place(row): row | when for row in results["rows"]}
    timed = {entry["id"]: entry for entry in (*stored["measurements"], *results["measurements"])}
    return dict(stored) | {
        "versions": {**stored["versions"], **results["versions"]},
        "largest_difference": max(stored["largest_difference"], results["largest_difference"]),
        "rows": [placed[place] for place in sorted(placed, key=order.index)],
        "measurements": list(timed.values()),
    }


def kept(results: Mapping) -> str:
    """What the page needs of the results, one row a line."""
    shown = ("engine", "id", "first", "median", "calls")
    rows = [
        {name: float(f"{x:.6g}") if isinstance(x, float) else x for name, x in row.items()}
        for row in results["rows"]
    ]
    timed = [{name: entry[name] for name in shown} for entry in results["measurements"]]
    head = {name: value for name, value in results.items() if not isinstance(value, list)}
    lists = {name: results[name] for name in ("absent", "digits")}
    return lines_of(head | lists, {"rows": rows, "measurements": timed})


def _write_page(results: Mapping) -> None:
    PAGE.write_text(page.page(results), encoding="utf-8", newline="\n")


def _place(row: Mapping) -> tuple[str, int, int]:
    return row["task"], row["rows"], row["draws"]


def bench(asked: Sequence[Row], size: str) -> dict:
    """Measure every row, each as soon as its engines agree.

    Raises
    ------
    DisagreementError
        A peer is missing, a measurement failed, or two engines found different numbers.
    """
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0
    versions = _versions()
    absent = _absent_r()
    versions |= {} if absent else _r_versions()
    _check_imports()
    measured: dict[Run, dict] = {}
    found, worst = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for row in asked:
            kept = _without_r(row) if absent else row
            for run in kept.runs():
                if run not in measured:
                    measured[run] = _measure(run, Path(folder))
                    sys.stderr.write(f"{run.engine}: {run.id}: {measured[run]['median']:.2f} ms\n")
            worst = max([worst, *_agree(kept, measured).values()])
            found.append(row_result(kept, measured))
    return {
        "date": datetime.date.today().isoformat(),
        "machine": _machine(),
        "load": load,
        "versions": versions,
        "absent": absent,
        "size": size,
        "clusters": survey.CLUSTERS,
        "digits": [_places(rows.EXACT), _places(rows.ITERATED)],
        "errors": agreement.ERRORS,
        "largest_difference": worst,
        "rows": found,
        "measurements": [_stored(run, result) for run, result in measured.items()],
    }


def _places(share: float) -> int:
    return round(-math.log10(share))


def _agree(row: Row, measured: Mapping[Run, Mapping]) -> dict[str, float]:
    if row.numbers == "other":
        return {}
    found = [
        Found(run.engine, measured[run]["values"], run.digits, run.draws) for run in row.runs()
    ]
    return agreement.check(f"{row.task}, {row.ours.n} rows", found)


def _without_r(row: Row) -> Row:
    peers = tuple(run for run in row.peers if run.module != rows.R)
    return replace(row, peers=peers)


# ---- Results -------------------------------------------------------------------------------------


def row_result(row: Row, measured: Mapping[Run, Mapping]) -> dict:
    """One line of the table: ours, the best peer, the best yardstick, and the targets."""
    cost = _memory if row.measure == "memory" else _time
    ours = cost(measured[row.ours], row.ours)
    peers = {run.engine: cost(measured[run], run) for run in row.peers}
    best = min(peers, key=peers.__getitem__, default=None)
    yardstick = min(row.yardsticks, key=lambda run: cost(measured[run], run), default=None)
    beside = cost(measured[yardstick], yardstick) if yardstick else None
    named = row.against if row.numbers == "other" else yardstick.engine if yardstick else None
    above = measured[row.ours].get("above_data_mb")
    return {
        "task": row.task,
        "rows": row.ours.n,
        "draws": row.ours.draws,
        "unit": "MB" if row.measure == "memory" else "ms",
        # of memory, what is promised is what stands above the data
        "ours": above if row.measure == "memory" else ours,
        "peer": best,
        "peer_ratio": peers[best] / ours if best else None,
        "faster": row.faster,
        "yardstick": named if yardstick else None,
        "yardstick_ratio": ours / beside if beside else None,
        "slower": row.slower,
        "most": row.most,
    }


def _time(result: Mapping, run: Run) -> float:
    return result["median"] * run.scale


def _memory(result: Mapping, run: Run) -> float:
    return result["above_data_mb"] + result["data_mb"]


def _stored(run: Run, result: Mapping) -> dict:
    kept = ("first", "median", "calls", "above_data_mb", "data_mb")
    return {
        "engine": run.engine,
        "id": run.id,
        **{name: round(result[name], 4) for name in kept if name in result},
    }


# ---- Measurements --------------------------------------------------------------------------------


def _measure(run: Run, folder: Path) -> dict:
    if run.module == rows.IMPORT:
        return _import_time(run.function)
    if run.module == rows.R:
        return _measure_r(run, folder)
    asked = asdict(run) | {"seconds": SECONDS, "most": CALLS}
    threads = "all" if run.module == "peers" else "one"
    text = _started(
        [sys.executable, "-m", "tools.bench.worker"], run, threads=threads, given=json.dumps(asked)
    )
    return json.loads(text.splitlines()[-1])


def _measure_r(run: Run, folder: Path) -> dict:
    path = folder / f"{run.kind}_{run.n}.csv"
    if not path.exists():
        survey.make(run.n, survey.KINDS[run.kind]).to_csv(path, index=False, float_format="%.17g")
    script = ["Rscript", str(HERE / "peers.R"), str(path), run.function, str(SECONDS), str(CALLS)]
    lines = _started(script, run, threads="all", given="").splitlines()
    pairs = dict(line.split("=", 1) for line in lines if "=" in line)
    return {
        "first": float(pairs["first"]),
        "median": float(pairs["median"]),
        "calls": int(pairs["calls"]),
        "values": {
            name.removeprefix("value."): float(value)
            for name, value in pairs.items()
            if name.startswith("value.")
        },
    }


def _import_time(name: str) -> dict:
    """Seconds of an import in fresh processes, the first of which may compile."""
    code = f"import time; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)"
    run = Run(engine=name, module=rows.IMPORT, function=name, kind="plain", n=0)
    times = [
        1000.0 * float(_started([sys.executable, "-c", code], run, threads="one", given=""))
        for _ in range(1 + IMPORTS)
    ]
    return {"first": times[0], "median": median(times[1:]), "calls": IMPORTS, "values": {}}


def _started(command: Sequence[str], run: Run, *, threads: str, given: str) -> str:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in (*THREADS, "PYTHONDONTWRITEBYTECODE")
    }
    kept |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    if threads == "one":
        kept |= dict.fromkeys(THREADS, "1")
    done = subprocess.run(
        command, env=kept, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise DisagreementError(f"{run.engine}: {run.id} failed: {last}")
    return done.stdout


# ---- What is there -------------------------------------------------------------------------------


def _versions() -> dict[str, str]:
    versions = {"Python": platform.python_version()}
    for name in (*STACK, *PYTHON_PEERS):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise DisagreementError(
                f"{name} is missing; install tools/bench/peers.lock into an environment of its own"
            ) from None
    return versions


def _absent_r() -> list[str]:
    """R and its packages where they are not there; they are no part of the lock."""
    if shutil.which("Rscript") is None:
        return [f"R with {' and '.join(R_PEERS)}"]
    try:
        _r_versions()
    except subprocess.CalledProcessError:
        return [f"R has no {' or no '.join(R_PEERS)}; they are"]
    return []


def _r_versions() -> dict[str, str]:
    quoted = ", ".join(f'"{name}"' for name in R_PEERS)
    code = f'cat(R.version$major, ".", R.version$minor, "\\n", sep = ""); for (p in c({quoted}))'
    code += ' cat(as.character(packageVersion(p)), "\\n", sep = "")'
    told = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    return dict(zip(("R", *R_PEERS), told.stdout.split(), strict=True))


def _check_imports() -> None:
    """The package itself loads nothing heavy, whatever is estimated later."""
    code = f"import sys, evaluation; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    run = Run(engine=rows.OURS, module=rows.IMPORT, function="evaluation", kind="plain", n=0)
    loaded = _started([sys.executable, "-c", code], run, threads="one", given="").strip()
    if loaded:
        raise DisagreementError(f"importing evaluation loads {loaded}")


def _machine() -> dict:
    """Processor, cores and memory; never the machine's name."""
    processor, memory = platform.machine(), 0.0
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        processor = named[0] if named else processor
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "system": platform.system(),
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
    }


if __name__ == "__main__":
    sys.exit(main())
