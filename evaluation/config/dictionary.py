"""The dictionary: per variable its question, codes, missing codes by kind, range and skip rule.

One declaration drives reading, cleaning, checks, codebook and demonstration data. A variable
both validates a value (:meth:`Dictionary.parse`) and describes itself in words
(:meth:`Dictionary.describe`), so the published codebook cannot drift from what is enforced.
"""

import datetime
import functools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from evaluation.config import file_layout
from evaluation.config.file_layout import DateForm
from evaluation.config.toml_reader import Text
from evaluation.errors import problem_and_fix
from evaluation.locale.messages import Message, Plain, message, wording

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
MISSING_KINDS = ("dont_know", "refused", "not_applicable", "not_asked")
Kind = Literal["binary", "ordinal", "nominal", "count", "number", "date", "datetime", "text", "id"]
CODED: tuple[Kind, ...] = ("binary", "ordinal", "nominal")
PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# a spreadsheet's own way to shorten a number; digits are lost (programs write a small e)
SHORTENED = re.compile(r"-?\d(\.\d+)?E[+-]\d+", re.ASCII)
# 12.000 is twelve thousand to a person and twelve to a program
THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+", re.ASCII)
# what spreadsheets and programs write where they have no text
NO_TEXT = re.compile(
    r"\s*([.-]?|NA|N/A|n/a|NaN|nan|None|NULL|null|<NA>|#(N/A|NAME\?|VALUE!|REF!|DIV/0!|NUM!))\s*"
)
# of these, any value is one that was delivered
UNCOUNTED = ("binary", "ordinal", "nominal", "id")
Blank = Literal["error", "dont_know", "refused", "not_applicable", "not_asked"]
OverTime = Literal["free", "same", "mostly", "ages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code as it stands in the file, its harmonised value, and its label."""

    code: str
    value: float | str
    en: str
    es: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """Codes of one question in one or more rounds.

    Polarity and scale are turned here, by declaration: ``value`` is what the clean file holds.
    """

    id: str
    values: tuple[Code, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCodes:
    """Missing codes by kind. ``blank`` says what an empty cell means ("error": it may not be)."""

    id: str
    dont_know: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    blank: Blank = "error"

    @property
    def all(self) -> tuple[str, ...]:
        """Codes of all kinds."""
        return tuple(code for kind in MISSING_KINDS for code in getattr(self, kind))

    def kind_of(self, text: str) -> str | None:
        """Missing kind of a raw text, or None where it is not a missing code."""
        if text == "":
            return None if self.blank == "error" else self.blank
        return next((kind for kind in MISSING_KINDS if text in getattr(self, kind)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedIf:
    """A skip rule: the question is asked only where ``variable`` holds one of ``values``.

    ``skipped`` says what an empty cell means of somebody who was asked, where the form requires no
    answer ("error": it may not be).
    """

    variable: str
    values: tuple[float | str, ...]
    skipped: Blank = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable of the clean files.

    Attributes
    ----------
    raw : dict of str to str
        Raw column by source: a round id, or ``frame``, ``analysis``, ``series``. A survey round
        that is absent was not asked.
    codes, missing : str or dict of str to str
        Id of a code list or of missing codes, one for all sources or by source.
    range : tuple of two floats
        Smallest and largest allowed value of counts and numbers.
    pattern : str
        Regular expression that every whole raw text must match, missing codes apart (digits are
        0 to 9 only). It shows lost zeros, letters of another alphabet and lost decimal marks.
    over_time : {"free", "same", "mostly", "ages"}
        What must hold of a person between rounds: "same" for what does not change, "mostly" for a
        trait that few change, "ages" for years that pass as the calendar does.
    personal : {"none", "quasi", "sensitive", "direct"}
        Personal-data class; values of ``sensitive`` and ``direct`` never appear in messages.
    """

    name: str
    type: Kind
    label: Text
    raw: dict[str, str]
    personal: Literal["none", "quasi", "sensitive", "direct"]
    source: str
    module: str = ""
    question: Text | None = None
    unit: str = ""
    codes: str | dict[str, str] | None = None
    missing: str | dict[str, str] | None = None
    range: tuple[float, ...] = ()
    pattern: str = ""
    over_time: OverTime = "free"
    asked_if: AskedIf | None = None


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """A parsed cell: a value, or the kind of missing it is."""

    value: float | str | datetime.date | None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell cannot be parsed, under which rule, and the fix."""

    rule: str
    problem: Message
    fix: Message

    @classmethod
    def of(cls, rule: str, problem: str, fix: str | Message, /, **holes: object) -> "Problem":
        """The same by the ids of its messages; see :func:`evaluation.errors.problem_and_fix`."""
        return cls(rule, *problem_and_fix(problem, fix, holes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the dictionary."""

    module: str
    title: Text
    codes: tuple[CodeList, ...] = ()
    missing: tuple[MissingCodes, ...] = ()
    variable: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All variables of a study, in the order of the module files."""

    modules: tuple[Module, ...]
    variables: dict[str, Variable] = field(default_factory=dict)
    codes: dict[str, CodeList] = field(default_factory=dict)
    missing: dict[str, MissingCodes] = field(default_factory=dict)

    def in_source(self, source: str) -> tuple[Variable, ...]:
        """Variables that have a raw column in a round, or in a file of that role."""
        return tuple(v for v in self.variables.values() if source in v.raw)

    def code_list(self, name: str, source: str) -> CodeList | None:
        """Code list of a variable in one source, or None where it has none."""
        chosen = by_source(self.variables[name].codes, source)
        return None if chosen is None else self.codes[chosen]

    def missing_codes(self, name: str, source: str) -> MissingCodes | None:
        """Missing codes of a variable in one source, or None where it has none."""
        chosen = by_source(self.variables[name].missing, source)
        return None if chosen is None else self.missing[chosen]

    def parse(
        self, name: str, text: str, *, source: str, decimal: str = ".", date: DateForm = "%Y-%m-%d"
    ) -> ParsedCell | Problem:
        """Read one raw text strictly, as the dictionary declares it.

        Parameters
        ----------
        name : str
            Variable.
        text : str
            Raw cell, exactly as delivered.
        source : str
            Round id, or ``frame``, ``analysis``, ``series``.
        decimal, date : str
            Of the file's dialect.

        Returns
        -------
        ParsedCell or Problem
            Never a silent missing value: an unlisted code is a problem.
        """
        return self.parse_all(name, (text,), source=source, decimal=decimal, date=date)[0]

    def parse_all(
        self,
        name: str,
        texts: Iterable[str],
        *,
        source: str,
        decimal: str = ".",
        date: DateForm = "%Y-%m-%d",
    ) -> list[ParsedCell | Problem]:
        """Read many raw texts of one variable, each as :meth:`parse` does."""
        variable = self.variables[name]
        missing, codes = self.missing_codes(name, source), self.code_list(name, source)
        return [_parse(variable, text, missing, codes, (decimal, date)) for text in texts]

    def describe(self, name: str, language: str, *, source: str | None = None) -> str:
        """Allowed values of a variable in words, for the codebook and for fixes."""
        variable = self.variables[name]
        used = source or next(iter(variable.raw))
        codes = self.code_list(name, used)
        if codes is not None:
            return "; ".join(f"{c.code} = {getattr(c, language)}" for c in codes.values)
        if variable.range:
            low, high = variable.range
            return wording("format.range", language, low=_plain(low), high=_plain(high))
        if variable.type in UNCOUNTED:
            return wording("dictionary.as-delivered", language)
        kind = wording(f"variable-type.{variable.type}", language)
        return wording("dictionary.any", language, type=kind)


def by_source(chosen: str | dict[str, str] | None, source: str) -> str | None:
    """The list named for a source: one name may serve all sources, or each has its own."""
    return chosen.get(source) if isinstance(chosen, dict) else chosen


def _parse(
    variable: Variable,
    text: str,
    missing: MissingCodes | None,
    codes: CodeList | None,
    dialect: tuple[str, DateForm],
) -> ParsedCell | Problem:
    kind = missing.kind_of(text) if missing else None
    if kind is not None:
        return ParsedCell(None, kind)
    if text == "":
        return Problem.of("blank", "cell-empty-no", "correct-cell-declare-what.problem")
    if codes is not None:
        return _parse_code(variable, codes, text, missing)
    return _parse_plain(variable, text, *dialect)


def _parse_code(
    variable: Variable, codes: CodeList, text: str, missing: MissingCodes | None
) -> ParsedCell | Problem:
    for code in codes.values:
        if code.code == text:
            return ParsedCell(code.value)
    listed = ", ".join(c.code for c in codes.values)
    absent = missing.all if missing else ()
    said = {"name": variable.name, "row": Plain(listed)}
    fix = (
        message("correct-cell-or-missing.problem", **said, missing=", ".join(absent))
        if absent
        else message("correct-cell.problem", **said)
    )
    return Problem.of("unlisted-code", "code-not-dictionary", fix)


_SHORTENED = Problem.of("shortened-number", "spreadsheet-shortened", "ask-file-survey.problem")


def _parse_plain(
    variable: Variable, text: str, decimal: str, date: DateForm
) -> ParsedCell | Problem:
    if variable.type in ("text", "id", "nominal"):
        shortened = variable.type == "id" and SHORTENED.fullmatch(text.replace(",", "."))
        parsed = _SHORTENED if shortened else _parse_text(text)
    elif variable.type in ("date", "datetime"):
        parsed = _parse_date(variable, text, date)
    else:
        parsed = _parse_number(variable, text, decimal)
    if isinstance(parsed, Problem) or not variable.pattern:
        return parsed
    if _pattern(variable.pattern).fullmatch(text):
        return parsed
    return Problem.of(
        "pattern",
        "cell-not-written",
        "correct-cell-spreadsheet.problem",
        pattern=variable.pattern,
        name=variable.name,
    )


@functools.cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _parse_text(text: str) -> ParsedCell | Problem:
    if not NO_TEXT.fullmatch(text):
        return ParsedCell(text)
    return Problem.of("no-text", "cell-holds-program", "correct-cell-declare.problem")


def _parse_number(variable: Variable, text: str, decimal: str) -> ParsedCell | Problem:
    number = text.replace(decimal, ".") if decimal != "." and "." not in text else text
    if (decimal != "." and "." in text) or not PLAIN_NUMBER.fullmatch(number):
        return Problem.of("not-a-number", "cell-not-plain", "not-a-number", like=f"12{decimal}5")
    if SHORTENED.fullmatch(number):
        return _SHORTENED
    value = float(number)
    if not math.isfinite(value):
        return Problem.of("not-a-number", "cell-not-finite", "correct-the-cell")
    if variable.type == "count" and value != int(value):
        return Problem.of("not-a-count", "cell-not-whole", "correct-the-cell")
    if variable.type == "count" and THOUSANDS.fullmatch(number):
        return Problem.of(
            "not-a-count", "thousands-or-not", "write-whole-numbers.problem", like=f"12{decimal}000"
        )
    if variable.range and not variable.range[0] <= value <= variable.range[1]:
        low, high = (_plain(bound) for bound in variable.range)
        return Problem.of(
            "out-of-range",
            "value-outside",
            "correct-cell-widen.problem",
            low=Plain(low),
            high=Plain(high),
        )
    return ParsedCell(value)


def _parse_date(variable: Variable, text: str, date: DateForm) -> ParsedCell | Problem:
    of_clock = variable.type == "datetime"
    read = file_layout.moment(text, date) if of_clock else file_layout.day(text, date)
    if read is not None:
        return ParsedCell(read)
    pattern = f"{date} %H:%M:%S" if of_clock else date
    return Problem.of("not-a-date", "cell-not-date", "correct-cell-file.problem", pattern=pattern)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
