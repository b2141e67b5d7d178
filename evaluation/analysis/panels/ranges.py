"""Ranges of an effect where no point is identified: a partly treated comparison, other trends.

Where some of a comparison was treated as well and nobody knows which, let p be the weighted share
treated in it: observed = effect - p x effect there. If that effect has the same sign and is not
larger, the effect lies between the observed and the observed over 1 - p.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from evaluation.analysis.panels.effects import ReportedSpecification
from evaluation.analysis.panels.units import (
    ENTRY,
    RATE,
    STATUS,
    STRATUM,
    TREATED,
    UNIT,
    UNKNOWN,
    YEAR,
)
from evaluation.config.panel_study import span
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.estimate_record import diagnostic, record, unavailable
from evaluation.estimation.many_periods import event_study, linear, panel_permutation
from evaluation.estimation.many_periods.linear import Linear
from evaluation.estimation.many_periods.panel import WHERE, PanelColumns
from evaluation.estimation.records import Bound, Diagnostic, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.locale.messages import message

Row = Bound | Diagnostic | Unavailable
# the shares of `shares`, as rows
PLACEMENTS = ("smallest", "equal", "largest")


def ranges(asked: ReportedSpecification) -> Iterator[Row]:
    """Records of a specification whose result is a range.

    Parameters
    ----------
    asked : ReportedSpecification
    """
    if asked.specification.method == "partly_treated":
        yield from _partly_treated(asked)
    else:
        yield from _relative_magnitudes(asked)


def _partly_treated(asked: ReportedSpecification) -> Iterator[Row]:
    """The effects that the observed difference is compatible with, by the share treated."""
    frames, heading = asked.units.frames, asked.heading
    if frames.complete:
        yield unavailable(heading, "all", message("panel-all-known.reason"))
        return
    made = asked.panel()
    found = linear.linear(made, linear.LinearOptions(kinds=("simple",)))
    treated = frames.assignment[STATUS] == TREATED
    unknown = int((frames.assignment[STATUS] == UNKNOWN).sum())
    found_shares = shares(
        comparison_weights(found, 0),
        treated=asked.units.declared.treated.unnamed,
        candidates=unknown,
    )
    observed = float(found.estimates[0])
    (drawn,) = panel_permutation.randomise(found, asked.units.drawn(made))
    ends = panel_permutation.coefficient_interval(drawn, heading.level)
    for name, value in (("", observed), ("_low", ends[0]), ("_high", ends[1])):
        yield diagnostic(heading, f"observed{name}", value, heading.unit)
    yield diagnostic(heading, "treated_listed", float(treated.sum()), "clusters")
    for name in PLACEMENTS:
        share = getattr(found_shares, name)
        low, high = effect_set(observed, share)
        yield diagnostic(replace(heading, sample=Part(name)), "share", share, "share")
        yield _bound(asked, Part(name), low, high, (low, high), message("panel-set.interval"))


def _relative_magnitudes(asked: ReportedSpecification) -> Iterator[Row]:
    """Rambachan and Roth's intervals for the mean effect of the years after."""
    rows = asked.units.rows(asked.specification, asked.count)
    after = len(span(asked.specification.contrast[1]))
    columns = PanelColumns(
        outcome=RATE,
        unit=UNIT,
        time=YEAR,
        first_treated=ENTRY,
        strata=STRATUM if asked.specification.strata_round else "",
    )
    choices = event_study.EventStudyOptions(
        method="callaway_santanna",
        inference="cv1",
        draws=asked.units.plan.inference.permutations,
        level=asked.heading.level,
    )
    study = event_study.event_study(rows, columns, choices)
    table = study.sensitivity(
        "magnitude", asked.choice.bound, effect=np.full(after, 1.0 / after).tolist()
    )
    moves = np.diff([*(e.estimate for e in study.rows if e.kind == "event" and _is_before(e)), 0.0])
    yield diagnostic(asked.heading, "breakdown", float(table["breakdown"].iloc[0]), "number")
    largest = float(np.abs(moves).max())
    yield diagnostic(asked.heading, "largest_move", largest, asked.heading.unit)
    for row in table.itertuples():
        name, ends = f"magnitude_{row.bound:g}", (float(row.ci_low), float(row.ci_high))
        said = message("panel-magnitude.interval")
        yield _bound(asked, Part(name.replace(".", "_")), *ends, ends, said)


def _is_before(row: object) -> bool:
    at = getattr(row, "at", "")
    return bool(at) and int(at) < -1


def _bound(
    asked: ReportedSpecification,
    sample: Part,
    low: float,
    high: float,
    interval: tuple[float, float],
    kind: object,
) -> Bound:
    sizes = asked.sizes(asked.panel())
    return record(
        Bound,
        asked.heading,
        sizes,
        sample=sample,
        low=low,
        high=high,
        ci_low=interval[0],
        ci_high=interval[1],
        ci_kind=kind,
    )


@dataclass(frozen=True, slots=True)
class TreatedShares:
    """Weighted share treated over all placements: smallest, largest, and with equal weights."""

    smallest: float
    largest: float
    equal: float


def shares(weights: Floats, *, treated: int, candidates: int) -> TreatedShares:
    """Shares of a comparison that may be treated, without listing who.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        Weights of the comparison units, not negative; they are scaled to sum to one.
    treated : int
        Units that are treated without being known.
    candidates : int
        Units that may be among them: the n of the comparison, and others outside it.

    Returns
    -------
    TreatedShares
        ``equal`` is treated / candidates, also what a random placement has in the mean.

    Raises
    ------
    EstimationError
        More treated than candidates, or fewer candidates than comparison units.

    Notes
    -----
    The extremes are sums of the largest weights and of the smallest, units outside the comparison
    counting zero.
    """
    if not 0 <= treated <= candidates or candidates < len(weights):
        raise EstimationError.of("unknown-too-many", "unknown-fewer", WHERE)
    every = np.zeros(candidates)
    every[: len(weights)] = weights / weights.sum()
    ascending = np.sort(every)
    smallest = float(ascending[:treated].sum())
    largest = float(ascending[candidates - treated :].sum())
    return TreatedShares(smallest, largest, treated / candidates)


def comparison_weights(found: Linear, k: int) -> Floats:
    """Weights of the comparison units after treatment in an estimate of one cohort.

    Parameters
    ----------
    found : Linear
    k : int
        Position of the estimate.

    Returns
    -------
    ndarray, shape (n,)
        Of the never treated units with a weight, summing to one.

    Raises
    ------
    EstimationError
        There is more than one cohort: earlier ones serve as comparison at other times.
    """
    panel = found.panel
    if len(panel.cohorts) != 1:
        raise EstimationError.of("unknown-cohorts", "unknown-one-cohort", WHERE)
    after = found.design.weights[k][:, panel.cohorts[0] :].sum(axis=1)
    share = panel.weight / found.design.groups.weight[found.of_unit]
    by_unit = -after[found.of_unit] * share
    kept = by_unit[(panel.first == panel.n_periods) & (by_unit > 0.0)]
    return np.asarray(kept / kept.sum())


def effect_set(observed: float, share: float) -> tuple[float, float]:
    """The effects that an observed difference is compatible with, ends in order.

    Parameters
    ----------
    observed : float
        In rates or other levels; on the log scale the comparison's factor is not linear in p.
    share : float
        p in [0, 1]; at 1 the set has no end.

    Notes
    -----
    observed = a - p b with 0 <= b / a <= 1 gives a between observed and observed / (1 - p). It
    says nothing of sampling error.
    """
    far = observed / (1.0 - share) if share < 1.0 else np.copysign(np.inf, observed)
    return min(observed, far), max(observed, far)
