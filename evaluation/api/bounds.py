"""`evaluation.bounds`: how far who is missing, or did not answer, could move an effect."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import pandas as pd

from evaluation.api.door import door
from evaluation.api.doubts import look_at_values
from evaluation.api.given import as_pandas, given
from evaluation.api.result import Result
from evaluation.errors import EstimationError
from evaluation.estimation import frame_bounds
from evaluation.estimation.call_choices import CallOptions, TwoRoundEstimand, check, check_steps
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.frame_bounds import EffectBounds
from evaluation.locale.messages import Message, Plain, ResultNumber, message, several

WHERE = "bounds"
Method = Literal["wcr_s", "wcr", "cv3", "cr2", "cv1"]


@door(WHERE)
def bounds(  # noqa: PLR0913 -- a call names the columns and choices of a whole study
    frame: Any,
    *,
    outcome: str,
    treated: str,
    post: str,
    cluster: str,
    respondent: str = "",
    scale: tuple[float, float] | None = None,
    weights: str = "none",
    estimand: TwoRoundEstimand = "equal",
    method: Method = "wcr_s",
    draws: int = 9_999,
    seed: int = 1,
    level: float = 0.95,
    strict: bool = False,
) -> Result:
    """Bounds on a difference-in-differences under attrition and under silence.

    Parameters
    ----------
    frame : pandas, polars or Arrow table
        One row an interview of two rounds.
    outcome, treated, post, cluster : str
        As of `evaluation.did`.
    respondent : str
        Column that says who was interviewed again: gives bounds on the change of those who would
        be seen again under either treatment (Lee 2009).
    scale : (float, float), optional
        Smallest and largest answer there can be: gives bounds with every missing answer at the
        end of the scale that pulls the effect furthest (Horowitz and Manski 2000).
    weights, estimand, method, draws, seed, level, strict
        As of `evaluation.did`; ``method`` is one, without permutations.

    Returns
    -------
    Result
        A row for attrition where ``respondent`` is named, and one for silence where ``scale`` is.

    Raises
    ------
    EstimationError
        Neither is given; or see `evaluation.estimation.frame_bounds`.

    Examples
    --------
    >>> import evaluation as ev
    >>> columns = {"treated": "treated", "post": "endline", "cluster": "village"}
    >>> found = ev.bounds(ev.example(), outcome="trust", **columns, respondent="person")
    >>> found.primary.kind
    'attrition'
    >>> found.primary.low <= found.primary.high
    True
    """
    if not respondent and scale is None:
        raise EstimationError.of("bounds-of-nothing", "bounds-of-nothing", WHERE)
    variables = Variables(
        outcome=outcome,
        treated=treated,
        post=post,
        cluster=cluster,
        weights=weights,
        respondent=respondent,
    )
    asked = CallOptions(
        estimand=estimand,
        steps=(method,),
        draws=draws,
        seed=seed,
        level=level,
        weights_kind="rademacher",
        one_round="refuse",
    )
    frame = as_pandas(frame, WHERE)
    check_steps((method,), get_args(Method))
    check(variables, asked)
    data = given(
        frame,
        WHERE,
        numbers=(outcome,),
        clusters=(cluster,),
        others=(treated, post, respondent),
        weights=weights,
    )
    look_at_values(data, (outcome,), ())
    found = []
    if respondent:
        found.append(frame_bounds.attrition(data.frame, variables, asked))
    if scale is not None:
        found.append(frame_bounds.silence(data.frame, variables, asked, scale=scale))
    first = found[0]
    return Result(
        primary=first,
        table=_table(found),
        title=message("bounds.title"),
        sentence=message(
            f"bounds.{first.kind}",
            name=outcome,
            low=ResultNumber(f"{first.low:.3g}"),
            high=ResultNumber(f"{first.high:.3g}"),
        ),
        choices=_choices(variables, asked),
        citation=message(
            "cite.methods", listed=several([message(f"cite.{end.kind}") for end in found])
        ),
        notes=data.settled(strict=strict),
        records=tuple(found),
        plotted=("kind", "", "low", "high"),
        mark=data.mark,
    )


def _table(found: Sequence[EffectBounds]) -> pd.DataFrame:
    rows = [
        {
            "kind": end.kind,
            "low": end.low,
            "high": end.high,
            "ci_low": end.ci_low,
            "ci_high": end.ci_high,
            "n": end.n,
            **end.shares,
        }
        for end in found
    ]
    return pd.DataFrame(rows)


def _choices(variables: Variables, asked: CallOptions) -> Message:
    return message(
        "bounds.choices",
        estimand=message(f"estimand-chosen.{asked.estimand}"),
        weights=variables.weights,
        method=asked.steps[0],
        level=Plain(f"{100.0 * asked.level:g}"),
    )
