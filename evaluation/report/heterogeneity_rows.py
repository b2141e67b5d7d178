"""Checks of groups and of places read for one outcome, and what must be withheld of them.

A cluster without the group is one in which everybody interviewed has another trait. The primary
estimate's clusters less a row's are the clusters without the group.
"""

import math
from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report.check_rows import CheckLine, some_lines, variant
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source
from evaluation.study.check_kinds import KINDS
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import WHOLE, Only, Pair, Part

JOINT = Part("joint")
# Treatment and comparison group at two rounds: a record counts the four together.
CELLS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """One check of groups for one outcome: its differences and its groups.

    Attributes
    ----------
    joint : tuple of float, optional
        F, its two degrees of freedom, and p of equal effects in all groups.
    """

    source: Source
    check: Check
    outcome: Outcome
    differences: tuple[CheckLine, ...]
    groups: tuple[CheckLine, ...]
    joint: tuple[float, ...] | None

    @property
    def known(self) -> str:
        """When the trait was known, in words."""
        name = self.check.known or "cohorts"
        return wording(f"subgroups.known.{name}", self.source.language)

    @property
    def has_differences(self) -> bool:
        """Whether the check came to differences, and not to one reason why there are none."""
        return not any(map(_is_whole_reason, self.differences))

    @property
    def is_descriptive(self) -> bool:
        """Whether the programme itself, or place, may be what tells the groups apart."""
        return self.check.known in (None, "descriptive")


def traits(exhibit: Exhibit, source: Source, outcome: Outcome) -> tuple[Trait, ...]:
    """The checks of groups of an outcome, in plan order.

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has none of these checks.
    """
    kinds = (kind for kind, of in KINDS.items() if of.estimand == "effect by group")
    chosen = records.checks_of(source, *kinds)
    return tuple(
        _trait(source, check, outcome)
        for check in chosen
        if outcome in records.outcomes_of(exhibit, source, check)
    )


def _trait(source: Source, check: Check, outcome: Outcome) -> Trait:
    lines = some_lines(source, check, outcome)
    differences = tuple(x for x in lines if isinstance(x.sample, Pair))
    groups = tuple(x for x in lines if x not in differences)
    # where the check as a whole cannot be had, its reason stands where its differences would
    differences = differences or tuple(x for x in lines if _is_whole_reason(x))
    test = [
        records.quantity(source, check, outcome, f"joint_{name}", sample=JOINT)
        for name in ("df_1", "df_2", "f", "p")
    ]
    return Trait(
        source=source,
        check=check,
        outcome=outcome,
        differences=differences,
        groups=groups,
        joint=tuple(x for x in test if isinstance(x, float)) if _complete(test) else None,
    )


def _is_whole_reason(line: CheckLine) -> bool:
    return line.sample == WHOLE and isinstance(line.found, Unavailable)


def _complete(values: list[float | Unavailable | None]) -> bool:
    return all(isinstance(x, float) for x in values)


def group_label(trait: Trait, line: CheckLine) -> str:
    """A group, or two groups told apart, in words and without the trait's name."""
    if _is_whole_reason(line):
        return wording("subgroups-differences", trait.source.language)
    key = Part(line.sample.value) if isinstance(line.sample, Only) else line.sample
    said = words.begun(variant(key, trait.check, trait.source))
    if line in trait.differences:
        return wording("subgroups.difference", trait.source.language, groups=said)
    return said


def adjusted(chosen: list[Trait], outcome: Outcome) -> list[tuple[Trait, CheckLine, Estimate]]:
    """Differences of an outcome that were corrected together, the smallest adjusted p first."""
    found = [
        (trait, line, line.found)
        for trait in chosen
        if trait.outcome == outcome
        for line in trait.differences
        if isinstance(line.found, Estimate) and line.found.adjustment != "none"
    ]
    return sorted(found, key=lambda x: (x[2].p_adjusted, x[2].p_value))


def _shown(chosen: list[Trait], outcome: Outcome) -> list[tuple[Trait, CheckLine, Estimate]]:
    """Differences corrected together whose p-values are not withheld."""
    return [x for x in adjusted(chosen, outcome) if math.isfinite(x[2].p_adjusted)]


def _below(found: list[tuple[Trait, CheckLine, Estimate]]) -> int:
    return sum(e.p_adjusted < 1 - e.level for _, _, e in found)


def looks(chosen: list[Trait], language: str) -> str:
    """How many differences were looked at over all outcomes, beyond any one's correction."""
    outcomes = list({t.outcome.id: t.outcome for t in chosen}.values())
    found = [x for outcome in outcomes for x in _shown(chosen, outcome)]
    if not found:
        return wording("subgroups.none-shown-at-all", language)
    below, several = _below(found), len(outcomes) > 1
    outcome_words = "subgroups.outcomes.other" if several else "subgroups.outcomes.one"
    one = len(found) == 1
    difference_words = (
        "subgroups.differences-shown.one" if one else "subgroups.differences-shown.other"
    )
    said = wording(
        "subgroups.looks",
        language,
        outcomes=wording(outcome_words, language, n=len(outcomes)),
        differences=wording(difference_words, language, n=len(found)),
        verdict=wording(
            f"subgroups.looks-below.{_how_many(below)}",
            language,
            below=below,
            line=number_format.percent(1 - found[0][2].level, language),
        ),
    )
    return f"{said}{wording('subgroups.more-looks', language) if several else ''}"


def _how_many(below: int) -> str:
    return {0: "none", 1: "one"}.get(below, "several")


def group_sentence(chosen: list[Trait]) -> str:
    """How many differences of an outcome were looked at, and what the correction leaves."""
    if not chosen:
        return ""
    outcome, language = chosen[0].outcome, chosen[0].source.language
    name = outcome.label[language]
    judged = _shown(chosen, outcome)
    if not judged:
        return wording("subgroups.none-shown", language, outcome=name)
    trait, line, best = judged[0]
    said = group_label(trait, line).split(": ", 1)[1]
    if trait.is_descriptive:
        said = wording("subgroups.descriptive", language, said=said)
    unit = words.short_unit(outcome.unit, language)
    return wording(
        "subgroups.smallest-p",
        language,
        outcome=name,
        verdict=_verdict(judged, language),
        p=number_format.p_value(best.p_adjusted, language),
        said=said,
        effect=f"{number_format.signed(best.estimate, outcome.decimals, language)} {unit}".rstrip(),
        level=number_format.percent(best.level, language),
        interval=number_format.interval(best.ci_low, best.ci_high, outcome.decimals, language),
    )


def _verdict(judged: list[tuple[Trait, CheckLine, Estimate]], language: str) -> str:
    """How many differences stay below the line after the correction."""
    below = _below(judged)
    return wording(
        f"subgroups.stay-below.{_how_many(below)}",
        language,
        below=below,
        n=len(judged),
        line=number_format.percent(1 - judged[0][2].level, language),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One check of places for one outcome.

    Attributes
    ----------
    strata : tuple of CheckLine
        In recorded order, each with its effect or the reason that there is none.
    """

    source: Source
    check: Check
    outcome: Outcome
    strata: tuple[CheckLine, ...]

    @property
    def shown(self) -> list[Estimate]:
        """Effects that may be published."""
        return [x.found for x in self.strata if isinstance(x.found, Estimate)]


def places_of(source: Source, check: Check, outcome: Outcome) -> Places:
    """The places of a check.

    Raises
    ------
    ReportError
        There is neither an effect nor a reason.
    """
    lines = some_lines(source, check, outcome)
    return Places(source=source, check=check, outcome=outcome, strata=lines)


def place(line: CheckLine) -> str:
    """Name of a place, as the study's files have it."""
    return line.sample.value


def place_sentence(made: Places) -> str:
    """From where to where the effects of the places of an outcome go."""
    language, outcome = made.source.language, made.outcome
    name = f"{outcome.label[language]}, {words.in_sentence(made.check.label[language])}"
    if not made.shown:
        return wording("places-none", language, name=name)
    ends = (f(e.estimate for e in made.shown) for f in (min, max))
    low, high = (number_format.signed(x, outcome.decimals, language) for x in ends)
    unit = words.short_unit(outcome.unit, language)
    return wording("places-between", language, name=name, low=low, high=high, unit=unit)
