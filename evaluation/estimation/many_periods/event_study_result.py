"""What an event study gives back: a table, a sentence, and how far trends may part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.many_periods import trend_magnitude, trend_smoothness
from evaluation.estimation.many_periods.estimates import Estimates
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.many_periods.result_table import EstimateRow
from evaluation.estimation.many_periods.row_inference import ENOUGH, treated_units
from evaluation.locale.messages import Message, Plain, message

# What the table calls the place of an average.
AVERAGE = "average"


@dataclass(frozen=True, slots=True, eq=False)
class EventStudy:
    """Estimates of an event study.

    Attributes
    ----------
    rows : tuple of EstimateRow
    method : str
    level : float
        Confidence level of intervals and band.
    notes : tuple of Message
        What was left out or done to the data.
    panel : UnitPanel
        The units and periods that were used.
    doubts : tuple of Message
        Those of the notes that a strict call refuses.
    """

    rows: tuple[EstimateRow, ...]
    method: str
    level: float
    notes: tuple[Message, ...]
    panel: UnitPanel
    estimates: Estimates | None
    doubts: tuple[Message, ...] = ()

    @property
    def primary(self) -> EstimateRow:
        """The average effect on the treated, over their units and treated periods."""
        return next(row for row in self.rows if row.kind == "simple")

    def to_frame(self) -> pd.DataFrame:
        """One row an estimate.

        ``at`` is a relative period, a period or cohort of the data, or the average of its kind.
        """
        return pd.DataFrame([{**row.fields(), "at": row.at or AVERAGE} for row in self.rows])

    def summary(self) -> Message:
        """The primary estimate in a sentence."""
        first = self.primary
        said = {
            "method": self.method,
            "units": Plain(len(self.panel.units)),
            "periods": Plain(self.panel.n_periods),
            "treated": Plain(treated_units(self.panel)),
            "estimate": Plain(f"{first.estimate:.6g}"),
        }
        if np.isnan([first.ci_low, first.ci_high]).any():
            return message("event-study-summary-without.text", **said)
        return message(
            "event-study-summary.text",
            **said,
            low=Plain(f"{first.ci_low:.6g}"),
            high=Plain(f"{first.ci_high:.6g}"),
            level=Plain(f"{100.0 * self.level:g}"),
        )

    def leave_one_out(self) -> pd.DataFrame:
        """The primary estimate without each unit: ``unit``, ``estimate``, in the panel's order.

        Raises
        ------
        EstimationError
            The method is not fitted anew without units.
        """
        made = self.estimates
        if made is None or made.without_each is None:
            raise EstimationError.of("event-study-jackknife", "leave-step-out", WHERE)
        k = next(k for k, name in enumerate(made.names) if name.kind == "simple")
        return pd.DataFrame({"unit": self.panel.units, "estimate": made.without_each()[k]})

    def __str__(self) -> str:
        table = self.to_frame().to_string(index=False, float_format=lambda x: f"{x:.5g}")
        return "\n".join([table, *(str(note) for note in (self.summary(), *self.notes))])

    def sensitivity(
        self,
        restriction: Literal["magnitude", "smoothness"] = "magnitude",
        bounds: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0),
        *,
        effect: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """Intervals for the effect if trends parted, and the bound at which zero is let in.

        Parameters
        ----------
        restriction : {"magnitude", "smoothness"}
            By how much more than before treatment, or by how much they bend a period.
        bounds : sequence of float
            Multiples of the largest change before, or bends in the unit of the outcome.
        effect : sequence of float, optional
            Weights of the periods from entry on; the mean of all without.

        Returns
        -------
        DataFrame
            ``bound``, ``ci_low``, ``ci_high``; the last row is the breakdown value.

        Raises
        ------
        EstimationError
            The method gives no effects before treatment and from it on, or fewer than six units
            are treated, of which clustered errors say too little.
        """
        if treated_units(self.panel) < ENOUGH:
            raise EstimationError.of("trends-few", "trends-few", WHERE, least=Plain(ENOUGH))
        study = self._around_entry(effect)
        ends: Callable[[float], tuple[float, float]]
        if restriction == "magnitude":
            at = trend_magnitude.breakdown(study, level=self.level)

            def ends(bound: float) -> tuple[float, float]:
                return trend_magnitude.magnitudes(study, bound, level=self.level).interval()

        else:
            at = trend_smoothness.smoothness_breakdown(study, level=self.level)

            def ends(bound: float) -> tuple[float, float]:
                return trend_smoothness.smoothness(study, bound, level=self.level).interval

        found = [(bound, *ends(bound)) for bound in bounds]
        table = pd.DataFrame(found, columns=["bound", "ci_low", "ci_high"])
        table["breakdown"] = at
        return table

    def _around_entry(self, effect: Sequence[float] | None) -> trend_magnitude.Coefficients:
        if self.estimates is None:
            raise EstimationError.of("trends-no-period", "trends-period", WHERE)
        names = self.estimates.names
        events = [k for k, n in enumerate(names) if n.kind == "event" and n.at is not None]
        events.sort(key=lambda k: names[k].at or 0)
        before = [k for k in events if (names[k].at or 0) < 0]
        value = self.estimates.estimates[events]
        after = len(events) - len(before)
        g = len(self.panel.units)
        return trend_magnitude.Coefficients(
            before=value[: len(before)],
            after=value[len(before) :],
            covariance=self.estimates.covariance()[np.ix_(events, events)] * g / (g - 1),
            effect=np.full(after, 1.0 / max(after, 1)) if effect is None else np.array(effect),
        )
