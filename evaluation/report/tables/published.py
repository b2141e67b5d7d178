"""Our estimates beside published ones, and the tests of the administrative series."""

import math
from dataclasses import replace
from typing import Literal

from evaluation.errors import ReportError
from evaluation.locale.messages import term, wording
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Joined, Row, Shown, Table
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.record_set import Line
from evaluation.report.sources import Source, find
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome, Series, Specification
from evaluation.study.records import Estimate, Unavailable

STEP = "cr2"
# Published estimates are given to six decimals; a difference is shown in powers of ten.
DECIMALS, DIFFERENCE_DECIMALS = 6, 15
VISIBLE = 0.001
SUPERSCRIPT = str.maketrans(f"0123456789{number_format.MINUS}", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
PUBLISHED_COLUMNS: tuple[tuple[str, Joined, Shown], ...] = (
    ("outcome", "", "print"),
    ("ours", "", "print"),
    ("ours_std_error", "brackets", "print"),
    ("published", "", "print"),
    ("published_std_error", "brackets", "print"),
    ("ours_df", "", "print"),
    ("published_df", "", "print"),
    ("difference", "", "download"),
    ("difference_std_error", "", "download"),
    ("difference_df", "", "download"),
    ("max_difference", "", "print"),
)
DIFFERENCES = (7, 8, 9, 10)
FIELDS = {"estimate": "estimate", "std_error": "std.error", "df": "df"}


@table.builds
def published(exhibit: Exhibit, source: Source) -> Table:
    """Estimate, CR2 standard error and df, ours and published, and their differences.

    Raises
    ------
    ReportError
        The published file lacks a name of ``match``, or an estimate of ours is missing.
    """
    specification = source.specification(exhibit.specifications[0])
    rows = tuple(
        _published_row(source, source.outcome(outcome), name, specification)
        for outcome, name in exhibit.match.items()
    )
    columns = tuple(
        table_frame.column(source, name, joined=joined, shown=shown)
        for name, joined, shown in PUBLISHED_COLUMNS
    )
    language = source.language
    named = source.configuration.study.source_in(specification.source, language)
    source_note = wording("published.model-source", language, source=named)
    generated = (
        *model_notes.models(source, [specification]),
        words.labelled(
            wording("published.published", language),
            wording("published.read-only", language),
            source_note if specification.source else "",
        ),
        wording("published.largest", language),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=(*rows, *_over_all(rows, language)),
        generated=generated,
    )


def _over_all(rows: tuple[Row, ...], language: str) -> tuple[Row, ...]:
    """The largest absolute differences over all rows: what pages quote."""
    found = [[row.cells[i].value for row in rows] for i in DIFFERENCES]
    known = [[abs(value) for value in values if value is not None] for values in found]
    if not all(known):
        return ()
    cells = (
        table.text(wording("published.over-all", language)),
        *(table.none(),) * (DIFFERENCES[0] - 1),
        *(_difference(max(values), sign="none") for values in known),
    )
    return (Row(id="all", cells=cells),)


def _published_row(
    source: Source, outcome: Outcome, name: str, specification: Specification
) -> Row:
    theirs = _theirs(source, name)
    found = find(source, outcome.id, specification=specification, step=STEP)
    label = table.text(outcome.label[source.language])
    printed = _figures(theirs)
    if isinstance(found, Unavailable):
        absent = (table.unavailable(found.reason, source.language), table.none())
        blanks = (table.none(),) * len(DIFFERENCES)
        cells = (label, *absent, *printed[:2], table.none(), printed[2], *blanks)
        return Row(id=outcome.id, cells=cells)
    ours = {"estimate": found.estimate, "std_error": found.std_error, "df": found.df}
    differences = [ours[f] - theirs[f] for f in FIELDS]
    made = _figures(ours)
    cells = (
        label,
        *made[:2],
        *printed[:2],
        made[2],
        printed[2],
        *(_difference(d) for d in differences),
        _difference(max(abs(d) for d in differences), sign="none"),
    )
    return Row(id=outcome.id, cells=cells)


def _figures(found: dict[str, float]) -> tuple[Cell, ...]:
    return tuple(table.number(found[f], decimals=2 if f == "df" else DECIMALS) for f in FIELDS)


def _difference(value: float, *, sign: Literal["shown", "none"] = "shown") -> Cell:
    """A difference: in decimals where it can be seen, as a power of ten where it is rounding."""
    write = number_format.signed if sign == "shown" else number_format.plain
    # as all cells, in English until the table is localised
    if value == 0 or abs(value) >= VISIBLE:
        return Cell(kind="effect", text=write(value, 3, "en"), value=float(value), decimals=3)
    exponent = math.floor(math.log10(abs(value)))
    factor = write(value / 10.0**exponent, 1, "en")
    power = number_format.plain(exponent, 0, "en").translate(SUPERSCRIPT)
    shown = f"{factor} \N{MULTIPLICATION SIGN} 10{power}"
    return Cell(kind="effect", text=shown, value=float(value), decimals=DIFFERENCE_DECIMALS)


def _theirs(source: Source, name: str) -> dict[str, float]:
    line = next((row for row in source.records.published if row.get("outcome") == name), None)
    if line is None:
        raise ReportError.of(
            "published-file-no",
            "use-name-column",
            "exhibits.toml `match`",
            rule="missing-record",
            name=name,
        )
    return {field: _number(line, column) for field, column in FIELDS.items()}


def _number(line: Line, column: str) -> float:
    try:
        return float(line[column])
    except (KeyError, ValueError):
        raise ReportError.of(
            "published-file",
            "check-file-role",
            f"published file, outcome `{line.get('outcome', '')}`",
            rule="missing-record",
            column=column,
        ) from None


@table.builds
def trend_tests(exhibit: Exhibit, source: Source) -> Table:
    """Tests of the administrative series: differential trend before, and the placebo series.

    Raises
    ------
    ReportError
        A declared series has no test.
    """
    wanted = exhibit.series or tuple(s.id for s in source.plan.series)
    rows = []
    for series in (s for s in source.plan.series if s.id in wanted):
        rows.extend(_trend_rows(source, series))
    names = (
        "series", "test", "unit", "estimate", "ci_low", "ci_high", "p_value", "std_error",
        "n_clusters_treated", "n_clusters_comparison",
    )  # fmt: skip
    columns = tuple(
        table_frame.column(
            source,
            name,
            joined="to" if name == "ci_high" else "",
            shown="download" if name.startswith("n_clusters") else "print",
        )
        for name in names
    )
    # a difference of trends is no effect
    label = table_frame.head(source, "difference")
    columns = tuple(replace(c, label=label) if c.id == "estimate" else c for c in columns)
    note = wording("published.caution", source.language)
    estimates = [
        e for e in source.records.estimates if e.outcome in wanted and e.step in ("wcr", "wcr_s")
    ]
    generated = (note, *((notes.inference(source, estimates),) if estimates else ()))
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=tuple(rows),
        generated=generated,
        status=tuple(e.status for e in estimates),
    )


def _trend_rows(source: Source, series: Series) -> list[Row]:
    found = [e for e in source.records.estimates if e.outcome == series.id]
    absent = [u for u in source.records.unavailable if u.outcome == series.id]
    tests = dict.fromkeys([*(e.specification for e in found), *(u.specification for u in absent)])
    if not tests:
        raise ReportError.of(
            "no-test-series",
            "run-estimate-stage",
            "estimates.csv",
            rule="missing-record",
            id=series.id,
        )
    return [_trend_row(source, series, test) for test in tests]


def _trend_row(source: Source, series: Series, test: str) -> Row:
    language = source.language
    lead = (table.text(series.label[language]), table.text(series_test(test, language)))
    found = {
        e.step: e
        for e in source.records.estimates
        if (e.outcome, e.specification) == (series.id, test)
    }
    chosen = found.get(source.plan.inference.primary_step) or next(iter(found.values()), None)
    unit = series_unit(source, series, chosen)
    cells = _trend_cells(chosen, unit) if chosen else _absent_cells(source, series, test)
    return Row(id=f"{series.id}-{test}", cells=(*lead, table.text(unit), *cells))


def series_unit(source: Source, series: Series, estimate: Estimate | None) -> str:
    """What a difference of a series is measured in; of trends, that it is a change per period."""
    language = source.language
    name = series.label[language].split(" (")[0].lower()
    # "per 100,000 people and quarter" counts events of one quarter
    unit = series.unit[language].replace(
        wording("published.and", language), wording("published.per", language)
    )
    level = wording("published.series-unit", language, name=name, unit=unit)
    if estimate is None or estimate.unit == series.unit.en:
        return level
    period = term("published.period", series.period, language)
    return wording("published.change-per", language, level=level, period=period)


def series_test(test: str, language: str) -> str:
    """A test of a series in words."""
    return term("published.test", test, language).replace("_", " ")


def _trend_cells(estimate: Estimate, unit: str) -> tuple[Cell, ...]:
    decimals = 3  # a series' unit is in no list of the package: it stands in the table's language
    return (
        table.effect(estimate.estimate, decimals=decimals, unit=unit),
        table.effect(estimate.ci_low, decimals=decimals),
        table.effect(estimate.ci_high, decimals=decimals),
        table.p_value(estimate.p_value),
        table.number(estimate.std_error, decimals=decimals),
        table.count(estimate.n_clusters_treated),
        table.count(estimate.n_clusters_comparison),
    )


def _absent_cells(source: Source, series: Series, test: str) -> tuple[Cell, ...]:
    reason = next(
        u.reason
        for u in source.records.unavailable
        if (u.outcome, u.specification) == (series.id, test)
    )
    return (table.unavailable(reason, source.language), *(table.none(),) * 6)
