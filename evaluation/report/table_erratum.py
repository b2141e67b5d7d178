"""Numbers that changed since somebody may have cited them."""

from evaluation.report import formats, heads, table
from evaluation.report.sources import Source
from evaluation.report.table import Column, Row, Table
from evaluation.report.worded import worded
from evaluation.spec.exhibits import Exhibit

LABELS = {
    "what": worded("erratum-column.what"),
    "before": worded("erratum-column.before"),
    "after": worded("erratum-column.after"),
    "reason": worded("erratum-column.reason"),
}


@table.builds
def erratum(exhibit: Exhibit, source: Source) -> Table:
    """One row for each entry of the study's errata, in their order."""
    language = source.language
    columns = (
        Column(id="date", label=worded("erratum-column.date")[language]),
        *(Column(id=name, label=LABELS[name][language]) for name in LABELS),
        Column(id="id", label=worded("erratum-column.id")[language]),
    )
    rows = tuple(
        Row(
            id=f"{table.slug(entry.number)}_{entry.date:%Y%m%d}",
            cells=(
                table.text(formats.date(entry.date, language)),
                *(table.text(getattr(entry, name)[language]) for name in LABELS),
                table.text(entry.number),
            ),
        )
        for entry in source.configuration.errata
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=())
