"""Rows of a form's sheets as texts by column, whatever the server calls its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.sheets import Line, Sheet
from evaluation.data.xlsform_headers import header
from evaluation.errors import SpecError
from evaluation.locale.messages import Message, message

RULE = "form"
# the columns that are used here; others may stand twice or be named as one likes
USED = (
    "type",
    "name",
    "label",
    "relevant",
    "constraint",
    "calculation",
    "appearance",
    "required",
    "repeat_count",
    "disabled",
    "list_name",
    "form_id",
    "id_string",
    "version",
    "default_language",
)


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row as texts by base name and language of the column."""

    sheet: Sheet
    number: int
    cells: Mapping[tuple[str, str], str]

    def text(self, base: str) -> str:
        """Text of a column without language; empty where there is none."""
        return self.cells.get((base, ""), "").strip()

    def words(self, base: str) -> dict[str, str]:
        """Texts of a column by language, without empty ones."""
        found = {lang: text for (name, lang), text in self.cells.items() if name == base}
        return {lang: text for lang, text in found.items() if text.strip()}

    def error(self, problem: Message, column: str, mend: Message) -> SpecError:
        """An error at a cell of this row."""
        return SpecError(problem, where=self.sheet.where(self.number, column), mend=mend, rule=RULE)


def form_rows(sheet: Sheet, *, needed: Sequence[str], code_column: str = "value") -> list[FormRow]:
    """Rows below the header, each text under its column's base name and language.

    Parameters
    ----------
    sheet : Sheet
    needed : sequence of str
        Base names of columns that must be there.
    code_column : str
        What a column ``value`` means on this sheet.

    Raises
    ------
    SpecError
        A column is missing, or stands twice under two names.
    """
    if not sheet.lines:
        raise SpecError(
            message("sheet-empty.problem"),
            where=f"{sheet.file}: sheet {sheet.name}",
            mend=message("fill.mend"),
        )
    first, *others = sheet.lines
    columns: dict[int, tuple[str, str]] = {}
    for position, cell in enumerate(first.cells):
        named = header(cell.text, code_column=code_column)
        if named[0] not in USED:
            continue
        if named in columns.values():
            raise SpecError(
                message("column-stands-twice.problem", text=cell.text),
                where=sheet.where(first.number, position),
                mend=message("remove-rename.mend"),
                rule=RULE,
            )
        columns[position] = named
    for base in needed:
        if (base, "") not in columns.values():
            raise SpecError(
                message("sheet-no-column.problem", base=base),
                where=f"{sheet.file}: sheet {sheet.name}, row {first.number}",
                mend=message("add-columns-here.mend", names=", ".join(c.text for c in first.cells)),
                rule=RULE,
            )
    return [FormRow(sheet, line.number, _cells(line, columns)) for line in others]


def _cells(line: Line, columns: Mapping[int, tuple[str, str]]) -> dict[tuple[str, str], str]:
    return {
        named: line.cells[position].text
        for position, named in columns.items()
        if position < len(line.cells) and line.cells[position].text
    }
