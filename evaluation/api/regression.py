"""`evaluation.regression` and `evaluation.ancova`: least squares on columns of one table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import narwhals as nw
import numpy as np
import pandas as pd

from evaluation.api import lazy_tables
from evaluation.api.did import cited, note_few, sentence
from evaluation.api.door import check_lists, check_names, check_terms, door
from evaluation.api.doubts import look_at_values, look_for_doubles
from evaluation.api.given import GivenFrame, check_columns, given
from evaluation.api.result import Result, estimates_table
from evaluation.errors import EstimationError
from evaluation.estimation import call_choices, dataframe_study, lazy_model, linear_model
from evaluation.estimation.call_choices import listed
from evaluation.estimation.linear_model import Model, Term
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.locale.messages import Message, Plain, message

REGRESSION, ANCOVA = "regression", "ancova"
PLOTTED = ("term", "method", "estimate", "ci_low", "ci_high")
Method = Literal["wcr_s", "wcr", "cv3", "cr2", "cv1", "classical", "hc1"]
# what is shown unasked, of any table
OF_SUMS: tuple[Method, ...] = ("wcr_s", "cv1")


@door(REGRESSION)
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
    check_names(outcome=outcome, cluster=cluster)
    check_lists(absorb=[absorb] if absorb != "" else [])
    call_choices.check_weights(weights)
    model = Model(
        outcome=outcome,
        terms=_terms(terms, "terms"),
        controls=_terms(controls, "controls"),
        cluster=cluster,
        absorb=absorb,
        weights=weights,
    )
    if outcome in model.regressors:
        other = "terms" if outcome in replace(model, controls=()).regressors else "controls"
        call_choices.check_parts([("outcome", outcome), (other, outcome)])
    lazy = lazy_tables.opened(frame, REGRESSION)
    if methods is None:
        methods = OF_SUMS if lazy is not None else (*OF_SUMS, "classical", "hc1")
    asked = _asked(methods, draws, seed, level)
    if lazy is not None:
        return _lazily(lazy, model, asked, strict=strict)
    data = _given(frame, REGRESSION, model)
    return _estimated(data, model, asked, covariates=model.regressors, strict=strict)


def _lazily(
    lazy: tuple[nw.LazyFrame, str], model: Model, asked: linear_model.ErrorOptions, *, strict: bool
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


@door(ANCOVA)
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
        The baseline value is infinite, or missing in every row with the outcome; or as of
        `evaluation.regression`.

    Notes
    -----
    y1 = a + tau treated + b y0 + c (y0 missing) + blocks + covariates (McKenzie 2012): who has no
    baseline value is kept, with one number for all of them and an indicator, which takes that
    number up. The indicator is left out where all rows of the regression, or all of each block, are
    alike in it.

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
    check_names(outcome=outcome, baseline=baseline, treated=treated, cluster=cluster)
    check_lists(covariates=names, blocks=[blocks] if blocks != "" else [])
    call_choices.check_weights(weights)
    call_choices.check_parts(
        [("outcome", outcome), ("baseline", baseline), ("treated", treated), ("cluster", cluster)],
        [("covariates", name) for name in names],
    )
    if baseline in (blocks, weights):
        other = [("blocks", blocks)] if baseline == blocks else [("weights", weights)]
        call_choices.check_parts([("baseline", baseline)], other)
    data = given(
        frame,
        ANCOVA,
        numbers=(outcome, baseline),
        clusters=(cluster,),
        others=(treated, blocks, *names),
        measures=names,
        weights=weights,
    )
    look_at_values(data, (baseline,), ())
    model = Model(
        outcome=outcome,
        terms=(treated,),
        controls=names,
        cluster=cluster,
        absorb=blocks,
        weights=weights,
    )
    made, controls = _baseline(data.frame, baseline, model)
    data = replace(data, frame=made)
    model = replace(model, controls=(*controls, *names))
    asked = _asked(methods, draws, seed, level)
    return _estimated(data, model, asked, covariates=(treated, *names), strict=strict)


def _baseline(frame: pd.DataFrame, name: str, model: Model) -> tuple[pd.DataFrame, list[str]]:
    """The frame with zero where the baseline value is missing, and an indicator of that.

    Only rows that the regression uses decide whether there is an indicator: it has to vary, inside
    the blocks if effects of these are in the regression.
    """
    values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise EstimationError.of(
            "rows-infinite", "check-how-made", ANCOVA, rule="sample", number=infinite, name=name
        )
    known, used = np.isfinite(values), linear_model.complete(frame, model)
    if used.any() and not known[used].any():
        raise EstimationError.of("no-baseline", "no-baseline", ANCOVA, rule="sample", name=name)
    arm = dataframe_study.indicator(frame[model.terms[0]])[used]
    if not known[used].all() and len(np.unique(np.c_[known[used], arm], axis=0)) == 2:
        raise EstimationError.of("baseline-one-group", "no-baseline", ANCOVA, name=name)
    label = f"{name} missing"
    while label in frame.columns:
        label += "_"
    # the indicator takes up whatever number stands for what is unknown
    filled = np.where(known, values, values[known].mean() if known.any() else 0.0)
    made = frame.assign(**{name: filled, label: (~known).astype(np.float64)})
    inside = frame[model.absorb][used].to_numpy() if model.absorb else np.zeros(int(used.sum()))
    kinds = pd.DataFrame({"inside": inside, "known": known[used]}).drop_duplicates()
    return made, [name, label] if kinds["inside"].duplicated().any() else [name]


def _terms(given_terms: Sequence[Term], argument: str) -> tuple[Term, ...]:
    terms = call_choices.listed(given_terms, argument)  # type: ignore[type-var]
    check_terms(**{argument: terms})
    if argument == "terms" and not terms:
        raise EstimationError.of("no-terms", "no-terms", REGRESSION)
    return terms


def _given(frame: Any, where: str, model: Model) -> GivenFrame:
    others = [n for n in model.columns() if n not in (model.outcome, model.cluster, model.weights)]
    return given(
        frame,
        where,
        numbers=(model.outcome,),
        clusters=(model.cluster,),
        others=others,
        measures=model.regressors,
        weights=model.weights,
    )


def _asked(
    methods: Sequence[Method], draws: int, seed: int, level: float
) -> linear_model.ErrorOptions:
    """Choices that exist."""
    chosen = listed(methods, "methods")
    call_choices.check_steps(chosen, get_args(Method))
    call_choices.check_numbers(draws=draws, seed=seed, level=level)
    return linear_model.ErrorOptions(methods=chosen, draws=draws, seed=seed, level=level)


def _estimated(
    data: GivenFrame,
    model: Model,
    asked: linear_model.ErrorOptions,
    *,
    covariates: Sequence[str],
    strict: bool,
) -> Result:
    records, dropped = linear_model.estimate(data.frame, model, asked)
    look_at_values(data, (model.outcome,), covariates)
    look_for_doubles(data, model.columns())
    return _result(data, model, asked, records, dropped, strict=strict)


def _result(
    data: GivenFrame,
    model: Model,
    asked: linear_model.ErrorOptions,
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
    data: GivenFrame, records: Sequence[Estimate | Unavailable]
) -> Sequence[Estimate | Unavailable]:
    """The records; outside `ancova` clusters without a term are no arm: it may vary in others."""
    if data.where == ANCOVA:
        return records
    return [replace(r, n_clusters_comparison=0) for r in records if isinstance(r, Estimate)]


def _choices(model: Model, asked: linear_model.ErrorOptions) -> Message:
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
