"""The report: shares of killed mutants with their intervals, and survivors with their reasons."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tools.mutation.rooms import AREAS, REST, SAMPLE, SEED

# What counts as noticed: a red test, or a run that never ended or crashed.
KILLED = ("killed", "timeout", "segfault")
# Normal quantile of a 95 % interval.
QUANTILE = 1.959963984540054
# Reasons why no test can tell a mutant from the code: such mutants are none, and the mutation score
# leaves them out (DeMillo, Lipton and Sayward 1978, Computer 11(4):34-41).
ALIKE = ("equivalent", "rounding", "not reachable")
FATES = ("killed", "survived", "wording_killed", "wording_survived")
SAMPLED = (REST, *(area.name for area in AREAS))

HEAD = """# Mutants of statistics and data

`make mutate` changes the code in one place at a time (a sign, a bound, a constant, an argument left
out) and runs the tests. A mutant is killed when a test turns red, or when the run does not end. All
mutants of the seven named modules of `evaluation/estimation` and of those split off from them are
run against those modules' own test files; of its other modules a sample of {sample} mutants (seed
{seed}) against all tests of `tests/estimation` and `tests/analysis`; of the factor
model and of what reads, corrects and protects the data a sample of {sample} each, against its own
tests. Tests marked `simulation` or `faults` are left out.

A mutant whose only change is the text of an error message or of a reason why a number is not
available is *wording*. Wording is counted apart: the tests hold what a message must name, not how
it says it. Shares are of the other mutants, with Wilson's 95 % interval; the score leaves out the
survivors that no test can tell from the code, each with its reason in `survivors.toml`.

Run with mutmut {version}; each room's last run stands beside its shares.
"""


def wilson(killed: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, eq. (4) of Brown, Cai and DasGupta (2001).

    Raises
    ------
    ValueError
        There is nothing to take a share of.
    """
    if total < 1:
        raise ValueError("a share of nothing has no interval")
    share, z = killed / total, QUANTILE
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    half *= z / (1 + z * z / total)
    return max(0.0, centre - half), min(1.0, centre + half)


def counts(mutants: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Counts per room and module from single mutants, sorted by room and module."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for mutant in mutants:
        key = (mutant["room"], mutant["module"])
        row = found.setdefault(
            key,
            {"room": key[0], "module": key[1]} | dict.fromkeys(FATES, 0),
        )
        fate = "killed" if mutant["status"] in KILLED else "survived"
        row[fate if mutant["kind"] == "code" else f"wording_{fate}"] += 1
    return [found[key] for key in sorted(found)]


def survivors(mutants: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mutants that no test noticed, sorted by place."""
    kept = ("module", "function", "line", "was", "now", "kind", "status", "room")
    alive = [m for m in mutants if m["status"] not in KILLED]
    return sorted(
        ({name: mutant[name] for name in kept} for mutant in alive),
        key=lambda m: (m["module"], m["line"], m["was"], m["now"]),
    )


def key(change: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """What a survivor is known by when lines move."""
    return change["module"], change["function"], change["was"], change["now"]


def unexplained(
    alive: Sequence[Mapping[str, Any]], reasons: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Survivors, wording apart, without a reason."""
    known = {key(reason) for reason in reasons}
    return [s for s in alive if s["kind"] == "code" and key(s) not in known]


def summary(
    counted: Sequence[Mapping[str, Any]],
    alive: Sequence[Mapping[str, Any]],
    reasons: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """What is kept of a room's run: a row for each module, or one for a sample.

    Parameters
    ----------
    counted : sequence of mapping
        Rows of ``counts``.
    alive : sequence of mapping
        Rows of ``survivors``.
    reasons : sequence of mapping
        Hand-written reasons; ``alike`` counts the survivors that no test can tell from the code.
    """
    kinds = {key(reason): reason["kind"] for reason in reasons}
    rows: dict[tuple[str, str], Counter[str]] = {}
    for row in counted:
        module = "" if row["room"] in SAMPLED else row["module"]
        same = sum(
            s["module"] == row["module"] and s["kind"] == "code" and kinds.get(key(s)) in ALIKE
            for s in alive
        )
        found = {name: row[name] for name in FATES} | {"alike": same}
        rows.setdefault((row["room"], module), Counter()).update(found)
    return [
        {"room": room, "module": module} | {name: total[name] for name in (*FATES, "alike")}
        for (room, module), total in rows.items()
    ]


def render(results: Mapping[str, Any]) -> str:
    """The short report, from the rows that are kept."""
    head = HEAD.format(sample=SAMPLE, seed=SEED, version=results["mutmut"])
    rows = results["counts"]
    named = [row for row in rows if row["room"] not in SAMPLED]
    lines = [
        head,
        "## Shares\n",
        "| modules | run | killed | survived | share | 95 % interval | wording, left | score |",
        "| --- | --- | ---: | ---: | ---: | --- | --- | --- |",
    ]
    lines += [_share(f"`{row['module'].rpartition('/')[2]}`", [row], "") for row in named]
    lines += [_share("**the named modules**", named)]
    for room in SAMPLED:
        own = [row for row in rows if row["room"] == room]
        label = "the others of `stats`" if room == REST else room
        lines += [_share(f"**sample: {label}**", own)] if own else []
    return "\n".join(lines) + "\n"


def _share(label: str, rows: Sequence[Mapping[str, Any]], score: str | None = None) -> str:
    killed, survived, worded, left, same = (
        sum(row[name] for row in rows) for name in (*FATES, "alike")
    )
    if score is None:
        score = _percent(killed, survived - same).replace(" | ", ", ")
    return (
        f"| {label} | {min(row['run'] for row in rows)} | {killed} | {survived} |"
        f" {_percent(killed, survived)} | {worded}, {left} | {score} |"
    )


def _percent(killed: int, survived: int) -> str:
    if not killed + survived:
        return "none | "
    low, high = wilson(killed, killed + survived)
    share = 100 * killed / (killed + survived)
    return f"{share:.1f} % | {100 * low:.1f} to {100 * high:.1f} %"


def listed(alive: Sequence[Mapping[str, Any]], reasons: Sequence[Mapping[str, Any]]) -> str:
    """Every survivor of a run with its reason."""
    known = {key(reason): reason for reason in reasons}
    code = [s for s in alive if s["kind"] == "code"]
    words = [s for s in alive if s["kind"] == "wording"]
    lines = ["## Survivors\n"]
    lines += [_survivor(s, known.get(key(s))) for s in code] or ["None.\n"]
    lines.append("## Survivors that change wording only\n")
    by_module: dict[str, list[int]] = {}
    for survivor in words:
        by_module.setdefault(survivor["module"], []).append(survivor["line"])
    lines += [
        f"- {module}, lines {', '.join(str(n) for n in sorted(set(numbers)))}: {len(numbers)}"
        for module, numbers in sorted(by_module.items())
    ] or ["None."]
    return "\n".join(lines) + "\n"


def _survivor(survivor: Mapping[str, Any], reason: Mapping[str, Any] | None) -> str:
    place = f"{survivor['module']}:{survivor['line']}"
    why = f"{reason['kind']}: {reason['why']}" if reason else "no reason given yet"
    untested = " (no test runs it)" if survivor["status"] == "no tests" else ""
    change = f"`{survivor['was']}` became `{survivor['now']}`"
    return f"- {place}, `{survivor['function']}`{untested}: {change}. {why}"
