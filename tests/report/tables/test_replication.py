"""The pool beside the published one, and what missing baseline answers do: invented records."""

import dataclasses

import pytest

from evaluation.config.design_records import SitePool
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.site.saved_records import pools
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

POOLED = examples.exhibit("pooled", match={"trust": "2"})
POOL = SitePool(
    hypothesis="2",
    estimate=0.0502,
    std_error=0.03,
    ci_low=-0.0086,
    ci_high=0.109,
    p_value=0.0943,
    variance_between=0.0016,
    sites=6,
)
PRINTED = {"hypothesis": "2", "estimate": "0.0500", "std.error": "0.0310"}
SITES = CASES["sites"]


def of_sites(**changes):
    """The invented study with a pool of two sites, and the one that was published."""
    return examples.source(**{"pools": (POOL,), "published": (*SITES, PRINTED), **changes})


def pooled(**changes):
    return builders.build(POOLED, of_sites(**changes))


def test_both_pools_stand_in_a_row_with_their_largest_difference():
    table = pooled()
    cells = {
        name: table.cell("trust", name).value
        for name in ("pooled", "pooled_std_error", "published", "published_std_error", "sites")
    }
    assert list(cells.values()) == [0.0502, 0.03, 0.05, 0.031, 6]
    assert table.cell("trust", "sd_between").value == pytest.approx(0.04)
    assert table.cell("all", "max_difference").value == pytest.approx(0.001)
    said = {word.strip("();.,") for word in dict(table.said)["trust"].split()}
    assert {"0.050", "0.030", "0.031"} <= said


def test_the_published_column_is_that_of_no_site():
    assert pooled(published=(PRINTED, *SITES)).cell("trust", "published").value == 0.05
    with pytest.raises(ReportError):
        pooled(published=SITES)
    with pytest.raises(ReportError):
        pooled(pools=())


def test_the_file_of_all_sites_does_not_stand_for_the_published_estimate():
    """It names the same outcomes: its rows came first, the table of one site would take them."""
    own = {"outcome": "their_trust", "estimate": "0.11", "std.error": "0.06", "df": "68.0"}
    exhibit = examples.exhibit(
        "published", specifications=("did_main",), match={"trust": "their_trust"}
    )
    table = builders.build(exhibit, examples.source(published=(*SITES, own)))
    assert table.cell("trust", "published").value == 0.11


def test_pools_are_made_from_rows_that_name_a_site_alone():
    (found,) = pools((*SITES, PRINTED), level=0.9)
    assert (found.hypothesis, found.sites) == ("2", 2)
    assert found.estimate == pytest.approx(0.3)
    # two errors of 1: the normal quantile of 0.95 over the root of two
    assert found.ci_high - found.estimate == pytest.approx(1.6448536 / 2**0.5, abs=1e-6)


ANSWERS = examples.exhibit(
    "baseline_answers", specifications=("did_main", "indicated", "answered"), outcomes=("trust",)
)


VALUES = {"did_main": (0.11, 1020), "indicated": (0.13, 1020), "answered": (0.05, 680)}


def of_answers():
    """Estimates 0.11, 0.13 and 0.05 of trust; 680 of 1,020 people answered at baseline."""
    trust = examples.OUTCOMES[0]
    made = {
        name: dataclasses.replace(
            examples.SPECIFICATION, id=name, outcomes=(trust.id,), families=()
        )
        for name in VALUES
    }
    plan = dataclasses.replace(examples.PLAN, specification=tuple(made.values()))
    promise = dataclasses.replace(examples.CONFIGURATION.preregistration, plan=plan)
    configuration = dataclasses.replace(examples.CONFIGURATION, preregistration=promise)
    found = tuple(
        examples.estimate(trust, made[name], "cr2", estimate=value, n=n)
        for name, (value, n) in VALUES.items()
    )
    return examples.source(configuration, estimates=found)


def answers():
    source = of_answers()
    return builders.build(ANSWERS, source), source.records.estimates


def test_the_indicator_moves_by_a_part_of_the_standard_error():
    table, found = answers()
    expected = 0.02 / found[0].std_error
    assert table.cell("trust", "indicator_shift").value == pytest.approx(expected)
    assert f"{expected:.3f}" in dict(table.said)["indicator"]


def test_those_without_an_answer_are_counted_in_whole_per_cent():
    table, _ = answers()
    assert table.cell("trust", "unanswered").text == "33"
    said = dict(table.said)["trust"]
    assert "+0.050" in said
    assert "+0.110" in said
    assert "33%" in said
