"""The analysis plan: outcomes, families, specifications and inference settings."""

import dataclasses
import datetime
import hashlib
from dataclasses import dataclass
from typing import Literal

from evaluation.config.design_records import PowerInputs
from evaluation.config.panel_study import KnownResult, Method, PanelChoice, PanelPower
from evaluation.config.toml_reader import Text
from evaluation.estimation.parameters import OutcomeColumn, Regression, SignedItem
from evaluation.estimation.records import Step

# What a check doubts.
Theme = Literal[
    "trends",
    "comparison",
    "composition",
    "attrition",
    "spillover",
    "shocks",
    "model",
    "measurement",
    "for whom",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A set of outcomes corrected together.

    Corrections reach across families: primary outcomes of ``family_wise`` families are one set
    (single-step max-t), and so are the other outcomes of all families that are not ``none``
    (Benjamini-Hochberg).

    Attributes
    ----------
    joins : str
        Specification that estimates a family added after the lock, whose own entry keeps its
        locked list. Such families are corrected as a set of their own, so that adding them changes
        no adjusted p-value of the locked plan.
    """

    id: str
    label: Text
    question: Text
    tier: Literal["primary", "secondary", "exploratory"]
    correction: Literal["family_wise", "false_discovery", "none"]
    joins: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(SignedItem):
    """A variable, or an outcome declared above, that enters an outcome with a sign.

    Attributes
    ----------
    answer : str
        Answer to the outcome's ``weighted_by`` that names this item.
    """

    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(OutcomeColumn):
    """How an outcome is made from items, and what it stands for.

    Attributes
    ----------
    function : str
        Construction function: ``value`` the one item; ``mean`` or ``sum`` over items;
        ``any`` one if any item is one; ``all`` one if every item is, zero as soon as one is not
        (who was not a victim did not report, and nobody is left out); ``at_least`` one if the
        item is at or above ``threshold``; ``at_most`` likewise; ``index`` the inverse-covariance
        index, in SD of the baseline comparison group; ``by_priority`` the sum of the items, each
        weighted by how many people of the cluster named it in ``weighted_by`` at baseline.
    minimum_items : int
        Items that must be observed for a score.
    scale : float
        Multiplies the result: 100 turns a share into percentage points.
    smallest_effect, assumed_effect : float, optional
        Smallest effect that matters, and the effect assumed in planning, in ``unit``; required
        for primary outcomes.
    primary : bool
        Whether the outcome is the one its primary family is judged by.
    weighted_by : str
        Question whose answers at baseline weight the items, of the function ``by_priority`` alone.
    noun : Text, optional
        What sentences call it where a label does not fit ("an increase in …"), with the article
        that the language wants; without it, the label.
    """

    label: Text
    items: tuple[Item, ...]
    minimum_items: int
    unit: Literal[
        "SD",
        "percentage points",
        "points",
        "events per 100 adults",
        "count",
        "minutes",
        "log ratio",
        "per 100,000 a year",
    ]
    desired: Literal["up", "down", "none"]
    threshold: float | None = None
    primary: bool = False
    smallest_effect: float | None = None
    assumed_effect: float | None = None
    components: tuple[str, ...] = ()
    decimals: int = 2
    sensitive: bool = False
    noun: Text | None = None
    weighted_by: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Variables and outcomes that it is made of."""
        return (*(i.name for i in self.items), *filter(None, (self.weighted_by,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification(Regression):
    """One regression, run for the outcomes of its ``families`` or for the named ``outcomes``.

    Attributes
    ----------
    method : str
        ``did``: outcome on treatment x endline with cluster and round effects. ``ancova``:
        endline outcome on treatment and the baseline value (``lag``), with ``effects`` dummies.
        In a study of type panel one of `panel_study.METHODS`.
    contrast : tuple of str
        Rounds from and to; in a study of type panel the years before and after, such as
        ``2012-2020`` and ``2021``. Years between and outside are left out.
    adjust_treatments : tuple of str
        Other randomised treatments held fixed (with their round interaction under ``did``).
    weights : str
        Name of a weight variable, its inverse with ``inverse:`` before it, or ``none``.
    steps, secondary_steps : tuple of str
        Inference steps of primary outcomes, and of the others where that list is shorter.
    sample : {"all", "panel_members", "baseline_answered"}
        Under ``ancova`` with an own baseline value also those who have one.
    lag : {"cluster_mean", "suffix", "suffix_indicator", "respondent", "none"}
        Baseline value for ``ancova``: the cluster's baseline mean; the analysis file's own column
        with ``_baseline`` at its end, missing set to zero as the authors published it, or with an
        indicator too; or the respondent's own value in the panel's first round, with an indicator.
    strata_round : str
        Variable constant within clusters whose values get their own change between the rounds
        (strata x round effects, under ``did``, and of every year in a panel); empty for one change
        common to all.
    panel : PanelChoice, optional
        What a specification of a panel chooses further.
    """

    label: Text
    method: Literal["did", "ancova"] | Method
    data: Literal["panel", "analysis"]
    steps: tuple[Step, ...]
    secondary_steps: tuple[Step, ...] = ()
    status: Literal["primary", "sensitivity", "replication", "exploratory"]
    families: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    source: str = ""
    panel: PanelChoice | None = None

    def steps_for(self, outcome: Outcome) -> tuple[Step, ...]:
        """Inference steps one outcome is given."""
        return self.steps if outcome.primary or not self.secondary_steps else self.secondary_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """Settings of the inference steps; ``primary_step`` gives the primary p-value and interval.

    Attributes
    ----------
    checks_from, checks_step : str
        Specification that the robustness checks, calibration and planning depart from, and its
        step, where that is not the primary one; empty and None elsewhere.
    permutations : int
        Permutations of randomisation inference (step ``ri``), fewer where there are no more.
    permutation_strata : str
        Cluster-level variable inside whose values treatment is permuted; empty permutes over all.
    family_wise : {"max_t", "bonferroni"}
        Single-step test behind the primary outcomes' intervals and adjusted p-values, over all of
        them at once: max-t over the primary step's own draws; ``bonferroni`` for a step that has
        none.
    family_wise_check : tuple of str
        Step-down p-values beside it, in the annex.
    false_discovery : {"benjamini_hochberg"}
        Over all secondary outcomes together, whatever their family.
    false_discovery_check : tuple of str
        What stands beside it: ``sharpened_q``, Anderson's (2008) q-values.
    """

    primary_step: Step
    level: float
    draws: int
    weights_kind: Literal["rademacher", "webb"]
    seed_entry: str
    family_wise: Literal["max_t", "bonferroni"]
    family_wise_check: tuple[Literal["romano_wolf", "holm"], ...]
    false_discovery: Literal["benjamini_hochberg"]
    permutations: int = 9_999
    permutation_strata: str = ""
    checks_from: str = ""
    checks_step: Step | None = None
    false_discovery_check: tuple[Literal["sharpened_q"], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTable:
    """Variables compared between the arms at the first round."""

    variables: tuple[str, ...]
    frame_variables: tuple[str, ...] = ()
    attrition_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """An administrative cluster-by-period series and the periods before and after the start.

    ``per`` divides (population) and ``scale`` multiplies (100000 gives a rate per 100,000).
    """

    id: str
    variable: str
    label: Text
    unit: Text
    period: str
    last_before: str
    role: Literal["pre_trend", "placebo"]
    per: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some values of a variable under one name: codes, or numbers from low to high, both inside."""

    id: str
    label: Text
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One threat to the primary estimates, or one question of for whom: rows beside them.

    Attributes
    ----------
    kind : str
        Name of a kind of `check_kinds.KINDS`, which says what it needs and what it estimates.
    theme : str, optional
        What is doubted, the heading the rows stand under; None for the kind's own.
    answers : Text
        One sentence: what the rows answer, and under which assumption of their own.
    outcomes : tuple of str
        Outcomes looked at; empty means the primary ones.
    variables, values, distances, share, date, groups
        What the kind needs.
    known : {"before the programme", "panel baseline", "descriptive"}
        For subgroups: when the trait was fixed or measured. Traits measured after the start may
        themselves have been changed by it, so their rows describe.
    minimum_clusters : int, optional
        For subgroups: clusters of either arm in which both groups of a difference must be.
    silent_range : tuple of float
        For item nonresponse: from which to which share, 0 to 1, silent people may have had what is
        asked; empty for half to twice the share among people who answered.
    """

    id: str
    label: Text
    answers: Text
    kind: str
    theme: Theme | None = None
    outcomes: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    distances: tuple[float, ...] = ()
    share: float | None = None
    date: datetime.date | None = None
    groups: tuple[Group, ...] = ()
    known: Literal["before the programme", "panel baseline", "descriptive"] | None = None
    minimum_clusters: int | None = None
    silent_range: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that was promised. ``hash`` is of the parsed TOML, so comments are free.

    A study of type panel has no ``balance`` and standardises nothing; ``known`` are the results
    that were known before its plan was written, ``panel_power`` what its power is computed for.
    """

    hash: str
    inference: Inference
    family: tuple[Family, ...]
    outcome: tuple[Outcome, ...]
    specification: tuple[Specification, ...]
    balance: BalanceTable = BalanceTable(variables=())
    standardise: Literal["baseline comparison group"] = "baseline comparison group"
    known: tuple[KnownResult, ...] = ()
    panel_power: PanelPower | None = None
    series: tuple[Series, ...] = ()
    check: tuple[Check, ...] = ()
    power: PowerInputs | None = None

    def outcomes_of(self, specification: Specification) -> tuple[Outcome, ...]:
        """Outcomes a specification is run for, in the plan's order."""
        joined = (f.id for f in self.family if f.joins == specification.id)
        families, named = (*specification.families, *joined), specification.outcomes
        return tuple(o for o in self.outcome if o.family in families or o.id in named)

    def primary_specification(self) -> Specification:
        """The one specification whose primary step is the primary estimate."""
        return next(s for s in self.specification if s.status == "primary")

    def checked(self) -> "Plan":
        """The plan as its checks read it: what they depart from is its primary specification."""
        base, step = self.inference.checks_from, self.inference.checks_step
        if not base or step is None:
            return self
        main = self.primary_specification().id
        read: dict[str, Literal["primary", "replication"]] = {main: "replication", base: "primary"}
        specifications = (
            dataclasses.replace(s, status=read.get(s.id, s.status)) for s in self.specification
        )
        inference = dataclasses.replace(self.inference, primary_step=step)
        return dataclasses.replace(self, inference=inference, specification=tuple(specifications))

    def read_by(self, specification: Specification) -> Step:
        """The step a specification is read by: the plan's primary one, or its first without it."""
        plan = self.checked() if specification.id == self.inference.checks_from else self
        wanted = plan.inference.primary_step
        return wanted if wanted in specification.steps else specification.steps[0]

    def outcomes_of_check(self, check: Check) -> tuple[Outcome, ...]:
        """Outcomes a check looks at, in the plan's order."""
        named = check.outcomes or tuple(o.id for o in self.primary_outcomes())
        return tuple(o for o in self.outcome if o.id in named)

    def primary_outcomes(self) -> tuple[Outcome, ...]:
        """Primary outcomes in the plan's order."""
        return tuple(o for o in self.outcome if o.primary)

    def controlled_together(self) -> tuple[tuple[str, ...], ...]:
        """Sets whose false discovery rate is controlled: of the locked families, then of joined."""
        together, families = self.corrected_together(), {f.id: f for f in self.family}
        others = [
            o
            for o in self.outcome
            if families[o.family].correction != "none" and o.id not in together
        ]
        return tuple(
            tuple(o.id for o in others if bool(families[o.family].joins) == joined)
            for joined in (False, True)
        )

    def corrected_together(self) -> tuple[str, ...]:
        """Primary outcomes that are one set across the family-wise families, in plan order."""
        families = {f.id for f in self.family if f.correction == "family_wise"}
        run_for = {o.id for o in self.outcomes_of(self.primary_specification())}
        return tuple(
            o.id for o in self.primary_outcomes() if o.family in families and o.id in run_for
        )


def seed(plan_entry: str) -> int:
    """Seed derived from the id of a plan entry: changing the entry's name changes its draws."""
    return int.from_bytes(hashlib.sha256(plan_entry.encode()).digest()[:8], "big")
