"""Who of the baseline was seen again, and the panel's estimate weighted for it."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from evaluation.analysis.checks.check_context import STEPS, CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import jackknifed, without_each_cluster
from evaluation.analysis.checks.reweighting import (
    ReweightedRows,
    both_rounds,
    check_columns,
    logit,
    other_treatments,
    regressors,
)
from evaluation.analysis.checks.subsample import compare_rows
from evaluation.estimation.arrays import Codes, Flags, Floats, Ids
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.sample import Sample
from evaluation.estimation.row_keys import Panel, Rate
from evaluation.locale.messages import Message, message

RATE, WEIGHTED = Rate("reinterviewed"), Panel("ipw")
REINTERVIEWED = "reinterviewed"
REASON = message("probabilities-being.reason")


@computes
def attrition_weights(context: CheckContext) -> Iterable[Row]:
    """Differential attrition, and the panel's estimate weighted for who was seen again.

    Parameters
    ----------
    context : CheckContext
        ``variables`` names variables of the baseline interview.

    Returns
    -------
    iterable of Estimate, Unavailable and Diagnostic
        Sample ``rate:reinterviewed`` (first outcome only): difference in the share of baseline
        respondents interviewed again, percentage points, treated minus comparison.
        ``panel:ipw``: the primary regression among panel members with weights 1 / p of having
        been seen again.

    Raises
    ------
    StepUnavailable
        Nobody, or everybody, of the baseline was interviewed again.

    Notes
    -----
    p from a logit in each group on the baseline variables, with the primary weights (Wooldridge
    2007, J. Econometrics 141(2): inverse-probability weighted M-estimation). It fixes loss that
    depends on these variables only. Every cluster keeps its weight in each round, where the
    estimand gives it one. Panel members without one of the variables are left out.
    """
    first = baseline_rows(context)
    if context.first:
        yield from _rates(context, first)
    check_columns(first, context.check.variables)
    yield from context.attempt(
        lambda: _weighted(context, _BaselineRespondents.of(context, first)), sample=WEIGHTED
    )


def baseline_rows(context: CheckContext) -> pd.DataFrame:
    """Rows of the baseline, of whom some were interviewed again and some not.

    Raises
    ------
    StepUnavailable
    """
    panel = context.frames.panel
    check_columns(panel, ("panel_member", context.study.columns.respondent))
    first = panel[panel["round"] == context.specification.contrast[0]]
    seen = first["panel_member"].to_numpy(dtype=bool)
    if seen.all() or not seen.any():
        found = "everybody-again.reason" if seen.any() else "nobody-again.reason"
        raise nobody(message(found))
    return first


def _rates(context: CheckContext, first: pd.DataFrame) -> Iterable[Row]:
    """Share interviewed again regressed on treatment, without cluster effects."""
    seen = 100.0 * first["panel_member"].to_numpy(dtype=np.float64)
    sample = context.select(first.assign(**{REINTERVIEWED: seen}), REINTERVIEWED, at=0)
    heading = dataclasses.replace(context.heading(RATE), unit="percentage points")
    yield from steps.records(
        steps.analyse(_rate_design(context, sample), STEPS, draws=context.draws), heading
    )
    for name, group in (("treated", sample.treated), ("comparison", ~sample.treated)):
        rate = float(np.average(sample.y[group], weights=sample.weights[group]))
        yield context.diagnostic(f"reinterviewed_{name}", rate, unit="percent", sample=RATE)


def _rate_design(context: CheckContext, sample: Sample) -> Design:
    treatments = (context.specification.treatment, *context.specification.adjust_treatments)
    received = (sample.treated.astype(np.float64), *other_treatments(context, sample).T)
    everybody = np.ones(len(sample.y))
    return compare_rows(
        sample,
        {**dict(zip(treatments, received, strict=True)), "intercept": everybody},
        first=sample.treated,
        reference=sample.comparison,
        rows=everybody > 0.0,
        absorb="none",
    )


def _weighted(context: CheckContext, seen: "_BaselineRespondents") -> Iterable[Row]:
    """The panel members' estimate with inverse probabilities of having been seen again."""
    panel = context.frames.panel
    known = panel[context.study.columns.respondent].astype(str).isin(seen.members)
    built = context.design(panel[known], sample="panel_members")
    rows = ReweightedRows.of(built)
    ids = both_rounds(built).frame[context.study.columns.respondent].astype(str)
    place = pd.Index(seen.ids).get_indexer(ids)
    frozen = context.specification.estimand != "respondents"

    def effect(base: Floats, p: Floats) -> float:
        raised = base / p[place]
        return rows.effect(_frozen(raised, base, 2 * rows.codes + rows.post) if frozen else raised)

    p, start = seen.probabilities(np.ones(len(seen.ids)), {})

    def repeated(cluster: str) -> float:
        kept = (seen.cluster != cluster).astype(np.float64)
        again, _ = seen.probabilities(kept, start)
        return effect(built.weights * rows.without(cluster), again)

    yield from jackknifed(
        context,
        effect(built.weights, p),
        without_each_cluster(rows.clusters, repeated),
        sizes=RowFacts.of(built),
        reason=REASON,
        sample=WEIGHTED,
    )
    lowest = float(p[seen.seen > 0.0].min())
    yield context.diagnostic("lowest_probability", lowest, unit="share", sample=WEIGHTED)


def _frozen(weights: Floats, base: Floats, cell: Codes) -> Floats:
    """Weights scaled so that every cluster and round has the total of its base weights."""
    total, wanted = np.bincount(cell, weights), np.bincount(cell, base)
    return np.asarray(weights * (wanted / np.where(total > 0.0, total, 1.0))[cell])


@dataclass(frozen=True, slots=True, eq=False)
class _BaselineRespondents:
    """Baseline respondents with known variables, and whether they were seen again.

    Attributes
    ----------
    X : ndarray, shape (n, k)
        Constant and baseline variables.
    seen : ndarray, shape (n,)
        0 or 1.
    """

    ids: tuple[str, ...]
    X: Floats
    seen: Floats
    weights: Floats
    treated: Flags
    cluster: Ids

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of those seen again."""
        return tuple(name for name, flag in zip(self.ids, self.seen, strict=True) if flag)

    @classmethod
    def of(cls, context: CheckContext, first: pd.DataFrame) -> "_BaselineRespondents":
        seen = first["panel_member"].to_numpy(dtype=np.float64)
        asked = ("panel_member", *context.check.variables)
        given = first.assign(**{REINTERVIEWED: seen})
        sample = context.select(given, REINTERVIEWED, at=0, covariates=asked)
        return cls(
            ids=tuple(sample.frame[context.study.columns.respondent].astype(str)),
            X=regressors(context, sample),
            seen=sample.y,
            weights=sample.weights,
            treated=sample.treated,
            cluster=sample.cluster,
        )

    def probabilities(
        self, kept: Floats, start: dict[bool, Floats]
    ) -> tuple[Floats, dict[bool, Floats]]:
        """Probability of being seen again, by a logit in each group, and the coefficients."""
        p, found = np.empty(len(self.seen)), {}
        for group in (True, False):
            rows = self.treated == group
            found[group] = logit(
                self.X[rows],
                self.seen[rows],
                (self.weights * kept)[rows],
                start=start.get(group),
            )
            p[rows] = expit(self.X[rows] @ found[group])
        return p, found


def nobody(problem: Message) -> StepUnavailable:
    """There is no panel, or no loss from it, to say anything about."""
    return StepUnavailable(problem, where="panel members", fix=message("leave-checks.fix"))
