"""Tables that join answers of one person: rows of the clean data, or combinations that few share.

A table says which of its columns are variables by their heads: the variable's name, its name in the
delivery, or its label. Columns under another head, a table with one person a column, and a chart's
data are not recognised.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Plan
from evaluation.release.identifiers.pattern_places import PARTING, Span, normal

# of a longer table so many rows are looked at: one that lists persons begins like it goes on
LOOKED_AT = 100
# cells of single persons that a table must have, in at least two columns: fewer agree by chance
ENOUGH = 6
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL | re.IGNORECASE)
ROW = re.compile(r"<tr\b.*?(?=<tr\b|</table)", re.DOTALL | re.IGNORECASE)
CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)(?=<t[dh]\b|</t[rdh]|$)", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")
SEPARATORS = tuple(map(re.compile, (",", ";", "\t", r"\|", " +")))
NUMBER = re.compile(r"-?\d+(?:[.,](\d+))?")
# where a cell or a row is shown in part
CUT = "..."
EDGES = " \t\"'[](){}"
Cells = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """The clean rows of a study's persons, and how a table may call their variables.

    Attributes
    ----------
    digest : str
        Sum of the file that has the rows: it stands for them where they are not to be seen.
    fewer_than : int
        So many persons must share a combination.
    heads : mapping of str to str
        Column by its name or label in lower case.
    values : mapping of str to mapping
        By column, the value of a label in lower case.
    rows : DataFrame
    """

    digest: str
    fewer_than: int
    heads: Mapping[str, str]
    values: Mapping[str, Mapping[str, float | str]]
    rows: pd.DataFrame = field(repr=False, compare=False)


def persons(
    rows: pd.DataFrame, digest: str, declared: tuple[Dictionary, Plan], *, fewer_than: int
) -> Persons:
    """What tables are held against.

    Parameters
    ----------
    rows : DataFrame
        One row an interview.
    digest : str
        Sum of the file that has them.
    declared : (Dictionary, Plan)
        Labels of variables, of their codes and of outcomes.
    fewer_than : int
        Smallest number of persons of whom a number may be published.
    """
    dictionary, plan = declared
    heads: dict[str, str] = {}
    values: dict[str, dict[str, float | str]] = {}
    for name, variable in dictionary.variables.items():
        heads |= dict.fromkeys((*variable.raw.values(), *_both(variable.label)), name)
        for source in variable.raw:
            for code in getattr(dictionary.code_list(name, source), "values", ()):
                labels = dict.fromkeys(map(_head, (code.en, code.es)), code.value)
                values[name] = values.get(name, {}) | labels
    for outcome in plan.outcome:
        heads |= dict.fromkeys(_both(outcome.label), outcome.id)
    heads |= {name: name for name in rows.columns if not name.endswith("__missing")}
    heads = {_head(head): name for head, name in heads.items() if name in rows.columns}
    texts = {
        name: rows[name].dt.strftime("%Y-%m-%d")
        if pd.api.types.is_datetime64_any_dtype(rows[name])
        else rows[name].astype(str)
        for name in sorted(set(heads.values()))
        if not _is_number(rows[name])
    }
    return Persons(
        digest=digest,
        fewer_than=fewer_than,
        heads=heads,
        values=values,
        rows=rows.assign(**texts),
    )


def _is_number(column: pd.Series) -> bool:
    # to pandas what is true or false is a number
    is_logical = pd.api.types.is_bool_dtype(column)
    return pd.api.types.is_numeric_dtype(column) and not is_logical


def _both(label: object) -> tuple[str, str]:
    return getattr(label, "en", ""), getattr(label, "es", "")


def _head(text: str) -> str:
    return " ".join(normal(text).strip(EDGES).lower().split())


def find(text: str, words: set[str], known: Persons | None) -> Iterator[Span]:
    """Heads of tables whose rows are those of persons, or of few.

    Parameters
    ----------
    text : str
        Of a published file.
    words : set of str
        Its words in lower case.
    known : Persons or None
        None where the study has no rows of persons.
    """
    if known is None:
        return
    heads = {
        head: name
        for head, name in known.heads.items()
        if head and words.issuperset(head.translate(PARTING).split())
    }
    if len(set(heads.values())) < 2:
        return
    for span, table in (*_marked(text, heads), *_lines(text, heads)):
        columns = [heads.get(_head(cell), "") for cell in table[0]]
        if _of_few(columns, table[1:], known):
            yield span


def _marked(text: str, heads: Mapping[str, str]) -> Iterator[tuple[Span, list[list[str]]]]:
    """Tables of HTML, from the row that has the heads."""
    for found in TABLE.finditer(text):
        rows = [[TAG.sub("", cell) for cell in CELL.findall(row)] for row in ROW.findall(found[0])]
        first = next((i for i, row in enumerate(rows) if _is_head(row, heads)), None)
        if first is not None:
            yield found.span(), rows[first:]


def _lines(text: str, heads: Mapping[str, str]) -> Iterator[tuple[Span, list[list[str]]]]:
    """Tables of lines whose cells are parted by a sign or by blanks."""
    lines = text.split("\n")
    at = below = 0
    for i, line in enumerate(lines):
        # a line of a table is no head of another one
        for separator in SEPARATORS if i >= below else ():
            rows = [separator.split(line.strip(" |"))]
            if not _is_head(rows[0], heads):
                continue
            for below in range(i + 1, len(lines)):
                cells = separator.split(lines[below].strip(" |"))
                # the head of the index is empty
                if len(cells) - len(rows[0]) not in (0, 1):
                    break
                rows.append(cells)
            yield (at, at + len(line)), rows
            break
        at += len(line) + 1


def _is_head(cells: Cells, heads: Mapping[str, str]) -> bool:
    return len({heads.get(_head(cell), "") for cell in cells} - {""}) > 1


def _of_few(columns: Cells, rows: Sequence[Cells], known: Persons) -> bool:
    """Whether most rows join values that fewer persons share than a number may be about."""
    cells = of_few = 0
    rows = rows[:LOOKED_AT]
    for row in rows:
        # heads stand over the last cells: an index before them may have none
        held = [
            is_held
            for name, cell in zip(reversed(columns), reversed(row), strict=False)
            if name and (is_held := _held(name, cell.strip(EDGES), known)) is not None
        ]
        persons_of_row = int(np.logical_and.reduce(held).sum()) if len(held) > 1 else 0
        if 0 < persons_of_row < known.fewer_than:
            cells, of_few = cells + len(held), of_few + 1
    return cells >= ENOUGH and 2 * of_few >= len(rows)


def _held(name: str, text: str, known: Persons) -> NDArray[np.bool_] | None:
    """Whose value of a variable it is, to the decimals that are printed; nothing of a blank."""
    if text.lower() in ("", "nan", "none", "<na>", "nat") or text.endswith(CUT):
        return None
    column = known.rows[name]
    value = known.values.get(name, {}).get(_head(text), text)
    if not pd.api.types.is_numeric_dtype(column):
        return (column == str(value)).to_numpy(dtype=bool)
    number = NUMBER.fullmatch(str(value))
    if number is None:
        return np.zeros(len(column), dtype=bool)
    half = 0.5 * 10.0 ** -len(number[1] or "")
    near = np.abs(
        column.to_numpy(dtype=float, na_value=np.nan) - float(number[0].replace(",", "."))
    )
    return near <= half * (1 + 1e-9) if number[1] else near == 0
