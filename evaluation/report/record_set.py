"""Everything that the exhibits of a study are made from, as the earlier stages saved it."""

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluation.config.design_records import (
    Calibration,
    ConclusionChance,
    PlannedPower,
    SitePool,
    TrueEffect,
)
from evaluation.config.fieldwork_plan import BackcheckShare, FoundAgain
from evaluation.config.sampling import DispositionCount, ResponseRate, WeightCheck
from evaluation.estimation import records

Line = Mapping[str, str]
# File in a study's build of each kind of records that the stages save.
SAME = (
    "estimates",
    "unavailable",
    "adjustments",
    "diagnostics",
    "levels",
    "balance",
    "trends",
    "flow",
    "findings",
    "weight_checks",
    "calibration",
    "calibration_unavailable",
)
FILES: Mapping[str, str] = {
    **{name: f"{name}.csv" for name in SAME},
    "detectable": "detectable_effects.csv",
    "chances": "conclusion_chances.csv",
    "corrections": "corrections_log.csv",
    "check_estimates": "robustness_estimates.csv",
    "differences": "robustness_differences.csv",
    "check_unavailable": "robustness_unavailable.csv",
    "check_diagnostics": "robustness_diagnostics.csv",
    "bounds": "robustness_bounds.csv",
    "covariates": "robustness_covariates.csv",
    "check_levels": "robustness_levels.csv",
    "response": "response_rates.csv",
    # whole counts, which the exhibits show by the disclosure rule
    "dispositions": "private/dispositions.csv",
    "again": "private/found_again.csv",
    "backcheck": "private/backcheck_shares.csv",
}


# What the stages of a panel save: its ranges are of the plan's specifications, and no checks.
OF_PANEL = ("estimates", "unavailable", "diagnostics", "trends", "findings", "bounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Everything the exhibits of a study may show, as the earlier stages saved it.

    Attributes
    ----------
    published : tuple of mappings
        Rows of the published files, as text. Only the report layer reads them.
    pools : tuple of SitePool
        Made from those of them that are estimates of several sites.
    frame : tuple of mappings
        Clusters of a panel study as its map shows them.
    check_estimates, differences, check_unavailable, check_diagnostics, bounds, covariates
    check_levels
        Of the plan's checks: the ``specification`` of each row is the check's id.
    calibration : tuple of Calibration or None
        None where ``make calibrate`` has not been run for this plan and these data.
    calibration_unavailable
        Steps that could not be calibrated, ``step`` being "calibration of <step>".
    dispositions, response, weight_checks, again, backcheck
        Of the sample, where an exhibit of the study shows them.
    true_effects
        Of an invented study, as it was put in.
    counts, beyond
        Numbers of the tables of corrections and findings as they may be shown, and whether the one
        makes the other withhold more; see
        :func:`evaluation.report.linked_corrections.of_corrections`.
    makers, lines
        Of the program: the function that makes an exhibit, by its id, and the first line of the
        functions that claims name, each written ``module:function``.
    """

    provenance: records.Provenance
    estimates: tuple[records.Estimate, ...] = ()
    unavailable: tuple[records.Unavailable, ...] = ()
    adjustments: tuple[records.Adjustment, ...] = ()
    diagnostics: tuple[records.Diagnostic, ...] = ()
    levels: tuple[records.Level, ...] = ()
    balance: tuple[records.Balance, ...] = ()
    trends: tuple[records.Trend, ...] = ()
    detectable: tuple[PlannedPower, ...] = ()
    chances: tuple[ConclusionChance, ...] = ()
    flow: tuple[records.Flow, ...] = ()
    findings: tuple[records.Finding, ...] = ()
    corrections: tuple[records.CorrectionCount, ...] = ()
    published: tuple[Line, ...] = ()
    pools: tuple[SitePool, ...] = ()
    frame: tuple[Line, ...] = ()
    check_estimates: tuple[records.Estimate, ...] = ()
    differences: tuple[records.Difference, ...] = ()
    check_unavailable: tuple[records.Unavailable, ...] = ()
    check_diagnostics: tuple[records.Diagnostic, ...] = ()
    bounds: tuple[records.Bound, ...] = ()
    covariates: tuple[records.CovariateBalance, ...] = ()
    check_levels: tuple[records.Level, ...] = ()
    calibration: tuple[Calibration, ...] = ()
    calibration_unavailable: tuple[records.Unavailable, ...] = ()
    dispositions: tuple[DispositionCount, ...] = ()
    response: tuple[ResponseRate, ...] = ()
    weight_checks: tuple[WeightCheck, ...] = ()
    again: tuple[FoundAgain, ...] = ()
    backcheck: tuple[BackcheckShare, ...] = ()
    true_effects: tuple[TrueEffect, ...] = ()
    counts: Mapping[Any, float] = field(default_factory=dict)
    beyond: bool = False
    makers: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)


def kind_of(name: str) -> type[Any]:
    """Class of the records of a field of `Records` that holds a tuple of them."""
    kind: type[Any] = typing.get_args(typing.get_type_hints(Records)[name])[0]
    return kind
