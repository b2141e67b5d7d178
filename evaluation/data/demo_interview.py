"""What the battery does not ask: traits, the interview itself, exposure, follow-up questions."""

import calendar
import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.demo_people import People
from evaluation.spec.study import Study

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
    victim = generator.random(n) < 0.40
    return {
        "residence": people.rural.astype(float),
        "sex": people.carry((generator.random(n) < 0.52).astype(float)),
        "age": np.minimum(people.carry(age) + 4 * _again(people), 96),
        "education": people.carry(generator.choice(6, size=n, p=EDUCATION).astype(float)),
        "ethnicity": people.carry(ethnicity.astype(object)),
        "victim_household": people.carry(victim.astype(float)),
        "leader": people.carry((generator.random(n) < 0.05).astype(float)),
    }


def _again(people: People) -> NDArray[np.float64]:
    again = np.zeros(len(people.place))
    again[people.linked] = 1
    return again


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
