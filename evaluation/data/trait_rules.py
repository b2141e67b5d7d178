"""What people who stand in two rounds say of their ids and of columns that cannot change.

Beside :mod:`evaluation.data.panel_rules`, which compares person by person, these look at all of
them together: two codes that changed places, ids that link people who have nothing in common, and
a study that declares nothing by which either would show.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.data.answer_matrix import Floats, common_questions, standardised, values
from evaluation.data.declared import Declared
from evaluation.data.finding import about_file
from evaluation.data.panel_rules import Linked, linked_people
from evaluation.data.parse import Parsed
from evaluation.data.timing import row_clusters
from evaluation.locale.messages import message
from evaluation.spec.dictionary import Variable
from evaluation.spec.records import Finding

# as many people in both rounds make a panel study
PANEL = 50
# of so many people who gave a code, more than half give one other code later
CODED = 20
# With fewer people or questions the mean of their correlations is not known to 0.03.
PEOPLE, QUESTIONS = 200, 10
# Mean correlation of people's answers with their own of the other round, places' means taken out:
# 0.20 and 0.27 in the two studies. Ids given to other people of the same place make it 0.
UNRELATED = 0.05


def rules(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
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
        about_file(
            linked.after.file,
            rule="nothing-stays",
            severity="warn",
            column=declared.raw(linked.after, declared.study.columns.respondent),
            problem=message(
                "nothing-stays.problem",
                n=f"{len(linked.later):,}",
                file=linked.before.file.path,
            ),
            mend=message("nothing-stays.mend"),
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
        about_file(
            linked.after.file,
            rule="codes-exchanged",
            severity="error",
            column=declared.raw(linked.after, variable.name),
            problem=message(
                "codes-exchanged.problem",
                item=variable.name,
                n=len(moved),
                file=linked.before.file.path,
            ),
            mend=message("codes-exchanged.mend"),
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
        about_file(
            after.file,
            rule="unrelated-people",
            severity="warn",
            column=declared.raw(after, declared.study.columns.respondent),
            problem=message(
                "unrelated-people.problem", n=f"{len(linked.later):,}", file=before.file.path
            ),
            mend=message("unrelated-people.mend"),
        )
    ]


def _without_places(parsed: Parsed, names: Sequence[str], declared: Declared) -> Floats:
    """Answers less their cluster's mean, zero where missing, shape (n, k)."""
    answers = pd.DataFrame(values(parsed, names))
    places = pd.factorize(row_clusters(parsed, declared.frame))[0]
    centred = answers - answers.groupby(places).transform("mean")
    return np.nan_to_num(centred.to_numpy())
