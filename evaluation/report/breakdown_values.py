"""What the check of unequal trends found for an outcome: breakdown values and yardsticks.

The report works nothing out but a division by the standard deviation and whether an interval
excludes zero; every range and interval is a record.
"""

from dataclasses import dataclass

from evaluation.report import check_records as records
from evaluation.report import formats, words
from evaluation.report.baseline import baseline_withheld
from evaluation.report.check_words import TRENDS
from evaluation.report.effect_lines import Line
from evaluation.report.sources import Source
from evaluation.spec.load import Text
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Bound, Estimate, Unavailable

HOLDS_ZERO = Text(
    en="{label}: the {level} interval ({interval} {unit}) holds zero even if trends are parallel,"
    " so that its breakdown value is 0. Trends that differ by {point} {unit} would explain the"
    " whole estimate.",
    es="{label}: el intervalo del {level} ({interval} {unit}) contiene el cero aun si las"
    " tendencias son paralelas, así que su valor de ruptura es 0. Tendencias que difieran en"
    " {point} {unit} explicarían toda la estimación.",
)
EXCLUDES_ZERO = Text(
    en="{label}: the {level} interval ({interval} {unit}) excludes zero as long as trends differ by"
    " less than {breakdown} {unit}; {larger} of {yardsticks} yardsticks are at least that large."
    " Trends that differ by {point} {unit} would explain the whole estimate.",
    es="{label}: el intervalo del {level} ({interval} {unit}) excluye el cero mientras las"
    " tendencias difieran en menos de {breakdown} {unit}; {larger} de {yardsticks} patrones de"
    " comparación son por lo menos así de grandes. Tendencias que difieran en {point} {unit}"
    " explicarían toda la estimación.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """A plausible M, and what it makes of the interval.

    Attributes
    ----------
    m : float or None
        0 where it bounds nothing; None where it cannot be had, for the reason in ``widened``.
    drift : float or None
        Of a series: treatment less comparison group before the start, in SD of places' changes.
    ends : tuple of float or None
        Interval of ``m``; None where it has none.
    """

    name: str
    label: str
    m: float | None
    widened: Bound | Unavailable
    fixed: Bound | Unavailable
    drift: float | None = None
    ends: tuple[float, float] | None = None

    @property
    def largest(self) -> float:
        """The far end of its interval; itself where it has none, 0 where it cannot be had."""
        return (self.m or 0.0) if self.ends is None else self.ends[1]


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
    yardsticks: tuple[Yardstick, ...]
    no_yardstick: Unavailable | None

    @property
    def counted(self) -> tuple[Yardstick, ...]:
        """Yardsticks that say anything: their size, or the far end of its interval, is not 0."""
        return tuple(y for y in self.yardsticks if y.largest)


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
        reason = records.absent(source, check, outcome, sample="all")
        if reason is None:
            raise records.missing(source, check, outcome)
        return reason
    breakdown, point = (float(v) for v in values if isinstance(v, float))
    return Sensitivity(
        outcome=outcome,
        primary=first,
        breakdown=breakdown,
        breakdown_point=point,
        sd=_sd(source, outcome, first),
        yardsticks=tuple(
            _yardstick(source, check, outcome, sample)
            for sample in _yardstick_samples(source, check, outcome)
        ),
        no_yardstick=records.absent(source, check, outcome, sample="all", step="yardstick"),
    )


def _sd(source: Source, outcome: Outcome, first: Estimate) -> float:
    if outcome.unit == "SD":
        return 1.0
    specification = source.plan.primary_specification()
    line = Line(source=source, specification=specification, outcome=outcome, found=first)
    sd = first.baseline_comparison_sd
    return float("nan") if baseline_withheld(line, first) or not sd > 0 else sd


def _yardstick_samples(source: Source, check: Check, outcome: Outcome) -> tuple[str, ...]:
    """Samples of the yardsticks: between places, without chance, the largest, then series."""
    refused = (
        u.sample
        for u in source.records.check_unavailable
        if (u.outcome, u.specification) == (outcome.id, check.id) and u.sample.startswith("m:")
    )
    made = records.samples_of(source, check, outcome, "yardstick")
    found = dict.fromkeys((*made, *refused))
    return tuple(sorted(found, key=lambda sample: yardstick_order(sample.removeprefix("m:"))))


def yardstick_order(name: str) -> int:
    """Position of a yardstick among others; all series stand last."""
    order = list(TRENDS)
    return order.index(name if name in order else "series")


def _yardstick(source: Source, check: Check, outcome: Outcome, sample: str) -> Yardstick:
    name = sample.removeprefix("m:")
    m = records.quantity(source, check, outcome, "yardstick", sample=sample)
    drift = records.quantity(source, check, outcome, "drift_before", sample=sample)
    ends = [
        records.quantity(source, check, outcome, f"yardstick_{end}", sample=sample)
        for end in ("low", "high")
    ]
    known = [end for end in ends if isinstance(end, float)]
    widened = records.bound(source, check, outcome, sample=sample)
    fixed = records.bound(source, check, outcome, sample=f"flci:{name}")
    if widened is None or m is None:
        raise records.missing(source, check, outcome)
    return Yardstick(
        name=name,
        label=yardstick_label(name, check, source),
        m=m if isinstance(m, float) else None,
        widened=widened,
        # without an M there is no interval of either kind, for one reason
        fixed=widened if fixed is None else fixed,
        drift=drift if isinstance(drift, float) else None,
        ends=(known[0], known[1]) if len(known) == len(ends) else None,
    )


def yardstick_label(name: str, check: Check, source: Source) -> str:
    """What a yardstick is, in words of the plan and the dictionary."""
    language = source.language
    if name.startswith("series_"):
        series = name.removeprefix("series_")
        label = next((s.label[language] for s in source.plan.series if s.id == series), series)
        return TRENDS["series"][language].format(words.in_sentence(label))
    known = source.configuration.dictionary.variables
    places = [known[v].label[language] if v in known else v for v in check.variables]
    return TRENDS[name][language].format(" + ".join(map(words.in_sentence, places)))


def excludes_zero(found: Bound | Estimate) -> bool:
    """Whether the interval around a range or an estimate excludes zero."""
    return found.ci_low > 0.0 or found.ci_high < 0.0


def sentence(source: Source, one: Sensitivity) -> str:
    """The breakdown values of an outcome in a plain sentence."""
    language, decimals = source.language, one.outcome.decimals
    template = EXCLUDES_ZERO if excludes_zero(one.primary) else HOLDS_ZERO
    sizes = [y.m or 0.0 for y in one.counted]
    return template[language].format(
        label=one.outcome.label[language],
        level=formats.percent(one.primary.level, language),
        interval=formats.interval(one.primary.ci_low, one.primary.ci_high, decimals, language),
        unit=words.short_unit(one.outcome.unit, language),
        breakdown=formats.plain(one.breakdown, decimals, language),
        larger=sum(m >= one.breakdown for m in sizes),
        yardsticks=len(sizes),
        point=formats.plain(one.breakdown_point, decimals, language),
    )
