"""Rows of events with their cluster, day and amount; what cannot be placed is told, never lost.

REQUIRES parsed files of events without flawed cells. CREATES one table of all rows; a row whose
place is not known keeps its amount and has no cluster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evaluation.config.panel_study import EventRows, PanelSeries
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import DataRule
from evaluation.data.series.place_names import Pair, code_texts
from evaluation.estimation.records import Finding, Severity
from evaluation.locale.messages import Plain

OUTSIDE_YEARS = DataRule("event-year", "error", "event-outside-years", "event-outside-years")
OTHER_YEAR = DataRule("event-year", "error", "event-told-year", "event-told")
OTHER_WEEKDAY = DataRule("event-weekday", "error", "event-told-weekday", "event-told")
OTHER_CODE = DataRule("event-code", "warn", "event-other-code", "event-other-code")
EQUAL_ROWS = DataRule("equal-rows", "info", "equal-events", "equal-events")

UNPLACED = "unplaced"
# columns of the table of events beside the traits
CLUSTER, DATE, AMOUNT, FILE, LINE, YEAR = "cluster", "date", "amount", "file", "line", "year"
# a row is told once more at so many of a file, then counted
MOST_ROWS = 20


@dataclass(slots=True, kw_only=True)
class PlacedEvents:
    """Events with their places.

    Attributes
    ----------
    rows : DataFrame
        ``file``, ``line``, ``cluster`` (None where not known), ``department`` and ``name`` as
        delivered, ``date``, ``year``, ``amount`` and the traits that counts ask for.
    findings : list of Finding
    """

    rows: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)


def place(
    files: Sequence[Parsed], panel: PanelSeries, codes: Mapping[Pair, str], clusters: frozenset[str]
) -> PlacedEvents:
    """Lay every row of every file into its cluster.

    Parameters
    ----------
    files : sequence of Parsed
        Files of events.
    panel : PanelSeries
        Variables of the rows, and the share that may lie in no cluster.
    codes : mapping of (department, name) to str
        Of names in files without codes.
    clusters : frozenset of str
        Codes there are.
    """
    tables: list[pd.DataFrame] = []
    findings: list[Finding] = []
    for parsed in files:
        table = _table(parsed, panel, codes)
        findings += _days(parsed, table, panel.rows)
        findings += _equal(parsed)
        known = table[CLUSTER].isin(clusters)
        findings += _unplaced(parsed, table[~known], panel.rows, total=table[AMOUNT].sum())
        table[CLUSTER] = table[CLUSTER].where(known, None)
        tables.append(table)
    rows = pd.concat(tables, ignore_index=True)
    coded = [parsed for parsed in files if panel.rows.code in parsed.columns]
    if coded:
        findings += _other_codes(coded[-1], rows, panel.rows, {p.file.path for p in coded})
    return PlacedEvents(rows=rows, findings=findings)


def traits(panel: PanelSeries) -> tuple[str, ...]:
    """Variables of the rows that counts ask for, each once."""
    asked = (count.where.variable for count in panel.count if count.where is not None)
    return tuple(dict.fromkeys(asked))


def _table(parsed: Parsed, panel: PanelSeries, codes: Mapping[Pair, str]) -> pd.DataFrame:
    rows, columns = panel.rows, parsed.columns
    table = code_texts(parsed, rows)
    if rows.code not in columns:
        pairs = zip(table["department"], table["name"], strict=True)
        table["code"] = pd.Series([codes.get(pair) for pair in pairs], dtype=object)
    days = columns[rows.date].as_type("datetime64[s]")
    table = table.rename(columns={"code": CLUSTER}).assign(
        **{
            FILE: parsed.file.path,
            LINE: parsed.lines,
            DATE: days,
            YEAR: pd.DatetimeIndex(days).year,
            AMOUNT: columns[rows.amount].values.astype("int64"),
        }
    )
    for name in traits(panel):
        absent = np.full(len(table), None, dtype=object)
        table[name] = columns[name].values if name in columns else absent
    return table


def _days(parsed: Parsed, table: pd.DataFrame, rows: EventRows) -> Iterator[Finding]:
    """Days outside the file's years, and days that other columns of the row contradict."""
    first, last = parsed.file.years
    outside = ~table[YEAR].between(first, last).to_numpy()
    said = {"first": Plain(first), "last": Plain(last)}
    yield from _first_of(OUTSIDE_YEARS.rows(parsed, outside, rows.date, **said))
    if rows.year in parsed.columns:
        other = parsed.columns[rows.year].values != table[YEAR].to_numpy()
        yield from _first_of(OTHER_YEAR.rows(parsed, other, rows.date))
    if rows.weekday in parsed.columns:
        weekday = pd.DatetimeIndex(table[DATE]).day_of_week + 1
        other = parsed.columns[rows.weekday].values != weekday.to_numpy()
        yield from _first_of(OTHER_WEEKDAY.rows(parsed, other, rows.date))


def _first_of(found: list[Finding]) -> list[Finding]:
    return found[:MOST_ROWS]


def _equal(parsed: Parsed) -> Iterator[Finding]:
    """Rows that equal an earlier one: kept, because a row may stand for one victim."""
    codes = pd.DataFrame({name: column.codes for name, column in parsed.columns.items()})
    again = np.flatnonzero(codes.duplicated())
    if len(again):
        yield EQUAL_ROWS.about(
            parsed.file, "", parsed.lines[again[0]], rows=Plain(f"{len(again):,}")
        )


def _unplaced(
    parsed: Parsed, lost: pd.DataFrame, rows: EventRows, *, total: int
) -> Iterator[Finding]:
    """One finding for each place that nobody knows, with its number of events."""
    share = lost[AMOUNT].sum() / max(total, 1)
    severity: Severity = "error" if share > rows.most_unplaced else "warn"
    coded = rows.code in parsed.columns
    rule = DataRule(UNPLACED, severity, "unplaced-code" if coded else "unplaced-name", "unplaced")
    column = rows.code if coded else rows.name
    grouped = lost.groupby(["department", "name"], sort=True, dropna=False)
    for (department, name), events in grouped:
        line = int(events[LINE].iloc[0])
        said = {
            "place": f"{department}, {name}",
            "n": Plain(f"{events[AMOUNT].sum():,}"),
            "share": Plain(f"{100 * share:.2f}"),
            "most": Plain(f"{100 * rows.most_unplaced:.2f}"),
        }
        yield rule.about(parsed.file, parsed.raw(column), line, **said)


def _other_codes(
    last: Parsed, table: pd.DataFrame, rows: EventRows, files: set[str]
) -> Iterator[Finding]:
    """Places whose rows mostly have one code and some another: counted as coded, and told."""
    coded = table[table[FILE].isin(files) & table[CLUSTER].notna()]
    sums = coded.groupby(["department", "name", CLUSTER], sort=True)[AMOUNT].sum()
    for pair, own in sums.groupby(level=[0, 1]):
        if len(own) > 1:
            usual = own.idxmax()[2]
            rest = own.drop(own.idxmax())
            listed = ", ".join(f"{code} ({n:,})" for (_, _, code), n in rest.items())
            said = {"place": f"{pair[0]}, {pair[1]}", "code": usual, "others": Plain(listed)}
            yield OTHER_CODE.about(last.file, last.raw(rows.code), **said)
