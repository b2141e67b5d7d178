"""What is measured, against whom, and what is promised: one row per line of the page's table."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["one", "many", "complete", "plain", "panel", "files", "stored"]
Measure = Literal["time", "memory"]
Numbers = Literal["same", "other"]
When = Literal["always", "large"]

OURS, POSSIBLE, R, IMPORT = "this package", "yardstick", "R", "import"

# Relative differences that agreement allows: rounding, and for pyfixest, which takes effects out
# by an iteration, where that stops.
EXACT, ITERATED = 1e-10, 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measurement.

    ``engine`` is only its name: the same call under two names is measured once. ``module`` is of
    tools.bench, or ``R`` or ``import``; ``draws`` is 0 where nothing is drawn.
    ``spread`` passes the survey's own spread on, ``scale`` multiplies the time of a loop that is
    too slow to be run whole. ``digits`` is the relative difference that agreement allows.
    """

    engine: str = field(compare=False)
    module: str
    function: str
    kind: Kind
    n: int
    draws: int = 0
    spread: bool = False
    scale: int = 1
    digits: float = EXACT
    when: When = "always"

    @property
    def id(self) -> str:
        """Names the measurement in the results."""
        return f"{self.module}.{self.function} n={self.n} draws={self.draws}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A task with its targets.

    ``faster`` is how many times this package's time the fastest peer must take at least;
    ``slower`` how many times the yardstick's time this package may take; ``most`` milliseconds it
    may take. For memory the same of the leanest peer's peak, and ``most`` megabytes above the data.
    ``numbers`` says whether all give the same numbers, or another task is only a measure of cost.
    """

    task: str
    ours: Run
    peers: tuple[Run, ...] = ()
    yardsticks: tuple[Run, ...] = ()
    faster: float | None = None
    slower: float | None = None
    most: float | None = None
    measure: Measure = "time"
    numbers: Numbers = "same"
    against: str = "yardstick"

    def runs(self) -> tuple[Run, ...]:
        """Everything that has to be measured for the row."""
        return (self.ours, *self.yardsticks, *self.peers)


LARGE, LARGEST = 10_000_000, 100_000_000


def _did(n: int, faster: float, slower: float) -> Row:
    python: When = "always" if n < LARGE else "large"
    slow: When = "always" if n < 1_000_000 else "large"
    peers = [
        _peer("pyfixest (lean)", "pyfixest_lean", "one", n, digits=ITERATED, when=python),
        _peer("pyfixest", "pyfixest_default", "one", n, digits=ITERATED, when=python),
        _peer("linearmodels AbsorbingLS", "absorbing", "one", n, digits=ITERATED, when=python),
    ]
    if n < LARGE:
        peers.append(_peer("statsmodels OLS with dummies", "ols", "one", n, when=slow))
        peers.append(_r("estimatr", "estimatr_cv1", n, when=slow))
    return Row(
        task="Difference-in-differences, CV1, one outcome, ten covariates",
        ours=_ours("cv1", "one", n, when=python),
        yardsticks=(
            replace(_yardstick("did_jit", "one", n, when=python), engine="yardstick (numba)"),
            replace(_yardstick("did", "one", n, when=python), engine="yardstick (numpy)"),
        ),
        peers=tuple(peers),
        faster=faster,
        slower=slower,
    )


def _many(n: int, faster: float, slower: float) -> Row:
    return Row(
        task="Difference-in-differences, CV1, twenty outcomes, text names, missing values",
        ours=_ours("many", "many", n),
        yardsticks=(replace(_yardstick("many", "many", n), engine="yardstick (numba)"),),
        peers=(_peer("pyfixest (lean)", "pyfixest_many", "many", n, digits=ITERATED),),
        faster=faster,
        slower=slower,
    )


def _wcr(draws: int, faster: float) -> Row:
    peers = [
        _peer("pyfixest", "pyfixest_wcr", "one", 10_000, draws=draws),
        _peer("wildboottest (demeaned by hand)", "wildboottest_expert", "one", 10_000, draws=draws),
    ]
    return Row(
        task="Wild cluster bootstrap p-value after the fit",
        ours=_ours("wcr", "one", 10_000, draws=draws),
        yardsticks=(_yardstick("wcr", "one", 10_000, draws=draws),),
        peers=tuple(peers),
        faster=faster,
        slower=3.0,
    )


def _power(n: int, faster: float, slower: float) -> Row:
    loops = 20
    return Row(
        task="Power, respondents drawn, a thousand simulated studies",
        ours=_ours("power", "plain", n, draws=1_000),
        yardsticks=(_yardstick("power", "plain", n, draws=1_000, spread=True),),
        peers=(
            _peer(
                "pyfixest (loop, scaled)",
                "pyfixest_power",
                "plain",
                n,
                draws=loops,
                spread=True,
                scale=1_000 // loops,
                digits=ITERATED,
            ),
        ),
        faster=faster,
        slower=slower,
    )


def _stages(
    n: int, measure: Measure, *, most: float | None = None, faster: float | None = None
) -> Row:
    """Files as delivered to clean files; ``most`` milliseconds, or megabytes in all."""
    when: When = "always" if n < 1_000_000 else "large"
    run = Run(engine=OURS, module="stages", function="ours", kind="files", n=n, when=when)
    peer = replace(run, engine="pandas with pandera (Parquet alone)", function="pandas_pandera")
    task = "Delivered files of `200` variables: read, clean, check and write"
    return Row(
        task=_named(task, measure),
        ours=run,
        peers=(peer,),
        faster=faster,
        most=most,
        measure=measure,
    )


def _named(task: str, measure: Measure) -> str:
    """A task as its row is headed: as it is, or that its peak of memory is measured."""
    return task if measure == "time" else f"Peak memory: {task[0].lower()}{task[1:]}"


def _stored(n: int, measure: Measure, most: float | None = None) -> Row:
    """Rows in Parquet files; ``most`` megabytes in all."""
    run = Run(engine=OURS, module="stored", function="ours", kind="stored", n=n, when="large")
    by_hand = replace(run, engine="SQL by hand (DuckDB)", function="duckdb")
    peer = replace(run, engine="pandas", function="pandas")
    task = "Difference-in-differences of rows in Parquet files, CV1"
    return Row(
        task=_named(task, measure),
        ours=run,
        yardsticks=(by_hand,),
        # which has no room for the largest
        peers=(peer,) if n < LARGEST else (),
        most=most,
        measure=measure,
    )


def _ours(function: str, kind: Kind, n: int, **more) -> Run:
    return Run(engine=OURS, module="ours", function=function, kind=kind, n=n, **more)


def _yardstick(function: str, kind: Kind, n: int, **more) -> Run:
    return Run(engine=POSSIBLE, module="yardstick", function=function, kind=kind, n=n, **more)


def _peer(engine: str, function: str, kind: Kind, n: int, **more) -> Run:
    return Run(engine=engine, module="peers", function=function, kind=kind, n=n, **more)


def _r(package: str, function: str, n: int, **more) -> Run:
    return Run(engine=f"R {package}", module=R, function=function, kind="one", n=n, **more)


def _import(name: str) -> Run:
    return Run(engine=name, module=IMPORT, function=name, kind="plain", n=0)


def _att_gt(task: str, suffix: str, draws: int) -> Row:
    n = 100_000
    return Row(
        task=task,
        ours=_ours(f"att_gt{suffix}", "panel", n, draws=draws),
        peers=(
            _peer("diff-diff", f"diff_diff{suffix or '_att'}", "panel", n, draws=draws),
            _peer("csdid", f"csdid{suffix or '_att'}", "panel", n, draws=draws),
        ),
        faster=5.0,
    )


ROWS: tuple[Row, ...] = (
    _did(10_000, 5.0, 8.0),
    _did(100_000, 8.0, 3.0),
    _did(1_000_000, 12.0, 2.5),
    _did(LARGE, 20.0, 2.5),
    _many(10_000, 50.0, 8.0),
    _many(1_000_000, 120.0, 2.5),
    _wcr(9_999, 50.0),
    _wcr(99_999, 15.0),
    Row(
        task="The same from a million rows",
        ours=_ours("wcr", "one", 1_000_000, draws=9_999),
        yardsticks=(_ours("wcr", "one", 10_000, draws=9_999),),
        slower=1.5,
        numbers="other",
        against="ten thousand rows",
    ),
    Row(
        task="Wild cluster bootstrap, jackknifed scores: p-value and inverted interval",
        ours=_ours("wcr_s", "one", 10_000, draws=9_999),
        yardsticks=(_ours("wcr", "one", 10_000, draws=9_999),),
        peers=(_peer("pyfixest (p-value alone)", "pyfixest_wcr", "one", 10_000, draws=9_999),),
        faster=1.0,
        slower=15.0,
        numbers="other",
        against="one p-value with plain scores",
    ),
    Row(
        task="Romano-Wolf, twenty outcomes, after the fits",
        ours=_ours("romano_wolf", "complete", 10_000, draws=9_999),
        yardsticks=(_yardstick("romano_wolf", "complete", 10_000, draws=9_999),),
        peers=(_peer("pyfixest", "pyfixest_rwolf", "complete", 10_000, draws=9_999),),
        faster=150.0,
        slower=3.0,
    ),
    Row(
        task="Randomisation inference, studentised",
        ours=_ours("ri", "plain", 10_000, draws=10_000),
        yardsticks=(_yardstick("ri", "plain", 10_000, draws=10_000),),
        peers=(
            _peer(
                "ritest (changes, not studentised)",
                "ritest_changes",
                "plain",
                10_000,
                draws=10_000,
            ),
        ),
        faster=200.0,
        slower=3.0,
    ),
    Row(
        task="CR2 with Satterthwaite degrees of freedom, ten covariates",
        ours=_ours("cr2", "one", 10_000),
        yardsticks=(_yardstick("cr2", "one", 10_000),),
        peers=(
            _r("estimatr", "estimatr_cr2", 10_000),
            _r("clubSandwich", "clubsandwich_cr2", 10_000),
        ),
        faster=100.0,
        slower=3.0,
    ),
    Row(
        task="CV3 jackknife, ten covariates",
        ours=_ours("cv3", "one", 10_000),
        yardsticks=(_yardstick("cv3", "one", 10_000),),
        peers=(
            _peer("pyfixest (dummies)", "pyfixest_cv3", "one", 10_000, digits=ITERATED),
            _peer("pyfixest", "pyfixest_cv3_effects", "one", 10_000, digits=ITERATED),
            _r("clubSandwich", "clubsandwich_cv3", 10_000),
        ),
        faster=50.0,
        slower=4.0,
    ),
    Row(
        task="Every inference method, twenty outcomes, Romano-Wolf among them",
        ours=_ours("every_method", "many", 10_000),
        most=3_000.0,
    ),
    Row(
        task="The same from a million rows",
        ours=_ours("every_method", "many", 1_000_000),
        yardsticks=(_ours("every_method", "many", 10_000),),
        slower=1.3,
        numbers="other",
        against="ten thousand rows",
    ),
    _att_gt("ATT(g,t) of five cohorts in ten periods, with standard errors", "", 0),
    _att_gt("ATT(g,t) of five cohorts in ten periods, with a simultaneous band", "_band", 999),
    _power(10_000, 50.0, 2.0),
    _power(100_000, 20.0, 1.5),
    Row(
        task="Peak memory of the first task",
        ours=_ours("cv1", "one", LARGE, when="large"),
        peers=(
            _peer("pyfixest (lean)", "pyfixest_lean", "one", LARGE, digits=ITERATED, when="large"),
        ),
        faster=4.0,
        most=512.0,
        measure="memory",
    ),
    Row(
        task="Import of `evaluation.estimation.did`",
        ours=replace(_import("evaluation.estimation.did"), engine=OURS),
        yardsticks=(_import("pandas"),),
        slower=1.3,
        numbers="other",
        against="`import pandas`",
    ),
    _stages(100_000, "time", faster=0.5),
    _stages(100_000, "memory", most=800.0),
    _stages(1_000_000, "time", most=25_000.0),
    _stages(1_000_000, "memory", most=3_000.0),
    _stored(LARGE, "time"),
    _stored(LARGE, "memory"),
    _stored(LARGEST, "time"),
    _stored(LARGEST, "memory", 2_048.0),
)


def chosen(rows: Iterable[Row], size: When, most_rows: int) -> tuple[Row, ...]:
    """Rows that are run: without the large ones and the slow peers unless these are asked for."""
    kept = []
    for row in rows:
        if row.ours.n > most_rows or (row.ours.when == "large" and size == "always"):
            continue
        peers = tuple(p for p in row.peers if size == "large" or p.when == "always")
        kept.append(replace(row, peers=peers))
    return tuple(kept)
