"""Checks of groups and of places read for one outcome, and what must be withheld of them.

A cluster without the group is one in which everybody interviewed has another trait. The primary
estimate's clusters less a row's are the clusters without the group.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.config.check_kinds import KINDS
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import WHOLE, Only, Pair, Part
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_labels import variant
from evaluation.report.check_rows import CheckLine, CheckResult
from evaluation.report.formats import number_format, words
from evaluation.report.sources import Source

JOINT = Part("joint")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfResult:
    """What is made of one check for one outcome."""

    result: CheckResult

    @property
    def source(self) -> Source:
        """Records, configuration and language."""
        return self.result.source

    @property
    def check(self) -> Check:
        """The check of the plan."""
        return self.result.check

    @property
    def outcome(self) -> Outcome:
        """The outcome of the plan."""
        return self.result.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCheck(OfResult):
    """One check of groups for one outcome: its differences and its groups.

    Attributes
    ----------
    joint : tuple of float, optional
        F, its two degrees of freedom, and p of equal effects in all groups.
    """

    differences: tuple[CheckLine, ...]
    groups: tuple[CheckLine, ...]
    joint: tuple[float, ...] | None

    @property
    def known(self) -> str:
        """When the trait was known, in words."""
        name = self.check.known or "cohorts"
        return self.source.wording(f"subgroups.known.{name}")

    @property
    def heading(self) -> str:
        """Name of the trait, and whether it only describes."""
        label = self.check.label[self.source.language]
        if not self.is_descriptive:
            return label
        return self.source.wording("subgroups.descriptive-trait", trait=label)

    @property
    def has_differences(self) -> bool:
        """Whether the check came to differences, and not to one reason why there are none."""
        return not any(map(_is_whole_reason, self.differences))

    @property
    def is_descriptive(self) -> bool:
        """Whether the programme itself, or place, may be what tells the groups apart."""
        return self.check.known in (None, "descriptive")


def traits(exhibit: Exhibit, source: Source, outcome: Outcome) -> tuple[GroupCheck, ...]:
    """The checks of groups of an outcome, in plan order.

    Parameters
    ----------
    exhibit : Exhibit
    source : Source
    outcome : Outcome

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has none of these checks.
    """
    kinds = (kind for kind, of in KINDS.items() if of.estimand == "effect by group")
    chosen = records.results(exhibit, source, records.checks_of(source, *kinds))
    return tuple(_trait(result) for result in chosen if result.outcome == outcome)


def _trait(result: CheckResult) -> GroupCheck:
    lines = result.some_lines()
    differences = tuple(x for x in lines if isinstance(x.sample, Pair))
    return GroupCheck(
        result=result,
        # where the check as a whole is unavailable, its reason stands where its differences would
        differences=differences or tuple(x for x in lines if _is_whole_reason(x)),
        groups=tuple(x for x in lines if x not in differences),
        joint=result.quantities("joint_df_1", "joint_df_2", "joint_f", "joint_p", sample=JOINT),
    )


def _is_whole_reason(line: CheckLine) -> bool:
    return line.sample == WHOLE and isinstance(line.found, Unavailable)


def group_label(trait: GroupCheck, line: CheckLine) -> str:
    """A group, or two groups told apart, in words and without the trait's name.

    Parameters
    ----------
    trait : GroupCheck
    line : CheckLine
        One of its rows.
    """
    if _is_whole_reason(line):
        return trait.source.wording("subgroups-differences")
    key = Part(line.sample.value) if isinstance(line.sample, Only) else line.sample
    label = words.begun(variant(key, trait.check, trait.source))
    if line in trait.differences:
        return trait.source.wording("subgroups.difference", groups=label)
    return label


def adjusted(
    chosen: Sequence[GroupCheck], outcome: Outcome
) -> list[tuple[GroupCheck, CheckLine, Estimate]]:
    """Differences of an outcome that were corrected together, the smallest adjusted p first.

    Parameters
    ----------
    chosen : sequence of GroupCheck
    outcome : Outcome
    """
    found = [
        (trait, line, line.found)
        for trait in chosen
        if trait.outcome == outcome
        for line in trait.differences
        if isinstance(line.found, Estimate) and line.found.adjustment != "none"
    ]
    return sorted(found, key=lambda x: (x[2].p_adjusted, x[2].p_value))


def _shown(
    chosen: Sequence[GroupCheck], outcome: Outcome
) -> list[tuple[GroupCheck, CheckLine, Estimate]]:
    """Differences corrected together whose p-values are not withheld."""
    return [x for x in adjusted(chosen, outcome) if math.isfinite(x[2].p_adjusted)]


def looks(chosen: Sequence[GroupCheck], source: Source) -> str:
    """How many differences were looked at over all outcomes, beyond any one's correction.

    Parameters
    ----------
    chosen : sequence of GroupCheck
    source : Source
    """
    outcomes = list({t.outcome.id: t.outcome for t in chosen}.values())
    found = [x for outcome in outcomes for x in _shown(chosen, outcome)]
    if not found:
        return source.wording("subgroups.none-shown-at-all")
    outcome_form = "other" if len(outcomes) > 1 else "one"
    difference_form = "one" if len(found) == 1 else "other"
    how_many, holes = _below_the_line(found, source)
    looked = source.wording(
        "subgroups.looks",
        outcomes=source.wording(f"subgroups.outcomes.{outcome_form}", n=len(outcomes)),
        differences=source.wording(f"subgroups.differences-shown.{difference_form}", n=len(found)),
        verdict=source.verdict(f"subgroups.looks-below.{how_many}", **holes),
    )
    return f"{looked}{source.wording('subgroups.more-looks') if len(outcomes) > 1 else ''}"


def _below_the_line(
    found: Sequence[tuple[GroupCheck, CheckLine, Estimate]], source: Source
) -> tuple[str, dict[str, object]]:
    """Whether none, one or several differences stay below the line, and the holes for a word."""
    below = sum(e.p_adjusted < 1 - e.level for _, _, e in found)
    line = number_format.percent(1 - found[0][2].level, source.language)
    how_many = {0: "none", 1: "one"}.get(below, "several")
    return how_many, {"below": below, "n": len(found), "line": line}


def group_sentence(chosen: Sequence[GroupCheck]) -> str:
    """How many differences of an outcome were looked at, and what the correction leaves."""
    if not chosen:
        return ""
    outcome, source = chosen[0].outcome, chosen[0].source
    name = words.begun(words.noun(outcome, source.language))
    judged = _shown(chosen, outcome)
    if not judged:
        return source.wording("subgroups.none-shown", outcome=name)
    trait, line, best = judged[0]
    groups = group_label(trait, line).split(": ", 1)[1]
    if trait.is_descriptive:
        groups = source.wording("subgroups.descriptive", said=groups)
    shown = [number_format.p_value(x.p_adjusted, source.language) for _, _, x in judged]
    if shown.count(shown[0]) > 1:
        groups = source.wording("subgroups.tied", said=groups)
    how_many, holes = _below_the_line(judged, source)
    return source.wording(
        "subgroups.smallest-p",
        outcome=name,
        verdict=source.verdict(f"subgroups.stay-below.{how_many}", **holes),
        p=shown[0],
        said=groups,
        **estimate_rows.readings(source, outcome, best),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Places(OfResult):
    """One check of places for one outcome.

    Attributes
    ----------
    strata : tuple of CheckLine
        In recorded order, each with its effect or the reason that there is none.
    """

    strata: tuple[CheckLine, ...]

    @property
    def shown(self) -> list[Estimate]:
        """Effects that may be published."""
        return [x.found for x in self.strata if isinstance(x.found, Estimate)]


def places_of(source: Source, check: Check, outcome: Outcome) -> Places:
    """The places of a check.

    Parameters
    ----------
    source : Source
    check : Check
    outcome : Outcome

    Raises
    ------
    ReportError
        There is neither an effect nor a reason.
    """
    result = CheckResult(source=source, check=check, outcome=outcome)
    return Places(result=result, strata=result.some_lines())


def place(line: CheckLine) -> str:
    """Name of a place, as the study's files have it."""
    return line.sample.value


def place_sentence(made: Places) -> str:
    """From where to where the effects of the places of an outcome go."""
    source, outcome, language = made.source, made.outcome, made.source.language
    name = f"{outcome.label[language]}, {words.in_sentence(made.check.label[language])}"
    if not made.shown:
        return source.wording("places-none", name=name)
    ends = (f(e.estimate for e in made.shown) for f in (min, max))
    low, high = (number_format.signed(x, outcome.decimals, language) for x in ends)
    unit = words.short_unit(outcome.unit, language)
    return source.wording("places-between", name=name, low=low, high=high, unit=unit)
