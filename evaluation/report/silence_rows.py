"""The effect as a function of what people who gave no answer would have answered, from records."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Bound, Unavailable
from evaluation.estimation.row_keys import Assumed, Part
from evaluation.locale.messages import message
from evaluation.report.check_rows import CheckResult
from evaluation.report.formats import number_format
from evaluation.report.sources import Source

LINE, PLAUSIBLE = Part("silence"), Part("plausible")
# Rows of estimates on the line: half, once and twice the share among people who answered.
ASSUMED = tuple(map(Assumed, ("half", "once", "twice")))
COEFFICIENTS = ("intercept", "slope", "slope_treated", "slope_comparison")
RATES = ("rate", "rate_treated", "rate_comparison")
LIMITS = ("from_treated", "to_treated", "from_comparison", "to_comparison")


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRow:
    """Effect = intercept + slope p, or + slope_treated p_treated + slope_comparison p_comparison.

    Attributes
    ----------
    intercept, slope, slope_treated, slope_comparison : float
        In the outcome's unit; see `estimation.sensitivity.silence.SilenceLine`.
    rate, rate_treated, rate_comparison : float
        The share among people who answered, 0 to 1.
    treated, comparison : (float, float)
        From which to which share silent people of a group may lie: the plan's range, or half to
        twice the share of those who answered.
    plausible : Bound
        From which to which effect these shares lead.
    """

    intercept: float
    slope: float
    slope_treated: float
    slope_comparison: float
    rate: float
    rate_treated: float
    rate_comparison: float
    treated: tuple[float, float]
    comparison: tuple[float, float]
    plausible: Bound

    def share_at(self, effect: float) -> float | None:
        """The share, common to both groups, at which the estimate has a value; None where none."""
        share = (effect - self.intercept) / self.slope if self.slope else math.inf
        return share if 0.0 <= share <= 1.0 else None

    def formula(self, decimals: int, language: str) -> str:
        """The line in numbers, ``1.47 - 6.31 x p``."""
        return _sum(self.intercept, {"p": self.slope}, decimals, language)

    def plane(self, names: tuple[str, str], decimals: int, language: str) -> str:
        """The plane in numbers, with a name for the share of each group."""
        slopes = (self.slope_treated, self.slope_comparison)
        of_group = dict(zip(names, slopes, strict=True))
        return _sum(self.intercept, of_group, decimals, language)


def _sum(first: float, terms: Mapping[str, float], decimals: int, language: str) -> str:
    said = number_format.plain(first, decimals, language)
    for name, slope in terms.items():
        sign = "\N{MINUS SIGN}" if slope < 0.0 else "+"
        said += f" {sign} {number_format.plain(abs(slope), decimals, language)} × {name}"
    return said


def silence(source: Source, check: Check, outcome: Outcome) -> SilenceRow | Unavailable:
    """The line that a check of item nonresponse found, or why there is none.

    Parameters
    ----------
    source : Source
    check : Check
        Of kind ``nonresponse``.
    outcome : Outcome
    """
    result = CheckResult(source=source, check=check, outcome=outcome)
    names = (f"silence_{name}" for name in (*COEFFICIENTS, *RATES, *LIMITS))
    values, found = result.quantities(*names, sample=LINE), result.bound(PLAUSIBLE)
    if values is None or not isinstance(found, Bound):
        absent = result.absent(LINE) or result.absent(Part("silent")) or found
        if isinstance(absent, Unavailable):
            return absent
        return Unavailable(
            study=source.configuration.study.id,
            outcome=outcome.id,
            specification=check.id,
            estimand="",
            sample=LINE,
            step="all",
            reason=message("silence.no-line"),
        )
    named = dict(zip((*COEFFICIENTS, *RATES), values, strict=False))
    low, high, other_low, other_high = values[-len(LIMITS) :]
    return SilenceRow(
        **named, treated=(low, high), comparison=(other_low, other_high), plausible=found
    )
