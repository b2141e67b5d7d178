"""Kill makes of the small study at random moments, and compare every byte after the next make.

``python -m tests.pipeline.kills 120 1`` does 120 of them from seed 1, which takes half an hour, and
prints a table. Most hit the stages that write many files. A moment is a share of the processor's
time that the stage needs, since other programs may run beside. A signal goes to the whole group, as
that of a terminal or of a machine that shuts down; or to the stage alone, as that of a system
without memory. Reads the processes of Linux.
"""

import collections
import dataclasses
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.pipeline import schools
from tests.pipeline.conftest import (
    AWKWARD,
    Build,
    copy_tree,
    digests,
    run_make,
    surroundings,
    touch,
    whole,
)

WORDS = (f"STUDY={schools.STUDY}", "DATA_RAW=raw")
# target of make, a file whose change makes it run, and of a hundred kills how many are its
STAGES = {
    "read": ("evaluation/cli/stages/read.py", 3),
    "clean-data": ("evaluation/cli/stages/clean.py", 3),
    "estimate": ("evaluation/cli/stages/estimate.py", 4),
    "exhibits": ("evaluation/cli/stages/exhibits.py", 28),
    "notebooks": ("evaluation/cli/stages/notebook.py", 28),
    "book": ("book/common/reproduce.md", 28),
    "audit": ("evaluation/cli/stages/audit.py", 6),
}
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
WHOM = ("group", "group", "stage")
# what a run leaves only while it is under way
PASSING = (".tmp-*", ".running-*")
PATIENCE = 120


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill and what came of it.

    Attributes
    ----------
    stage, whom : str
    number : Signals
    moment : float
        Share of the stage's processor time that had passed.
    met : bool
        Whether the run was still under way.
    wrong : tuple of str
        Files that are not those of the undisturbed run, and words about makes that failed.
    """

    stage: str
    number: signal.Signals
    whom: str
    moment: float
    met: bool
    wrong: tuple[str, ...]


def undisturbed(folder: Path) -> Build:
    """The small study in one language, built in an empty folder."""
    root = copy_tree(folder / AWKWARD)
    schools.drafted(root)
    return whole(schools.in_english(root), *WORDS)


class Study:
    """The small study in one language, built once without disturbance.

    Parameters
    ----------
    built : Build
        Of `undisturbed`.
    """

    def __init__(self, built: Build) -> None:
        self.root, self.whole = built.root, built.bytes
        self.needed: dict[str, float] = {}

    def make(self, *targets: str) -> tuple[str, ...]:
        """Run make; what it says where it fails."""
        done = run_make(*targets, *WORDS, folder=self.root)
        return () if done.returncode == 0 else (f"make {' '.join(targets)}: {done.stderr[-400:]}",)

    def begun(self, stage: str) -> subprocess.Popen[bytes]:
        """A make of a stage whose code has changed, in a group of its own."""
        touch(self.root, STAGES[stage][0])
        return subprocess.Popen(
            ["make", stage, *WORDS],
            cwd=self.root,
            env=surroundings(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def differing(self) -> tuple[str, ...]:
        """Files that the undisturbed run did not leave, or left with other bytes."""
        now = digests(self.root)
        names = sorted(now.keys() | self.whole.keys())
        passing = (p for pattern in PASSING for p in self.root.rglob(pattern))
        return (
            *(name for name in names if now.get(name) != self.whole.get(name)),
            *(path.name for path in passing),
        )

    def needs(self, stage: str) -> float:
        """Seconds of the processor that a stage takes, with make and all that it starts."""
        if stage not in self.needed:
            before = os.times()
            assert self.begun(stage).wait() == 0
            after = os.times()
            self.needed[stage] = sum_of(after) - sum_of(before)
        return self.needed[stage]

    def kill(self, stage: str, number: signal.Signals, *, whom: str, moment: float) -> Kill:
        """Kill one run of a stage, make it again, and compare.

        Parameters
        ----------
        stage : str
            Target of make.
        number : Signals
        whom : str
            The group, or the stage's process alone.
        moment : float
            Share of the stage's processor time after which it is sent.
        """
        least = moment * self.needs(stage)
        running = self.begun(stage)
        while running.poll() is None and _spent(running.pid) < least:
            time.sleep(0.01)
        met = running.poll() is None
        if met:
            for process in [running.pid] if whom == "group" else _children(running.pid):
                send: Callable[[int, int], None] = os.killpg if whom == "group" else os.kill
                send(process, number)
        running.wait(PATIENCE)
        _wait_for_group(running.pid)
        wrong = (*self.make(stage), *self.differing())
        return Kill(stage=stage, number=number, whom=whom, moment=moment, met=met, wrong=wrong)


def sum_of(times: os.times_result) -> float:
    """Of the children that have ended."""
    return times.children_user + times.children_system


def _processes() -> dict[int, tuple[int, float]]:
    """Parent of every process, and seconds of the processor that it and its ended children took."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        ticks = math.fsum(map(int, fields[11:15]))
        found[int(path.parent.name)] = int(fields[1]), ticks / os.sysconf("SC_CLK_TCK")
    return found


def _spent(process: int) -> float:
    """What a process and all that descend from it have taken."""
    processes = _processes()
    family, total = {process}, 0.0
    while family:
        total += math.fsum(processes[one][1] for one in family if one in processes)
        family = {one for one, (parent, _) in processes.items() if parent in family}
    return total


def _children(parent: int) -> list[int]:
    return [process for process, (one, _) in _processes().items() if one == parent]


def _wait_for_group(group: int) -> None:
    """Until no process of a group is left: a stage may outlive its make by its tidying up."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise TimeoutError(f"processes of group {group} are still there")


def drawn(number: int, seed: int) -> list[tuple[str, signal.Signals, str, float]]:
    """Stage, signal, whom and moment of each kill, in the order of stages."""
    draw = random.Random(seed)  # noqa: S311 - moments need no secrets
    shares = [share for _, share in STAGES.values()]
    stages = draw.choices(tuple(STAGES), shares, k=number)
    kills = [
        (stage, draw.choice(SIGNALS), draw.choice(WHOM), draw.uniform(0.02, 1.0))
        for stage in stages
    ]
    return sorted(kills, key=lambda kill: tuple(STAGES).index(kill[0]))


def killed(folder: Path, number: int, seed: int) -> Iterator[Kill]:
    """Each kill with what came of it; all is made at the end of each stage's.

    Parameters
    ----------
    folder : Path
        Empty; the study is built there.
    number : int
        Of kills.
    seed : int
    """
    study = Study(undisturbed(folder))
    plan = drawn(number, seed)
    for i, (stage, which, whom, moment) in enumerate(plan):
        found = study.kill(stage, which, whom=whom, moment=moment)
        if i + 1 == len(plan) or plan[i + 1][0] != stage:
            found = dataclasses.replace(
                found, wrong=(*found.wrong, *study.make(), *study.differing())
            )
        yield found


def table(kills: list[Kill]) -> str:
    """Kills that met a run and those after which a byte was wrong, by stage and signal."""
    lines = [f"{'stage':<12}" + "".join(f"{s.name:>16}" for s in SIGNALS)]
    for stage in STAGES:
        cells = []
        for number in SIGNALS:
            here = [kill for kill in kills if (kill.stage, kill.number) == (stage, number)]
            met = collections.Counter(kill.met for kill in here)[True]
            cells.append(f"{met} of {len(here)}, {len([k for k in here if k.wrong])} bad")
        lines.append(f"{stage:<12}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def main(number: int, seed: int) -> int:
    """Print each kill, and the table of all."""
    done = []
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        for kill in killed(Path(folder), number, seed):
            done.append(kill)
            said = "; ".join(kill.wrong[:5]) or "the same bytes"
            met = f"at {kill.moment:.2f}" if kill.met else "too late"
            print(f"{kill.stage} {kill.number.name} {kill.whom} {met}: {said}", flush=True)
    print(table(done))
    return 1 if any(kill.wrong for kill in done) else 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3])))
