"""Who is interviewed, their traits and the interview itself: exposure, follow-up questions.

Rows of both rounds are stacked, baseline first, municipalities in the order of the frame.
"""

import calendar
import datetime
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.study import Study
from evaluation.report.truth import Settings

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
    # the first interviews of each municipality
    first = np.arange(size) < kept.sum(axis=1)[:, None]
    linked = count + np.flatnonzero(first.ravel())
    people = People(
        place=np.tile(np.repeat(np.arange(places), size), 2),
        endline=np.repeat([False, True], count),
        linked=linked,
        before=before,
        general=general,
        rural=_rural(generator, frame, size),
        adults=generator.choice(HOUSEHOLD_ADULTS, size=2 * count, p=HOUSEHOLD_SHARES),
    )
    return replace(
        people,
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


Generator = np.random.Generator
Column = NDArray

TEAMS = 14
FIELD_DAYS = 4
# an interviewer's day in minutes: from seven o'clock, the way between two interviews included
MORNING, DAY, WAY = 420, 660, 4
EDUCATION = (0.09, 0.30, 0.19, 0.25, 0.11, 0.06)
CRIMES = ("theft", "fight", "extortion", "threat", "fraud", "other")
CRIME_SHARES = (0.48, 0.08, 0.12, 0.18, 0.08, 0.06)
REPORTED_TO = ("police", "prosecutor", "ombudsman", "community", "other")
REPORTED_SHARES = (0.52, 0.22, 0.10, 0.12, 0.04)
RULERS = ("board", "ethnic_authority", "police", "mayor", "nobody")
RULER_SHARES = (0.34, 0.14, 0.22, 0.14, 0.16)
TIMES = (1.0, 2.0, 3.0, 4.0, 6.0, 7.0)
TIMES_SHARES = (0.60, 0.22, 0.09, 0.05, 0.03, 0.01)
MONTHS = tuple(month.lower() for month in calendar.month_name[1:])
PARADATA = (
    *("interview_date", "start_time", "duration_min", "enumerator", "enumerator_sex", "mode"),
    *("form_version", "consent"),
)
# treated people, comparison people, by question
EXPOSURE = {
    "x1_heard": (0.27, 0.03),
    "x2_took_part": (0.06, 0.002),
    "x3_household": (0.09, 0.004),
    "x4_organisation": (0.08, 0.004),
    "x5_fictitious": (0.03, 0.03),
}


def traits(generator: Generator, people: People, frame: pd.DataFrame) -> dict[str, Column]:
    """Traits of the respondent, the same in both rounds but for age."""
    n = len(people.place)
    ethnic = frame["ethnic_share_2018"].to_numpy(dtype=float)[people.place] / 100
    luck = generator.random(n)
    indigenous = frame["department"].isin(["Cauca", "Nariño"]).to_numpy()[people.place]
    afro = np.where(indigenous, 0.6, 0.8) * ethnic
    ethnicity = np.select(
        [luck < afro, luck < ethnic, luck < ethnic + 0.01], ["afro", "indigenous", "other"], "none"
    )
    age = 18 + np.floor(generator.gamma(1.7, 13.8, n))
    again = np.zeros(n)
    again[people.linked] = 1
    victim = generator.random(n) < 0.40
    return {
        "residence": people.rural.astype(float),
        "sex": people.carry((generator.random(n) < 0.52).astype(float)),
        "age": np.minimum(people.carry(age) + 4 * again, 96),
        "education": people.carry(generator.choice(6, size=n, p=EDUCATION).astype(float)),
        "ethnicity": people.carry(ethnicity.astype(object)),
        "victim_household": people.carry(victim.astype(float)),
        "leader": people.carry((generator.random(n) < 0.05).astype(float)),
    }


def respondents(generator: Generator, people: People) -> Column:
    """Random ids: the same person has the same one in both rounds; order says nothing."""
    numbers = 10000 + generator.permutation(90000)[: len(people.place)]
    return people.carry(np.char.mod("P%05d", numbers).astype(object))


@dataclass(frozen=True, slots=True)
class Field:
    """Who held each interview, and when; shape (n,).

    Attributes
    ----------
    days : ndarray of datetime64[D]
    interviewer : ndarray of int
        Number of the interviewer from 0; those of the second round have numbers of their own.
    """

    days: Column
    interviewer: Column


def field(generator: Generator, people: People, study: Study, interviewers: int) -> Field:
    """Share out the interviews of each municipality among the days and people of one team.

    A municipality is visited by one team for a few days, in an order that mixes the arms; a team
    goes on to the next, so that its interviewers work in both arms. Shares are equal but for one.
    """
    cells = 2 * people.place + people.endline
    days, team = _visits(generator, people, study)
    luck = generator.random(len(cells))
    rank = pd.Series(luck).groupby(cells).rank(method="first").to_numpy(dtype=int) - 1
    visit, seat = rank // interviewers % FIELD_DAYS, rank % interviewers
    first = TEAMS * people.endline + team
    return Field(days=days + visit, interviewer=interviewers * first + seat)


def interviews(
    generator: Generator, people: People, study: Study, held: Field
) -> dict[str, Column]:
    """Interviewers and paradata; the form's version is the round's id until export."""
    n = len(people.place)
    luck = generator.integers(0, 34200, n) / 34200
    minutes = np.clip(np.round(generator.normal(46, 9, n)), 24, 110)
    clock = _clock(held.interviewer, held.days, minutes, luck)
    starts = held.days.astype("datetime64[s]") + (60 * clock).astype("timedelta64[s]")
    rounds = np.array(study.rounds, dtype=object)[people.endline.astype(int)]
    number = held.interviewer + 1
    return {
        "interview_date": held.days.astype(object),
        "start_time": starts.astype(object),
        "duration_min": minutes,
        "enumerator": np.char.mod("E%03d", number).astype(object),
        "enumerator_sex": np.where(number % 3 == 0, "man", "woman").astype(object),
        "mode": np.full(n, "face_to_face", dtype=object),
        "form_version": rounds,
        "consent": np.ones(n),
    }


def _clock(enumerator: Column, days: Column, minutes: Column, luck: Column) -> Column:
    """Minute of the day at which each interview began, one after the other for each interviewer.

    What a day leaves is spread between the interviews: ordered uniform shares of it.
    """
    held = pd.DataFrame({"who": enumerator, "day": days, "minutes": minutes + WAY, "luck": luck})
    day = held.sort_values("luck", kind="stable").groupby(["who", "day"])["minutes"]
    before = day.cumsum().sort_index() - held["minutes"]
    left = np.maximum(DAY - day.transform("sum").sort_index(), 0.0)
    return np.floor(MORNING + before + left * luck).to_numpy(dtype=int)


def _visits(generator: Generator, people: People, study: Study) -> tuple[Column, Column]:
    """First day and team of each visit: teams take turns, each is in one place at a time."""
    places = int(people.place.max()) + 1
    first = np.empty((2, places), dtype="datetime64[D]")
    team = np.empty((2, places), dtype=int)
    for i, survey in enumerate(study.round[:2]):
        last = survey.end - datetime.timedelta(days=FIELD_DAYS)
        length = (last - survey.start).days
        order = generator.permutation(places)
        first[i] = np.datetime64(survey.start) + np.floor(order * length / places).astype(int)
        team[i] = order % TEAMS
    where = people.endline.astype(int), people.place
    return first[where], team[where]


def exposure(generator: Generator, people: People, frame: pd.DataFrame) -> dict[str, Column]:
    """Exposure at endline; NaN at baseline, where it was not asked."""
    treated = (frame["arm"] == "treated").to_numpy()[people.place]
    drawn: dict[str, Column] = {}
    for name, (treated_share, comparison_share) in EXPOSURE.items():
        luck = generator.random(len(people.place))
        yes = luck < np.where(treated, treated_share, comparison_share)
        drawn[name] = np.where(people.endline, yes.astype(float), np.nan)
    # who took part has heard of it
    heard = (drawn["x2_took_part"] == 1) | (drawn["x1_heard"] == 1)
    drawn["x1_heard"] = np.where(people.endline, heard.astype(float), np.nan)
    return drawn


def follow_ups(generator: Generator, days: Column) -> dict[str, Column]:
    """Nominal and count answers, before skip rules.

    The last event is as likely in each of the 365 days before the interview.
    """
    n = len(days)
    last = (days - generator.integers(1, 366, n)).astype("datetime64[M]").astype(int)

    def choose(values: tuple, shares: tuple[float, ...]) -> Column:
        chosen = generator.choice(len(values), size=n, p=shares)
        return np.array(values, dtype=object)[chosen]

    return {
        "v2_times": choose(TIMES, TIMES_SHARES).astype(float),
        "v3_type": choose(CRIMES, CRIME_SHARES),
        "r2_where": choose(REPORTED_TO, REPORTED_SHARES),
        "a1_rules": choose(RULERS, RULER_SHARES),
        "v17_last_month": np.array(MONTHS, dtype=object)[last % 12],
    }
