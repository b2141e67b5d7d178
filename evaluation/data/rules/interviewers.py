"""Interviewers: who gets other answers, or none, beyond what the places they worked in explain."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed, is_numeric
from evaluation.data.clusters import row_clusters
from evaluation.data.rules.near_duplicates import one_answer, runs
from evaluation.data.rules.rule import DataRule, Declared, interviewers, of_round, questions
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain, message

INTERVIEWER_NONRESPONSE = DataRule("interviewer-nonresponse", "warn", fix="sit-interviews")
INTERVIEWER_EFFECT = DataRule("interviewer-effect", "warn", "further", "sit-interviews")
INTERVIEWER_EFFECTS = DataRule("interviewer-effect", "warn", "further-and-more", "sit-interviews")
INTERVIEWER_VARIANCE = DataRule("interviewer-variance", "warn")


# with fewer interviews a mean says little about the person who made them
SMALLEST = 30
# a yes/no answer needs as many expected on either side for its mean to be near normal
EXPECTED = 10
# One clean round in a hundred has any finding: shared among all that is compared.
FALSE_ALARMS = 0.01
# Interviewers explain one or two per cent of an item's variance where they are well trained.
SHARE = 0.05
SHOWN = 5
KINDS = ("dont_know", "refused")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewPlaces:
    """Who interviewed where, shape (n,); -1 where either is unknown or nobody consented.

    ``column`` is the variable that names them.
    """

    who: NDArray[np.int64]
    where: NDArray[np.int64]
    names: tuple[object, ...]
    column: str


def work_of(parsed: Parsed, declared: Declared) -> InterviewPlaces | None:
    """Who interviewed where in a round; None where nobody noted it.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Names the interviewers' column.
    """
    people, column = interviewers(parsed, declared), declared.study.columns.enumerator
    if people is None or column is None:
        return None
    who, names = pd.factorize(people, sort=True)
    where = pd.factorize(row_clusters(parsed, declared.frame))[0]
    known = (who >= 0) & (where >= 0)
    who, where = np.where(known, who, -1), np.where(known, where, -1)
    return InterviewPlaces(who=who, where=where, names=tuple(names), column=column)


@of_round
def nonresponse(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviewers with more, or fewer, "don't know" or refusals than their places explain."""
    work = declared.once(work_of, parsed)
    names = questions(parsed, declared)
    if work is None or not names:
        return
    columns = [parsed.columns[name] for name in names]
    asked = np.sum([c.observed | c.is_missing(*KINDS) for c in columns], axis=0, dtype=np.int64)
    for kind in KINDS:
        ended = np.sum([c.is_missing(kind) for c in columns], axis=0, dtype=np.int64)
        shares = ended / np.maximum(asked, 1)
        words = message(f"word.quoted-{kind.replace('_', '-')}")
        for who, _ in _beyond(shares, work, comparisons=len(KINDS)):
            person, mine = f"interviewer {work.names[who]}", shares[work.who == who].mean()
            everybody = f"{shares[work.who >= 0].mean():.1%}"
            yield INTERVIEWER_NONRESPONSE.group(
                parsed, work.column, person, mine=f"{mine:.1%}", words=words, all=everybody
            )


@of_round
def effects(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviewers whose mean answers differ beyond what their clusters' spread explains."""
    work = declared.once(work_of, parsed)
    if work is None:
        return
    columns = dict(_scales(parsed, declared, work))
    odd: dict[int, list[tuple[float, str]]] = {}
    for name, values in columns.items():
        for who, z in _beyond(values, work, comparisons=len(columns)):
            odd.setdefault(who, []).append((-abs(z), name))
    for who, found in sorted(odd.items()):
        names = [name for _, name in sorted(found)]
        more = {"more": len(names) - SHOWN} if len(names) > SHOWN else {}
        rule = INTERVIEWER_EFFECTS if more else INTERVIEWER_EFFECT
        said = {"names": ", ".join(names[:SHOWN]), "judged": len(columns), **more}
        yield rule.group(parsed, work.column, f"interviewer {work.names[who]}", **said)


@of_round
def variance(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Questions where interviewers who worked in the same places got different answers.

    Notes
    -----
    One-way analysis of variance of interviewers inside clusters: with mean squares B between and W
    within, the interviewers' component is (B - W) / m, m the mean size of a cell (Searle, Casella
    and McCulloch 1992, section 3.6). Interviewers who share no place cannot be told from it.
    """
    work = declared.once(work_of, parsed)
    if work is None:
        return
    columns = dict(_scales(parsed, declared, work))
    limit = NormalDist().inv_cdf(1 - FALSE_ALARMS / max(len(columns), 1))
    for name, values in columns.items():
        share, z = variance_share(values, work.who, work.where)
        if share >= SHARE and z > limit:
            column = work.column if name == RUNS else name
            said = {"share": Plain(f"{share:.0%}"), "name": Plain(name)}
            yield INTERVIEWER_VARIANCE.at(parsed, column, **said)


RUNS = "one-answer runs"


def _scales(
    parsed: Parsed, declared: Declared, work: InterviewPlaces
) -> Iterator[tuple[str, Floats]]:
    """Questions whose mean says something, and the share of runs with one answer."""
    for name in questions(parsed, declared, "binary", "ordinal"):
        if not is_numeric(declared.dictionary.variables[name], declared.dictionary):
            continue
        values = np.where(work.who >= 0, parsed.columns[name].values.astype(float), np.nan)
        if np.fmin.reduce(values, initial=np.nan) < np.fmax.reduce(values, initial=np.nan):
            yield name, values
    found = runs(parsed, declared)
    if found:
        same, answered = one_answer(parsed, found)
        number = answered.sum(axis=1)
        share = same.sum(axis=1) / np.where(number > 0, number, 1)
        yield RUNS, np.where((number > 0) & (work.who >= 0), share, np.nan)


def _beyond(
    values: Floats, work: InterviewPlaces, *, comparisons: int
) -> Iterator[tuple[int, float]]:
    """Interviewers whose mean is too far from the others', with the distance in standard errors.

    The furthest is taken out first, and the others are compared without it: one odd interviewer
    among few would make all others look odd.

    Notes
    -----
    Rare answers come from few people, so that means of some interviews are skewed as a single
    interview is, over the root of their number. The limit is that of a normal distribution with
    the first term of Cornish and Fisher (1938, Review of the International Statistical Institute
    5, 307-320) on the longer side.
    """
    use = ~np.isnan(values) & (work.who >= 0)
    sizes = np.bincount(work.who[use], minlength=len(work.names))
    people = int(np.count_nonzero(sizes))
    limit = NormalDist().inv_cdf(1 - FALSE_ALARMS / (2 * max(people, 1) * comparisons))
    longer = (limit**2 - 1) / 6 * _skewness(values[use]) / np.sqrt(np.maximum(sizes, 1))
    while True:
        z = _distances(values[use], work.who[use], work.where[use], people=len(work.names))
        over = np.abs(z) - np.maximum(np.sign(z) * longer, 0.0)
        furthest = int(over.argmax()) if len(z) else 0
        if not len(z) or over[furthest] <= limit:
            return
        yield furthest, float(z[furthest])
        use &= work.who != furthest


def _skewness(values: Floats) -> float:
    """Third moment of the standardised values; zero where they do not vary."""
    if not len(values):
        return 0.0
    off = values - values.mean()
    square = off * off
    spread = float(square.mean())
    return float(square @ off) / (len(off) * spread**1.5) if spread > 0 else 0.0


def _distances(
    y: Floats, who: NDArray[np.int64], where: NDArray[np.int64], *, people: int
) -> Floats:
    """Mean of each interviewer minus the others', in standard errors; 0 where not judged.

    The variance of a mean of n interviews is the variance between clusters times the sum of
    squared shares of its clusters, plus the variance within clusters over n.
    """
    places = int(where.max(initial=-1)) + 1
    counts = np.bincount(who * places + where, minlength=people * places).astype(np.float64)
    counts = counts.reshape(people, places)
    mine = counts.sum(axis=1)
    judged = (mine >= SMALLEST) & (len(y) - mine >= SMALLEST)
    if not judged.any():
        return np.zeros(people)
    within, between = components(y, where)
    sums = np.bincount(who, y, minlength=people)
    others, sizes = counts.sum(axis=0) - counts, np.maximum(len(y) - mine, 1)
    n = np.maximum(mine, 1)
    spread = (counts**2).sum(axis=1) / n**2 + (others**2).sum(axis=1) / sizes**2
    error = np.sqrt(between * spread + within * (1 / n + 1 / sizes))
    z = (sums / n - (y.sum() - sums) / sizes) / np.where(error > 0, error, np.inf)
    ends = min(float((y > y.min()).mean()), float((y < y.max()).mean()))
    return np.where(judged & (ends * mine >= EXPECTED), z, 0.0)


def components(y: Floats, where: NDArray[np.int64]) -> tuple[float, float]:
    """Variance within clusters, and between them: analysis of variance, unequal sizes.

    Source: Searle, Casella and McCulloch (1992), Variance Components, section 3.6.
    """
    sizes, squares = _squares(y, where)
    n, places = len(y), int((sizes > 0).sum())
    within = squares / max(n - places, 1)
    if places < 2:
        return within, 0.0
    between = (float(((y - y.mean()) ** 2).sum()) - squares) / (places - 1)
    size = (n - float(sizes @ sizes) / n) / (places - 1)
    return within, max(0.0, (between - within) / size)


def variance_share(
    values: Floats, who: NDArray[np.int64], where: NDArray[np.int64]
) -> tuple[float, float]:
    """Interviewers' share of the variance inside clusters, and how sure it is above zero.

    Parameters
    ----------
    values, who, where : ndarray, shape (n,)
        Answers (NaN where missing), interviewer and cluster (-1 where unknown).

    Returns
    -------
    share, z : float
        Share from 0 to 1; the variance ratio as a standard normal deviate under no difference.
        Both 0 where no place was shared.
    """
    use = ~np.isnan(values) & (who >= 0) & (where >= 0)
    y, place = values[use], where[use]
    cell = place * (int(who.max(initial=0)) + 1) + who[use]
    (sizes, within), (totals, around) = _squares(y, cell), _squares(y, place)
    used = np.flatnonzero(sizes)
    df_between, df_within = len(used) - int((totals > 0).sum()), len(y) - len(used)
    if df_between < 1 or df_within < 1 or within <= 0:
        return 0.0, 0.0
    between, inside = (around - within) / df_between, within / df_within
    place_of = used // (int(who.max(initial=0)) + 1)
    size = float((sizes[used] - sizes[used] ** 2 / totals[place_of]).sum()) / df_between
    component = max(0.0, (between - inside) / size)
    return component / (component + inside), _deviate(between / inside, df_between, df_within)


def _squares(y: Floats, group: NDArray[np.int64]) -> tuple[Floats, float]:
    """Sizes of the groups, and the sum of squares of the distances from their means."""
    sizes = np.bincount(group).astype(float)
    means = np.bincount(group, y) / np.where(sizes > 0, sizes, 1)
    return sizes, float(((y - means[group]) ** 2).sum())


def _deviate(ratio: float, df_between: int, df_within: int) -> float:
    """A variance ratio as a normal deviate.

    Source: Paulson (1942), Annals of Mathematical Statistics 13, 233-235: cube roots of chi-squares
    over their degrees of freedom are near normal (Wilson and Hilferty 1931).
    """
    a, b = 2 / (9 * df_between), 2 / (9 * df_within)
    root = np.cbrt(ratio)
    return float(((1 - b) * root - (1 - a)) / np.sqrt(b * root**2 + a))
