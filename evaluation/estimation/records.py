"""Result rows: what the stages hand to each other and to readers.

Every record is frozen, slotted and flat, and is stored as one row of a tidy table named after
its kind. No field changes meaning with the method that filled it: a step that is unavailable is
an :class:`Unavailable` row, never a row of blanks.
"""

from dataclasses import dataclass
from typing import Literal

from evaluation.estimation.row_keys import RowKey
from evaluation.locale.messages import Message

Step = Literal["cv1", "cv3", "cr2", "wcr", "wcr_s", "ri", "ri_coefficient"]
# Methods of one check of the plan, or of a call without a plan: no specification may ask for them.
CheckStep = Literal["conley", "two_way", "classical", "hc1"]
Estimand = Literal["equal", "population", "respondents", "events"]
Status = Literal[
    "pre-specified", "specified after data collection", "deviation", "exploratory", "blinded"
]
Severity = Literal["error", "warn", "info"]
# what the reason of a row that left by a merge begins with; its line's own reason follows
MERGED = "merged; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One effect by one inference step.

    Attributes
    ----------
    estimand : {"equal", "population", "respondents", "events"}
        Equal weight between clusters with design weights inside; population-weighted; each
        row weighted as the specification says, without any rescaling between clusters; or, of a
        ratio of counts, clusters weighted by the events that are expected there.
    step : {"cv1", "cv3", "cr2", "wcr", "wcr_s", "ri", "ri_coefficient", "conley", "two_way",
        "classical", "hc1"}
        Inference step; ``wcr_s`` (wild cluster bootstrap, null imposed, jackknifed scores) is
        the primary one of surveys without a lottery. ``ri`` permutes the treatment between
        clusters, ``ri_coefficient`` likewise and without studentising; ``conley`` lets errors be
        alike over a distance.
    contrast_from, contrast_to : str
        Round ids between which the effect is read.
    unit : str
        Unit of ``estimate``; ``estimate_sd`` is the same effect in standard deviations of the
        comparison group at ``contrast_from``.
    std_error : float
        The standard error the step's statistic is studentised with (CV1 for both bootstraps).
    df : float
        Degrees of freedom of the step's t reference; G - 1 for the bootstraps' statistic.
    ci_low, ci_high, ci_kind
        Interval at ``level``; ``ci_kind`` says unadjusted or simultaneous. Simultaneous are those
        of primary outcomes by the primary step of the primary specification: they cover all of
        them at once, and their own stand beside as the diagnostics ``unadjusted_ci_low`` and
        ``unadjusted_ci_high``. An unbounded side is an infinity.
    p_value : float
        Of this outcome alone.
    mc_error, ci_low_mc_error, ci_high_mc_error : float
        Monte Carlo standard errors of the p-value and bounds; 0 where nothing was simulated.
    p_adjusted, adjustment : float, str
        Of a primary outcome "max_t" or "bonferroni": the single-step test of the simultaneous
        interval, below 1 - level where that excludes zero. Equal to ``p_value`` and "none" where
        the plan adjusts nothing.
    mde : float
        Realised minimum detectable effect, 2.8 x std_error, in ``unit``; of ``ri`` times the root
        mean square of the permuted statistics, which is 1 where the error is right.
    """

    study: str
    outcome: str
    family: str
    specification: str
    estimand: Estimand
    sample: RowKey
    treatment: str
    step: Step | CheckStep
    status: Status
    contrast_from: str
    contrast_to: str
    unit: str
    estimate: float
    estimate_sd: float
    std_error: float
    df: float
    statistic: float
    ci_low: float
    ci_high: float
    ci_kind: Message
    level: float
    p_value: float
    p_kind: Message
    mc_error: float
    ci_low_mc_error: float
    ci_high_mc_error: float
    p_adjusted: float
    adjustment: str
    n: int
    n_clusters_treated: int
    n_clusters_comparison: int
    baseline_comparison_mean: float
    baseline_comparison_sd: float
    mde: float
    plan_hash: str
    data_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """A step or quantity the plan asked for that is unavailable, and why."""

    study: str
    outcome: str
    specification: str
    estimand: str
    sample: RowKey
    step: str
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A multiplicity-adjusted p-value by one method, beside the one the plan puts in front."""

    study: str
    outcome: str
    family: str
    specification: str
    estimand: str
    method: str
    p_value: float
    p_adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One named quantity printed beside an estimate (icc, cac, kish_deff, closed_form_mde, ...)."""

    study: str
    outcome: str
    specification: str
    estimand: str
    sample: RowKey
    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOneOut:
    """The estimate without one cluster. Names a place: private folder only."""

    study: str
    outcome: str
    specification: str
    estimand: str
    sample: RowKey
    cluster: str
    arm: str
    estimate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Weighted mean of an outcome in one arm and round, with its design-based standard error."""

    study: str
    outcome: str
    estimand: str
    sample: RowKey
    arm: str
    round: str
    unit: str
    mean: float
    std_error: float
    sd: float
    n: int
    n_clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A variable compared between the arms in one round and sample; ``n``: both groups' sum."""

    study: str
    variable: str
    sample: str
    round: str
    mean_treated: float
    mean_comparison: float
    sd_comparison: float
    difference: float
    std_error: float
    p_value: float
    normalised_difference: float
    n: int
    n_treated: int
    n_comparison: int
    n_clusters: int
    n_clusters_treated: int
    n_clusters_comparison: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A count in the sample flow: delivered, valid, linked."""

    study: str
    round: str
    arm: str
    step: str
    reason: str
    n: int
    n_clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Mean of an administrative series in one arm and period, in the series' unit."""

    study: str
    series: str
    arm: str
    period: str
    mean: float
    std_error: float
    n_clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check has to say about the raw data, a file or a correction.

    ``row_key`` is file:line. ``value`` is shown only for coded, non-personal columns and is
    "(not shown)" elsewhere. A number in ``problem`` is published where it is a `Plain`, or a
    `Count` that is not small.
    """

    rule: str
    severity: Severity
    round: str
    file: str
    row_key: str
    line: int
    column: str
    value: str
    problem: Message
    fix: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionCount:
    """How many corrections of one kind, for one reason, were applied to one source's file.

    ``round`` is the round id, or the role of a file that has no round. ``arm`` is the group that
    the corrected rows belong to, empty where groups were not told apart. ``n_rows`` and
    ``n_clusters`` say on how many rows and clusters the ``n`` corrections stand, for the disclosure
    rule; -1 where nobody counted them.
    """

    study: str
    round: str
    action: str
    reason: str
    n: int
    arm: str = ""
    n_rows: int = -1
    n_clusters: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexWeight:
    """How one item enters an index: fixed at the baseline comparison group.

    ``mean`` and ``sd`` standardise the item, ``score_mean`` and ``score_sd`` the finished score.
    """

    study: str
    outcome: str
    item: str
    sign: int
    mean: float
    sd: float
    weight: float
    score_mean: float
    score_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CodebookRow:
    """One variable or outcome of the clean files, in words.

    ``allowed`` and ``missing`` list codes with labels and missing codes by kind; where sources
    differ, each is named. ``observed`` counts non-missing values by source.
    """

    name: str
    kind: str
    type: str
    label_en: str
    label_es: str
    question_en: str
    question_es: str
    module: str
    unit: str
    sources: str
    allowed_en: str
    allowed_es: str
    missing: str
    asked_if: str
    personal: str
    origin: str
    observed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a set of results was made from."""

    study: str
    plan_hash: str
    data_hash: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A range an effect is known to lie in under an assumption, where no point is identified.

    ``ci_low`` and ``ci_high`` are a confidence interval at ``level`` around the whole range; they
    are its ends ``low`` and ``high`` where ``ci_kind`` is "none".
    """

    study: str
    outcome: str
    specification: str
    estimand: Estimand
    sample: RowKey
    status: Status
    unit: str
    low: float
    high: float
    ci_low: float
    ci_high: float
    ci_kind: Message
    level: float
    n: int
    n_clusters_treated: int
    n_clusters_comparison: int
    plan_hash: str
    data_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far a robustness check moves the primary estimate.

    Attributes
    ----------
    specification : str
        The check's id, or that of a sensitivity specification of the plan.
    estimate : float
        By the check, in ``unit``.
    difference : float
        ``estimate`` less the primary estimate of the same outcome.
    std_error, df, ci_low, ci_high
        Of the difference, by the jackknife that deletes a cluster from both estimates, with
        t(``df``) at ``level``. All but ``df`` are 0 where the check's estimate is the primary one
        by design, whatever people answer. Numbers of interviews and clusters are of ``estimate``.
    """

    study: str
    outcome: str
    specification: str
    estimand: Estimand
    sample: RowKey
    status: Status
    unit: str
    estimate: float
    difference: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    level: float
    n: int
    n_clusters_treated: int
    n_clusters_comparison: int
    plan_hash: str
    data_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateBalance:
    """A covariate's difference between groups, in SD of the treated clusters, by weighting."""

    study: str
    specification: str
    variable: str
    before: float
    after: float
