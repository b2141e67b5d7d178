"""What an estimate is given beside its data: who is compared, when, by which regression.

Each class holds what the engine uses and nothing else. The classes of a study's plan extend them,
and so do those that `dataframe_study` makes of a call without a plan.
"""

from dataclasses import dataclass
from typing import Literal

from evaluation.estimation.records import Estimand

# What every file, table, figure and page of invented data carries, and of results whose treatment
# is scrambled because the plan is not locked yet.
SYNTHETIC, BLINDED = "SYNTHETIC", "BLINDED"
OutcomeFunction = Literal[
    "value", "mean", "sum", "any", "all", "at_least", "at_most", "index", "by_priority"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRound:
    """One survey round."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyGroup:
    """A group of clusters and the treatments it received (none for a comparison group)."""

    id: str
    treatments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignColumns:
    """Columns that carry the design; ``respondent`` is empty where nobody is followed."""

    cluster: str
    arm: str
    respondent: str = ""
    population: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDesign:
    """Groups of clusters, rounds in order, and the columns that name them."""

    id: str
    columns: DesignColumns
    arm: tuple[StudyGroup, ...]
    round: tuple[StudyRound, ...] = ()

    @property
    def rounds(self) -> tuple[str, ...]:
        """Round ids in order."""
        return tuple(r.id for r in self.round)

    def arms_with(self, treatment: str) -> tuple[str, ...]:
        """Ids of the arms that received ``treatment``."""
        return tuple(arm.id for arm in self.arm if treatment in arm.treatments)

    def arms_without_any(self) -> tuple[str, ...]:
        """Ids of the pure comparison arms."""
        return tuple(arm.id for arm in self.arm if not arm.treatments)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedItem:
    """A variable that enters an outcome with a sign."""

    name: str
    sign: Literal[-1, 1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeColumn:
    """The column of an outcome, its unit, and how it was made from items."""

    id: str
    family: str
    function: OutcomeFunction
    items: tuple[SignedItem, ...]
    unit: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """One regression of two rounds.

    Attributes
    ----------
    method : str
        ``did``: outcome on treatment x endline with cluster and round effects. ``ancova``:
        endline outcome on treatment and the baseline value (``lag``), with ``effects`` dummies.
    sample : {"all", "panel_members", "baseline_answered"}
        Under ``ancova`` with an own baseline value also those who have one.
    contrast : tuple of str
        Rounds from and to.
    weights : str
        Name of a weight variable, its inverse with ``inverse:`` before it, or ``none``.
    adjust_treatments : tuple of str
        Other randomised treatments held fixed (with their round interaction under ``did``).
    lag : {"cluster_mean", "suffix", "suffix_indicator", "respondent", "none"}
        Baseline value for ``ancova``: the cluster's baseline mean; the analysis file's own column
        with ``_baseline`` at its end, missing set to zero as the authors published it, or with an
        indicator too; or the respondent's own value in the panel's first round, with an indicator.
    strata_round : str
        Variable constant within clusters whose values get their own change between the rounds;
        empty for one change common to all.
    """

    id: str
    method: str
    sample: Literal["all", "panel_members", "baseline_answered"]
    treatment: str
    contrast: tuple[str, ...]
    estimand: Estimand
    weights: str
    adjust_treatments: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    lag: Literal["cluster_mean", "suffix", "suffix_indicator", "respondent", "none"] = "none"
    strata_round: str = ""
