"""What a drafted study leaves to a person: open decisions, and guesses to confirm.

A decision that no machine may take stands in its key's place as a text that begins with
``DECIDE:``, followed by the choices seen in the data. The reader of configuration refuses it with
that text. What is to be confirmed is a comment, ``# confirm:`` or ``# fill in:``, which stands once
for each kind of guess; it is counted here, and `lock` says how many are left.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.config.toml_writer import value_text
from evaluation.errors import SpecError
from evaluation.file_content import parse_toml
from evaluation.locale.messages import Message, several, text_of

MARK = "DECIDE: "
SEPARATOR = " | "
# comments of drafts that a person takes away once they are settled; not the head that says so
TO_SETTLE = re.compile(r"\s*# (confirm|fill in):(?! a guess)")
TO_TRANSLATE = re.compile(r"\s*# translate:(?! a text)")
# a paragraph of a drafted page that a person has to write
DRAFTED = re.compile(r"\*A draft: ([^*]+)")
COMMENT = re.compile(r"\s*#")
NAMED_BY = ("id", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A key whose value only a person can give.

    Attributes
    ----------
    key : str
        Dotted path inside the file; entries of lists go by their id where they have one.
    question : str
        What is to be decided.
    choices : tuple of str
        What can be written, with the evidence.
    """

    key: str
    question: str
    choices: tuple[str, ...]


def marker(question: str | Message, *choices: str | Message, language: str = "en") -> str:
    """The text that stands where a decision is open: ``DECIDE: question | choice | choice``.

    Parameters
    ----------
    question : str or Message
    *choices : str or Message
    language : {"en", "es"}
        Of who drafts: a file speaks one language.
    """
    texts = (text_of(part, language) for part in (question, *choices))
    parts = (" ".join(text.replace("|", "/").split()) for text in texts)
    return f"{MARK}{SEPARATOR.join(parts)}"


def written(text: str) -> str:
    """TOML of an open decision: between single quotes where it has none, to be read with ease."""
    plain = "'" not in text and text.isprintable()
    return f"'{text}'" if plain else value_text(text)


def is_open(value: object) -> bool:
    """Whether a value says that its decision is open."""
    return isinstance(value, str) and value.startswith(MARK)


def open_decisions(table: Mapping[str, Any]) -> tuple[Decision, ...]:
    """Open decisions of a parsed file, in the file's order."""
    return tuple(_within(table, ""))


def refusal(decision: Decision, where: str, line: int) -> SpecError:
    """The error of a decision that is open.

    Parameters
    ----------
    decision : Decision
    where : str
        The file.
    line : int
        On which it stands.
    """
    return SpecError.of(
        "left-person-decide",
        "write-decision",
        f"{where}:{line}",
        rule="decision",
        key=decision.key,
        question=decision.question,
        choices=several(decision.choices, "lines"),
    )


def line_of(text: str, number: int) -> int:
    """Line of the file on which its open decision of that number (from 0) stands; 0 if on none."""
    lines = [i for i, line in enumerate(text.splitlines(), start=1) if _marks(line)]
    return lines[number] if number < len(lines) else 0


def confirmations(text: str) -> int:
    """Number of comments of a draft that are still to be settled."""
    return len(unsettled(text))


def unsettled(text: str) -> tuple[tuple[int, str], ...]:
    """Those comments, each with its line."""
    lines = enumerate(text.splitlines(), start=1)
    return tuple((i, line.strip(" #")) for i, line in lines if TO_SETTLE.match(line))


def untranslated(text: str) -> int:
    """Number of texts of a draft that stand in one language for both."""
    return sum(TO_TRANSLATE.match(line) is not None for line in text.splitlines())


def unwritten(text: str) -> int:
    """Number of paragraphs of a page that are still a draft."""
    return len(DRAFTED.findall(text))


def _marks(line: str) -> bool:
    return MARK in line and not COMMENT.match(line)


def _within(value: Any, key: str) -> Iterator[Decision]:
    if is_open(value):
        question, *choices = value.removeprefix(MARK).split(SEPARATOR)
        yield Decision(key=key, question=question, choices=tuple(choices))
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _within(entry, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _within(entry, f"{key}.{_name(entry, position)}")


def _name(entry: Any, position: int) -> str:
    """Name of an entry of a list: its id, else its number."""
    named = [entry[by] for by in NAMED_BY if by in entry] if isinstance(entry, Mapping) else []
    return str(named[0]) if named and not is_open(named[0]) else str(position)


def line_of_table(text: str, path: str) -> int:
    """Line on which the table of a key begins; 0 where it is not found.

    Parameters
    ----------
    text : str
        Of the file.
    path : str
        Dotted path of the key: that of ``outcome[1].unit`` is the second ``[[outcome]]``.
    """
    name, _, number = path.partition(".")[0].rstrip("]").partition("[")
    head = re.compile(rf"\s*\[+\s*{re.escape(name)}\s*\]")
    lines = [i for i, line in enumerate(text.splitlines(), start=1) if head.match(line)]
    at = int(number or 0)
    return lines[at] if at < len(lines) else 0


# the order in which the stages read them
ORDER = ("study.toml", "manifest.toml", "dictionary", "plan.toml")


def open_in(folder: Path) -> tuple[tuple[str, Decision], ...]:
    """Open decisions under a folder, each with ``file:line``, as the stages meet them.

    Parameters
    ----------
    folder : Path
        ``config/<study>``.

    Raises
    ------
    SpecError
        A file is not valid TOML.
    """
    found = []
    for path in _files(folder):
        text, table = parse_toml(path)
        where = path.relative_to(folder).as_posix()
        found += [
            (f"{where}:{line_of(text, number)}", decision)
            for number, decision in enumerate(open_decisions(table))
        ]
    return tuple(found)


def to_settle(folder: Path) -> dict[str, int]:
    """Number of comments of a draft that are left, by file."""
    return dict(Counter(where.rpartition(":")[0] for where, _ in unread(folder)))


def unread(folder: Path) -> tuple[tuple[str, str], ...]:
    """Comments of a draft that are left, each with ``file:line``, as the stages read the files."""
    return tuple(
        (f"{path.relative_to(folder).as_posix()}:{line}", said)
        for path in _files(folder)
        for line, said in unsettled(path.read_text(encoding="utf-8"))
    )


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.rglob("*.toml"))
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    return sorted(paths, key=lambda path: ranks.get(path.relative_to(folder).parts[0], len(ORDER)))
