"""Which columns can carry the design: candidates with their evidence, for a person to choose from.

Nothing is chosen here. A candidate's evidence counts values and rows; it shows a value only where
the column is coded.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.data.form_words import is_id, name_words, personal
from evaluation.data.leading_zeros import example, lost_zeros
from evaluation.data.seen import MOST_CODES, Column, Seen
from evaluation.locale.messages import Message, Value, message, several

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


def clusters(columns: Sequence[Column], rounds: Sequence[str]) -> tuple[Candidate, ...]:
    """Columns that name each row of the frame once, and that the survey files have too."""
    return tuple(_sorted(_clusters(columns, rounds)))


def _clusters(columns: Sequence[Column], rounds: Sequence[str]) -> Iterator[tuple[int, Candidate]]:
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
                here, there = example(zeros)
                parts.append(message("draft.zeros-lost", source=source, here=here, there=there))
                strange -= sum(seen.counts[text] for text in zeros)
        yield strange + 10_000 * (len(rounds) - len(asked)), _candidate(column, parts)


def respondents(columns: Sequence[Column], rounds: Sequence[str]) -> tuple[Candidate, ...]:
    """Columns whose values stand once in each round, those that link the rounds first."""
    return tuple(_sorted(_respondents(columns, rounds)))


def _respondents(
    columns: Sequence[Column], rounds: Sequence[str]
) -> Iterator[tuple[int, Candidate]]:
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


def _nearly_unique(seen: Seen) -> bool:
    """Unique, but for the odd row that stands twice: such rows are the ledger's business."""
    return len(seen.counts) > MOST_CODES // 2 and len(seen.counts) >= 0.95 * seen.filled


def _is_measure(column: Column) -> bool:
    """Fractions, dates and sentences are no ids, however rarely a value stands twice."""
    fraction = column.every("is_number") and not column.every("is_whole")
    sentences = sum(" " in text.strip() for text in column.values) > len(column.values) / 2
    dates = (seen.is_date(clock=clock) for seen in column.seen.values() for clock in (False, True))
    return fraction or sentences or any(dates)


def _once(seen: Seen, source: str) -> Message:
    said = {"n": f"{len(seen.counts):,}", "rows": f"{seen.rows:,}", "source": source}
    if seen.blank:
        return message("draft.values-blank", **said, blank=f"{seen.blank:,}")
    return message("draft.values", **said)


def arms(columns: Sequence[Column]) -> tuple[Candidate, ...]:
    """Columns of the frame with two values or a few more, those named like arms first."""
    return tuple(_sorted(_arms(columns)))


def _arms(columns: Sequence[Column]) -> Iterator[tuple[int, Candidate]]:
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


def can_be_arm(frame: Seen) -> bool:
    """Whether a column of the frame has two to eight values, blank nowhere."""
    return 2 <= len(frame.counts) <= MOST_ARMS and frame.blank == 0 and frame.is_coded()


def _label(seen: Seen, text: str) -> str:
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
        for clock in (False, True):
            if seen.is_date(clock=clock):
                days = sorted(_iso(text[:10], seen.date) for text in seen.counts)
                said = {"first": days[0], "last": days[-1], "rows": f"{seen.filled:,}"}
                found.append(_candidate(column, [message("draft.span", **said)]))
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


def _sorted(ranked: Iterator[tuple[int, Candidate]]) -> list[Candidate]:
    """Best evidence first; ties in the order of the file."""
    return [candidate for _, candidate in sorted(ranked, key=lambda entry: entry[0])]
