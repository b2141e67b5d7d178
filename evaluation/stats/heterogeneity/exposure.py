"""What taking part did to those who took part, as far as that can be said.

The effect on everybody in the treated clusters (intention to treat) comes first. Dividing it by
how many more took part assumes that the programme did nothing to people who did not.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.records import Estimate, Unavailable
from evaluation.stats import blocks, bootstrap
from evaluation.stats.design import Design
from evaluation.stats.distribution import Distribution
from evaluation.stats.effect_record import Found, Sizes
from evaluation.stats.heterogeneity import parts
from evaluation.stats.inversion import IntervalSet, invert
from evaluation.stats.robustness.case import Case, Row, bound, recorded, unavailable

Floats = NDArray[np.float64]

FIRST_STAGE, SAMPLE = "first_stage", "exposure"
P_KIND = "Anderson-Rubin test, wild cluster bootstrap, null imposed, jackknifed scores"
CI_KIND = "unadjusted, inverted Anderson-Rubin test"
# Squared t (CV3) of the first stage below which no effect of exposure is given.
WEAK = 10.0
# As in `distribution`: squares this close, relatively, are ties and count in full.
_TIE = 2e-10


def exposure(case: Case) -> tuple[Row, ...]:
    """How much exposure differs, and the effect per exposed person, or why it is withheld.

    Parameters
    ----------
    case : Case
        The check names one variable of the panel, 0 or 1. Where nobody was asked before the
        programme, nobody had been exposed.

    Returns
    -------
    tuple of Estimate, Unavailable and Bound
        ``first_stage``: difference-in-differences of exposure, in percentage points; without
        exposure before and with equally weighted clusters it is the difference at endline. It has
        no scale in standard deviations where no comparison respondent was exposed before: that
        field is NaN. ``exposure``: effect on the outcome per exposed person, by WCR-S, with the
        Anderson-Rubin set as its interval. Withheld where the first stage's squared t (CV3) is
        below 10. A set that is unbounded or in pieces is a bound, not an estimate.

    Raises
    ------
    EstimationError
        The variable is not in the panel, or holds something other than 0 and 1.

    Notes
    -----
    Ratio b = r / f of the two coefficients of treatment x endline (Wald 1940). Anderson and Rubin
    (1949): b is tested by the wild cluster bootstrap test that y - b d has no effect, d the
    exposure, which holds however weak the first stage is (Finlay and Magnusson 2019, J. Applied
    Econometrics). Its std_error is the delta method's with CV1; its statistic is that
    of the test of b = 0, which is the test of the effect on everybody.
    """
    panel = _panel(case)
    stage, outcome = _design(case, panel, FIRST_STAGE), _design(case, panel, SAMPLE)
    if isinstance(stage, Unavailable) or isinstance(outcome, Unavailable):
        reason = next(r.reason for r in (stage, outcome) if isinstance(r, Unavailable))
        names = (FIRST_STAGE, SAMPLE)
        return tuple(unavailable(case, "all", reason, sample=name) for name in names)
    first = _first_stage(case, stage)
    strength = next(
        (e.statistic**2 for e in first if isinstance(e, Estimate) and e.step == "cv3"), 0.0
    )
    if strength < WEAK:
        return (*first, unavailable(case, "wcr_s", _weak(strength), sample=SAMPLE))
    return (*first, *_per_person(case, outcome, stage))


def _weak(strength: float) -> str:
    return (
        f"the groups differ too little in exposure: squared t {strength:.1f}, withheld below"
        f" {WEAK:.0f}"
    )


def _panel(case: Case) -> pd.DataFrame:
    """Rows whose outcome and exposure are known, with the exposure in percent."""
    panel, (name,) = case.frames.panel, case.check.variables
    if name not in panel.columns:
        raise _mistake(case, "the panel has no such column", "correct the plan")
    exposed = panel[name].to_numpy(dtype=np.float64)
    before = (panel["round"] == case.specification.contrast[0]).to_numpy()
    if np.isnan(exposed[before]).all():
        exposed = np.where(before, 0.0, exposed)
    known = np.isfinite(exposed)
    if not np.isin(exposed[known], (0.0, 1.0)).all():
        raise _mistake(case, "the exposure holds values other than 0 and 1", "name a yes-no item")
    known &= np.isfinite(panel[case.outcome.id].to_numpy(dtype=np.float64))
    return panel[known].assign(**{_column(case): 100.0 * exposed[known]})


def _column(case: Case) -> str:
    """Name of the exposure in percent, which no variable of a dictionary can have."""
    return f"{case.check.variables[0]} (percent)"


def _design(case: Case, panel: pd.DataFrame, sample: str) -> Design | Unavailable:
    """Regression of the outcome or, for the first stage, of the exposure, on the same rows."""
    if sample == FIRST_STAGE:
        named = dataclasses.replace(case.outcome, id=_column(case))
        case = dataclasses.replace(case, outcome=named)
    return parts.part(case, panel, sample)


def _first_stage(case: Case, stage: Design) -> tuple[Estimate | Unavailable, ...]:
    scaled = dataclasses.replace(case.outcome, unit="percentage points")
    return parts.effect(dataclasses.replace(case, outcome=scaled), stage, sample=FIRST_STAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of two coefficients and the draws that test every value of it.

    Attributes
    ----------
    reduced, first : float
        Coefficients of the outcome and of the exposure.
    variance : (float, float, float)
        CV1 variance of y - b d: constant, and coefficients of b and b^2.
    enumerated : bool
    numerator : ndarray, shape (2, B)
        n0, n1 of the draws' numerator n0 - b n1.
    squared_error : ndarray, shape (3, B)
        s0, s1, s2 of their CV1 variance s0 + b s1 + b^2 s2.
    """

    reduced: float
    first: float
    variance: tuple[float, float, float]
    enumerated: bool
    numerator: Floats
    squared_error: Floats

    @property
    def estimate(self) -> float:
        """The ratio."""
        return self.reduced / self.first

    @property
    def std_error(self) -> float:
        """Delta-method standard error (CV1)."""
        return float(np.sqrt(_quadratic(self.variance, self.estimate))) / abs(self.first)

    def p_value(self, ratio: float) -> float:
        """Symmetric p-value of the Anderson-Rubin test; ties count in full."""
        top = (self.numerator[0] - ratio * self.numerator[1]) ** 2
        bottom = self.squared_error[0] + ratio * (
            self.squared_error[1] + ratio * self.squared_error[2]
        )
        own = (self.reduced - ratio * self.first) ** 2 / _quadratic(self.variance, ratio)
        larger = int(np.count_nonzero(top >= own * bottom * (1.0 - _TIE)))
        number = len(top)
        return larger / number if self.enumerated else (1 + larger) / (number + 1)

    def interval(self, level: float) -> IntervalSet:
        """Ratios that the test does not reject; see `inversion.invert`."""
        return invert(
            self.p_value,
            estimate=self.estimate,
            std_error=self.std_error,
            level=level,
            random_draws=0 if self.enumerated else self.numerator.shape[1],
        )


def _quadratic(coefficients: tuple[float, float, float], at: float) -> float:
    return coefficients[0] + at * (coefficients[1] + at * coefficients[2])


def ratio(outcome: Design, stage: Design, draws: bootstrap.Draws) -> Ratio:
    """Ratio of the effects of two designs on the same rows.

    Parameters
    ----------
    outcome, stage : Design
        Alike but for y.
    draws : Draws

    Notes
    -----
    The bootstrap's numerator is linear in y and its variance quadratic, so the draws of y, d and
    y + c d, at a null of zero, give those of every y - b d. c makes the two alike in size.
    """
    c = float(np.std(outcome.y) / np.std(stage.y))
    made = blocks.accumulate(
        outcome.X,
        np.column_stack([outcome.y, stage.y, outcome.y + c * stage.y]),
        weights=outcome.weights,
        cluster=outcome.cluster,
        columns=outcome.columns,
        absorb=outcome.absorb,
    )
    y, d, both = (
        bootstrap.wild(made, outcome.column, draws, scores="jackknifed", outcome=k)
        for k in range(3)
    )
    crossed = (both.std_error**2 - y.std_error**2 - (c * d.std_error) ** 2) / c
    squares = [_squared_error(each) for each in (y, d, both)]
    return Ratio(
        reduced=y.estimate,
        first=d.estimate,
        variance=(y.std_error**2, -crossed, d.std_error**2),
        enumerated=draws.enumerated,
        numerator=np.stack(
            [each.numerator[0] + each.estimate * each.numerator[1] for each in (y, d)]
        ),
        squared_error=np.stack(
            [squares[0], -(squares[2] - squares[0] - c**2 * squares[1]) / c, squares[1]]
        ),
    )


def _squared_error(draws: Distribution) -> Floats:
    """CV1 variance of every draw at a null of zero, shape (B,)."""
    constant, linear, quadratic = draws.squared_error
    return draws.factor * (constant + draws.estimate * (linear + draws.estimate * quadratic))


def _per_person(case: Case, outcome: Design, stage: Design) -> tuple[Row, ...]:
    share = dataclasses.replace(stage, y=stage.y / 100.0)
    found = ratio(outcome, share, parts.draws_of(case, outcome))
    accepted = found.interval(case.plan.inference.level)
    if accepted.shape == "interval":
        return (_record(case, found, accepted, outcome),)
    ends = accepted.low, accepted.high
    return (
        unavailable(case, "wcr_s", f"no single interval: {accepted.note}", sample=SAMPLE),
        bound(case, ends, interval=ends, kind=CI_KIND, sizes=Sizes.of(outcome), sample=SAMPLE),
    )


def _record(case: Case, found: Ratio, accepted: IntervalSet, outcome: Design) -> Estimate:
    heading, sizes = case.heading(SAMPLE), Sizes.of(outcome)
    p = found.p_value(0.0)
    simulated = 0.0 if found.enumerated else (p * (1.0 - p) / found.numerator.shape[1]) ** 0.5
    effect = Found(
        estimate=found.estimate,
        std_error=found.std_error,
        statistic=found.reduced / found.variance[0] ** 0.5,
        df=float(sizes.n_clusters_treated + sizes.n_clusters_comparison - 1),
        p_value=p,
        p_kind=P_KIND,
        ci_low=accepted.low,
        ci_high=accepted.high,
        ci_kind=CI_KIND,
        mc_error=simulated,
        ci_low_mc_error=accepted.low_mc_error,
        ci_high_mc_error=accepted.high_mc_error,
    )
    return recorded(heading, "wcr_s", effect, sizes=sizes)


def _mistake(case: Case, problem: str, mend: str) -> EstimationError:
    where = f"check {case.check.id}, variable {', '.join(case.check.variables)}"
    return EstimationError(problem, where=where, mend=mend, rule="exposure")
