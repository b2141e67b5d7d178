"""One pass over every table before it is written: what its counts are of, and what they may say.

Builders withhold what is small by itself. What two numbers give away together no builder sees: it
is decided here, for tables, figures' data, and by the same functions for released records.

Numbers of interviews are rounded to the least number that may be published, so that no difference
of two of them counts fewer. Where a number of clusters is withheld, so is what the number follows
from: the degrees of freedom, and every interval and p-value of a t distribution or of an
enumeration. A count of which nobody declared what it counts is withheld.

Some findings stand once for each interview and are counted, others hold the number in their words
and as a field. Findings about columns, files, codes of a form and rows of the public frame are
about nobody.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluation.config.confidentiality import is_withheld
from evaluation.config.study import Study
from evaluation.estimation.records import Finding
from evaluation.estimation.row_keys import Part
from evaluation.locale import messages
from evaluation.locale.messages import Message, message
from evaluation.report import disclosure
from evaluation.report.formats import table
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.sources import Source

# Builders of tables with interviews by group and round, and their columns of the whole sample.
PARTS: Mapping[str, tuple[str, ...]] = {
    "effects": ("n",),
    "levels": (),
    "levels_plot": (),
    "silence": (),
}
# Numbers that are fractions of interviews: to the last bit, their denominators are numbers of them.
FRACTION = re.compile(r"(?:mean|sd|share)((?:_.+)?)")
AT_BASELINE = re.compile(r"baseline_(?:comparison_)?(?:mean|sd)")
ERROR = re.compile(r"error|mde|smallest")
PERCENT = ("pp", "%")
# means of a public series, and not of interviews
OF_SERIES = ("trend_plot",)
# so many interviews that a mean has the digits that are printed, and no more
MANY = 10**9


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
    rounded, given_away = False, given_away_by_sums(source) if builder in PARTS else frozenset()
    study = source.configuration.study
    # where nobody says how many interviews a mean is of, a file says no more digits than the page
    unsaid = MANY if study.panel is None and builder not in OF_SERIES else None
    rows = []
    for row in made.rows:
        kinds = [
            disclosure.what_counts(builder, column=column.id, row=row.id, own=row.of)
            if cell.kind == "count"
            else None
            for column, cell in zip(made.columns, row.cells, strict=True)
        ]
        sizes = {c.id: cell.value for c, cell in zip(made.columns, row.cells, strict=True)}
        cells = tuple(
            _count(cell, kind, source)
            if cell.kind == "count"
            else (
                cell
                if builder in disclosure.PROTECTED
                else _coarse(cell, _size(column.id, cell, sizes, unsaid))
            )
            for column, cell, kind in zip(made.columns, row.cells, kinds, strict=True)
        )
        rounded |= any(
            kind == "interviews" and bool(cell.value)
            for cell, kind in zip(row.cells, kinds, strict=True)
        )
        if disclosure.has_persons(study):
            cells = tuple(map(_of_persons, cells))
        rows.append(_without_parts(replace(row, cells=cells), made, source, builder, given_away))
    said = source.wording("interviews-rounded", least=study.minimum_cell)
    more = (*_rule(made, source, builder), *([said] if rounded else []))
    return replace(made, rows=tuple(rows), notes=(*made.notes, *more))


def _rule(made: Table, source: Source, builder: str) -> tuple[str, ...]:
    """The rule in words, where it withheld a cell and no note of the table says it."""
    said = disclosure.rule_note(source.configuration.study, source.language)
    hidden = any(cell.kind == "suppressed" for row in made.rows for cell in row.cells)
    is_said = builder in disclosure.PROTECTED or any(said in note for note in made.notes)
    return (said,) if hidden and not is_said else ()


def _count(cell: Cell, kind: disclosure.Counted | None, source: Source) -> Cell:
    return cell if kind in ("protected", "things") else counted(int(cell.value or 0), kind, source)


def counted(n: int, of: disclosure.Counted | None, source: Source) -> Cell:
    """A count, or a difference of two, as a table or a sentence may say it.

    Parameters
    ----------
    n : int
    of : {"interviews", "clusters", "things"} or None
        What is counted; None where nobody declared it. Interviews are rounded.
    source : Source
        The study's least numbers, and the language.
    """
    study, language = source.configuration.study, source.language
    if of is None or of == "protected":
        return table.suppressed(language)
    if not disclosure.is_shown(n, of, study):
        return table.below(disclosure.least_of(of, study), language)
    if of != "interviews":
        return table.count(n)
    rounded = disclosure.rounded_interviews(abs(n), study.minimum_cell)
    return table.count(rounded if n >= 0 else -rounded)


def given_away_by_sums(source: Source) -> frozenset[str]:
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
    shown = disclosure.rounded_interviews(n, least)
    return shown - least // 2, shown + least - least // 2 - 1


def _without_parts(
    row: Row, made: Table, source: Source, builder: str, given_away: frozenset[str]
) -> Row:
    """The row without its interviews by group and round, where their sum tells too much.

    Only tables with such parts come here; of effects the whole sample's number stays.
    """
    if builder not in PARTS or given_away.isdisjoint(row.id.split("-")):
        return row
    kept = PARTS[builder]
    cells = tuple(
        table.suppressed(source.language)
        if cell.kind == "count"
        and column.id not in kept
        and disclosure.what_counts(builder, column=column.id, row=row.id) == "interviews"
        else cell
        for column, cell in zip(made.columns, row.cells, strict=True)
    )
    return replace(row, cells=cells)


def _size(
    column: str, cell: Cell, sizes: Mapping[str, float | int | None], unsaid: int | None
) -> float | None:
    """Interviews behind a mean or share, or ``unsaid``; None of other columns.

    A number in percent is a share, whatever its column is called, unless it is an error. Of one
    group at baseline it is the least number that the row says of a group and round.
    """
    if AT_BASELINE.fullmatch(column):
        groups = [
            n for name, n in sizes.items() if name.startswith("n_") and "clusters" not in name
        ]
        return min((n for n in groups if n is not None), default=sizes.get("n"))
    fraction = FRACTION.fullmatch(column)
    if fraction is not None:
        return cell.behind or sizes.get(f"n{fraction[1]}") or sizes.get("n") or unsaid
    is_share = cell.kind == "number" and cell.unit == "%" and not ERROR.search(column)
    return sizes.get("n") if is_share else None


def _of_persons(cell: Cell) -> Cell:
    """A number of downloads with the digits that estimates of real persons have; its text stays."""
    if cell.value is None or cell.kind == "count":
        return cell
    return replace(cell, value=disclosure.coarse(cell.value))


def _coarse(cell: Cell, n: float | None) -> Cell:
    """A mean or share as printed, in downloads too: more digits would reveal its denominator."""
    if n is None or cell.value is None or cell.kind not in ("number", "effect"):
        return cell
    most = disclosure.finest(n, whole=disclosure.EVERYBODY if cell.unit in PERCENT else 1.0)
    value = round(float(cell.value), min(cell.decimals, most))
    make = table.effect if cell.kind == "effect" else table.number
    return make(value, decimals=min(cell.decimals, most), unit=cell.unit)


# rules that stand once for each cluster
OF_CLUSTERS = ("exposure-in-comparison",)
# steps of the sample flow that are the interviews of a finding
FLOW_STEPS = {"under-age": "under_age", "date-after-event": "excluded"}


def number(source: Source, alike: Sequence[Finding]) -> Cell:
    """How many findings are alike: withheld where they are of few, or the sample flow does so.

    Parameters
    ----------
    source : Source
    alike : sequence of Finding
        At least one; all of one rule.
    """
    first, n = alike[0], len(alike)
    if first.rule in OF_CLUSTERS:
        return counted(n, "clusters", source)
    if not _of_interviews(source, first):
        return table.count(n)
    if _withheld_by_flow(source, first):
        return table.suppressed(source.language)
    study = source.configuration.study
    if disclosure.is_shown(n, "interviews", study):
        return table.count(n)
    return table.below(study.minimum_cell, source.language)


def problem(source: Source, found: Finding) -> Message:
    """What a finding says, its counts withheld by the rule of the tables.

    A sentence with a number that is neither a count nor one of the rule, the file or the
    questionnaire is not told at all.

    Parameters
    ----------
    source : Source
    found : Finding
    """
    shown = _withheld(found.problem, source.configuration.study)
    return shown if isinstance(shown, Message) else message("finding-not-told")


def _withheld(value: messages.Value, study: Study) -> messages.Value | None:
    """A parameter as it may be published; None where nobody said what its number counts."""
    if isinstance(value, messages.Count):
        few = message("fewer-than", least=messages.Plain(disclosure.least_of(value.of, study)))
        return value if disclosure.is_shown(value.n, value.of, study) else few
    if isinstance(value, messages.Several):
        parts = [_withheld(part, study) for part in value.values]
        return None if None in parts else messages.several(parts, value.between)
    if isinstance(value, Message):
        names = messages.named(value.id)
        shown = {n: v if n in names else _withheld(v, study) for n, v in value.parameters}
        return None if None in shown.values() else message(value.id, **shown)
    numbered = isinstance(value, messages.ResultNumber) or (
        isinstance(value, str) and any(letter.isdigit() for letter in value)
    )
    return None if numbered else value


def _of_interviews(source: Source, found: Finding) -> bool:
    """Whether a finding names a row of a file of respondents."""
    return found.line > 0 and found.round in (*source.configuration.study.rounds, "analysis")


def _withheld_by_flow(source: Source, found: Finding) -> bool:
    """Whether the sample flow withholds these interviews in a group, or the others would tell."""
    row = (found.round, FLOW_STEPS.get(found.rule))
    return any(is_withheld(f.n) for f in source.records.flow if (f.round, f.step) == row)
