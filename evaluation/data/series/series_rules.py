"""Administrative series: every cluster once in every period, and numbers that can be.

Periods must sort. Numbers can be wrong though each is a number: counts added up since January,
periods that nobody has counted yet, populations in another unit, two columns that changed names, a
column sorted without its clusters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import row_clusters
from evaluation.data.rules.column_shape import ordered_stretch
from evaluation.data.rules.rule import DataRule, Declared
from evaluation.data.series.series_values import value_findings
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain, message

SERIES_CUMULATIVE = DataRule("series-cumulative", "error")
SERIES_ZEROS = DataRule("series-zeros", "error")
SERIES_LEVEL_BREAK = DataRule("series-level-break", "warn")
SERIES_WITHOUT_PLACES = DataRule("series-without-places", "warn")
SERIES_EXCHANGED = DataRule("series-exchanged", "error")
SERIES_DENOMINATOR = DataRule("series-denominator", "error")
SORTED_ITEM = DataRule("sorted-item", "error")


# Rises inside a year with hardly a fall: 0.5 to the 20th is one in a million.
RISES, FALLS = 20, 0.01
# of clusters that change at the turn of the year, so many fall where counts start anew
RESTARTS = 0.8
# Events expected in all clusters where none is told: e to the -10 by chance.
EXPECTED = 10
# Totals of some periods against those before. Wars and epidemics halve or double a country's
# counts; 2.5 and more was another definition, or another column.
BREAK, AROUND, SMALLEST_TOTAL = 2.5, 4, 50
# Two sources of one population differ by up to three times for single municipalities of Colombia.
FAR = 5.0
# Where nine of ten rows agree with the frame within 5 %, one that is four times as far off as
# these (and 1 % at least) is another cluster's.
NEAR, MOST, TIMES, LEAST = 0.05, 0.9, 4.0, 0.01
# Clusters differ by population alone so much more than their periods (an F ratio of 5, where 1.5
# is what columns without any order give with 20 clusters and more).
CLUSTERS, BETWEEN, NO_ORDER = 20, 5.0, 1.5
# Fisher's z of two correlations: standard errors between them.
APART = 4.0
STEM = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """One count as a table of clusters and periods, NaN where absent."""

    name: str
    table: pd.DataFrame

    @property
    def totals(self) -> pd.Series:
        """Sum over clusters by period."""
        return self.table.sum(axis=0)


def rules(parsed: Parsed, declared: Declared, period: str) -> Iterator[Finding]:
    """All rules about the numbers of a series.

    Parameters
    ----------
    parsed : Parsed
        The series file.
    declared : Declared
        Dictionary, study and frame.
    period : str
        The variable that holds the period; texts that sort by time, the year first.
    """
    clusters = row_clusters(parsed, declared.frame)
    texts = parsed.columns[period].texts
    if declared.dictionary.variables[period].type in ("date", "datetime"):
        texts = pd.Series(parsed.columns[period].values.astype(str))
    rows = np.flatnonzero(pd.notna(clusters) & parsed.columns[period].observed)
    if not len(rows):
        return
    index = pd.DataFrame({"cluster": clusters[rows], "period": texts.to_numpy()[rows]})
    if index.duplicated().any():
        return  # told already
    every = [
        _Series(name=name, table=_table(parsed, name, index, rows))
        for name, column in parsed.columns.items()
        if declared.dictionary.variables[name].type in ("count", "number")
    ]
    known = declared.frame.table.columns
    counts = [s for s in every if s.name not in known]
    for series in counts:
        yield from _of_counts(series, parsed, declared, rows)
    for series in every:
        if series.name in known:
            yield from _denominators(series, parsed, declared, index, rows)
    yield from _exchanged(counts, every, parsed, declared)


def _table(parsed: Parsed, name: str, index: pd.DataFrame, rows: NDArray[np.intp]) -> pd.DataFrame:
    values = parsed.columns[name].values[rows].astype(float)
    cells = pd.Series(values, index=pd.MultiIndex.from_frame(index))
    return cells.unstack("period").sort_index(axis=1)  # noqa: PD010 - no cell stands twice


def _of_counts(
    series: _Series, parsed: Parsed, declared: Declared, rows: NDArray[np.intp]
) -> Iterator[Finding]:
    name, shown = series.name, f"`{series.name}`"
    years = _cumulative(series.table)
    if years:
        yield SERIES_CUMULATIVE.at(parsed, name, series=shown, years=_listed(years))
        return
    empty, expected = _zeros(series.totals)
    if empty:
        said = {"series": shown, "periods": _listed(empty), "expected": f"{expected:,.0f}"}
        yield SERIES_ZEROS.at(parsed, name, **said)
        return
    given = rows[parsed.columns[name].observed[rows]]
    stretch = ordered_stretch(parsed.columns[name], given)
    if stretch is not None:
        yield SORTED_ITEM.along(parsed, name, given, stretch)
    elif _without_places(series, declared):
        yield SERIES_WITHOUT_PLACES.at(parsed, name, series=shown)
    yield from value_findings(name, series.table, parsed, declared)
    broken = _break(series.totals)
    if broken is not None:
        period, times = broken[0], f"{broken[1]:.1f}"
        yield SERIES_LEVEL_BREAK.at(parsed, name, series=shown, period=period, times=times)


def _cumulative(table: pd.DataFrame) -> list[str]:
    """Years inside which counts never fall, and after which they start anew."""
    periods = [str(p) for p in table.columns]
    steps = np.diff(table.to_numpy(), axis=1)
    years = np.array([p[:4] for p in periods])
    inside = years[1:] == years[:-1]
    found = []
    for year in dict.fromkeys(years):
        own = steps[:, inside & (years[1:] == year)]
        rises, falls = int((own > 0).sum()), int((own < 0).sum())
        turn = steps[:, ~inside & (years[:-1] == year)]
        changes = int((turn != 0).sum() - np.isnan(turn).sum())
        restarts = not turn.size or int((turn < 0).sum()) >= RESTARTS * max(changes, 1)
        if rises >= RISES and falls <= FALLS * rises and restarts:
            found.append(str(year))
    return found


def _zeros(totals: pd.Series) -> tuple[list[str], float]:
    """Periods without any event in any cluster, and how many are expected in them."""
    empty = totals.index[totals == 0]
    if not len(empty) or len(empty) == len(totals):
        return [], 0.0
    expected = float(totals[totals > 0].mean()) * len(empty)
    return ([str(p) for p in empty], expected) if expected >= EXPECTED else ([], 0.0)


def _break(totals: pd.Series) -> tuple[str, float] | None:
    """The period whose level differs most from that of the periods before, and the ratio."""
    values = totals.to_numpy(dtype=float)
    found: list[tuple[float, str, float]] = []
    for at in range(1, len(values)):
        before = values[max(0, at - AROUND) : at].mean()
        # one period alone, or all those from it on
        for level in (values[at], values[at : at + AROUND].mean()):
            if min(before, level) > 0 and max(before, level) >= SMALLEST_TOTAL:
                size = abs(np.log(level / before))
                found.append((size, str(totals.index[at]), float(level / before)))
    size, period, ratio = max(found, default=(0.0, "", 1.0))
    return (period, ratio) if size > np.log(BREAK) else None


def _without_places(series: _Series, declared: Declared) -> bool:
    """Clusters that differ by population and not by this count (analysis of variance, one way)."""
    name = declared.study.columns.population
    table = series.table.dropna()
    if name is None or len(table) < CLUSTERS or table.shape[1] < 2:
        return False
    frame = declared.frame.table.set_index(declared.frame.cluster)
    people = frame[name].reindex(table.index).to_numpy(dtype=float)
    values = np.sqrt(table.to_numpy())
    within = float(values.var(axis=1, ddof=1).mean())
    if within <= 0 or np.isnan(people).any():
        return False
    periods = table.shape[1]
    between = periods * float(values.mean(axis=1).var(ddof=1)) / within
    alike = np.sqrt(float(table.to_numpy().mean()) * people / people.mean())
    by_people = periods * float(alike.var(ddof=1)) / within
    return by_people > BETWEEN and between < NO_ORDER


def _denominators(
    series: _Series,
    parsed: Parsed,
    declared: Declared,
    index: pd.DataFrame,
    rows: NDArray[np.intp],
) -> Iterator[Finding]:
    """Values of a variable that the frame has too, far from the frame's."""
    frame = declared.frame.table.set_index(declared.frame.cluster)[series.name]
    there = frame.reindex(index["cluster"]).to_numpy(dtype=float)
    here = parsed.columns[series.name].values[rows].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(here / there)
    known = np.isfinite(ratio)
    if not known.any():
        return
    wrong = known & (np.abs(ratio) > np.log(FAR))
    near = float(np.quantile(np.abs(ratio[known]), MOST))
    if near <= NEAR:
        wrong |= known & (np.abs(ratio) > max(TIMES * near, LEAST))
    if wrong.any():
        first, n, of = rows[wrong.argmax()], f"{wrong.sum():,}", index["cluster"][wrong].nunique()
        yield SERIES_DENOMINATOR.at(parsed, series.name, first, variable=series.name, n=n, of=of)


def _exchanged(
    counts: list[_Series], every: list[_Series], parsed: Parsed, declared: Declared
) -> Iterator[Finding]:
    """A frame variable named like a count, with its year, that goes with another count."""
    frame = declared.frame.table.set_index(declared.frame.cluster)
    people = next((s for s in every if s.name == declared.study.columns.population), None)
    for name in frame.columns:
        year = next((p for p in str(name).split("_") if p.isdecimal() and len(p) == 4), None)
        own = [s for s in counts if str(name)[:STEM] == s.name[:STEM]]
        if year is None or len(own) != 1 or not pd.api.types.is_numeric_dtype(frame[name]):
            continue
        facts = frame[name]
        here = _correlation(own[0], facts, year, people)
        for other in counts:
            there = _correlation(other, facts, year, people)
            if other is own[0] or here is None or there is None:
                continue
            n = len(facts.dropna())
            apart = (np.arctanh(there) - np.arctanh(here)) * np.sqrt(max(n - 3, 0) / 2)
            if apart > APART:
                said = {"series": f"`{own[0].name}`", "variable": name, "other": f"`{other.name}`"}
                said |= {"there": f"{there:+.2f}", "here": f"{here:+.2f}"}
                yield SERIES_EXCHANGED.at(parsed, own[0].name, **said)


def _correlation(
    series: _Series, facts: pd.Series, year: str, people: _Series | None
) -> float | None:
    columns = [p for p in series.table.columns if str(p)[:4] == year]
    if len(columns) == 0:
        return None
    values = series.table[columns].sum(axis=1, min_count=1)
    if people is not None:
        values = values / people.table[columns].mean(axis=1)
    both = pd.concat([values, facts], axis=1, join="inner").dropna().to_numpy(dtype=float)
    if len(both) < CLUSTERS or (both.std(axis=0) == 0).any():
        return None
    return float(np.clip(np.corrcoef(both.T)[0, 1], -0.999, 0.999))


def _listed(names: list[str]) -> str:
    """First and last of names that follow each other."""
    if len(names) == 1:
        return names[0]
    return ", ".join(names) if len(names) < 4 else f"{names[0]} … {names[-1]} ({len(names)})"


PERIOD = DataRule("period", "error")
PERIOD_MISSING = DataRule("period", "error", "period-missing", "fill-period-ask")
DUPLICATE_PERIOD = DataRule("duplicate-period", "error")
EMPTY_CLUSTER = DataRule("empty-cluster", "warn", "clusters-frame", "check-file-whole")
MISSING_PERIOD = DataRule("missing-period", "error")


# one notation per file: periods are put in order as texts
NOTATIONS = {
    "2019Q3": re.compile(r"\d{4}Q[1-4]", re.ASCII),
    "2019-07": re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII),
    "2019": re.compile(r"\d{4}", re.ASCII),
}
DATES = ("date", "datetime")
LISTED = 3


def periods(parsed: Parsed, declared: Declared, name: str) -> Iterator[Finding]:
    """Malformed and empty periods, cluster-periods that stand twice, and those that are absent.

    Parameters
    ----------
    parsed : Parsed
        The series file.
    declared : Declared
        Dictionary, study and frame.
    name : str
        The variable that holds the period.
    """
    findings, usable = _malformed(parsed, declared, name)
    yield from findings
    clusters = row_clusters(parsed, declared.frame)
    rows = np.flatnonzero(usable & pd.notna(clusters))
    texts = parsed.columns[name].texts.tolist()
    # row of each cluster's periods
    held: dict[object, dict[str, int]] = {}
    for row in rows.tolist():
        before = held.setdefault(clusters[row], {}).setdefault(texts[row], row)
        if before != row:
            yield DUPLICATE_PERIOD.at(parsed, name, row, row=parsed.key(before))
    every = sorted({text for own in held.values() for text in own})
    for own in held.values():
        gaps = [period for period in every if period not in own]
        if gaps:
            listed = ", ".join(gaps[:LISTED]) + (", ..." if len(gaps) > LISTED else "")
            said = {"n": Plain(len(gaps)), "of": Plain(len(every)), "row": listed}
            yield MISSING_PERIOD.at(parsed, name, min(own.values()), **said)
    absent = sum(code not in held for code in declared.frame.table[declared.frame.cluster])
    if absent:
        yield EMPTY_CLUSTER.at(parsed, declared.frame.cluster, n=absent)


def _malformed(
    parsed: Parsed, declared: Declared, name: str
) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Findings, and the rows whose period can be used."""
    column = parsed.columns[name]
    if declared.dictionary.variables[name].type in DATES:
        wrong, shape = np.zeros(len(parsed.lines), dtype=bool), message("word.a-date")
    else:
        texts = column.texts.tolist()
        fits = {
            shape: np.array([pattern.fullmatch(t) is not None for t in texts], dtype=bool)
            for shape, pattern in NOTATIONS.items()
        }
        best = max(fits, key=lambda candidate: int(fits[candidate].sum()))
        wrong = ~fits[best] & column.observed
        shape = (
            message("word.like", shape=Plain(best))
            if fits[best].any()
            else message("word.like-one-of", shapes=Plain(", ".join(NOTATIONS)))
        )
    # an empty cell that no `missing` declares has a finding of its own
    empty = ~pd.isna(column.missing)
    findings = PERIOD.rows(parsed, wrong, name, shape=shape)
    findings += PERIOD_MISSING.rows(parsed, empty, name)
    return findings, column.observed & ~wrong
