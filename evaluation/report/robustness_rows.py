"""How far each check moves an estimate, and how unequal trends may be before it says nothing.

The report works nothing out but a division by the standard deviation and whether an interval
excludes zero; every range and interval is a record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.config.check_kinds import doubt_of, kind_of
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome, Specification
from evaluation.estimation.records import Bound, Difference, Estimate, Unavailable
from evaluation.estimation.row_keys import WHOLE, FixedLength, RowKey, Widened
from evaluation.report.check_labels import variant
from evaluation.report.check_rows import CheckResult, row_id
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source

Entry = Check | Specification


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """One row of a check, or of a sensitivity specification, for one outcome.

    Attributes
    ----------
    entry : Check or Specification
    found : Difference or Unavailable
    alone : bool
        Whether it is the entry's only row: its name says all.
    """

    source: Source
    entry: Entry
    outcome: Outcome
    sample: RowKey
    found: Difference | Unavailable
    alone: bool

    @property
    def id(self) -> str:
        """Row id: the entry's, and what tells its rows apart."""
        is_alone = self.alone or isinstance(self.entry, Specification)
        return row_id(self.entry.id, WHOLE if is_alone else self.sample)

    @property
    def label(self) -> str:
        """The entry's name, and what tells its rows apart, in words."""
        name = self.entry.label[self.source.language]
        if self.alone or isinstance(self.entry, Specification):
            return name
        told_apart = variant(self.sample, self.entry, self.source)
        return f"{name}: {told_apart}" if told_apart else name

    @property
    def shown(self) -> Difference | None:
        """The difference, where there is one that may be published."""
        return self.found if isinstance(self.found, Difference) else None


def _compared_entries(source: Source) -> tuple[Entry, ...]:
    plan = source.plan
    return (
        *(s for s in plan.specification if s.status == "sensitivity"),
        *(c for c in plan.check if kind_of(c).is_compared),
    )


def entries(exhibit: Exhibit, source: Source) -> tuple[Entry, ...]:
    """Checks and sensitivity specifications that an exhibit names, in plan order; else all.

    A page shows as well what moves one of its outcomes farthest, whoever named it.

    Parameters
    ----------
    exhibit : Exhibit
    source : Source
    """
    named = set(exhibit.specifications)
    if named and exhibit.place == "page":
        farthest = (largest(compared(source, o)) for o in source.outcomes_of(exhibit))
        named |= {line.entry.id for line in farthest if line is not None}
    found = [e for e in _compared_entries(source) if not named or e.id in named]
    themes = [_theme(e) for e in found]
    # those of one theme stand together, where the first of them does
    return tuple(sorted(found, key=lambda e: themes.index(_theme(e))))


def _theme(entry: Entry) -> str:
    """What an entry stands under: one theme for all specifications."""
    return "" if isinstance(entry, Specification) else doubt_of(entry)


def differences(source: Source, entry: Entry, outcome: Outcome) -> tuple[DifferenceLine, ...]:
    """Rows of an entry for an outcome that estimate the primary effect, in recorded order.

    Parameters
    ----------
    source : Source
    entry : Check or Specification
    outcome : Outcome
    """
    key = (outcome.id, entry.id)
    found: dict[RowKey, Difference | Unavailable] = {
        d.sample: d for d in source.records.differences if (d.outcome, d.specification) == key
    }
    other = kind_of(entry).beside if isinstance(entry, Check) else ()
    have = set(found)
    for absent in source.records.check_unavailable:
        if (absent.outcome, absent.specification) != key or absent.sample in have:
            continue
        if absent.step in ("all", "difference") and not isinstance(absent.sample, other):
            found[absent.sample] = absent
    return tuple(
        DifferenceLine(
            source=source,
            entry=entry,
            outcome=outcome,
            sample=sample,
            found=one,
            alone=len(found) == 1,
        )
        for sample, one in found.items()
    )


def compared(source: Source, outcome: Outcome) -> tuple[DifferenceLine, ...]:
    """All rows of the plan that estimate the primary effect, on a page or in the annex.

    Without those that leave out one place at a time, which stand on a line of their own.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    """
    chosen = (e for e in _compared_entries(source) if not is_one_line(e))
    return tuple(x for entry in chosen for x in differences(source, entry, outcome))


def is_one_line(entry: Entry) -> bool:
    """Whether an entry leaves out one place at a time: all its rows stand on one line."""
    return isinstance(entry, Check) and kind_of(entry).one_line


def largest(lines: Iterable[DifferenceLine]) -> DifferenceLine | None:
    """The line that moves the primary estimate farthest; None where none is shown."""
    shown = [x for x in lines if x.shown is not None]
    return max(shown, key=lambda x: abs(x.shown.difference if x.shown else 0.0), default=None)


def departs_from(source: Source, entry: Entry) -> Specification:
    """What an entry's differences are from: the primary specification, or the one of the checks.

    Parameters
    ----------
    source : Source
    entry : Check or Specification
    """
    plan = source.plan if isinstance(entry, Specification) else source.plan.checked()
    return plan.primary_specification()


def heading(source: Source, entry: Entry) -> str:
    """What a row stands under: the doubt, or other weights, samples and models.

    Where not all differences are from the primary estimate, it says what these are from.

    Parameters
    ----------
    source : Source
    entry : Check or Specification
    """
    if isinstance(entry, Specification):
        return source.wording("robustness-specifications")
    theme = theme_of(source, entry)
    base = departs_from(source, entry)
    if base.id == source.plan.primary_specification().id:
        return theme
    return source.wording("robustness-theme-of", theme=theme, base=base.label[source.language])


def theme_of(source: Source, check: Check) -> str:
    """What a check doubts, in words; groups drawn by lot need no parallel trends.

    Parameters
    ----------
    source : Source
    check : Check
    """
    review = source.configuration.review
    by_lot = doubt_of(check) == "trends" and review is not None and review.drawn_by_lot
    return source.wording(
        "robustness-theme.baseline-level" if by_lot else f"theme.{doubt_of(check)}"
    )


# What names of benchmarks begin with, in the order in which they are shown.
KINDS = ("places", "covariate_", "covariates_x", "earlier_survey", "control_")
EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRow:
    """A plausible M, and what it makes of the interval.

    Attributes
    ----------
    m : float or None
        0 where it bounds nothing; None where it is unavailable, for the reason in ``widened``.
    ends : tuple of float or None
        Interval of ``m``; None where it has none.
    """

    name: str
    label: str
    m: float | None
    widened: Bound | Unavailable
    fixed: Bound | Unavailable
    ends: tuple[float, float] | None = None

    @property
    def is_beyond_chance(self) -> bool:
        """Whether chance alone would not make a benchmark of its size."""
        return bool(self.m) and self.ends is not None and self.ends[0] > 0.0

    @property
    def widest(self) -> float:
        """The upper end of its interval, or its size where it has none."""
        return self.ends[1] if self.ends is not None else self.m or 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Everything about one outcome, or why nothing can be had.

    Attributes
    ----------
    breakdown, breakdown_point : float
        Least M at which the primary interval, and at which the estimate, reaches zero.
    sd : float
        One SD in the unit of the outcome; NaN where it may not be shown.
    """

    outcome: Outcome
    primary: Estimate
    breakdown: float
    breakdown_point: float
    sd: float
    benchmarks: tuple[BenchmarkRow, ...]
    no_benchmark: Unavailable | None

    @property
    def beyond_chance(self) -> tuple[BenchmarkRow, ...]:
        """Benchmarks whose size chance alone would not make."""
        return tuple(b for b in self.benchmarks if b.is_beyond_chance)


def sensitivity(source: Source, check: Check, outcome: Outcome) -> Sensitivity | Unavailable:
    """What a check of unequal trends found for an outcome.

    Parameters
    ----------
    source : Source
    check : Check
        Of a kind that has benchmarks.
    outcome : Outcome

    Raises
    ------
    ReportError
        There is neither a breakdown value nor a reason.
    """
    result = CheckResult(source=source, check=check, outcome=outcome)
    first = result.base
    if isinstance(first, Unavailable):
        return first
    values = result.quantities("breakdown", "breakdown_point")
    if values is None:
        reason = result.absent()
        if reason is None:
            raise result.missing()
        return reason
    sd = first.baseline_comparison_sd
    made = [d.sample for d in result.diagnostics if d.name == "benchmark"]
    refused = [u.sample for u in result.unavailable if isinstance(u.sample, Widened)]
    keys = sorted(dict.fromkeys((*made, *refused)), key=lambda key: benchmark_order(key.value))
    return Sensitivity(
        outcome=outcome,
        primary=first,
        breakdown=values[0],
        breakdown_point=values[1],
        sd=1.0 if outcome.unit == "SD" else float("nan") if sd <= 0 else sd,
        benchmarks=tuple(_benchmark(result, key) for key in keys),
        no_benchmark=result.absent(step="benchmark"),
    )


def benchmark_order(name: str) -> int:
    """Position of a benchmark among others, by its kind."""
    return next(k for k, kind in enumerate(KINDS) if name.startswith(kind))


def _benchmark(result: CheckResult, sample: RowKey) -> BenchmarkRow:
    name, m = sample.value, result.quantity("benchmark", sample)
    ends = result.quantities("benchmark_low", "benchmark_high", sample=sample)
    widened, fixed = result.bound(sample), result.bound(FixedLength(name))
    if widened is None or m is None:
        raise result.missing()
    return BenchmarkRow(
        name=name,
        label=benchmark_label(name, result.check, result.source),
        m=m if isinstance(m, float) else None,
        widened=widened,
        # without an M there is no interval of either kind, for one reason
        fixed=widened if fixed is None else fixed,
        ends=None if ends is None else (ends[0], ends[1]),
    )


def benchmark_label(name: str, check: Check, source: Source) -> str:
    """What a benchmark is, in words of the plan and the dictionary.

    Parameters
    ----------
    name : str
    check : Check
        The check that has it.
    source : Source
    """
    language, known = source.language, source.configuration.dictionary.variables

    def of(variable: str) -> str:
        label = known[variable].label[language] if variable in known else variable
        return words.in_sentence(label)

    kind = KINDS[benchmark_order(name)]
    rest = name.removeprefix(kind)
    match kind:
        case "places":
            return source.wording("benchmark-places", places=", ".join(map(of, check.variables)))
        case "covariate_":
            return source.wording("benchmark-covariate", covariate=of(rest))
        case "covariates_x":
            return source.wording("benchmark-covariates-times", times=rest)
        case "earlier_survey":
            return source.wording("benchmark-earlier-survey")
        case _:
            return source.wording("benchmark-control", outcome=_control(source, rest))


def _control(source: Source, name: str) -> str:
    labels = {o.id: words.in_sentence(o.label[source.language]) for o in source.plan.outcome}
    return labels.get(name, EN_DASH)


def excludes_zero(found: Bound | Estimate) -> bool:
    """Whether the interval around a range or an estimate excludes zero."""
    return found.ci_low > 0.0 or found.ci_high < 0.0


def sentence(source: Source, one: Sensitivity) -> str:
    """The breakdown values of an outcome in a plain sentence.

    Parameters
    ----------
    source : Source
    one : Sensitivity
    """
    language, decimals, unit = source.language, one.outcome.decimals, one.outcome.unit

    def shown(value: float) -> str:
        return words.with_unit(number_format.plain(value, decimals, language), unit, language)

    interval = number_format.interval(one.primary.ci_low, one.primary.ci_high, decimals, language)
    return source.verdict(
        "breakdown-excludes-zero" if excludes_zero(one.primary) else "breakdown-holds-zero",
        label=one.outcome.label[language],
        level=number_format.percent(one.primary.level, language),
        interval=words.with_unit(interval, unit, language),
        point=shown(one.breakdown_point),
        breakdown=shown(one.breakdown),
    )
