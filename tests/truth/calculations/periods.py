"""Published estimates over many periods: county employment, Medicaid, tobacco, self-defence."""

from functools import cache
from pathlib import Path
from typing import get_args

import causaldata
import numpy as np
import pandas as pd

from evaluation.estimation.many_periods.adjusted import Model, adjusted
from evaluation.estimation.many_periods.linear import Linear, LinearOptions, linear
from evaluation.estimation.many_periods.panel import PanelColumns, UnitPanel, panel
from evaluation.estimation.many_periods.poisson import poisson
from evaluation.estimation.many_periods.synthetic import Kind, synthetic
from evaluation.estimation.many_periods.trend_magnitude import Coefficients, magnitudes
from evaluation.estimation.many_periods.trend_smoothness import smoothness
from tests.conftest import shared_data
from tests.truth.calculations.two_way import decomposition

PROP99 = Path(__file__).resolve().parents[2] / "fixtures" / "prop99" / "packs_per_capita.csv"
KINDS = ("simple", "event")


@cache
def counties(outcome: str = "lemp", covariates: tuple[str, ...] = ()) -> UnitPanel:
    """Teenage employment in 500 counties, 2003-07, and minimum wages that rose 2004, 2006, 2007."""
    frame = pd.read_csv(shared_data("panel_oracles/mpdta.csv"))
    frame["emp"] = np.exp(frame["lemp"])
    names = PanelColumns(
        outcome=outcome,
        unit="countyreal",
        time="year",
        first_treated="first.treat",
        covariates=covariates,
    )
    return panel(frame, names)


def counties_linear() -> dict[str, float]:
    """Without covariates, by three estimators."""
    imputed = linear(counties())
    never = linear(counties(), LinearOptions(method="callaway_santanna", comparison="never"))
    not_yet = linear(counties(), LinearOptions(method="callaway_santanna"))
    weighted = linear(counties(), LinearOptions(method="sun_abraham"))
    found = {"imputation.simple": imputed.estimates[0]}
    found |= {f"imputation.event.{e}": imputed.estimates[1 + e] for e in range(4)}
    found["imputation.error"] = imputed.std_errors()[0]
    # the package did has no small-sample factor
    plain = np.sqrt(499 / 500)
    for name, made in (("never", never), ("not_yet", not_yet)):
        found[f"{name}.simple"] = made.estimates[0]
        found[f"{name}.error"] = made.std_errors()[0] * plain
    found["sun_abraham.simple"] = weighted.estimates[0]
    found["sun_abraham.error"] = weighted.std_errors()[0]
    return {key: float(value) for key, value in found.items()}


def counties_covariate() -> dict[str, float]:
    """With log population; errors have fixest's factor (N - 1)/(N - K)."""
    found: dict[str, float] = {}
    later = linear(counties(covariates=("lpop",)))
    found["later.att"], found["later.error"] = later.estimates[0], _error(later, 27)[0]
    for e in range(4):
        found[f"later.{e}"] = later.estimates[1 + e]
        found[f"later.{e}.error"] = _error(later, 27)[1 + e]
    never = linear(counties(covariates=("lpop",)), LinearOptions(comparison="never"))
    found["never.att"], found["never.error"] = never.estimates[0], _error(never, 37)[0]
    for name, value in zip(never.names, never.estimates, strict=True):
        if name.kind == "event" and name.at is not None:
            found[f"never.{name.at}"] = value
    return {key: float(value) for key, value in found.items()}


def _error(made: Linear, columns: int) -> np.ndarray:
    return made.std_errors() * np.sqrt(2499 / (2500 - columns))


def counties_poisson() -> dict[str, float]:
    """Poisson with log population; errors have fixest's factor with the 30 columns."""
    made = poisson(counties("emp", ("lpop",)))
    squared = np.sum(made.contributions()[0] ** 2, axis=1)
    errors = np.sqrt(squared * 500 / 499 * 2499 / (2500 - made.rows.X.shape[1]))
    found: dict[str, float] = {}
    for name, value, error in zip(made.names, made.differences(), errors, strict=True):
        at = "att" if name.at is None else str(name.at)
        found[at], found[f"{at}.error"] = float(value), float(error)
    return found


@cache
def medicaid() -> Coefficients:
    """Insurance coverage in states that expanded Medicaid in 2014 and states that had not."""
    frame = pd.read_csv(shared_data("panel_oracles/ehec_data.csv"))
    frame = frame[(frame["year"] < 2016) & (frame["yexp2"] != 2015)]
    frame = frame.assign(entry=frame["yexp2"].where(frame["yexp2"] == 2014))
    names = PanelColumns(outcome="dins", unit="stfips", time="year", first_treated="entry")
    made = linear(panel(frame, names), LinearOptions(method="sun_abraham", kinds=("event",)))
    rows = [k for k, name in enumerate(made.names) if name.at is not None]
    z, g, n = made.contributions[rows], 43, 43 * 8
    covariance = z @ z.T * g / (g - 1) * (n - 1) / (n - 15)
    before = sum(made.names[k].at < 0 for k in rows)
    value = made.estimates[rows]
    return Coefficients(value[:before], value[before:], covariance, np.array([1.0, 0.0]))


def medicaid_effects() -> dict[str, float]:
    """Coefficients of both years after, with the regression's own factor."""
    errors = np.sqrt(np.diag(medicaid().covariance))[-2:]
    found = dict(zip(("2014", "2015"), medicaid().after.tolist(), strict=True))
    return found | dict(zip(("2014.error", "2015.error"), errors.tolist(), strict=True))


def medicaid_magnitudes() -> dict[str, float]:
    """Both ends under relative magnitudes."""
    found: dict[str, float] = {}
    for multiple in (0.5, 1.0, 1.5, 2.0):
        low, high = magnitudes(medicaid(), multiple).interval()
        found |= {f"{multiple}.low": low, f"{multiple}.high": high}
    return found


def medicaid_smoothness() -> dict[str, float]:
    """Both ends under smoothness."""
    found: dict[str, float] = {}
    for bend in (0.0, 0.01, 0.02, 0.03):
        low, high = smoothness(medicaid(), bend).interval
        found |= {f"{bend}.low": low, f"{bend}.high": high}
    return found


def counties_adjusted() -> dict[str, float]:
    """With log population by three models; the package has no small-sample factor."""
    found: dict[str, float] = {}
    for model in get_args(Model):
        for comparison in ("never", "not_yet"):
            made = adjusted(
                counties(covariates=("lpop",)), model=model, comparison=comparison, kinds=KINDS
            )
            errors = made.std_errors() * np.sqrt(499 / 500)
            means = [k for k, name in enumerate(made.names) if name.at is None]
            for k in means:
                key = f"{model}.{comparison}.{made.names[k].kind}"
                found[key], found[f"{key}.error"] = float(made.estimates[k]), float(errors[k])
    return found


def tobacco() -> dict[str, float]:
    """California's Proposition 99 of 1989 by the three weightings."""
    wide = pd.read_csv(PROP99)
    long = wide.melt(id_vars="State", var_name="year", value_name="packs")
    long["first"] = np.where(long["State"] == "California", "1989", None)
    names = PanelColumns(outcome="packs", unit="State", time="year", first_treated="first")
    return {kind: synthetic(panel(long, names), kind, draws=1).estimate for kind in get_args(Kind)}


def castle_decomposition() -> dict[str, float]:
    """The two-way estimate, and weight and mean of each kind of comparison."""
    frame = causaldata.castle.load_pandas().data
    first = frame[frame["post"] > 0].groupby("sid")["year"].min()
    frame = frame.assign(entry=frame["sid"].map(first))
    names = PanelColumns(outcome="l_homicide", unit="sid", time="year", first_treated="entry")
    found = {}
    for against in ("never", "later", "earlier"):
        own = [one for one in decomposition(panel(frame, names)) if one.against == against]
        weight = sum(one.weight for one in own)
        found[f"{against}.weight"] = weight
        found[f"{against}.mean"] = sum(one.weight * one.estimate for one in own) / weight
    return found
