"""What the columns of delivered files hold, as far as a draft needs it: counts, never rows.

Columns of several files that have one legal name are one variable. Only what many rows share is
ever written out: codes of columns with few values, with their counts.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.delivered import Delivered
from evaluation.data.draft_names import legal_names
from evaluation.data.finding import LINE
from evaluation.data.form_words import is_missing_like

# a column with at most so many different values may be coded
MOST_CODES = 12
WHOLE = re.compile(r"-?\d{1,15}(\.0+)?", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# .a to .z of Stata, as its reader hands them over
LETTER = re.compile(r"\.[a-z]")
DAYS = {
    "%Y-%m-%d": re.compile(r"\d{4}-\d\d-\d\d"),
    "%d/%m/%Y": re.compile(r"\d\d/\d\d/\d{4}"),
    "%m/%d/%Y": re.compile(r"\d\d/\d\d/\d{4}"),
    "%-d/%-m/%Y": re.compile(r"\d\d?/\d\d?/\d{4}"),
}
CLOCK = re.compile(r" \d\d:\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
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
    date: str = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
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
    """

    raw: str
    counts: Counter[str]
    missing: Counter[str]
    blank: int
    rows: int
    labels: Mapping[str, str]
    decimal: str
    date: str

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

    def is_date(self, *, clock: bool) -> bool:
        """Whether all values are days, or days with a clock, as the file's dialect writes them."""
        pattern = DAYS[self.date].pattern + (CLOCK.pattern if clock else "")
        return bool(self.counts) and all(
            re.fullmatch(pattern, text, re.ASCII) for text in self.counts
        )

    def is_coded(self) -> bool:
        """Whether the values are few and stand often enough to be codes."""
        return 0 < len(self.counts) <= MOST_CODES and self.filled >= 2 * len(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One variable, with its column in each file that has it."""

    name: str
    seen: Mapping[str, Seen]

    @property
    def raw(self) -> dict[str, str]:
        """Raw column by source."""
        return {source: seen.raw for source, seen in self.seen.items()}

    @property
    def values(self) -> set[str]:
        """All values, of all files."""
        return set().union(*(seen.counts for seen in self.seen.values()))

    def every(self, fact: str) -> bool:
        """Whether a fact of `Seen` holds in every file where the column has a value."""
        filled = [seen for seen in self.seen.values() if seen.counts]
        return bool(filled) and all(getattr(seen, fact)() for seen in filled)


def columns_of(sources: Sequence[Source]) -> tuple[Column, ...]:
    """Variables of several files, in the order in which they are first met."""
    found: dict[str, dict[str, Seen]] = {}
    for source in sources:
        raws = [str(raw) for raw in source.table.frame.columns if raw != LINE]
        for raw, name in zip(raws, legal_names(raws), strict=True):
            found.setdefault(name, {})[source.id] = _seen(source, raw)
    return tuple(Column(name=name, seen=seen) for name, seen in found.items())


def _seen(source: Source, raw: str) -> Seen:
    cells = Counter(str(text) for text in source.table.frame[raw])
    blank = cells.pop("", 0)
    called = source.table.user_missing.get(raw)
    gone = {
        text
        for text in cells
        if LETTER.fullmatch(text) or (called is not None and called.holds(text))
    }
    return Seen(
        raw=raw,
        counts=Counter({text: n for text, n in cells.items() if text not in gone}),
        missing=Counter({text: n for text, n in cells.items() if text in gone}),
        blank=blank,
        rows=len(source.table.frame),
        labels=source.table.labels.get(raw, {}),
        decimal=source.decimal,
        date=source.date,
    )


def apart(seen: Seen) -> tuple[str, ...]:
    """Values that look like codes for no answer and lie far from all others: 99 beside 1 to 4."""
    if not seen.is_whole():
        return ()
    alike = {text for text in seen.counts if is_missing_like(text)}
    rest = [float(text) for text in seen.counts if text not in alike]
    if not rest:
        return ()
    low, high = min(rest), max(rest)
    return tuple(
        sorted(
            text
            for text in alike
            if (float(text) < 0 <= low) or float(text) > max(2 * high, high + 2, 5)
        )
    )
