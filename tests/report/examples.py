"""A small invented study and invented records for it, as the earlier stages would save them.

Numbers are made by position (outcome 1 has the estimate 0.11, and so on): none is a result.
"""

import dataclasses
import datetime
import math
from collections.abc import Sequence

from evaluation.config.configuration import Configuration
from evaluation.config.design_records import Calibration, PlannedPower
from evaluation.config.dictionary import Code, CodeList, Dictionary, MissingCodes, Module, Variable
from evaluation.config.exhibits import Exhibit, ExhibitRegistry
from evaluation.config.fieldwork_plan import FoundAgain
from evaluation.config.manifest import Manifest
from evaluation.config.plan import (
    BalanceTable,
    Family,
    Inference,
    Item,
    Outcome,
    Plan,
    Series,
    Specification,
)
from evaluation.config.preregistration import Lock, Promise
from evaluation.config.sampling import WeightCheck
from evaluation.config.study import (
    Arm,
    Cohort,
    Columns,
    Component,
    Event,
    Names,
    Round,
    Study,
    Treatment,
)
from evaluation.config.toml_reader import Text
from evaluation.estimation.records import (
    Balance,
    CorrectionCount,
    Diagnostic,
    Estimate,
    Finding,
    Flow,
    Level,
    Provenance,
    Trend,
    Unavailable,
)
from evaluation.estimation.row_keys import WHOLE, Part
from evaluation.locale.messages import message
from evaluation.report.record_set import Records
from evaluation.report.sources import Source
from tests.messages import said

AT_ONCE = "simultaneous over the primary outcomes, single-step max-t"
PLAN_HASH, DATA_HASH = "a1" * 32, "b2" * 32
PROVENANCE = Provenance(study="small", plan_hash=PLAN_HASH, data_hash=DATA_HASH, version="0.1.0")


def both(english: str) -> Text:
    return Text(en=english, es=f"{english} (es)")


STUDY = Study(
    id="small",
    synthetic=True,
    title=both("A small study"),
    question=both("Did it change?"),
    population=both("Adults"),
    citation=Text(en="Somebody (2025). A small study.", es="Alguien (2025). Un estudio pequeño."),
    names=Names(cluster=both("village"), clusters=both("villages")),
    columns=Columns(respondent="person", cluster="village", arm="arm"),
    round=(
        Round(
            id="baseline",
            kind="baseline",
            label=both("Baseline"),
            start=datetime.date(2021, 2, 1),
            end=datetime.date(2021, 5, 1),
        ),
        Round(
            id="endline",
            kind="endline",
            label=both("Endline"),
            start=datetime.date(2024, 10, 1),
            end=datetime.date(2025, 2, 1),
        ),
    ),
    arm=(
        Arm(id="treated", label=both("Treatment group"), treatments=("programme",)),
        Arm(id="comparison", label=both("Comparison group"), treatments=()),
    ),
    treatment=(Treatment(id="programme", label=both("The programme")),),
    component=(
        Component(id="one", label=both("Component 1")),
        Component(id="two", label=both("Component 2")),
    ),
    cohort=(Cohort(id="first", label=both("First entry"), entry=datetime.date(2021, 7, 1)),),
    event=(
        Event(
            id="strike",
            label=both("Strike"),
            start=datetime.date(2021, 4, 28),
            end=datetime.date(2021, 7, 1),
            affects="both groups",
        ),
    ),
)

OUTCOMES = (
    Outcome(
        id="trust",
        family="cohesion",
        label=both("Trust"),
        function="value",
        items=(Item(name="q1"),),
        minimum_items=1,
        unit="SD",
        desired="up",
        primary=True,
        smallest_effect=0.1,
        assumed_effect=0.2,
        components=("one",),
    ),
    Outcome(
        id="crime",
        family="victims",
        label=both("Victim of crime"),
        function="any",
        items=(Item(name="q2"),),
        minimum_items=1,
        unit="percentage points",
        desired="down",
        scale=100.0,
        primary=True,
        smallest_effect=3.0,
        assumed_effect=5.0,
        components=("one", "two"),
        decimals=1,
    ),
    Outcome(
        id="threats",
        family="victims",
        label=both("Threats"),
        function="any",
        items=(Item(name="q2"),),
        minimum_items=1,
        unit="percentage points",
        desired="down",
        scale=100.0,
        components=("two",),
        decimals=1,
        sensitive=True,
    ),
)

SPECIFICATION = Specification(
    id="did_main",
    label=both("Main"),
    method="did",
    data="panel",
    sample="all",
    treatment="programme",
    contrast=("baseline", "endline"),
    estimand="equal",
    weights="none",
    steps=("cv1", "cv3", "cr2", "wcr", "wcr_s"),
    status="primary",
    families=("cohesion", "victims"),
)

PLAN = Plan(
    hash=PLAN_HASH,
    inference=Inference(
        primary_step="wcr_s",
        level=0.95,
        draws=99_999,
        weights_kind="rademacher",
        seed_entry="small",
        family_wise="max_t",
        family_wise_check=("romano_wolf", "holm"),
        false_discovery="benjamini_hochberg",
    ),
    family=(
        Family(
            id="cohesion",
            label=both("Cohesion"),
            question=both("Trust?"),
            tier="primary",
            correction="family_wise",
        ),
        Family(
            id="victims",
            label=both("Victimisation"),
            question=both("Crime?"),
            tier="primary",
            correction="family_wise",
        ),
    ),
    outcome=OUTCOMES,
    specification=(SPECIFICATION,),
    balance=BalanceTable(variables=("q1",)),
    standardise="baseline comparison group",
    series=(
        Series(
            id="homicides",
            variable="q2",
            label=both("Homicides"),
            unit=both("per 100,000"),
            period="quarter",
            last_before="2020Q2",
            role="pre_trend",
        ),
    ),
)

DICTIONARY = Dictionary(
    modules=(
        Module(
            module="questions",
            title=both("Questions"),
            codes=(
                CodeList(
                    id="yes_no",
                    values=(
                        Code(code="1", value=1.0, en="yes", es="sí"),
                        Code(code="2", value=0.0, en="no", es="no"),
                    ),
                ),
            ),
            missing=(MissingCodes(id="usual", dont_know=("8",), refused=("9",)),),
            variable=(
                Variable(
                    name="q2",
                    type="binary",
                    label=both("Robbed"),
                    raw={"baseline": "Q2", "endline": "q2"},
                    personal="none",
                    source="own",
                    codes="yes_no",
                    missing="usual",
                ),
            ),
        ),
    )
)
DICTIONARY.variables.update({v.name: v for v in DICTIONARY.modules[0].variable})
DICTIONARY.variables["village"] = Variable(
    name="village",
    type="id",
    label=both("Village"),
    raw={"baseline": "village", "endline": "village"},
    personal="quasi",
    source="own",
)
DICTIONARY.codes.update({c.id: c for c in DICTIONARY.modules[0].codes})
DICTIONARY.missing.update({m.id: m for m in DICTIONARY.modules[0].missing})

LOCK = Lock(
    plan_hash=PLAN_HASH,
    registry="none (demonstration)",
    registration="",
    url="",
    date=datetime.date(2025, 9, 1),
    endline_data_seen=True,
    note=both("Written for a test."),
    entries={},
)

CONFIGURATION = Configuration(
    study=STUDY,
    manifest=Manifest(file=()),
    dictionary=DICTIONARY,
    preregistration=Promise(plan=PLAN, lock=LOCK, deviations=()),
    registry=ExhibitRegistry(exhibit=()),
)


def intervals_beside(
    estimates: Sequence[Estimate], outcomes: Sequence[Outcome] = OUTCOMES
) -> tuple[Diagnostic, ...]:
    """What stands beside each outcome's simultaneous interval: narrower ones, same middle."""
    return tuple(
        Diagnostic(
            study=e.study,
            outcome=e.outcome,
            specification=e.specification,
            estimand=e.estimand,
            sample=e.sample,
            name=f"{name}_{end}",
            value=narrower(bound, e.ci_low, e.ci_high, share),
            unit=e.unit,
        )
        for e in estimates
        if e.adjustment == "max_t" and e.outcome in {o.id for o in outcomes}
        for name, share in (("simultaneous_90", 0.875), ("unadjusted_ci", 0.8125))
        for end, bound in (("low", e.ci_low), ("high", e.ci_high))
    )


def narrower(bound: float, low: float, high: float, share: float) -> float:
    """A bound drawn in towards the middle; one without end stays so."""
    if math.isinf(low) or math.isinf(high):
        return bound
    return (low + high) / 2 + share * (bound - (low + high) / 2)


def exhibit(builder: str, **changes) -> Exhibit:
    kind = "fig" if builder.endswith(("plot", "diagram", "map", "timeline")) else "tbl"
    values = {
        "id": f"{kind}-example",
        "code": f"SM-{kind[0].upper()}01",
        "builder": builder,
        "title": both("A title"),
        "reading": both("A reading."),
        "notes": both("A note."),
    }
    return Exhibit(**{**values, **changes})


def estimate(outcome: Outcome, specification: Specification, step: str, **changes) -> Estimate:
    size = {"SD": 0.11, "percentage points": -2.4}.get(outcome.unit, 0.2)
    error = abs(size) / 1.7
    at_once = outcome.primary and specification.status == "primary" and step == "wcr_s"
    values = {
        "study": "small",
        "outcome": outcome.id,
        "family": outcome.family,
        "specification": specification.id,
        "estimand": specification.estimand,
        "sample": Part(specification.sample),
        "treatment": specification.treatment,
        "step": step,
        "status": "specified after data collection",
        "contrast_from": "baseline",
        "contrast_to": "endline",
        "unit": outcome.unit,
        "estimate": size,
        "estimate_sd": size if outcome.unit == "SD" else size / 38.0,
        "std_error": error,
        "df": 68.0,
        "statistic": size / error,
        "ci_low": size - 2 * error,
        "ci_high": size + 2 * error,
        "ci_kind": said(AT_ONCE if at_once else "unadjusted, inverted test"),
        "level": 0.95,
        "p_value": 0.0934,
        "p_kind": said("wild cluster bootstrap, null imposed, jackknifed scores"),
        "mc_error": 0.0009,
        "ci_low_mc_error": 0.001,
        "ci_high_mc_error": 0.001,
        "p_adjusted": 0.21,
        "adjustment": "max_t" if at_once else "none",
        "n": 7012,
        "n_clusters_treated": 35,
        "n_clusters_comparison": 35,
        "baseline_comparison_mean": 0.0 if outcome.unit == "SD" else 18.4,
        "baseline_comparison_sd": 1.0 if outcome.unit == "SD" else 38.0,
        "mde": 2.8 * error,
        "plan_hash": PLAN_HASH,
        "data_hash": DATA_HASH,
    }
    return Estimate(**{**values, **changes})


def level(outcome: Outcome, arm: str, round_: str, **changes) -> Level:
    mean = 0.05 if outcome.unit == "SD" else 18.4
    values = {
        "study": "small",
        "outcome": outcome.id,
        "estimand": "equal",
        "sample": WHOLE,
        "arm": arm,
        "round": round_,
        "unit": outcome.unit,
        "mean": mean + (0.1 * mean if arm == "treated" and round_ == "endline" else 0.0),
        "std_error": mean / 9,
        "sd": 1.0,
        "n": 1750,
        "n_clusters": 35,
    }
    return Level(**{**values, **changes})


def balance(variable: str, sample: str, **changes) -> Balance:
    values = {
        "study": "small",
        "variable": variable,
        "sample": sample,
        "round": "baseline",
        "mean_treated": 0.51,
        "mean_comparison": 0.49,
        "sd_comparison": 0.5,
        "difference": 0.02,
        "std_error": 0.015,
        "p_value": 0.18,
        "normalised_difference": 0.04,
        "n": 3500,
        "n_treated": 1750,
        "n_comparison": 1750,
        "n_clusters": 70,
        "n_clusters_treated": 35,
        "n_clusters_comparison": 35,
    }
    return Balance(**{**values, **changes})


def flow(round_: str, arm: str, step: str, n: int, reason: str = "", n_clusters: int = 35) -> Flow:
    return Flow(
        study="small",
        round=round_,
        arm=arm,
        step=step,
        reason=reason,
        n=n,
        n_clusters=min(n, n_clusters),
    )


def weight_check(round_: str, level: str = "all", name: str = "", **changes) -> WeightCheck:
    values = {
        "n": 3500,
        "n_clusters": 70,
        "total": 1_821_949.3,
        "people": 2_760_530.0,
        "coverage": 1.0,
        "design_effect": 1.27,
        "largest_to_smallest": 29.8,
        "share_change": float("nan"),
        "whole_design_effect": 1.88,
        "variation": 0.94,
    }
    return WeightCheck(study="small", round=round_, level=level, name=name, **{**values, **changes})


def planned(outcome: Outcome, effect_from: str, mde: float, **changes) -> PlannedPower:
    values = {
        "study": "small",
        "outcome": outcome.id,
        "unit": outcome.unit,
        "method": "closed form",
        "clusters_treated": 35,
        "clusters_comparison": 34,
        "respondents": 50.0,
        "panel_share": 0.5,
        "attrition": 0.0,
        "effect": mde,
        "effect_from": effect_from,
        "level": 0.95,
        "std_error": mde / 2.8,
        "mde": mde,
        "power": 0.8,
        "mc_error": 0.0,
        "type_s": 0.0,
        "type_m": 1.1,
        "plan_hash": PLAN_HASH,
        "data_hash": DATA_HASH,
    }
    return PlannedPower(**{**values, **changes})


def sample_flow(configuration: Configuration) -> tuple[Flow, ...]:
    rows = []
    for round_ in configuration.study.rounds:
        for number, arm in enumerate(configuration.study.arm):
            dropped = 24 + number
            rows += [
                flow(round_, arm.id, "delivered", 1790),
                flow(round_, arm.id, "dropped", dropped, "duplicate interview"),
                flow(round_, arm.id, "no_consent", 16),
                flow(round_, arm.id, "valid", 1774 - dropped),
                flow(round_, arm.id, "panel_members", 912 + number),
            ]
    return tuple(rows)


PERIODS = [f"{year}Q{quarter}" for year in range(2018, 2026) for quarter in range(1, 5)]


def trend(series: str, arm: str, period: str, mean: float) -> Trend:
    return Trend(
        study="small",
        series=series,
        arm=arm,
        period=period,
        mean=mean,
        std_error=mean / 12,
        n_clusters=35,
    )


def records(configuration: Configuration = CONFIGURATION) -> Records:
    """Records for every outcome, specification, step and series of a configuration."""
    plan, study = configuration.preregistration.plan, configuration.study
    run = [(s, o) for s in plan.specification for o in plan.outcomes_of(s)]
    tests = [
        dataclasses.replace(
            estimate(plan.outcome[0], plan.specification[0], "wcr_s"),
            outcome=series.id,
            specification=series.role,
            unit="per 100,000 and quarter",
        )
        for series in plan.series
    ]
    gaps = [
        dataclasses.replace(
            test,
            specification="event_study",
            step="cv1",
            sample=Part(period),
            ci_kind=message("series-band.interval"),
        )
        for test in tests
        for period in PERIODS
    ]
    arms = [(a.id, r) for a in study.arm for r in study.rounds]
    places = dict.fromkeys((o.id, s.estimand, Part(s.sample)) for s, o in run)
    outcomes = {o.id: o for o in plan.outcome}
    return Records(
        provenance=PROVENANCE,
        estimates=(*(estimate(o, s, step) for s, o in run for step in s.steps), *tests, *gaps),
        diagnostics=tuple(
            Diagnostic(
                study="small",
                outcome=o.id,
                specification=s.id,
                estimand=s.estimand,
                sample=Part(s.sample),
                name=name,
                value=value,
                unit="number",
            )
            for s, o in run
            for name, value in (("icc", 0.049), ("closed_form_mde", 0.19))
        ),
        levels=tuple(
            level(outcomes[o], arm, round_, estimand=estimand, sample=sample)
            for o, estimand, sample in places
            for arm, round_ in arms
        ),
        balance=(
            balance("q2", "all"),
            balance("population", "clusters", mean_treated=31_200.0, mean_comparison=29_900.0),
            balance("reinterviewed", "attrition"),
            balance("q2", "stayers"),
            balance("q2", "leavers"),
        ),
        trends=tuple(
            trend(series.id, arm.id, period, 12.0 + number + (int(period[:4]) - 2018) / 3)
            for series in plan.series
            for number, arm in enumerate(study.arm)
            for period in PERIODS
        ),
        detectable=tuple(
            row
            for o in plan.primary_outcomes()
            for row in (
                planned(o, "own design", 0.21),
                planned(o, "detectable", 0.30, respondents=20.0),
                planned(o, "detectable", 0.15, clusters_treated=70, clusters_comparison=68),
            )
        ),
        flow=sample_flow(configuration),
        findings=(
            finding("unlisted-code", "row 1 is odd"),
            finding("unlisted-code", "row 2 is odd"),
            finding("short-interview", "the interview is short"),
        ),
        corrections=(
            CorrectionCount(
                study="small", round="baseline", action="drop", reason="typed twice", n=24
            ),
        ),
        published=(
            {"outcome": "their_trust", "estimate": "0.11", "std.error": "0.06", "df": "68.0"},
        ),
        calibration=tuple(
            Calibration(
                study="small",
                outcome=o.id,
                specification="did_main",
                estimand="equal",
                null="permuted treatment",
                step="wcr_s",
                nominal=0.05,
                rejection=0.05,
                mc_error=0.005,
                draws=2000,
            )
            for o in plan.primary_outcomes()
        ),
        weight_checks=tuple(weight_check(round_) for round_ in study.rounds),
        again=tuple(
            FoundAgain(
                study="small",
                arm=arm.id,
                department=name,
                n=300,
                n_again=158 + i,
                n_clusters=6,
                weight=6.0,
                weight_again=3.16 + 0.02 * i,
            )
            for i, arm in enumerate(study.arm)
            for name in ("North", "South")
        ),
    )


def finding(rule: str, problem: str) -> Finding:
    return Finding(
        rule=rule,
        severity="warn",
        round="baseline",
        file="baseline.csv",
        row_key="baseline.csv:7",
        line=7,
        column="q2",
        value="3",
        problem=said(problem),
        fix=said("correct the cell"),
    )


def unavailable(outcome: str, step: str, reason: str) -> Unavailable:
    return Unavailable(
        study="small",
        outcome=outcome,
        specification="did_main",
        estimand="equal",
        sample=WHOLE,
        step=step,
        reason=said(reason),
    )


def source(configuration: Configuration = CONFIGURATION, **changes) -> Source:
    """The small study with its records, some of them replaced."""
    made = with_intervals(dataclasses.replace(records(configuration), **changes), configuration)
    return Source(records=made, configuration=configuration, language="en")


def with_intervals(made: Records, configuration: Configuration = CONFIGURATION) -> Records:
    """Records with what the estimate stage writes beside each simultaneous interval."""
    given = {(d.outcome, d.specification, d.name) for d in made.diagnostics}
    beside = tuple(
        d
        for d in intervals_beside(made.estimates, configuration.preregistration.plan.outcome)
        if (d.outcome, d.specification, d.name) not in given
    )
    return dataclasses.replace(made, diagnostics=(*made.diagnostics, *beside))
