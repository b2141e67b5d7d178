"""Demonstration data: two survey rounds and an administrative series with known true effects.

Everything is invented: pseudo-codes, people, answers. One seed gives one set of bytes.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import Study
from evaluation.report.truth import Truth
from tools.demo import people as demo_interview
from tools.demo.added_questions import draw_added
from tools.demo.answers import Answers, draw_answers, draw_series
from tools.demo.people import Attrition, People, design_weights, draw_people

Flaws = Literal["planted", "none"]
KINDS = np.array([None, "dont_know", "refused", "not_applicable", "not_asked"], dtype=object)
NOT_APPLICABLE, NOT_ASKED = 3, 4
ALWAYS = ("round", "municipality", "arm", "cohort", "population", "weight", "panel_member")
FOLLOW_UPS = ("v2_times", "v3_type", "r2_where", "a1_rules", "v17_last_month")
# streams 1 to 3 are those of the series and of the flaws of each round
ADDED_STREAM = 4
# derived from the latent item of the same name rather than asked
OTHERS = "a1_others"
# calculated by the form: whether any event of the battery was told
ANY_EVENT = "v16_any_event"
BATTERY = (
    "v4_personal_theft",
    "v5_dwelling_theft",
    "v6_vehicle_theft",
    "v7_livestock_theft",
    "v8_fight",
    "v9_extortion",
    "v10_threat",
    "v11_displaced",
    "v12_confined",
    "v13_injury",
)
SILENT = {
    "sex": 0.0,
    "age": 0.004,
    "education": 0.004,
    "ethnicity": 0.01,
    "victim_household": 0.02,
    "leader": 0.006,
    "v17_last_month": 0.02,
}


def read_frame(data: bytes) -> pd.DataFrame:
    """The 70 invented municipalities of ``municipalities.csv``, all columns as text.

    They were drawn once, half of each stratum treated; by which rule was not kept. Codes are
    shuffled, so a code says nothing of arm or department.
    """
    return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoData:
    """Drawn data in clean values.

    Attributes
    ----------
    panel : DataFrame
        Both rounds stacked, as a clean panel: ``round``, municipality, arm, cohort, population,
        weight, ``panel_member`` and the variables.
    untreated : DataFrame
        The same interviews as they would be without the programme; it differs from ``panel``
        only in treated endline rows.
    kinds : dict of str to ndarray
        Missing kind (position in :data:`KINDS`) of each cell of a variable that has any.
    series, frame : DataFrame
        Municipality by quarter, and the municipalities.
    flaws : {"planted", "none"}
        Whether the exported files shall carry the planted flaws.
    seed : int
        What everything was drawn with.
    rounds : tuple of str
        Round ids in order.
    dictionary : Dictionary
        Of everything that is delivered, questions that are not analysed among it.
    added : tuple of str
        Variables whose columns stand behind all others.
    """

    panel: pd.DataFrame
    untreated: pd.DataFrame
    kinds: Mapping[str, NDArray[np.int8]]
    series: pd.DataFrame
    frame: pd.DataFrame
    flaws: Flaws
    seed: int
    rounds: tuple[str, ...]
    dictionary: Dictionary
    added: tuple[str, ...]

    def of_round(self, round_id: str) -> pd.DataFrame:
        """Interviews of one round."""
        return self.panel[self.panel["round"] == round_id]


def draw(  # noqa: PLR0913 - every choice stands at the call
    dictionary: Dictionary,
    study: Study,
    frame: pd.DataFrame,
    truth: Truth,
    *,
    seed: int,
    flaws: Flaws,
    attrition: Attrition,
    silence: Attrition,
    variables: Sequence[str] = (),
) -> DemoData:
    """Draw the demonstration data in memory.

    Parameters
    ----------
    dictionary : Dictionary
        The study's.
    study : Study
        With two rounds, baseline and endline.
    frame : DataFrame
        Municipalities, in the columns of ``municipalities.csv``.
    truth : Truth
        Model and effects.
    seed : int
        Of the generator.
    flaws : {"planted", "none"}
        Kept for :func:`tools.demo.export.export`: flaws are planted in the files.
    attrition : {"planned", "none"}
        See :func:`tools.demo.people.draw_people`.
    silence : {"planned", "none"}
        Whether the truth's silences are kept; the items' own non-response always is.
    variables : sequence of str
        Variables to draw (with those that their skip rules look at); empty means all of both
        rounds. Another choice is another draw.

    Returns
    -------
    DemoData
    """
    generator = np.random.default_rng(seed)
    if silence == "none":
        truth = replace(truth, scenario=replace(truth.scenario, silence=()))
    dictionary = truth.asked(dictionary)
    wanted = _wanted(dictionary, study, truth, variables)
    people = draw_people(generator, frame, truth.settings, attrition=attrition)
    items = [name for name in wanted if name in truth.items and not truth.items[name].added]
    held = demo_interview.field(generator, people, study, truth.settings.interviewers)
    answers = draw_answers(
        generator,
        people,
        frame,
        truth,
        interviewer=held.interviewer,
        dictionary=dictionary,
        items=items,
    )
    added = draw_added(
        np.random.default_rng([seed, ADDED_STREAM]),
        people,
        frame,
        truth,
        answers,
        interviewer=held.interviewer,
        dictionary=dictionary,
    )
    other = _other_columns(generator, people, frame, study, held, wanted)
    kinds = _kinds(generator, answers, wanted, len(people.place)) | added.kinds
    base = _base(people, frame, study)
    observed = _columns(answers.observed | added.observed, other, kinds, wanted, dictionary)
    untreated = _columns(answers.untreated | added.untreated, other, kinds, wanted, dictionary)
    return DemoData(
        panel=pd.DataFrame({**base, **observed[0]}),
        untreated=pd.DataFrame({**base, **untreated[0]}),
        kinds=observed[1],
        series=draw_series(np.random.default_rng([seed, 1]), frame, truth.scenario),
        frame=frame,
        flaws=flaws,
        seed=seed,
        rounds=study.rounds,
        dictionary=dictionary,
        added=truth.added,
    )


def _wanted(
    dictionary: Dictionary, study: Study, truth: Truth, variables: Sequence[str]
) -> list[str]:
    """Named variables and those their skip rules look at, in the dictionary's order."""
    asked = [
        name
        for name, variable in dictionary.variables.items()
        if any(r in variable.raw for r in study.rounds) and name not in ALWAYS
    ]
    if not variables:
        return asked
    needed = set(variables)
    for name in reversed(asked):
        rule = dictionary.variables[name].asked_if
        if name in needed and rule is not None and rule.variable != "consent":
            needed.add(rule.variable)
    if "a1_rules" in needed:
        needed.add(OTHERS)
    if ANY_EVENT in needed:
        needed |= set(BATTERY)
    if truth.worry.variable in needed:
        needed |= {event for events in truth.worry.events.values() for event in events}
    return [name for name in asked if name in needed]


def _base(people: People, frame: pd.DataFrame, study: Study) -> dict[str, NDArray]:
    rounds = np.array(study.rounds, dtype=object)
    place = people.place
    return {
        "round": rounds[people.endline.astype(int)],
        **{x: frame[x].to_numpy(dtype=object)[place] for x in ("municipality", "arm", "cohort")},
        "population": frame["population"].to_numpy(dtype=float)[place],
        "weight": design_weights(people, frame),
        "panel_member": people.member,
    }


def _other_columns(
    generator: np.random.Generator,
    people: People,
    frame: pd.DataFrame,
    study: Study,
    held: demo_interview.Field,
    wanted: Sequence[str],
) -> dict[str, NDArray]:
    """Variables that no latent item makes; each group is drawn only where one is wanted."""
    drawn: dict[str, NDArray] = {}

    def wants(*names: str) -> bool:
        return any(name in wanted for name in names)

    if wants("respondent"):
        drawn["respondent"] = demo_interview.respondents(generator, people)
    if wants(*SILENT, "residence"):
        drawn |= demo_interview.traits(generator, people, frame)
    if wants(*demo_interview.PARADATA):
        drawn |= demo_interview.interviews(generator, people, study, held)
    if wants(*demo_interview.EXPOSURE):
        drawn |= demo_interview.exposure(generator, people, frame)
    if wants(*FOLLOW_UPS):
        drawn |= demo_interview.follow_ups(generator, held.days)
    return drawn


def _kinds(
    generator: np.random.Generator, answers: Answers, wanted: Sequence[str], n: int
) -> dict[str, NDArray[np.int8]]:
    kinds = dict(answers.kinds)
    for name, share in SILENT.items():
        if name in wanted:
            kinds[name] = np.where(generator.random(n) < share, 2, 0).astype(np.int8)
    if "a1_rules" in wanted:
        kinds["a1_rules"] = kinds[OTHERS]
    return kinds


def _columns(
    answers: Mapping[str, NDArray],
    other: Mapping[str, NDArray],
    drawn: Mapping[str, NDArray[np.int8]],
    wanted: Sequence[str],
    dictionary: Dictionary,
) -> tuple[dict[str, NDArray], dict[str, NDArray[np.int8]]]:
    """Columns with skip rules and item non-response applied, and their missing kinds."""
    columns: dict[str, NDArray] = {}
    kinds: dict[str, NDArray[np.int8]] = {}
    available = {**other, **answers}
    for name in wanted:
        if name == ANY_EVENT:
            columns[name] = np.any([columns[item] == 1 for item in BATTERY], axis=0).astype(float)
            continue
        values = available[name]
        if name == "a1_rules":
            values = np.where(available[OTHERS] == 1, "others", values).astype(object)
        kind = drawn[name].copy() if name in drawn else np.zeros(len(values), dtype=np.int8)
        rule = dictionary.variables[name].asked_if
        if rule is not None and rule.variable in columns and rule.variable != "consent":
            asked = np.isin(columns[rule.variable].astype(float), np.array(rule.values, float))
            kind[~asked] = NOT_APPLICABLE
        if values.dtype != object:
            kind[np.isnan(values)] = NOT_ASKED
        if kind.any():
            values = values.copy()
            values[kind > 0] = None if values.dtype == object else np.nan
            kinds[name] = kind
        columns[name] = values
    return columns, kinds
