"""Invented judgements of the small study, and records that its exhibits for reviewers read."""

import dataclasses
import datetime

from evaluation.config.review import (
    DOMAINS,
    Assumption,
    Claim,
    Downgrade,
    GradeStatement,
    Judged,
    Review,
    Risk,
)
from evaluation.estimation.records import Diagnostic
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.report.examples import both

TWO_ROUND, ATTRITION, NONRESPONSE = (
    made.check(name) for name in ("two_round", "attrition", "nonresponse")
)
LEVELS = ("low", "moderate", "moderate", "serious", "low", "low", "moderate")
FUNCTION = "evaluation.analysis.run_plan:run_plan"

REVIEW = Review(
    judged=Judged(date=datetime.date(2025, 3, 1), by=both("one person")),
    tool="ROBINS-I",
    assumption=(
        Assumption(
            id="trends",
            label=both("Alike"),
            evidence=both("A series"),
            if_false=both("Too large"),
            exhibits=("tbl-breakdown", "fig-trends"),
            checks=("two_round",),
        ),
        Assumption(
            id="scale",
            label=both("A scale"),
            evidence=both("Models"),
            if_false=both("Another sign"),
            exhibits=("tbl-form",),
        ),
    ),
    risk=tuple(
        Risk(domain=domain, judgement=level, support=both("Why"), exhibits=("tbl-balance",))
        for domain, level in zip(DOMAINS["ROBINS-I"], LEVELS, strict=True)
    ),
    certainty=tuple(
        GradeStatement(
            outcome=outcome.id,
            conclusion="inconclusive",
            start="high",
            start_reason=both("Looked at"),
            downgrade=(
                Downgrade(domain="risk_of_bias", levels=2, reason=both("Serious")),
                Downgrade(domain="inconsistency", levels=0, reason=both("One study")),
            ),
        )
        for outcome in (TRUST, CRIME)
    ),
    claim=(
        Claim(id="effects", claim=both("It changed"), exhibit="tbl-main", functions=(FUNCTION,)),
    ),
)

# The same judgements, of a study whose groups were drawn by lot.
BY_LOT = dataclasses.replace(
    REVIEW,
    tool="RoB 2",
    risk=tuple(
        Risk(domain=domain, judgement="low", support=both("Why"), exhibits=("tbl-balance",))
        for domain in DOMAINS["RoB 2"]
    ),
)


def estimate(outcome, low, high, step="wcr_s"):
    return examples.estimate(
        outcome,
        examples.SPECIFICATION,
        step,
        estimate=(low + high) / 2,
        ci_low=low,
        ci_high=high,
    )


def beside(outcome, name, value) -> Diagnostic:
    return dataclasses.replace(
        made.diagnostic(outcome, TWO_ROUND, name, value), specification=examples.SPECIFICATION.id
    )


def of_checks(outcome, m, worst, attrition, *, low=0.01):
    """Breakdown value and benchmark, worst case and attrition range of one outcome."""
    samples = ("m:places", "flci:places")
    return {
        "check_diagnostics": (
            made.diagnostic(outcome, TWO_ROUND, "breakdown", 0.05),
            made.diagnostic(outcome, TWO_ROUND, "breakdown_point", 0.15),
            made.diagnostic(outcome, TWO_ROUND, "benchmark", m, sample=samples[0]),
            made.diagnostic(outcome, TWO_ROUND, "benchmark_low", low, sample=samples[0]),
            made.diagnostic(outcome, TWO_ROUND, "benchmark_high", 2 * m, sample=samples[0]),
        ),
        "bounds": (
            *(made.bound(outcome, TWO_ROUND, s, (-m, m), (-m, m)) for s in samples),
            made.bound(outcome, NONRESPONSE, "worst_case", worst, worst),
            made.bound(outcome, ATTRITION, "panel:changes", attrition, attrition),
        ),
    }


def study(
    primary=(0.05, 0.25),
    *,
    m=0.06,
    low=0.01,
    worst=(0.03, 0.25),
    attrition=(-0.2, 0.4),
    checks=(),
    differences=(),
):
    """Trust with this primary interval and these differences of checks; crime inconclusive."""
    first, second = estimate(TRUST, *primary), estimate(CRIME, -5.0, 3.5)
    rows = [
        of_checks(TRUST, m, worst, attrition, low=low),
        of_checks(CRIME, 1.0, (-1.0, -0.5), (-9.0, 9.0)),
    ]
    source = made.source(
        TWO_ROUND,
        ATTRITION,
        NONRESPONSE,
        *checks,
        primary=(first, second),
        diagnostics=(
            *examples.intervals_beside((first, second)),
            *(
                beside(outcome, name, value)
                for outcome in (TRUST, CRIME)
                for name, value in (("loo_q1", 0.14), ("loo_q3", 0.17))
            ),
        ),
        differences=tuple(differences),
        check_diagnostics=tuple(x for r in rows for x in r["check_diagnostics"]),
        bounds=tuple(x for r in rows for x in r["bounds"]),
        makers={"tbl-main": "evaluation.report.tables.effects:effects"},
        lines={FUNCTION: 103, "evaluation.report.tables.effects:effects": 42},
    )
    configuration = dataclasses.replace(source.configuration, review=REVIEW)
    return dataclasses.replace(source, configuration=configuration)
