"""How far each check moves an estimate, and how unequal trends may be before it says nothing.

The report works nothing out but a division by the standard deviation and whether an interval
excludes zero; every range and interval is a record.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report.check_rows import variant
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome, Specification
from evaluation.study.records import Bound, Difference, Estimate, Unavailable
from evaluation.study.row_keys import WHOLE, FixedLength, RowKey, Widened

Entry = Check | Specification


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """One row of a check, or of a sensitivity specification, for one outcome.

    Attributes
    ----------
    entry : Check or Specification
    found : Difference or Unavailable
    hidden : bool
        Whether the disclosure rule withholds it, for its own size or for what it leaves out.
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
        if self.alone or isinstance(self.entry, Specification) or self.sample == WHOLE:
            return self.entry.id
        kept = "".join(c if c.isalnum() and c.isascii() else "_" for c in self.sample.text())
        return f"{self.entry.id}-{kept}"

    @property
    def label(self) -> str:
        """The entry's name, and what tells its rows apart, in words."""
        name = self.entry.label[self.source.language]
        if self.alone or isinstance(self.entry, Specification):
            return name
        said = variant(self.sample, self.entry, self.source)
        return f"{name}: {said}" if said else name

    @property
    def shown(self) -> Difference | None:
        """The difference, where there is one that may be published."""
        return self.found if isinstance(self.found, Difference) else None


def entries(exhibit: Exhibit, source: Source) -> tuple[Entry, ...]:
    """Checks and sensitivity specifications that an exhibit names, in plan order; else all."""
    plan = source.plan
    every: tuple[Entry, ...] = (
        *(s for s in plan.specification if s.status == "sensitivity"),
        *(c for c in plan.check if c.declared.is_compared),
    )
    named = exhibit.specifications
    return tuple(e for e in every if not named or e.id in named)


def differences(source: Source, entry: Entry, outcome: Outcome) -> tuple[DifferenceLine, ...]:
    """Rows of an entry for an outcome that estimate the primary effect, in recorded order."""
    found = dict(_found(source, entry, outcome))
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
    """
    chosen: tuple[Entry, ...] = (
        *(s for s in source.plan.specification if s.status == "sensitivity"),
        *(c for c in source.plan.check if c.declared.is_compared and not c.declared.one_line),
    )
    return tuple(x for entry in chosen for x in differences(source, entry, outcome))


def _found(
    source: Source, entry: Entry, outcome: Outcome
) -> Iterator[tuple[RowKey, Difference | Unavailable]]:
    place = (outcome.id, entry.id)
    for made in source.records.differences:
        if (made.outcome, made.specification) == place:
            yield made.sample, made
    have = {d.sample for d in source.records.differences if (d.outcome, d.specification) == place}
    other = entry.declared.beside if isinstance(entry, Check) else ()
    for absent in source.records.check_unavailable:
        if (absent.outcome, absent.specification) != place or absent.sample in have:
            continue
        if absent.step in ("all", "difference") and not isinstance(absent.sample, other):
            yield absent.sample, absent


def largest(lines: Iterator[DifferenceLine] | tuple[DifferenceLine, ...]) -> DifferenceLine | None:
    """The line that moves the primary estimate farthest; None where none is shown."""
    shown = [x for x in lines if x.shown is not None]
    return max(shown, key=lambda x: abs(x.shown.difference if x.shown else 0.0), default=None)


def departs_from(source: Source, entry: Entry) -> Specification:
    """What an entry's differences are from: the primary specification, or the one of the checks."""
    plan = source.plan if isinstance(entry, Specification) else source.plan.checked()
    return plan.primary_specification()


def heading(source: Source, entry: Entry) -> str:
    """What a row stands under: the doubt, or other weights, samples and models.

    Where not all differences are from the primary estimate, it says what these are from.
    """
    language = source.language
    if isinstance(entry, Specification):
        return wording("robustness-specifications", language)
    theme = wording(f"theme.{entry.doubt}", language)
    base = departs_from(source, entry)
    if base.id == source.plan.primary_specification().id:
        return theme
    return wording("robustness-theme-of", language, theme=theme, base=base.label[language])


# What names of benchmarks begin with, in the order in which they are shown.
KINDS = ("places", "covariate_", "covariates_x", "earlier_survey", "control_")
EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A plausible M, and what it makes of the interval.

    Attributes
    ----------
    m : float or None
        0 where it bounds nothing; None where it cannot be had, for the reason in ``widened``.
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
    benchmarks: tuple[Benchmark, ...]
    no_benchmark: Unavailable | None

    @property
    def beyond_chance(self) -> tuple[Benchmark, ...]:
        """Benchmarks whose size chance alone would not make."""
        return tuple(b for b in self.benchmarks if b.is_beyond_chance)


def sensitivity(source: Source, check: Check, outcome: Outcome) -> Sensitivity | Unavailable:
    """What a check of unequal trends found for an outcome.

    Raises
    ------
    ReportError
        There is neither a breakdown value nor a reason.
    """
    first = records.primary(source, outcome)
    if isinstance(first, Unavailable):
        return first
    values = [
        records.quantity(source, check, outcome, name) for name in ("breakdown", "breakdown_point")
    ]
    if not all(isinstance(v, float) for v in values):
        reason = records.absent(source, check, outcome)
        if reason is None:
            raise records.missing(source, check, outcome)
        return reason
    breakdown, point = (float(v) for v in values if isinstance(v, float))
    return Sensitivity(
        outcome=outcome,
        primary=first,
        breakdown=breakdown,
        breakdown_point=point,
        sd=_sd(outcome, first),
        benchmarks=tuple(
            _benchmark(source, check, outcome, sample)
            for sample in _benchmark_samples(source, check, outcome)
        ),
        no_benchmark=records.absent(source, check, outcome, step="benchmark"),
    )


def _sd(outcome: Outcome, first: Estimate) -> float:
    if outcome.unit == "SD":
        return 1.0
    sd = first.baseline_comparison_sd
    return float("nan") if sd <= 0 else sd


def _benchmark_samples(source: Source, check: Check, outcome: Outcome) -> tuple[RowKey, ...]:
    """Keys of the benchmarks: places, covariates, other surveys, negative controls."""
    refused = (
        u.sample
        for u in source.records.check_unavailable
        if (u.outcome, u.specification) == (outcome.id, check.id) and isinstance(u.sample, Widened)
    )
    made = records.samples_of(source, check, outcome, "benchmark")
    found = dict.fromkeys((*made, *refused))
    return tuple(sorted(found, key=lambda key: benchmark_order(key.value)))


def benchmark_order(name: str) -> int:
    """Position of a benchmark among others, by its kind."""
    return next(k for k, kind in enumerate(KINDS) if name.startswith(kind))


def _benchmark(source: Source, check: Check, outcome: Outcome, sample: RowKey) -> Benchmark:
    name = sample.value
    m = records.quantity(source, check, outcome, "benchmark", sample=sample)
    ends = [
        records.quantity(source, check, outcome, f"benchmark_{end}", sample=sample)
        for end in ("low", "high")
    ]
    known = [end for end in ends if isinstance(end, float)]
    widened = records.bound(source, check, outcome, sample=sample)
    fixed = records.bound(source, check, outcome, sample=FixedLength(name))
    if widened is None or m is None:
        raise records.missing(source, check, outcome)
    return Benchmark(
        name=name,
        label=benchmark_label(name, check, source),
        m=m if isinstance(m, float) else None,
        widened=widened,
        # without an M there is no interval of either kind, for one reason
        fixed=widened if fixed is None else fixed,
        ends=(known[0], known[1]) if len(known) == len(ends) else None,
    )


def benchmark_label(name: str, check: Check, source: Source) -> str:
    """What a benchmark is, in words of the plan and the dictionary."""
    language, known = source.language, source.configuration.dictionary.variables

    def of(variable: str) -> str:
        label = known[variable].label[language] if variable in known else variable
        return words.in_sentence(label)

    kind = KINDS[benchmark_order(name)]
    rest = name.removeprefix(kind)
    match kind:
        case "places":
            return wording("benchmark-places", language, places=", ".join(map(of, check.variables)))
        case "covariate_":
            return wording("benchmark-covariate", language, covariate=of(rest))
        case "covariates_x":
            return wording("benchmark-covariates-times", language, times=rest)
        case "earlier_survey":
            return wording("benchmark-earlier-survey", language)
        case _:
            return wording("benchmark-control", language, outcome=_control(source, rest))


def _control(source: Source, name: str) -> str:
    labels = {o.id: words.in_sentence(o.label[source.language]) for o in source.plan.outcome}
    return labels.get(name, EN_DASH)


def excludes_zero(found: Bound | Estimate) -> bool:
    """Whether the interval around a range or an estimate excludes zero."""
    return found.ci_low > 0.0 or found.ci_high < 0.0


def sentence(source: Source, one: Sensitivity) -> str:
    """The breakdown values of an outcome in a plain sentence."""
    language, decimals = source.language, one.outcome.decimals
    unit = words.short_unit(one.outcome.unit, language)
    interval = number_format.interval(one.primary.ci_low, one.primary.ci_high, decimals, language)
    holes = {
        "label": one.outcome.label[language],
        "level": number_format.percent(one.primary.level, language),
        "interval": f"{interval} {unit}".rstrip(),
        "point": f"{number_format.plain(one.breakdown_point, decimals, language)} {unit}".rstrip(),
    }
    if not excludes_zero(one.primary):
        return wording("breakdown-holds-zero", language, **holes)
    holes["breakdown"] = f"{number_format.plain(one.breakdown, decimals, language)} {unit}".rstrip()
    return wording("breakdown-excludes-zero", language, **holes)
