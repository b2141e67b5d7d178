"""The risk report of a release: each measure on the data before and after protection."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from evaluation.data import anonymise
from evaluation.data.anonymise import SEEN
from evaluation.data.release import MAIN, SENSITIVE, Released
from evaluation.data.release_rules import rules_of
from evaluation.data.risk import Floats, Risk, fewest_answers, places_found, risk
from evaluation.spec.release import Attack, RiskRow
from evaluation.spec.study import Study

BEFORE, AFTER = "before", "after"


def risk_rows(found: Released, frame: pd.DataFrame, study: Study) -> tuple[RiskRow, ...]:
    """All measures of a release.

    Parameters
    ----------
    found : Released
        The release.
    frame : DataFrame
        Clusters with what is known of them from elsewhere.
    study : Study
        Its rules.
    """
    rows: list[RiskRow] = []

    def add(stage: str, file: str, measure: str, value: float, subject: str = "") -> None:
        rows.append(
            RiskRow(
                study=study.id,
                stage=stage,
                file=file,
                measure=measure,
                subject=subject,
                value=float(value),
            )
        )

    rules = rules_of(study)
    add(AFTER, MAIN, "k_required", rules.k)
    for stage, persons in ((BEFORE, found.persons_before), (AFTER, found.persons_after)):
        for subject, measures in _persons(found, persons, study):
            for name in Risk.__dataclass_fields__:
                add(stage, MAIN, name, getattr(measures, name), subject)
    for name, count in found.blanked.items():
        add(AFTER, MAIN, "values_blanked", count, name)
    for step in found.steps:
        add(AFTER, MAIN, "recoded_to", len(step.groups), step.variable)
    for stage, file, item, smallest, groups in _answers(found, study):
        add(stage, file, "fewest_answers", smallest, item)
        add(stage, file, "groups_with_one_answer", groups, item)
    for stage, subject, right, guessed in _places(found, frame, rules.attack, study):
        add(stage, MAIN, "places_found", right, subject)
        add(stage, MAIN, "places_found_by_guessing", guessed, subject)
    add(AFTER, "both", "places_with_their_own_number_of_interviews", _own_sizes(found.rows))
    return tuple(rows)


def _persons(found: Released, persons: pd.DataFrame, study: Study) -> Iterable[tuple[str, Risk]]:
    """By key variables and rounds seen, the promise; then by one round, and with the arm known."""
    rules, rows = rules_of(study), found.rows
    keys = list(rules.keys)
    whole = rows.groupby("round")["weight"].sum().max()
    fraction = float(min(1.0, len(persons) / whole))
    yield "keys", risk(persons, [*keys, SEEN], k=rules.k, fraction=fraction)
    for name in study.rounds:
        here = persons.loc[rows.loc[rows["round"] == name, "person"]]
        share = float(min(1.0, len(here) / rows.loc[rows["round"] == name, "weight"].sum()))
        yield f"keys in {name}", risk(here, keys, k=rules.k, fraction=share)
    arms = rows.drop_duplicates("person").set_index("person")["arm"]
    known = persons.assign(arm=arms.reindex(persons.index))
    yield "keys and arm", risk(known, [*keys, SEEN, "arm"], k=rules.k, fraction=fraction)


def _answers(found: Released, study: Study) -> Iterable[tuple[str, str, str, int, int]]:
    """Answers to sensitive items: by key variables had they stayed in one file, and as released."""
    rules = rules_of(study)
    before = found.persons_before.loc[found.rows["person"], list(rules.keys)]
    together = found.rows.assign(**{k: before[k].to_numpy() for k in rules.keys})
    items = found.kept.sensitive
    for item, (smallest, groups) in fewest_answers(together, ["round", *rules.keys], items).items():
        yield BEFORE, MAIN, item, smallest, groups
    shown = [item for item in items if item not in found.one_answer]
    released = fewest_answers(found.sensitive, ["arm", "round"], shown)
    for item, (smallest, groups) in released.items():
        yield AFTER, SENSITIVE, item, smallest, groups


def _places(
    found: Released, frame: pd.DataFrame, attacks: Sequence[Attack], study: Study
) -> Iterable[tuple[str, str, int, float]]:
    """Clusters that each declared comparison finds alone, and all of them together."""
    if not attacks:
        return
    rows, rules = found.rows, rules_of(study)
    places = sorted(rows["place"].unique())
    facts = frame.set_index(frame[study.columns.cluster].astype(str)).loc[places]
    known = facts[[a.known for a in attacks]].to_numpy(dtype=float)
    where = rows.drop_duplicates("place").set_index("place").loc[places]
    groups = (where["arm"] + " " + where["area"]).to_numpy(dtype=object)
    # the released file with its places' true ids: only here, to count who was found
    keyed = found.persons_after.loc[rows["person"], list(rules.keys)].set_axis(rows.index)
    released = rows.assign(**{k: keyed[k] for k in rules.keys}, weight=_released_weight(found))
    for stage, table in ((BEFORE, rows), (AFTER, released)):
        means = np.column_stack([_means(table, a, places, found, stage) for a in attacks])
        for i, attack in enumerate(attacks):
            right, guessed = places_found(means[:, [i]], known[:, [i]], groups)
            yield stage, f"{attack.released} with {attack.known}", right, guessed
        right, guessed = places_found(means, known, groups)
        yield stage, "all together", right, guessed


def _released_weight(found: Released) -> pd.Series:
    """Weights of the main file in the order of the rows they were made from."""
    order = found.panel[["person", "round", "weight"]]
    ids = found.new_ids
    keys = pd.MultiIndex.from_arrays([found.rows["person"].map(ids), found.rows["round"]])
    weights = order.set_index(["person", "round"])["weight"].reindex(keys)
    return pd.Series(weights.to_numpy(dtype=float), index=found.rows.index)


def _means(
    table: pd.DataFrame, attack: Attack, places: list[str], found: Released, stage: str
) -> Floats:
    column = table[attack.released]
    if not attack.answer:
        values = column.astype(float)
    else:
        answers = {attack.answer}
        if stage == BEFORE:
            answers |= _narrower(attack, found)
        values = column.isin(answers).where(column != anonymise.BLANK).astype(float)
    means = values.groupby(table["place"]).mean().reindex(places)
    return means.fillna(means.mean()).to_numpy(dtype=float)


def _narrower(attack: Attack, found: Released) -> set[str]:
    """Values that the applied recodings turned into the compared answer."""
    answers = {attack.answer}
    for step in reversed(found.steps):
        for group in step.groups:
            if step.variable == attack.released and group.label in answers:
                answers |= set(group.values)
    return answers


def _own_sizes(rows: pd.DataFrame) -> int:
    """Places whose numbers of interviews by round nobody else has: they link the two files."""
    counts = pd.crosstab(rows["place"], rows["round"])
    same = counts.groupby(list(counts.columns)).size()
    return int((same == 1).sum())
