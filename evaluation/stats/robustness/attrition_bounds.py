"""Bounds on changes of baseline respondents when the programme may change who is seen again.

Everything here is about the respondents who were interviewed at baseline and sought again. It
says nothing of the fresh cross-section.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.spec.row_keys import Panel
from evaluation.stats.effect_record import Sizes
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.attrition import baseline_rows, nobody, other_treatments
from evaluation.stats.robustness.case import Case, Row, bound, computes, diagnostic, unavailable
from evaluation.stats.robustness.trimming import Stratum, change_bounds
from evaluation.stats.sample import Sample, select
from evaluation.stats.student import critical
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CHANGES = Panel("changes")
# Each end's own two-sided limit: together they hold the whole range at least as often.
CONSERVATIVE = message("each-end-limit.reason")


@computes
def attrition_bounds(case: Case) -> Iterable[Row]:
    """Bounds on the panel members' changes when the programme may change who is seen again.

    Parameters
    ----------
    case : Case

    Returns
    -------
    iterable of Bound, Diagnostic and Unavailable
        Sample ``panel:changes``; the interval, where there is one, is conservative.

    Raises
    ------
    StepUnavailable
        Nobody of the baseline was interviewed again.

    Notes
    -----
    See `trimming.change_bounds`. Weights are those of the primary estimand among all baseline
    respondents with the outcome, fixed. Other treatments of the study are held fixed by bounding
    within each combination of them. The jackknife repeats shares, trimming and bounds without each
    cluster; where both groups are seen again equally often the bounds have a kink, and it is only
    a guide.
    """
    changes = _Changes.of(case, baseline_rows(case))
    low, high = changes.ends(np.ones(len(changes.change)))
    errors, lacking = changes.errors((low, high))
    interval = None
    if not lacking:
        half = critical(changes.g - 1, case.plan.inference.level) * errors
        interval = (low - float(half[0]), high + float(half[1]))
    yield bound(
        case,
        (low, high),
        interval=interval,
        kind=CONSERVATIVE,
        sizes=changes.sizes(),
        sample=CHANGES,
    )
    if lacking:
        problem = message("without-clusters.reason", lacking=lacking, g=changes.g)
        yield unavailable(case, "cv3", problem, sample=CHANGES)
    for name, value in changes.described():
        yield diagnostic(case, name, value, unit="share", sample=CHANGES)


@dataclass(frozen=True, slots=True, eq=False)
class _Changes:
    """Baseline respondents with the outcome, and the change of those seen again.

    Attributes
    ----------
    change : ndarray, shape (n,)
        NaN where the outcome was not seen again.
    strata : ndarray of int, shape (n,)
        Combination of the other treatments.
    """

    change: Floats
    weights: Floats
    treated: Flags
    strata: NDArray[np.int64]
    cluster: NDArray[np.object_]
    baseline: tuple[float, float]

    @classmethod
    def of(cls, case: Case, first: pd.DataFrame) -> "_Changes":
        start, _ = case.specification.contrast
        plain = dataclasses.replace(
            case.specification, sample="all", covariates=("panel_member",), effects=()
        )
        sample = select(first, plain, value=case.outcome.id, rounds=(start,), study=case.study)
        change = _endline_values(case, sample) - sample.y
        if not np.isfinite(change).any():
            raise nobody(message("nobody-outcome.problem"))
        own = sample.comparison
        return cls(
            change=change,
            weights=sample.weights,
            treated=sample.treated,
            strata=other_treatments(case, sample)[1],
            cluster=sample.cluster,
            baseline=weighted_moments(sample.y[own], sample.weights[own]),
        )

    def ends(self, kept: Floats) -> tuple[float, float]:
        """Bounds with some rows' weights set to zero."""
        found = [
            change_bounds(
                Stratum(
                    change=self.change[rows],
                    weights=(self.weights * kept)[rows],
                    treated=self.treated[rows],
                )
            )
            for rows in (self.strata == s for s in np.unique(self.strata))
        ]
        mass = np.array([one.mass for one in found])
        ends = np.array([(one.low, one.high) for one in found])
        low, high = mass @ ends / mass.sum()
        return float(low), float(high)

    @property
    def g(self) -> int:
        """Number of clusters."""
        return len(set(self.cluster))

    def errors(self, ends: tuple[float, float]) -> tuple[Floats, int]:
        """Jackknife standard error of each end, and without how many clusters there is none."""
        found, lacking = [], 0
        for cluster in sorted(set(self.cluster)):
            try:
                found.append(self.ends((self.cluster != cluster).astype(np.float64)))
            except StepUnavailable:
                lacking += 1
        squares = ((np.array(found).reshape(-1, 2) - ends) ** 2).sum(axis=0)
        return np.asarray(np.sqrt((self.g - 1) / self.g * squares)), lacking

    def sizes(self) -> Sizes:
        seen = np.isfinite(self.change)
        return Sizes(
            n=int(seen.sum()),
            n_clusters_treated=len(set(self.cluster[seen & self.treated])),
            n_clusters_comparison=len(set(self.cluster[seen & ~self.treated])),
            baseline_mean=self.baseline[0],
            baseline_sd=self.baseline[1],
        )

    def described(self) -> Iterable[tuple[str, float]]:
        """Shares seen again, and what is trimmed in the group seen more often."""
        seen = np.isfinite(self.change)
        rates = {
            name: float(np.average(seen[group], weights=self.weights[group]))
            for name, group in (("treated", self.treated), ("comparison", ~self.treated))
        }
        for name, rate in rates.items():
            yield f"seen_again_{name}", rate
        for name, rate in rates.items():
            yield f"trimmed_{name}", max(0.0, 1.0 - min(rates.values()) / rate)


def _endline_values(case: Case, sample: Sample) -> Floats:
    """Outcome at endline of each baseline row, NaN where it was not seen."""
    panel, respondent = case.frames.panel, case.study.columns.respondent
    members = panel["panel_member"].to_numpy(dtype=bool)
    last = panel[members & (panel["round"] == case.specification.contrast[1]).to_numpy()]
    values = pd.Series(
        last[case.outcome.id].to_numpy(dtype=np.float64),
        index=last[respondent].astype(str),
    )
    # only baseline rows of panel members may be linked: an empty id is nobody's
    linked = sample.frame["panel_member"].to_numpy()
    found = values.reindex(sample.frame[respondent].astype(str)).to_numpy()
    return np.asarray(np.where(linked, found, np.nan))
