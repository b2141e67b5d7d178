"""People who stand in two rounds: what cannot change, what cannot be the same, one by one and all.

They show what no look at one file can: ids that moved against the answers, one delivery saved
under two names, ids that only their writing keeps apart.

Person by person, and all of them together: two codes that changed places, ids that link people who
have nothing in common, and a study that declares nothing by which either would show.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Variable
from evaluation.data.cleaning.parse import Parsed, ParsedColumn
from evaluation.data.clusters import interview_dates, row_clusters
from evaluation.data.rules.rule import (
    DataRule,
    Declared,
    Floats,
    across_rounds,
    common_questions,
)
from evaluation.data.spelling import plain_signs
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Count, Plain

CHANGED_OVER_TIME = DataRule("changed-over-time", "warn")
PEOPLE_WHO_STAND = DataRule("changed-over-time", "error", "people-who-stand", "one-two-files")
SAME_ANSWERS = DataRule("same-answers", "error")
NEAR_ID = DataRule("near-id", "warn")
NOTHING_STAYS = DataRule("nothing-stays", "warn")
CODES_EXCHANGED = DataRule("codes-exchanged", "error")
UNRELATED_PEOPLE = DataRule("unrelated-people", "warn")


DAYS_A_YEAR = 365.25
# people round their age, and a birthday may lie between interview and calendar
AGE_SLACK = 1
# from here on, and where most people are concerned, it is one flaw of the file
MANY = 20
MOST = 0.5
# answers of another day that are all the same: with fewer people or questions it may be chance
SMALLEST_REPEAT = 20
SMALLEST_QUESTIONS = 5
# a point between digits is none: 42.0 is not 420
MARKS = re.compile(r"(?:(?!(?<=\d)[.,]\d)[\s\W_])+")


@dataclass(frozen=True, slots=True)
class LinkedMembers:
    """People of two rounds: positions of their rows, pair by pair."""

    before: Parsed
    after: Parsed
    earlier: NDArray[np.intp]
    later: NDArray[np.intp]

    def has(self, name: str) -> bool:
        """Whether both rounds have a variable."""
        return name in self.before.columns and name in self.after.columns


@across_rounds
def people(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """All rules about people in two rounds that follow each other.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order.
    declared : Declared
        Says which variables stay as they are over time.
    """
    for before, after in itertools.pairwise(rounds):
        linked = declared.once(linked_people, before, after)
        both = [v for v in declared.dictionary.variables.values() if linked.has(v.name)]
        is_panel = len(linked.later) >= PANEL
        yield from _near_links(linked, declared)
        yield from _repeated_answers(linked, both)
        for variable in (v for v in both if v.over_time != "free"):
            if variable.over_time != "mostly":
                yield from _over_time(linked, declared, variable)
            if is_panel and variable.over_time != "ages" and variable.type != "id":
                yield from _codes_exchanged(linked, variable.name)
        if is_panel:
            yield from _nothing_declared(linked, declared)
            yield from _unrelated(linked, declared)


def linked_people(before: Parsed, after: Parsed, declared: Declared) -> LinkedMembers:
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
    return LinkedMembers(before, after, earlier, later)


def _over_time(linked: LinkedMembers, declared: Declared, variable: Variable) -> Iterator[Finding]:
    """Answers of one person that cannot both be true."""
    name, before = variable.name, linked.before
    old = before.columns[name].values[linked.earlier].astype(object)
    new = linked.after.columns[name].values[linked.later].astype(object)
    known = pd.notna(old) & pd.notna(new)
    if variable.over_time == "same":
        differs = known & (old != new)
    else:
        differs = known.copy()
        low, high = _years(linked, declared)
        first, second = old[known].astype(float), new[known].astype(float)
        passed = second - first
        differs[known] = (passed < low[known]) | (passed > high[known])
        differs[known] &= ~_is_top(first, second)
    wrong, people = int(differs.sum()), int(known.sum())
    if wrong > MANY and wrong > MOST * people:
        said = {"known": f"{people:,}", "path": before.file.path, "wrong": f"{wrong:,}"}
        yield PEOPLE_WHO_STAND.at(linked.after, name, **said)
        return
    for first, row in zip(linked.earlier[differs], linked.later[differs], strict=True):
        yield CHANGED_OVER_TIME.at(linked.after, name, row, keys=before.key(first))


def _is_top(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Ages at the highest of both rounds, where it is one: "95 and more" does not grow older."""
    if not len(first) or first.max() != second.max():
        return np.zeros(len(first), dtype=bool)
    return np.asarray(second == second.max())


def _years(
    linked: LinkedMembers, declared: Declared
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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


def _repeated_answers(linked: LinkedMembers, both: Sequence[Variable]) -> Iterator[Finding]:
    """One round's answers delivered as another's, whatever ids and dates say."""
    names = [v.name for v in both if v.question is not None and v.over_time == "free"]
    if len(names) < SMALLEST_QUESTIONS or len(linked.later) < SMALLEST_REPEAT:
        return
    same = np.ones(len(linked.later), dtype=bool)
    for name in names:
        old, new = numbered(linked.before.columns[name], linked.after.columns[name])
        same &= old[linked.earlier] == new[linked.later]
    if same.sum() > MOST * len(same):
        n, path, of = f"{len(same):,}", linked.before.file.path, f"{same.sum():,}"
        yield SAME_ANSWERS.about(linked.after.file, n=n, path=path, of=of, k=len(names))


def numbered(old: ParsedColumn, new: ParsedColumn) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The values of two columns as numbers: the same for the same value, -1 for none."""
    pair = old.meanings, new.meanings
    if pair[0].dtype != pair[1].dtype:
        pair = old.meanings.astype(object), new.meanings.astype(object)
    meanings = np.concatenate(pair)
    codes = pd.factorize(meanings)[0]
    return codes[: len(old.meanings)][old.codes], codes[len(old.meanings) :][new.codes]


def _near_links(linked: LinkedMembers, declared: Declared) -> Iterator[Finding]:
    """Ids that would link if both rounds wrote them alike (case, zeros, dashes)."""
    name, before, after = declared.study.columns.respondent, linked.before, linked.after
    old = {str(i) for i in before.columns[name].values if i is not None}
    bare = {_bare(identifier) for identifier in old}
    where = after.columns[name].texts_where(
        [
            person is not None and str(person) not in old and _bare(str(person)) in bare
            for person in after.columns[name].meanings
        ]
    )
    rows = np.flatnonzero(where & after.consented)
    if len(rows):
        said = {"n": Count(len(rows), "interviews"), "path": Plain(before.file.path)}
        yield NEAR_ID.at(after, name, rows[0], **said)


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


def _nothing_declared(linked: LinkedMembers, declared: Declared) -> Iterator[Finding]:
    if all(v.over_time == "free" for v in declared.dictionary.variables.values()):
        yield NOTHING_STAYS.at(
            linked.after,
            declared.study.columns.respondent,
            n=f"{len(linked.later):,}",
            file=linked.before.file.path,
        )


def _codes_exchanged(linked: LinkedMembers, name: str) -> Iterator[Finding]:
    """Answers that most people who gave them have changed for one other answer."""
    old = linked.before.columns[name].values[linked.earlier]
    new = linked.after.columns[name].values[linked.later]
    known = ~pd.isna(old) & ~pd.isna(new)
    counts = pd.crosstab(old[known], new[known])
    moved = sum(
        1
        for value, row in counts.iterrows()
        if row.sum() >= CODED and row.idxmax() != value and 2 * row.max() > row.sum()
    )
    if moved:
        file = linked.before.file.path
        yield CODES_EXCHANGED.at(linked.after, name, item=name, n=int(moved), file=file)


def _unrelated(linked: LinkedMembers, declared: Declared) -> Iterator[Finding]:
    """Linked people whose answers resemble their own of the other round no more than others'."""
    before, after = linked.before, linked.after
    names = common_questions(before, after, declared)
    if len(linked.later) < PEOPLE or len(names) < QUESTIONS:
        return
    # people of unknown places are one more place
    places = tuple(pd.factorize(row_clusters(p, declared.frame))[0] + 1 for p in (before, after))
    own = [
        _alike(
            _without_places(before, name, places[0])[linked.earlier],
            _without_places(after, name, places[1])[linked.later],
        )
        for name in names
    ]
    if math.fsum(own) / len(own) < UNRELATED:
        said = {"n": f"{len(linked.later):,}", "file": before.file.path}
        yield UNRELATED_PEOPLE.at(after, declared.study.columns.respondent, **said)


def _without_places(parsed: Parsed, name: str, places: NDArray[np.intp]) -> Floats:
    """Answers less their cluster's mean, zero where missing."""
    answers = parsed.numbers(name)
    known = ~np.isnan(answers)
    here, given = places[known], answers[known]
    means = np.bincount(here, given) / np.maximum(np.bincount(here), 1)
    found = np.zeros(len(answers))
    found[known] = given - means[here]
    return found


def _alike(one: Floats, other: Floats) -> float:
    """Correlation of two columns; zero where one does not vary."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 0 else 0.0
