"""Weights that exist for one round only, carried to the rows of the panel.

A plan may weight panel members by a variable that only the analysis file holds (a probability of
inclusion at endline). Such a weight belongs to the person, so it goes with the person's id to
every round; it is never given to anybody who was not seen in every round. A plan that weights
everybody seen at endline needs it for people without an id as well: they get it where it is the
same in all rows of their cluster, so that it belongs to the cluster.
"""

from collections.abc import Iterable

import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Plan, Specification
from evaluation.config.study import Study
from evaluation.data.findings import Rule

CARRIED_REPEATED = Rule("carried-weight", "error", "carried-repeated")
CARRIED_ABSENT = Rule("carried-weight", "error", "carried-absent")
WEIGHT_DIFFERS_IN_CLUSTER = Rule(
    "carried-weight", "error", "weight-differs-in-cluster", "weight-differs-in-cluster"
)

ANALYSIS = "file with role analysis"


def carried_weights(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Weights that the plan asks of panel members and only the analysis file holds, sorted.

    Parameters
    ----------
    plan : Plan
    dictionary : Dictionary
    """
    members = (s for s in plan.specification if s.sample == "panel_members")
    lagged = (s for s in plan.specification if s.lag == "respondent")
    return _of_analysis(dictionary, (*members, *lagged))


def cluster_weights(plan: Plan, dictionary: Dictionary) -> tuple[str, ...]:
    """Those of `carried_weights` that the plan asks of everybody seen at endline, sorted."""
    asked = [s for s in plan.specification if s.lag == "respondent"]
    return _of_analysis(dictionary, asked)


def _of_analysis(dictionary: Dictionary, asked: Iterable[Specification]) -> tuple[str, ...]:
    """Weights of the panel that only the analysis file holds."""
    names = {
        s.weights.removeprefix("inverse:")
        for s in asked
        if s.data == "panel" and s.weights != "none"
    }
    return tuple(sorted(n for n in names if set(dictionary.variables[n].raw) == {"analysis"}))


def carry(
    panel: pd.DataFrame,
    analysis: pd.DataFrame,
    names: tuple[str, ...],
    *,
    study: Study,
    of_clusters: tuple[str, ...] = (),
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
    of_clusters : tuple of str
        Those of the variables, from `cluster_weights`, that everybody gets in the last round.

    Returns
    -------
    DataFrame, n rows
        In the order of ``panel``, with one column and one ``__missing`` column per variable
        (``not_asked`` where nobody has it). The inputs are left alone.

    Raises
    ------
    DataError
        An id that stands twice in the analysis file, a panel member without a row there, or a
        variable of clusters that differs within one.
    """
    column = study.columns.respondent
    known = analysis[analysis[column].notna()].set_index(column)
    members = panel["panel_member"].to_numpy(dtype=bool)
    if not known.index.is_unique:
        number = int(known.index.duplicated().sum())
        raise CARRIED_REPEATED.refused(ANALYSIS, n=number)
    absent = ~panel.loc[members, column].isin(known.index)
    if absent.any():
        number = int(absent.sum())
        raise CARRIED_ABSENT.refused(ANALYSIS, n=number)
    added: dict[str, pd.Series] = {}
    for name in names:
        value = panel[column].map(known[name]).where(members)
        if name in of_clusters:
            last = panel["round"] == study.round[-1].id
            value = value.fillna(_of_clusters(panel, analysis, name, study).where(last))
        added[name] = value.astype("float64")
        kind = pd.Series("not_asked", index=panel.index, dtype=object)
        added[f"{name}__missing"] = kind.where(value.isna(), None)
    return pd.concat([panel, pd.DataFrame(added, index=panel.index)], axis=1)


def _of_clusters(panel: pd.DataFrame, analysis: pd.DataFrame, name: str, study: Study) -> pd.Series:
    """A variable that is the same in all of a cluster's rows of the analysis file, by row."""
    cluster = study.columns.cluster
    given = analysis[[cluster, name]].drop_duplicates()
    differs = int(given[cluster].duplicated(keep="first").sum())
    if differs:
        raise WEIGHT_DIFFERS_IN_CLUSTER.refused(ANALYSIS, variable=name, number=differs)
    return panel[cluster].map(given.set_index(cluster)[name])
