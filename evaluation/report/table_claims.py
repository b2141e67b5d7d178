"""Claim, table, function, line: where each claim of the summary comes from."""

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import heads, table
from evaluation.report.sources import Source
from evaluation.report.table import Row, Table
from evaluation.report.table_ledger import columns, review_of
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.review import Claim


@table.builds
def claims(exhibit: Exhibit, source: Source) -> Table:
    """One row per claim of the summary and function, in the order of review.toml.

    Raises
    ------
    ReportError
        The study has no review.toml; a function has no line.
    """
    language = source.language
    rows = tuple(row for claim in review_of(source).claim for row in _rows(source, claim))
    return heads.table(
        exhibit,
        source,
        columns=columns(source, "claim", "shown_in", "function", "does", "program_line"),
        rows=rows,
        generated=(wording("claims.lines", language),),
    )


def _rows(source: Source, claim: Claim) -> tuple[Row, ...]:
    """A row for each function that computes the claim, then one for what makes its exhibit."""
    language = source.language
    steps = [
        *(("computes", function) for function in claim.functions),
        ("makes", source.records.makers.get(claim.exhibit, "")),
    ]
    return tuple(
        Row(
            id=f"{claim.id}-{number}",
            group=claim.claim[language],
            cells=(
                table.text(claim.claim[language]),
                table.text(claim.exhibit),
                table.text(function.partition(":")[2]),
                table.text(wording(f"claims.does.{does}", language)),
                table.text(_place(source, function)),
            ),
        )
        for number, (does, function) in enumerate(steps, start=1)
    )


def _place(source: Source, function: str) -> str:
    """Where a function stands, as ``file, line``; the line was read from the program."""
    line = source.records.lines.get(function)
    if line is None:
        raise ReportError(
            message("nobody-looked.problem", function=function),
            where=f"claims of {source.configuration.study.id}",
            mend=message("name-functions.mend"),
            rule="missing-record",
        )
    file = f"{function.partition(':')[0].replace('.', '/')}.py"
    return wording("claims.place", source.language, file=file, line=line)
