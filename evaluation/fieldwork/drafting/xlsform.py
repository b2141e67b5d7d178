"""Read a survey form (XLSForm) as text: questions with their groups, choice lists, settings.

SurveyCTO, ODK and KoBo share the format and differ in the names of columns. Expressions
(`relevant`, `constraint`, `calculation`) are kept as they are written and never evaluated.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.data.readers.sheets import ReadSheet, place_in, read_workbook
from evaluation.data.spelling import SELECTS, TYPE_SPELLINGS, header, plain, split_type
from evaluation.errors import SpecError
from evaluation.locale.messages import Message, message

FORM_RULE = "form"
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

    sheet: ReadSheet
    number: int
    cells: Mapping[tuple[str, str], str]

    def text(self, base: str) -> str:
        """Text of a column without language; empty where there is none."""
        return self.cells.get((base, ""), "").strip()

    def texts(self, *bases: str) -> dict[str, str]:
        """Texts of several columns, by base name."""
        return {base: self.text(base) for base in bases}

    def words(self, base: str) -> dict[str, str]:
        """Texts of a column by language, without empty ones."""
        found = ((lang, text) for (name, lang), text in self.cells.items() if name == base)
        return {lang: text for lang, text in found if text.strip()}

    def error(self, column: str, problem: str, fix: str | Message, **holes: object) -> SpecError:
        """An error at a cell of this row, by the ids of its problem and fix."""
        where = self.sheet.where(self.number, column)
        return SpecError.of(problem, fix, where, rule=FORM_RULE, **holes)


def form_rows(
    sheet: ReadSheet, *, needed: Sequence[str], code_column: str = "value"
) -> list[FormRow]:
    """Rows below the header, each text under its column's base name and language.

    Parameters
    ----------
    sheet : ReadSheet
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
        raise SpecError.of("sheet-empty", "fill", place_in(sheet.file, sheet.name))
    first, *others = sheet.lines
    columns: dict[int, tuple[str, str]] = {}
    for position, cell in enumerate(first.cells):
        named = header(cell.text, code_column=code_column)
        if named[0] not in USED:
            continue
        if named in columns.values():
            raise SpecError.of(
                "column-stands-twice",
                "remove-rename",
                sheet.where(first.number, position),
                rule=FORM_RULE,
                text=cell.text,
            )
        columns[position] = named
    for base in needed:
        if (base, "") not in columns.values():
            raise SpecError.of(
                "sheet-no-column",
                "add-columns-here",
                place_in(sheet.file, sheet.name, first.number),
                rule=FORM_RULE,
                base=base,
                names=", ".join(c.text for c in first.cells),
            )
    return [
        FormRow(
            sheet,
            line.number,
            {
                named: line.cells[position].text
                for position, named in columns.items()
                if position < len(line.cells) and line.cells[position].text
            },
        )
        for line in others
    ]


YES = ("yes", "true", "true()", "1", "si")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormGroup:
    """A group or repeat; ``label`` by language ("" where the form names none).

    ``seen`` are the repetitions that delivered files have, where these are known.
    """

    row: int
    name: str
    repeats: bool
    label: Mapping[str, str]
    relevant: str
    repeat_count: str
    seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FormQuestion:
    """One row of the survey sheet that holds data or shows a note.

    Attributes
    ----------
    row : int
        Row of the survey sheet.
    type : str
        A key of ``xlsform_headers.TYPES``.
    written_type : str
        The type cell as written.
    list_name : str
        Choice list or external file; empty for all but selects.
    rest : str
        What follows the list: ``or_other``.
    within : tuple of FormGroup
        Groups and repeats around it, the outermost first.
    """

    row: int
    name: str
    type: str
    written_type: str
    list_name: str
    rest: str
    label: Mapping[str, str]
    relevant: str
    constraint: str
    calculation: str
    appearance: str
    required: str
    within: tuple[FormGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice: its row of the choices sheet, its code, its label by language."""

    row: int
    code: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form. ``rows`` counts the filled rows of the survey sheet below its header."""

    file: str
    id: str
    version: str
    default_language: str
    rows: int
    questions: tuple[FormQuestion, ...]
    choices: Mapping[str, tuple[Choice, ...]]


@dataclass(slots=True)
class _Open:
    """Groups that are open while the sheet is read, and names seen so far by their parent."""

    groups: list[FormGroup] = field(default_factory=list)
    names: dict[tuple[tuple[int, ...], str], int] = field(default_factory=dict)
    fields: dict[str, int] = field(default_factory=dict)


def read_form(data: bytes, file: str) -> Form:
    """Read a form.

    Parameters
    ----------
    data : bytes
        The XLSX workbook.
    file : str
        Its name, for messages.

    Raises
    ------
    SpecError
        A sheet or column is missing, a type or list is unknown, a name stands twice, a group is
        not closed. The message names sheet, row, column and fix.
    """
    sheets = {
        plain(name): sheet
        for name, sheet in read_workbook(data, file, formulas="as results").items()
    }
    if "survey" not in sheets:
        raise SpecError.of("the-workbook-has-no", "give-form-itself", file, rule=FORM_RULE)
    survey = sheets["survey"]
    rows = form_rows(survey, needed=("type", "name"))
    choices = _choices(sheets["choices"]) if "choices" in sheets else {}
    filled = "settings" in sheets and len(sheets["settings"].lines) > 1
    settings = form_rows(sheets["settings"], needed=())[0] if filled else FormRow(survey, 0, {})
    return Form(
        file=file,
        id=settings.text("form_id") or settings.text("id_string"),
        **settings.texts("version", "default_language"),
        rows=len(rows),
        questions=tuple(_questions(rows, choices)),
        choices=choices,
    )


def _choices(sheet: ReadSheet) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, dict[str, Choice]] = {}
    for row in form_rows(sheet, needed=("list_name", "name"), code_column="name"):
        name, code = row.text("list_name"), row.text("name")
        if not name and not code:
            continue
        if not name or not code:
            column = "name" if name else "list_name"
            raise row.error(column, "choice-no-list", "fill-both-empty")
        codes = lists.setdefault(name, {})
        if code in codes:
            first = codes[code].row
            raise row.error(
                "name",
                "code-stands-twice-list",
                "give-each-choice",
                code=code,
                name=name,
                row=first,
            )
        codes[code] = Choice(row=row.number, code=code, label=row.words("label"))
    return {name: tuple(codes.values()) for name, codes in lists.items()}


def _questions(
    rows: Sequence[FormRow], choices: Mapping[str, tuple[Choice, ...]]
) -> Iterator[FormQuestion]:
    state = _Open()
    for row in rows:
        if plain(row.text("disabled")) in YES:
            continue
        if not row.text("type"):
            if row.text("name"):
                raise row.error("type", "row-name-no", "fill-type")
            continue
        kind, list_name, rest = split_type(row.text("type"))
        if not kind:
            raise _unknown_type(row)
        if kind.startswith("end_"):
            _close(state, row, repeats=kind == "end_repeat")
            continue
        _take_name(state, row, is_group=kind.startswith("begin_"))
        if kind.startswith("begin_"):
            state.groups.append(
                FormGroup(
                    row=row.number,
                    repeats=kind == "begin_repeat",
                    label=row.words("label"),
                    name=row.text("name"),
                    relevant=row.text("relevant"),
                    repeat_count=row.text("repeat_count"),
                )
            )
            continue
        if kind in SELECTS:
            _check_list(row, list_name, choices)
        yield FormQuestion(
            row=row.number,
            type=kind,
            written_type=row.text("type"),
            list_name=list_name,
            rest=rest,
            label=row.words("label"),
            within=tuple(state.groups),
            **row.texts(
                *("name", "relevant", "constraint", "calculation", "appearance", "required")
            ),
        )
    if state.groups:
        left = state.groups[-1]
        raise SpecError.of(
            "group-not-closed",
            "add-after-last",
            rows[0].sheet.where(left.row, "type"),
            rule=FORM_RULE,
            name=left.name,
            what="repeat" if left.repeats else "group",
        )


def _unknown_type(row: FormRow) -> SpecError:
    word = row.text("type")
    near = difflib.get_close_matches(plain(word).replace(" ", "_"), TYPE_SPELLINGS, n=1)
    hint = message("did-you-mean.fix", near=near[0]) if near else "see-form-language"
    return row.error("type", "type-unknown", hint, word=word)


def _close(state: _Open, row: FormRow, *, repeats: bool) -> None:
    written = "repeat" if repeats else "group"
    if not state.groups:
        raise row.error("type", "closes-nothing", "remove-add", written=written)
    last = state.groups.pop()
    if last.repeats != repeats:
        opened = "repeat" if last.repeats else "group"
        place = {"written": written, "name": last.name, "row": last.row}
        raise row.error("type", f"open-{opened}", "close-first", opened=opened, **place)


def _take_name(state: _Open, row: FormRow, *, is_group: bool) -> None:
    """Names are unique: of questions in the whole form, of groups beside each other.

    An export without group names has one column for each question's name.
    """
    name = row.text("name")
    if not name:
        raise row.error("name", "row-no-name", "give-name")
    key = (tuple(group.row for group in state.groups), name)
    earlier = state.names.get(key) or (None if is_group else state.fields.get(name))
    if earlier:
        raise row.error("name", "name-stands-twice", "rename-one-them", name=name, earlier=earlier)
    state.names[key] = row.number
    if not is_group:
        state.fields[name] = row.number


def _check_list(row: FormRow, name: str, choices: Mapping[str, tuple[Choice, ...]]) -> None:
    # choices of a file beside the form (stations.csv) are not in the form, and a list may come
    # from an earlier answer (${members})
    if name in choices or "." in name or name.startswith("${"):
        return
    near = difflib.get_close_matches(name, choices, n=1)
    hint = message("did-you-mean.fix", near=near[0]) if near else "add-list-choices"
    if name:
        raise row.error("type", "choice-list-not", hint, name=name)
    raise row.error("type", "select-no-list", hint)
