"""One file for both rounds: the column that tells them apart, and the rows of each."""

import dataclasses
import re
from collections.abc import Sequence

from evaluation.config.file_layout import RowsOf
from evaluation.data.form_words import name_words
from evaluation.data.spelling import plain
from evaluation.errors import SpecError
from evaluation.fieldwork.drafting.column_profile import DraftSource, Profile, columns_of
from evaluation.fieldwork.drafting.manifest_draft import Facts
from evaluation.locale.messages import Message, message, several

# a column that tells rounds apart has few values, and none of them in a handful of rows only
MOST_ROUNDS, LEAST_SHARE = 4, 0.1
ROUND_NAMES = re.compile(
    r"round|rounds|ronda|rondas|wave|ola|period|periodo|post|endline|baseline|medicion|levantamiento"
    r"|momento|time|fase"
)
# one season in the field may see New Year
YEAR_NAMES, YEARS_APART = re.compile(r"year|anio|ano"), 2
FIRST = re.compile(r"(baseline|linea (de )?base|linea_?base|lb|pre|antes|before)\b")
LAST = re.compile(r"(endline|linea (final|de salida)|lf|post|despues|after)\b")
OTHER = re.compile(r"(midline|linea (media|intermedia)|(round|ronda|ola|wave) ?\d)\b")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RoundColumn:
    """A column with one value for each round, in the order of the rounds."""

    raw: str
    values: tuple[str, ...]
    evidence: Message

    def rows_of(self, number: int) -> RowsOf:
        """What an entry of the manifest says of the rows of one round."""
        others = tuple(v for i, v in enumerate(self.values) if i != number)
        return RowsOf(column=self.raw, values=(self.values[number],), others=others)


def rounds_within(source: DraftSource) -> Message | None:
    """The column that seems to tell rounds apart within one file, with its values; or nothing.

    Parameters
    ----------
    source : DraftSource
        The file.
    """
    found = _found(source)
    return None if found is None else _evidence(found)


def _found(source: DraftSource) -> Profile | None:
    for column in columns_of([source]):
        seen = column.seen[source.id]
        if _tells_rounds(column.name, seen):
            return seen
    return None


def _evidence(seen: Profile) -> Message:
    values = (
        message("value-in-rows.part", value=value, n=f"{n:,}")
        for value, n in sorted(seen.counts.items())
    )
    return message("rounds-within.part", column=seen.raw, values=several(values, ", "))


def _texts(seen: Profile, value: str) -> tuple[str, str]:
    return plain(value), plain(seen.labels.get(value, ""))


def _tells_rounds(name: str, seen: Profile) -> bool:
    if seen.blank or not 2 <= len(seen.counts) <= MOST_ROUNDS:
        return False
    if min(seen.counts.values()) < max(2, LEAST_SHARE * seen.rows):
        return False
    words = name_words(name)
    named = any(ROUND_NAMES.fullmatch(word) for word in words)
    if any(YEAR_NAMES.fullmatch(word) for word in words) and seen.is_whole():
        years = [float(text) for text in seen.counts]
        named = named or max(years) - min(years) >= YEARS_APART
    said = [text for value in seen.counts for text in _texts(seen, value)]
    known = (any(words.match(text) for words in (FIRST, LAST, OTHER)) for text in said)
    return named or sum(known) > 1


def round_column(source: DraftSource, named: str) -> RoundColumn:
    """The column of the rounds, and which of its values is the baseline.

    Parameters
    ----------
    source : DraftSource
        The file.
    named : str
        What a person said: ``COLUMN``, ``COLUMN=FIRST,LAST``, or nothing.

    Raises
    ------
    SpecError
        No column, or none of that name; more than two values, or an order that nothing tells.
    """
    raw, _, order = named.partition("=")
    profiles = [column.seen[source.id] for column in columns_of([source])]
    seen = next((p for p in profiles if p.raw == raw), None) if raw else _found(source)
    if seen is None:
        known = ", ".join(p.raw for p in profiles if 2 <= len(p.counts) <= MOST_ROUNDS)
        raise SpecError.of("no-round-column", "no-round-column", source.file, known=known)
    values = tuple(order.split(",")) if order else _ordered(seen)
    if len(values) != len(set(values)) or set(values) != set(seen.counts) or len(values) != 2:
        listed = ", ".join(sorted(seen.counts)[:MOST_ROUNDS])
        raise SpecError.of(
            "rounds-not-two", "rounds-not-two", source.file, raw=seen.raw, listed=listed
        )
    return RoundColumn(raw=seen.raw, values=values, evidence=_evidence(seen))


def _ordered(seen: Profile) -> tuple[str, ...]:
    """Values from the first round to the last; none where neither numbers nor words tell."""
    if seen.is_whole():
        return tuple(sorted(seen.counts, key=float))
    first = [v for v in seen.counts if any(FIRST.match(text) for text in _texts(seen, v))]
    last = [v for v in seen.counts if any(LAST.match(text) for text in _texts(seen, v))]
    if len(first) == len(last) == 1 and first != last:
        return (*first, *last)
    numbered = all(OTHER.match(plain(value)) for value in seen.counts)
    return tuple(sorted(seen.counts)) if numbered else ()


def of_round(facts: Facts, column: RoundColumn, number: int) -> Facts:
    """What was found in the rows of one round, with what its entry says of them.

    Parameters
    ----------
    facts : Facts
        Of the whole file.
    column : RoundColumn
    number : int
        Of the round, from 0.
    """
    only, frame = column.rows_of(number), facts.table.frame
    rows = frame[column.raw].isin(only.values)
    note = f"seen: {column.evidence.text('en')}; the first value is the baseline"
    key = ("only", dataclasses.asdict(only), (note,))
    table = dataclasses.replace(facts.table, frame=frame[rows].reset_index(drop=True))
    return dataclasses.replace(facts, table=table, keys=(*facts.keys, key))


def all_rounds(facts: Facts, column: RoundColumn, rounds: Sequence[str]) -> dict[str, Facts]:
    """The same by round id."""
    return {name: of_round(facts, column, number) for number, name in enumerate(rounds)}
