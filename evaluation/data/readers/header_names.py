"""A header held against the dictionary: names that are the same but for how they are written.

Exports put a group's name in front, change capitals, or leave a blank that nobody sees. To take
such a column for one too many would lose its item; so the name that was meant is proposed.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.findings import about_file
from evaluation.locale.messages import Message, message
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding

BLANK = re.compile(
    r"[\s\u00a0\u00ad\u180e\u200b-\u200f\u2028-\u202f\u205f\u2060-\u2064\u3000\ufeff]+"
)
# what stands between a group and a question in the exports of survey servers
MARKS_OF_GROUPS = ("/", ":", ".", "-")
# of a header of names, this share looks like names: a row of answers does not
NAMES, MOST_SHOWN = 0.8, 3
A_NAME = re.compile(r"[^\W\d][\w/:.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Meant:
    """A column of the header, the name that was meant, and how the two differ."""

    delivered: str
    expected: str
    way: str


def meant(delivered: Sequence[str], expected: Collection[str]) -> tuple[Meant, ...]:
    """Columns that the dictionary has under nearly the same name.

    Parameters
    ----------
    delivered : sequence of str
        Names in the header.
    expected : collection of str
        Raw names of the dictionary.

    Returns
    -------
    tuple of Meant
        In the order of the header. A name that two columns could mean, or a column that could mean
        two names, is none of them.
    """
    left = [name for name in delivered if name not in expected]
    wanted = [name for name in expected if name not in delivered]
    found: dict[str, Meant] = {}
    for way in WAYS:
        open_ = [name for name in wanted if name not in {m.expected for m in found.values()}]
        pairs = _pairs([name for name in left if name not in found], open_, way)
        found |= {name: Meant(name, other, way) for name, other in pairs}
    return tuple(found[name] for name in delivered if name in found)


def _pairs(left: Sequence[str], wanted: Sequence[str], way: str) -> list[tuple[str, str]]:
    """Columns and names that are alike in one way, each with one partner only."""
    alike = WAYS[way]
    there = [(name, other) for name in left for other in wanted if alike(name, other)]
    here, others = Counter(n for n, _ in there), Counter(o for _, o in there)
    return [(n, o) for n, o in there if here[n] == 1 and others[o] == 1]


def _shown(name: str) -> str:
    return unicodedata.normalize("NFKC", BLANK.sub("", name))


def _is_grouped(name: str, other: str) -> bool:
    """Whether one of two names is the other behind a group's name."""
    one, two = sorted((_shown(name).casefold(), _shown(other).casefold()), key=len)
    return bool(one) and two.endswith(tuple(f"{mark}{one}" for mark in MARKS_OF_GROUPS))


# from the smallest difference to the largest
WAYS: Mapping[str, Callable[[str, str], bool]] = {
    "blanks": lambda name, other: _shown(name) == _shown(other),
    "capitals": lambda name, other: _shown(name).casefold() == _shown(other).casefold(),
    "group": _is_grouped,
}


def findings(pairs: Sequence[Meant], file: RawFile, *, whole: bool) -> tuple[Finding, ...]:
    """One error for each way in which names differ, at the first of them.

    Parameters
    ----------
    pairs : sequence of Meant
    file : RawFile
    whole : bool
        Whether most of the header is concerned: it is the file's, no column's.
    """
    found = []
    for way in WAYS:
        these = [pair for pair in pairs if pair.way == way]
        if these:
            found.append(
                about_file(
                    file,
                    "dialect" if whole else "unexpected-column",
                    "error",
                    _problem(these),
                    message("header-written.fix", written=json.dumps(these[0].delivered)),
                    line=1 if file.dialect is not None else 0,
                    column="" if whole else these[0].delivered,
                )
            )
    return tuple(found)


def _problem(these: Sequence[Meant]) -> Message:
    first = these[0]
    names = {"written": json.dumps(first.delivered), "name": first.expected}
    if len(these) == 1:
        return message(f"header-{first.way}.problem", **names)
    return message(f"header-{first.way}-many.problem", **names, others=f"{len(these) - 1:,}")


def shown(delivered: Sequence[str]) -> str:
    """The first names of a header; empty where it may be a row of answers."""
    names = [name for name in delivered if A_NAME.fullmatch(name)]
    if len(names) < NAMES * len(delivered) or len(set(delivered)) < len(delivered):
        return ""
    return ", ".join(f"`{name}`" for name in names[:MOST_SHOWN])
