"""Whether the baseline mean and SD of the comparison group may stand beside an effect."""

from evaluation.report import disclosure
from evaluation.report.effect_lines import Line, levels_behind
from evaluation.report.level_rule import is_certain_level, is_withheld
from evaluation.spec.records import Estimate


def baseline_withheld(line: Line, estimate: Estimate) -> bool:
    """Whether the level behind the baseline mean and SD is withheld in the table of levels.

    Parameters
    ----------
    line : Line
        The row.
    estimate : Estimate
        What was found for it.

    Returns
    -------
    bool
        True where the rule of the table of levels withholds the comparison group's level at the
        start of the contrast; of several comparison arms, any, because the others are shown. An
        analysis file has no levels: there the mean and the counts of the estimate are judged.

    Notes
    -----
    With the mean and SD goes the effect in SD: the effect over it is the SD, and the SD of a
    share is its mean.
    """
    study = line.source.configuration.study
    if disclosure.is_small(estimate.n, estimate.n_clusters_comparison, study=study):
        return True
    if is_certain_level(line.outcome, estimate.baseline_comparison_mean):
        return True
    arms = study.arms_without_any()
    return any(
        is_withheld(line.source, line.outcome, level)
        for level in levels_behind(line)
        if level.arm in arms and level.round == estimate.contrast_from
    )
