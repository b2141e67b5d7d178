"""The design itself: how it is planned, which method errs how often, what a round can detect."""

from dataclasses import dataclass
from pathlib import Path

from evaluation.config.toml_reader import TomlFile, named, read
from evaluation.estimation.records import Estimand

# Bootstrap draws, and permutations, behind each p-value of a calibration.
CALIBRATION_DRAWS = 999
# Where the rule of conclusions is tried beyond what it presumes: share of the variance of clusters'
# changes that whole zones share, and a bias in smallest effects that matter.
SHARED, BIAS = 0.3, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How often a step, or the rule of conclusions, errs in data made from this study's own.

    Attributes
    ----------
    null : {"permuted treatment", "sign flips", "shared by zones", "biased"}
        How the data were made from two-round residuals; the last two of the rule alone.
    step : str
        A step of inference, or an error of `estimation.planning.rule_calibration`.
    nominal : float
        Level of the test, such as 0.05.
    rejection, mc_error : float
        Share of ``draws`` data sets rejected, and its Monte Carlo standard error.
    """

    study: str
    outcome: str
    specification: str
    estimand: Estimand
    null: str
    step: str
    nominal: float
    rejection: float
    mc_error: float
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPower:
    """What one planned design can say about one outcome, at one effect and by one method.

    Attributes
    ----------
    method : {"closed form", "cluster changes drawn", "respondents drawn"}
        A formula, or studies simulated from this study's own residuals.
    respondents : float
        Per cluster and round.
    panel_share, attrition : float
        Share of the first round's respondents to be interviewed again, and share of those lost.
    effect : float
        Size of the effect, in ``unit``; its direction does not matter.
    effect_from : {"assumed", "smallest that matters", "curve", "detectable", "own design"}
        Where the effect comes from: the plan, a point of a curve, or the design, whose ``mde`` it
        is then; "own design" is that of the finished study.
    mde : float
        Effect detected with a power of 80 %, in ``unit``.
    power, mc_error : float
        Chance of detection at ``effect``, and its Monte Carlo standard error.
    type_s, type_m : float
        Among significant estimates: share with the wrong sign, and mean overstatement.
    """

    study: str
    outcome: str
    unit: str
    method: str
    clusters_treated: int
    clusters_comparison: int
    respondents: float
    panel_share: float
    attrition: float
    effect: float
    effect_from: str
    level: float
    std_error: float
    mde: float
    power: float
    mc_error: float
    type_s: float
    type_m: float
    plan_hash: str
    data_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusionChance:
    """How likely each conclusion on a primary outcome is if the true effect has a given size.

    Attributes
    ----------
    multiple : float
        True effect in smallest effects that matter.
    effect, smallest_effect, std_error : float
        In ``unit``; the standard error is that of the planned design.
    icc, cluster_autocorrelation : float
        What is assumed for it: the plan's, or another value beside it.
    critical, critical_90 : float
        Standard errors to each side of the two simultaneous intervals.
    detected : float
        Chance that an effect is detected, whatever its size.
    type_s, type_m : float
        Among detected effects of either size: share with the wrong sign, and mean of the
        estimate's size over the true one; not a number without an effect.
    """

    study: str
    outcome: str
    unit: str
    multiple: float
    effect: float
    smallest_effect: float
    icc: float
    cluster_autocorrelation: float
    std_error: float
    critical: float
    critical_90: float
    detected: float
    ruled_out: float
    inconclusive: float
    type_s: float
    type_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePool:
    """Random-effects pool of published estimates of several sites, of one hypothesis.

    Attributes
    ----------
    hypothesis : str
        As the published files call it.
    estimate, std_error, ci_low, ci_high : float
        In the unit of the sites' estimates.
    variance_between : float
        Between the sites' true effects, in the squared unit.
    sites : int
    """

    hypothesis: str
    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float
    variance_between: float
    sites: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEffect:
    """What an invented study's effects come to in an outcome's own unit.

    Attributes
    ----------
    c2021, c2022, average : float
        By entry cohort, and over the treated municipalities, each counted once.
    """

    outcome: str
    unit: str
    c2021: float
    c2022: float
    average: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedSpread:
    """How a primary outcome is expected to vary, from what is known before the endline.

    Attributes
    ----------
    sd : float
        Standard deviation within a round, in the outcome's unit.
    icc, cluster_autocorrelation : float
        Intraclass correlation within a round; correlation of clusters' true means between rounds.
    individual_correlation : float
        Correlation between rounds of a respondent's deviation from the cluster.
    """

    outcome: str
    sd: float
    icc: float
    cluster_autocorrelation: float
    individual_correlation: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerInputs:
    """The design as planned, for the chance of each conclusion; nothing is read off the endline.

    Attributes
    ----------
    treated, comparison : int
        Clusters.
    respondents : float
        Per cluster and round, on average.
    panel_share : float
        Share of the baseline's respondents who are interviewed again at the endline.
    weight_deff : float
        Kish design effect of the sampling weights: within clusters, or all where endlines compare.
    size_cv : float
        Coefficient of variation of respondents between clusters.
    """

    treated: int
    comparison: int
    respondents: float
    panel_share: float = 0.0
    weight_deff: float = 1.0
    size_cv: float = 0.0
    spread: tuple[ExpectedSpread, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFall:
    """Rejections at the plan's level by either test, one number a block of placements."""

    fall: float
    coefficient: tuple[int, ...]
    studentised: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPower:
    """``power_of_tests.toml``: a long simulation, run once and run again every night.

    Attributes
    ----------
    code, data : str
        Checksums of the program that made it, and of the data.
    permutations : int
        Behind each test.
    block : int
        Placements of treatment in a block.
    falls : tuple of SimulatedFall
    """

    code: str
    data: str
    permutations: int
    block: int
    falls: tuple[SimulatedFall, ...]


def read_simulated(folder: Path) -> SimulatedPower | None:
    """``power_of_tests.toml`` of a study's folder; None where there is none.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    SpecError
        A key or type that does not hold; falls without blocks, or with unequal numbers of them.
    """
    name = "power_of_tests.toml"
    if not (folder / name).is_file():
        return None
    found = read(SimulatedPower, folder, name)
    blocks = {len(part) for one in found.falls for part in (one.coefficient, one.studentised)}
    wrong = len(blocks) != 1 or 0 in blocks
    TomlFile(named(folder, name)).refuse(wrong, "simulated-blocks", "simulated-blocks")
    return found
