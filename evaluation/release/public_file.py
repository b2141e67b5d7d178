"""The de-identified release of a survey panel: rows of persons, and a table of sensitive items.

REQUIRES the clean panel with the frame's facts. CREATES a file of persons' rows with protected key
variables, and sensitive items as numbers by arm and round; neither holds an old id, a name, date,
text, place or frame variable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Plan
from evaluation.config.release_rules import Recoding
from evaluation.config.study import Study
from evaluation.data.cleaning.clean import MISSING
from evaluation.errors import DataError
from evaluation.release import anonymity
from evaluation.release.anonymity import Keyed
from evaluation.release.columns_kept import (
    Kept,
    equal_weights,
    kept,
    merged_subregions,
    released_weights,
    rules_of,
)
from evaluation.report.disclosure import rounded_interviews

# respondents behind every number
MINIMUM = 30
COLUMNS = ("item", "round", "arm", "statistic", "value", "respondents")
PERCENT, MEAN = "percent", "mean"
# never so many that a single answer could be told from the number
DECIMALS = {PERCENT: 1, MEAN: 2}


def sensitive_table(
    rows: pd.DataFrame, items: tuple[str, ...], study: Study
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Weighted percentages and means by arm and round, in which every place counts the same.

    Parameters
    ----------
    rows : DataFrame
        Interviews with ``place``, ``round``, ``arm``, ``weight`` and the items.
    items : tuple of str
        Items whose numbers may be averaged; those of two values, 0 and 1 or 0 and 100, become
        percentages.
    study : Study
        Orders of rounds and arms, and the rules.

    Returns
    -------
    DataFrame, tuple of str
        One row per item, round and arm in which it was asked, and the items that are there.
        Respondents are rounded to the least number of interviews that may be published. An
        item is left out as a whole where one of its numbers rests on fewer than ``MINIMUM``
        respondents or fewer than l different answers, where fewer than k respondents answered
        otherwise than most, or where it shows as the lowest or highest possible one.
    """
    weights, found = equal_weights(rows), []
    for item in items:
        lines = _lines(item, rows, weights, study)
        if lines and all(line is not None for line in lines):
            found += lines
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table, tuple(dict.fromkeys(table["item"]))


def _lines(
    item: str, rows: pd.DataFrame, weights: pd.Series, study: Study
) -> list[dict[str, object] | None]:
    """Rows of the table; none in the place of one that must not be shown."""
    values = rows[item].astype(float)
    said = set(values.dropna())
    statistic = PERCENT if said <= {0.0, 1.0} or said <= {0.0, 100.0} else MEAN
    if statistic == PERCENT and said <= {0.0, 1.0}:
        values = 100.0 * values
    ends = (0.0, 100.0) if statistic == PERCENT else (values.min(), values.max())
    lines: list[dict[str, object] | None] = []
    for name in study.rounds:
        for arm in study.arm:
            here = values[(rows["round"] == name) & (rows["arm"] == arm.id)].dropna()
            if here.empty:
                continue
            if not _enough(here, study):
                lines.append(None)
                continue
            mean = np.average(here, weights=weights[here.index].fillna(0.0))
            value = round(float(mean), DECIMALS[statistic])
            # the file of persons has the arm's size: less an exact number it would count few
            people = rounded_interviews(len(here), study.minimum_cell)
            line = (item, name, arm.id, statistic, value, people)
            inside = ends[0] < value < ends[1]
            lines.append(dict(zip(COLUMNS, line, strict=True)) if inside else None)
    return lines


def _enough(answers: pd.Series, study: Study) -> bool:
    """Whether a number of these answers hides each of them."""
    rules, counts = rules_of(study), answers.value_counts()
    others = len(answers) - cast(int, counts.max())
    return len(answers) >= MINIMUM and len(counts) >= rules.l and others >= rules.k


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
        Of :func:`sensitive_table`.
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
    before = anonymity.first_observed(rows, "person", [*rules.keys, ARM])
    places = rows.groupby("person", sort=True)["place"].first()
    located = before.assign(**{anonymity.PLACE: places.reindex(before.index)})
    wider, steps = anonymity.generalise(located, rules, fixed=[ARM])
    free = [name for name in rules.keys if name != study.columns.subregion]
    fixed = [name for name in rules.keys if name not in free]
    after, blanked = anonymity.suppress_locally(wider, free, k=rules.k, fixed=[*fixed, ARM])
    check_places(after, [*rules.keys, ARM, anonymity.SEEN])
    after = after.drop(columns=anonymity.PLACE)
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
        raise DataError.of(
            "release-rules", "release-rules", f"{study.id}/study.toml", rule="release-rules"
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
            rows[key] = anonymity.age_bands(panel[key])
        else:
            rows[key] = anonymity.as_text(panel[key])
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
    shares = persons.groupby(names)[anonymity.PLACE].agg(
        lambda places: places.value_counts().iloc[0] / len(places)
    )
    if shares.max() > anonymity.MOST_OF_A_PLACE:
        raise DataError.of("release-place", "release-place", "public-data", rule="release-place")


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
        raise DataError.of(
            "persons-share",
            "declare-wider",
            "public-data",
            rule="release-k",
            smallest=smallest,
            k=k,
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
