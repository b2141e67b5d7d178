"""How far people of two rounds agree with themselves: neither as traits do nor not at all.

Answers of one person in two rounds resemble each other a little. Where a question agrees as only
traits do, one round holds the other's answers; where a trait does not agree, its codes moved. How
far questions agree is taken from the study itself.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.identity import id_shapes
from evaluation.data.rules.panel_members import LinkedMembers, linked_people, numbered
from evaluation.data.rules.rule import DataRule, Declared, Floats, across_rounds, questions
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

OTHER_ROUNDS_ANSWERS = DataRule("other-rounds-answers", "warn")
OTHER_ROUNDS_BATTERY = DataRule("other-rounds-answers", "warn", "other-rounds-battery")
OTHER_ROUNDS_WEIGHTS = DataRule("other-rounds-weights", "warn")
TRAIT_CHANGED = DataRule("trait-mostly-changed", "warn")
ID_FORM = DataRule("id-form", "warn")

# with fewer people an agreement is not known to 0.1
PEOPLE = 200
# so many differences are expected of strangers: an answer that nearly all give says nothing
EXPECTED = 20.0
# fewer questions have no usual agreement
QUESTIONS = 10
# Robust standard deviations of the questions' agreement above the usual one: of a normal
# distribution one in three million lies beyond ...
FAR = 5.0
# ... and never less than this above the usual one, where all questions agree alike.
APART = 0.3
# half of that where all repeats of two questions are compared: each person has two at once
TIED = APART / 2
# whatever the others do, answers of another year are not repeated by nine people in ten
SURE = 0.9
# of a trait that mostly stays at least half of what strangers would differ in agrees
STAYS = 0.5
# questions that the same people repeat
BATTERY = 4
# of an answer that more strangers share, all may be repeated
COMMON = 0.7
# distinct weights or lengths, below which people of one place share theirs
DISTINCT = 50
# Share of ids of a form that the other round does not have.
FORM = 0.05
RARE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far people agree with themselves on one variable.

    Attributes
    ----------
    same : ndarray of bool, shape (n,)
        Equal answers.
    known : ndarray of bool, shape (n,)
        Answered in both rounds.
    chance : float
        Share of equal answers among strangers.
    """

    same: NDArray[np.bool_]
    known: NDArray[np.bool_]
    chance: float

    @property
    def is_telling(self) -> bool:
        """Whether enough people answered, and strangers would differ."""
        n = int(self.known.sum())
        return n >= PEOPLE and n * (1 - self.chance) >= EXPECTED

    @property
    def kappa(self) -> float:
        """Agreement beyond chance (Cohen 1960, Educational and Psychological Measurement 20)."""
        share = float(self.same[self.known].mean())
        return (share - self.chance) / (1 - self.chance)


@across_rounds
def round_agreement(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Answers, weights and traits of people in two rounds that follow each other, and their ids.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order.
    declared : Declared
        Says which traits stay, mostly stay, or are answers.
    """
    for before, after in itertools.pairwise(rounds):
        yield from _id_forms(before, after, declared)
        linked = declared.once(linked_people, before, after)
        if len(linked.later) < PEOPLE:
            continue
        variables = declared.dictionary.variables
        asked = [name for name in questions(after, declared) if linked.has(name)]
        # residence and the like are noted by the interviewer, and stay as traits do
        stays = [n for n in after.columns if linked.has(n) and variables[n].over_time == "mostly"]
        found = {name: _agreement(linked, name) for name in {*asked, *stays}}
        for name in stays:
            if found[name].is_telling and found[name].kappa < STAYS:
                said = {"item": name, "share": Plain(f"{found[name].same.mean():.0%}")}
                yield TRAIT_CHANGED.at(after, name, path=before.file.path, **said)
        free = [name for name in asked if variables[name].over_time == "free"]
        yield from _copied(linked, {name: found[name] for name in free})
        yield from _noted(linked, declared)


def _agreement(linked: LinkedMembers, name: str) -> Agreement:
    old, new = numbered(linked.before.columns[name], linked.after.columns[name])
    one, two = old[linked.earlier], new[linked.later]
    known = (one >= 0) & (two >= 0)
    size = max(int(old.max(initial=0)), int(new.max(initial=0))) + 1
    shares = [np.bincount(each[known], minlength=size) / max(known.sum(), 1) for each in (one, two)]
    return Agreement(same=(one == two) & known, known=known, chance=float(shares[0] @ shares[1]))


def _copied(linked: LinkedMembers, found: dict[str, Agreement]) -> Iterator[Finding]:
    """Questions that agree as no other does, then batteries of which a part does."""
    telling = {name: each for name, each in found.items() if each.is_telling}
    if len(telling) < QUESTIONS:
        return
    kappas = np.array([each.kappa for each in telling.values()])
    limit = limit_of(kappas)
    path = linked.before.file.path
    copied = {name for name, kappa in zip(telling, kappas, strict=True) if kappa > limit}
    for name, each in telling.items():
        if name in copied:
            agree = {
                "share": Plain(f"{each.same[each.known].mean():.0%}"),
                "usual": Plain(f"{float(np.median(kappas)):.2f}"),
                "kappa": Plain(f"{each.kappa:.2f}"),
            }
            yield OTHER_ROUNDS_ANSWERS.at(linked.after, name, item=name, path=path, **agree)
    free = [n for n in telling if n not in copied and telling[n].chance < COMMON]
    for names, share in _batteries(free, [telling[name] for name in free]):
        said = {"item": names[0], "k": Plain(len(names)), "share": Plain(f"{share:.0%}")}
        yield OTHER_ROUNDS_BATTERY.at(linked.after, names[0], path=path, **said)


def _batteries(
    names: Sequence[str], found: Sequence[Agreement]
) -> Iterator[tuple[list[str], float]]:
    """Questions that the same people repeat, and the share of people who repeat all of them.

    Whether somebody repeats one answer hardly depends on whether they repeat another. Where a part
    of the people hold the other round's answers to some questions, they repeat these together.
    Opinions of one thing are repeated together a little, too; but then fewer people repeat all of
    them than all but one.
    """
    if len(names) < QUESTIONS:
        return
    same = np.array([each.same for each in found], dtype=float)
    centred = same - same.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=1))
    spread = np.where(spread > 0, spread, np.inf)
    tied = centred @ centred.T / np.outer(spread, spread)
    limit = limit_of(tied[np.triu_indices(len(names), 1)], TIED)
    left = (tied > limit) & ~np.eye(len(names), dtype=bool)
    while left.sum(axis=1).max(initial=0) >= BATTERY - 1:
        first = int(left.sum(axis=1).argmax())
        group = sorted({first, *np.flatnonzero(left[first]).tolist()})
        repeats = np.bincount(same[group].sum(axis=0).astype(int), minlength=len(group) + 1)
        if repeats[-1] > repeats[-2]:
            yield [names[item] for item in group], float(repeats[-1] / repeats.sum())
        left[group, :] = left[:, group] = False


def limit_of(usual: Floats, apart: float = APART) -> float:
    """Agreement above which a question holds the other round's answers.

    Parameters
    ----------
    usual : ndarray, shape (k,)
        Of all questions that tell, or of their pairs.
    apart : float
        Least distance from the middle, where all are alike.
    """
    middle = float(np.median(usual))
    spread = 1.4826 * float(np.median(np.abs(usual - middle)))
    return min(middle + max(FAR * spread, apart), SURE)


def _noted(linked: LinkedMembers, declared: Declared) -> Iterator[Finding]:
    """Weights and lengths of interviews that most people asked twice have from the other round."""
    columns = declared.study.columns
    for name in (columns.weight, columns.duration):
        if name is None or not linked.has(name):
            continue
        old, new = (p.columns[name].values[r].astype(float) for p, r in
                    ((linked.before, linked.earlier), (linked.after, linked.later)))  # fmt: skip
        known = ~np.isnan(old) & ~np.isnan(new)
        distinct = min(len(np.unique(each[known])) for each in (old, new))
        same = int((old[known] == new[known]).sum())
        if known.sum() >= PEOPLE and distinct >= DISTINCT and 2 * same > known.sum():
            said = {"item": name, "n": Plain(f"{same:,}"), "of": Plain(f"{known.sum():,}")}
            yield OTHER_ROUNDS_WEIGHTS.at(linked.after, name, path=linked.before.file.path, **said)


def _id_forms(before: Parsed, after: Parsed, declared: Declared) -> Iterator[Finding]:
    """Ids of a form that the other round does not have: they link with nobody."""
    name = declared.study.columns.respondent
    shares = [declared.once(id_shapes, each).value_counts() for each in (before, after)]
    for (here, mine), (there, others) in itertools.permutations(
        zip((before, after), shares, strict=True), 2
    ):
        if min(len(mine), len(others)) == 0 or min(mine.sum(), others.sum()) < PEOPLE:
            continue
        strange = [
            shape
            for shape, n in mine.items()
            if n >= FORM * mine.sum() and others.get(shape, 0) <= RARE * others.sum()
        ]
        if strange:
            n = int(mine[strange].sum())
            said = {"n": Plain(f"{n:,}"), "of": Plain(f"{int(mine.sum()):,}")}
            yield ID_FORM.at(here, name, path=there.file.path, **said)
            return
