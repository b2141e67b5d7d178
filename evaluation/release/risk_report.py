"""The risk report of a release: each measure on the data before and after protection."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.config.plan import Plan
from evaluation.config.release_rules import Attack, RiskRow
from evaluation.config.study import Study
from evaluation.estimation import did
from evaluation.estimation.call_choices import FEWEST, CallOptions
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.records import Estimate
from evaluation.release import anonymity
from evaluation.release.anonymity import SEEN
from evaluation.release.columns_kept import rules_of
from evaluation.release.public_file import ARM, MAIN, SENSITIVE, Released
from evaluation.release.risk import (
    Floats,
    Rarity,
    WeightedRisk,
    fewest_answers,
    places_found,
    risk,
    weighted_risk,
)

BEFORE, AFTER = "before", "after"
ALL_SHOWN = "keys, arm and rounds"


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
    return tuple(_all_rows(found, frame, study))


def _all_rows(found: Released, frame: pd.DataFrame, study: Study) -> Iterator[RiskRow]:
    rules, row = rules_of(study), partial(_row, study)
    yield row(AFTER, MAIN, "k_required", rules.k)
    for stage, persons in ((BEFORE, found.persons_before), (AFTER, found.persons_after)):
        for subject, name, value, reason in _measures(found, persons, study):
            yield row(stage, MAIN, name, value, subject, reason=reason)
        yield row(stage, MAIN, "combinations_of_one_place", _one_place(found.rows, persons, study))
    for name, count in found.blanked.items():
        yield row(AFTER, MAIN, "values_blanked", count, name)
    for step in found.steps:
        yield row(AFTER, MAIN, "recoded_to", len(step.groups), step.variable)
    for stage, file, item, smallest, groups in _answers(found, study):
        yield row(stage, file, "fewest_answers", smallest, item)
        yield row(stage, file, "groups_with_one_answer", groups, item)
    if len(found.sensitive):
        yield row(AFTER, SENSITIVE, "fewest_respondents", found.sensitive["respondents"].min())
    for subject, right, guessed in _places(found, frame, rules.attack, study):
        yield row(BEFORE, MAIN, "places_found", right, subject)
        yield row(BEFORE, MAIN, "places_found_by_guessing", guessed, subject)


def _row(
    study: Study,
    stage: str,
    file: str,
    measure: str,
    value: float,
    subject: str = "",
    *,
    reason: str = "",
) -> RiskRow:
    return RiskRow(
        study=study.id,
        stage=stage,
        file=file,
        measure=measure,
        subject=subject,
        value=float(value),
        reason=reason,
    )


def _persons(found: Released, persons: pd.DataFrame, study: Study) -> Iterable[tuple[str, Rarity]]:
    """By all that is shown of a person beside answers, the promise; then by one round alone."""
    rules, rows = rules_of(study), found.rows
    names = [*rules.keys, ARM]
    whole = rows.groupby("round")["weight"].sum().max()
    fraction = float(min(1.0, len(persons) / whole))
    yield ALL_SHOWN, risk(persons, [*names, SEEN], k=rules.k, fraction=fraction)
    for name in study.rounds:
        here = persons.loc[rows.loc[rows["round"] == name, "person"]]
        share = float(min(1.0, len(here) / rows.loc[rows["round"] == name, "weight"].sum()))
        yield f"{ALL_SHOWN} in {name}", risk(here, names, k=rules.k, fraction=share)


def _measures(
    found: Released, persons: pd.DataFrame, study: Study
) -> Iterable[tuple[str, str, float, str]]:
    """Subject, measure, value, and the reason where there is none."""
    for subject, counted in _persons(found, persons, study):
        for name in Rarity.__dataclass_fields__:
            yield subject, name, getattr(counted, name), ""
    for subject, weighted in _weighted(found, persons, study):
        reason = weighted if isinstance(weighted, str) else ""
        for name in WeightedRisk.__dataclass_fields__:
            yield subject, name, math.nan if reason else getattr(weighted, name), reason


def _weighted(
    found: Released, persons: pd.DataFrame, study: Study
) -> Iterable[tuple[str, WeightedRisk | str]]:
    """By one round alone: a weight counts the people of its round."""
    rules = rules_of(study)
    for name in study.rounds:
        rows = found.rows[found.rows["round"] == name]
        here = persons.loc[rows["person"]]
        names = [*rules.keys, ARM]
        yield f"{ALL_SHOWN} in {name}", weighted_risk(here, names, weights=rows["weight"])


def _one_place(rows: pd.DataFrame, persons: pd.DataFrame, study: Study) -> int:
    """Combinations whose persons all live in one place: who knows that, knows their place."""
    where = rows.drop_duplicates("person").set_index("person")["place"].reindex(persons.index)
    names = [*rules_of(study).keys, ARM, SEEN]
    places = where.groupby([persons[name] for name in names]).nunique()
    return int((places == 1).sum())


def _answers(found: Released, study: Study) -> Iterable[tuple[str, str, str, int, int]]:
    """Answers to sensitive items: by key variables and arm in one file, and as released."""
    rules = rules_of(study)
    before = found.persons_before.loc[found.rows["person"], list(rules.keys)]
    together = found.rows.assign(**{k: before[k].to_numpy() for k in rules.keys})
    items = found.kept.sensitive
    by = ["round", ARM, *rules.keys]
    for item, (smallest, groups) in fewest_answers(together, by, items).items():
        yield BEFORE, MAIN, item, smallest, groups
    shown = [item for item in items if item not in found.withheld]
    for item, (smallest, groups) in fewest_answers(found.rows, [ARM, "round"], shown).items():
        yield AFTER, SENSITIVE, item, smallest, groups


def _places(
    found: Released, frame: pd.DataFrame, attacks: Sequence[Attack], study: Study
) -> Iterable[tuple[str, int, float]]:
    """Clusters that each declared comparison would find if rows named them, and all together."""
    if not attacks:
        return
    rows = found.rows
    places = sorted(rows["place"].unique())
    facts = frame.set_index(frame[study.columns.cluster].astype(str)).loc[places]
    known = facts[[a.known for a in attacks]].to_numpy(dtype=float)
    where = rows.drop_duplicates("place").set_index("place").loc[places]
    groups = (where[ARM] + " " + where["area"]).to_numpy(dtype=object)
    means = np.column_stack([_means(rows, a, places, found) for a in attacks])
    for i, attack in enumerate(attacks):
        right, guessed = places_found(means[:, [i]], known[:, [i]], groups)
        yield f"{attack.released} with {attack.known}", right, guessed
    yield "all together", *places_found(means, known, groups)


def _means(table: pd.DataFrame, attack: Attack, places: list[str], found: Released) -> Floats:
    column = table[attack.released]
    if not attack.answer:
        values = column.astype(float)
    else:
        answers = _narrower(attack, found)
        values = column.isin(answers).where(column != anonymity.BLANK).astype(float)
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


def estimate_rows(found: Released, plan: Plan, study: Study) -> Iterator[RiskRow]:
    """The primary estimates on the clean rows and on what is released.

    Parameters
    ----------
    found : Released
    plan : Plan
    study : Study
    """
    primary = next((s for s in plan.specification if s.status == "primary"), None)
    if primary is None or primary.method != "did":
        return
    row = partial(_row, study)
    for outcome in (o for o in plan.outcome if o.primary and o.family in primary.families):
        treated = study.arms_with(primary.treatment)
        here = found.panel if outcome.id in found.panel.columns else None
        name = SENSITIVE if here is None else MAIN
        record = _estimate(found.rows, outcome.id, study, treated=treated, estimand="equal")
        yield row(BEFORE, name, "estimate", record.estimate, outcome.id)
        yield row(BEFORE, name, "std_error", record.std_error, outcome.id)
        if here is not None:
            # no row tells its cluster: arm and subregion are the smallest groups there are
            groups = here["arm"] + " " + here[str(study.columns.subregion)].astype(str)
            # released weights already count every cluster the same
            here = here.assign(place=groups)
            record = _estimate(here, outcome.id, study, treated=treated, estimand="respondents")
            yield row(AFTER, name, "estimate", record.estimate, outcome.id)
            yield row(AFTER, name, "std_error_by_arm_and_subregion", record.std_error, outcome.id)
        elif outcome.id in set(found.sensitive["item"]) and len(study.arm) == 2:
            value = _of_table(found.sensitive, outcome.id, study, treated)
            yield row(AFTER, name, "estimate", value, outcome.id)


def _of_table(table: pd.DataFrame, item: str, study: Study, treated: Collection[str]) -> float:
    """Difference in differences of the four released numbers of an item."""
    here = table[table["item"] == item].assign(arm=lambda t: t["arm"].isin(treated))
    means = here.set_index(["arm", "round"])["value"]
    first, last = study.rounds[0], study.rounds[-1]
    change = {arm: float(means[arm, last]) - float(means[arm, first]) for arm in (True, False)}
    return change[True] - change[False]


def _estimate(
    table: pd.DataFrame,
    outcome: str,
    study: Study,
    *,
    treated: Collection[str],
    estimand: Literal["equal", "respondents"],
) -> Estimate:
    columns = table[["place", "weight"]].assign(
        outcome=table[outcome],
        treated=table["arm"].isin(treated).astype(float),
        post=(table["round"] == study.rounds[-1]).astype(float),
    )
    variables = Variables(
        outcome="outcome", treated="treated", post="post", cluster="place", weights="weight"
    )
    asked = CallOptions(
        estimand=estimand,
        steps=("cv1",),
        draws=FEWEST,
        seed=0,
        level=0.95,
        weights_kind="rademacher",
        one_round="refuse",
    )
    found = did.estimate(columns, variables, asked)
    return next(record for record in found if isinstance(record, Estimate))
