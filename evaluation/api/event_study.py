"""`evaluation.event_study`: many periods, treatment that units enter at their own time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from evaluation.api.door import check_lists, check_names, door
from evaluation.api.doubts import look_at_values
from evaluation.api.given import GivenFrame, given
from evaluation.api.result import Result
from evaluation.estimation.call_choices import listed
from evaluation.estimation.many_periods import event_study as estimator
from evaluation.estimation.many_periods.adjusted import Model
from evaluation.estimation.many_periods.aggregation import Kind
from evaluation.estimation.many_periods.event_study import Method
from evaluation.estimation.many_periods.event_study_result import EventStudy
from evaluation.estimation.many_periods.panel import PanelColumns
from evaluation.estimation.many_periods.row_inference import Inference
from evaluation.estimation.many_periods.two_by_two import Base, Comparison
from evaluation.locale.messages import Plain, message

WHERE = "event_study"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EventStudyResult(Result):
    """A result whose trends can be questioned.

    Attributes
    ----------
    study : EventStudy
        Rows, panel and contributions of the units.
    """

    study: EventStudy = field(kw_only=True)

    @property
    def rows(self) -> tuple[Any, ...]:
        """The rows as records."""
        return self.study.rows

    @property
    def method(self) -> str:
        """The estimator."""
        return self.study.method

    @property
    def panel(self) -> Any:
        """The units and periods that were used."""
        return self.study.panel

    def leave_one_out(self) -> pd.DataFrame:
        """The primary estimate without each unit; see `EventStudy.leave_one_out`."""
        return self.study.leave_one_out()

    def sensitivity(
        self,
        restriction: Literal["magnitude", "smoothness"] = "magnitude",
        bounds: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0),
        *,
        effect: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """Intervals if trends parted; see `EventStudy.sensitivity`.

        Parameters
        ----------
        restriction : {"magnitude", "smoothness"}
        bounds : sequence of float
        effect : sequence of float, optional
        """
        return self.study.sensitivity(restriction, bounds, effect=effect)


@door(WHERE)
def event_study(  # noqa: PLR0913 -- a call names the columns and choices of a whole study
    frame: Any,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    exposure: str = "",
    method: Method | None = None,
    comparison: Comparison | None = None,
    covariates: Sequence[str] = (),
    weights: str = "",
    strata: str = "",
    model: Model = "doubly_robust",
    base: Base = "universal",
    anticipation: int = 0,
    window: tuple[int, int] | None = None,
    aggregate: Sequence[Kind] = ("simple", "event"),
    inference: Inference | None = None,
    draws: int = 999,
    seed: int = 1,
    level: float = 0.95,
    strict: bool = False,
) -> EventStudyResult:
    """Effects of a treatment that begins in some units, at different times, and does not end.

    Parameters
    ----------
    frame : pandas, polars or Arrow table
        One row a unit and period.
    outcome, unit, time, first_treated : str
        Columns: a number; the unit that is treated as a whole; its period (a number, a date, a
        period of pandas, an ordered category, or text such as 2019-01); the unit's first treated
        period, written in the same way. Leave it missing in units that are never treated; zero
        means the same where all periods are above zero, and is refused elsewhere.
    exposure : str
        Column of what counts are relative to, such as people: the outcome is a count then.
        Methods other than Poisson use outcome over exposure.
    method : str, optional
        "poisson" where there is an exposure, else "imputation"; or "callaway_santanna" and
        "sun_abraham", which also show the periods before treatment, "stacked", "poisson_units",
        "synthetic_did", "synthetic_control". What a method does not heed is refused.
    comparison : {"never", "not_yet"}, optional
        Units that are never treated; or these and all that are not treated yet, nor will be within
        the periods of anticipation, which is taken unasked.
    covariates : sequence of str
        Numbers that do not change with time, or whose value before treatment counts.
    weights, strata : str
        Columns of the unit: its weight; what has changes of its own in every period.
    model : {"doubly_robust", "regression", "weighting"}
        How "callaway_santanna" uses covariates.
    base : {"universal", "varying"}
        Base period of effects before treatment, of the same method.
    anticipation : int
        Periods before treatment in which there may be an effect already. These and relative
        periods count the periods of the panel, however far apart they are.
    window : (int, int), optional
        Periods before and after entry of "stacked": one before, and that of entry, without.
    aggregate : sequence of {"simple", "group", "calendar", "event", "cell"}
        Averages, of methods other than Poisson and synthetic ones.
    inference : {"cv3", "cv1", "permutation", "wild_bootstrap"}, optional
        Jackknife, where it can be had, or clustered errors without; or entry permuted between
        units inside strata, which is taken unasked with fewer than six treated units; or the
        bootstrap with the null imposed and jackknifed scores, the weights of the estimate held as
        they are. Where no p-value could be below 1 - level, neither it nor an interval is given.
    draws, seed : int
        Of permutations, bootstrap, placebos and the simultaneous band. At most 499 permutations
        where each is estimated anew: with covariates, weights or missing rows.
    level : float
        Confidence level.
    strict : bool
        Refuse what the notes would say of the data.

    Returns
    -------
    EventStudyResult

    Raises
    ------
    EstimationError
        The frame is no panel, or the method is unavailable for it.

    Examples
    --------
    >>> import pandas as pd
    >>> import evaluation as ev
    >>> panel = pd.DataFrame(
    ...     [(town, year, 3 if town < 3 else None) for town in range(8) for year in range(6)],
    ...     columns=["town", "year", "start"],
    ... )
    >>> panel["rate"] = panel["town"] + panel["year"] + (panel["year"] >= panel["start"])
    >>> found = ev.event_study(
    ...     panel, outcome="rate", unit="town", time="year", first_treated="start"
    ... )
    >>> round(found.primary.estimate, 6)
    1.0
    """
    covariates = listed(covariates, "covariates")
    check_names(outcome=outcome, unit=unit, time=time, first_treated=first_treated)
    optional = {"exposure": exposure, "weights": weights, "strata": strata}
    check_lists(
        covariates=covariates, **{name: [value] for name, value in optional.items() if value != ""}
    )
    data = given(
        frame,
        WHERE,
        numbers=(outcome, exposure, *covariates),
        clusters=(unit,),
        others=(time, first_treated, strata),
        weights=weights or "none",
    )
    _whether_not_when(data, first_treated, time)
    columns = PanelColumns(
        outcome=outcome,
        unit=unit,
        time=time,
        first_treated=first_treated,
        exposure=exposure,
        weights=weights,
        strata=strata,
        covariates=covariates,
    )
    asked = estimator.EventStudyOptions(
        method=method or ("poisson" if exposure else "imputation"),
        comparison=comparison,
        model=model,
        base=base,
        anticipation=anticipation,
        window=window,
        aggregate=listed(aggregate, "aggregate"),
        inference=inference,
        draws=draws,
        seed=seed,
        level=level,
    )
    found = estimator.event_study(data.frame, columns, asked)
    for doubt in found.doubts:
        data.doubt(doubt)
    look_at_values(data, (outcome,), covariates)
    return EventStudyResult(
        study=found,
        primary=found.primary,
        table=found.to_frame(),
        title=message("event-study.title"),
        sentence=found.summary(),
        choices=message(
            "event-study.choices",
            method=found.method,
            inference=found.primary.inference,
            level=Plain(f"{100.0 * found.level:g}"),
        ),
        citation=message(f"cite.{found.method.replace('_', '-')}"),
        notes=(*found.notes, *data.settled(strict=strict)),
        records=found.rows,
        plotted=("kind", "at", "estimate", "ci_low", "ci_high"),
        mark=data.mark,
    )


def _whether_not_when(data: GivenFrame, first_treated: str, time: str) -> None:
    """Note a first period that only says whether a unit is ever treated."""
    known = set(data.frame[first_treated].dropna().unique().tolist())
    if known <= {0, 1} and 1 not in set(data.frame[time].unique().tolist()):
        data.doubt(message("whether-not-when.note", name=first_treated))
