"""Rows of an event study's table: estimates with errors, intervals, p-values and a joint band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.special import ndtri

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.many_periods.aggregation import Kind, Name
from evaluation.estimation.many_periods.estimates import MANY, Estimates
from evaluation.estimation.many_periods.multipliers import largest_t, normal_largest_t
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.many_periods.row_inference import InferenceOptions, Inferred, Scale

# Draws behind the simultaneous band at least.
_BAND = 1_999


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """One estimate.

    Attributes
    ----------
    scale : {"level", "log_ratio"}
        In the outcome's unit, or log of a ratio.
    kind : str
    at : str
        Relative period ("-2", "0", ...), or label of the calendar period or cohort; empty for an
        average.
    cohort : str
        Of a cell.
    estimate, std_error, std_error_cv1 : float
        The error is that of ``inference``; clustered by unit beside it.
    ci_low, ci_high, p_value : float
    band_low, band_high : float
        Of the parts of one kind, all at once; not numbers with few treated units.
    inference : str
    """

    scale: Scale
    kind: Kind
    at: str
    cohort: str
    estimate: float
    std_error: float
    std_error_cv1: float
    ci_low: float
    ci_high: float
    p_value: float
    band_low: float
    band_high: float
    inference: str

    def fields(self) -> Mapping[str, object]:
        """Values by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def placebo(
        cls, estimate: float, std_error: float, p_value: float, *, level: float
    ) -> "EstimateRow":
        """An average effect with normal limits and the placebos' p-value."""
        half = float(ndtri(0.5 + level / 2.0)) * std_error
        return cls(
            scale="level",
            kind="simple",
            at="",
            cohort="",
            estimate=estimate,
            std_error=std_error,
            std_error_cv1=np.nan,
            ci_low=estimate - half,
            ci_high=estimate + half,
            p_value=p_value,
            band_low=np.nan,
            band_high=np.nan,
            inference="placebo",
        )


def level_of(level: float) -> float:
    """A confidence level.

    Raises
    ------
    EstimationError
        It is not a share of at least a half and below one.
    """
    if not 0.5 <= level < 1.0:
        raise EstimationError.of("level", "write-share-such", WHERE, level=repr(level))
    return float(level)


def rows(
    found: Estimates,
    panel: UnitPanel,
    known: Inferred,
    *,
    scale: Scale,
    inference: str,
    asked: InferenceOptions,
) -> list[EstimateRow]:
    """The table's rows of one scale.

    Parameters
    ----------
    found : Estimates
    panel : UnitPanel
        For labels, and the number of units.
    known : Inferred
    scale : {"level", "log_ratio"}
    inference : str
    asked : InferenceOptions
    """
    band = np.full(len(found.names), np.nan)
    if known.banded:
        band = _bands(found, known.cv1, panel, asked)
    return [
        EstimateRow(
            scale=scale,
            kind=name.kind,
            at=_label(name, panel),
            cohort="" if name.cohort is None else panel.periods[name.cohort],
            estimate=float(value),
            std_error=float(known.error[k]),
            std_error_cv1=float(known.cv1[k]),
            ci_low=float(known.low[k]),
            ci_high=float(known.high[k]),
            p_value=float(known.p[k]),
            band_low=float(value - band[k] * known.error[k]),
            band_high=float(value + band[k] * known.error[k]),
            inference=inference,
        )
        for k, (name, value) in enumerate(zip(found.names, found.estimates, strict=True))
    ]


def _label(name: Name, panel: UnitPanel) -> str:
    if name.at is None:
        return ""
    return str(name.at) if name.kind == "event" else panel.periods[name.at]


def _bands(found: Estimates, error: Floats, panel: UnitPanel, asked: InferenceOptions) -> Floats:
    """Critical value of the band of each estimate's kind, shape (K,)."""
    number, many = max(asked.draws, _BAND), len(panel.units) > MANY
    band = np.full(len(found.names), np.nan)
    for kind in dict.fromkeys(name.kind for name in found.names):
        parts = [k for k in _parts(found.names, kind) if error[k] > 0.0]
        if not parts:
            continue
        if many:
            part = found.covariance()[np.ix_(parts, parts)]
            made = normal_largest_t(part, number=number, seed=asked.seed)
        else:
            draws = bootstrap.draws(panel.units, number=number, seed=asked.seed)
            made = largest_t(found.contributions()[parts], panel.units, draws)
        band[parts] = made.critical(asked.level)
    return band


def _parts(names: Sequence[Name], kind: Kind) -> list[int]:
    return [k for k, name in enumerate(names) if name.kind == kind and name.at is not None]
