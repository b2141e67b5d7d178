"""`evaluation.regression` and `evaluation.ancova`: least squares on columns of one table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from evaluation.api import lazy_tables
from evaluation.api.did import cited, note_few, sentence
from evaluation.api.doubts import look_at_values, look_for_doubles
from evaluation.api.given import Given, check_columns, given
from evaluation.api.result import Result, estimates_table
from evaluation.errors import EstimationError
from evaluation.estimation import call_choices, dataframe_study, lazy_model, linear_model
from evaluation.estimation.call_choices import listed
from evaluation.estimation.linear_model import BY_ROW, CLUSTERED, Model, Term
from evaluation.locale.messages import Message, Plain, message
from evaluation.study.records import CheckStep, Estimate, Step, Unavailable

REGRESSION, ANCOVA = "regression", "ancova"
PLOTTED = ("term", "method", "estimate", "ci_low", "ci_high")
BASELINE, MISSING = "baseline value", "baseline value missing"
Method = Step | CheckStep
# what is shown unasked, of any table
OF_SUMS: tuple[Method, ...] = ("wcr_s", "cv1")


def regression(  # noqa: PLR0913 -- a call names the columns and choices of a whole regression
    frame: Any,
    *,
    outcome: str,
    terms: Sequence[Term],
    cluster: str,
    absorb: str = "",
    controls: Sequence[Term] = (),
    weights: str = "none",
    methods: Sequence[Method] | None = None,
    draws: int = 9_999,
    seed: int = 1,
    level: float = 0.95,
    strict: bool = False,
) -> Result:
    """Weighted least squares on any columns, with errors by cluster and by row.

    Parameters
    ----------
    frame : pandas, polars or Arrow table, lazy table, or path
        Rows in which a column of the regression is missing are left out, and counted in the notes.
        Lazy tables and paths are those of `evaluation.did`. They take methods that need only sums
        by cluster, and ``absorb`` is the cluster or nothing.
    outcome : str
        Column of a number.
    terms : sequence of str or tuple of str
        Columns whose coefficients are wanted: numbers as they are, other values as dummies without
        the first in sorted order. A tuple is the product of its columns. A treatment may vary
        inside clusters. A column's name is never read as a formula.
    cluster : str
        Column of what errors are alike in.
    absorb : str
        Column whose every value has an effect of its own, such as the cluster; a constant without.
    controls : sequence of str or tuple of str
        As ``terms``, without their coefficients in the result.
    weights : str
        Column of positive weights, or "none".
    methods : sequence of {"wcr_s", "wcr", "cv3", "cr2", "cv1", "classical", "hc1"}, optional
        As of `evaluation.did`; and errors that know no clusters, to be seen beside: they are too
        small where answers in a cluster are alike. None is "wcr_s" and "cv1", with "classical" and
        "hc1" beside them where the rows are at hand, which these two need.
    draws, seed : int
        Of the bootstrap.
    level : float
        Confidence level.
    strict : bool
        Refuse what the notes would say of the data.

    Returns
    -------
    Result
        One row per coefficient and method.

    Raises
    ------
    EstimationError
        See `evaluation.estimation.linear_model.estimate`, and `evaluation.api.given.given`.

    Examples
    --------
    >>> import evaluation as ev
    >>> found = ev.regression(
    ...     ev.example(),
    ...     outcome="trust",
    ...     terms=[("treated", "endline"), "endline"],
    ...     absorb="village",
    ...     cluster="village",
    ...     methods=["cv1", "classical"],
    ... )
    >>> found.to_frame()[["term", "method"]].to_numpy().tolist()[:2]
    [['treated x endline', 'cv1'], ['treated x endline', 'classical']]
    """
    model = Model(
        outcome=outcome,
        terms=_terms(terms, "terms"),
        controls=_terms(controls, "controls"),
        cluster=cluster,
        absorb=absorb,
        weights=weights,
    )
    lazy = lazy_tables.opened(frame, REGRESSION)
    if methods is None:
        methods = OF_SUMS if lazy is not None else (*OF_SUMS, *BY_ROW)
    asked = _asked(methods, draws, seed, level)
    if lazy is not None:
        return _lazily(lazy, model, asked, strict=strict)
    return _estimated(_given(frame, REGRESSION, model), model, asked, strict=strict)


def _lazily(
    lazy: tuple[nw.LazyFrame, str], model: Model, asked: linear_model.Choices, *, strict: bool
) -> Result:
    """The result of a table that stays in its engine."""
    columns = pd.DataFrame(columns=lazy[0].collect_schema().names())
    check_columns(columns, model.columns(), REGRESSION)
    table, dropped = lazy_model.complete(lazy[0], model, asked)
    variables = lazy_model.variables(model)
    rows, data = lazy_tables.cells((table, lazy[1]), REGRESSION, variables, (model.outcome,))
    records = lazy_model.estimate(rows, model, asked, dropped=dropped)
    lazy_tables.look_at_columns(data, rows)
    return _result(data, model, asked, records, dropped, strict=strict)


def ancova(  # noqa: PLR0913 -- a call names the columns and choices of a whole trial
    frame: Any,
    *,
    outcome: str,
    baseline: str,
    treated: str,
    cluster: str,
    blocks: str = "",
    covariates: Sequence[str] = (),
    weights: str = "none",
    methods: Sequence[Method] = ("wcr_s",),
    draws: int = 9_999,
    seed: int = 1,
    level: float = 0.95,
    strict: bool = False,
) -> Result:
    """Analysis of covariance: the endline outcome on treatment given its baseline value.

    Parameters
    ----------
    frame : pandas, polars or Arrow table
        One row a respondent of the endline.
    outcome, baseline, treated, cluster : str
        Columns: the endline's number; the same before treatment, which may be missing; 0 and 1;
        the unit that was treated as a whole.
    blocks : str
        Column of the blocks of a lottery: each gets an effect of its own.
    covariates : sequence of str
        Numbers as they are, other values as dummies.
    weights : str
        Column of positive weights, or "none".
    methods : sequence of str
        As of `evaluation.regression`.
    draws, seed : int
        Of the bootstrap.
    level : float
        Confidence level.
    strict : bool
        Refuse what the notes would say of the data.

    Returns
    -------
    Result

    Raises
    ------
    EstimationError
        See `evaluation.regression`.

    Notes
    -----
    y1 = a + tau treated + b y0 + c (y0 missing) + blocks + covariates (McKenzie 2012): who has no
    baseline value counts as zero there, with an indicator, so that nobody of the endline is lost.

    Examples
    --------
    >>> import evaluation as ev
    >>> rows = ev.example()
    >>> before = rows[rows["endline"] == 0].groupby("village")["trust"].mean()
    >>> after = rows[rows["endline"] == 1].assign(before=lambda t: t["village"].map(before))
    >>> columns = {"baseline": "before", "treated": "treated", "cluster": "village"}
    >>> found = ev.ancova(after, outcome="trust", **columns, methods=["cr2"])
    >>> found.primary.treatment
    'treated'
    """
    names = listed(covariates, "covariates")
    # the baseline is checked for itself: it may be missing
    data = given(
        frame,
        ANCOVA,
        numbers=(outcome, baseline),
        clusters=(cluster,),
        others=(treated, blocks, *names),
        weights=weights,
    )
    dataframe_study.indicator(data.frame[treated])
    made = _baseline(data.frame, baseline)
    controls = [BASELINE, *([MISSING] if made[MISSING].any() else []), *names]
    model = Model(
        outcome=outcome,
        terms=(treated,),
        controls=tuple(controls),
        cluster=cluster,
        absorb=blocks,
        weights=weights,
    )
    look_at_values(data, (baseline,), ())
    data = replace(data, frame=made)
    return _estimated(data, model, _asked(methods, draws, seed, level), strict=strict)


def _baseline(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame with the baseline value, zero where it is missing, and an indicator of that."""
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(values)
    made = {BASELINE: np.where(known, values, 0.0), MISSING: (~known).astype(np.float64)}
    return frame.assign(**made)


def _terms(given_terms: Sequence[Term], argument: str) -> tuple[Term, ...]:
    terms = call_choices.listed(given_terms, argument)  # type: ignore[type-var]
    if argument == "terms" and not terms:
        raise EstimationError.of("no-terms", "no-terms", REGRESSION)
    return terms


def _given(frame: Any, where: str, model: Model) -> Given:
    others = [n for n in model.columns() if n not in (model.outcome, model.cluster, model.weights)]
    return given(
        frame,
        where,
        numbers=(model.outcome,),
        clusters=(model.cluster,),
        others=others,
        weights=model.weights,
    )


def _asked(methods: Sequence[Method], draws: int, seed: int, level: float) -> linear_model.Choices:
    """Choices that exist."""
    chosen = listed(methods, "methods")
    known = (*CLUSTERED, *BY_ROW)
    for method in chosen:
        call_choices.check_one_of(method, known, message("word.an-inference-step"))
    call_choices.check_numbers(draws=draws, seed=seed, level=level)
    return linear_model.Choices(methods=chosen, draws=draws, seed=seed, level=level)


def _estimated(data: Given, model: Model, asked: linear_model.Choices, *, strict: bool) -> Result:
    records, dropped = linear_model.estimate(data.frame, model, asked)
    covariates = [n for n in model.regressors if n not in (BASELINE, MISSING)]
    look_at_values(data, (model.outcome,), covariates)
    look_for_doubles(data, model.columns())
    return _result(data, model, asked, records, dropped, strict=strict)


def _result(
    data: Given,
    model: Model,
    asked: linear_model.Choices,
    records: Sequence[Estimate | Unavailable],
    dropped: int,
    *,
    strict: bool,
) -> Result:
    if dropped:
        data.notes.append(message("rows-incomplete.note", n=Plain(dropped)))
    note_few(data, _of_arms(data, records), asked.methods)
    first = records[0]
    return Result(
        primary=first,
        table=estimates_table(records, term=True, adjusted=False),
        title=message(f"{data.where}.title"),
        sentence=sentence(first, f"{model.outcome}, {first.specification}"),
        choices=_choices(model, asked),
        citation=message(f"cite.{data.where}", methods=cited(asked.methods)),
        notes=data.settled(strict=strict),
        records=tuple(records),
        plotted=PLOTTED,
        mark=data.mark,
    )


def _of_arms(
    data: Given, records: Sequence[Estimate | Unavailable]
) -> Sequence[Estimate | Unavailable]:
    """The records; outside `ancova` clusters without a term are no arm: it may vary in others."""
    if data.where == ANCOVA:
        return records
    return [replace(r, n_clusters_comparison=0) for r in records if isinstance(r, Estimate)]


def _choices(model: Model, asked: linear_model.Choices) -> Message:
    return message(
        "regression.choices",
        absorb=model.absorb or message("word.a-constant"),
        cluster=model.cluster,
        weights=model.weights,
        methods=", ".join(asked.methods),
        draws=Plain(f"{asked.draws:,}"),
        seed=Plain(asked.seed),
        level=Plain(f"{100.0 * asked.level:g}"),
    )
