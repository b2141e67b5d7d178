"""Items that came loose from all others, or changed names with another: a round against the other.

What goes with what hardly changes between rounds: people who trust the police also say that it
listens. A column that was sorted, shuffled or moved on its own keeps its distribution and loses
these ties; two columns that changed names carry each other's. People who were asked twice say it
once more: their answers to one question resemble each other.
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import add

import numpy as np
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.panel_members import numbered
from evaluation.data.rules.reversed_scales import DESIGN_EFFECT
from evaluation.data.rules.rule import (
    MOST_PAIRS,
    PAIRS,
    DataRule,
    Declared,
    Floats,
    across_rounds,
    common_questions,
)
from evaluation.data.rules.standard_scores import PeopleSums, Scores, Ties
from evaluation.estimation.records import Finding
from evaluation.locale.messages import message

LOOSE_ITEM = DataRule("loose-item", "warn")
OTHERS_ANSWERS = DataRule("loose-item", "warn", "loose-item.people")
EXCHANGED_ITEMS = DataRule("exchanged-items", "warn")


# Of an item's squared correlations with the others this share is left (in both studies' own rounds
# the least is 0.49, and 0.75 where nothing was rebuilt by the authors) ...
LOOSE = 0.3
# ... where they sum to so much beyond chance: fewer, and an item never had ties to lose.
STRONG, STRONG_IN_PART = 0.06, 0.15
# ... and the loss is so many standard errors.
ERRORS = 5.0
# Log odds of "changed names" against "did not", with people who were asked twice, and without. Of
# the 957 pairs of items with one code list in the two studies' own rounds the largest are 2 and 17;
# of 300 pairs that were exchanged, 299 and 286 lie beyond these.
ODDS, ODDS_ALONE = 20.0, 30.0
SMALLEST_PANEL = 200
# People's answers to a question of three and more answers go with their own of the other round: in
# the two studies by 0.18 at least where everybody was asked. An item with no more than this, where
# the middle one has three times as much, holds other people's answers.
OWN, USUAL_OWN = 0.05, 0.15
# An item that took another's name goes at least so far with what the other went with.
TAKEN = 0.4
# A yes/no item is judged where its fourth moment is at most this share of the answers: a hundred
# people who differ from the rest (a correlation that hangs on fewer is not near normal).
PEAKED = 0.01
# Parts of a file, in its order, that are held against the other round, and against the rest of
# their own file: a part must have come loose from both.
PARTS = 3
# a part of fewer rows has correlations with standard errors above 0.05
SMALLEST_PART = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRows:
    """Some rows of one round, held against the whole of the other.

    Attributes
    ----------
    rows : slice
        Positions in the file; all of them, or a part.
    part : int
        0 for the whole file, else its 1st, 2nd, ... part.
    """

    parsed: Parsed
    other: Parsed
    rows: slice
    part: int

    @property
    def said(self) -> dict[str, object]:
        """What messages say of these rows, and what they are held against."""
        where = message("ties.whole-file")
        if self.part:
            lines = self.parsed.lines[self.rows]
            where = message("ties.part-of-file", first=int(lines[0]), last=int(lines[-1]))
        return {"where": where, "file": self.other.file.path}


@dataclass(frozen=True, slots=True, kw_only=True)
class BothRounds:
    """People asked in both rounds.

    Attributes
    ----------
    n : int
        How many.
    own : ndarray, shape (k,)
        Correlation of their answers with their own of the other round, by item.
    exchange : ndarray, shape (k, k)
        Standard errors by which they speak for each exchange of two items.
    wide : ndarray of bool, shape (k,)
        Items with three and more answers, which most of them answered twice.
    """

    n: int
    own: Floats
    exchange: Floats
    wide: NDArray[np.bool_]


@across_rounds
def item_ties(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Loose and exchanged items of all rounds that follow each other.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order.
    declared : Declared
        Dictionary, study and frame.
    """
    for before, after in itertools.pairwise(rounds):
        names = common_questions(before, after, declared)
        if len(names) > 2:
            yield from _of_pair(before, after, names, declared)


def _of_pair(
    before: Parsed, after: Parsed, names: list[str], declared: Declared
) -> Iterator[Finding]:
    held = {id(p): _Held.of(p, names) for p in (before, after)}
    if min(each.whole.sizes.max() for each in held.values()) < PAIRS:
        return
    alike = _same_codes(names, before, after, declared)
    panels = _Panels(before, after, names, declared)
    told: set[int] = set()
    for judged in _judged(before, after):
        mine = held[id(judged.parsed)]
        here, others = mine.whole, [held[id(judged.other)].whole]
        if judged.part:
            here, rest = mine.part(judged.part)
            others.append(rest)
        panel = panels.of(judged)
        for one, two in _exchanged(here, others, panel, alike):
            if not {one, two} & told:
                told |= {one, two}
                # a warning, since two items may be near the same by nature
                pair = {"one": names[one], "two": names[two]}
                yield EXCHANGED_ITEMS.at(judged.parsed, names[one], **pair, **judged.said)
        strong = STRONG_IN_PART if judged.part else STRONG
        loose = set.intersection(*(_loose(here, other, strong) for other in others))
        for item in sorted((loose | _others_answers(panel)) - told):
            told.add(item)
            rule = LOOSE_ITEM if item in loose else OTHERS_ANSWERS
            yield rule.at(judged.parsed, names[item], item=names[item], **judged.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """How the items of a round go together: in all of it, and the sums of its parts."""

    scores: Scores
    parts: tuple[PeopleSums, ...]
    whole: Ties

    @classmethod
    def of(cls, parsed: Parsed, names: Sequence[str]) -> "_Held":
        rows = np.flatnonzero(parsed.consented)
        scores = Scores.of(parsed, names, rows)
        edges = np.searchsorted(rows, _edges(parsed)).tolist()
        parts = tuple(scores.sums(start, end) for start, end in itertools.pairwise(edges))
        return cls(scores=scores, parts=parts, whole=scores.ties(functools.reduce(add, parts)))

    def part(self, number: int) -> tuple[Ties, Ties]:
        """The 1st, 2nd, ... part, and the rest of the round."""
        place = number - 1
        rest = functools.reduce(add, (*self.parts[:place], *self.parts[place + 1 :]))
        return self.scores.ties(self.parts[place]), self.scores.ties(rest)


def _edges(parsed: Parsed) -> list[int]:
    return [int(edge) for edge in np.linspace(0, len(parsed.lines), PARTS + 1).astype(int)]


def _judged(before: Parsed, after: Parsed) -> Iterator[ComparedRows]:
    """The later round, the earlier one, then the parts of both: the plainest account first."""
    yield ComparedRows(parsed=after, other=before, rows=slice(None), part=0)
    yield ComparedRows(parsed=before, other=after, rows=slice(None), part=0)
    for parsed, other in ((after, before), (before, after)):
        for part, (start, end) in enumerate(itertools.pairwise(_edges(parsed)), start=1):
            if end - start >= SMALLEST_PART:
                yield ComparedRows(parsed=parsed, other=other, rows=slice(start, end), part=part)


def _same_codes(
    names: Sequence[str], before: Parsed, after: Parsed, declared: Declared
) -> NDArray[np.bool_]:
    """Pairs of items whose cells could stand under each other's name, upper triangle."""
    written = []
    for name in names:
        lists = [declared.dictionary.code_list(name, p.file.source) for p in (before, after)]
        variable = declared.dictionary.variables[name]
        codes = [tuple(c.code for c in one.values) if one else variable.range for one in lists]
        written.append((codes, variable.asked_if))
    same = np.array([[one == two for two in written] for one in written], dtype=bool)
    return np.triu(same, k=1)


def _loose(here: Ties, there: Ties, strong: float) -> set[int]:
    """Items that have ties there and have none here."""
    known, a, b = _both_known(here, there)
    strength = _strength(there, known)
    left = (a * b).sum(axis=1) / np.maximum(strength, strong)
    error = np.sqrt(DESIGN_EFFECT / np.maximum(here.sizes, 1) / np.maximum(strength, strong))
    lost = (strength >= strong) & (np.abs(left) < LOOSE) & (1 - left > ERRORS * error)
    return set(np.flatnonzero(lost & (here.sizes >= PAIRS) & (here.peaks <= PEAKED)).tolist())


def _both_known(here: Ties, there: Ties) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Pairs that enough people answered in both; their correlations there and here, else zero."""
    known = here.known & there.known
    a, b = (np.where(known, each.correlations, 0.0) for each in (there, here))
    return known, a, b


def _strength(ties_: Ties, known: NDArray[np.bool_]) -> Floats:
    """Squared correlations of each item beyond what chance makes of them."""
    chance = np.where(known, DESIGN_EFFECT / np.maximum(ties_.sizes, 1)[None, :], 0.0)
    squares = np.where(known, ties_.correlations, 0.0) ** 2
    return np.asarray((squares - chance).sum(axis=1))


def _exchanged(
    here: Ties, others: Sequence[Ties], panel: BothRounds | None, alike: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """Pairs of items that stand under each other's names, the plainest first, each item once.

    Notes
    -----
    With d = r_i - r_j the difference of two items' correlations with all others, the log odds of
    "exchanged" against "not" are -d_here . d_there / v for normal errors of variance v, and
    likewise for the difference of their means. v is taken from all correlations' changes (by the
    median), so that true change between rounds is counted as error. Correlations of people with
    themselves z standard errors in favour add twice their square: the odds of a shift of size |z|
    against one of size -|z|.
    """
    odds = np.min([_odds(here, there) for there in others], axis=0)
    limit = ODDS_ALONE
    if panel is not None:
        odds, limit = odds + 2 * panel.exchange * np.abs(panel.exchange), ODDS
    fits = np.logical_and.reduce([_fits(here, there) for there in others])
    judged = here.peaks <= PEAKED
    fits &= judged[:, None] & judged[None, :]
    taken: set[int] = set()
    found = []
    for one, two in sorted(
        np.argwhere((odds > limit) & alike & fits).tolist(), key=lambda pair: -odds[tuple(pair)]
    ):
        if not {one, two} & taken:
            taken |= {one, two}
            found.append((one, two))
    return found


def _fits(here: Ties, there: Ties) -> NDArray[np.bool_]:
    """Pairs of which each goes with what the other went with, where that went with anything."""
    known, a, b = _both_known(here, there)
    strength = _strength(there, known)
    weak = strength < STRONG
    share = (b @ a.T) / np.maximum(strength, STRONG)[None, :]
    fits = (share >= TAKEN) | weak[None, :]
    return np.asarray(fits & fits.T)


def _odds(here: Ties, there: Ties) -> Floats:
    known, a, b = _both_known(here, there)
    if not known.any():
        return np.zeros_like(a)
    smallest = DESIGN_EFFECT / max(min(here.sizes.max(), there.sizes.max()), 1)
    noise = max((1.4826 * float(np.median(np.abs((a - b)[known])))) ** 2, smallest)
    products = b @ a.T
    own = np.diag(products)
    profile = own[:, None] + own[None, :] - products - products.T - 2 * a * b
    spreads = np.where(there.spreads > 0, there.spreads, np.inf)
    moved = np.abs(here.means - there.means) / spreads
    change = max((1.4826 * float(np.median(moved))) ** 2, smallest)
    old = there.means[:, None] - there.means[None, :]
    new = here.means[:, None] - here.means[None, :]
    return np.asarray(-profile / noise - old * new / np.outer(spreads, spreads) / change)


def _others_answers(panel: BothRounds | None) -> set[int]:
    """Items whose answers have nothing to do with the same people's of the other round."""
    if panel is None or not panel.wide.any():
        return set()
    usual = float(np.median(panel.own[panel.wide]))
    far = (usual - panel.own) * np.sqrt(panel.n) > ERRORS
    return set(np.flatnonzero(panel.wide & far & (panel.own < OWN) & (usual >= USUAL_OWN)).tolist())


class _Panels:
    """People asked in both of two rounds, of all and of parts of a file."""

    def __init__(
        self, before: Parsed, after: Parsed, names: Sequence[str], declared: Declared
    ) -> None:
        name = declared.study.columns.respondent
        self.rounds, self.names = (before, after), names
        self.ids: tuple[NDArray[np.intp], ...] = ()
        if name in before.columns and name in after.columns:
            self.ids = numbered(before.columns[name], after.columns[name])
        self.made: dict[bytes, BothRounds] = {}

    def of(self, judged: ComparedRows) -> BothRounds | None:
        """What those say who stand in the judged rows; None with too few."""
        if not self.ids:
            return None
        mine = int(judged.parsed is self.rounds[1])
        ids, others = self.ids[mine], self.ids[1 - mine]
        # of several rows of a person the last one
        rows = np.full(max(ids.max(initial=-1), others.max(initial=-1)) + 1, -1)
        rows[others[others >= 0]] = np.flatnonzero(others >= 0)
        here = np.arange(len(ids))[judged.rows]
        there = np.where(ids[here] >= 0, rows[ids[here]], -1)
        pairs = np.column_stack([here, there])[there >= 0]
        if len(pairs) < SMALLEST_PANEL:
            return None
        pairs = pairs[:, ::-1] if mine else pairs
        pairs = pairs[np.lexsort(pairs.T)]
        # all people of one round who are in the other mostly are those of the other
        key = pairs.tobytes()
        if key not in self.made:
            self.made[key] = self._panel(*pairs.T)
        return self.made[key]

    def _panel(self, earlier: NDArray[np.intp], later: NDArray[np.intp]) -> BothRounds:
        before, after = self.rounds
        old, new = (Scores.of(p, self.names, r) for p, r in ((before, earlier), (after, later)))
        k, n = len(self.names), len(later)
        products, both = np.zeros((k, k)), np.zeros(k)
        people = np.flatnonzero(before.consented[earlier] & after.consented[later])
        for part in old.blocks(0, len(people)):
            rows = people[part]
            products += new.at(rows) @ old.at(rows).T
            both += np.einsum("ij,ij->i", new.given(rows), old.given(rows))
        products /= n
        own = np.diag(products)
        exchange = (products + products.T - own[:, None] - own[None, :]) * np.sqrt(n) / 2
        wide = (both >= MOST_PAIRS * n) & old.wide & new.wide
        return BothRounds(n=n, own=own, exchange=exchange, wide=wide)
