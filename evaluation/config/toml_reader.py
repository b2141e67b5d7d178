"""Strict TOML into frozen dataclasses: an unknown, missing, mistyped or repeated key is an error.

The dataclasses are the schema. Each error names the file, the key and the fix, so a person can
fix a study's configuration without reading code.
"""

import dataclasses
import datetime
import difflib
import functools
import re
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from evaluation.config import decisions
from evaluation.errors import KeptError, SpecError, Where, all_kept, tell
from evaluation.file_content import ID, LONGEST_ID, parse_toml, shown_path, toml_text
from evaluation.locale.messages import LANGUAGES, Message, message, word, wording

# exhibits have their ids in many places
EXHIBIT_ID = re.compile(rf"[a-z0-9_-]{{1,{LONGEST_ID}}}")
# what turns the direction of the text behind it: a title or a name would read otherwise
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
OF_EXHIBITS = ("Exhibit", "Retired")


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """Words a reader sees, in English and Spanish."""

    en: str
    es: str

    def __getitem__(self, language: str) -> str:
        return {"en": self.en, "es": self.es}[language]

    @classmethod
    def of(cls, identifier: str, /, **parameters: "str | Text") -> "Text":
        """Words of the package in both languages, for what is drafted or declared by itself.

        Parameters
        ----------
        identifier : str
            Id of an entry of the catalogue.
        parameters
            A value for each hole; of a text the language's.
        """
        made = {
            language: wording(
                identifier,
                language,
                **{k: v if isinstance(v, str) else v[language] for k, v in parameters.items()},
            )
            for language in LANGUAGES
        }
        return cls(**made)


def read_toml(path: Path, *, later: str = "") -> dict[str, Any]:
    """Parse one TOML file.

    Parameters
    ----------
    path : Path
        The file.
    later : str
        Key of a table whose decisions may stay open; while one is, the table is left out.

    Raises
    ------
    SpecError
        The file is missing, is not UTF-8, or is not valid TOML (a repeated key included); or a
        decision in it is open that only a person can take.
    """
    text, table = parse_toml(path)
    lost = False
    for number, found in enumerate(decisions.open_decisions(table)):
        if not later or found.key.partition(".")[0] != later:
            lost = True
            tell(decisions.refusal(found, shown_path(path), decisions.line_of(text, number)))
        table.pop(later, None)
    _refuse_lost(lost, shown_path(path))
    return table


def _refuse_lost(lost: object, where: Where) -> None:
    """What holds something that was kept as an error is not read."""
    if lost:
        raise KeptError.of("not-read", "not-read", where)


Record = TypeVar("Record")


def read(cls: type[Record], folder: Path, name: str) -> Record:
    """A file of a study's folder as the dataclass ``cls``; see `read_toml` and `convert`.

    Parameters
    ----------
    cls : type
        As for `convert`.
    folder : Path
        The study's folder.
    name : str
        Of the file, below it.

    Raises
    ------
    SpecError
        The file is missing, or says what it may not.
    """
    return convert(cls, read_toml(folder / name), where=named(folder, name))


def named(folder: Path, name: str) -> str:
    """What messages call a file of a study: its path where that begins in the project's folder.

    Parameters
    ----------
    folder : Path
        Of the study's configuration.
    name : str
        Of the file.
    """
    return f"{folder.name if folder.is_absolute() else folder.as_posix()}/{name}"


def convert(cls: type[Record], table: Mapping[str, Any], *, where: Where, key: str = "") -> Record:
    """Turn a TOML table into the dataclass ``cls``.

    Parameters
    ----------
    cls : type
        A dataclass whose annotations are the allowed keys and their types.
    table : Mapping
        Parsed TOML.
    where : str or Message
        Name of the file, for messages.
    key : str
        Dotted path of ``table`` inside the file, for messages.

    Raises
    ------
    SpecError
        On an unknown key, a missing key, a value of the wrong type or an `id` that could be a path.
    """
    if not isinstance(table, Mapping):
        raise _wrong_type("a table", table, where, key)
    record = typing.cast(Any, cls)
    hints = _hints(record)
    fields = {field.name: field for field in dataclasses.fields(record)}
    for name in table:
        if name not in fields:
            tell(_unknown_key(name, fields, where, key))
    values, lost = {}, False
    for name, field in fields.items():
        path = f"{key}.{name}" if key else name
        try:
            if name in table:
                values[name] = _value(hints[name], table[name], where, path)
                if name == "id":
                    _check_id(cls, values[name], where, path)
            elif field.default is field.default_factory is dataclasses.MISSING:
                line, path = _at_line(where, path), _named_entry(key, name, table)
                raise SpecError.of("key-missing", "load-add", line, path=path, name=name)
        except SpecError as error:
            tell(error)
            lost = True
    _refuse_lost(lost, where)
    return cls(**values)


def _named_entry(key: str, name: str, table: Mapping[str, Any]) -> str:
    """Path of a key, an entry of a list by its name where it has one: ``outcome.trust.unit``."""
    called = next((f".{table[by]}" for by in decisions.NAMED_BY if by in table), "")
    key = re.sub(r"\[\d+\]$", called, key) if called else key
    return f"{key}.{name}" if key else name


def _at_line(where: Where, path: str) -> Where:
    """The file with the line on which the table of a key begins, where it is found."""
    if not isinstance(where, str) or not Path(where).is_file():
        return where
    line = decisions.line_of_table(toml_text(Path(where)), path)
    return f"{where}:{line}" if line else where


# an annotation is text until it is asked for, which takes longer than the table
_hints = functools.cache(typing.get_type_hints)


def _check_id(cls: type, value: str, where: Where, key: str) -> None:
    of_exhibits = cls.__name__ in OF_EXHIBITS
    if not (EXHIBIT_ID if of_exhibits else ID).fullmatch(value):
        raise SpecError(
            message("id-letters.problem", key=key, value=repr(value[:LONGEST_ID])),
            where=where,
            fix=message("exhibit-id-letters.fix", most=LONGEST_ID)
            if of_exhibits
            else message("id-letters.fix", most=LONGEST_ID),
        )


def _value(hint: Any, value: Any, where: Where, key: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return convert(typing.cast(type, hint), value, where=where, key=key)
    if origin is typing.Literal:
        if value not in arguments or isinstance(value, bool):
            listed = ", ".join(repr(a) for a in arguments)
            raise SpecError.of(
                "load-is", "use-one", where, key=key, value=repr(value), names=listed
            )
        return value
    if origin in (typing.Union, types.UnionType):
        return _first_that_fits(arguments, value, where, key)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong_type(message("word.a-list"), value, where, key)
        return _entries(arguments[0], value, where, key)
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong_type(message("word.a-table"), value, where, key)
        return {name: _value(arguments[1], v, where, f"{key}.{name}") for name, v in value.items()}
    return _scalar(hint, value, where, key)


def _entries(hint: Any, values: list[Any], where: Where, key: str) -> tuple[Any, ...]:
    found, lost = [], False
    for number, value in enumerate(values):
        try:
            found.append(_value(hint, value, where, f"{key}[{number}]"))
        except SpecError as error:
            tell(error)
            lost = True
    _refuse_lost(lost, where)
    return tuple(found)


def _first_that_fits(options: tuple[Any, ...], value: Any, where: Where, key: str) -> Any:
    """The first alternative of a union that takes the value; None stands for an absent key."""
    problems = []
    for option in options:
        if option is type(None):
            continue
        try:
            with all_kept(where=False):
                return _value(option, value, where, key)
        except SpecError as error:
            problems.append(error)
    raise problems[-1]


def _scalar(hint: type, value: Any, where: Where, key: str) -> Any:
    if hint is float and type(value) in (int, float):
        return float(value)
    # bool is a subclass of int in Python, so the exact type decides
    if type(value) is hint:
        turning = TURNING.search(value) if isinstance(value, str) else None
        if turning:
            mark = f"U+{ord(turning[0]):04X}"
            raise SpecError.of("direction-mark", "direction-mark", where, key=key, mark=mark)
        return value
    names = {
        str: message("word.a-quoted-string"),
        int: message("word.a-whole-number"),
        float: message("word.a-number"),
        bool: message("word.true-or-false"),
        datetime.date: message("word.an-unquoted-date"),
    }
    raise _wrong_type(names.get(hint, str(hint)), value, where, key)


def _wrong_type(wanted: str | Message, value: Any, where: Where, key: str) -> SpecError:
    return SpecError.of("load-which-not", "write", where, key=key, value=repr(value), wanted=wanted)


def _unknown_key(name: str, known: Iterable[str], where: Where, key: str) -> SpecError:
    near = _nearest(name, known)
    path = f"{key}.{name}" if key else name
    return SpecError(
        message("unknown-key.problem", path=path),
        where=where,
        fix=message("unknown-key.near", name=near)
        if near
        else message("unknown-key.allowed", names=", ".join(sorted(known))),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class TomlFile:
    """A configuration file, whose name stands in every refusal of what it says."""

    where: Where

    def refuse(
        self, when: object, problem: str, fix: str, /, *, rule: str = "", **parameters: object
    ) -> None:
        """Refuse what a file may not say.

        Parameters
        ----------
        when : object
            Refused where it is true, or holds something.
        problem, fix, rule, parameters
            As for :meth:`evaluation.errors.EvaluationError.of`.

        Raises
        ------
        SpecError
            With the name of the file.
        """
        if when:
            tell(SpecError.of(problem, fix, self.where, rule=rule, **parameters))

    def unique(self, ids: Iterable[str], what: str | Message) -> None:
        """Refuse a repeated id of ``what``.

        Raises
        ------
        SpecError
            Names the first id that stands twice.
        """
        seen: set[str] = set()
        for identifier in ids:
            self.refuse(
                identifier in seen,
                "load-id-stands-twice",
                "rename-remove",
                what=word(what),
                identifier=identifier,
            )
            seen.add(identifier)

    def known(
        self, names: str | Iterable[str], allowed: Iterable[str], what: str, key: str
    ) -> None:
        """Refuse a reference to something that is not declared.

        Parameters
        ----------
        names : str or iterable of str
            What is named.
        allowed : iterable of str
            What is declared.
        what, key : str
            Kind of thing, and key of the file that names it, for the message.

        Raises
        ------
        SpecError
            Names the key, the first unknown reference and the nearest declared id.
        """
        options = list(allowed)
        for name in [names] if isinstance(names, str) else names:
            if name not in options:
                near = _nearest(name, options)
                fix = (
                    message("did-you-mean.fix", near=near)
                    if near
                    else message("declared.fix", names=", ".join(sorted(options)))
                )
                problem = message(
                    "names-not-declared.problem", key=key, what=word(what), identifier=name
                )
                tell(SpecError(problem, where=self.where, fix=fix))


def _nearest(name: str, options: Iterable[str]) -> str:
    """What was probably meant, capital letters apart; empty where nothing is near."""
    folded = {option.casefold(): option for option in options}
    near = difflib.get_close_matches(name.casefold(), list(folded), n=1)
    return folded[near[0]] if near else ""
