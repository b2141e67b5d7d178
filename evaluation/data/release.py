"""The de-identified release of a survey panel: rows of persons, and a table of sensitive items.

REQUIRES the clean panel with the frame's facts. CREATES a file of persons' rows with protected key
variables, and sensitive items as numbers by arm and round; neither holds an old id, a name, date,
text, place or frame variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.data import anonymise
from evaluation.data.clean import MISSING
from evaluation.data.new_ids import Keyed
from evaluation.data.release_rules import (
    Kept,
    kept,
    merged_subregions,
    released_weights,
    rules_of,
)
from evaluation.data.release_table import sensitive_table
from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.release import Recoding
from evaluation.spec.study import Study

MAIN, SENSITIVE = "panel", "sensitive"
# Counts beside the key variables and is never blanked: without it there is nothing to compare.
ARM = "arm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release and what was done to make it.

    Attributes
    ----------
    panel : DataFrame
        Rows of persons, in an order drawn by the key.
    sensitive : DataFrame
        Of :func:`evaluation.data.release_table.sensitive_table`.
    rows : DataFrame
        The panel they were made from, with the columns of the design in plain names; never
        published.
    persons_before, persons_after : DataFrame, one row per person
        Key variables and arm as they would stand and as they stand.
    kept : Kept
        Columns by file.
    steps : tuple of Recoding
        Global recodings that were applied.
    blanked : mapping of str to int
        Persons whose value was blanked, by key variable.
    areas : mapping of str to str
        Released name of each subregion.
    withheld : tuple of str
        Sensitive items that stay out of the table.
    """

    panel: pd.DataFrame
    sensitive: pd.DataFrame
    rows: pd.DataFrame
    persons_before: pd.DataFrame
    persons_after: pd.DataFrame
    kept: Kept
    steps: tuple[Recoding, ...]
    blanked: Mapping[str, int]
    areas: Mapping[str, str]
    withheld: tuple[str, ...]


def release(
    panel: pd.DataFrame, dictionary: Dictionary, plan: Plan, study: Study, *, key: bytes
) -> Released:
    """Make the release.

    Parameters
    ----------
    panel : DataFrame
        The clean panel.
    dictionary, plan, study
        What was declared; ``study.release`` holds the rules.
    key : bytes
        Secret of the new ids.

    Raises
    ------
    DataError
        No rules are declared, or k persons per combination cannot be reached.
    """
    rules, columns = rules_of(study), kept(panel, dictionary, plan, study)
    rows, areas = _design(panel, study)
    before = anonymise.first_observed(rows, "person", [*rules.keys, ARM])
    places = rows.groupby("person", sort=True)["place"].first()
    located = before.assign(**{anonymise.PLACE: places.reindex(before.index)})
    wider, steps = anonymise.generalise(located, rules, fixed=[ARM])
    free = [name for name in rules.keys if name != study.columns.subregion]
    fixed = [name for name in rules.keys if name not in free]
    after, blanked = anonymise.suppress_locally(wider, free, k=rules.k, fixed=[*fixed, ARM])
    check_places(after, [*rules.keys, ARM, anonymise.SEEN])
    after = after.drop(columns=anonymise.PLACE)
    main = _file(rows, after, study, key=key, items=columns.main)
    check_k(main, ["round", ARM, *rules.keys, "weight"], k=rules.k)
    nominal = {name for name, v in dictionary.variables.items() if v.type == "nominal"}
    items = tuple(name for name in columns.sensitive if name not in nominal)
    table, shown = sensitive_table(rows, items, study)
    return Released(
        panel=_shuffled(main, study, key=key),
        sensitive=table.assign(synthetic=study.mark) if study.mark else table,
        rows=rows,
        persons_before=before,
        persons_after=after,
        kept=columns,
        steps=steps,
        blanked=blanked,
        areas=areas,
        withheld=tuple(name for name in columns.sensitive if name not in shown),
    )


def _design(panel: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, dict[str, str]]:
    """The panel with plain names for its design, and key variables as text."""
    names, rules = study.columns, rules_of(study)
    if names.subregion is None or names.weight is None:
        raise DataError(
            message("release-rules.problem"),
            where=f"{study.id}/study.toml",
            mend=message("release-rules.mend"),
            rule="release-rules",
        )
    places = panel.drop_duplicates(names.cluster)
    areas = merged_subregions(places, study, least=rules.places_per_arm)
    rows = panel.assign(
        person=panel[names.respondent].astype(str),
        place=panel[names.cluster].astype(str),
        arm=panel[names.arm].astype(str),
        area=panel[names.subregion].astype(str).map(areas),
        weight=panel[names.weight].astype(float),
    )
    for key in rules.keys:
        if key == names.subregion:
            rows[key] = rows["area"].astype(object)
        elif key == rules.age:
            rows[key] = anonymise.age_bands(panel[key])
        else:
            rows[key] = anonymise.as_text(panel[key])
    order = {name: i for i, name in enumerate(study.rounds)}
    return rows.sort_values("round", key=lambda r: r.map(order), kind="stable"), areas


def check_places(persons: pd.DataFrame, names: list[str]) -> None:
    """That no combination to be released points to a place, counted again.

    Parameters
    ----------
    persons : DataFrame
        As they would stand, with ``PLACE``.
    names : list of str
        What is shown of a person beside answers.

    Raises
    ------
    DataError
        More than half of a combination's persons live in one place.
    """
    shares = persons.groupby(names)[anonymise.PLACE].agg(
        lambda places: places.value_counts().iloc[0] / len(places)
    )
    if shares.max() > anonymise.MOST_OF_A_PLACE:
        raise DataError(
            message("release-place.problem"),
            where="public-data",
            mend=message("release-place.mend"),
            rule="release-place",
        )


def check_k(panel: pd.DataFrame, names: list[str], *, k: int) -> None:
    """The promise itself, counted again on what is about to be written.

    Parameters
    ----------
    panel : DataFrame
        Rows to be released, with ``person``.
    names : list of str
        All columns but ids and answers; a person shows their values in all rows.
    k : int
        Persons that shall show the same.

    Raises
    ------
    DataError
        Fewer do.
    """
    texts = panel[names].astype(str).agg("\0".join, axis=1)
    shown = texts.groupby(panel["person"]).agg(lambda rows: "\n".join(sorted(rows)))
    smallest = int(shown.value_counts().min())
    if smallest < k:
        raise DataError(
            message("persons-share.problem", smallest=smallest, k=k),
            where="public-data",
            mend=message("declare-wider.mend"),
            rule="release-k",
        )


def _file(
    rows: pd.DataFrame,
    persons: pd.DataFrame,
    study: Study,
    *,
    key: bytes,
    items: tuple[str, ...],
) -> pd.DataFrame:
    """Rows of persons: their design, their traits as protected, their answers."""
    ids = Keyed(key, f"{study.id}\0{MAIN}").ids("person", rows["person"])
    shown = persons.loc[rows["person"]].set_axis(rows.index)
    columns: dict[str, object] = {
        "person": rows["person"].map(ids),
        "round": rows["round"],
        ARM: shown[ARM],
        **{name: shown[name] for name in rules_of(study).keys},
        "weight": released_weights(rows, shown),
    }
    for item in items:
        columns[item] = rows[item]
        if f"{item}{MISSING}" in rows.columns:
            columns[f"{item}{MISSING}"] = rows[f"{item}{MISSING}"]
    return pd.DataFrame(columns, index=rows.index)


def _shuffled(table: pd.DataFrame, study: Study, *, key: bytes) -> pd.DataFrame:
    names = (table["person"] + "\0" + table["round"]).tolist()
    order = Keyed(key, f"{study.id}\0{MAIN}").shuffled("row", names)
    shown = table.iloc[order].reset_index(drop=True)
    for column in shown.columns:
        if pd.api.types.is_float_dtype(shown[column]):
            # minus zero and zero would be told apart in text
            shown[column] = shown[column].to_numpy(dtype=np.float64) + 0.0
    if study.mark:
        shown = shown.assign(synthetic=study.mark)
    return shown
