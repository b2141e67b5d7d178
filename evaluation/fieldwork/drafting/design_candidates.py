"""Variables that can carry a study's design, each with its evidence: nothing is chosen here.

A candidate's evidence counts values and rows; it shows a value only where the column is coded.
"""

import datetime
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.data.form_words import is_arm_name, is_id, name_words, personal
from evaluation.data.spelling import lost_zero_example, lost_zeros
from evaluation.fieldwork.drafting.column_profile import (
    FRAME,
    MOST_CODES,
    DraftColumn,
    DraftSource,
    Profile,
    can_be_arm,
)
from evaluation.locale.messages import Message, Value, message, several

SHOWN = 6
COMPARISON = re.compile(
    r"control|controls|controles|comparison|comparacion|placebo|untreated|no|none|ninguno|sin|0"
)
WEIGHT_WORDS = re.compile(
    r"weight|weights|weighting|wgt|wt|wts|pw|pweight|iweight|aweight|peso|pesos|ponderador"
    r"|ponderacion|factor|fac|fex|fexp|expansion|prob"
)
CHANCE_WORDS = re.compile(r"prob|probability|probabilidad|inclusion")  # of being drawn
# of weights that are scaled to a mean of one
NEAR_ONE = 0.02
STRATUM_WORDS = re.compile(
    r"block|blocks|bloque|bloques|strat|stratum|strata|estrato|estratos|randstrata|pair|pairs|par"
    r"|pareja|bloco|triplet|tripleta"
)
POPULATION_WORDS = re.compile(
    r"population|popul|pop|poblacion|habitantes|inhabitants|people|residents|populacao"
)
AREA_WORDS = re.compile(r"department|departamento|depto|dpto|region|subregion|province|provincia")
# ids that the server or the device gives, and names of who asks
OF_DEVICES = re.compile(
    r"device|subscriber|sim|phone|username|instanceid|key$|uuid|enumerator|interviewer|encuestador"
)
# names of the day of the interview, the plainest first
DAY_NAMES = tuple(
    re.compile(words)
    for words in (
        r"(interview|survey|int)_?(date|day)|(fecha|dia)_?(de_)?(la_)?(entrevista|encuesta)",
        r"today|fecha|date",
        r"start(_?time)?|(hora_?)?inicio",
        r"end(_?time)?|(hora_?)?fin",
        r"submission_?(date|time)",
    )
)
MOST_FIELDWORK = datetime.timedelta(days=366)
BIRTH_WORDS = re.compile(r"birth|dob|birthdate|birthday|nacimiento|nac")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A variable that can carry a part of the design, and why.

    ``sure`` says that nothing in the files speaks against it and its name speaks for it,
    ``inverse`` that its values are probabilities, whose inverse weights.
    """

    name: str
    evidence: Value
    sure: bool = False
    inverse: bool = False

    @property
    def choice(self) -> Message:
        """As it stands among the choices of an open decision."""
        name = f"inverse:{self.name}" if self.inverse else self.name
        return message("draft.choice", name=name, evidence=self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interviews:
    """The variable of the day of the interview, and its first and last day in each round."""

    name: str
    spans: tuple[tuple[datetime.date, datetime.date], ...]


Ranked = Iterator[tuple[int, Candidate]]


def ranked(found: Ranked) -> tuple[Candidate, ...]:
    """Best evidence first; ties in the order of the file."""
    return tuple(candidate for _, candidate in sorted(found, key=lambda entry: entry[0]))


def answered(found: Sequence[Candidate]) -> Candidate | None:
    """The candidate that the files leave no doubt about; None where a person has to choose."""
    sure = [candidate for candidate in found if candidate.sure]
    return sure[0] if len(sure) == 1 else None


def clusters(columns: Sequence[DraftColumn], rounds: Sequence[str]) -> Ranked:
    """Columns that name each row of the frame once, and that the survey files have too.

    Parameters
    ----------
    columns : sequence of DraftColumn
    rounds : sequence of str
        Ids of the survey rounds.
    """
    for column in columns:
        frame = column.seen.get(FRAME)
        asked = [source for source in rounds if source in column.seen]
        if frame is None or not asked or not frame.is_unique() or frame.blank:
            continue
        parts, strange = [message("draft.in-the-frame", n=f"{len(frame.counts):,}")], 0
        sure = len(asked) == len(rounds)
        for source in asked:
            seen = column.seen[source]
            known = sum(n for text, n in seen.counts.items() if text in frame.counts)
            strange += seen.rows - known
            held = {"known": f"{known:,}", "rows": f"{seen.rows:,}", "source": source}
            parts.append(message("draft.have-one", **held))
            zeros = lost_zeros(seen.counts, frame.counts)
            sure = sure and known == seen.rows
            if zeros:
                here, there = lost_zero_example(zeros)
                parts.append(message("draft.zeros-lost", source=source, here=here, there=there))
                strange -= sum(seen.counts[text] for text in zeros)
        yield strange + 10_000 * (len(rounds) - len(asked)), _candidate(column, parts, sure=sure)


def respondents(columns: Sequence[DraftColumn], rounds: Sequence[str]) -> Ranked:
    """Columns whose values stand once in each round, those that link the rounds first.

    Parameters
    ----------
    columns : sequence of DraftColumn
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
        # blank where somebody is interviewed for the first time
        whole = len(here) == len(rounds) and not here[0].blank
        # servers write an underscore in front of their own
        servers = any(seen.raw.startswith("_") for seen in here)
        named = is_id(column.name) and not OF_DEVICES.search(column.name)
        sure = whole and named and not servers
        yield -shared - is_id(column.name), _candidate(column, parts, sure=sure)


def _nearly_unique(seen: Profile) -> bool:
    """Unique, but for the odd row that stands twice: such rows are the ledger's business."""
    return len(seen.counts) > MOST_CODES // 2 and len(seen.counts) >= 0.95 * seen.filled


def _is_measure(column: DraftColumn) -> bool:
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


def arms(columns: Sequence[DraftColumn]) -> Ranked:
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
        named = is_arm_name(column.name)
        rank = 4 * (not named) + 2 * frame.is_whole() + (len(column.seen) > 1)
        said = message("draft.arm-values", n=len(listed), values=values)
        yield rank, _candidate(column, [said], sure=named)


def _label(seen: Profile, text: str) -> str:
    return f"{text} = {seen.labels[text]}" if text in seen.labels else text


def is_weight_name(name: str) -> bool:
    """Whether a name is that of a weight: ``wt``, ``peso_final``."""
    return any(WEIGHT_WORDS.fullmatch(word) for word in name_words(name))


def is_fact_of_clusters(name: str) -> bool:
    """Whether a name is that of a block of assignment, a number of people or a larger area."""
    kinds = (STRATUM_WORDS, POPULATION_WORDS, AREA_WORDS)
    return any(kind.fullmatch(word) for kind in kinds for word in name_words(name))


def weights(columns: Sequence[DraftColumn], rounds: Sequence[str]) -> tuple[Candidate, ...]:
    """Columns of numbers in survey files that are named like weights, or look like some.

    A round in which no cell of the column has a value does not have it.
    """
    found = []
    for column in columns:
        asked = [r for r in rounds if r in column.seen and column.seen[r].counts]
        if not asked or not column.every("is_number"):
            continue
        sources, chance = several(asked, "and"), _is_chance(column, asked)
        if chance or is_weight_name(column.name):
            one = "draft.numbers-alone" if rounds[-1] in asked else "draft.numbers-first"
            parts = [message("draft.chance")] if chance else []
            held = "draft.numbers-in" if len(asked) == len(rounds) else one
            parts.append(message(held, sources=sources))
            found.append(_candidate(column, parts, inverse=chance))
        elif all(_has_mean_one(column.seen[source]) for source in asked):
            found.append(_candidate(column, [message("draft.mean-one", sources=sources)]))
    return tuple(found)


def _is_chance(column: DraftColumn, asked: Sequence[str]) -> bool:
    """Whether a column is named like a probability alone, and its values can be that of a draw."""
    words = name_words(column.name)
    rest = [word for word in words if not CHANCE_WORDS.fullmatch(word)]
    if rest == words or any(WEIGHT_WORDS.fullmatch(w) or w.startswith("inv") for w in rest):
        return False
    values = [number for source in asked for number, _ in _numbers(column.seen[source])]
    return min(values) > 0 and min(values) < max(values) <= 1


def _has_mean_one(seen: Profile) -> bool:
    """Positive numbers with decimals around one, as weights are that were scaled."""
    if seen.is_whole() or seen.blank or len(seen.counts) <= MOST_CODES:
        return False
    read = _numbers(seen)
    mean = math.fsum(value * n for value, n in read) / seen.filled
    return min(value for value, _ in read) > 0 and abs(mean - 1) <= NEAR_ONE


def _numbers(seen: Profile) -> list[tuple[float, int]]:
    """Values of a column of numbers, each with the number of its cells."""
    return [(float(text.replace(seen.decimal, ".")), n) for text, n in seen.counts.items()]


def strata(columns: Sequence[DraftColumn], source: DraftSource, arm: str) -> tuple[Candidate, ...]:
    """Columns of the frame inside whose values clusters may have been assigned.

    Those named so, and those of which each value has its share of every group, to one cluster.

    Parameters
    ----------
    columns : sequence of DraftColumn
    source : DraftSource
        The frame.
    arm : str
        Its variable of the group.
    """
    frame = source.table.frame
    group = next((c.raw[FRAME] for c in columns if c.name == arm and FRAME in c.raw), "")
    found = []
    for column in (c for c in columns if FRAME in c.seen and c.name != arm):
        seen = column.seen[FRAME]
        if not 1 < len(seen.counts) <= seen.filled / 2 or seen.blank:
            continue
        said = message("draft.stratum-values", n=len(seen.counts), clusters=seen.filled)
        whole, even = _balanced(frame[seen.raw], frame[group]) if group else (0, 0)
        inside = [message("draft.stratum-groups", arm=arm, whole=whole, even=even)]
        named = any(STRATUM_WORDS.fullmatch(word) for word in name_words(column.name))
        if named or even == frame[seen.raw].nunique():
            found.append((not named, _candidate(column, [said, *(inside if group else ())])))
    return ranked(iter(found))


def _balanced(values: pd.Series, groups: pd.Series) -> tuple[int, int]:
    """In how many values each group has clusters, and in how many its share, to one cluster."""
    counts = pd.crosstab(values, groups).to_numpy()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    whole = (counts > 0).all(axis=1)
    return int(whole.sum()), int((whole & (abs(counts - expected) <= 1).all(axis=1)).sum())


def populations(columns: Sequence[DraftColumn]) -> tuple[str, ...]:
    """Whole numbers of the frame that are named like numbers of people."""
    return tuple(
        column.name
        for column in columns
        if FRAME in column.seen
        and column.seen[FRAME].is_whole()
        and any(POPULATION_WORDS.fullmatch(word) for word in name_words(column.name))
    )


def periods(columns: Sequence[DraftColumn], round_id: str) -> tuple[Candidate, ...]:
    """Columns of dates in a round, with the first and the last day.

    None of birth dates, and none whose days are the same in all rounds: they are no interviews'.
    """
    found = []
    for column in columns:
        seen = column.seen.get(round_id)
        if seen is None or _is_birth(column.name) or _stays(column):
            continue
        if days := seen.days():
            first, last = days[0].isoformat(), days[-1].isoformat()
            span = message("draft.span", first=first, last=last, rows=f"{seen.filled:,}")
            found.append(_candidate(column, [span]))
    return tuple(found)


def _stays(column: DraftColumn) -> bool:
    rounds = [set(seen.counts) for source, seen in column.seen.items() if source != FRAME]
    return len(rounds) > 1 and all(days == rounds[0] for days in rounds)


def _is_birth(name: str) -> bool:
    spelled = name.replace("_", "")
    return (
        personal(name, "date", ())[0] == "direct"
        or any(BIRTH_WORDS.fullmatch(word) for word in name_words(name))
        or "birth" in spelled
        or "nacim" in spelled
    )


def _candidate(
    column: DraftColumn, parts: Sequence[Message], *, sure: bool = False, inverse: bool = False
) -> Candidate:
    return Candidate(name=column.name, evidence=several(parts), sure=sure, inverse=inverse)


def interview_days(columns: Sequence[DraftColumn], rounds: Sequence[str]) -> Interviews | None:
    """The column of the days of the interviews, where its name and its days leave no doubt.

    Parameters
    ----------
    columns : sequence of DraftColumn
    rounds : sequence of str
        Ids of the survey rounds, in their order.

    Returns
    -------
    Interviews or None
        None where no date that all rounds have is named so, two are, or its days are those of no
        survey: longer than a year, or of rounds that are not one after the other.
    """
    dated = {
        column.name: tuple(column.seen[source].days() for source in rounds)
        for column in columns
        if set(rounds) <= set(column.seen) and not _is_birth(column.name)
    }
    dated = {name: days for name, days in dated.items() if all(days)}
    for words in DAY_NAMES:
        named = [name for name in dated if words.fullmatch(name)]
        if len(named) == 1:
            spans = tuple((days[0], days[-1]) for days in dated[named[0]])
            short = all(last - first <= MOST_FIELDWORK for first, last in spans)
            ordered = all(a[1] < b[0] for a, b in itertools.pairwise(spans))
            return Interviews(name=named[0], spans=spans) if short and ordered else None
    return None


def comparison_of(groups: Mapping[str, str]) -> str:
    """The group whose name says that it received nothing; empty where none or several do.

    Parameters
    ----------
    groups : mapping of arm id to label
        Of codes 0 and 1 without labels, 0 is the comparison.
    """
    named = [
        identifier
        for identifier, label in groups.items()
        if any(COMPARISON.fullmatch(word) for word in (*name_words(label), label))
    ]
    return named[0] if len(named) == 1 else ""
