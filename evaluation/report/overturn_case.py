"""A primary conclusion that is doubted, and one line of what would overturn it."""

from dataclasses import dataclass

from evaluation.locale.messages import Message, wording
from evaluation.report import formats, table, words
from evaluation.report.conclusions import Conclusion, Interval, concluded, conclusion
from evaluation.report.overturn import least_move_down, least_move_up
from evaluation.report.sources import Source
from evaluation.report.table import Cell
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Bound, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A primary outcome with its estimate and its conclusion.

    ``equivalence`` is the simultaneous 90 % interval; ``checked`` the estimate that the checks
    depart from, the primary one itself unless the plan names another.
    """

    source: Source
    outcome: Outcome
    primary: Estimate
    checked: Estimate
    smallest: float
    equivalence: Interval

    @classmethod
    def of(cls, source: Source, primary: Estimate, *, checked: Estimate) -> "Case | None":
        """The case of a primary estimate; None where it has no conclusion."""
        outcome, found = source.outcome(primary.outcome), concluded(source, primary)
        if found is None or outcome.smallest_effect is None:
            return None
        return cls(
            source=source,
            outcome=outcome,
            primary=primary,
            checked=checked,
            smallest=outcome.smallest_effect,
            equivalence=found.equivalence,
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
        return (
            least_move_down(self.interval, self.equivalence, smallest_effect=self.smallest),
            least_move_up(self.interval, self.equivalence, smallest_effect=self.smallest),
        )

    def under(self, found: Estimate | Bound) -> Conclusion:
        """The conclusion by another interval, which has no narrower one beside it."""
        return conclusion((found.ci_low, found.ci_high), None, smallest_effect=self.smallest)

    def plain(self, value: float) -> str:
        """A size in the outcome's unit, without the unit."""
        return formats.plain(value, self.outcome.decimals, self.source.language)

    def between(self, low: float, high: float) -> str:
        """An interval without its unit."""
        return formats.interval(low, high, self.outcome.decimals, self.source.language)

    @property
    def unit(self) -> str:
        """Unit behind a number."""
        return words.short_unit(self.outcome.unit, self.source.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One line: what it would take, what is known, whether it is enough, and a number.

    ``label`` is the doubt's own name where the table has none; ``key`` tells such lines apart.
    ``enough`` is yes or no, or a cell that says why neither.
    """

    name: str
    label: str = ""
    key: str = ""
    needed: Cell
    known: Cell
    enough: Cell | bool
    amount: Cell


def absent(name: str, reason: Message, language: str) -> Doubt:
    """A line that cannot be had, with its reason."""
    nothing = table.none()
    absent = table.unavailable(reason, language)
    return Doubt(name=name, needed=absent, known=nothing, enough=nothing, amount=nothing)


def wanted(case: Case) -> Cell:
    """What overturns the conclusion, as the first line has it."""
    return table.text(words.begun(wording(f"overturn.what.{case.now}", case.source.language)))


def called(case: Case, doubt: Doubt) -> str:
    """What a line is called in the table."""
    language = case.source.language
    cluster = case.source.configuration.study.names.cluster[language]
    return doubt.label or wording(f"overturn.doubt.{doubt.name}", language, cluster=cluster)


def is_drawn_by_lot(source: Source) -> bool:
    """Whether the study's review says that the groups were drawn by lot."""
    review = source.configuration.review
    return review is not None and review.drawn_by_lot
