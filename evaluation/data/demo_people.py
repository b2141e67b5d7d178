"""Who is interviewed: so many adults per municipality and round, a part of them twice.

Rows of both rounds are stacked, baseline first, municipalities in the order of the frame.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.demo_truth import Settings

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Attrition = Literal["planned", "none"]

ADULT_SHARE = 0.66
HOUSEHOLD_ADULTS = np.array([1.0, 2.0, 3.0, 4.0])
HOUSEHOLD_SHARES = np.array([0.22, 0.48, 0.20, 0.10])
# how strongly people who feel less safe are lost, on a scale where the luck of being found is 1
LOSS_TREATED = 0.55
LOSS_COMPARISON = 0.30


@dataclass(frozen=True, slots=True)
class People:
    """Interviews, n = 2 rounds x municipalities x interviews.

    Attributes
    ----------
    place : ndarray of int, shape (n,)
        Position of the municipality in the frame.
    endline : ndarray of bool, shape (n,)
    linked : ndarray of int, shape (linked,)
        Endline rows of people interviewed before.
    before : ndarray of int, shape (linked,)
        Their baseline rows.
    general : ndarray of float, shape (n,)
        A person's general factor, SD 1: feels safer and trusts more.
    rural : ndarray of bool, shape (n,)
    adults : ndarray of float, shape (n,)
        Adults in the household: one of them was drawn.
    """

    place: Integers
    endline: Flags
    linked: Integers
    before: Integers
    general: Floats
    rural: Flags
    adults: Floats

    @property
    def member(self) -> Flags:
        """Interviewed in both rounds, shape (n,)."""
        member = np.zeros(len(self.place), dtype=bool)
        member[self.linked] = True
        member[self.before] = True
        return member

    def carry(self, values: NDArray) -> NDArray:
        """Values with those of people interviewed before taken from their baseline row."""
        carried = values.copy()
        carried[self.linked] = carried[self.before]
        return carried

    def persist(self, noise: Floats, correlation: float) -> Floats:
        """Standard normal noise with a correlation over rounds of the same person.

        Parameters
        ----------
        noise : ndarray, shape (n,) or (n, k)
            Independent standard normals.
        correlation : float
            Between the two rounds of one person.
        """
        kept = noise.copy()
        kept[self.linked] = (
            correlation * noise[self.before] + np.sqrt(1 - correlation**2) * noise[self.linked]
        )
        return kept


def draw_people(
    generator: np.random.Generator, frame: pd.DataFrame, settings: Settings, *, attrition: Attrition
) -> People:
    """Draw both rounds' samples.

    Parameters
    ----------
    generator : Generator
    frame : DataFrame
        Municipalities, with ``arm`` and ``rurality_2018`` in percent.
    settings : Settings
    attrition : {"planned", "none"}
        Whether being found again depends on arm, luck and how safe a person feels; or is the
        same share of a random half in each municipality.
    """
    places, size = len(frame), settings.interviews
    count = places * size
    general = generator.standard_normal(2 * count)
    kept = _found(generator, frame, settings, general[:count].reshape(places, size), attrition)
    before = np.flatnonzero(kept.ravel())
    linked = count + _first_rows(kept.sum(axis=1), size)
    people = People(
        place=np.tile(np.repeat(np.arange(places), size), 2),
        endline=np.repeat([False, True], count),
        linked=linked,
        before=before,
        general=general,
        rural=_rural(generator, frame, size),
        adults=generator.choice(HOUSEHOLD_ADULTS, size=2 * count, p=HOUSEHOLD_SHARES),
    )
    return People(
        place=people.place,
        endline=people.endline,
        linked=linked,
        before=before,
        general=people.persist(general, settings.persistence),
        rural=people.carry(people.rural),
        adults=people.carry(people.adults),
    )


def _found(
    generator: np.random.Generator,
    frame: pd.DataFrame,
    settings: Settings,
    general: Floats,
    attrition: Attrition,
) -> Flags:
    """Baseline people who are found again, shape (places, size)."""
    places, size = general.shape
    treated = (frame["arm"] == "treated").to_numpy()
    luck = generator.standard_normal((places, size))
    rate = np.full(places, (settings.recontact_treated + settings.recontact_comparison) / 2)
    if attrition == "planned":
        loss = np.where(treated, LOSS_TREATED, LOSS_COMPARISON)
        luck = luck + loss[:, None] * general
        rate = np.where(treated, settings.recontact_treated, settings.recontact_comparison)
        rate = rate + 0.05 * generator.standard_normal(places)
    wanted = np.clip(np.round(rate * size), 0.3 * size, 0.85 * size)
    rank = np.argsort(np.argsort(-luck, axis=1), axis=1)
    return rank < wanted[:, None]


def _first_rows(counts: Integers, size: int) -> Integers:
    """Rows of the first ``counts[g]`` interviews of each municipality."""
    inside = np.arange(size) < counts[:, None]
    return np.flatnonzero(inside.ravel())


def _rural(generator: np.random.Generator, frame: pd.DataFrame, size: int) -> Flags:
    share = np.clip(0.30 + 0.5 * (_rurality(frame) - 0.2), 0.30, 0.80)
    chance = np.tile(np.repeat(share, size), 2)
    return generator.random(len(chance)) < chance


def _rurality(frame: pd.DataFrame) -> Floats:
    return frame["rurality_2018"].to_numpy(dtype=float) / 100


def design_weights(people: People, frame: pd.DataFrame) -> Floats:
    """Adults that each interview stands for.

    The adults of a stratum (urban, rural) of a municipality, shared out among the stratum's
    interviews of the round in proportion to the adults of their households.
    """
    rurality, population = _rurality(frame), frame["population"].to_numpy(dtype=float)
    adults = ADULT_SHARE * population[people.place]
    adults = adults * np.where(people.rural, rurality[people.place], 1 - rurality[people.place])
    stratum = 4 * people.place + 2 * people.endline + people.rural
    total = np.bincount(stratum, weights=people.adults)
    return np.round(adults * people.adults / total[stratum], 2)
