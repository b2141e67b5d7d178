"""Which levels a table may show: the disclosure rule, and what an effect would give away."""

from collections.abc import Iterable

from evaluation.report import disclosure
from evaluation.report.sources import Source
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate, Level
from evaluation.spec.study import Study

EVERYBODY = 100.0  # outcomes in percentage points have levels in per cent


def is_withheld(source: Source, outcome: Outcome, level: Level) -> bool:
    """Whether a level may not be shown.

    Few respondents or clusters, or certainty on a secret; or the same of another round of the same
    arm. The effect is the change of one arm less the change of the other: with one of the four
    levels withheld, the effect and the other three would give it away, and the interviews of all
    four less those of three its number. With both rounds of an arm withheld, its change is known
    and its levels are not.
    """
    place = (level.outcome, level.estimand, level.sample, level.arm)
    of_arm = (x for x in source.records.levels if (x.outcome, x.estimand, x.sample, x.arm) == place)
    study = source.configuration.study
    return any(tells(x, outcome, study) for x in (level, *of_arm))


def baseline_is_withheld(
    estimate: Estimate, outcome: Outcome, levels: Iterable[Level], study: Study
) -> bool:
    """Whether a published record may not hold the comparison group's mean and SD at baseline.

    Parameters
    ----------
    estimate : Estimate
        The record; its sample may be a part of the study.
    outcome : Outcome
        What it is about.
    levels : iterable of Level
        All levels of the study. Where the whole sample's level is withheld, so is that of a part:
        the two differ by the part left out.
    study : Study
        Its minimum counts and comparison arms.
    """
    if disclosure.is_small(estimate.n, estimate.n_clusters_comparison, study=study):
        return True
    if is_certain_level(outcome, estimate.baseline_comparison_mean):
        return True
    arms = study.arms_without_any()
    return any(
        tells(x, outcome, study) for x in levels if x.outcome == outcome.id and x.arm in arms
    )


def tells(level: Level, outcome: Outcome, study: Study) -> bool:
    """Whether a level by itself says too much: few respondents or clusters, or a certainty."""
    small = disclosure.is_small(level.n, level.n_clusters, study=study)
    few = outcome.sensitive and level.n < disclosure.SENSITIVE_MINIMUM
    return small or few or is_certain_level(outcome, level.mean)


def is_certain_level(outcome: Outcome, mean: float) -> bool:
    """Whether a level of a sensitive outcome is 0% or 100%: it speaks of everybody in the cell."""
    return (
        outcome.sensitive
        and outcome.unit == "percentage points"
        and disclosure.is_certain(mean, whole=EVERYBODY)
    )
