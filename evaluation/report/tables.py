"""Build a table of the registry from result records."""

from evaluation.errors import ReportError
from evaluation.locale.messages import Message, message
from evaluation.report.disclosure_pass import protected
from evaluation.report.sources import Source
from evaluation.report.table import Table, builds, localised
from evaluation.spec.exhibits import Exhibit


def build(exhibit: Exhibit, source: Source) -> Table:
    """The table of an exhibit.

    Parameters
    ----------
    exhibit : Exhibit
        Entry of exhibits.toml whose builder makes a table.
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        A record that the exhibit asks for is missing; the builder makes figures; two rows have
        one id.
    """
    if exhibit.builder not in builds:
        raise _wrong(
            exhibit,
            message("builder-makes-no.problem", builder=exhibit.builder),
            message("name-table-builder.mend"),
        )
    table = builds[exhibit.builder](exhibit, source)
    ids = [row.id for row in table.rows]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise _wrong(
            exhibit, message("row-id-twice.problem", row=twice[0]), message("make-rows-tell.mend")
        )
    if any(len(row.cells) != len(table.columns) for row in table.rows):
        raise _wrong(exhibit, message("row-not-one-cell.problem"), message("correct-builder.mend"))
    return localised(protected(table, source, builder=exhibit.builder))


def _wrong(exhibit: Exhibit, problem: Message, mend: Message) -> ReportError:
    return ReportError(problem, where=f"exhibit `{exhibit.id}`", mend=mend)
