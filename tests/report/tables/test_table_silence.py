"""Silence by group and round: shares, its own effect, both choices, and what may not be shown."""

import dataclasses

import pytest

from evaluation.config.plan import Item
from evaluation.errors import ReportError
from evaluation.estimation.records import Level
from evaluation.estimation.row_keys import parse
from evaluation.report import builders
from evaluation.report.formats import page_layout
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.tables import cases

CASES = cases(__file__)

SILENT = made.check("nonresponse")
PP = "percentage points"


def share(arm, round_, mean, n=1750, outcome=TRUST, n_clusters=35):
    return Level(
        study="small",
        outcome=outcome.id,
        estimand="equal",
        sample=parse("silent"),
        arm=arm,
        round=round_,
        unit=PP,
        mean=mean,
        std_error=0.6,
        sd=22.0,
        n=n,
        n_clusters=n_clusters,
    )


def four(outcome=TRUST, means=(7.0, 8.2, 9.5, 9.5), **changes):
    places = [(a, r) for a in ("treated", "comparison") for r in ("baseline", "endline")]
    return tuple(
        share(*p, m, outcome=outcome, **changes) for p, m in zip(places, means, strict=True)
    )


CHANGE = made.of_check(
    TRUST, SILENT, "silent", unit=PP, estimate=1.2, ci_low=-1.8, ci_high=4.2, std_error=1.5
)
OTHER = made.of_check(TRUST, SILENT, "answered", estimate=0.06, ci_low=-0.1, ci_high=0.22)


def study(**changes):
    given = {"check_estimates": (CHANGE, OTHER), "check_levels": four()}
    return made.source(SILENT, **{**given, **changes})


def build(source, outcome="trust"):
    return builders.build(examples.exhibit("silence", outcomes=(outcome,)), source)


def test_shares_by_group_and_round_and_their_effect():
    printed = {row.id: row.cells for row in page_layout.printed(build(study())).rows}
    assert printed["trust-treated"][1][0] == "7.0% (0.6)"
    assert printed["trust-comparison"][3][0] == "9.5% (0.6)"
    assert printed["trust-change"][5][0] == "+1.2\N{NO-BREAK SPACE}pp"
    assert printed["trust-change"][6][0] == "\N{MINUS SIGN}1.8 to +4.2"


def test_the_planned_choice_and_the_other_stand_together():
    table = build(study())
    assert table.cell("trust-counted", "estimate").value == 0.11  # the primary estimate
    assert table.cell("trust-left_out", "estimate").value == 0.06


def test_a_sentence_says_how_large_the_share_is_and_how_it_moved():
    assert dict(build(study()).said)["trust"] == (
        "People who left a question blank that could change their result on trust: "
        "treatment group 7.0% before, 8.2% after; comparison group 9.5% before, 9.5% after."
    )


LINE = CASES["line"]


def with_line(**changes):
    """The study with the effect as a function of silent people's answers."""
    assumed = tuple(
        made.of_check(TRUST, SILENT, f"assumed:{name}", estimate=x, ci_low=x - 0.1, ci_high=x + 0.1)
        for name, x in (("half", 0.14), ("once", 0.12), ("twice", 0.08))
    )
    given = {
        "check_estimates": (CHANGE, OTHER, *assumed),
        "check_diagnostics": tuple(
            made.diagnostic(TRUST, SILENT, f"silence_{name}", value, sample="silence")
            for name, value in LINE.items()
        ),
        "bounds": (made.bound(TRUST, SILENT, "plausible", (0.05, 0.15), (-0.1, 0.3)),),
    }
    return study(**{**given, **changes})


def test_between_the_extremes_the_effect_is_a_line_in_what_silent_people_would_answer():
    table = build(with_line())
    found = [table.cell(f"trust-assumed_{n}", "estimate").value for n in ("half", "once", "twice")]
    assert found == [0.14, 0.12, 0.08]
    (note,) = (n for n in table.notes if n.startswith("Between the extremes."))
    assert "estimate = 0.160 \u2212 0.200 × p SD" in note
    assert "0.160 \u2212 0.050 × p (treatment) \u2212 0.150 × p (comparison)" in note
    assert "p is 20% (treatment group 21%, comparison group 19%)" in note


def test_where_a_share_of_silent_people_is_withheld_its_slopes_are_too():
    """The slope of a group is by how much its share of silent people changed."""
    few = (*four()[:2], share("comparison", "baseline", 9.5, n=7), four()[3])
    table = build(with_line(check_levels=few))
    assert not any(n.startswith("Between the extremes.") for n in table.notes)


def test_a_small_cell_takes_its_group_and_the_sentence_with_it():
    few = (*four()[:2], share("comparison", "baseline", 9.5, n=7), four()[3])
    table = build(study(check_levels=few))
    for round_ in ("baseline", "endline"):
        for name in ("mean", "std_error", "n", "clusters"):
            assert table.cell("trust-comparison", f"{name}_{round_}").kind == "suppressed"
    assert table.cell("trust-treated", "mean_baseline").value == 7.0
    assert "is not shown" in dict(table.said)["trust"]


def test_nobody_silent_about_a_secret_is_not_told():
    secret = dataclasses.replace(TRUST, sensitive=True)
    source = study(check_levels=four(means=(0.0, 8.2, 9.5, 9.5)))
    plan = dataclasses.replace(
        source.plan,
        outcome=tuple(secret if o.id == "trust" else o for o in source.plan.outcome),
    )
    preregistration = dataclasses.replace(source.configuration.preregistration, plan=plan)
    configuration = dataclasses.replace(source.configuration, preregistration=preregistration)
    # an index has no such share, but the share itself is one of people
    table = build(dataclasses.replace(source, configuration=configuration))
    assert table.cell("trust-treated", "mean_baseline").kind == "suppressed"


def test_a_battery_that_counts_silence_as_no_event_says_so():
    events = dataclasses.replace(
        CRIME, function="any", items=tuple(Item(name=n) for n in "abc"), minimum_items=2
    )
    source = study()
    plan = dataclasses.replace(
        source.plan, outcome=tuple(events if o.id == CRIME.id else o for o in source.plan.outcome)
    )
    preregistration = dataclasses.replace(source.configuration.preregistration, plan=plan)
    source = dataclasses.replace(
        source,
        configuration=dataclasses.replace(source.configuration, preregistration=preregistration),
    )
    records = dataclasses.replace(
        source.records,
        check_levels=four(outcome=CRIME),
        check_estimates=tuple(dataclasses.replace(x, outcome=CRIME.id) for x in (CHANGE, OTHER)),
    )
    table = build(dataclasses.replace(source, records=records), CRIME.id)
    assert any(note.startswith("Lists of events.") for note in table.notes)
    assert not any(note.startswith("Lists of events.") for note in build(study()).notes)


def test_without_anybody_silent_the_reason_stands_in_both_rows():
    absent = made.unavailable(TRUST, SILENT, "all", "it happened to no one", "silent")
    table = build(study(check_estimates=(), check_levels=(), check_unavailable=(absent,)))
    for row in ("trust-change", "trust-left_out"):
        assert "it happened to no one" in table.cell(row, "estimate").text


def test_a_check_without_result_and_reason_is_an_error():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(study(check_estimates=()))
