"""What a command says when it stops, and what commands print, in the language asked for.

In Spanish a number stands behind its noun and a colon, so that one and several read alike.

Light: the command line loads it before any stage.
"""

import os
from collections.abc import Sequence

from evaluation.config.study import LEDGER
from evaluation.errors import DataError, EvaluationError, Where
from evaluation.estimation.records import Finding
from evaluation.locale.messages import LANGUAGES, Message, message, text_of, wording

VARIABLE = "EVAL_LANG"
PRINTED = 10
# more errors than this that say the same are printed once, with their count
ALIKE = 3


class ListedError(DataError):
    """Several problems that are told at once, each with its place and fix."""

    def __str__(self) -> str:
        return told(self, "en")

    def listed(self, language: str) -> str:
        """How many there are, and the first of them."""
        raise NotImplementedError


class FoundErrors(ListedError):
    """Errors in the raw data that stop a stage.

    Parameters
    ----------
    errors : sequence of Finding
        In the order they shall stand; at least one.
    where : str
        The study's folder.
    path : str
        The private file that holds all of them.
    fix : Message, optional
        What to do then; to run the stage again without.
    """

    def __init__(
        self, errors: Sequence[Finding], *, where: str, path: str, fix: Message | None = None
    ) -> None:
        self.errors, self.path = tuple(errors), path
        super().__init__(
            message("errors-in-data.problem", n=len(self.errors)),
            where=where,
            fix=fix or message("errors-in-data.fix"),
        )

    def listed(self, language: str) -> str:
        """The first of them, each with its place, rule and fix."""
        alike = self.alike()
        lines = [line(each[0], language, of=len(each)) for each in alike[:PRINTED]]
        more = sum(len(each) for each in alike[PRINTED:])
        if more:
            lines.append("  " + wording("error.more", language, n=more, path=self.path))
        elif len(self.errors) > len(alike):
            lines.append("  " + wording("error.every", language, path=self.path))
        return "\n".join((self.problem.text(language), *lines))

    def alike(self) -> tuple[tuple[Finding, ...], ...]:
        """Errors that say the same of many rows of a column, together; few stay apart."""
        found: dict[tuple[str | Message, ...], list[Finding]] = {}
        for f in self.errors:
            # a line of the ledger is its own, whichever column it corrects
            column = "" if f.file.endswith(LEDGER) else f.column
            found.setdefault((f.rule, f.file, column, f.problem, f.fix), []).append(f)
        return tuple(
            group
            for same in found.values()
            for group in ([tuple(same)] if len(same) > ALIKE else [(f,) for f in same])
        )


class WrongRows(ListedError):
    """Rows of a workbook that cannot be taken over: place, problem and fix of each."""

    def __init__(
        self, rows: Sequence[tuple[Where, Message, Message]], *, where: str, rule: str
    ) -> None:
        self.rows = tuple(rows)
        super().__init__(
            message("wrong-rows.problem", n=len(self.rows)),
            where=where,
            fix=message("wrong-rows.fix"),
            rule=rule,
        )

    def listed(self, language: str) -> str:
        """All of them."""
        lines = (
            f"  {text_of(where, language)}: {problem.text(language)}\n"
            f"    {wording('error.fix', language)}: {fix.text(language)}"
            for where, problem, fix in self.rows
        )
        return "\n".join((self.problem.text(language), *lines))


class WrongConfiguration(ListedError):
    """What the files of a study may not say: place, problem, rule and fix of each."""

    def __init__(self, errors: Sequence[EvaluationError], *, where: str) -> None:
        self.errors = tuple(errors)
        super().__init__(
            message("wrong-configuration.problem", n=len(self.errors)),
            where=where,
            fix=message("wrong-configuration.fix"),
        )

    def listed(self, language: str) -> str:
        """All of them."""
        lines = (
            f"  {text_of(e.where, language)}: {e.problem.text(language)}"
            f"{f' [{e.rule}]' if e.rule else ''}\n"
            f"    {wording('error.fix', language)}: {e.fix.text(language)}"
            for e in self.errors
        )
        return "\n".join((self.problem.text(language), *lines))


def line(finding: Finding, language: str, *, of: int = 1) -> str:
    """A finding as a terminal shows it, on two lines, the first of so many that are alike."""
    place = (
        finding.row_key
        if finding.row_key and not finding.file.endswith("corrections.csv")
        else f"{finding.file}:{finding.line}"
        if finding.line
        else finding.file
    )
    column = f", {wording('error.column', language)} {finding.column}" if finding.column else ""
    # a value itself is never put into another language; what stands in its place is
    shown = (
        wording("error.not-shown", language)
        if finding.value == wording("error.not-shown", "en")
        else repr(finding.value)
    )
    value = f", {wording('error.value', language)} {shown}" if finding.value else ""
    rows = wording("alike-rows.text", language, n=grouped(of, language)) if of > 1 else ""
    return (
        f"  {place}{column}{value}: {finding.problem.text(language)} [{finding.rule}]{rows}\n"
        f"    {wording('error.fix', language)}: {finding.fix.text(language)}"
    )


def told(error: EvaluationError, language: str) -> str:
    """An error as a terminal shows it; rules and paths are the same in every language."""
    label = f" [{error.rule}]" if error.rule else ""
    problem = error.problem.text(language)
    if isinstance(error, ListedError):
        problem = error.listed(language)
    where = text_of(error.where, language)
    fix = error.fix.text(language)
    return f"{where}: {problem}{label}\n  {wording('error.fix', language)}: {fix}"


def spoken(default: str) -> str:
    """Language of messages: the variable's where it is set, else the one of the command.

    English where it is none of the package's.
    """
    name = os.environ.get(VARIABLE, default)
    return name if name in LANGUAGES else "en"


def all_counted(language: str, *counts: tuple[int, str]) -> str:
    """Numbers with their nouns, one after the other: 3 files, 52 rows.

    Parameters
    ----------
    language : {"en", "es"}
    *counts : (int, str)
        Number and noun.
    """
    return ", ".join(counted(number, noun, language) for number, noun in counts)


def counted(number: int, noun: str, language: str = "en") -> str:
    """A number with its noun in its own number: 1 file, 2 files; 1 archivo, 2 archivos."""
    form = f"noun.{noun.replace(' ', '-')}.{'one' if number == 1 else 'other'}"
    return f"{grouped(number, language)} {wording(form, language)}"


def grouped(number: int, language: str = "en") -> str:
    """A whole number with the language's mark of thousands."""
    return f"{number:,}" if language == "en" else f"{number:,}".replace(",", ".")
