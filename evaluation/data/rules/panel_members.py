"""People who stand in two rounds: what cannot change, what cannot be the same, one by one and all.

They show what no look at one file can: ids that moved against the answers, one delivery saved
under two names, ids that only their writing keeps apart.

Beside :mod:`evaluation.data.rules.panel_members`, which compares person by person, these look at
all of them together: two codes that changed places, ids that link people who have nothing in
common, and a study that declares nothing by which either would show.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Column, Parsed
from evaluation.data.rules.rule import Rule, across_rounds
from evaluation.data.rules.rule_context import (
    Declared,
    Floats,
    common_questions,
    numeric_values,
    standardised,
)
from evaluation.data.spelling import plain_signs
from evaluation.data.timing import interview_dates, row_clusters
from evaluation.locale.messages import Count, Plain
from evaluation.study.dictionary import Variable
from evaluation.study.records import Finding

CHANGED_OVER_TIME = Rule("changed-over-time", "warn", "traits")
PEOPLE_WHO_STAND = Rule(
    "changed-over-time",
    "error",
    "traits",
    problem="people-who-stand.problem",
    fix="one-two-files.fix",
)
SAME_ANSWERS = Rule("same-answers", "error", "file")
NEAR_ID = Rule("near-id", "warn", "respondent")
NOTHING_STAYS = Rule("nothing-stays", "warn", "respondent")
CODES_EXCHANGED = Rule("codes-exchanged", "error", "traits")
UNRELATED_PEOPLE = Rule("unrelated-people", "warn", "respondent")


DAYS_A_YEAR = 365.25
# people round their age, and a birthday may lie between interview and calendar
AGE_SLACK = 1
# from here on, and where most people are concerned, it is one flaw of the file
MANY = 20
MOST = 0.5
# answers of another day that are all the same: with fewer people or questions it may be chance
SMALLEST_REPEAT = 20
SMALLEST_QUESTIONS = 5
MARKS = re.compile(r"[\s\W_]+")


@dataclass(frozen=True, slots=True)
class Linked:
    """People of two rounds: positions of their rows, pair by pair."""

    before: Parsed
    after: Parsed
    earlier: NDArray[np.intp]
    later: NDArray[np.intp]


@across_rounds
def people(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """All rules about people in two rounds that follow each other.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order.
    declared : Declared
        Says which variables stay as they are over time.
    """
    findings: list[Finding] = []
    for before, after in itertools.pairwise(rounds):
        linked = linked_people(before, after, declared)
        findings += _near_links(before, after, declared)
        findings += _repeated_answers(linked, declared)
        for name, variable in declared.dictionary.variables.items():
            if variable.over_time != "free" and _in_both(linked, name):
                findings += _over_time(linked, declared, variable)
    return findings


def linked_people(before: Parsed, after: Parsed, declared: Declared) -> Linked:
    """People who consented in both of two rounds, by their respondent ids.

    Parameters
    ----------
    before, after : Parsed
        Two survey rounds.
    declared : Declared
        Names the respondent's column.
    """
    name = declared.study.columns.respondent
    ids = before.columns[name].values
    known = {ids[row]: int(row) for row in np.flatnonzero(before.consented) if ids[row] is not None}
    pairs = [
        (known[person], row)
        for row, person in enumerate(after.columns[name].values)
        if person in known and after.consented[row]
    ]
    earlier, later = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return Linked(before, after, earlier, later)


def _in_both(linked: Linked, name: str) -> bool:
    return name in linked.before.columns and name in linked.after.columns


def _over_time(linked: Linked, declared: Declared, variable: Variable) -> list[Finding]:
    """Answers of one person that cannot both be true."""
    old = _taken(linked.before.columns[variable.name], linked.earlier)
    new = _taken(linked.after.columns[variable.name], linked.later)
    known = ~_blank(old) & ~_blank(new)
    if variable.over_time == "same":
        differs = known & (old != new)
    else:
        differs = known.copy()
        low, high = _years(linked, declared)
        first, second = old[known].astype(float), new[known].astype(float)
        passed = second - first
        differs[known] = (passed < low[known]) | (passed > high[known])
        differs[known] &= ~_is_top(first, second)
    column = declared.raw(linked.after, variable.name)
    if differs.sum() > MANY and differs.sum() > MOST * known.sum():
        return [_of_the_file(linked, column, int(differs.sum()), int(known.sum()))]
    keys = linked.before.keys
    return [
        CHANGED_OVER_TIME.about(
            linked.after.file,
            column,
            linked.after.lines[linked.later[pair]],
            keys=keys[linked.earlier[pair]],
        )
        for pair in np.flatnonzero(differs)
    ]


def _is_top(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Ages at the highest of both rounds, where it is one: "95 and more" does not grow older."""
    if not len(first) or first.max() != second.max():
        return np.zeros(len(first), dtype=bool)
    return np.asarray(second == second.max())


def _of_the_file(linked: Linked, column: str, wrong: int, known: int) -> Finding:
    return PEOPLE_WHO_STAND.about(
        linked.after.file,
        column,
        known=f"{known:,}",
        path=linked.before.file.path,
        wrong=f"{wrong:,}",
    )


def _taken(column: Column, rows: NDArray[np.intp]) -> NDArray[np.object_]:
    return column.values[rows].astype(object)


def _blank(values: NDArray[np.object_]) -> NDArray[np.bool_]:
    # NaN differs from itself; the values may be dates and texts, of which isnan knows nothing
    return np.array([value is None or value != value for value in values], dtype=bool)  # noqa: PLR0124


def _years(linked: Linked, declared: Declared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most years that may lie between two ages told, for each pair."""
    study = declared.study
    first = interview_dates(linked.before, study)
    second = interview_dates(linked.after, study)
    starts = {entry.id: entry.start for entry in study.round}
    span = starts[linked.after.file.source] - starts[linked.before.file.source]
    years = np.full(len(linked.later), span.days / DAYS_A_YEAR)
    if first is not None and second is not None:
        days = second[linked.later] - first[linked.earlier]
        exact = ~np.isnat(days)
        years[exact] = days[exact].astype(float) / DAYS_A_YEAR
    return np.floor(years) - AGE_SLACK, np.ceil(years) + AGE_SLACK


def _repeated_answers(linked: Linked, declared: Declared) -> list[Finding]:
    """One round's answers delivered as another's, whatever ids and dates say."""
    names = [
        name
        for name, variable in declared.dictionary.variables.items()
        if variable.question is not None and variable.over_time == "free" and _in_both(linked, name)
    ]
    if len(names) < SMALLEST_QUESTIONS or len(linked.later) < SMALLEST_REPEAT:
        return []
    same = np.ones(len(linked.later), dtype=bool)
    for name in names:
        old, new = _numbered(linked.before.columns[name], linked.after.columns[name])
        same &= old[linked.earlier] == new[linked.later]
    if same.sum() <= MOST * len(same):
        return []
    return [
        SAME_ANSWERS.about(
            linked.after.file,
            n=f"{len(same):,}",
            path=linked.before.file.path,
            of=f"{int(same.sum()):,}",
            k=len(names),
        )
    ]


def _numbered(old: Column, new: Column) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The values of two columns as numbers: the same for the same value, -1 for none."""
    meanings = np.concatenate([old.meanings.astype(object), new.meanings.astype(object)])
    codes = pd.factorize(meanings)[0]
    return codes[: len(old.meanings)][old.codes], codes[len(old.meanings) :][new.codes]


def _near_links(before: Parsed, after: Parsed, declared: Declared) -> list[Finding]:
    """Ids that would link if both rounds wrote them alike (case, zeros, dashes)."""
    name = declared.study.columns.respondent
    old = {str(i) for i in before.columns[name].values if i is not None}
    bare = {_bare(identifier) for identifier in old}
    where = np.array(
        [
            person is not None and str(person) not in old and _bare(str(person)) in bare
            for person in after.columns[name].values
        ],
        dtype=bool,
    )
    rows = np.flatnonzero(where & after.consented)
    if not len(rows):
        return []
    return [
        NEAR_ID.about(
            after.file,
            declared.raw(after, name),
            after.lines[rows[0]],
            n=Count(len(rows), "interviews"),
            path=Plain(before.file.path),
        )
    ]


def _bare(identifier: str) -> str:
    return MARKS.sub("", plain_signs(identifier)).casefold().lstrip("0")


# as many people in both rounds make a panel study
PANEL = 50
# of so many people who gave a code, more than half give one other code later
CODED = 20
# With fewer people or questions the mean of their correlations is not known to 0.03.
PEOPLE, QUESTIONS = 200, 10
# Mean correlation of people's answers with their own of the other round, places' means taken out:
# 0.20 and 0.27 in the two studies. Ids given to other people of the same place make it 0.
UNRELATED = 0.05


@across_rounds
def traits(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Rules about the people of each two rounds that follow each other.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order.
    declared : Declared
        Says which variables stay as they are over time.
    """
    found: list[Finding] = []
    for before, after in itertools.pairwise(rounds):
        linked = linked_people(before, after, declared)
        if len(linked.later) < PANEL:
            continue
        found += _nothing_declared(linked, declared)
        for name, variable in declared.dictionary.variables.items():
            stays = variable.over_time == "same" and variable.type != "id"
            if stays and name in before.columns and name in after.columns:
                found += _codes_exchanged(linked, variable, declared)
        found += _unrelated(linked, declared)
    return found


def _nothing_declared(linked: Linked, declared: Declared) -> list[Finding]:
    variables = declared.dictionary.variables.values()
    if any(variable.over_time != "free" for variable in variables):
        return []
    return [
        NOTHING_STAYS.about(
            linked.after.file,
            declared.raw(linked.after, declared.study.columns.respondent),
            n=f"{len(linked.later):,}",
            file=linked.before.file.path,
        )
    ]


def _codes_exchanged(linked: Linked, variable: Variable, declared: Declared) -> list[Finding]:
    """Answers that most people who gave them have changed for one other answer."""
    old = linked.before.columns[variable.name].values[linked.earlier]
    new = linked.after.columns[variable.name].values[linked.later]
    known = ~pd.isna(old) & ~pd.isna(new)
    counts = pd.crosstab(old[known], new[known])
    moved = [
        value
        for value, row in counts.iterrows()
        if row.sum() >= CODED and row.idxmax() != value and 2 * row.max() > row.sum()
    ]
    if not moved:
        return []
    return [
        CODES_EXCHANGED.about(
            linked.after.file,
            declared.raw(linked.after, variable.name),
            item=variable.name,
            n=len(moved),
            file=linked.before.file.path,
        )
    ]


def _unrelated(linked: Linked, declared: Declared) -> list[Finding]:
    """Linked people whose answers resemble their own of the other round no more than others'."""
    before, after = linked.before, linked.after
    names = common_questions(before, after, declared)
    if len(linked.later) < PEOPLE or len(names) < QUESTIONS:
        return []
    old = _without_places(before, names, declared)[linked.earlier]
    new = _without_places(after, names, declared)[linked.later]
    own = (standardised(old) * standardised(new)).mean(axis=0)
    if float(own.mean()) >= UNRELATED:
        return []
    return [
        UNRELATED_PEOPLE.about(
            after.file,
            declared.raw(after, declared.study.columns.respondent),
            n=f"{len(linked.later):,}",
            file=before.file.path,
        )
    ]


def _without_places(parsed: Parsed, names: Sequence[str], declared: Declared) -> Floats:
    """Answers less their cluster's mean, zero where missing, shape (n, k)."""
    answers = pd.DataFrame(numeric_values(parsed, names))
    places = pd.factorize(row_clusters(parsed, declared.frame))[0]
    centred = answers - answers.groupby(places).transform("mean")
    return np.nan_to_num(centred.to_numpy())
