"""Ranges of an effect where no point is identified: a partly treated comparison, other trends."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evaluation.estimation.inference.estimate_record import diagnostic, record, unavailable
from evaluation.estimation.many_periods import (
    event_study,
    linear,
    panel_permutation,
    partly_treated,
)
from evaluation.estimation.many_periods.panel import Columns
from evaluation.estimation.panels.effects import Asked
from evaluation.estimation.panels.units import (
    ENTRY,
    RATE,
    STATUS,
    STRATUM,
    TREATED,
    UNIT,
    UNKNOWN,
    YEAR,
)
from evaluation.locale.messages import message
from evaluation.study.panel_study import span
from evaluation.study.records import Bound, Diagnostic, Unavailable
from evaluation.study.row_keys import Part

Row = Bound | Diagnostic | Unavailable
NONE = message("panel-set.interval")
# the shares of `partly_treated.shares`, as rows
PLACEMENTS = ("smallest", "equal", "largest")


def ranges(asked: Asked) -> Iterator[Row]:
    """Records of a specification whose result is a range.

    Parameters
    ----------
    asked : Asked
    """
    if asked.specification.method == "partly_treated":
        yield from _partly_treated(asked)
    else:
        yield from _relative_magnitudes(asked)


def _partly_treated(asked: Asked) -> Iterator[Row]:
    """The effects that the observed difference is compatible with, by the share treated."""
    frames, heading = asked.units.frames, asked.heading
    if frames.complete:
        yield unavailable(heading, "all", message("panel-all-known.reason"))
        return
    made = asked.panel()
    found = linear.linear(made, linear.Choices(kinds=("simple",)))
    treated = frames.assignment[STATUS] == TREATED
    unknown = int((frames.assignment[STATUS] == UNKNOWN).sum())
    shares = partly_treated.shares(
        partly_treated.comparison_weights(found, 0),
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
        share = getattr(shares, name)
        low, high = partly_treated.effect_set(observed, share)
        yield diagnostic(replace(heading, sample=Part(name)), "share", share, "share")
        yield _bound(asked, Part(name), low, high, (low, high), message("panel-set.interval"))


def _relative_magnitudes(asked: Asked) -> Iterator[Row]:
    """Rambachan and Roth's intervals for the mean effect of the years after."""
    rows = asked.units.rows(asked.specification, asked.count)
    after = len(span(asked.specification.contrast[1]))
    columns = Columns(
        outcome=RATE,
        unit=UNIT,
        time=YEAR,
        first_treated=ENTRY,
        strata=STRATUM if asked.specification.strata_round else "",
    )
    choices = event_study.Asked(
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
    asked: Asked,
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
