"""The rows that the office must decide on, and the sheets of its workbook in both languages.

Whatever language a workbook was written in, both are understood when it comes back.

REQUIRES findings about rows and the raw tables. CREATES one :class:`OfficeRow` for each row of a
group of duplicates, and one for each other finding. A row is named by file, line and delivery; the
rest is there for people to read, and to see that a sheet was sorted by whole rows.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import Study
from evaluation.data.cleaning.ledger import COLUMNS as LEDGER_COLUMNS
from evaluation.data.cleaning.ledger import Ledger, delivery
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable
from evaluation.estimation.records import Finding
from evaluation.locale.messages import (
    LANGUAGES,
    Several,
    entries,
    leaves,
    several,
    text_of,
    wording,
)
from evaluation.report.formats import words
from evaluation.report.formats.xlsx import ALLOWED, TEXT, Sheet, listing, look
from evaluation.storage import disk

DUPLICATES, CORRECT = "duplicates", "to correct"
DECISIONS = ("keep", "drop", "new_id", "set", "merge")
INSTRUCTIONS = ("rows", *DECISIONS, "signed", "cells", "back")


def folded(text: str) -> str:
    """A word without accents, case, or the blanks and marks that people put between words."""
    bare = unicodedata.normalize("NFD", text.replace("_", " "))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def understood(text: str, prefix: str) -> str | None:
    """Which word of a kind a text is, in either language; None where it is none of them.

    Parameters
    ----------
    text : str
        As it was typed.
    prefix : str
        How the ids of the words begin.
    """
    found = {
        folded(wording(f"{prefix}.{name}", language)): name
        for name in entries(prefix)
        for language in LANGUAGES
    }
    return found.get(folded(text))


def is_blank_word(text: str) -> bool:
    """Whether a new value says that the cell shall be empty."""
    return folded(text) in {folded(wording("office.blank", language)) for language in LANGUAGES}


DUPLICATE_RULES = ("duplicate-id", "duplicate-interview", "near-identical-interview")
# decided by people; what is only told needs no decision
DECIDED = ("error", "warn")
TO_FILL = ("decision", "new", "initials", "reason", "date")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    DUPLICATES: (
        *("group", "file", "line", "round", "delivery", "id", "column", "rule", "problem"),
        *TO_FILL,
    ),
    CORRECT: (
        *("file", "line", "round", "delivery", "id", "column", "held", "rule", "problem"),
        *TO_FILL,
    ),
}
Row = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """One row of a sheet of the office's workbook, without what the office fills in.

    Attributes
    ----------
    sheet : str
        ``duplicates`` or ``to correct``.
    group : int
        Of duplicates, counted from 1; 0 elsewhere.
    file, line, round, delivery : str, int, str, str
        Where the row is.
    id, held : str
        Respondent id and cell as delivered: not to leave the private folder.
    column, rule : str
        What was found, and in which raw column.
    """

    sheet: str
    group: int
    file: str
    line: int
    round: str
    delivery: str
    id: str
    column: str
    held: str
    rule: str
    problem: Several

    @property
    def key(self) -> tuple[str, int, str]:
        """File, line and column: a row of duplicates counts once, whatever its columns."""
        return (self.file, self.line, "" if self.sheet == DUPLICATES else self.column)

    def cell(self, name: str, language: str) -> str:
        """Text of one of the columns; empty for those that the office fills in.

        Parameters
        ----------
        name : str
            Of the column.
        language : {"en", "es"}
            Of what was found.
        """
        if name == "problem":
            return self.problem.text(language)
        return "" if name in TO_FILL else str(getattr(self, name) or "")


def identities(tables: Iterable[RawTable], dictionary: Dictionary, study: Study) -> dict[str, str]:
    """Raw column that names a row, by source: the respondent id, else the cluster."""
    found = {}
    for table in tables:
        source = table.file.source
        for name in (study.columns.respondent, study.columns.cluster):
            column = dictionary.variables[name].raw.get(source, "")
            if column in table.frame.columns:
                found[source] = column
                break
    return found


def office_rows(
    findings: Sequence[Finding], tables: Sequence[RawTable], *, identity: Mapping[str, str]
) -> tuple[OfficeRow, ...]:
    """Rows of both sheets.

    Parameters
    ----------
    findings : sequence of Finding
        Of any kind; those without a line and those that only inform are left out.
    tables : sequence of RawTable
        As delivered.
    identity : mapping of source to raw column
        From :func:`identities`.

    Returns
    -------
    tuple of OfficeRow
        Duplicates by group, then the others by file, line, column and rule.
    """
    by_path = {table.file.path: table for table in tables}
    open_ = [f for f in findings if f.line and f.severity in DECIDED and f.file in by_path]
    copies = [f for f in open_ if f.rule in DUPLICATE_RULES]
    rows = list(_duplicates(copies, by_path, identity))
    others = {(f.file, f.line, f.column, f.rule): f for f in open_ if f.rule not in DUPLICATE_RULES}
    order = {table.file.path: number for number, table in enumerate(tables)}
    for key in sorted(others, key=lambda k: (order[k[0]], *k[1:])):
        found = others[key]
        problem = several((found.problem,))
        about = {"column": found.column, "rule": found.rule, "problem": problem}
        rows.append(_row(by_path[found.file], found.line, identity, sheet=CORRECT, about=about))
    return tuple(rows)


def _duplicates(
    copies: Sequence[Finding], by_path: Mapping[str, RawTable], identity: Mapping[str, str]
) -> Iterable[OfficeRow]:
    order = {path: number for number, path in enumerate(by_path)}
    said: dict[Row, list[Finding]] = {}
    for finding in dict.fromkeys(copies):
        said.setdefault((finding.file, finding.line), []).append(finding)
    for number, group in enumerate(_groups(copies, order), start=1):
        told = [f for row in group for f in said.get(row, ())][:1]
        for file, line in group:
            found = said.get((file, line), [])
            # the first of a group: what was found stands beside the others
            rules = sorted({f.rule for f in found or told})
            table = by_path[file]
            about = {
                "group": number,
                "column": identity.get(table.file.source, ""),
                "rule": ", ".join(rules),
                "problem": several(f.problem for f in found),
            }
            yield _row(table, line, identity, sheet=DUPLICATES, about=about)


def _groups(copies: Sequence[Finding], order: Mapping[str, int]) -> list[list[Row]]:
    """Rows that findings tie together, each group in the order of its lines."""
    of: dict[Row, list[Row]] = {}
    for finding in copies:
        row = (finding.file, finding.line)
        keys = (text_of(leaf, "en").rpartition(":") for leaf in leaves(finding.problem))
        named = [int(line) for file, _, line in keys if file == finding.file and line.isdigit()]
        other = (finding.file, named[0]) if named else row
        joined = sorted({*of.get(row, [row]), *of.get(other, [other])})
        for member in joined:
            of[member] = joined
    groups = {tuple(group) for group in of.values()}
    return [list(g) for g in sorted(groups, key=lambda g: (order[g[0][0]], g[0][1]))]


def _row(
    table: RawTable,
    line: int,
    identity: Mapping[str, str],
    *,
    sheet: str,
    about: Mapping[str, Any],
) -> OfficeRow:
    return OfficeRow(
        sheet=sheet,
        file=table.file.path,
        line=line,
        round=table.file.source,
        delivery=delivery(table),
        id=raw_text(table, line, identity.get(table.file.source, "")),
        held=raw_text(table, line, about["column"]),
        **{"group": 0, **about},
    )


def raw_text(table: RawTable, line: int, column: str) -> str:
    """A cell as delivered; empty where the file has no such row or column."""
    rows = table.frame.index[table.frame[LINE] == line]
    if column not in table.frame.columns or not len(rows):
        return ""
    return str(table.frame.at[rows[0], column])


# columns that name people or hold their answers: only for the private folder
PERSONAL = frozenset({"id", "held", "old", "new"})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the workbook is written: its language, and the columns whose cells are left empty."""

    study: Study
    language: str
    hidden: frozenset[str]

    @property
    def banner(self) -> str:
        """The study's mark as a sentence; empty where it has none."""
        return words.banner(self.study.mark, self.language)

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the top of a sheet."""
        return (self.banner,) if self.banner else ()


def office_sheets(rows: Sequence[OfficeRow], ledger: Ledger, view: View) -> tuple[Sheet, ...]:
    """All sheets in their order: those to fill in, the ledger, the instructions.

    Parameters
    ----------
    rows : sequence of OfficeRow
        What must be decided.
    ledger : Ledger
        The lines in force.
    view : View
        Language, and what is left out.
    """
    decided = (decision_sheet(rows, kind, view) for kind in COLUMNS)
    return (*decided, _ledger(ledger, view), _instructions(view))


def decision_sheet(rows: Sequence[OfficeRow], kind: str, view: View, **settings: Any) -> Sheet:
    """One sheet to fill in.

    Parameters
    ----------
    rows : sequence of OfficeRow
        Of all sheets.
    kind : str
        Key of `COLUMNS`.
    view : View
        Language, and what is left out.
    settings
        As for :func:`evaluation.report.formats.xlsx.listing`.
    """
    head, *lines = decision_table([row for row in rows if row.sheet == kind], kind, view)
    choices = tuple(wording(f"office.decision.{word}", view.language) for word in DECISIONS)
    return listing(
        wording(f"office.sheet.{kind}", view.language),
        head,
        lines,
        looks=[look(TEXT, locked=False)] * len(head),
        choices={COLUMNS[kind].index("decision"): choices},
        allowed=ALLOWED,
        **settings,
    )


def decision_table(rows: Sequence[OfficeRow], kind: str, view: View) -> tuple[tuple[str, ...], ...]:
    """Header and rows in the columns of a kind of sheet, the study's mark in a last one.

    Parameters
    ----------
    rows : sequence of OfficeRow
    kind : str
        Key of `COLUMNS`.
    view : View
        Language, and what is left out.
    """
    names, mark = COLUMNS[kind], (view.study.mark,) if view.study.mark else ()
    head = (wording(f"office.header.{name}", view.language) for name in names)
    cells = (
        ("" if name in view.hidden else row.cell(name, view.language) for name in names)
        for row in rows
    )
    return ((*head, *(disk.MARK_COLUMN for _ in mark)), *((*row, *mark) for row in cells))


def _ledger(ledger: Ledger, view: View) -> Sheet:
    return listing(
        wording("office.sheet.ledger", view.language),
        LEDGER_COLUMNS,
        [
            tuple("" if name in view.hidden else getattr(entry, name) for name in LEDGER_COLUMNS)
            for entry in ledger.corrections
        ],
        marks=(wording("office.read-only", view.language), *view.notes),
        allowed={},
    )


def _instructions(view: View) -> Sheet:
    language = view.language
    return listing(
        wording("office.sheet.instructions", language),
        (wording("office.about", language), wording("office.how", language)),
        [
            (
                wording(f"office.instruction-about.{x}", language),
                wording(f"office.instruction.{x}", language),
            )
            for x in INSTRUCTIONS
        ],
        marks=(wording("office.private", language), *view.notes),
        allowed={},
    )
