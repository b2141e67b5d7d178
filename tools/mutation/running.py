"""One room's run: a copy of the tree with mutmut's settings, mutmut itself, and what it found."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.mutation import changes
from tools.mutation.rooms import SAMPLE, SEED

COPIED = ("config", "evaluation", "tests")
# beside the folders: settings, and what a test reads
FILES = ("pyproject.toml", "README.md")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "mutation", "test_mutation.py")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# long runs that would be repeated for every mutant
UNMARKED = "not simulation and not faults"
# Exit codes of mutmut's workers: pytest's own, and mutmut's for what never came to an end.
STATUSES = {
    0: "survived",
    1: "killed",
    3: "killed",
    5: "no tests",
    33: "no tests",
    36: "timeout",
    24: "timeout",
    -24: "timeout",
    152: "timeout",
    255: "timeout",
    -11: "segfault",
    -9: "segfault",
}


class MutationError(Exception):
    """mutmut stopped: its output says why."""


def copy(root: Path, folder: Path, sources: Sequence[str], tests: Sequence[str]) -> None:
    """Write a fresh copy of the tree, with the settings of one run, beside the reference data."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in COPIED:
        shutil.copytree(root / name, folder / name, ignore=LEFT_OUT)
    _write_settings(root, folder, sources, tests)
    shared = root.parent / "shared"
    beside = folder / "shared"
    if shared.exists():
        beside.symlink_to(shared)


def renew(root: Path, folder: Path, sources: Sequence[str], tests: Sequence[str]) -> None:
    """Take over the tests as they are now into a copy that was run.

    Raises
    ------
    MutationError
        There is no run, or the code has changed since.
    """
    for source in sources:
        there = folder / source
        if not there.exists() or there.read_bytes() != (root / source).read_bytes():
            raise MutationError(f"{source} was not run as it stands: run its room anew")
    shutil.rmtree(folder / "tests")
    shutil.copytree(root / "tests", folder / "tests", ignore=LEFT_OUT)
    _write_settings(root, folder, sources, tests)
    # which test reaches which function is found again
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)


def _write_settings(root: Path, folder: Path, sources: Sequence[str], tests: Sequence[str]) -> None:
    for name in FILES:
        shutil.copy(root / name, folder / name)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings(sources, tests))


def settings(sources: Sequence[str], tests: Sequence[str]) -> str:
    """mutmut's table for pyproject.toml."""
    return "\n".join(
        (
            "",
            "[tool.mutmut]",
            f"source_paths = {json.dumps(list(sources))}",
            f"pytest_add_cli_args_test_selection = {json.dumps(list(tests))}",
            f"pytest_add_cli_args = {json.dumps(['-m', UNMARKED, '-p', 'no:cacheprovider'])}",
            f"also_copy = {json.dumps([*COPIED, *FILES])}",
            "use_git_change_detection = false",
            "track_dependencies = false",
            # of the tests' own time, plus a second: room for a machine that does other work too
            "timeout_multiplier = 10.0",
            "",
        )
    )


def run(folder: Path, names: Sequence[str], children: int) -> None:
    """Run mutmut in a copy, over the mutants named or over all; its output goes to a file.

    Raises
    ------
    MutationError
        mutmut stopped; the message holds the end of its output.
    """
    log = folder / "mutmut.log"
    command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", str(children)]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    kept |= dict.fromkeys(THREADS, "1") | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [*command, *names],
            cwd=folder,
            env=kept,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        end = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise MutationError(f"mutmut stopped with {done.returncode}:\n{end}")


def sampled(names: Sequence[str]) -> list[str]:
    """The seeded sample, sorted; all where there are fewer."""
    ordered = sorted(names)
    if len(ordered) <= SAMPLE:
        return ordered
    return sorted(random.Random(SEED).sample(ordered, SAMPLE))  # noqa: S311


def generated(folder: Path, sources: Sequence[str]) -> list[str]:
    """Names of all mutants of these modules, without running any."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from mutmut.mutation.file_mutation import mutate_file_contents as mutate\n"
        "from mutmut.utils.format_utils import get_mutant_name as full\n"
        "for path in map(Path, sys.argv[1:]):\n"
        "    for name in mutate(str(path), path.read_text('utf-8'), None, None).mutant_names:\n"
        "        print(full(path, name))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *sources],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MutationError(f"the mutants could not be listed:\n{done.stderr[-3000:]}")
    return done.stdout.split()


def found(folder: Path, room: str, sources: Sequence[str]) -> list[dict[str, Any]]:
    """Every mutant that was run: module, function, line, change, kind and status."""
    mutants = []
    for source in sources:
        ended = _ended(folder / "mutants" / f"{source}.meta")
        described = _described(folder, source) if ended else {}
        for name, status in sorted(ended.items()):
            change = described[name.rpartition(".")[2]]
            mutants.append(
                {"room": room, "module": source, "name": name, "status": status}
                | {field: getattr(change, field) for field in change.__dataclass_fields__}
            )
    return mutants


def _described(folder: Path, source: str) -> Mapping[str, changes.Change]:
    original = (folder / source).read_text(encoding="utf-8")
    mutated = (folder / "mutants" / source).read_text(encoding="utf-8")
    return dict(changes.mutants(original, mutated))


def _ended(meta: Path) -> dict[str, str]:
    if not meta.exists():
        return {}
    codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {
        name: STATUSES.get(code, "suspicious") for name, code in codes.items() if code is not None
    }
