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

from evaluation.config.dictionary import Dictionary
from evaluation.report.truth import Construct, ItemModel, Scenario, Truth, Worry
from tools.demo.people import People

Floats = NDArray[np.float64]
Kinds = NDArray[np.int8]
# kinds of silence; 0 is an answer
DONT_KNOW, REFUSED = 1, 2


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
    if not items:
        return Answers({}, {}, {})
    settings, models = truth.settings, [truth.items[name] for name in items]
    latent = Latent(
        people, frame, truth, [truth.constructs[c] for c in sorted({m.construct for m in models})]
    )
    common = latent.common(generator) + latent.interviewers(generator, interviewer)
    effects, own_sd = latent.effects(), np.sqrt(latent.personal * (1 - settings.common))
    noise = generator.standard_normal((len(people.place), len(models)))
    own = people.persist(noise, settings.persistence)
    luck = generator.random(own.shape)
    answers, position = Answers({}, {}, {}), [c.id for c in latent.constructs]
    for i, model in enumerate(models):
        d = position.index(model.construct)
        without = model.sign * common[:, d] + own_sd[d] * own[:, i]
        name, values = model.variable, item_values(model, dictionary)
        answers.untreated[name] = answers.observed[name] = _cut(without, model, values)
        if effects[:, d].any():
            answers.observed[name] = _cut(without + model.sign * effects[:, d], model, values)
        further = latent.refusals(answers.observed[name], name)
        answers.kinds[name] = silence(luck[:, i], model, further)
    return answers


@dataclass(frozen=True, slots=True)
class Latent:
    """Constructs of all interviews; arrays have the shape (n, constructs)."""

    people: People
    frame: pd.DataFrame
    truth: Truth
    constructs: Sequence[Construct]

    def of(self, name: str) -> Floats:
        """A number of each construct, shape (constructs,)."""
        return np.array([getattr(construct, name) for construct in self.constructs])

    @property
    def personal(self) -> Floats:
        """Variance between people of one municipality and interviewer, shape (constructs,)."""
        return (1 - self.of("icc")) * (1 - self.truth.settings.interviewer_icc)

    def common(self, generator: np.random.Generator) -> Floats:
        """Shifts, municipal part and the construct's common part."""
        settings, people, n = self.truth.settings, self.people, len(self.people.place)
        places, d = len(self.frame), len(self.constructs)
        general = self.of("general")
        alone = np.sqrt(1 - general**2)
        lasting = general * generator.standard_normal((places, 1))
        lasting = lasting + alone * generator.standard_normal((places, d))
        passing = generator.standard_normal((2, places, d))
        own = [c.autocorrelation for c in self.constructs]
        share = np.array([settings.autocorrelation if a is None else a for a in own])
        municipal = np.sqrt(share) * lasting + np.sqrt(1 - share) * passing
        noise = people.persist(generator.standard_normal((n, d)), settings.persistence)
        person = general * people.general[:, None] + alone * noise
        result = np.sqrt(self.of("icc")) * municipal[people.endline.astype(int), people.place]
        result += np.sqrt(self.personal * settings.common) * person
        return result + self._shifts()

    def _shifts(self) -> Floats:
        people, trend = self.people, self.truth.scenario.trend
        treated = (self.frame["arm"] == "treated").to_numpy()[people.place].astype(float)
        endline = people.endline.astype(float)
        columns = [
            c.rural * (people.rural - 0.5)
            + c.treated * treated
            + c.endline * endline
            + trend * c.better * treated * endline
            for c in self.constructs
        ]
        return np.column_stack(columns)

    def interviewers(
        self, generator: np.random.Generator, interviewer: NDArray[np.int64]
    ) -> Floats:
        """How far each interviewer, a number from 0, lifts or lowers answers."""
        lift = generator.standard_normal((int(interviewer.max()) + 1, len(self.constructs)))
        icc = self.truth.settings.interviewer_icc
        return np.sqrt((1 - self.of("icc")) * icc) * lift[interviewer]

    def effects(self) -> Floats:
        """Effect of the programme on each construct, zero but for treated people at endline."""
        effect = self.truth.scenario.effect
        by_place = np.array(
            [[effect(c.id, x) for c in self.constructs] for x in self.frame["cohort"].tolist()]
        )
        return by_place[self.people.place] * self.people.endline[:, None]

    def refusals(self, answers: Floats, name: str) -> Floats:
        """Chance that an answer is refused beyond the item's own share, shape (n,)."""
        further = np.zeros(len(answers))
        arms = self.frame["arm"].to_numpy(dtype=object)[self.people.place]
        for silence in self.truth.scenario.silence:
            if name in silence.items:
                rows = (arms == silence.arm) & (self.people.endline == (silence.round == "endline"))
                further += rows * np.where(answers > 0, silence.yes, silence.no)
        return further


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


def silence(luck: Floats, model: ItemModel | Worry, further: Floats) -> Kinds:
    """Kinds of silence of one question.

    Parameters
    ----------
    luck : ndarray, shape (n,)
        Uniform numbers.
    model : ItemModel or Worry
        Gives the question's own shares.
    further : ndarray, shape (n,)
        Chance of a refusal beyond these.
    """
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
    columns = {
        "municipality": np.repeat(frame["municipality"].to_numpy(), len(QUARTERS)),
        "quarter": np.tile(QUARTERS, len(frame)),
    }
    for name, rate in rates.items():
        noise = _noise(generator, len(frame))
        columns[name] = generator.poisson(rate * population / 1e5 * noise).ravel()
    people = np.repeat(frame["population"].to_numpy(dtype=int), len(QUARTERS))
    return pd.DataFrame({**columns, "population": people})


def _noise(generator: np.random.Generator, places: int) -> Floats:
    """Factors around one: seasons and the lockdown for all, and each municipality's own."""
    quarter = np.arange(len(QUARTERS))
    luck = generator.standard_normal(len(QUARTERS))
    national = 0.05 * np.sin(2 * np.pi * quarter / 4) + 0.04 * luck
    national -= 0.25 * ((quarter >= LOCKDOWN) & (quarter < LOCKDOWN + 2))
    own = LASTING_SD * generator.standard_normal((places, 1))
    passing = QUARTERLY_SD * generator.standard_normal((places, len(QUARTERS)))
    return np.exp(national + own + passing)
