"""A small study whose plan has the checks that bounds, balance, reliability and models come from.

All values are invented and round, so that what a table prints can be read off here.
"""

import dataclasses

from evaluation.config.plan import Check, Group
from evaluation.estimation.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Unavailable,
)
from evaluation.estimation.row_keys import parse
from evaluation.report.sources import Source
from tests.messages import said
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

TRUST, CRIME, _ = examples.OUTCOMES
ENDS = "two ends"
LABELS = CASES["labels"]
KINDS = CASES["kinds"]


def check(identifier, **changes) -> Check:
    values = {
        "id": identifier,
        "label": examples.both(LABELS[identifier]),
        "answers": examples.both(f"What {identifier} answers."),
        "kind": KINDS[identifier],
        "theme": "trends",
        "variables": ("q2",),
    }
    return Check(**{**values, **changes})


def by_group(**lowest) -> Check:
    """Effects by groups of the answer to q2: id of each, and its lowest answer."""
    return Check(
        id="by_group",
        kind="subgroup",
        label=examples.both("By group"),
        answers=examples.both("For whom."),
        theme="for whom",
        variables=("q2",),
        known="descriptive",
        groups=tuple(
            Group(id=name, label=examples.both(name.upper()), low=low)
            for name, low in lowest.items()
        ),
    )


def source(*checks, language="en", primary=None, **records) -> Source:
    """The small study with these checks and records; ``primary`` replaces primary estimates."""
    plan = dataclasses.replace(examples.PLAN, check=checks)
    preregistration = dataclasses.replace(examples.CONFIGURATION.preregistration, plan=plan)
    configuration = dataclasses.replace(examples.CONFIGURATION, preregistration=preregistration)
    made = examples.records(configuration)
    if primary is not None:
        made = dataclasses.replace(made, estimates=tuple(primary))
    made = examples.with_intervals(dataclasses.replace(made, **records), configuration)
    return Source(records=made, configuration=configuration, language=language)


def of_check(outcome, check_, sample="all", step="wcr_s", **changes) -> Estimate:
    base = examples.estimate(outcome, examples.SPECIFICATION, step)
    return dataclasses.replace(base, specification=check_.id, sample=parse(sample), **changes)


def bound(outcome, check_, sample, ends, around, **changes) -> Bound:
    values = {
        "study": "small",
        "outcome": outcome.id,
        "specification": check_.id,
        "estimand": "equal",
        "sample": parse(sample),
        "status": "specified after data collection",
        "unit": outcome.unit,
        "low": ends[0],
        "high": ends[1],
        "ci_low": around[0],
        "ci_high": around[1],
        "ci_kind": said(ENDS),
        "level": 0.95,
        "n": 7000,
        "n_clusters_treated": 35,
        "n_clusters_comparison": 35,
        "plan_hash": examples.PLAN_HASH,
        "data_hash": examples.DATA_HASH,
    }
    return Bound(**{**values, **changes})


def difference(outcome, entry, ends, sample="all", **changes) -> Difference:
    """A difference in the middle of its interval."""
    values = {
        "study": "small",
        "outcome": outcome.id,
        "specification": entry.id,
        "estimand": "equal",
        "sample": parse(sample),
        "status": "specified after data collection",
        "unit": outcome.unit,
        "estimate": 0.2,
        "difference": (ends[0] + ends[1]) / 2,
        "std_error": (ends[1] - ends[0]) / 4,
        "df": 69.0,
        "ci_low": ends[0],
        "ci_high": ends[1],
        "level": 0.95,
        "n": 7000,
        "n_clusters_treated": 35,
        "n_clusters_comparison": 35,
        "plan_hash": examples.PLAN_HASH,
        "data_hash": examples.DATA_HASH,
    }
    return Difference(**{**values, **changes})


def diagnostic(outcome, check_, name, value, sample="all") -> Diagnostic:
    return Diagnostic(
        study="small",
        outcome=outcome.id,
        specification=check_.id,
        estimand="equal",
        sample=parse(sample),
        name=name,
        value=float(value),
        unit="number",
    )


def unavailable(outcome, check_, step, reason, sample="all") -> Unavailable:
    return Unavailable(
        study="small",
        outcome=outcome.id,
        specification=check_.id,
        estimand="equal",
        sample=parse(sample),
        step=step,
        reason=said(reason),
    )


def gap(check_, variable, before, after) -> CovariateBalance:
    return CovariateBalance(
        study="small", specification=check_.id, variable=variable, before=before, after=after
    )


def of_every_check(configuration) -> dict[str, tuple]:
    """Records for every check of a configuration: results of the kinds above, reasons elsewhere.

    An exhibit of a kind without a result here is one of reasons, which it must be able to print.
    """
    plan, study = configuration.preregistration.plan, configuration.study
    found = {
        name: []
        for name in (
            "check_estimates",
            "check_unavailable",
            "check_diagnostics",
            "bounds",
            "covariates",
        )
    }
    places = [f"{a.id}:{r}" for a in study.arm for r in plan.primary_specification().contrast]
    for check_ in plan.check:
        for outcome in plan.outcomes_of_check(check_):
            made = MADE[check_.kind](outcome, check_, places) if check_.kind in MADE else {}
            made = made or {"check_unavailable": [unavailable(outcome, check_, "all", "a reason")]}
            for name, rows in made.items():
                found[name] += rows
        if check_.kind == "entropy_balancing":
            found["covariates"] += [gap(check_, v, 0.5, 0.1) for v in check_.variables]
    return {name: tuple(rows) for name, rows in found.items()}


def _two_round(outcome, check_, _):
    m = ("m:places", "flci:places")
    return {
        "check_diagnostics": [
            diagnostic(outcome, check_, "breakdown", 0.0),
            diagnostic(outcome, check_, "breakdown_point", 0.1),
            diagnostic(outcome, check_, "benchmark", 0.2, sample=m[0]),
        ],
        "bounds": [bound(outcome, check_, sample, (-0.1, 0.3), (-0.3, 0.5)) for sample in m],
    }


def _range(sample):
    return lambda outcome, check_, _: {
        "bounds": [bound(outcome, check_, sample, (-0.1, 0.3), (-0.3, 0.5))]
    }


def _silence(outcome, check_, places):
    silent = of_check(outcome, check_, "silent", unit="percentage points")
    return {**_range("worst_case")(outcome, check_, places), "check_estimates": [silent]}


def _attrition(outcome, check_, places):
    names = ("seen_again_treated", "seen_again_comparison", "trimmed_treated", "trimmed_comparison")
    return {
        **_range("panel:changes")(outcome, check_, places),
        "check_diagnostics": [
            diagnostic(outcome, check_, name, 0.5, sample="panel:changes") for name in names
        ],
    }


def _comparison(outcome, check_, _):
    quantities = {
        "effective_comparison_clusters": 12.5,
        "largest_comparison_share": 0.2,
    }
    return {
        "check_estimates": [of_check(outcome, check_, step="cv3")],
        "check_diagnostics": [diagnostic(outcome, check_, *pair) for pair in quantities.items()],
    }


def _measurement(outcome, check_, places):
    reason = "one factor is not determined by fewer than three items"
    return {
        "check_diagnostics": [diagnostic(outcome, check_, "alpha", 0.7, p) for p in places],
        "check_unavailable": [unavailable(outcome, check_, "invariance", reason)],
    }


def _form(outcome, check_, places):
    shares = [(f"share:{value}", 0.5) for value in (0, 1)]
    return {
        "check_diagnostics": [
            *(diagnostic(outcome, check_, *s, p) for p in (*places, "implied") for s in shares),
            diagnostic(outcome, check_, "smallest_share", 0.5, "implied"),
            diagnostic(outcome, check_, "smallest_share_std_error", 0.1, "implied"),
            diagnostic(outcome, check_, "negative_shares", 0, "implied"),
        ],
    }


def _reasons(*samples):
    return lambda outcome, check_, _: {
        "check_unavailable": [unavailable(outcome, check_, "all", "a reason", s) for s in samples]
    }


MADE = {
    "two_round_sensitivity": _two_round,
    "bracket": _range("bracket"),
    "attrition_bounds": _attrition,
    "nonresponse": _silence,
    "entropy_balancing": _comparison,
    "measurement": _measurement,
    "functional_form": _form,
    "exposure": _reasons("first_stage"),
    "by_place": _reasons("only:one"),
    "variance_of_changes": _reasons("ratio"),
}
