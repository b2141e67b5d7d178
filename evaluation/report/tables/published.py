"""Our estimates beside published ones, and the tests of the administrative series."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome, Series, Specification
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.locale import numbers
from evaluation.locale.messages import term
from evaluation.report import estimate_rows
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.record_set import Line
from evaluation.report.sources import Source, find

STEP = "cr2"
# Estimates as articles print them: a difference is shown in powers of ten.
DECIMALS, DIFFERENCE_DECIMALS = 3, 15
VISIBLE = 0.001
SUPERSCRIPT = str.maketrans(f"0123456789{numbers.MINUS}", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
PUBLISHED_COLUMNS = (
    *table.columns(
        *("outcome", "ours", "ours_std_error", "published", "published_std_error"),
        *("ours_df", "published_df"),
        joined={"ours_std_error": "brackets", "published_std_error": "brackets"},
    ),
    *table.columns("difference", "difference_std_error", "difference_df", shown="download"),
    *table.columns("max_difference"),
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
    rows = [
        _published_row(source, source.outcome(outcome), name, specification)
        for outcome, name in exhibit.match.items()
    ]
    return table_frame.table(
        exhibit,
        source,
        columns=PUBLISHED_COLUMNS,
        rows=(*rows, *_over_all(source, rows)),
        generated=(
            *model_notes.models(source, [specification]),
            source.note(
                "published.published",
                "published.read-only",
                "published.model-source" if specification.source else "",
                source=source.configuration.study.source_in(specification.source, source.language),
            ),
            source.wording("published.largest"),
        ),
    )


def _over_all(source: Source, rows: Sequence[Row]) -> Iterator[Row]:
    """The largest absolute differences over all rows: what pages quote."""
    found = [[row.cells[i].value for row in rows] for i in DIFFERENCES]
    known = [[abs(value) for value in values if value is not None] for values in found]
    if all(known):
        empty = estimate_rows.padded(DIFFERENCES[0] - 1)
        largest = (difference(max(values), sign="none") for values in known)
        yield table.row("all", source.wording("published.over-all"), *empty, *largest)


def _published_row(
    source: Source, outcome: Outcome, name: str, specification: Specification
) -> Row:
    theirs = _theirs(source, name)
    found = find(source, outcome.id, specification=specification, step=STEP)
    if isinstance(found, Unavailable):
        absent = table.unavailable(found.reason, source.language)
        ours: Sequence[Cell] = (absent, table.none(), table.none())
        differences: Sequence[Cell] = estimate_rows.padded(len(DIFFERENCES))
    else:
        made = {"estimate": found.estimate, "std_error": found.std_error, "df": found.df}
        gaps = [made[f] - theirs[f] for f in FIELDS]
        largest = difference(max(map(abs, gaps)), sign="none")
        ours, differences = _figures(made), (*map(difference, gaps), largest)
    printed, label = _figures(theirs), outcome.label[source.language]
    pairs = (*ours[:2], *printed[:2], ours[2], printed[2])
    return table.row(outcome.id, label, *pairs, *differences)


def _figures(found: dict[str, float]) -> tuple[Cell, ...]:
    return tuple(table.number(found[f], decimals=2 if f == "df" else DECIMALS) for f in FIELDS)


def difference(value: float, *, sign: Literal["shown", "none"] = "shown") -> Cell:
    """A difference: in decimals where it can be seen, as a power of ten where it is rounding.

    Parameters
    ----------
    value : float
    sign : {"shown", "none"}
        None of a size.
    """
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
    # the file of all sites names these outcomes too
    own = (row for row in source.records.published if "study" not in row)
    line = next((row for row in own if row.get("outcome") == name), None)
    if line is None:
        raise ReportError.of(
            "published-file-no",
            "use-name-column",
            "exhibits.toml `match`",
            rule="missing-record",
            name=name,
        )
    return {field: number_of(line, column) for field, column in FIELDS.items()}


def number_of(line: Line, column: str) -> float:
    """A number of a published file.

    Parameters
    ----------
    line : mapping
        A row, as text.
    column : str

    Raises
    ------
    ReportError
        The row lacks the column, or holds no number there.
    """
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
    estimates = [
        e for e in source.records.estimates if e.outcome in wanted and e.step in ("wcr", "wcr_s")
    ]
    # a difference of trends is no effect
    label = table_frame.head(source, "difference")
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *("series", "test", "unit"),
            Column(id="estimate", label=label),
            *table.columns("ci_low", "ci_high", "p_value", "std_error"),
            *table.columns("n_clusters_treated", "n_clusters_comparison", shown="download"),
        ),
        rows=[_trend_row(source, s) for s in source.plan.series if s.id in wanted],
        generated=(source.wording("published.caution"), *notes.inference(source, estimates)),
        found=estimates,
        sentences=(
            (f"before_{s.id}", _before(source, s))
            for s in source.plan.series
            if s.id in wanted and s.role == "pre_trend"
        ),
    )


def _before(source: Source, series: Series) -> str:
    """What the interval of the difference of trends says; nothing where there is none.

    Of one that includes zero also how far it lets the gap move in all periods, beside the level.
    """
    chosen = _chosen(source, series)
    if chosen is None:
        return ""
    includes = chosen.ci_low <= 0 <= chosen.ci_high
    said = source.verdict(f"published.{'together' if includes else 'apart'}")
    of_series = (t.period for t in source.records.trends if t.series == series.id)
    n = len({period for period in of_series if period <= series.last_before}) - 1
    known = n > 0 and math.isfinite(chosen.baseline_comparison_mean)
    if not (includes and known) or source.configuration.study.blinded:
        return said
    language = source.language
    return source.wording(
        "published.in-all",
        said=said,
        n=n,
        moves=number_format.interval(n * chosen.ci_low, n * chosen.ci_high, 1, language),
        mean=number_format.plain(chosen.baseline_comparison_mean, 1, language),
    )


def _chosen(source: Source, series: Series) -> Estimate | None:
    """The estimate of a series' test by the primary step, else by the first there is."""
    key = (series.id, series.role)
    by_step = {e.step: e for e in source.records.estimates if (e.outcome, e.specification) == key}
    return by_step.get(source.plan.inference.primary_step, next(iter(by_step.values()), None))


def _trend_row(source: Source, series: Series) -> Row:
    records, key, chosen = source.records, (series.id, series.role), _chosen(source, series)
    gone = [u.reason for u in records.unavailable if (u.outcome, u.specification) == key]
    if chosen is None and not gone:
        raise ReportError.of(
            "no-test-series",
            "run-estimate-stage",
            "estimates.csv",
            rule="missing-record",
            id=series.id,
        )
    unit = series_unit(source, series, chosen)
    label, name = series.label[source.language], series_test(series.role, source.language)
    if chosen is None:
        cells = estimate_rows.padded(7, table.unavailable(gone[0], source.language))
    else:
        cells = _trend_cells(chosen, unit)
    return table.row(f"{series.id}-{series.role}", label, name, unit, *cells)


def series_unit(source: Source, series: Series, estimate: Estimate | None) -> str:
    """What a difference of a series is measured in; of trends, that it is a change per period.

    Parameters
    ----------
    source : Source
    series : Series
    estimate : Estimate or None
        None where it is unavailable.
    """
    language = source.language
    name = series.label[language].split(" (")[0].lower()
    # "per 100,000 people and quarter" counts events of one quarter
    unit = series.unit[language].replace(
        source.wording("published.and"), source.wording("published.per")
    )
    level = source.wording("published.series-unit", name=name, unit=unit)
    if estimate is None or estimate.unit == series.unit.en:
        return level
    period = term("published.period", series.period, language)
    return source.wording("published.change-per", level=level, period=period)


def series_test(test: str, language: str) -> str:
    """A test of a series in words.

    Parameters
    ----------
    test : str
    language : {"en", "es"}
    """
    return term("published.test", test, language).replace("_", " ")


def _trend_cells(estimate: Estimate, unit: str) -> tuple[Cell, ...]:
    decimals = 3  # a series' unit is in no list of the package: it stands in the table's language
    return (
        table.effect(estimate.estimate, decimals=decimals, unit=unit),
        *(
            table.effect(end, decimals=decimals, interval=estimate_rows.kind_of(estimate))
            for end in (estimate.ci_low, estimate.ci_high)
        ),
        table.p_value(estimate.p_value),
        table.number(estimate.std_error, decimals=decimals),
        table.count(estimate.n_clusters_treated),
        table.count(estimate.n_clusters_comparison),
    )
