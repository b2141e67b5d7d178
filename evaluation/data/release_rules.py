"""What a release keeps of the clean panel, and in which of its two files.

A variable stays out unless a rule lets it in. Sensitive items, and outcomes made of one, go to a
file of their own whose persons and clusters have other ids: there they meet arm and round, and
no trait of a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.new_ids import Keyed
from evaluation.errors import DataError
from evaluation.spec.dictionary import CODED, Dictionary, Variable
from evaluation.spec.plan import Outcome, Plan
from evaluation.spec.release import Release
from evaluation.spec.study import Study

# width of the noise on a weight, and its decimals
NOISE, DECIMALS = 0.05, 2
SMALLEST_WEIGHT = 0.01


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
        raise DataError(
            "the study has no table [release]",
            where=f"{study.id}/study.toml",
            mend="declare the key variables and what to drop; without it nothing is released",
            rule="release-rules",
        )
    return study.release


def kept(panel: pd.DataFrame, dictionary: Dictionary, plan: Plan, study: Study) -> Kept:
    """Sort the panel's columns into the two files and what stays out.

    Raises
    ------
    DataError
        ``[release]`` names a variable that the panel lacks.
    """
    release = rules_of(study)
    _check_names(panel, release, study)
    secret = sensitive_names(dictionary, plan)
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


def sensitive_names(dictionary: Dictionary, plan: Plan) -> frozenset[str]:
    """Variables classed as sensitive, and outcomes that are or that use one of them."""
    found = {name for name, v in dictionary.variables.items() if v.personal == "sensitive"}
    for outcome in plan.outcome:  # an outcome may use one declared above it
        if outcome.sensitive or _uses(outcome, found):
            found.add(outcome.id)
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
        raise DataError(
            f"`[release]` names `{absent[0]}`, which the panel or `keys` lacks",
            where=f"{study.id}/study.toml",
            mend="correct the name",
            rule="release-rules",
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
            raise DataError(
                f"an arm has fewer than {least} clusters",
                where="public-data",
                mend="such a study cannot be released with its arms",
                rule="release-places",
            )
        first, second = ordered[:2]
        parts[tuple(sorted((*first, *second)))] = parts.pop(first) + parts.pop(second)


def released_weights(rows: pd.DataFrame, *, least: int, keyed: Keyed) -> NDArray[np.float64]:
    """Weights from which the size of a place cannot be read.

    Parameters
    ----------
    rows : DataFrame
        ``person``, ``place``, ``round``, ``arm``, ``area`` (released subregion) and ``weight``.
    least : int
        Clusters that share a mean weight.
    keyed : Keyed
        Source of the noise.

    Returns
    -------
    array, shape (N,)
        Within arm and released subregion, clusters are ordered by their mean weight and taken in
        groups of ``least`` (the rest joins the last group); each cluster's weights are scaled to
        its group's mean in the round. Then to the mean one within arm and round, times a number
        between 0.95 and 1.05 that the key draws for each row, rounded to two decimals.
    """
    groups = rows["place"].map(_size_groups(rows, least))
    own = rows.groupby(["place", "round"])["weight"].transform("mean")
    shared = rows.groupby([groups, "round"])["weight"].transform("mean")
    level = rows["weight"] / own * shared
    level = level / level.groupby([rows["arm"], rows["round"]]).transform("mean")
    names = (rows["person"] + "\0" + rows["round"]).tolist()
    noise = 1.0 + NOISE * (2.0 * keyed.uniform("weight", names) - 1.0)
    shown = np.round(level.to_numpy(dtype=float) * noise, DECIMALS)
    # a missing weight stays missing
    return np.where(np.isnan(shown), np.nan, np.maximum(shown, SMALLEST_WEIGHT))


def _size_groups(rows: pd.DataFrame, least: int) -> dict[str, str]:
    """Group of each place: its arm and area, and a number by size."""
    sized = rows.groupby(["arm", "area", "place"], sort=True)["weight"].mean().reset_index()
    found = {}
    for (arm, area), here in sized.groupby(["arm", "area"], sort=True):
        ordered = here.sort_values(["weight", "place"])["place"].tolist()
        last = max(len(ordered) // least, 1) - 1
        for i, place in enumerate(ordered):
            found[place] = f"{arm} {area} {min(i // least, last)}"
    return found


def months(dates: pd.Series) -> pd.Series:
    """Year and month, empty where the date is missing."""
    shown = [f"{d:%Y-%m}" if not pd.isna(d) else "" for d in dates]
    return pd.Series(shown, index=dates.index, dtype=object)
