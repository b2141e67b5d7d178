"""`evaluation.did`: difference-in-differences between two rounds of one table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from evaluation.api import lazy_tables
from evaluation.api.door import check_lists, door
from evaluation.api.doubts import look_at_entry, look_at_rounds, look_at_values, look_for_doubles
from evaluation.api.given import GivenFrame, as_pandas, given
from evaluation.api.result import Result, estimates_table
from evaluation.estimation import call_choices
from evaluation.estimation import did as estimator
from evaluation.estimation.call_choices import (
    CallOptions,
    OneRound,
    TwoRoundEstimand,
    TwoRoundStep,
    listed,
)
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.inference.bootstrap import Kind
from evaluation.estimation.inference.steps import ENOUGH
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.locale.messages import Message, Plain, ResultNumber, message, several

WHERE = "did"
PLOTTED = ("outcome", "method", "estimate", "ci_low", "ci_high")


@door(WHERE)
def did(  # noqa: PLR0913 -- a call names the columns and choices of a whole study
    frame: Any,
    *,
    outcome: str | Sequence[str],
    treated: str,
    post: str,
    cluster: str,
    weights: str = "none",
    estimand: TwoRoundEstimand = "equal",
    covariates: Sequence[str] = (),
    strata: str = "",
    strata_round: str = "",
    population: str = "",
    respondent: str = "",
    methods: Sequence[TwoRoundStep] | None = None,
    one_round: OneRound = "refuse",
    multipliers: Kind = "rademacher",
    draws: int = 9_999,
    seed: int = 1,
    level: float = 0.95,
    strict: bool = False,
) -> Result:
    """Difference-in-differences between two rounds, treatment given to whole clusters.

    Parameters
    ----------
    frame : pandas, polars or Arrow table, lazy table, or path
        One row an interview. Rows without the outcome are left out. Of a lazy table (DuckDB, Ibis,
        Spark, polars' LazyFrame), a pyarrow dataset, or the path of a Parquet file or of a folder
        of them, only sums by cluster and round leave the engine that has the rows: more than memory
        holds may lie there. Files are read by DuckDB (extra ``duckdb``). Engines add up in no fixed
        order: the same numbers to twelve digits. Of a pyarrow dataset Arrow reads ahead; its path
        needs less memory.
    outcome : str or sequence of str
        Column of a number; several get p-values that are adjusted for how many they are.
    treated, post, cluster : str
        Columns: 0 and 1 by group, the same in both rounds of a cluster; 0 and 1 by round; the unit
        that was treated as a whole.
    weights : str
        Column of positive design weights, or "none".
    estimand : {"equal", "population", "respondents"}
        Whose average effect: of clusters, each counted once; of people, with clusters counted by
        the column ``population``; or of respondents as the weights have them.
    covariates : sequence of str
        Respondent columns: numbers as they are, other values as dummies.
    strata : str
        Column of the cluster within whose values method "ri" permutes.
    strata_round : str
        Column of the cluster whose values each have a change of their own. Least squares pools the
        strata's effects by n p (1 - p), with n clusters of which the share p is treated.
    population, respondent : str
        Columns with the people of a cluster, and with an id that may be once in a round. Of rows
        that stay in DuckDB, a hundred million ids take 7.5 GB there: less where its memory is
        limited, and the rest in its folder ``.tmp``.
    methods : sequence of {"wcr_s", "wcr", "cv3", "cr2", "cv1", "ri"}, optional
        Wild cluster bootstrap with jackknifed scores, the primary method here; with plain scores;
        cluster jackknife; CR2 with Satterthwaite degrees of freedom; CV1; randomisation inference.
        None is "wcr_s", with "ri" before it where fewer than six clusters of a table in memory are
        treated, or are not.
    one_round : {"refuse", "drop"}
        What to do with clusters that were seen in one round only.
    multipliers : {"rademacher", "webb"}
        Of the bootstrap: signs, or Webb's six points for very few clusters.
    draws, seed : int
        Of the bootstrap and the permutations.
    level : float
        Confidence level.
    strict : bool
        Refuse what `Result.notes` would otherwise say of the data: numbers held as text, codes for
        no answer, rows twice, pooled rounds, starts that differ.

    Returns
    -------
    Result

    Raises
    ------
    EstimationError
        See `evaluation.estimation.did.estimate`, and `evaluation.api.given.given`.

    Examples
    --------
    >>> import evaluation as ev
    >>> columns = {"treated": "treated", "post": "endline", "cluster": "village"}
    >>> found = ev.did(ev.example(), outcome="trust", **columns, draws=999)
    >>> found.summary().removeprefix("[SYNTHETIC DATA – DO NOT CITE] ")
    'trust: effect 0.493, 95 % interval 0.162 to 0.832, p = 0.004 (wcr_s)'
    >>> list(found.to_frame()["method"])
    ['wcr_s']
    """
    outcomes = (outcome,) if isinstance(outcome, str) else listed(outcome, "outcome")
    covariates = listed(covariates, "covariates")
    check_lists(outcome=outcomes or [""])
    variables = Variables(
        outcome=outcomes[0] if outcomes else "",
        treated=treated,
        post=post,
        cluster=cluster,
        weights=weights,
        population=population,
        respondent=respondent,
        covariates=covariates,
        strata_round=strata_round,
        strata=strata,
    )
    lazy = lazy_tables.opened(frame, WHERE)
    frame = as_pandas(frame, WHERE) if lazy is None else frame
    few = lazy is None and _are_few(frame, treated, cluster)
    usual: tuple[TwoRoundStep, ...] = ("ri", "wcr_s") if few else ("wcr_s",)
    asked = CallOptions(
        estimand=estimand,
        steps=usual if methods is None else listed(methods, "methods"),
        draws=draws,
        seed=seed,
        level=level,
        weights_kind=multipliers,
        one_round=one_round,
    )
    call_choices.check(variables, asked, outcomes=outcomes)
    others = (treated, post, population, respondent, strata, strata_round, *covariates)
    used = (*outcomes, cluster, *others, "" if weights == "none" else weights)
    if lazy is None:
        data = given(
            frame, WHERE, numbers=outcomes, clusters=(cluster,), others=others,
            measures=covariates, weights=weights,
        )  # fmt: skip
        records = estimator.estimate(data.frame, variables, asked, outcomes=outcomes)
        _look_at(data, variables, outcomes, used)
    else:
        rows, data = lazy_tables.cells(lazy, WHERE, variables, outcomes)
        records = estimator.estimate(rows, variables, asked, outcomes=outcomes)
        lazy_tables.look_at_columns(data, rows)
        lazy_tables.look_at_periods(data, rows, used)
    data.notes.extend(_left_out(records))
    note_few(data, records, asked.steps)
    primary = next(record for record in records if not isinstance(record, Diagnostic))
    return Result(
        primary=primary,
        table=estimates_table(records, term=False, adjusted=len(outcomes) > 1),
        title=message("did.title"),
        sentence=sentence(primary),
        choices=_choices(variables, asked),
        citation=message("cite.did", methods=cited(asked.steps)),
        notes=data.settled(strict=strict),
        records=records,
        plotted=PLOTTED,
        mark=data.mark,
    )


def _are_few(frame: pd.DataFrame, treated: str, cluster: str) -> bool:
    """Whether one arm has fewer than six clusters; what is wrong with columns is said later."""
    if not frame.columns.is_unique or not all(
        isinstance(name, str) and name in frame.columns for name in (treated, cluster)
    ):
        return False
    try:
        number = frame[[treated, cluster]].drop_duplicates()[treated].value_counts()
    except TypeError:
        return False
    return len(number) == 2 and int(number.min()) < ENOUGH


def note_few(
    data: GivenFrame, records: Sequence[Estimate | Unavailable | Diagnostic], steps: Sequence[str]
) -> None:
    """Note an arm of few clusters; a strict call refuses methods that reject too often then.

    Parameters
    ----------
    data : GivenFrame
    records : sequence of Estimate, Unavailable or Diagnostic
    steps : sequence of str
    """
    arms = [
        number
        for record in records
        if isinstance(record, Estimate)
        for number in (record.n_clusters_treated, record.n_clusters_comparison)
        if number
    ]
    if min(arms, default=ENOUGH) >= ENOUGH:
        return
    note = message("few-clusters.note", n=Plain(min(arms)))
    if {"cv1", "cv3"} & set(steps):
        data.doubt(note)
    else:
        data.notes.append(note)


def _look_at(
    data: GivenFrame, variables: Variables, outcomes: Sequence[str], used: Sequence[str]
) -> None:
    look_at_values(data, outcomes, variables.covariates)
    look_for_doubles(data, used)
    look_at_rounds(data, variables.post, variables.cluster, used)
    look_at_entry(data, variables.treated, variables.cluster, used)


def _left_out(records: Sequence[Estimate | Unavailable | Diagnostic]) -> list[Message]:
    """Clusters in no estimate; outcomes that vary nowhere they are scaled by."""
    found = [
        message("clusters-dropped.note", outcome=r.outcome, n=Plain(int(r.value)))
        for r in records
        if isinstance(r, Diagnostic)
    ]
    flat = {
        r.outcome for r in records if isinstance(r, Estimate) and r.estimate_sd != r.estimate_sd
    }
    return [*found, *(message("flat-at-baseline.note", outcome=name) for name in sorted(flat))]


def _choices(variables: Variables, asked: CallOptions) -> Message:
    return message(
        "did.choices",
        estimand=message(f"estimand-chosen.{asked.estimand}"),
        weights=variables.weights,
        methods=", ".join(asked.steps),
        draws=Plain(f"{asked.draws:,}"),
        seed=Plain(asked.seed),
        level=Plain(f"{100.0 * asked.level:g}"),
    )


def sentence(record: Estimate | Unavailable, name: str = "") -> Message:
    """An estimate in a sentence, or why there is none.

    Parameters
    ----------
    record : Estimate or Unavailable
    name : str, optional
        Of the coefficient; the outcome's without.
    """
    named = name or record.outcome
    if isinstance(record, Unavailable):
        return message("estimate-unavailable.text", name=named, reason=record.reason)
    return message(
        "estimate.text",
        name=named,
        estimate=ResultNumber(f"{record.estimate:.3g}"),
        level=Plain(f"{100.0 * record.level:g}"),
        low=ResultNumber(f"{record.ci_low:.3g}"),
        high=ResultNumber(f"{record.ci_high:.3g}"),
        p=ResultNumber(f"{record.p_value:.3g}"),
        method=record.step,
    )


def cited(methods: Sequence[str]) -> Message:
    """Methods of inference with their references.

    Parameters
    ----------
    methods : sequence of str
    """
    return message("cite.methods", listed=several([message(f"cite.{m}") for m in methods]))
