"""Scales that look turned between rounds: the answers against the other answers and the midpoint.

A code list that was turned in one round's form, and not in the dictionary, leaves two traces in
the values. The item's *tie* to other items changes its sign, because the people who trust still
agree with each other on everything else. And the item's *mean* lands where the earlier mean,
mirrored at the scale's midpoint, would be. Either alone may be a true change; both together are
not.
"""

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Outcome
from evaluation.data.cleaning.parse import Parsed, is_numeric
from evaluation.data.findings import arranged
from evaluation.data.rules.rule import DataRule, numeric_values, standardised
from evaluation.estimation.records import Finding
from evaluation.locale.messages import message, several

TURNED = DataRule("reversed-scale", "error")
IN_DOUBT = DataRule("reversed-scale", "warn")

SCALES = ("ordinal", "binary")
# With fewer answers in a round the standard error of a correlation is about 0.13 and more.
JUDGED = 200
# Answers of one place resemble each other: 50 interviews a place at an intra-class correlation of
# 0.05 multiply a mean's sampling variance by 1 + 49 x 0.05.
DESIGN_EFFECT = 3.5
# An earlier tie weaker than this says nothing about direction.
WEAKEST_TIE = 0.15
# A turned item ties to the others as strongly as before, the other way; no tie is zero. Halfway.
TURNED_SHARE = 0.5
STANDARD_ERRORS = 3.0
# A mean alone is a sign only where both rounds lie this many standard deviations from the midpoint,
# on either side: a true change of twice that is larger than effects of such programmes ever are.
FAR = 0.25

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOfRounds:
    """A scale that both rounds asked.

    Attributes
    ----------
    families, codes : frozenset of str
        Families of its outcomes, and its code lists.
    sizes : tuple of two ints
        Answers in the two rounds.
    distances : tuple of two floats
        Mean minus midpoint in standard deviations, in the two rounds.
    """

    name: str
    families: frozenset[str]
    codes: frozenset[str]
    sizes: tuple[int, int]
    distances: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """Items and, for each round, the products of their standardised answers, shape (k, k).

    A missing answer stands at the mean, which makes it zero.
    """

    items: tuple[ScaleOfRounds, ...]
    before: Values
    after: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What the two traces say of one item.

    Attributes
    ----------
    tied, ties : int, tuple of two floats
        Number of other items, and the tie to them in the two rounds where it turned.
    distances : tuple of two floats
        Mean minus midpoint in standard deviations, in the two rounds.
    mean : {"turned", "agrees", ""}
        "turned" where the mean alone is a sign, "agrees" where it only bears out a turned tie.
    """

    tied: int
    ties: tuple[float, float] | None
    distances: tuple[float, float]
    mean: str


def reversed_scales(
    rounds: Sequence[Parsed], outcomes: Sequence[Outcome], dictionary: Dictionary
) -> tuple[Finding, ...]:
    """Find items of the plan whose scale looks turned between a round and the next.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in order.
    outcomes : sequence of Outcome
        Of the plan: their ordinal and yes/no items are looked at, each tied to the other items of
        its family and to all items with other codes.
    dictionary : Dictionary
        Code lists: the midpoint of a scale.

    Returns
    -------
    tuple of Finding
        Rule ``reversed-scale``: an error where tie and mean both turned, a warning where one did.

    Notes
    -----
    The tie of item i is the correlation of i with the sum of the standardised others, each times
    its correlation with i in the earlier round: positive there by construction, and negative later
    only if i turned against what it went with before.
    """
    findings: list[Finding] = []
    for before, after in itertools.pairwise(rounds):
        scales = _scales(before, after, outcomes, dictionary)
        findings += [
            _finding(scales.items[position].name, signs, before, after)
            for position, signs in _turned(scales).items()
        ]
    return arranged(findings)


def _turned(scales: Scales) -> dict[int, Signs]:
    """Signs of the items that look turned, by position.

    One turned item pulls at the ties of all it went with. So the plainest is taken first, and the
    ties of the others are looked at without it.
    """
    found: dict[int, Signs] = {}
    while True:
        straight = [i for i in range(len(scales.items)) if i not in found]
        signs = {i: _signs(i, straight, scales) for i in straight}
        turned = [i for i, own in signs.items() if own.ties is not None]
        if not turned:
            return found | {i: own for i, own in signs.items() if own.mean == "turned"}
        plainest = min(turned, key=lambda i: _plainness(scales.items[i].name, signs[i]))
        found[plainest] = signs[plainest]


def _plainness(name: str, own: Signs) -> tuple[float, bool, str]:
    """How far the tie turned (-1: as strong as before, the other way), then what the mean says.

    The mean of an item near its midpoint crosses it by any small change, so it does not come first.
    """
    first, later = own.ties if own.ties is not None else (1.0, 0.0)
    return (later / first, own.mean == "", name)


def _scales(
    before: Parsed, after: Parsed, outcomes: Sequence[Outcome], dictionary: Dictionary
) -> Scales:
    pair = (before, after)
    families: dict[str, set[str]] = {}
    for outcome in outcomes:
        for item in outcome.items:
            families.setdefault(item.name, set()).add(outcome.family)
    names = [name for name in families if _is_scale(name, pair, dictionary)]
    return Scales(
        items=tuple(_item(name, families[name], pair, dictionary) for name in names),
        before=_products(before, names),
        after=_products(after, names),
    )


def _item(
    name: str, families: Collection[str], pair: tuple[Parsed, Parsed], dictionary: Dictionary
) -> ScaleOfRounds:
    first, later = (parsed.numbers(name) for parsed in pair)
    lists = [dictionary.code_list(name, parsed.file.source) for parsed in pair]
    values = [float(code.value) for code in lists[1].values] if lists[1] else [np.nan]
    middle = (min(values) + max(values)) / 2
    return ScaleOfRounds(
        name=name,
        families=frozenset(families),
        codes=frozenset(codes.id for codes in lists if codes is not None),
        sizes=(int(np.sum(~np.isnan(first))), int(np.sum(~np.isnan(later)))),
        distances=(_distance(first, middle), _distance(later, middle)),
    )


def _products(parsed: Parsed, names: Sequence[str]) -> Values:
    answers = standardised(numeric_values(parsed, names))
    return np.asarray(answers.T @ answers)


def _is_scale(name: str, pair: Sequence[Parsed], dictionary: Dictionary) -> bool:
    variable = dictionary.variables.get(name)
    return (
        variable is not None
        and variable.type in SCALES
        and is_numeric(variable, dictionary)
        and all(name in parsed.columns for parsed in pair)
        and all(np.sum(~np.isnan(parsed.numbers(name))) >= JUDGED for parsed in pair)
    )


def _signs(position: int, others: Sequence[int], scales: Scales) -> Signs:
    item = scales.items[position]
    beside = [(i, scales.items[i]) for i in others if i != position]
    family = [i for i, other in beside if other.families & item.families]
    elsewhere = [i for i, other in beside if not other.codes & item.codes]
    tied, ties = 0, None
    for known in (family, elsewhere):
        if known and ties is None:
            tied, ties = len(known), _turned_tie(position, known, scales)
    return Signs(tied=tied, ties=ties, distances=item.distances, mean=_mean_sign(item))


def _turned_tie(position: int, others: Sequence[int], scales: Scales) -> tuple[float, float] | None:
    """Tie in the two rounds where it turned; None where it did not, or is too weak to tell."""
    spread = np.sqrt(scales.before.diagonal()[list(others)] * scales.before[position, position])
    weights = scales.before[position, list(others)] / np.where(spread > 0, spread, np.inf)
    first, later = (
        _tie(position, others, weights, products) for products in (scales.before, scales.after)
    )
    n_first, n_later = scales.items[position].sizes
    # k weights fitted to nothing but chance make a multiple correlation of about sqrt(k / n)
    chance = 2 * np.sqrt(DESIGN_EFFECT * len(others) / n_first)
    error = np.sqrt(DESIGN_EFFECT / n_later)
    turned = later <= -TURNED_SHARE * first and later <= -STANDARD_ERRORS * error
    return (first, later) if first >= max(WEAKEST_TIE, chance) and turned else None


def _tie(position: int, others: Sequence[int], weights: Values, products: Values) -> float:
    """Correlation of an item with the weighted sum of others, from the products of all."""
    covariance = float(products[position, list(others)] @ weights)
    spread = weights @ products[np.ix_(others, others)] @ weights
    size = float(np.sqrt(products[position, position] * spread))
    return covariance / size if size > 0 else 0.0


def _distance(values: Values, middle: float) -> float:
    spread = float(np.nanstd(values))
    return (float(np.nanmean(values)) - middle) / spread if spread > 0 else 0.0


def _mean_sign(item: ScaleOfRounds) -> str:
    first, later = item.distances
    error = np.sqrt(DESIGN_EFFECT * math.fsum(1 / n for n in item.sizes))
    if first * later >= 0 or abs(first - later) < STANDARD_ERRORS * error:
        return ""
    # the later mean is nearer to the mirrored earlier one than to the midpoint's far side
    mirrored = abs(first + later) <= abs(first - later) / 2
    return "turned" if mirrored and min(abs(first), abs(later)) >= FAR else "agrees"


def _finding(name: str, own: Signs, before: Parsed, after: Parsed) -> Finding:
    rule = TURNED if own.ties and own.mean else IN_DOUBT
    signs = []
    if own.ties is not None:
        signs.append(message("correlation-items.part", n=own.tied, **_moved(own.ties, before)))
    if own.mean:
        signs.append(message("mean-sd-midpoint.part", **_moved(own.distances, before)))
    return rule.at(after, name, name=name, round=before.file.source, signs=several(signs))


def _moved(values: tuple[float, float], before: Parsed) -> dict[str, str]:
    first, later = (f"{value:+.2f}" for value in values)
    return {"later": later, "source": before.file.source, "first": first}
