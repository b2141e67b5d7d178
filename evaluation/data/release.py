"""The de-identified release of a survey panel: two files of rows, and what was measured on them.

REQUIRES the clean panel with the frame's facts. CREATES a main file with protected key variables
and a sensitive file without any; neither holds an id, name, date, text, place or frame variable.
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
    months,
    released_weights,
    rules_of,
)
from evaluation.data.risk import fewest_answers
from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.release import Recoding
from evaluation.spec.study import Study

MAIN, SENSITIVE = "panel", "sensitive"
# Respondents behind every released group of the sensitive file.
SENSITIVE_MINIMUM = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release and what was done to make it.

    Attributes
    ----------
    panel, sensitive : DataFrame
        The two files, rows in an order drawn by the key.
    rows : DataFrame
        The panel they were made from, with the columns of the design in plain names; never
        published.
    persons_before, persons_after : DataFrame, one row per person
        Key variables as they would stand and as they stand.
    kept : Kept
        Columns by file.
    steps : tuple of Recoding
        Global recodings that were applied.
    blanked : mapping of str to int
        Persons whose value was blanked, by key variable.
    areas : mapping of str to str
        Released name of each subregion.
    new_ids : mapping of str to str
        Released id of each person in the main file; never published.
    one_answer : tuple of str
        Sensitive items left out because a group has a single answer or too few respondents.
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
    new_ids: Mapping[str, str]
    one_answer: tuple[str, ...]


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
    before = anonymise.first_observed(rows, "person", rules.keys)
    wider, steps = anonymise.generalise(before, rules)
    fixed = [name for name in rules.keys if name == study.columns.subregion]
    free = [name for name in rules.keys if name not in fixed]
    after, blanked = anonymise.suppress_locally(wider, free, k=rules.k, fixed=fixed)
    _check_k(after, rules.keys, rules.k)
    sensitive, one_answer = _varied(rows, columns.sensitive, least=rules.l)
    main = _file(rows, study, key=key, name=MAIN, items=columns.main)
    shown = after.loc[rows["person"], list(rules.keys)].set_axis(rows.index)
    traits = {name: shown[name] for name in rules.keys}
    head = ["person", "place", "round", "interview_month", "arm", *traits, "weight"]
    main = main.assign(**traits, interview_month=rows["month"])
    secret = _file(rows, study, key=key, name=SENSITIVE, items=sensitive)
    return Released(
        panel=_shuffled(_ordered(main, head), study, key=key, name=MAIN),
        sensitive=_shuffled(secret, study, key=key, name=SENSITIVE),
        rows=rows,
        persons_before=before,
        persons_after=after,
        kept=columns,
        steps=steps,
        blanked=blanked,
        areas=areas,
        new_ids=Keyed(key, f"{study.id}\0{MAIN}").ids("person", rows["person"]),
        one_answer=one_answer,
    )


def _design(panel: pd.DataFrame, study: Study) -> tuple[pd.DataFrame, dict[str, str]]:
    """The panel with plain names for its design, and key variables as text."""
    names, rules = study.columns, rules_of(study)
    if names.subregion is None or names.weight is None or names.date is None:
        raise DataError(
            "a release needs the columns subregion, weight and date",
            where=f"{study.id}/study.toml",
            mend="name them under [columns]",
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
        month=months(panel[names.date]),
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


def _check_k(persons: pd.DataFrame, keys: tuple[str, ...], k: int) -> None:
    """The promise itself, counted again on what is about to be written."""
    smallest = int(anonymise.sizes(persons, [*keys, anonymise.SEEN]).min())
    if smallest < k:
        raise DataError(
            f"{smallest} persons share a released combination of key variables, fewer than {k}",
            where="public-data",
            mend="declare wider recodings, or fewer key variables with more of them dropped",
            rule="release-k",
        )


def _varied(
    rows: pd.DataFrame, items: tuple[str, ...], *, least: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sensitive items with enough respondents and different answers in every arm and round."""
    by = ["arm", "round"]
    answers = fewest_answers(rows, by, items)
    counts = rows.groupby(by)[list(items)].count()
    many = {i: bool(((counts[i] == 0) | (counts[i] >= SENSITIVE_MINIMUM)).all()) for i in items}
    good = tuple(i for i in items if answers[i][0] >= least and many[i])
    return good, tuple(i for i in items if i not in good)


def _file(
    rows: pd.DataFrame, study: Study, *, key: bytes, name: str, items: tuple[str, ...]
) -> pd.DataFrame:
    keyed = Keyed(key, f"{study.id}\0{name}")
    least = rules_of(study).places_per_arm
    columns: dict[str, object] = {
        "person": rows["person"].map(keyed.ids("person", rows["person"])),
        "place": rows["place"].map(keyed.ids("town", rows["place"])),
        "round": rows["round"],
        "arm": rows["arm"],
        "weight": released_weights(rows, least=least, keyed=keyed),
    }
    for item in items:
        columns[item] = rows[item]
        if f"{item}{MISSING}" in rows.columns:
            columns[f"{item}{MISSING}"] = rows[f"{item}{MISSING}"]
    return pd.DataFrame(columns, index=rows.index)


def _ordered(table: pd.DataFrame, head: list[str]) -> pd.DataFrame:
    return table[[*head, *(c for c in table.columns if c not in head)]]


def _shuffled(table: pd.DataFrame, study: Study, *, key: bytes, name: str) -> pd.DataFrame:
    names = (table["person"] + "\0" + table["round"]).tolist()
    order = Keyed(key, f"{study.id}\0{name}").shuffled("row", names)
    shown = table.iloc[order].reset_index(drop=True)
    for column in shown.columns:
        if pd.api.types.is_float_dtype(shown[column]):
            # minus zero and zero would be told apart in text
            shown[column] = shown[column].to_numpy(dtype=np.float64) + 0.0
    if study.mark:
        shown = shown.assign(synthetic=study.mark)
    return shown
