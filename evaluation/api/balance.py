"""`evaluation.balance`: what the groups were like before the programme."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from evaluation.api.door import check_lists, door
from evaluation.api.doubts import look_at_values, look_for_doubles
from evaluation.api.given import given
from evaluation.api.result import Result
from evaluation.errors import EstimationError
from evaluation.estimation import call_choices, dataframe_study
from evaluation.estimation.call_choices import TwoRoundEstimand, listed
from evaluation.estimation.dataframe_study import ROUNDS, Variables
from evaluation.estimation.records import Balance, Unavailable
from evaluation.estimation.regression import levels_and_balance
from evaluation.locale.messages import Plain, ResultNumber, message

WHERE = "balance"
COLUMNS = (
    "variable",
    "mean_treated",
    "mean_comparison",
    "difference",
    "std_error",
    "p_value",
    "normalised_difference",
    "n",
    "clusters",
)


@door(WHERE)
def balance(  # noqa: PLR0913 -- a call names the columns and choices of a table
    frame: Any,
    *,
    variables: Sequence[str],
    treated: str,
    cluster: str,
    post: str = "",
    weights: str = "none",
    estimand: TwoRoundEstimand = "respondents",
    population: str = "",
    strict: bool = False,
) -> Result:
    """Variables compared between the groups before the programme.

    Parameters
    ----------
    frame : pandas, polars or Arrow table
        One row a respondent.
    variables : sequence of str
        Columns: numbers as they are; of other values, the share of each.
    treated, cluster : str
        Columns: 0 and 1, the same within a cluster; the unit that was treated as a whole.
    post : str
        Column of 0 and 1 by round, of a table of both: rows with 0 are used. All rows without.
    weights, estimand, population
        As of `evaluation.did`.
    strict : bool
        Refuse what the notes would say of the data.

    Returns
    -------
    Result
        Per variable both means, the difference with its CV1 standard error and t(G - 1), and the
        normalised difference (Imbens and Rubin 2015): differences over a quarter are large.

    Raises
    ------
    EstimationError
        See `evaluation.estimation.regression.levels_and_balance.baseline`.

    Examples
    --------
    >>> import evaluation as ev
    >>> columns = {"treated": "treated", "cluster": "village", "post": "endline"}
    >>> found = ev.balance(ev.example(), variables=["trust", "age", "sex"], **columns)
    >>> list(found.to_frame()["variable"])
    ['trust', 'age', 'sex=man', 'sex=woman']
    """
    names = listed(variables, "variables")
    if not names:
        raise EstimationError.of("no-terms", "no-terms", WHERE)
    check_lists(variables=names)
    columns = Variables(
        outcome=names[0], treated=treated, cluster=cluster, weights=weights,
        # a table of one round has none
        post=post or "no post", population=population, covariates=names[1:],
    )  # fmt: skip
    call_choices.check_columns(columns, estimand)
    call_choices.check_parts(
        [("treated", treated), ("cluster", cluster), ("post", columns.post)],
        [("variables", name) for name in names],
    )
    dataframe_study.check_free(columns.kept())
    data = given(
        frame, WHERE, clusters=(cluster,), others=(treated, post, population, *names),
        measures=names, weights=weights,
    )  # fmt: skip
    rows = data.frame
    if post:
        last = dataframe_study.indicator(rows[post])
        rows = rows[~last]
    arm = dataframe_study.indicator(rows[treated])
    first = rows.assign(
        round=ROUNDS[0],
        arm=pd.Series(arm, index=rows.index).map({True: "treated", False: "comparison"}),
    )
    chosen = dataframe_study.specification(columns, estimand=estimand)
    found = levels_and_balance.baseline(first, names, chosen, dataframe_study.study(columns))
    texts = [name for name in names if not pd.api.types.is_numeric_dtype(rows[name])]
    look_at_values(data, names, texts, first="keep")
    look_for_doubles(data, (*names, treated, post, cluster))
    largest = max(
        (row for row in found if isinstance(row, Balance)),
        key=lambda row: abs(row.normalised_difference),
        default=None,
    )
    return Result(
        primary=found[0],
        table=pd.DataFrame([_row(row) for row in found]),
        title=message("balance.title"),
        sentence=message(
            "balance.text",
            n=Plain(len(found)),
            name=largest.variable if largest else "-",
            size=ResultNumber(f"{largest.normalised_difference:.2g}" if largest else "-"),
        ),
        choices=message(
            "balance.choices", estimand=message(f"estimand-chosen.{estimand}"), weights=weights
        ),
        citation=message("cite.balance"),
        notes=data.settled(strict=strict),
        records=found,
        plotted=("variable", *("normalised_difference",) * 3),
        mark=data.mark,
    )


def _row(row: Balance | Unavailable) -> dict[str, Any]:
    if isinstance(row, Unavailable):
        said = message("not-available.note", reason=row.reason)
        return {"variable": row.outcome, "note": said}
    values = {name: getattr(row, name, None) for name in COLUMNS}
    return values | {"clusters": row.n_clusters}
