"""What the columns of delivered files hold, counts only.

Columns of several files that have one legal name are one variable. Only what many rows share is
ever written out: codes of columns with few values, with their counts.
"""

import datetime
import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.config import file_layout
from evaluation.config.file_layout import DateForm
from evaluation.data.findings import LINE
from evaluation.data.form_words import is_missing_like, missing_kind
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.spelling import legal_names
from evaluation.errors import SpecError

FRAME = "frame"
MOST_ARMS = 8
# a column with at most so many different values may be coded
MOST_CODES = 12
# different numbers from 0 on, and the largest share of cells in their upper half, of a count
FEWEST_COUNTED, MOST_UPPER = 6, 0.2
WHOLE = re.compile(r"-?\d{1,15}(\.0+)?", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# .a to .z of Stata, as its reader hands them over
# from this likeness on, a name is a slip of the other
NEAR = 0.8
LETTER = re.compile(r"\.[a-z]")
# what the first digit means where nobody says it
CUSTOM = {"8": "dont_know", "9": "refused", "7": "not_applicable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSource:
    """A delivered file as a draft sees it.

    Attributes
    ----------
    id : str
        Round id, or ``frame``.
    file : str
        Its name.
    table : Delivered
        What its reader handed over.
    decimal, date : str
        Of its dialect.
    """

    id: str
    file: str
    table: Delivered
    decimal: str = "."
    date: DateForm = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One column of one file.

    Attributes
    ----------
    counts : Counter of text to number
        Cells that are neither blank nor called missing by the file itself.
    missing : Counter of text to number
        Cells, not blank, that the file itself calls missing.
    blank, rows : int
        Blank cells, of how many.
    labels : mapping of code to label
    label : str
        The file's own words for the column; empty where it has none.
    lent_by : str
        Source whose labels these are, where the file itself has none.
    """

    raw: str
    counts: Counter[str]
    missing: Counter[str]
    blank: int
    rows: int
    labels: Mapping[str, str]
    decimal: str
    date: DateForm
    label: str = ""
    lent_by: str = ""

    @property
    def filled(self) -> int:
        """Cells with a value."""
        return sum(self.counts.values())

    def is_unique(self) -> bool:
        """Whether no value stands twice, among at least two."""
        return self.filled == len(self.counts) > 1

    def is_whole(self) -> bool:
        """Whether all values are whole numbers."""
        return bool(self.counts) and all(WHOLE.fullmatch(text) for text in self.counts)

    def is_number(self) -> bool:
        """Whether all values are numbers, in the file's own decimal mark."""
        return bool(self.counts) and all(
            NUMBER.fullmatch(text.replace(self.decimal, ".")) for text in self.counts
        )

    def is_date(self) -> bool:
        """Whether all values are days, as the file's dialect writes them."""
        return bool(self.counts) and all(file_layout.day(t, self.date) for t in self.counts)

    def is_datetime(self) -> bool:
        """Whether all values are days with a clock, as the file's dialect writes them."""
        return bool(self.counts) and all(file_layout.moment(t, self.date) for t in self.counts)

    def days(self) -> list[datetime.date]:
        """Days of all values, in order; none where they are neither days nor have a clock."""
        if self.is_date():
            read = (file_layout.day(text, self.date) for text in self.counts)
            return sorted(found for found in read if found)
        moments = (file_layout.moment(text, self.date) for text in self.counts)
        return sorted(found.date() for found in moments if found) if self.is_datetime() else []

    def is_coded(self) -> bool:
        """Whether the values are few, beside codes for no answer, and stand often enough."""
        if not self.counts or self.filled < 2 * len(self.counts):
            return False
        return len(self.counts) <= MOST_CODES or len(self.answers()) <= MOST_CODES

    def answers(self) -> set[str]:
        """Values that are no codes for no answer; all where nothing else stands there."""
        return set(self.counts) - set(missing_of(self)) or set(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftColumn:
    """One variable, with its column in each file that has it."""

    name: str
    seen: Mapping[str, Profile]

    @property
    def raw(self) -> dict[str, str]:
        """Raw column by source."""
        return {source: seen.raw for source, seen in self.seen.items()}

    @property
    def label(self) -> str:
        """What a file calls it in words; empty where none does."""
        labels = (seen.label for seen in self.seen.values())
        return next((label for label in labels if label and label not in self.raw.values()), "")

    @property
    def values(self) -> set[str]:
        """All values, of all files."""
        return set().union(*(seen.counts for seen in self.seen.values()))

    def every(self, fact: str) -> bool:
        """Whether a fact of `Profile` holds in every file where the column has a value."""
        filled = [seen for seen in self.seen.values() if seen.counts]
        return bool(filled) and all(getattr(seen, fact)() for seen in filled)


def no_column(option: str, raw: str, known: Iterable[str]) -> SpecError:
    """The error about a column that no file has: what was probably meant, near names first.

    Parameters
    ----------
    option : str
        Where it was named.
    raw : str
    known : iterable of str
        Columns that can be named.
    """
    near = {k: difflib.SequenceMatcher(None, raw.casefold(), k.casefold()).ratio() for k in known}
    listed = sorted(near, key=lambda name: (-near[name], name))
    if listed and near[listed[0]] >= NEAR:
        return SpecError.of("no-file-column", "did-you-mean", option, raw=raw, near=listed[0])
    names = ", ".join(listed[:MOST_CODES])
    return SpecError.of("no-file-column", "name-one-of", option, raw=raw, known=names)


def columns_of(sources: Sequence[DraftSource]) -> tuple[DraftColumn, ...]:
    """Variables of several files, in the order in which they are first met."""
    found: dict[str, dict[str, Profile]] = {}
    for source in sources:
        raws = [str(raw) for raw in source.table.frame.columns if raw != LINE]
        for raw, name in zip(raws, legal_names(raws), strict=True):
            found.setdefault(name, {})[source.id] = _profile(source, raw)
    return tuple(DraftColumn(name=name, seen=_lent(seen)) for name, seen in found.items())


def _lent(seen: Mapping[str, Profile]) -> dict[str, Profile]:
    """Labels of one file for those that have none, where they name all that stands there."""
    lists = {source: profile for source, profile in seen.items() if profile.labels}
    first = next(iter(lists), "")
    if not first or any(profile.labels != lists[first].labels for profile in lists.values()):
        return dict(seen)
    labels = lists[first].labels
    absent = {c: label for c, label in labels.items() if _is_no_answer(c, label)}
    return {
        source: profile
        if profile.labels
        else replace(profile, labels=labels, lent_by=first)
        if set(profile.counts) <= {*labels, *apart(profile)}
        # 99 is no age in one round and an age in the other: codes for no answer are lent alone
        else replace(profile, labels=absent, lent_by=first)
        if not absent.keys().isdisjoint(profile.counts)
        else profile
        for source, profile in seen.items()
    }


def _is_no_answer(code: str, label: str) -> bool:
    known = is_missing_like(code) or LETTER.fullmatch(code) is not None
    return known and missing_kind([label]) is not None


def _profile(source: DraftSource, raw: str) -> Profile:
    cells = Counter(str(text) for text in source.table.frame[raw])
    blank = cells.pop("", 0)
    called = source.table.user_missing.get(raw)
    gone = {
        text
        for text in cells
        if LETTER.fullmatch(text) or (called is not None and called.holds(text))
    }
    return Profile(
        raw=raw,
        counts=Counter({text: n for text, n in cells.items() if text not in gone}),
        missing=Counter({text: n for text, n in cells.items() if text in gone}),
        blank=blank,
        rows=len(source.table.frame),
        labels=source.table.labels.get(raw, {}),
        decimal=source.decimal,
        date=source.date,
        label=" ".join(source.table.variable_labels.get(raw, "").split()),
    )


def apart(seen: Profile) -> tuple[str, ...]:
    """Values that look like codes for no answer and lie far from all others: 99 beside 1 to 4."""
    if not seen.is_whole():
        return ()
    alike = {text for text in seen.counts if is_missing_like(text)}
    rest = [float(text) for text in seen.counts if text not in alike]
    if not rest:
        return ()
    low, high = min(rest), max(rest)
    most = max(2 * high, high + 2, 5)
    return tuple(sorted(t for t in alike if float(t) < 0 <= low or float(t) > most))


def missing_of(seen: Profile) -> dict[str, tuple[str, str]]:
    """Codes of one column that stand for no answer: kind and evidence by code."""
    found: dict[str, tuple[str, str]] = {}
    for code, label in seen.labels.items():
        kind = missing_kind([label])
        if kind is not None and _is_no_answer(code, label):
            found[code] = kind, f"labelled {label!r}"
    for code in seen.missing:
        kind = missing_kind([seen.labels[code]]) if code in seen.labels else None
        found.setdefault(code, (kind or "not_asked", "the file itself calls it missing"))
    for code in apart(seen):
        if code not in seen.labels:
            kind = CUSTOM.get(code.lstrip("-")[:1], "not_asked")
            found.setdefault(code, (kind, "far from all other values; the kind is custom only"))
    return dict(sorted(found.items()))


def thins_out(column: DraftColumn) -> bool:
    """Whether all numbers from 0 on occur, 0 or 1 most often, and few are in the upper half.

    Answers on a scale without labels rarely look so: the column is drafted as a count.

    Parameters
    ----------
    column : DraftColumn
        Whole numbers.
    """
    cells: Counter[float] = Counter()
    for seen in column.seen.values():
        missing = missing_of(seen)
        cells.update({float(k): n for k, n in seen.counts.items() if k not in missing})
    if len(cells) < FEWEST_COUNTED or sorted(cells) != list(range(len(cells))):
        return False
    upper = sum(n for number, n in cells.items() if number > (len(cells) - 1) / 2)
    return cells.most_common(1)[0][0] <= 1 and upper <= MOST_UPPER * cells.total()


def can_be_arm(frame: Profile) -> bool:
    """Whether a column of the frame has two to eight values, blank nowhere."""
    return 2 <= len(frame.counts) <= MOST_ARMS and frame.blank == 0 and frame.is_coded()
