"""Places: each with its own comparison, and how differently clusters changed."""

import dataclasses
import math

import pytest

from evaluation.config.plan import Check
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.formats import page_layout
from tests.messages import said
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.report.examples import both


def check(identifier, kind, **changes):
    return Check(
        id=identifier,
        label=both(f"The {identifier}"),
        answers=both(f"What {identifier} answers."),
        kind=kind,
        theme="for whom",
        **changes,
    )


PLACES = check("departments", "by_place", variables=("q2",))
SPREAD = check("spread", "variance_of_changes")


def rows_of(outcome, scale=1.0):
    base = {"n": 900, "n_clusters_treated": 5, "n_clusters_comparison": 6}
    places = {"North": 0.30, "South": -0.20, "West": 0.10}
    return tuple(
        made.of_check(
            outcome,
            PLACES,
            f"only:{name}",
            estimate=scale * x,
            ci_low=scale * (x - 0.25),
            ci_high=scale * (x + 0.25),
            **base,
        )
        for name, x in places.items()
    )


def study(**changes):
    given = {
        "check_estimates": (*rows_of(TRUST), *rows_of(CRIME, 10.0)),
    }
    return made.source(PLACES, **{**given, **changes})


def build(source, outcomes=()):
    return builders.build(examples.exhibit("places", outcomes=outcomes), source)


def test_places_are_rows_and_outcomes_columns():
    table = build(study())
    assert [r.cells[0].text for r in table.rows] == ["North", "South", "West"]
    assert dict(table.said)["trust_departments"].endswith(
        "effects by area are between \u22120.20 and +0.30 SD, including local shocks."
    )
    assert table.cell("departments-only_North", "estimate_trust").value == 0.30
    assert table.cell("departments-only_North", "estimate_crime").value == 3.0
    assert table.cell("departments-only_North", "n_clusters_treated").value == 5
    assert {r.group for r in table.rows} == {"The departments (includes local shocks)"}
    assert len(page_layout.printed(table).head) <= 8


def test_clusters_that_differ_between_outcomes_are_a_range():
    fewer = tuple(dataclasses.replace(e, n_clusters_treated=4) for e in rows_of(CRIME, 10.0))
    table = build(study(check_estimates=(*rows_of(TRUST), *fewer)))
    assert table.cell("departments-only_North", "n_clusters_treated").text == "4 to 5 (6)"


def test_reasons_stand_where_results_cannot_be_had():
    lone = made.unavailable(TRUST, PLACES, "all", "1 treated cluster", sample="only:East")
    kept = rows_of(TRUST)[:2]
    source = study(check_estimates=(*kept, *rows_of(CRIME)), check_unavailable=(lone,))
    table = build(source, ("trust",))
    shown = table.cell("departments-only_East", "estimate_trust").text
    assert shown == "not available: 1 treated cluster"


def spread(outcome, **changes):
    values = {
        ("sd_of_changes", "treated"): 0.31,
        ("sd_of_noise", "treated"): 0.20,
        ("sd_between", "treated"): 0.24,
        ("sd_of_changes", "comparison"): 0.32,
        ("sd_of_noise", "comparison"): 0.19,
        ("sd_between", "comparison"): 0.26,
    }
    rows = tuple(made.diagnostic(outcome, SPREAD, n, v, sample=s) for (n, s), v in values.items())
    bounds = (
        made.bound(outcome, SPREAD, "ratio", (0.85, 0.85), (0.2, math.inf), ci_kind=said("a set")),
        made.bound(
            outcome, SPREAD, "sd_of_effects", (0.02, 0.5), (0.02, 0.5), ci_kind=said("none")
        ),
    )
    given = {"check_diagnostics": rows, "bounds": bounds, **changes}
    return made.source(SPREAD, **given)


def test_the_spread_of_changes_and_what_it_says_of_effects():
    table = build(spread(TRUST), ("trust",))
    assert table.cell("spread-treated-sd_between", "estimate_trust").value == 0.24
    assert table.cell("spread-ratio", "estimate_trust").text == "0.85"
    assert table.cell("spread-ratio", "ci_high_trust").text == "unbounded"
    assert table.cell("spread-sd_of_effects", "estimate_trust").kind == "none"
    assert table.cell("spread-sd_of_effects", "ci_low_trust").value == 0.02
    assert table.cell("spread-sd_of_effects", "ci_high_trust").text == "0.50"
    assert any("Interval of the ratio: a set" in n for n in table.notes)
    assert "local shocks" not in " ".join(table.notes)


def test_no_spread_beyond_sampling_is_a_reason_not_a_zero():
    why = "no more than sampling alone"
    absent = (
        made.unavailable(TRUST, SPREAD, "sd_between", why, sample="treated"),
        made.unavailable(TRUST, SPREAD, "all", why, sample="ratio"),
        made.unavailable(TRUST, SPREAD, "all", why, sample="sd_of_effects"),
    )
    full = spread(TRUST).records.check_diagnostics
    kept = tuple(d for d in full if (d.name, d.sample.text()) != ("sd_between", "treated"))
    source = spread(TRUST, check_diagnostics=kept, check_unavailable=absent, bounds=())
    table = build(source, ("trust",))
    for name in ("treated-sd_between", "ratio", "sd_of_effects"):
        shown = table.cell(f"spread-{name}", "estimate_trust")
        assert shown.text == f"not available: {why}"
    assert table.cell("spread-comparison-sd_between", "estimate_trust").value == 0.26


def test_few_clusters_withhold_the_spread_and_its_parts():
    few = tuple(
        dataclasses.replace(b, n_clusters_comparison=2) for b in spread(TRUST).records.bounds
    )
    table = build(spread(TRUST, bounds=few), ("trust",))
    assert {r.cells[3].kind for r in table.rows} == {"suppressed"}


def test_a_spread_with_neither_value_nor_reason_stops_the_build():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(spread(TRUST, bounds=()), ("trust",))


def test_a_small_place_is_withheld_and_not_in_the_sentence():
    first, *rest = rows_of(TRUST)
    few = dataclasses.replace(first, n=9)
    table = build(study(check_estimates=(few, *rest, *rows_of(CRIME))))
    assert table.cell("departments-only_North", "estimate_trust").kind == "suppressed"
    assert "between \u22120.20 and +0.10 SD" in dict(table.said)["trust_departments"]


def test_neither_an_effect_nor_a_reason_stops_the_build():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_estimates=()))
