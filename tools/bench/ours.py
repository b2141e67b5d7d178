"""This package, from a DataFrame to finished records, or from the fit where peers start there too.

Everybody else here is unweighted, so the estimand is that of respondents without weights.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from evaluation.estimation import call_choices, dataframe_study, did
from evaluation.estimation.call_choices import CallOptions
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.inference import bootstrap, multiplicity, permutation, steps
from evaluation.estimation.inference.bootstrap import Draws, Scores
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.inference.permutation_draws import Permutations, permutations
from evaluation.estimation.many_periods import linear, panel
from evaluation.estimation.many_periods.event_study import EventStudyOptions, event_study
from evaluation.estimation.many_periods.panel import PanelColumns
from evaluation.estimation.planning.planned_design import OwnData, Planned, own_data
from evaluation.estimation.planning.simulation import simulate
from evaluation.estimation.records import Estimate, Step
from evaluation.estimation.regression import panel_products
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.panel_regressions import PanelRegression
from evaluation.estimation.regression.sample import select
from tools.bench import survey

Call = Callable[[], dict[str, float]]
SEED = 7
LEVEL = 0.95
G = survey.CLUSTERS
# Undoes the factor G/(G - 1) on a variance.
PLAIN = ((G - 1) / G) ** 0.5
# The inference methods of a whole study: draws behind p-values, behind intervals, permutations.
P_DRAWS, INTERVAL_DRAWS, PERMUTATIONS = 99_999, 9_999, 10_000


# ---- From the frame ------------------------------------------------------------------------------


def _one(table: pd.DataFrame, step: Step) -> Estimate:
    covariates = tuple(name for name in table.columns if name.startswith("x"))
    asked = CallOptions(
        estimand="respondents",
        steps=(step,),
        draws=call_choices.FEWEST,
        seed=SEED,
        level=LEVEL,
        weights_kind="rademacher",
        one_round="refuse",
    )
    found = did.estimate(table, _variables("y0", covariates), asked)
    if not isinstance(found[0], Estimate):
        raise TypeError(str(found[0].reason))
    return found[0]


def cv1(table: pd.DataFrame) -> Call:
    def call():
        record = _one(table, "cv1")
        return {"estimate": record.estimate, "cr0": record.std_error * PLAIN}

    return call


def cr2(table: pd.DataFrame) -> Call:
    def call():
        record = _one(table, "cr2")
        return {"cr2": record.std_error, "df": record.df}

    return call


def cv3(table: pd.DataFrame) -> Call:
    return lambda: {"cv3": _one(table, "cv3").std_error / PLAIN}


def many(table: pd.DataFrame) -> Call:
    def call():
        found: dict[str, float] = {}
        for name, regression in _regressions(table).items():
            analysis = steps.analyse(regression, ("cv1",), draws=_NO_DRAWS)
            (record,) = steps.records(analysis, _heading(name))
            found[f"estimate.{name}"] = record.estimate
            found[f"cr0.{name}"] = record.std_error * PLAIN
        return found

    return call


def _regressions(table: pd.DataFrame) -> Mapping[str, PanelRegression]:
    """One pass over the rows for all outcomes; rounds and groups are made from 0 and 1 first."""
    names = tuple(name for name in table.columns if name.startswith("y"))
    covariates = tuple(name for name in table.columns if name.startswith("x"))
    variables = _variables(names[0], covariates)
    collected = panel_products.collect(
        dataframe_study.panel(table, variables, outcomes=names),
        dataframe_study.specification(variables, estimand="respondents"),
        outcomes=[dataframe_study.outcome(_variables(name)) for name in names],
        study=dataframe_study.study(variables),
    )
    return {name: collected.regression(name) for name in names}


def _variables(outcome: str, covariates: tuple[str, ...] = ()) -> Variables:
    return Variables(
        outcome=outcome,
        treated="treated",
        post="post",
        cluster="municipality",
        weights="none",
        covariates=covariates,
    )


def _heading(outcome: str) -> Heading:
    return Heading(
        study="bench",
        outcome=outcome,
        family="",
        specification="bench",
        estimand="respondents",
        sample="all",
        treatment="treated",
        status="exploratory",
        contrast_from=dataframe_study.ROUNDS[0],
        contrast_to=dataframe_study.ROUNDS[1],
        unit="points",
        level=LEVEL,
        plan_hash="",
        data_hash="",
    )


_NO_DRAWS = bootstrap.draws(("a", "b"), number=1, seed=SEED)


# ---- Many periods --------------------------------------------------------------------------------

PANEL = PanelColumns(outcome="y", unit="unit", time="time", first_treated="first")


def att_gt(table: pd.DataFrame) -> Call:
    """Effects of every cohort in every period, with clustered errors."""
    choices = linear.LinearOptions(
        method="callaway_santanna", comparison="never", base="varying", kinds=("cell",)
    )

    def call():
        found = linear.linear(panel.panel(table, PANEL), choices)
        units, periods = len(found.panel.units), found.panel.periods
        errors = found.std_errors() * ((units - 1) / units) ** 0.5
        values: dict[str, float] = {}
        for name, estimate, error in zip(found.names, found.estimates, errors, strict=True):
            if name.at is not None:
                cell = f"{periods[name.cohort]}.{periods[name.at]}"
                values |= {f"att.{cell}": float(estimate), f"error.{cell}": float(error)}
        return values

    return call


def att_gt_band(table: pd.DataFrame, draws: int) -> Call:
    """The same as a finished table, with a band for all of them together."""
    asked = EventStudyOptions(
        method="callaway_santanna",
        comparison="never",
        base="varying",
        aggregate=("cell",),
        inference="cv1",
        draws=draws,
        seed=SEED,
    )

    def call():
        rows = event_study(table, PANEL, asked).rows
        return {f"att.{r.cohort}.{r.at}": r.estimate for r in rows if r.kind == "cell"}

    return call


# ---- After the fit -------------------------------------------------------------------------------


def _blocks(table: pd.DataFrame) -> dict[str, tuple[Blocks, str]]:
    return {name: (r.accumulate(), r.column) for name, r in _regressions(table).items()}


def _draws(table: pd.DataFrame, number: int) -> Draws:
    return bootstrap.draws(sorted(table["municipality"].unique()), number=number, seed=SEED)


def wcr(table: pd.DataFrame, draws: int) -> Call:
    blocks, column = _blocks(table)["y0"]

    def call():
        v = bootstrap.draws(blocks.clusters, number=draws, seed=SEED)
        return {"p.wcr": bootstrap.wild(blocks, column, v, scores="plain").p_value()}

    return call


def wcr_s(table: pd.DataFrame, draws: int) -> Call:
    """p-value and the interval that inverts the test."""
    blocks, column = _blocks(table)["y0"]

    def call():
        v = bootstrap.draws(blocks.clusters, number=draws, seed=SEED)
        found = bootstrap.wild(blocks, column, v, scores="jackknifed")
        interval = found.interval(LEVEL)
        return {"p.wcr_s": found.p_value(), "ci_low": interval.low, "ci_high": interval.high}

    return call


def romano_wolf(table: pd.DataFrame, draws: int) -> Call:
    blocks = _blocks(table)

    def call():
        v = bootstrap.draws(next(iter(blocks.values()))[0].clusters, number=draws, seed=SEED)
        return {f"p.{name}": p for name, p in _adjusted(blocks, v, "plain").items()}

    return call


def _adjusted(
    blocks: Mapping[str, tuple[Blocks, str]], draws: Draws, scores: Scores
) -> dict[str, float]:
    statistics = {
        name: bootstrap.wild(some, column, draws, scores=scores).statistics()
        for name, (some, column) in blocks.items()
    }
    return multiplicity.romano_wolf(statistics, draws="random")


def _arms(table: pd.DataFrame) -> dict[str, str]:
    known = table.drop_duplicates("municipality")
    arm = np.where(known["treated"] > 0.0, "treated", "comparison")
    return dict(zip(known["municipality"].astype(str), arm.tolist(), strict=True))


def ri(table: pd.DataFrame, draws: int) -> Call:
    blocks, column = _blocks(table)["y0"]
    arms = _arms(table)

    def call():
        drawn = permutations(arms, strata={}, number=draws, seed=SEED)
        return {"p.ri": permutation.randomise(blocks, column, drawn).p_value()}

    return call


def every_method(table: pd.DataFrame) -> Call:
    """All inference methods of all outcomes, from the frame, with their draws."""

    def call():
        long, short = _draws(table, P_DRAWS), _draws(table, INTERVAL_DRAWS)
        drawn = permutations(_arms(table), strata={}, number=PERMUTATIONS, seed=SEED)
        found: dict[str, float] = {}
        statistics = {}
        for name, regression in _regressions(table).items():
            analysis = steps.analyse(regression, ("cv1", "cv3", "cr2"), draws=_NO_DRAWS)
            for record in steps.records(analysis, _heading(name)):
                found[f"p.{record.step}.{name}"] = record.p_value
            found |= _resampled(name, analysis.blocks, regression.column, long, short, drawn)
            headline = bootstrap.wild(analysis.blocks, regression.column, long, scores="jackknifed")
            found[f"p.wcr_s.{name}"] = headline.p_value()
            statistics[name] = headline.statistics()
        adjusted = multiplicity.romano_wolf(statistics, draws="random")
        return found | {f"p.romano_wolf.{name}": p for name, p in adjusted.items()}

    return call


def _resampled(
    name: str, blocks: Blocks, column: str, long: Draws, short: Draws, drawn: Permutations
) -> dict[str, float]:
    """Everything that resamples, but the p-value that Romano-Wolf needs again."""
    found = {f"p.wcr.{name}": bootstrap.wild(blocks, column, long, scores="plain").p_value()}
    kinds: tuple[Scores, ...] = ("plain", "jackknifed")
    for scores in kinds:
        interval = bootstrap.wild(blocks, column, short, scores=scores).interval(LEVEL)
        found[f"low.{scores}.{name}"] = interval.low
        found[f"high.{scores}.{name}"] = interval.high
    permuted = permutation.randomise(blocks, column, drawn)
    found[f"p.ri.{name}"] = permuted.p_value()
    return found


# ---- Planning ------------------------------------------------------------------------------------


def own(table: pd.DataFrame) -> OwnData:
    """Residuals of the survey, to draw a next one from; municipalities count equally."""
    variables = _variables("y0")
    panel, study = dataframe_study.panel(table, variables), dataframe_study.study(variables)
    chosen = dataframe_study.specification(variables, estimand="equal")
    sample = select(panel, chosen, value="y0", rounds=dataframe_study.ROUNDS, study=study)
    return own_data(sample)


def spread(table: pd.DataFrame) -> tuple[float, float]:
    """SD of respondents in a municipality, and of a municipality's true change, in these data."""
    data = own(table)
    both = (data.treated, data.comparison)
    within = np.sqrt(np.mean([np.mean(r.first**2) + np.mean(r.second**2) for r in both]) / 2.0)
    shock = np.sqrt(np.mean([np.mean(r.shocks**2) for r in both]))
    return float(within), float(shock)


def power(table: pd.DataFrame, simulations: int) -> Call:
    data = own(table)
    planned = Planned(
        treated=survey.TREATED,
        comparison=G - survey.TREATED,
        respondents=len(table) // (2 * G),
    )

    def call():
        found = simulate(data, planned, source="rows", seed=SEED, simulations=simulations)
        return {"sd": float(np.std(found.estimates)), "power": found.power(survey.EFFECT)[0]}

    return call
