"""Difference-in-differences between two survey rounds, treatment given to whole clusters.

It needs a DataFrame and nothing else; `run_plan` follows a study's plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from evaluation.estimation import call_choices, dataframe_study
from evaluation.estimation.call_choices import CallOptions, OneRound
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.estimate_record import Heading, diagnostic
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.multiplicity import Method, simultaneous
from evaluation.estimation.inference.steps import WILD, Analysis, analyse, records
from evaluation.estimation.lazy_cells import LazyCells
from evaluation.estimation.parameters import Regression
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.estimation.regression import panel_products
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.panel_regressions import Built, ClusterRoundCells

# Name of the record that says how many of the frame's clusters are in no estimate.
DROPPED = "n_clusters_dropped"


def estimate(
    frame: pd.DataFrame | LazyCells,
    variables: Variables,
    asked: CallOptions,
    *,
    outcomes: Sequence[str] = (),
) -> tuple[Estimate | Unavailable | Diagnostic, ...]:
    """Difference-in-differences of a DataFrame with two rounds, by each inference step.

    Parameters
    ----------
    frame : DataFrame or LazyCells
        One row per interview. Rows without the outcome are left out.
    variables : Variables
        Columns: the outcome is a number; ``treated`` is 0 and 1 by group, the same in both rounds
        of a cluster; ``post`` is 0 and 1 by round.
    asked : CallOptions
    outcomes : sequence of str
        Several outcomes in place of the variables' one. Their p-values are then adjusted for how
        many they are, step by step: single-step max-t where steps have a distribution with the
        same draws for all, else Bonferroni.

    Returns
    -------
    tuple of Estimate, Unavailable or Diagnostic
        By outcome, one per step, in their order; a step that is unavailable holds a reason and no
        number. Then, if clusters of the frame are left out as unseen in a round, `DROPPED`.

    Raises
    ------
    EstimationError
        See `check` and `panel` of `dataframe_study`, and `panel_products.collect`; or clusters in
        one round only are refused.

    Notes
    -----
    y = cluster effect + b_post post + tau (treated x post) + covariates, weighted least squares;
    tau is the average effect on the treated under parallel trends of the weighted cluster means.
    Without covariates it equals the regression of cluster changes, with weights
    w0 w1 / (w0 + w1) from the two rounds' weight totals, on treatment.
    """
    call_choices.check(variables, asked)
    names = tuple(outcomes) or (variables.outcome,)
    chosen = dataframe_study.specification(variables, estimand=asked.estimand)
    panel, found = _collected(frame, variables, chosen, names)
    built = {name: _in_both_rounds(found.regression(name), asked.one_round) for name in names}
    permuted = drawn = None
    if "ri" in asked.steps:
        permuted = dataframe_study.permuted(panel, variables, number=asked.draws, seed=asked.seed)
    if set(WILD).intersection(asked.steps):
        # Of the regressions, not of the frame: a cluster that is left out must not double the sign
        # vectors beyond what can be enumerated.
        used = {
            c for one in built.values() for c in (*one.clusters_treated, *one.clusters_comparison)
        }
        drawn = bootstrap.draws(used, number=asked.draws, seed=asked.seed, kind=asked.weights_kind)
    analyses = {
        name: analyse(one, tuple(asked.steps), draws=drawn, permutations=permuted)
        for name, one in built.items()
    }
    rows: list[Estimate | Unavailable | Diagnostic] = []
    for name, analysis in analyses.items():
        heading = dataframe_study.heading(chosen, name, level=asked.level)
        rows += records(analysis, heading)
        rows += _dropped(panel[variables.cluster], built[name], heading)
    return tuple(rows) if len(names) == 1 else _adjusted(rows, analyses, asked)


def _collected(
    frame: pd.DataFrame | LazyCells,
    variables: Variables,
    chosen: Regression,
    names: Sequence[str],
) -> tuple[pd.DataFrame, ClusterRoundCells]:
    """The panel, or of one that stays in its engine the clusters' columns; and its sums."""
    study = dataframe_study.study(variables)
    if isinstance(frame, LazyCells):
        return frame.collect(chosen, study)
    panel = dataframe_study.panel(frame, variables, outcomes=names)
    outcomes = tuple(dataframe_study.outcome(replace(variables, outcome=n)) for n in names)
    return panel, panel_products.collect(panel, chosen, outcomes=outcomes, study=study)


def _adjusted(
    rows: Sequence[Estimate | Unavailable | Diagnostic],
    analyses: Mapping[str, Analysis],
    asked: CallOptions,
) -> tuple[Estimate | Unavailable | Diagnostic, ...]:
    """The same records with p-values adjusted for the outcomes that have an estimate."""
    there = {(row.step, row.outcome) for row in rows if isinstance(row, Estimate)}
    held: dict[tuple[str, str], tuple[float, Method]] = {}
    for step in asked.steps:
        family = {
            name: found
            for name, one in analyses.items()
            if (step, name) in there and not isinstance(found := one.steps[step], StepUnavailable)
        }
        if not family:
            continue
        drawn = all(isinstance(found, Distribution) for found in family.values())
        method: Method = "max_t" if drawn else "bonferroni"
        together = simultaneous(family, method=method, step=step, level=asked.level)
        held |= {(step, name): (one.p_value, method) for name, one in together.items()}
    return tuple(
        replace(
            row,
            p_adjusted=held[row.step, row.outcome][0],
            adjustment=held[row.step, row.outcome][1],
        )
        if isinstance(row, Estimate)
        else row
        for row in rows
    )


def _dropped(cluster: pd.Series, built: Built, heading: Heading) -> tuple[Diagnostic, ...]:
    """How many of the frame's clusters are not in the regression; nothing if all are."""
    kept = len(built.clusters_treated) + len(built.clusters_comparison)
    number = len(cluster.cat.categories) - kept
    if not number:
        return ()
    return (diagnostic(heading, DROPPED, number, "clusters"),)


def _in_both_rounds(built: Built, one_round: OneRound) -> Built:
    """The regression; clusters in one round only are refused unless they may be dropped."""
    if built.one_round and one_round != "drop":
        listed = ", ".join(built.one_round[:5])
        raise dataframe_study.call_error(
            "clusters-outcome", "pass-one-round", n=len(built.one_round), listed=listed
        )
    return built
