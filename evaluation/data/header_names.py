"""A header held against the dictionary: names that are the same but for how they are written.

Exports put a group's name in front, change capitals, or leave a blank that nobody sees. To take
such a column for one too many would lose its item; so the name that was meant is proposed.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.finding import about_file
from evaluation.locale.messages import message
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding

BLANK = re.compile(
    r"[\s\u00a0\u00ad\u180e\u200b-\u200f\u2028-\u202f\u205f\u2060-\u2064\u3000\ufeff]+"
)
# what stands between a group and a question in the exports of survey servers
GROUP = re.compile(r".*[/:.-]")
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
    for way, bare in WAYS.items():
        open_ = [name for name in wanted if name not in {m.expected for m in found.values()}]
        pairs = _pairs([name for name in left if name not in found], open_, bare)
        found |= {name: Meant(name, other, way) for name, other in pairs}
    return tuple(found[name] for name in delivered if name in found)


def _pairs(
    left: Sequence[str], wanted: Sequence[str], bare: Callable[[str], str]
) -> list[tuple[str, str]]:
    here, there = defaultdict(list), defaultdict(list)
    for name in left:
        here[bare(name)].append(name)
    for name in wanted:
        there[bare(name)].append(name)
    return [
        (here[key][0], there[key][0])
        for key in here
        if len(here[key]) == 1 and len(there.get(key, ())) == 1
    ]


def _shown(name: str) -> str:
    return unicodedata.normalize("NFKC", BLANK.sub("", name))


def _in_group(name: str) -> str:
    return GROUP.sub("", _shown(name)).casefold()


# from the smallest difference to the largest
WAYS: Mapping[str, Callable[[str], str]] = {
    "blanks": _shown,
    "capitals": lambda name: _shown(name).casefold(),
    "group": _in_group,
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
                    rule="dialect" if whole else "unexpected-column",
                    severity="error",
                    line=1 if file.dialect is not None else 0,
                    column="" if whole else these[0].delivered,
                    problem=_problem(these),
                    mend=_mend(these),
                )
            )
    return tuple(found)


def _problem(these: Sequence[Meant]) -> str:
    first = these[0]
    names = {
        "written": json.dumps(first.delivered),
        "name": first.expected,
        "others": f"{len(these) - 1:,}",
    }
    if len(these) == 1:
        del names["others"]
        if first.way == "blanks":
            return message("header-blanks.problem", **names)
        if first.way == "capitals":
            return message("header-capitals.problem", **names)
        return message("header-group.problem", **names)
    if first.way == "blanks":
        return message("header-blanks-many.problem", **names)
    if first.way == "capitals":
        return message("header-capitals-many.problem", **names)
    return message("header-group-many.problem", **names)


def _mend(these: Sequence[Meant]) -> str:
    written = json.dumps(these[0].delivered)
    if these[0].way == "group":
        return message("header-group.mend", written=written)
    return message("header-written.mend", written=written)


def shown(delivered: Sequence[str]) -> str:
    """The first names of a header; empty where it may be a row of answers."""
    names = [name for name in delivered if A_NAME.fullmatch(name)]
    if len(names) < NAMES * len(delivered) or len(set(delivered)) < len(delivered):
        return ""
    return ", ".join(f"`{name}`" for name in names[:MOST_SHOWN])
