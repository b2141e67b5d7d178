"""Fields of the dictionary's dataclasses as cells of text, and back.

The columns follow from the dataclasses, so a field that is added to them is carried without a
change here. What a cell may hold follows from the field's type.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from evaluation.config.dictionary import PLAIN_NUMBER
from evaluation.config.toml_reader import Text
from evaluation.config.toml_writer import number_text
from evaluation.errors import problem_and_fix
from evaluation.locale.messages import LANGUAGES, Message

# entries of a list cell: quoted as in JSON, or anything without a semicolon
ENTRY = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^;"][^;]*|)\s*(;|$)')


class CellError(ValueError):
    """What is wrong with a cell, and the fix; the caller knows where it stands."""

    def __init__(self, problem: str | Message, fix: str | Message, /, **holes: object) -> None:
        self.problem, self.fix = problem_and_fix(problem, fix, holes)
        super().__init__(self.problem)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """One column of a sheet.

    Attributes
    ----------
    header : str
        ``name``, ``label_en``, ``raw.baseline``, ``asked_if.values``.
    path : tuple of str
        Keys from the record to the value: ``("asked_if", "values")``.
    hint : Any
        Type of the value.
    """

    header: str
    path: tuple[str, ...]
    hint: Any


def columns(
    record: type, sources: Sequence[str], *, leave_out: Sequence[str] = ()
) -> list[SheetColumn]:
    """Columns of a dataclass.

    Parameters
    ----------
    record : type
        The dataclass.
    sources : sequence of str
        Rounds and file roles: a field by source has one column for each.
    leave_out : sequence of str
        Fields that have sheets of their own.
    """
    hints = typing.get_type_hints(record)
    found = []
    for field in dataclasses.fields(record):
        if field.name not in leave_out:
            found += _of_field((field.name,), hints[field.name], sources)
    return found


def _of_field(path: tuple[str, ...], hint: Any, sources: Sequence[str]) -> list[SheetColumn]:
    options = _options(hint)
    header = ".".join(path)
    made = []
    for option in options:
        if option is Text:
            made += [
                SheetColumn(header=f"{header}_{lang}", path=(*path, lang), hint=str)
                for lang in LANGUAGES
            ]
        elif dataclasses.is_dataclass(option):
            for field, inner in typing.get_type_hints(option).items():
                made += _of_field((*path, field), inner, sources)
        elif typing.get_origin(option) is dict:
            inner = typing.get_args(option)[1]
            made += [
                SheetColumn(header=f"{header}.{source}", path=(*path, source), hint=inner)
                for source in sources
            ]
    plain = [o for o in options if o is not Text and not dataclasses.is_dataclass(o)]
    plain = [option for option in plain if typing.get_origin(option) is not dict]
    if plain:
        # the parts are known at run time only, so that `|` cannot be written out
        hint = plain[0] if len(plain) == 1 else typing.Union[tuple(plain)]  # noqa: UP007
        made.insert(0, SheetColumn(header=header, path=path, hint=hint))
    return made


def _options(hint: Any) -> list[Any]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return [option for option in typing.get_args(hint) if option is not type(None)]
    return [hint]


def written(table: Mapping[str, Any], column: SheetColumn) -> str:
    """Text of a column's cell, for a record as a TOML table; empty where the key is absent."""
    value: Any = table
    for key in column.path:
        if not isinstance(value, Mapping) or key not in value:
            return ""
        value = value[key]
    return "" if isinstance(value, Mapping) else _write(value, column.hint)


def _write(value: Any, hint: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "; ".join(_entry(entry, typing.get_args(hint)[0]) for entry in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    return _quoted(value) if _is_value(hint) and _looks_other(value) else str(value)


def _entry(value: Any, hint: Any) -> str:
    """An entry of a list; a text that would be read as something else is quoted."""
    text = _write(value, hint)
    plain = isinstance(value, str) and text == value
    return _quoted(value) if plain and (";" in value or _is_torn(value)) else text


def _is_value(hint: Any) -> bool:
    return set(_options(hint)) == {float, str}


def _looks_other(text: str) -> bool:
    """Whether a text stands for something else where numbers may stand beside texts."""
    return PLAIN_NUMBER.fullmatch(text) is not None or _is_torn(text)


def _is_torn(text: str) -> bool:
    return text[:1] in ("", '"') or text != text.strip()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def put(table: dict[str, Any], column: SheetColumn, text: str) -> None:
    """Put a cell into a TOML table; an empty cell leaves the key out.

    Raises
    ------
    CellError
        The text is not what the column may hold.
    """
    if text == "":
        return
    value = _read(text, column.hint)
    for key in column.path[:-1]:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            raise CellError("given-once-sources", "empty-column.problem", key=key)
        table = inner
    table[column.path[-1]] = value


def _read(text: str, hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin is Literal:
        allowed = [str(argument) for argument in typing.get_args(hint)]
        if text not in allowed:
            raise CellError("not-allowed-here", "use-one", text=text, names=", ".join(allowed))
        return text
    if origin is tuple:
        return [_read_entry(entry, typing.get_args(hint)[0]) for entry in entries(text)]
    return _unquoted(text) if _is_value(hint) else _scalar(text, _options(hint)[0])


def _read_entry(entry: str, hint: Any) -> Any:
    if _is_value(hint):
        return _unquoted(entry)
    if hint is str and entry.startswith('"'):
        return json.loads(entry)
    return _scalar(entry, _options(hint)[0])


def _unquoted(text: str) -> float | str:
    """A number, or a text with or without quotes."""
    if PLAIN_NUMBER.fullmatch(text):
        return float(text)
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            raise CellError("quotes-do-not", "write-text.problem") from None
    return text


def _scalar(text: str, hint: Any) -> Any:
    readers: dict[Any, Callable[[str], Any]] = {
        str: str,
        float: _number,
        int: _whole,
        bool: _logical,
    }
    if hint not in readers:
        raise TypeError(f"no cell holds {hint}")
    return readers[hint](text)


def entries(text: str) -> list[str]:
    """Entries of a list cell as they are written, quotes included.

    Raises
    ------
    CellError
        A quote does not close.
    """
    found, position = [], 0
    while position < len(text):
        match = ENTRY.match(text, position)
        if match is None or not match[1].strip():
            raise CellError("list-does-not", "write.problem")
        found.append(match[1].strip())
        position = match.end()
    return found


def _number(text: str) -> float:
    if not PLAIN_NUMBER.fullmatch(text):
        comma = PLAIN_NUMBER.fullmatch(text.replace(",", "."))
        problem = "written-decimal" if comma else "not-number"
        raise CellError(problem, "write-number.problem", text=text)
    return float(text)


def _whole(text: str) -> int:
    number = _number(text)
    if number != int(number):
        raise CellError("not-whole-number", "write-whole-number.problem", text=text)
    return int(number)


def _logical(text: str) -> bool:
    if text not in ("true", "false"):
        raise CellError("neither-true", "write-true-false.problem", text=text)
    return text == "true"
