"""Sex and age of people who are in both rounds: what stays, or grows with the years.

Exchanged ids show only by what cannot change. A declaration is drafted where the people of both
rounds bear it out; where they do not, two members of one household may have answered.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evaluation.config.dictionary import OverTime, Variable
from evaluation.data.form_words import name_words
from evaluation.fieldwork.drafting.column_profile import (
    DraftColumn,
    DraftSource,
    Profile,
    missing_of,
)
from evaluation.fieldwork.drafting.draft_study import ROUNDS

SEX = {"sex", "sexo", "gender", "genero", "female", "male", "mujer"}
AGE = {"age", "edad", "idade"}
# people of both rounds, and the share of them that has to agree
FEWEST, AGREE = 20, 0.9
# years by which one person's age may have grown otherwise than most people's
SLACK = 1
NUMBERED = re.compile(r"(_\d+)+$")
WHOLE = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingTrait:
    """What its name suggests of a column, what is declared, and the evidence or what to know."""

    kind: OverTime
    over_time: OverTime
    note: str


Traits = Mapping[str, LastingTrait]


def may_last(name: str) -> OverTime:
    """What a name suggests: sex stays the same, age grows; free for all others.

    A name that ends in a number is of one of several people: ``member_age_2``.
    """
    if NUMBERED.search(name):
        return "free"
    words = set(name_words(name))
    return "same" if SEX & words else "ages" if AGE & words else "free"


def of_several(variables: Sequence[Variable]) -> frozenset[str]:
    """Names of repeats of one question, about several people or times: ``age_1``, ``age_2``.

    Choices of a question with several answers are numbered too: they are binary, and each has its
    own label, where repeats have that of the question with their number.
    """
    stems = Counter(NUMBERED.sub("", v.name) for v in variables if NUMBERED.search(v.name))
    return frozenset(
        v.name
        for v in variables
        if (number := NUMBERED.search(v.name))
        and stems[v.name[: number.start()]] > 1
        and (v.type != "binary" or _is_repeat(v.label.en, number[0]))
    )


def _is_repeat(label: str, number: str) -> bool:
    """Whether a label ends with the number of a name, or with that of its repeat: ``_2_1``."""
    numbers = number[1:].split("_")
    return any(label.endswith(numbered(numbers[i:])) for i in range(len(numbers)))


def numbered(numbers: Sequence[object]) -> str:
    """What stands at the end of the label of a repeat."""
    return f" ({', '.join(map(str, numbers))})"


def lasting_traits(
    sources: Sequence[DraftSource], columns: Sequence[DraftColumn], respondent: str
) -> dict[str, LastingTrait]:
    """Columns named like sex and age that both rounds have, by raw column of the first.

    Parameters
    ----------
    sources : sequence of DraftSource
    columns : sequence of DraftColumn
    respondent : str
        Variable of the respondent id; empty as long as that is open.
    """
    tables = {source.id: source.table.frame for source in sources}
    ids = next((c.raw for c in columns if c.name == respondent), {})
    found = {}
    for column in columns:
        kind = may_last(column.name)
        if kind == "free" or not set(ROUNDS) <= set(column.raw):
            continue
        over_time: OverTime = "free"
        note = f'where one person answers in all rounds, write: over_time = "{kind}"'
        if set(ROUNDS) <= set(ids):
            first, second = (_answers(tables[r], ids[r], column.seen[r]) for r in ROUNDS)
            agree, people = _agreeing(first, second, kind)
            if people >= FEWEST and agree >= AGREE * people:
                said = "the same" if kind == "same" else f"older by the same years (+-{SLACK})"
                over_time = kind
                note = f"seen: over_time: {agree:,} of {people:,} people of both rounds are {said}"
        found[column.raw[ROUNDS[0]]] = LastingTrait(kind=kind, over_time=over_time, note=note)
    return found


def _answers(frame: pd.DataFrame, respondent: str, seen: Profile) -> pd.Series:
    """One answer by respondent; those whose id stands twice, and cells without, are left out."""
    ids, cells = frame[respondent].astype("str"), frame[seen.raw].astype("str")
    kept = (ids != "") & ~cells.isin(["", *missing_of(seen)]) & ~ids.duplicated(keep=False)
    return cells[kept].set_axis(ids[kept])


def _agreeing(first: pd.Series, second: pd.Series, kind: OverTime) -> tuple[int, int]:
    """People whose two answers go together, of how many."""
    both = pd.DataFrame({"first": first, "second": second}).dropna()
    if kind == "same":
        return int((both["first"] == both["second"]).sum()), len(both)
    whole = both["first"].str.fullmatch(WHOLE) & both["second"].str.fullmatch(WHOLE)
    years = both["second"][whole].astype(int) - both["first"][whole].astype(int)
    if not len(years):
        return 0, 0
    usual = years.median()
    # ages that did not grow were copied, or the rounds lie within one year: a person knows
    return (int(((years - usual).abs() <= SLACK).sum()) if usual >= 1 else 0), len(years)


def with_traits(
    variable: Variable, notes: Sequence[str], traits: Traits
) -> tuple[Variable, tuple[str, ...]]:
    """A variable with what is declared of it, where its type allows that.

    Parameters
    ----------
    variable : Variable
    notes : sequence of str
        Its comments.
    traits : mapping of raw column to LastingTrait
        Of the first round.
    """
    trait = traits.get(variable.raw.get(ROUNDS[0], ""))
    allowed = ("count", "number") if trait and trait.kind == "ages" else ("binary", "nominal")
    if trait is None or variable.type not in allowed:
        return variable, tuple(notes)
    return replace(variable, over_time=trait.over_time), (*notes, trait.note)
