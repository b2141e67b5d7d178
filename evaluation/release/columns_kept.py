"""What a release keeps of the clean panel, and in which of its two files.

A variable stays out unless a rule lets it in. Sensitive items, and outcomes made of one, are not
released by person at all: they go to a table of arms and rounds. So do the questions that lead to
an item that stays out, and all that they lead to: a yes beside shown items that are all no points
to what is not shown, and so does a blank of an item that only a yes leads to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.confidentiality import sensitive_variables
from evaluation.config.dependency_scope import CONSENT
from evaluation.config.dictionary import CODED, Dictionary, Variable
from evaluation.config.plan import Outcome, Plan
from evaluation.config.release_rules import Release
from evaluation.config.study import Study
from evaluation.errors import DataError

# a weight's decimals: fewer values than places
DECIMALS, SMALLEST_WEIGHT = 1, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Columns of the release beside its design.

    Attributes
    ----------
    main, sensitive : tuple of str
        Items and outcomes of the two files.
    left_out : mapping of str to str
        Columns that stay behind, and the rule.
    """

    main: tuple[str, ...]
    sensitive: tuple[str, ...]
    left_out: Mapping[str, str]


def rules_of(study: Study) -> Release:
    """The study's rules.

    Raises
    ------
    DataError
        It has none: nothing is released by default.
    """
    if study.release is None:
        raise DataError.of(
            "study-no-table",
            "declare-key-variables",
            f"{study.id}/study.toml",
            rule="release-rules",
        )
    return study.release


def kept(panel: pd.DataFrame, dictionary: Dictionary, plan: Plan, study: Study) -> Kept:
    """Sort the panel's columns into the two files and what stays out.

    Parameters
    ----------
    panel : DataFrame
        The clean panel.
    dictionary : Dictionary
    plan : Plan
    study : Study

    Raises
    ------
    DataError
        ``[release]`` names a variable that the panel lacks.
    """
    release = rules_of(study)
    _check_names(panel, release, study)
    secret = sensitive_names(dictionary, plan, withheld=release.drop)
    outcomes = {outcome.id for outcome in plan.outcome}
    main, sensitive, left_out = [], [], {}
    for name in (str(c) for c in panel.columns if not str(c).endswith("__missing")):
        reason = "" if name in outcomes else _reason(name, dictionary, study)
        if reason:
            left_out[name] = reason
        elif name in secret:
            sensitive.append(name)
        else:
            main.append(name)
    return Kept(main=tuple(main), sensitive=tuple(sensitive), left_out=left_out)


def sensitive_names(
    dictionary: Dictionary, plan: Plan, *, withheld: Collection[str] = ()
) -> frozenset[str]:
    """Variables that tell a withheld answer, and outcomes that are or that use one of them.

    Parameters
    ----------
    dictionary, plan
        What was declared.
    withheld : collection of str
        Variables that a release leaves out beside the sensitive ones.
    """
    found = set(sensitive_variables(dictionary.variables))
    found |= pointing(dictionary, found | set(withheld))
    for outcome in plan.outcome:  # an outcome may use one declared above it
        if outcome.sensitive or _uses(outcome, found):
            found.add(outcome.id)
    return frozenset(found)


def pointing(dictionary: Dictionary, withheld: Collection[str]) -> frozenset[str]:
    """Questions that lead to an item that is withheld, and every item that they lead to.

    Parameters
    ----------
    dictionary : Dictionary
    withheld : collection of str
        Items of which no row is released.
    """
    led_to = {
        name: v.asked_if.variable
        for name, v in dictionary.variables.items()
        if v.asked_if is not None and v.asked_if.variable != CONSENT
    }
    found = {by for name, by in led_to.items() if name in withheld}
    while more := {by for name, by in led_to.items() if name in found} - found:
        found |= more
    while more := {name for name, by in led_to.items() if by in found} - found:
        found |= more
    return frozenset(found)


def _uses(outcome: Outcome, names: set[str]) -> bool:
    return any(item.name in names for item in outcome.items)


def _reason(name: str, dictionary: Dictionary, study: Study) -> str:
    """Why a column is not released as it is; empty where it is."""
    release, variable = rules_of(study), dictionary.variables.get(name)
    if name in release.keys or name in (study.columns.weight, study.columns.date):
        return "released in another form"
    if name in release.drop:
        return "named in `drop`"
    if variable is None or name in ("round", study.columns.arm):
        return "design, paradata or mark"
    return _reason_of_variable(variable)


def _reason_of_variable(variable: Variable) -> str:
    if variable.personal in ("direct", "quasi"):
        return f"personal data: {variable.personal}"
    if variable.type not in (*CODED, "count", "number"):
        return f"type {variable.type}"
    if not set(variable.raw) - {"frame", "series", "published"}:
        return "describes the cluster"
    return ""


def _check_names(panel: pd.DataFrame, release: Release, study: Study) -> None:
    absent = [n for n in (*release.keys, *release.drop) if n not in panel.columns]
    if release.age and release.age not in release.keys:
        absent.append(release.age)
    if absent:
        raise DataError.of(
            "names-panel-lacks",
            "correct-the-name",
            f"{study.id}/study.toml",
            rule="release-rules",
            absent=absent[0],
        )


def merged_subregions(places: pd.DataFrame, study: Study, *, least: int) -> dict[str, str]:
    """Subregions joined until each holds ``least`` clusters of every arm.

    The subregion with the fewest clusters in its smaller arm joins the next one by that number;
    ties in the order of the names. A joined one is named after its parts.

    Parameters
    ----------
    places : DataFrame, one row per cluster
    study : Study
        Names of arm and subregion.
    least : int
        Clusters of each arm.

    Returns
    -------
    dict of str to str
        Released name of each subregion.

    Raises
    ------
    DataError
        All clusters together are too few.
    """
    arms = [arm.id for arm in study.arm]
    region = places[study.columns.subregion].astype(str)
    counts = pd.crosstab(region, places[study.columns.arm]).reindex(columns=arms, fill_value=0)
    parts = {(name,): counts.loc[name].to_numpy() for name in sorted(counts.index)}
    while True:
        ordered = sorted(parts, key=lambda names: (int(parts[names].min()), names))
        if parts[ordered[0]].min() >= least:
            return {name: "+".join(names) for names in parts for name in names}
        if len(ordered) == 1:
            raise DataError.of(
                "release-places",
                "release-places",
                "public-data",
                rule="release-places",
                least=least,
            )
        first, second = ordered[:2]
        parts[tuple(sorted((*first, *second)))] = parts.pop(first) + parts.pop(second)


def equal_weights(rows: pd.DataFrame) -> pd.Series:
    """Weights of mean one within each place and round: every place counts the same.

    The size of a place is gone from them.
    """
    return rows["weight"] / rows.groupby(["place", "round"])["weight"].transform("mean")


def released_weights(rows: pd.DataFrame, shown: pd.DataFrame) -> NDArray[np.float64]:
    """Weights that tell nothing beside what else is shown of a person.

    Parameters
    ----------
    rows : DataFrame
        ``place``, ``round`` and ``weight``.
    shown : DataFrame, in the order of ``rows``
        Everything that is released of the row's person beside answers.

    Returns
    -------
    array, shape (N,)
        :func:`equal_weights`, as a mean over all rows of the round that show the same, to one
        decimal and at least 0.1; missing where all of them are.
    """
    same = [shown[name].to_numpy() for name in shown.columns]
    means = equal_weights(rows).groupby([rows["round"].to_numpy(), *same]).transform("mean")
    weights = np.round(means.to_numpy(dtype=float), DECIMALS)
    return np.where(np.isnan(weights), np.nan, np.maximum(weights, SMALLEST_WEIGHT))
