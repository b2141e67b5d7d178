"""A primary conclusion that is doubted, and one line of what would overturn it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from evaluation.config.configuration import Configuration
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Bound, Estimate, Unavailable
from evaluation.locale.messages import Message, message, wording
from evaluation.report import check_rows
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell
from evaluation.report.prose.conclusions import (
    BLINDED,
    Conclusion,
    Interval,
    concluded,
    conclusion,
)
from evaluation.report.sources import Source

# A worst case that moves less of what is needed is the estimate itself, computed in another order.
ROUNDING = 1e-9
NOTHING = table.none()


def overturned(now: Conclusion, then: Conclusion) -> bool:
    """Whether one conclusion overturns another; from inconclusive only one that excludes zero.

    Parameters
    ----------
    now, then : Conclusion
    """
    if now == "inconclusive":
        return then in ("effect detected", "detected but smaller than matters")
    return then != now


def overturns(
    interval: Interval, equivalence: Interval, *, by: float, smallest_effect: float
) -> bool:
    """Whether a move of both intervals, their lengths kept, overturns their conclusion.

    Parameters
    ----------
    interval, equivalence : tuple of float
        Simultaneous 95 and 90 % intervals in the unit of the outcome; may be infinite.
    by : float
        The move, in the same unit.
    smallest_effect : float
        Smallest effect that matters, positive, in the same unit.
    """
    now, then = (
        conclusion(
            (interval[0] + move, interval[1] + move),
            (equivalence[0] + move, equivalence[1] + move),
            smallest_effect=smallest_effect,
        )
        for move in (0.0, by)
    )
    # an effect in the other direction has the same name
    low, high = interval
    turned = (low > 0 and high + by < 0) or (high < 0 and low + by > 0)
    return turned or overturned(now, then)


def least_move_up(interval: Interval, equivalence: Interval, *, smallest_effect: float) -> float:
    """Least upward move of an estimate that overturns its conclusion; see :func:`overturns`.

    Returns
    -------
    float
        0 or more; infinite where no move does. The conclusion changes at the move or just beyond.
    """
    thresholds = (-smallest_effect, 0.0, smallest_effect)
    ends = (*interval, *equivalence)
    moves = {t - end for t in thresholds for end in ends if math.isfinite(end)}
    ahead = sorted(m for m in moves if m >= 0)
    for move, following in zip(ahead, [*ahead[1:], ahead[-1] + 1.0] if ahead else [], strict=True):
        for tried in (move, (move + following) / 2):
            if overturns(interval, equivalence, by=tried, smallest_effect=smallest_effect):
                return move
    return math.inf


def least_move_down(interval: Interval, equivalence: Interval, *, smallest_effect: float) -> float:
    """Like :func:`least_move_up`, downward; the size of the move, so positive."""
    mirrored = ((-high, -low) for low, high in (interval, equivalence))
    return least_move_up(*mirrored, smallest_effect=smallest_effect)


def share_of_worst_case(needed: Interval, farthest: Interval) -> float:
    """Share of the worst case that suffices: the lesser over both directions.

    Parameters
    ----------
    needed : tuple of float
        Moves down and up that overturn, both positive.
    farthest : tuple of float
        How far the worst case moves the estimate down and up, both 0 or more.

    Returns
    -------
    float
        Above 1 where even the worst case is not enough; infinite where it moves nothing but what
        rounding moves.
    """
    return min(
        n / r if r > ROUNDING * n else math.inf for n, r in zip(needed, farthest, strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A primary outcome with its estimate and its conclusion.

    ``equivalence`` is the simultaneous 90 % interval; ``checked`` the estimate that the checks
    depart from, the primary one itself unless the plan names another. ``extra_digits`` are printed
    beyond those of the outcome; see :meth:`finer`.
    """

    source: Source
    outcome: Outcome
    primary: Estimate
    checked: Estimate
    smallest: float
    equivalence: Interval
    extra_digits: int = 0

    @classmethod
    def of(cls, source: Source, outcome: Outcome) -> "Case | Unavailable":
        """The case of a primary outcome, or why it has no conclusion."""
        primary = check_rows.primary(source, outcome)
        checked = check_rows.base(source, outcome)
        if isinstance(primary, Unavailable):
            return primary
        if isinstance(checked, Unavailable):
            return checked
        made = concluded(source, primary)
        blinded = made is not None and made.conclusion == BLINDED
        if made is None or outcome.smallest_effect is None or blinded:
            return Unavailable(
                study=primary.study,
                outcome=primary.outcome,
                specification=primary.specification,
                estimand=primary.estimand,
                sample=primary.sample,
                step=primary.step,
                reason=message(
                    f"conclusion-explained.{BLINDED}" if blinded else "statement.no-conclusion"
                ),
            )
        return cls(
            source=source,
            outcome=outcome,
            primary=primary,
            checked=checked,
            smallest=outcome.smallest_effect,
            equivalence=made.equivalence,
        )

    @property
    def now(self) -> Conclusion:
        """The conclusion today."""
        return conclusion(self.interval, self.equivalence, smallest_effect=self.smallest)

    @property
    def interval(self) -> Interval:
        """The primary interval."""
        return self.primary.ci_low, self.primary.ci_high

    @property
    def needs_trends(self) -> bool:
        """Whether the primary estimate is a comparison of changes."""
        return self.source.specification(self.primary.specification).method == "did"

    @property
    def needed(self) -> Interval:
        """Least moves down and up of the intervals that overturn the conclusion."""
        both = (self.interval, self.equivalence)
        down, up = (
            f(*both, smallest_effect=self.smallest) for f in (least_move_down, least_move_up)
        )
        return down, up

    @property
    def is_beyond_smallest(self) -> bool:
        """Whether the whole interval is beyond the smallest effect that matters."""
        low, high = self.interval
        return low > self.smallest or high < -self.smallest

    @property
    def to_smallest(self) -> float:
        """How far such an interval is from the smallest effect that matters."""
        return min(map(abs, self.interval)) - self.smallest

    def toward_zero(self, move: float) -> float:
        """A move of the estimate, positive where it is towards zero."""
        return -move if self.primary.estimate > 0 else move

    def under(self, found: Estimate | Bound) -> Conclusion:
        """The conclusion by another interval, which has no narrower one beside it."""
        return conclusion((found.ci_low, found.ci_high), None, smallest_effect=self.smallest)

    def is_overturned_by(self, move: float) -> bool:
        """Whether the primary intervals, moved by a difference, overturn the conclusion."""
        both = (self.interval, self.equivalence)
        return overturns(*both, by=move, smallest_effect=self.smallest)

    def words(self, identifier: str, **parameters: str) -> str:
        """The words of an entry about the outcome, whose unit they may name."""
        unit = words.short_unit(self.outcome.unit, self.source.language)
        return self.source.wording(identifier, unit=unit, **parameters).rstrip()

    def cell(self, identifier: str, **parameters: str) -> Cell:
        """A cell of such words."""
        return table.text(words.begun(self.words(identifier, **parameters)))

    @property
    def decimals(self) -> int:
        """Digits of a number in the outcome's unit."""
        return self.outcome.decimals + self.extra_digits

    def finer(self, found: Iterable[float] = (), *, bounds: Iterable[float] = ()) -> "Case":
        """The case with one digit more, where the digits of the outcome hide which side is met.

        So where a size found prints as one that is needed, or a bound as zero or as the smallest
        effect that matters.
        """
        needed = {self.plain(move) for move in self.needed if math.isfinite(move)}
        limits = {self.plain(limit) for limit in (0.0, self.smallest)}
        is_alike = any(self.plain(abs(size)) in needed for size in found)
        is_on_limit = any(self.plain(abs(bound)) in limits for bound in bounds)
        return replace(self, extra_digits=1) if is_alike or is_on_limit else self

    def signed(self, value: float) -> str:
        """A difference in the outcome's unit, without the unit."""
        return number_format.signed(value, self.decimals, self.source.language)

    def plain(self, value: float) -> str:
        """A size in the outcome's unit, without the unit."""
        return number_format.plain(value, self.decimals, self.source.language)

    def between(self, low: float, high: float) -> str:
        """An interval without its unit."""
        return number_format.interval(low, high, self.decimals, self.source.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One line: what it would take, what is known, whether it is enough, and a number.

    ``label`` is the doubt's own name where the table has none; ``key`` tells such lines apart.
    ``enough`` is yes or no, or a cell that says why neither. ``brief`` is the number that decides:
    what would be needed, or what was found, in a few characters.
    """

    name: str
    label: str = ""
    key: str = ""
    needed: Cell
    known: Cell = NOTHING
    enough: Cell | bool = NOTHING
    amount: Cell = NOTHING
    brief: str = ""


def absent(name: str, reason: Message, language: str) -> Doubt:
    """A line that is unavailable, with its reason."""
    return Doubt(name=name, needed=table.unavailable(reason, language))


def wanted(case: Case) -> Cell:
    """What overturns the conclusion, as the first line has it."""
    return case.cell(f"overturn.what.{case.now}")


def called(case: Case, doubt: Doubt) -> str:
    """What a line is called in the table."""
    return doubt.label or case.words(f"overturn.doubt.{doubt.name}")


def wanted_shift(case: Case) -> Cell:
    """By how much a difference has to shift the interval, in either direction."""
    moves = (("down", -case.needed[0]), ("up", case.needed[1]))
    said = [
        case.words(f"overturn.shift-{way}", move=case.signed(move))
        for way, move in moves
        if math.isfinite(move)
    ]
    return table.text(words.begun("; ".join(said))) if said else case.cell("overturn.no-move")


def no_is_far(
    case: Case, kind: Literal["benchmarks", "differences", "ranges"], lengths: Sequence[float]
) -> tuple[str, ...]:
    """Why a threat can hardly be answered with no: the longest interval alone is enough.

    Parameters
    ----------
    case : Case
    kind : {"benchmarks", "differences", "ranges"}
    lengths : sequence of float
        How far each interval reaches beyond its middle.

    Returns
    -------
    tuple of str
        Empty where one around zero would not reach the least move that is needed.
    """
    need = min(case.needed)
    far = bool(lengths) and max(lengths) >= need
    return (case.words(f"overturn.no-far.{kind}", need=case.plain(need)),) if far else ()


def assuming(source: Source) -> str:
    """What an effect rests on, behind a phrase or inside one.

    Parameters
    ----------
    source : Source
    """
    words = {
        "lot": "statement.assuming-by-lot",
        "baseline": "statement.assuming-ancova",
        "trends": "statement.assuming",
    }
    return source.wording(words[ground(source.configuration)])


def assumption(configuration: Configuration, language: str) -> str:
    """What an effect rests on, in a sentence of its own.

    Parameters
    ----------
    configuration : Configuration
    language : {"en", "es"}
    """
    words = {
        "lot": "book.word.by_lot",
        "baseline": "book.word.comparable",
        "trends": "book.word.parallel",
    }
    return wording(words[ground(configuration)], language)


def ground(configuration: Configuration) -> Literal["lot", "baseline", "trends"]:
    """What the primary effects rest on: the lottery, the baseline value, or parallel trends.

    Parameters
    ----------
    configuration : Configuration
    """
    if configuration.review is not None and configuration.review.drawn_by_lot:
        return "lot"
    method = configuration.preregistration.plan.primary_specification().method
    return "baseline" if method == "ancova" else "trends"


def is_drawn_by_lot(source: Source) -> bool:
    """Whether the study's review says that the groups were drawn by lot."""
    return ground(source.configuration) == "lot"
