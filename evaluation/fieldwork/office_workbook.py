"""Sheets of the office's workbook: what must be decided, the ledger in force, how to use it."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.data.cleaning.ledger import COLUMNS as LEDGER_COLUMNS
from evaluation.data.cleaning.ledger import Ledger
from evaluation.fieldwork.office_rows import COLUMNS, DECISIONS, INSTRUCTIONS, OfficeRow
from evaluation.locale.messages import wording
from evaluation.report.formats import words
from evaluation.report.formats.xlsx import ALLOWED, TEXT, Sheet, listing, look
from evaluation.storage import disk
from evaluation.study.study import Study

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
    decided = (_decided([row for row in rows if row.sheet == kind], kind, view) for kind in COLUMNS)
    return (*decided, _ledger(ledger, view), _instructions(view))


def _decided(rows: Sequence[OfficeRow], kind: str, view: View) -> Sheet:
    names, language = COLUMNS[kind], view.language
    mark = (view.study.mark,) if view.study.mark else ()
    header = (
        *(wording(f"office.header.{name}", language) for name in names),
        *(disk.MARK_COLUMN for _ in mark),
    )
    return listing(
        wording(f"office.sheet.{kind}", language),
        header,
        [
            (*("" if name in view.hidden else _cell(row, name, language) for name in names), *mark)
            for row in rows
        ],
        looks=[look(TEXT, locked=False)] * len(header),
        choices={
            names.index("decision"): tuple(
                wording(f"office.decision.{word}", language) for word in DECISIONS
            )
        },
        allowed=ALLOWED,
    )


def _cell(row: OfficeRow, name: str, language: str) -> str:
    return row.problem.text(language) if name == "problem" else row.cell(name)


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
