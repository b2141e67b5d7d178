"""One pass over every table before it is written: what its counts are of, and what they may say.

Builders withhold what is small by itself. What two numbers give away together no builder sees: it
is decided here, for tables, figures' data, and by the same functions for released records.

Numbers of interviews are rounded to the least number that may be published, so that no difference
of two of them counts fewer. Where a number of clusters is withheld, so is what the number follows
from: the degrees of freedom, and every interval and p-value of a t distribution or of an
enumeration. A count of which nobody declared what it counts is withheld.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from evaluation.report import table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Row, Table
from evaluation.report.worded import worded
from evaluation.spec.counts import is_below
from evaluation.spec.records import Estimate
from evaluation.spec.row_keys import Part

# `told`: counts of people that the table's own linear programme protects, printed exactly
Of = Literal["interviews", "clusters", "things", "told"]

# What a column, or else a row, counts, by its id. The first that fits.
COUNTED: tuple[tuple[str, Of], ...] = (
    # the fewest and the usual number in one cluster: below the least they are unavailable records
    (r"respondents_(min|median)_.*", "told"),
    (r"(n_)?clusters?(_.*)?|(matched|treated_without)_.*|comparison_clusters", "clusters"),
    (r"n(_.*)?|people(_.*)?|(fewer_)?interviews(_.*)?|respondents(_.*)?", "interviews"),
    (r"rows_.*|undated_left_out", "interviews"),
    (r"controls_.*|negative_shares|(.*_)?df(_.*)?|draws|strata(_.*)?|outcomes_.*", "things"),
    (r"(.*_)?sign_changes|(.*_)?verdict_changes|ri_.*|(.*_)?permutations", "things"),
)
# Builders whose counts are protected together, by a linear programme of their own.
TOLD = (
    *("flow", "flow_diagram", "corrections", "findings", "response", "attrition_map"),
    "backcheck",
)
# Builders all of whose other counts are of one kind, whatever their columns are called.
REST: Mapping[str, Of] = {
    # numbers of clusters to take out, and of rows with another conclusion
    "overturn": "things",
    # how many places and strata stand behind a column's estimates
    "places": "things",
    "places_plot": "things",
    "theory_of_change": "things",
    # how many interviewers there are, and worked where
    "interviewers": "things",
}
# Builders of tables with interviews by group and round, and their columns of the whole sample.
PARTS: Mapping[str, tuple[str, ...]] = {
    "effects": ("n",),
    "levels": (),
    "levels_plot": (),
    "silence": (),
}
# Numbers that are fractions of interviews: to the last bit, their denominators are numbers of them.
FRACTION = re.compile(r"(?:mean|sd|share|baseline_mean|baseline_comparison_mean)((?:_.+)?)")
EVERYBODY, PERCENT = 100.0, ("pp", "%")
CLUSTERS = ("n_clusters_treated", "n_clusters_comparison", "clusters_without_group")
# what the number of clusters follows from where the reference is Student's t or an enumeration
INFERENCE = ("ci_low", "ci_high", "p_value", "own_p_value", "p_adjusted", "statistic")
OF_SIZE = ("df", "df2")
SIMULATED = ("wcr", "wcr_s")
# 2 to the number of clusters has a p-value of an enumeration in its denominator up to here
LONGEST_ENUMERATION = 16


def protected(made: Table, source: Source, *, builder: str) -> Table:
    """A table as it may be published.

    Parameters
    ----------
    made : Table
        As its builder made it.
    source : Source
        The study's rules, and the language.
    builder : str
        Of the exhibit.

    Returns
    -------
    Table
        With a note where interviews were rounded.
    """
    rounded, told = False, sums_tell(source) if builder in PARTS else frozenset()
    rows = []
    for row in made.rows:
        kinds = [
            what_counts(builder, column=column.id, row=row.id, own=row.of)
            if cell.kind == "count"
            else None
            for column, cell in zip(made.columns, row.cells, strict=True)
        ]
        sizes = {c.id: cell.value for c, cell in zip(made.columns, row.cells, strict=True)}
        cells = tuple(
            _count(cell, kind, source)
            if cell.kind == "count"
            else (cell if builder in TOLD else _coarse(cell, _size(column.id, sizes)))
            for column, cell, kind in zip(made.columns, row.cells, kinds, strict=True)
        )
        rounded |= any(
            kind == "interviews" and bool(cell.value)
            for cell, kind in zip(row.cells, kinds, strict=True)
        )
        shown = _without_parts(replace(row, cells=cells), made, source, builder, told)
        rows.append(_without_inference(shown, made, source))
    least = source.configuration.study.minimum_cell
    said = worded("interviews-rounded", least=least)[source.language]
    # plan, hashes and the mark of invented data stay the last notes
    at = max(0, len(made.notes) - 2 - bool(made.mark))
    notes = (*made.notes[:at], said, *made.notes[at:]) if rounded else made.notes
    return replace(made, rows=tuple(rows), notes=notes)


def what_counts(
    builder: str, *, column: str, row: str, own: Literal["", "clusters"] = ""
) -> Of | None:
    """What a count is of; None where nobody declared it.

    ``own`` is what a row says of its own column ``n``, and of no other.
    """
    if builder in TOLD:
        return "told"
    if own and column == "n":
        return own
    for name in (column, row):
        for pattern, of in COUNTED:
            if re.fullmatch(pattern, name):
                return of
    return REST.get(builder)


def rounded_interviews(n: int, least: int) -> int:
    """A number of interviews as it is published: to the nearest multiple of ``least``.

    Parameters
    ----------
    n : int
        Zero, or at least ``least``: fewer are withheld before.
    least : int
        The study's least number of interviews that may be published.

    Returns
    -------
    int
        Halves go up. Of two published numbers the difference is zero or at least ``least``.
    """
    return (n + least // 2) // least * least


def _count(cell: Cell, kind: Of | None, source: Source) -> Cell:
    value, language = int(cell.value or 0), source.language
    if kind is None:
        return table.suppressed(language)
    if kind == "clusters":
        return table.count_or_below(value, source.configuration.study.minimum_clusters, language)
    return interviews(value, source) if kind == "interviews" else cell


def interviews(n: int, source: Source) -> Cell:
    """A number of interviews, or a difference of two, in a table or a sentence: rounded."""
    least = source.configuration.study.minimum_cell
    if is_below(n, least):
        return table.below(least, source.language)
    shown = rounded_interviews(abs(n), least)
    return table.count(shown if n >= 0 else -shown)


def sums_tell(source: Source) -> frozenset[str]:
    """Outcomes whose rounded parts and rounded whole together narrow a number of few people down.

    The interviews of groups and rounds sum to the whole sample's, and are at most the valid ones of
    the sample flow, which are exact: what a part lacks is known to within less than half of the
    least number that may be published. Their parts are then withheld.
    """
    valid = {(f.arm, f.round): f.n for f in source.records.flow if f.step == "valid"}
    primary = source.plan.primary_specification()
    totals = {e.outcome: e.n for e in source.records.estimates if e.specification == primary.id}
    parts: dict[str, dict[tuple[str, str], int]] = {}
    for x in source.records.levels:
        if (x.estimand, x.sample) == (primary.estimand, Part(primary.sample)):
            parts.setdefault(x.outcome, {})[x.arm, x.round] = x.n
    least = source.configuration.study.minimum_cell
    return frozenset(
        outcome
        for outcome, found in parts.items()
        if outcome in totals
        and found.keys() == valid.keys()
        and sum(found.values()) == totals[outcome]
        and _narrows(found, totals[outcome], valid, least)
    )


def _narrows(
    parts: Mapping[tuple[str, str], int],
    total: int,
    valid: Mapping[tuple[str, str], int],
    least: int,
) -> bool:
    """Whether rounded parts, their rounded total and valid interviews say what a part lacks."""
    low, high = {}, {}
    for key, n in parts.items():
        low[key], high[key] = _range(n, least)
        high[key] = min(high[key], valid[key])
    least_total, most_total = _range(total, least)
    for key in parts:
        others = [k for k in parts if k != key]
        fewest = max(low[key], least_total - sum(high[k] for k in others))
        most = min(high[key], most_total - sum(low[k] for k in others))
        if valid[key] - fewest < least and most < valid[key] and most - fewest < least // 2:
            return True
    return False


def _range(n: int, least: int) -> tuple[int, int]:
    """What a published number of interviews can have been before it was rounded."""
    shown = rounded_interviews(n, least)
    return shown - least // 2, shown + least - least // 2 - 1


def _without_parts(
    row: Row, made: Table, source: Source, builder: str, told: Collection[str]
) -> Row:
    """The row without its interviews by group and round, where their sum tells too much.

    Only tables with such parts come here; of effects the whole sample's number stays.
    """
    if builder not in PARTS or not any(outcome in told for outcome in _named(row.id, told)):
        return row
    kept = PARTS[builder]
    cells = tuple(
        table.suppressed(source.language)
        if cell.kind == "count"
        and column.id not in kept
        and what_counts(builder, column=column.id, row=row.id) == "interviews"
        else cell
        for column, cell in zip(made.columns, row.cells, strict=True)
    )
    return replace(row, cells=cells)


def _named(row: str, outcomes: Collection[str]) -> list[str]:
    """Outcomes that a row's id names."""
    return [o for o in outcomes if o in row.split("-")]


def _size(column: str, sizes: Mapping[str, float | int | None]) -> float | None:
    """Interviews behind a mean or share, where the row says them; None of other columns."""
    fraction = FRACTION.fullmatch(column)
    if fraction is None:
        return None
    return sizes.get(f"n{fraction[1]}") or sizes.get("n")


def _coarse(cell: Cell, n: float | None) -> Cell:
    """A mean or share as it is printed, in downloads too: no digit that tells its denominator."""
    if n is None or cell.value is None or cell.kind not in ("number", "effect"):
        return cell
    most = finest(n, whole=EVERYBODY if cell.unit in PERCENT else 1.0)
    value = round(float(cell.value), min(cell.decimals, most))
    make = table.effect if cell.kind == "effect" else table.number
    return make(value, decimals=min(cell.decimals, most), unit=cell.unit)


def finest(n: float, *, whole: float) -> int:
    """Decimals of a mean of whole numbers that leave its number of interviews open.

    Parameters
    ----------
    n : float
        Interviews, to the nearest ten or so.
    whole : float
        What one interview counts: 100 in percentages, 1 in points.

    Returns
    -------
    int
        Means of n interviews lie ``whole / n`` apart. One unit of the last digit is half of that at
        least, so that most numbers of interviews near n have a mean that prints the same.
    """
    return max(0, math.floor(math.log10(2 * n / whole))) if n > 0 else 0


def _without_inference(row: Row, made: Table, source: Source) -> Row:
    """The row without what tells its number of clusters, where one of these is withheld."""
    found = {c.id: cell for c, cell in zip(made.columns, row.cells, strict=True)}
    if not any(name in found and found[name].kind == "suppressed" for name in CLUSTERS):
        return row
    step = found["step"].text if "step" in found else ""
    simulated = step in [words.step(name, source.language) for name in SIMULATED]
    p_values = [found[n].value for n in INFERENCE if n.startswith(("p_", "own")) and n in found]
    hidden = hidden_with_clusters(
        simulated=simulated, p_values=[p for p in p_values if p is not None]
    )
    cells = tuple(
        table.suppressed(source.language)
        if column.id in hidden and cell.value is not None
        else cell
        for column, cell in zip(made.columns, row.cells, strict=True)
    )
    return replace(row, cells=cells)


def hidden_with_clusters(*, simulated: bool, p_values: Sequence[float]) -> tuple[str, ...]:
    """Fields that go with a withheld number of clusters.

    Parameters
    ----------
    simulated : bool
        Whether interval and p-value come from draws. Half an interval of Student's t over its
        standard error is the quantile, and the p-value at the statistic the distribution: each
        gives the degrees of freedom exactly.
    p_values : sequence of float
        Of the row. All ways to draw signs are 2 to the number of clusters: a p-value with such a
        denominator is of an enumeration, whatever it calls itself.

    Returns
    -------
    tuple of str
        Estimate and standard error stay: without a quantile they say nothing of the number.
    """
    counted = any(0 < p < 1 and (p * 2**LONGEST_ENUMERATION).is_integer() for p in p_values)
    return OF_SIZE if simulated and not counted else (*OF_SIZE, *INFERENCE)


def hidden_in_record(record: Estimate) -> tuple[str, ...]:
    """Fields of a record that go with its withheld number of clusters; unknown steps hide all."""
    simulated = record.step in SIMULATED and record.mc_error > 0
    return hidden_with_clusters(simulated=simulated, p_values=[record.p_value])
