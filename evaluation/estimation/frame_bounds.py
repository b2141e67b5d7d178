"""Bounds on an effect from one DataFrame: who was not seen again, and answers that were not given.

What `sensitivity.attrition_bounds` and `sensitivity.silence` compute, of a table without a plan.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation import dataframe_study
from evaluation.estimation.call_choices import CallOptions
from evaluation.estimation.dataframe_study import ROUNDS, WHERE, Variables
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.regression import design
from evaluation.estimation.regression.fit import critical
from evaluation.estimation.regression.sample import select
from evaluation.estimation.sensitivity.attrition_bounds import LinkedChanges
from evaluation.estimation.sensitivity.silence import around, extreme_ends


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectBounds:
    """Bounds of one kind.

    Attributes
    ----------
    kind : {"attrition", "silence"}
    low, high : float
        Smallest and largest effect that the data allow.
    ci_low, ci_high : float
        Limits of an interval that holds the whole range at least as often as its level says; not a
        number where there is none.
    n : int
        Rows, or people, with both answers.
    shares : mapping of str to float
        Seen again, by group; or answers that were not given.
    """

    kind: str
    low: float
    high: float
    ci_low: float
    ci_high: float
    n: int
    shares: Mapping[str, float]


def attrition(frame: pd.DataFrame, variables: Variables, asked: CallOptions) -> EffectBounds:
    """Bounds on the change of those who would be seen again under either treatment.

    Parameters
    ----------
    frame : DataFrame
        Rounds stacked; ``respondent`` of the variables links them.
    variables : Variables
    asked : CallOptions
        Gives estimand and level.

    Raises
    ------
    EstimationError
        Nobody was seen again in one of the groups; or as of `did.estimate`.

    Notes
    -----
    See `sensitivity.attrition_bounds.change_bounds`; weights are those of the baseline.
    """
    panel = dataframe_study.panel(frame, variables)
    chosen = dataframe_study.specification(variables, estimand=asked.estimand)
    study = dataframe_study.study(variables)
    name, person = variables.outcome, variables.respondent
    wide = replace(chosen, covariates=(), contrast=ROUNDS)
    first = panel[panel["round"] == ROUNDS[0]]
    # at the last round somebody new need have none
    dataframe_study.check_known(int(first[person].isna().sum()), person)
    first = first.assign(**{person: first[person].astype(str)})
    sample = select(first, wide, value=name, rounds=ROUNDS[:1], study=study)
    again = panel[panel["round"] == ROUNDS[1]].dropna(subset=[name, person])
    values = pd.Series(again[name].to_numpy(dtype=np.float64), index=again[person].astype(str))
    twice = int(values.index.duplicated().sum())
    if twice:
        raise dataframe_study.call_error("rows-repeat-respondent", "drop-duplicates", twice=twice)
    if not values.index.isin(sample.respondents.astype(str)).any():
        one, two = (min(ids, default="-") for ids in (sample.respondents.astype(str), values.index))
        raise dataframe_study.call_error(
            "respondents-not-linked", "respondents-not-linked", name=person, one=one, two=two
        )
    change = values.reindex(sample.respondents.astype(str)).to_numpy() - sample.y
    changes = LinkedChanges(
        change=change,
        weights=sample.weights,
        treated=sample.treated,
        strata=np.zeros(len(change), dtype=np.int64),
        cluster=sample.cluster,
        # of everybody at the first round, so none is of an outcome that the arms lack
        baseline=(0.0, 1.0),
    )
    low, high = changes.ends(np.ones(len(change)))
    errors, lacking = changes.errors((low, high))
    half = critical(changes.g - 1, asked.level) * errors if not lacking else np.full(2, np.nan)
    return EffectBounds(
        kind="attrition",
        low=low,
        high=high,
        ci_low=low - float(half[0]),
        ci_high=high + float(half[1]),
        n=int(np.isfinite(change).sum()),
        shares=changes.described(),
    )


def silence(
    frame: pd.DataFrame, variables: Variables, asked: CallOptions, *, scale: tuple[float, float]
) -> EffectBounds:
    """Bounds on the effect if everybody without an answer had the one that pulls it furthest.

    Parameters
    ----------
    frame : DataFrame
        Rows without the outcome are people who were asked and gave no answer.
    variables : Variables
    asked : CallOptions
    scale : (float, float)
        Smallest and largest answer there can be.

    Raises
    ------
    EstimationError
        An answer lies outside the scale; or as of `did.estimate`.

    Notes
    -----
    Horowitz and Manski (2000, JASA 95(449)), on the regression: see `checks.nonresponse`.
    """
    low_end, high_end = _ends_of(scale)
    panel = dataframe_study.panel(frame, variables)
    study = dataframe_study.study(variables)
    chosen = dataframe_study.specification(variables, estimand=asked.estimand)
    outcome = dataframe_study.outcome(variables)
    given = panel[variables.outcome].to_numpy(dtype=np.float64, na_value=np.nan)
    silent = ~np.isfinite(given)
    outside = (given < low_end) | (given > high_end)
    if outside.any():
        raise EstimationError.of(
            "outside-scale", "outside-scale", WHERE, name=variables.outcome, n=int(outside.sum())
        )
    ends = extreme_ends(
        *(
            design.build(
                panel.assign(**{variables.outcome: np.where(silent, end, given)}),
                chosen,
                outcome=outcome,
                study=study,
            )
            for end in (low_end, high_end)
        )
    )
    used = (*ends[0].clusters_treated, *ends[0].clusters_comparison)
    drawn = bootstrap.draws(used, number=asked.draws, seed=asked.seed, kind=asked.weights_kind)
    step = asked.steps[0]
    (low, high), (ci_low, ci_high) = around(ends, step, draws=drawn, level=asked.level)
    return EffectBounds(
        kind="silence",
        low=low,
        high=high,
        ci_low=ci_low,
        ci_high=ci_high,
        n=int((~silent).sum()),
        shares={"silent": float(silent.mean())},
    )


def _ends_of(scale: object) -> tuple[float, float]:
    """The smallest and the largest answer."""
    ends = list(scale) if isinstance(scale, Iterable) and not isinstance(scale, str) else []
    if len(ends) == 2 and all(isinstance(end, Real) and not isinstance(end, bool) for end in ends):
        low, high = map(float, ends)
        if -np.inf < low < high < np.inf:
            return low, high
    raise dataframe_study.call_error("scale-unclear", "scale-unclear", scale=repr(scale))
