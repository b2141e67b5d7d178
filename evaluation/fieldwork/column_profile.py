"""What the columns of delivered files hold, and which of them can carry the design: counts only.

Columns of several files that have one legal name are one variable. Only what many rows share is
ever written out: codes of columns with few values, with their counts.

Nothing is chosen here. A candidate's evidence counts values and rows; it shows a value only where
the column is coded.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.findings import LINE
from evaluation.data.form_words import is_id, is_missing_like, name_words, personal
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.spelling import legal_names, lost_zero_example, lost_zeros
from evaluation.locale.messages import Message, Value, message, several

# a column with at most so many different values may be coded
MOST_CODES = 12
WHOLE = re.compile(r"-?\d{1,15}(\.0+)?", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# .a to .z of Stata, as its reader hands them over
LETTER = re.compile(r"\.[a-z]")
DAYS = {
    "%Y-%m-%d": r"\d{4}-\d\d-\d\d",
    "%d/%m/%Y": r"\d\d/\d\d/\d{4}",
    "%m/%d/%Y": r"\d\d/\d\d/\d{4}",
    "%-d/%-m/%Y": r"\d\d?/\d\d?/\d{4}",
}
CLOCK = r" \d\d:\d\d:\d\d"


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

    def is_date(self) -> bool:
        """Whether all values are days, as the file's dialect writes them."""
        return self._has_all(DAYS[self.date])

    def is_datetime(self) -> bool:
        """Whether all values are days with a clock, as the file's dialect writes them."""
        return self._has_all(DAYS[self.date] + CLOCK)

    def _has_all(self, pattern: str) -> bool:
        found = (re.fullmatch(pattern, text, re.ASCII) for text in self.counts)
        return bool(self.counts) and all(found)

    def is_coded(self) -> bool:
        """Whether the values are few and stand often enough to be codes."""
        return 0 < len(self.counts) <= MOST_CODES and self.filled >= 2 * len(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One variable, with its column in each file that has it."""

    name: str
    seen: Mapping[str, Profile]

    @property
    def raw(self) -> dict[str, str]:
        """Raw column by source."""
        return {source: seen.raw for source, seen in self.seen.items()}

    @property
    def values(self) -> set[str]:
        """All values, of all files."""
        return set().union(*(seen.counts for seen in self.seen.values()))

    def every(self, fact: str) -> bool:
        """Whether a fact of `Profile` holds in every file where the column has a value."""
        filled = [seen for seen in self.seen.values() if seen.counts]
        return bool(filled) and all(getattr(seen, fact)() for seen in filled)


def columns_of(sources: Sequence[Source]) -> tuple[Column, ...]:
    """Variables of several files, in the order in which they are first met."""
    found: dict[str, dict[str, Profile]] = {}
    for source in sources:
        raws = [str(raw) for raw in source.table.frame.columns if raw != LINE]
        for raw, name in zip(raws, legal_names(raws), strict=True):
            found.setdefault(name, {})[source.id] = _profile(source, raw)
    return tuple(Column(name=name, seen=seen) for name, seen in found.items())


def _profile(source: Source, raw: str) -> Profile:
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


FRAME = "frame"
MOST_ARMS = 8
SHOWN = 6
ARM_WORDS = re.compile(
    r"arm|arms|treat|treated|treatment|assigned|assignment|tratamiento|tratado|intervencion|brazo"
    r"|grupo|group|z",
)
WEIGHT_WORDS = re.compile(r"weight|weights|wgt|peso|pesos|ponderador|factor|fex|expansion|prob")
BIRTH_WORDS = re.compile(r"birth|dob|birthdate|birthday|nacimiento|nac")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A variable that can carry a part of the design, and why."""

    name: str
    evidence: Value

    @property
    def choice(self) -> Message:
        """As it stands among the choices of an open decision."""
        return message("draft.choice", name=self.name, evidence=self.evidence)


Ranked = Iterator[tuple[int, Candidate]]


def ranked(found: Ranked) -> tuple[Candidate, ...]:
    """Best evidence first; ties in the order of the file."""
    return tuple(candidate for _, candidate in sorted(found, key=lambda entry: entry[0]))


def clusters(columns: Sequence[Column], rounds: Sequence[str]) -> Ranked:
    """Columns that name each row of the frame once, and that the survey files have too.

    Parameters
    ----------
    columns : sequence of Column
    rounds : sequence of str
        Ids of the survey rounds.
    """
    for column in columns:
        frame = column.seen.get(FRAME)
        asked = [source for source in rounds if source in column.seen]
        if frame is None or not asked or not frame.is_unique() or frame.blank:
            continue
        parts, strange = [message("draft.in-the-frame", n=f"{len(frame.counts):,}")], 0
        for source in asked:
            seen = column.seen[source]
            known = sum(n for text, n in seen.counts.items() if text in frame.counts)
            strange += seen.rows - known
            held = {"known": f"{known:,}", "rows": f"{seen.rows:,}", "source": source}
            parts.append(message("draft.have-one", **held))
            zeros = lost_zeros(seen.counts, frame.counts)
            if zeros:
                here, there = lost_zero_example(zeros)
                parts.append(message("draft.zeros-lost", source=source, here=here, there=there))
                strange -= sum(seen.counts[text] for text in zeros)
        yield strange + 10_000 * (len(rounds) - len(asked)), _candidate(column, parts)


def respondents(columns: Sequence[Column], rounds: Sequence[str]) -> Ranked:
    """Columns whose values stand once in each round, those that link the rounds first.

    Parameters
    ----------
    columns : sequence of Column
    rounds : sequence of str
        Ids of the survey rounds.
    """
    first, *later = rounds
    for column in columns:
        if first not in column.seen or FRAME in column.seen or _is_measure(column):
            continue
        here = [column.seen[source] for source in rounds if source in column.seen]
        if not all(_nearly_unique(seen) for seen in here):
            continue
        parts = [_once(column.seen[first], first)]
        shared = 0
        for source in (s for s in later if s in column.seen):
            again = len(set(column.seen[source].counts) & set(column.seen[first].counts))
            shared += again
            values = _once(column.seen[source], source)
            parts.append(message("draft.of-them", values=values, again=f"{again:,}", first=first))
        yield -shared - is_id(column.name), _candidate(column, parts)


def _nearly_unique(seen: Profile) -> bool:
    """Unique, but for the odd row that stands twice: such rows are the ledger's business."""
    return len(seen.counts) > MOST_CODES // 2 and len(seen.counts) >= 0.95 * seen.filled


def _is_measure(column: Column) -> bool:
    """Fractions, dates and sentences are no ids, however rarely a value stands twice."""
    fraction = column.every("is_number") and not column.every("is_whole")
    sentences = sum(" " in text.strip() for text in column.values) > len(column.values) / 2
    dates = (seen.is_date() or seen.is_datetime() for seen in column.seen.values())
    return fraction or sentences or any(dates)


def _once(seen: Profile, source: str) -> Message:
    said = {"n": f"{len(seen.counts):,}", "rows": f"{seen.rows:,}", "source": source}
    if seen.blank:
        return message("draft.values-blank", **said, blank=f"{seen.blank:,}")
    return message("draft.values", **said)


def arms(columns: Sequence[Column]) -> Ranked:
    """Columns of the frame with two values or a few more, those named like arms first."""
    for column in columns:
        frame = column.seen.get(FRAME)
        if frame is None or not can_be_arm(frame):
            continue
        listed = sorted(frame.counts.items())
        values: str | Message = ", ".join(
            f"{_label(frame, text)} {n:,}" for text, n in listed[:SHOWN]
        )
        if len(listed) > SHOWN:
            values = message("draft.and-more", values=values, more=len(listed) - SHOWN)
        named = any(ARM_WORDS.fullmatch(word) for word in name_words(column.name))
        rank = 4 * (not named) + 2 * frame.is_whole() + (len(column.seen) > 1)
        yield rank, _candidate(column, [message("draft.arm-values", n=len(listed), values=values)])


def can_be_arm(frame: Profile) -> bool:
    """Whether a column of the frame has two to eight values, blank nowhere."""
    return 2 <= len(frame.counts) <= MOST_ARMS and frame.blank == 0 and frame.is_coded()


def _label(seen: Profile, text: str) -> str:
    return f"{text} = {seen.labels[text]}" if text in seen.labels else text


def weights(columns: Sequence[Column], rounds: Sequence[str]) -> tuple[Candidate, ...]:
    """Columns of numbers in survey files that are named like weights."""
    found = []
    for column in columns:
        named = any(WEIGHT_WORDS.fullmatch(word) for word in name_words(column.name))
        asked = [source for source in rounds if source in column.seen]
        if named and asked and column.every("is_number"):
            sources = several(asked, "and")
            found.append(_candidate(column, [message("draft.numbers-in", sources=sources)]))
    return tuple(found)


def periods(columns: Sequence[Column], round_id: str) -> tuple[Candidate, ...]:
    """Columns of dates in a round, with the first and the last day; none of birth dates."""
    found = []
    for column in columns:
        seen = column.seen.get(round_id)
        if seen is None or _is_birth(column.name):
            continue
        if seen.is_date() or seen.is_datetime():
            days = sorted(_iso(text[:10], seen.date) for text in seen.counts)
            rows = f"{seen.filled:,}"
            span = message("draft.span", first=days[0], last=days[-1], rows=rows)
            found.append(_candidate(column, [span]))
    return tuple(found)


def _is_birth(name: str) -> bool:
    spelled = name.replace("_", "")
    return (
        personal(name, "date", ())[0] == "direct"
        or any(BIRTH_WORDS.fullmatch(word) for word in name_words(name))
        or "birth" in spelled
        or "nacim" in spelled
    )


def _iso(day: str, pattern: str) -> str:
    """A day as TOML writes it."""
    if pattern == "%Y-%m-%d":
        return day
    first, second, year = day.split("/")
    month, number = (first, second) if pattern == "%m/%d/%Y" else (second, first)
    return f"{year}-{month:0>2}-{number:0>2}"


def _candidate(column: Column, parts: Sequence[Message]) -> Candidate:
    return Candidate(name=column.name, evidence=several(parts))
