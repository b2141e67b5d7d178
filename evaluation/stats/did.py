"""Difference-in-differences between two survey rounds, treatment given to whole clusters.

`two_rounds` needs a DataFrame and nothing else; `estimate` follows a study's plan.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import pandas as pd

from evaluation.errors import EstimationError
from evaluation.spec.plan import Inference, Outcome, Specification
from evaluation.spec.records import Estimand, Estimate, Provenance, Status, Step, Unavailable
from evaluation.spec.study import Study
from evaluation.stats import bootstrap, cells, design, in_memory
from evaluation.stats.bootstrap import Draws
from evaluation.stats.heading import Heading
from evaluation.stats.in_memory import Variables
from evaluation.stats.regressions import Regression
from evaluation.stats.steps import analyse, records

STEPS: tuple[Step, ...] = ("wcr_s", "cv3", "cr2", "cv1")
TABLE = (
    "step",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "p_value",
    "df",
    "n",
    "n_clusters_treated",
    "n_clusters_comparison",
)


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
    one_round: Literal["refuse", "drop"] = "refuse",
) -> tuple[Estimate | Unavailable, ...]:
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
        Column of the cluster whose values each have a change of their own.
    strata : str
        Column of the cluster within whose values step ri permutes; without one over all.
    one_round : {"refuse", "drop"}
        What to do with clusters that were seen in one round only; they say nothing on changes.

    Returns
    -------
    tuple of Estimate or Unavailable
        One per step, in their order; a step that cannot be had holds a reason and no number.

    Raises
    ------
    EstimationError
        See `in_memory.panel` and `cells.collect`; or clusters in one round only are refused.

    Notes
    -----
    See `estimate`.
    """
    variables = Variables(
        outcome=outcome,
        treated=treated,
        post=post,
        cluster=cluster,
        weights=weights,
        population=population,
        respondent=respondent,
        covariates=tuple(covariates),
        strata_round=strata_round,
        strata=strata,
    )
    in_memory.check_choices(variables, estimand=estimand, steps=steps, level=level)
    panel = in_memory.panel(frame, variables)
    chosen = in_memory.specification(variables, estimand=estimand, steps=steps)
    built = _in_both_rounds(panel, variables, chosen, one_round)
    permuted = (
        in_memory.permuted(panel, variables, number=draws, seed=seed) if "ri" in steps else None
    )
    analysis = analyse(
        built,
        chosen.steps,
        draws=bootstrap.draws(panel[cluster].unique(), number=draws, seed=seed),
        permutations=permuted,
    )
    return records(analysis, in_memory.heading(chosen, outcome, level=level))


def _in_both_rounds(
    panel: pd.DataFrame, variables: Variables, chosen: Specification, one_round: str
) -> Regression:
    """The regression; clusters in one round only are refused unless they may be dropped."""
    outcomes, study = (in_memory.outcome(variables),), in_memory.study(variables)
    built = cells.collect(panel, chosen, outcomes=outcomes, study=study).regression(
        variables.outcome
    )
    if built.one_round and one_round != "drop":
        listed = ", ".join(built.one_round[:5])
        raise in_memory.error(
            f"{len(built.one_round)} clusters have the outcome in one round only: {listed}",
            'pass one_round="drop" to leave them out',
        )
    return built


def table(found: Iterable[Estimate | Unavailable]) -> pd.DataFrame:
    """Records as a small table for reading, one row per step.

    Parameters
    ----------
    found : iterable of Estimate or Unavailable

    Returns
    -------
    DataFrame
        Columns of `TABLE` and ``note``: how p was had, or why a step is not available; such a
        row has no numbers.
    """
    rows = [
        {name: getattr(record, name) for name in TABLE} | {"note": record.p_kind}
        if isinstance(record, Estimate)
        else {"step": record.step, "note": f"not available: {record.reason}"}
        for record in found
    ]
    return pd.DataFrame(rows, columns=[*TABLE, "note"]).set_index("step")


def estimate(  # noqa: PLR0913 -- choices of the design have no default
    panel: pd.DataFrame,
    specification: Specification,
    *,
    outcome: Outcome,
    study: Study,
    inference: Inference,
    provenance: Provenance,
    status: Status,
    draws: Draws,
) -> tuple[Estimate | Unavailable, ...]:
    """Effect of the treatment on one outcome, by each inference step of the specification.

    Parameters
    ----------
    panel : DataFrame
        Clean rounds stacked, one row per interview, with the outcome under its id.
    specification : Specification
        With method ``did``.
    outcome : Outcome
    study : Study
    inference : Inference
        Gives the confidence level.
    provenance : Provenance
        Hashes that the records carry.
    status : str
        How the result may be called.
    draws : Draws
        Bootstrap multipliers of at least the sample's clusters.

    Returns
    -------
    tuple of Estimate or Unavailable
        One per step, in the order of the specification.

    Raises
    ------
    EstimationError
        See `design.build`; or the specification is of another method.

    Notes
    -----
    y = cluster effect + b_post post + tau (treated x post) + covariates, weighted least squares;
    tau is the average effect on the treated under parallel trends of the weighted cluster means.
    Without covariates it equals the regression of cluster changes, with weights
    w0 w1 / (w0 + w1) from the two rounds' weight totals, on treatment.
    """
    _check_method(specification, "did")
    heading = Heading.of(
        specification,
        outcome,
        study=study,
        inference=inference,
        provenance=provenance,
        status=status,
    )
    built = design.build(panel, specification, outcome=outcome, study=study)
    return records(analyse(built, specification.steps_for(outcome), draws=draws), heading)


def primary(estimates: Iterable[Estimate | Unavailable], inference: Inference) -> Estimate:
    """The estimate by the step that gives the plan's primary p-value and interval.

    Raises
    ------
    EstimationError
        That step is missing or cannot be had; the reason is given.
    """
    step: Step = inference.primary_step
    matching = [record for record in estimates if record.step == step]
    if len(matching) == 1 and isinstance(matching[0], Estimate):
        return matching[0]
    reason = (
        matching[0].reason
        if matching and isinstance(matching[0], Unavailable)
        else f"{len(matching)} records have the step {step}"
    )
    raise EstimationError(
        f"no primary estimate: {reason}",
        where="plan.toml, inference.primary_step",
        mend="pass the records of one outcome and specification whose steps include it",
    )


def _check_method(specification: Specification, method: str) -> None:
    if specification.method != method:
        raise EstimationError(
            f"the specification's method is {specification.method}, not {method}",
            where=f"specification {specification.id}",
            mend=f"call evaluation.stats.{specification.method}",
        )
