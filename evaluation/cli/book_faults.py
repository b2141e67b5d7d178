"""Faults of a book, told all at once: page and line, what is wrong, and the mend of each."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import io
from evaluation.cli.book_rules import PLACES, RULES, known
from evaluation.cli.told import ListedError
from evaluation.errors import ReportError
from evaluation.locale.messages import Message, message, wording

LISTED = 10
CELL = 10_000
BUILDING, FINISHED = (
    message("book-does-not-build"),
    message("finished-pages-have-faults"),
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROBLEM = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Error:|Exception")
WARNING = re.compile(
    r"(?:(?P<where>[^:]+?)(?::(?P<line>\d*))?(?::[^ ]*)?: )?"
    r"(?:WARNING|ERROR|CRITICAL): (?P<said>.+)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes
    ----------
    where : str
        Page, and line or cell as far as they are known.
    rule : str
        Of ``book_rules``; empty where none knows it.
    said : tuple of str
        What fills the rule's words; without a rule the problem itself.
    """

    where: str
    rule: str
    said: tuple[str, ...]

    def problem(self, language: str) -> str:
        """What is wrong."""
        if not self.rule:
            return self.said[0]
        return self._worded(f"book-rule.{self.rule}", language)

    def mend(self, language: str) -> str:
        """What to do about it."""
        if not self.rule:
            return wording("book-fault.other", language)
        return self._worded(RULES[self.rule][1], language)

    def _worded(self, identifier: str, language: str) -> str:
        said = dict(zip(("first", "second"), self.said, strict=False))
        return wording(identifier, language, role="{val}", **said)


class BookFaults(ListedError, ReportError):
    """Faults that stop the build of a book.

    Parameters
    ----------
    faults : sequence of Fault
        All of them, at least one; the first ten are printed.
    heading : Message
        What they are faults of.
    """

    def __init__(self, faults: Sequence[Fault], heading: Message) -> None:
        self.faults = tuple(faults)
        super().__init__(
            message("book-faults.problem", heading=heading),
            where="book",
            mend=message("book-faults.mend"),
        )

    def listed(self, language: str) -> str:
        """The first of them, each with page, rule and mend."""
        lines = [
            f"  {fault.where}: {fault.problem(language)}"
            + (f" [{fault.rule}]" if fault.rule else "")
            + f"\n    {wording('error.mend', language)}: {fault.mend(language)}"
            for fault in self.faults[:LISTED]
        ]
        more = len(self.faults) - LISTED
        if more > 0:
            lines.append("  " + wording("book-fault.more", language, n=more))
        return "\n".join((self.problem.text(language), *lines))


def warned(output: str, source: Path) -> list[Fault]:
    """Faults that a strict build named, without folder names.

    Parameters
    ----------
    output : str
        What the build printed.
    source : Path
        Assembled folder.
    """
    text = COLOUR.sub("", output).replace(f"{source.resolve()}/", "").replace(f"{source}/", "")
    lines = [line.strip() for line in text.splitlines() if PROBLEM.search(line)]
    found = [fault for line in dict.fromkeys(lines) if (fault := _fault(line, source))]
    return found or [Fault("book", "", (text.strip() or "no word",))]


def _fault(line: str, source: Path) -> Fault | None:
    """A line of the build's output as a fault; None where it only announces one."""
    warning = WARNING.fullmatch(line)
    rule = known(warning["said"] if warning else line)
    if warning is None:
        if rule is None:
            return (
                None
                if line.startswith(("Traceback", "RuntimeError"))
                else Fault("book", "", (line,))
            )
        return Fault(PLACES.get(rule[0], "book"), *rule)
    where = _where(warning["where"] or "book", warning["line"] or "", source)
    return Fault(where, *rule) if rule else Fault(where, "", (warning["said"],))


def _where(page: str, line: str, source: Path) -> str:
    """Page and line; in a notebook the cell, which the build counts by ten thousand lines."""
    if not line:
        return page
    if page.endswith(".ipynb") and int(line) >= CELL:
        cells = json.loads(io.read_text(source / page))["cells"]
        return f"{Path(page).name}, cell {cells[int(line) // CELL - 1]['id']}"
    return f"{page}:{line}"


def placed(page: str, words: str, source: Path | None) -> str:
    """Where in the assembled folder a finished page's words come from; the page if unknown.

    Parameters
    ----------
    page : str
        Name of the finished page.
    words : str
        As they stand in it.
    source : Path or None
        Assembled folder.
    """
    if source is None or not words:
        return page
    return next(_holding(page.removesuffix(".html"), words, source), page)


def _holding(page: str, words: str, source: Path) -> Iterator[str]:
    text, notebook = source / f"{page}.md", source / f"{page}.ipynb"
    if text.is_file():
        for number, line in enumerate(io.read_text(text).splitlines(), start=1):
            if words in line:
                yield f"{text.name}:{number}"
    if notebook.is_file():
        for cell in json.loads(io.read_text(notebook))["cells"]:
            if words in "".join(_strings(cell)):
                yield f"{notebook.name}, cell {cell['id']}"


def _strings(part: object) -> Iterable[str]:
    """All texts in a piece of JSON."""
    if isinstance(part, str):
        return [part]
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for each in inside for text in _strings(each)]
