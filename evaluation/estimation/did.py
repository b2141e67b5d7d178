"""Difference-in-differences between two survey rounds, treatment given to whole clusters.

`two_rounds` needs a DataFrame and nothing else; `estimate` follows a study's plan.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from evaluation.estimation import dataframe_study
from evaluation.estimation.dataframe_study import Choices, OneRound, Variables
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.bootstrap import Kind
from evaluation.estimation.inference.estimate_record import Heading, diagnostic
from evaluation.estimation.inference.steps import WILD, analyse, records
from evaluation.estimation.regression import panel_products
from evaluation.estimation.regression.panel_regressions import Built
from evaluation.locale.messages import message
from evaluation.study.plan import Specification
from evaluation.study.records import Diagnostic, Estimand, Estimate, Step, Unavailable

STEPS: tuple[Step, ...] = ("wcr_s", "cv3", "cr2", "cv1")
TABLE = (
    "step",
    "outcome",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "ci_kind",
    "ci_low_mc_error",
    "ci_high_mc_error",
    "p_value",
    "mc_error",
    "df",
    "n",
    "n_clusters_treated",
    "n_clusters_comparison",
)
# Name of the record that says how many of the frame's clusters are in no estimate.
DROPPED = "n_clusters_dropped"


def two_rounds(  # noqa: PLR0913 -- a call names the columns and choices of a whole study
    frame: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    post: str,
    cluster: str,
    weights: str,
    estimand: Estimand,
    seed: int,
    steps: Sequence[Step] = STEPS,
    draws: int = 9_999,
    level: float = 0.95,
    covariates: Sequence[str] = (),
    population: str = "",
    respondent: str = "",
    strata_round: str = "",
    strata: str = "",
    one_round: OneRound = "refuse",
    weights_kind: Kind = "rademacher",
) -> tuple[Estimate | Unavailable | Diagnostic, ...]:
    """Difference-in-differences of a DataFrame with two rounds, by each inference step.

    Parameters
    ----------
    frame : DataFrame
        One row per interview. Rows without the outcome are left out.
    outcome, treated, post, cluster : str
        Columns: a number; 0 and 1 by group, the same in both rounds of a cluster; 0 and 1 by
        round; the unit that was treated as a whole.
    weights : str
        Column of positive design weights, or "none".
    estimand : {"equal", "population", "respondents"}
        Whose average effect: of clusters, each counted once; of people, with clusters counted by
        the column ``population``; or of respondents as the weights have them.
    seed : int
        Of the bootstrap multipliers and permutations.
    steps : sequence of str
        Inference methods: cv1, cv3, cr2, wcr, wcr_s, ri.
    draws : int
        Bootstrap draws and permutations; complete enumeration where there are no more.
    level : float
        Confidence level of the intervals.
    covariates : sequence of str
        Respondent columns: numbers as they are, other values as dummies.
    population, respondent : str
        Columns with the people of a cluster, and with an id that may be once in a round.
    strata_round : str
        Column of the cluster whose values each have a change of their own. Least squares pools
        the strata's effects by n p (1 - p), with n clusters of which the share p is treated (n
        their populations or weights under the other estimands): under "equal" too, this is not
        the mean over treated clusters where effects and p both differ between strata.
    strata : str
        Column of the cluster within whose values step ri permutes; without one over all.
    one_round : {"refuse", "drop"}
        What to do with clusters that were seen in one round only; they say nothing on changes.
    weights_kind : {"rademacher", "webb"}
        Bootstrap multipliers: signs, or Webb's six points for so few clusters that p-values made
        of signs are coarse or cannot be small.

    Returns
    -------
    tuple of Estimate, Unavailable or Diagnostic
        One per step, in their order; a step that cannot be had holds a reason and no number. Then,
        if clusters of the frame are left out as unseen in a round, `DROPPED`, their number.

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
    variables = Variables(
        outcome=outcome,
        treated=treated,
        post=post,
        cluster=cluster,
        weights=weights,
        population=population,
        respondent=respondent,
        covariates=dataframe_study.listed(covariates, "covariates"),
        strata_round=strata_round,
        strata=strata,
    )
    asked = Choices(
        estimand=estimand,
        steps=dataframe_study.listed(steps, "steps"),
        draws=draws,
        seed=seed,
        level=level,
        weights_kind=weights_kind,
        one_round=one_round,
    )
    dataframe_study.check(frame, variables, asked)
    return _two_rounds(frame, variables, asked)


def _two_rounds(
    frame: pd.DataFrame, variables: Variables, asked: Choices
) -> tuple[Estimate | Unavailable | Diagnostic, ...]:
    panel = dataframe_study.panel(frame, variables)
    chosen = dataframe_study.specification(variables, estimand=asked.estimand, steps=asked.steps)
    built = _in_both_rounds(panel, variables, chosen, asked.one_round)
    permuted = drawn = None
    if "ri" in chosen.steps:
        permuted = dataframe_study.permuted(panel, variables, number=asked.draws, seed=asked.seed)
    if set(WILD).intersection(chosen.steps):
        # Of the regression, not of the frame: a cluster that is left out must not double the sign
        # vectors beyond what can be enumerated.
        used = (*built.clusters_treated, *built.clusters_comparison)
        drawn = bootstrap.draws(used, number=asked.draws, seed=asked.seed, kind=asked.weights_kind)
    analysis = analyse(built, chosen.steps, draws=drawn, permutations=permuted)
    heading = dataframe_study.heading(chosen, variables.outcome, level=asked.level)
    return (*records(analysis, heading), *_dropped(panel[variables.cluster], built, heading))


def _dropped(cluster: pd.Series, built: Built, heading: Heading) -> tuple[Diagnostic, ...]:
    """How many of the frame's clusters are not in the regression; nothing if all are."""
    kept = len(built.clusters_treated) + len(built.clusters_comparison)
    number = len(cluster.cat.categories) - kept
    if not number:
        return ()
    return (diagnostic(heading, DROPPED, number, "clusters"),)


def _in_both_rounds(
    panel: pd.DataFrame, variables: Variables, chosen: Specification, one_round: OneRound
) -> Built:
    """The regression; clusters in one round only are refused unless they may be dropped."""
    outcomes, study = (dataframe_study.outcome(variables),), dataframe_study.study(variables)
    built = panel_products.collect(panel, chosen, outcomes=outcomes, study=study).regression(
        variables.outcome
    )
    if built.one_round and one_round != "drop":
        listed = ", ".join(built.one_round[:5])
        raise dataframe_study.call_error(
            "clusters-outcome", "pass-one-round", n=len(built.one_round), listed=listed
        )
    return built


def table(found: Iterable[Estimate | Unavailable | Diagnostic]) -> pd.DataFrame:
    """Records as a small table for reading, one row per step.

    Parameters
    ----------
    found : iterable of Estimate, Unavailable or Diagnostic
        Of `two_rounds`.

    Returns
    -------
    DataFrame
        Columns of `TABLE`, `DROPPED` (clusters of the frame that are not in the outcome's estimate)
        and ``note``: how p was had, or why a step is not available; such a row has no numbers.
    """
    given = list(found)
    dropped = {
        _regression(record): int(record.value)
        for record in given
        if isinstance(record, Diagnostic) and record.name == DROPPED
    }
    rows = [
        _row(record, dropped.get(_regression(record), 0))
        for record in given
        if not isinstance(record, Diagnostic)
    ]
    return pd.DataFrame(rows, columns=[*TABLE, DROPPED, "note"]).set_index("step")


def _regression(record: Estimate | Unavailable | Diagnostic) -> tuple[object, ...]:
    """Which regression a record is of."""
    return record.outcome, record.specification, record.estimand, record.sample


def _row(record: Estimate | Unavailable, dropped: int) -> dict[str, object]:
    if isinstance(record, Unavailable):
        return {
            "step": record.step,
            "outcome": record.outcome,
            "note": message("not-available.note", reason=record.reason),
        }
    shown = {name: getattr(record, name) for name in TABLE}
    return shown | {DROPPED: dropped, "note": record.p_kind}
