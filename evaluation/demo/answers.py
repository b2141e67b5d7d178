"""Answers to the items from latent constructs, and the administrative series by quarter.

latent item = sign x (shifts + municipality + interviewer + common part of the construct) + the
item's own part, cut at the normal quantiles of the item's baseline shares. The treatment moves the
construct of treated people at endline; everything else is the same under both states.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.demo.people import People
from evaluation.demo.truth import Construct, ItemModel, Scenario, Settings, Silence, Truth
from evaluation.study.dictionary import Dictionary

Floats = NDArray[np.float64]
Kinds = NDArray[np.int8]
OBSERVED, DONT_KNOW, REFUSED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to some items.

    Attributes
    ----------
    observed, untreated : dict of str to ndarray, shape (n,)
        Clean values as given, and as they would be without the programme (the same object where
        the programme changes nothing).
    kinds : dict of str to ndarray of int8, shape (n,)
        0 observed, 1 don't know, 2 refused.
    """

    observed: dict[str, Floats]
    untreated: dict[str, Floats]
    kinds: dict[str, Kinds]


def draw_answers(
    generator: np.random.Generator,
    people: People,
    frame: pd.DataFrame,
    truth: Truth,
    *,
    interviewer: NDArray[np.int64],
    dictionary: Dictionary,
    items: Sequence[str],
) -> Answers:
    """Draw the answers of all interviews to the named items.

    Parameters
    ----------
    generator : Generator
    people : People
    frame : DataFrame
        Municipalities.
    truth : Truth
    interviewer : ndarray of int, shape (n,)
        Number of who held each interview, from 0.
    dictionary : Dictionary
    items : sequence of str
        Variables to draw.
    """
    models = [truth.items[name] for name in items]
    constructs = [truth.constructs[c] for c in sorted({m.construct for m in models})]
    position = {c.id: i for i, c in enumerate(constructs)}
    common = _constructs(generator, people, frame, truth, constructs)
    common += _interviewers(generator, interviewer, truth.settings, constructs)
    effects = _effects(people, frame, truth, constructs)
    own = people.persist(
        generator.standard_normal((len(people.place), len(models))), truth.settings.persistence
    )
    luck = generator.random(own.shape)
    answers = Answers({}, {}, {})
    for i, model in enumerate(models):
        d = position[model.construct]
        own_sd = np.sqrt(_personal(constructs[d], truth.settings) * (1 - truth.settings.common))
        latent = model.sign * common[:, d] + own_sd * own[:, i]
        name, values = model.variable, item_values(model, dictionary)
        answers.untreated[name] = answers.observed[name] = _cut(latent, model, values)
        if effects[:, d].any():
            moved = latent + model.sign * effects[:, d]
            answers.observed[name] = _cut(moved, model, values)
        further = _further(answers.observed[name], name, people, frame, truth.scenario.silence)
        answers.kinds[name] = _silence(luck[:, i], model, further)
    return answers


def _constructs(
    generator: np.random.Generator,
    people: People,
    frame: pd.DataFrame,
    truth: Truth,
    constructs: Sequence[Construct],
) -> Floats:
    """Shifts, municipal part and the construct's common part, shape (n, constructs)."""
    settings, n, d = truth.settings, len(people.place), len(constructs)
    general = np.array([c.general for c in constructs])
    icc = np.array([c.icc for c in constructs])
    personal = np.array([_personal(c, settings) for c in constructs])
    alone = np.sqrt(1 - general**2)
    lasting = general * generator.standard_normal((len(frame), 1)) + alone * (
        generator.standard_normal((len(frame), d))
    )
    passing = generator.standard_normal((2, len(frame), d))
    own = [c.autocorrelation for c in constructs]
    share = np.array([settings.autocorrelation if a is None else a for a in own])
    municipal = np.sqrt(share) * lasting + np.sqrt(1 - share) * passing
    noise = people.persist(generator.standard_normal((n, d)), settings.persistence)
    person = general * people.general[:, None] + alone * noise
    result = np.sqrt(icc) * municipal[people.endline.astype(int), people.place]
    result += np.sqrt(personal * settings.common) * person
    return result + _shifts(people, frame, truth, constructs)


def _personal(construct: Construct, settings: Settings) -> float:
    """Variance between people of one municipality and interviewer."""
    return (1 - construct.icc) * (1 - settings.interviewer_icc)


def _interviewers(
    generator: np.random.Generator,
    interviewer: NDArray[np.int64],
    settings: Settings,
    constructs: Sequence[Construct],
) -> Floats:
    """How far each interviewer lifts or lowers answers, shape (n, constructs)."""
    lift = generator.standard_normal((int(interviewer.max()) + 1, len(constructs)))
    sd = np.sqrt([(1 - c.icc) * settings.interviewer_icc for c in constructs])
    return sd * lift[interviewer]


def _shifts(
    people: People, frame: pd.DataFrame, truth: Truth, constructs: Sequence[Construct]
) -> Floats:
    treated = (frame["arm"] == "treated").to_numpy()[people.place].astype(float)
    endline = people.endline.astype(float)
    trend = truth.scenario.trend
    columns = [
        c.rural * (people.rural - 0.5)
        + c.treated * treated
        + c.endline * endline
        + trend * c.better * treated * endline
        for c in constructs
    ]
    return np.column_stack(columns)


def _effects(
    people: People, frame: pd.DataFrame, truth: Truth, constructs: Sequence[Construct]
) -> Floats:
    """Effect of the programme on each construct, zero but for treated people at endline."""
    by_place = np.array(
        [
            [truth.scenario.effect(c.id, cohort) for c in constructs]
            for cohort in frame["cohort"].tolist()
        ]
    )
    return by_place[people.place] * people.endline[:, None]


def item_values(model: ItemModel, dictionary: Dictionary) -> Floats:
    """Clean values of an item in ascending order."""
    if model.values:
        return np.array(model.values)
    source = next(iter(dictionary.variables[model.variable].raw))
    codes = dictionary.code_list(model.variable, source)
    return np.array(sorted(float(c.value) for c in codes.values)) if codes else np.array([])


def _cut(latent: Floats, model: ItemModel, values: Floats) -> Floats:
    if len(model.shares) == 1:
        return (latent > NormalDist().inv_cdf(1 - model.shares[0])).astype(float)
    below = np.cumsum(model.shares)[:-1]
    cuts = np.array([NormalDist().inv_cdf(share) for share in below])
    return values[np.searchsorted(cuts, latent)]


def _further(
    answers: Floats, name: str, people: People, frame: pd.DataFrame, silences: Sequence[Silence]
) -> Floats:
    """Chance that an answer is refused beyond the item's own share, shape (n,)."""
    further = np.zeros(len(answers))
    arms = frame["arm"].to_numpy(dtype=object)
    for silence in silences:
        if name in silence.items:
            rows = arms[people.place] == silence.arm
            rows &= people.endline == (silence.round == "endline")
            further += rows * np.where(answers > 0, silence.yes, silence.no)
    return further


def _silence(luck: Floats, model: ItemModel, further: Floats) -> Kinds:
    kinds = np.zeros(len(luck), dtype=np.int8)
    kinds[luck < model.dont_know + model.refused + further] = REFUSED
    kinds[luck < model.dont_know] = DONT_KNOW
    return kinds


QUARTERS = tuple(f"{year}Q{quarter}" for year in range(2018, 2026) for quarter in range(1, 5))
ENTRY = {"c2021": QUARTERS.index("2021Q3"), "c2022": QUARTERS.index("2022Q1")}
LAST_BEFORE = QUARTERS.index("2021Q2")
LOCKDOWN = QUARTERS.index("2020Q2")
ROAD_RATE = 34.0
# SD of a municipality's lasting, and of its quarterly, log deviation
LASTING_SD = 0.15
QUARTERLY_SD = 0.18


def draw_series(
    generator: np.random.Generator, frame: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """Draw homicides and road injuries (placebo), every municipality in every quarter.

    Parameters
    ----------
    generator : Generator
    frame : DataFrame
        Municipalities with ``arm``, ``cohort``, ``population``, ``homicide_rate_2019``.
    scenario : Scenario
        Gives the effect on homicides and the trend that differs between the groups; the trend
        runs through all quarters and is zero in the last one before the programme.

    Returns
    -------
    DataFrame
        ``municipality, quarter, homicides, road_injuries, population``.
    """
    population = frame["population"].to_numpy(dtype=float)[:, None]
    treated = (frame["arm"] == "treated").to_numpy()[:, None]
    time = np.arange(len(QUARTERS)) - LAST_BEFORE
    drift = scenario.series_trend * time * treated
    entry = np.array([ENTRY.get(c, len(QUARTERS)) for c in frame["cohort"].tolist()])[:, None]
    entered = np.arange(len(QUARTERS)) >= entry
    homicide = frame["homicide_rate_2019"].to_numpy(dtype=float)[:, None] / 4
    rates = {
        "homicides": homicide * np.exp(drift + scenario.series_effect * entered),
        "road_injuries": ROAD_RATE * np.exp(drift),
    }
    counts = {
        name: generator.poisson(rate * population / 1e5 * _noise(generator, len(frame)))
        for name, rate in rates.items()
    }
    return pd.DataFrame(
        {
            "municipality": np.repeat(frame["municipality"].to_numpy(), len(QUARTERS)),
            "quarter": np.tile(QUARTERS, len(frame)),
            **{name: values.ravel() for name, values in counts.items()},
            "population": np.repeat(frame["population"].to_numpy(dtype=int), len(QUARTERS)),
        }
    )


def _noise(generator: np.random.Generator, places: int) -> Floats:
    """Factors around one: seasons and the lockdown for all, and each municipality's own."""
    quarter = np.arange(len(QUARTERS))
    national = 0.05 * np.sin(2 * np.pi * quarter / 4) + 0.04 * generator.standard_normal(
        len(QUARTERS)
    )
    national -= 0.25 * ((quarter >= LOCKDOWN) & (quarter < LOCKDOWN + 2))
    own = LASTING_SD * generator.standard_normal((places, 1))
    passing = QUARTERLY_SD * generator.standard_normal((places, len(QUARTERS)))
    return np.exp(national + own + passing)
