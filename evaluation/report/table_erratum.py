"""Numbers that changed since somebody may have cited them."""

from evaluation.locale.messages import wording
from evaluation.report import formats, heads, table
from evaluation.report.sources import Source
from evaluation.report.table import Column, Row, Table
from evaluation.spec.exhibits import Exhibit

NAMES = ("what", "before", "after", "reason")


@table.builds
def erratum(exhibit: Exhibit, source: Source) -> Table:
    """One row for each entry of the study's errata, in their order."""
    language = source.language
    columns = (
        Column(id="date", label=wording("erratum-column.date", language)),
        *(Column(id=name, label=wording(f"erratum-column.{name}", language)) for name in NAMES),
        Column(id="id", label=wording("erratum-column.id", language)),
    )
    rows = tuple(
        Row(
            id=f"{table.slug(entry.number)}_{entry.date:%Y%m%d}",
            cells=(
                table.text(formats.date(entry.date, language)),
                *(table.text(getattr(entry, name)[language]) for name in NAMES),
                table.text(entry.number),
            ),
        )
        for entry in source.configuration.errata
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=())
