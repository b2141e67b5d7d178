"""Weights that exist for one round only, carried to both rows of a panel respondent.

A plan may weight panel members by a variable that only the analysis file holds (a probability of
inclusion at endline). Such a weight belongs to the person, so it goes with the person's id to every
round; it is never given to anybody who was not seen in every round.
"""

import pandas as pd

from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.study import Study


def carried_weights(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Weights that the plan asks of panel members and only the analysis file holds, sorted.

    Parameters
    ----------
    plan : Plan
    dictionary : Dictionary
    """
    names = {
        s.weights.removeprefix("inverse:")
        for s in plan.specification
        if s.data == "panel" and s.sample == "panel_members" and s.weights != "none"
    }
    return tuple(sorted(n for n in names if set(dictionary.variables[n].raw) == {"analysis"}))


def carry(
    panel: pd.DataFrame, analysis: pd.DataFrame, names: tuple[str, ...], *, study: Study
) -> pd.DataFrame:
    """Add variables of the analysis file to the panel members' rows of every round.

    Parameters
    ----------
    panel : DataFrame, n rows
        Linked rounds with ``panel_member`` and the respondent's id.
    analysis : DataFrame
        Clean analysis file, one row per respondent; rows without an id are new respondents.
    names : tuple of str
        Variables to carry, from `carried_weights`.
    study : Study

    Returns
    -------
    DataFrame, n rows
        In the order of ``panel``, with one column and one ``__missing`` column per variable
        (``not_asked`` outside the panel members). The inputs are left alone.

    Raises
    ------
    DataError
        An id that stands twice in the analysis file, or a panel member without a row there.
    """
    column = study.columns.respondent
    known = analysis[analysis[column].notna()].set_index(column)
    members = panel["panel_member"].to_numpy(dtype=bool)
    if not known.index.is_unique:
        number = int(known.index.duplicated().sum())
        raise _refused(
            f"{number} rows repeat a respondent id"
            if number != 1
            else "a row repeats a respondent id"
        )
    absent = ~panel.loc[members, column].isin(known.index)
    if absent.any():
        number = int(absent.sum())
        raise _refused(
            f"{number} rows of panel members have no row in it"
            if number != 1
            else "a row of a panel member has no row in it"
        )
    added: dict[str, pd.Series] = {}
    for name in names:
        value = panel[column].map(known[name]).where(members)
        added[name] = value.astype("float64")
        kind = pd.Series("not_asked", index=panel.index, dtype=object)
        added[f"{name}__missing"] = kind.where(value.isna(), None)
    return pd.concat([panel, pd.DataFrame(added, index=panel.index)], axis=1)


def _refused(problem: str) -> DataError:
    return DataError(
        f"weights cannot be carried from the analysis file: {problem}",
        where="file with role analysis",
        mend="correct the ids through corrections.csv, or weight by a variable of the rounds",
        rule="carried-weight",
    )
