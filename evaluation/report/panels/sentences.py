"""Sentences over a panel's results, by rule from its records: what pages and readers may quote."""

import math
from collections.abc import Iterator, Sequence

from evaluation.estimation.records import Estimate
from evaluation.estimation.row_keys import Part
from evaluation.report.formats import number_format
from evaluation.report.panels.lines import (
    MEAN,
    POOLED,
    SpecificationLine,
    answers,
    beside,
    change,
    quantity,
    spelt,
    treated_arm,
    trend,
)
from evaluation.report.prose.conclusions import Conclusion
from evaluation.report.prose.headlines import PrimaryResult, label
from evaluation.report.sources import Source

Said = tuple[str, str | None]
PERCENT = 100.0
OPEN: Conclusion = "inconclusive"


def primary_of(source: Source) -> tuple[SpecificationLine, Estimate] | None:
    """The primary line with its estimate; None where there is none.

    Parameters
    ----------
    source : Source
    """
    one = answers(source)[0]
    return (one, one.found) if isinstance(one.found, Estimate) else None


def said_of(one: SpecificationLine) -> dict[str, object]:
    """What sentences about a line say: change, interval, conclusion, years, groups, level."""
    language, (value, low, high) = one.source.language, one.percent()
    found = one.found
    made = PrimaryResult.of(one.source, found)
    sizes = [sized(x, language) for x in (value, low, high)]
    return {
        "size": sizes[0],
        "sizes": one.source.wording("format.range", low=sizes[1], high=sizes[2]),
        "lowest": change(low, language),
        "highest": change(high, language),
        "change": change(value, language),
        "conclusion": label(made) if made else one.source.wording("panel.no-conclusion"),
        "certainty": one.source.wording(
            f"review.certainty-level.{made.graded.wording if made else 'very low'}"
        ),
        "years": spelt(one.specification.contrast[1], language),
        "n": getattr(found, "n_clusters_treated", 0),
        "others": getattr(found, "n_clusters_comparison", 0),
        "level": number_format.percent(one.source.plan.inference.level, language),
    }


def sized(value: float, language: str) -> str:
    """A change in percent with its sign: ``−21%``, in Spanish ``−21 %``."""
    return f"{number_format.signed(value, 0, language)}{number_format.percent(0, language)[1:]}"


def of_answer(source: Source, found: Sequence[SpecificationLine]) -> Iterator[Said]:
    """The answer by the rule of conclusions, and what is said of all years after.

    Parameters
    ----------
    source : Source
    found : sequence of SpecificationLine
        The primary one first.
    """
    first = primary_of(source)
    if first is None:
        return
    one, estimate = first
    if estimate.status == "blinded":
        yield "answer", source.wording("answer.blinded")
        return
    yield "answer", _worded(source, one, estimate)
    yield "estimate", source.wording("panel.estimate", **said_of(one))
    yield "tests", _tests(source)
    yield "error", _own_error(source)
    yield "without", _without(source)
    for other in found[1:]:
        if isinstance(other.found, Estimate):
            yield "later", source.wording("panel.later", **said_of(other))


def _worded(source: Source, one: SpecificationLine, estimate: Estimate) -> str:
    """The answer, as strong as certainty allows; without a conclusion it is very uncertain."""
    made, holes = PrimaryResult.of(source, estimate), said_of(one)
    kind = made.graded.kind if made else "unclear"
    if made is None or made.is_uncertain:
        return source.wording(f"panel.answer.{kind}.very low", **holes)
    if made.way:
        holes["moved"] = source.wording(f"panel.moved{made.way}.{made.graded.wording}")
    return source.wording(f"panel.answer.{kind}", **holes)


def _tests(source: Source) -> str:
    """Both p-values of the primary ratio, and whether they fall on two sides of the level."""
    name, line_ = source.plan.primary_specification().id, 1.0 - source.plan.inference.level
    found = {e.step: e for e in source.records.estimates if e.specification == name}
    if not {"ri_coefficient", "ri"} <= found.keys():
        return ""
    p = {step: e.p_value for step, e in found.items()}
    key = "differ" if (p["ri_coefficient"] < line_) != (p["ri"] < line_) else "alike"
    return source.wording(
        f"panel.both-tests.{key}",
        coefficient=number_format.p_value(p["ri_coefficient"], source.language),
        studentised=number_format.p_value(p["ri"], source.language),
        error=number_format.plain(found["ri_coefficient"].mc_error, 4, source.language),
        error_studentised=number_format.plain(found["ri"].mc_error, 4, source.language),
    )


def _own_error(source: Source) -> str:
    """How small the clustered error of the primary ratio is among those of the permutations."""
    name = source.plan.primary_specification().id
    own, below = (quantity(source, name, f"clustered_{x}") for x in ("std_error", "error_below"))
    if own is None or below is None:
        return ""
    return source.wording(
        "panel.own-error",
        error=number_format.plain(own, 3, source.language),
        below=number_format.share(below / PERCENT, 1, source.language),
    )


def _without(source: Source) -> str:
    """The estimates without each treated cluster that has no row of its own, as ranges."""
    said = []
    for one in answers(source):
        ends = [
            quantity(source, one.specification.id, f"without_another_{end}")
            for end in ("low", "high")
        ]
        low, high = (None if x is None else PERCENT * math.expm1(x) for x in ends)
        if low is None or high is None:
            return source.wording("panel.without-none")
        years = spelt(one.specification.contrast[1], source.language)
        sizes = [sized(x, source.language) for x in (low, high)]
        span = source.wording("format.range", low=sizes[0], high=sizes[1])
        said.append(source.wording("panel.without-years", years=years, span=span))
    first = primary_of(source)
    return source.wording(
        "panel.without",
        n=first[1].n_clusters_treated if first else 0,
        said=number_format.listed(said, source.language),
    )


def of_power(source: Source) -> Iterator[Said]:
    """The smallest fall that would be detected, and the chance of the one that matters.

    Parameters
    ----------
    source : Source
    """
    primary, language = source.plan.primary_specification(), source.language
    smallest = quantity(source, primary.id, "mde_fall")
    matters = smallest_fall(source)
    chance = quantity(source, primary.id, f"power_{PERCENT * matters:g}")
    if smallest is not None and chance is not None:
        yield (
            "smallest",
            source.wording(
                "panel.smallest",
                smallest=number_format.share(smallest / PERCENT, 0, language),
                matters=number_format.share(matters, 0, language),
                chance=number_format.plain(chance, 0, language),
            ),
        )
    listed = [
        q
        for one in answers(source)
        if (q := quantity(source, one.specification.id, "mde_fall_listed")) is not None
    ]
    if listed and source.plan.panel_power:
        said = number_format.share(listed[0] / PERCENT, 0, language)
        number = source.plan.panel_power.listed
        yield "listed", source.wording("panel.listed", n=number, smallest=said)
    else:
        yield "listed", source.wording("panel.listed-known")
    dispersion = quantity(source, primary.id, "dispersion")
    if dispersion is not None:
        shown = number_format.plain(dispersion, 1, language)
        yield "dispersion", source.wording("panel.dispersion", dispersion=shown)


def smallest_fall(source: Source) -> float:
    """The smallest fall that matters, as a share."""
    (outcome,) = source.plan.outcomes_of(source.plan.primary_specification())
    return round(-math.expm1(-(outcome.smallest_effect or 0.0)), 6)


def of_estimates(source: Source, found: Sequence[SpecificationLine]) -> Iterator[Said]:
    """How many intervals exclude no change, and which.

    Parameters
    ----------
    source : Source
    found : sequence of SpecificationLine
    """
    made = [one for one in found if isinstance(one.found, Estimate)]
    clear = [one for one in made if excludes(one)]
    names = number_format.listed([one.label for one in clear], source.language)
    key = "panel.intervals.none" if not clear else "panel.intervals.some"
    n = len([one for one in made if has_interval(one)])
    yield "intervals", source.verdict(key, n=n, inside=n - len(clear), names=names)
    for one in made:
        holes = _outside(one)
        if holes:
            yield "outside", source.wording("panel.outside", **said_of(one), **holes)


def _outside(one: SpecificationLine) -> dict[str, object]:
    """How the gap to a comparison moved before, where the records say it of this line."""
    language = one.source.language
    found = {d.name: d for d in beside(one.source, one.specification.id)}
    holes: dict[str, object] = {}
    for name in ("lowest_ratio", "highest_ratio", "lowest_base", "highest_base"):
        if name not in found:
            return {}
        value, year = found[name].value, found[name].sample.text()
        holes[f"{name}_year"] = year
        holes[name] = (
            number_format.plain(value, 2, language)
            if name.endswith("ratio")
            else number_format.signed(value, 1, language)
        )
    return holes


def has_interval(one: SpecificationLine) -> bool:
    """Whether both ends of a line's interval are numbers.

    Parameters
    ----------
    one : SpecificationLine
    """
    found = one.found
    return isinstance(found, Estimate) and all(map(math.isfinite, (found.ci_low, found.ci_high)))


def excludes(one: SpecificationLine) -> bool:
    """Whether a line has an interval, and that excludes no change.

    Parameters
    ----------
    one : SpecificationLine
    """
    found = one.found
    return isinstance(found, Estimate) and (found.ci_low > 0 or found.ci_high < 0)


def of_ranges(source: Source, names: Sequence[str]) -> Iterator[Said]:
    """The set of the partly treated years, and what trends that diverge would do.

    Parameters
    ----------
    source : Source
    names : sequence of str
    """
    language = source.language
    for name in names:
        specification = source.specification(name)
        absent = next((u for u in source.records.unavailable if u.specification == name), None)
        if absent is not None and specification.method == "partly_treated":
            reason = absent.reason.text(language)
            yield "set", source.wording("panel.set-none", reason=reason)
        ends = {b.sample.value: b for b in source.records.bounds if b.specification == name}
        if "largest" in ends:
            share = {at: quantity(source, name, "share", Part(at)) or 0.0 for at in ends}
            yield (
                "set",
                source.wording(
                    "panel.set",
                    years=spelt(specification.contrast[1], language),
                    observed=_observed(source, name),
                    low=number_format.plain(share["smallest"], 2, language),
                    high=number_format.plain(share["largest"], 2, language),
                    equal=number_format.plain(share["equal"], 2, language),
                    bounds=number_format.interval(
                        ends["largest"].low, ends["largest"].high, 1, language
                    ),
                    random=number_format.interval(
                        ends["equal"].low, ends["equal"].high, 1, language
                    ),
                ),
            )
        move = quantity(source, name, "largest_move")
        if move is not None:
            shown = number_format.plain(move, 1, language)
            yield "magnitudes", source.wording("panel.magnitudes", move=shown)
            value = quantity(source, name, "breakdown")
            if value is not None:
                yield "breakdown", _breakdown(source, value)


def _breakdown(source: Source, value: float) -> str:
    """How far trends may diverge until the interval includes zero."""
    shown = number_format.plain(value, 2, source.language)
    key = "some" if value > 0.0 else "none"
    return source.verdict(f"panel.breakdown.{key}", value=shown)


def _observed(source: Source, name: str) -> str:
    """The observed difference with its interval."""
    values = [quantity(source, name, f"observed{end}") or 0.0 for end in ("", "_low", "_high")]
    return source.wording(
        "panel.observed",
        value=number_format.signed(values[0], 1, source.language),
        bounds=number_format.interval(values[1], values[2], 1, source.language),
        level=number_format.percent(source.plan.inference.level, source.language),
    )


def of_years(source: Source) -> Iterator[Said]:
    """What was recorded in the treated clusters before and after, without a claim of effect.

    Parameters
    ----------
    source : Source
    """
    before, after = source.plan.primary_specification().contrast
    arm, language = treated_arm(source), source.language
    values = {
        f"{name}_{when}": number_format.plain(trend(source, series, arm, period).mean, 1, language)
        for name, series in (("mean", MEAN), ("pooled", POOLED))
        for when, period in (("before", before), ("after", after))
    }
    spans = {"from": spelt(before, language), "to": after}
    number = trend(source, MEAN, arm, before).n_clusters
    yield "recorded", source.wording("panel.recorded", n=number, **values, **spans)
