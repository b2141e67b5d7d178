"""Tables about the delivered data: what the checks found and what was corrected."""

import re
from collections import Counter

from evaluation.report import heads, table, words
from evaluation.report.findings import plain, severity
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Row, Table, slug
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Finding

ROW_KEY = re.compile(r"\w\.\w+:\d+")
FILES = {"frame": "Frame", "analysis": "Analysis file", "series": "Series"}


def findings(exhibit: Exhibit, source: Source) -> Table:
    """What the checks found, counted by rule, round and variable; never a row or a value."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    said: dict[tuple[str, str, str, str], list[Finding]] = {}
    for found in source.records.findings:
        key = (found.severity, found.rule, found.round, found.column)
        counted[key] += 1
        said.setdefault(key, []).append(found)
    names = ["rule", "severity", "round", "column", "n_findings", "problem", "mend"]
    rows = tuple(
        Row(
            id="-".join(slug(part) for part in (key[1], key[2], key[3], key[0]) if part),
            cells=(
                table.text(plain(key[1].replace("-", " "))),
                table.text(severity(key[0])),
                table.text(round_or_file(source, key[2])),
                table.text(key[3]),
                table.count(n),
                table.text(_same(source, [f.problem for f in said[key]])),
                table.text(_same(source, [f.mend for f in said[key]])),
            ),
        )
        for key, n in counted.items()
    )
    columns = tuple(heads.column(source, name) for name in names)
    note = words.labelled(
        "Counts",
        "Of records and files that a check stopped at, not of respondents' answers: small counts"
        " are not suppressed. An error stops the pipeline, so none is left here; a flaw that a"
        " correction cured is information.",
    )
    empty = () if rows else (words.labelled("Result", "The checks found nothing."),)
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=(note, *empty))


def round_or_file(source: Source, name: str) -> str:
    """Short label of a round, or words for a file that belongs to none."""
    if name in source.configuration.study.rounds:
        return source.round_name(name)
    return FILES.get(name, name)


def _same(source: Source, texts: list[str]) -> str:
    """The text where all are alike and none names a row; what differs may speak of a row."""
    if len(set(texts)) > 1 or ROW_KEY.search(texts[0]):
        return "Differs by row"
    said = texts[0]
    for event in source.configuration.study.event:
        said = said.replace(f"`{event.id}`", f"\u201c{event.label[source.language]}\u201d")
    return plain(said)


def corrections(exhibit: Exhibit, source: Source) -> Table:
    """Corrections applied, counted by round, action and reason."""
    rows = tuple(
        Row(
            id="-".join((slug(found.round), slug(found.action), slug(found.reason))),
            cells=(
                table.text(round_or_file(source, found.round)),
                table.text(_action(source, found.action)),
                table.text(found.reason),
                _count(source, found.n),
            ),
        )
        for found in source.records.corrections
    )
    names = ("round", "action", "reason", "n_corrections")
    columns = tuple(heads.column(source, name) for name in names)
    note = words.labelled(
        "Ledger", "Each correction names its row, old and new value and date in the study's ledger."
    )
    small = words.labelled(
        "Suppressed",
        "A correction is of a respondent's record: a count below the minimum is shown as"
        f" {table.below(source.configuration.study.minimum_cell, source.language).text}.",
    )
    generated = (note, small) if rows else (words.labelled("Result", "No correction was made."),)
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _count(source: Source, n: int) -> Cell:
    """A count of corrections, below the minimum as a limit only."""
    minimum = source.configuration.study.minimum_cell
    return table.count(n) if n == 0 or n >= minimum else table.below(minimum, source.language)


def _action(source: Source, name: str) -> str:
    return words.ACTIONS[name][source.language] if name in words.ACTIONS else name
