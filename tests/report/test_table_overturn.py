"""What would overturn a conclusion: moves of intervals by hand, and the table's lines."""

import dataclasses
import math

import pytest
from evaluation.report.another_verdict import not_under

from evaluation.report import another_verdict, tables
from evaluation.report import table as cells
from evaluation.report.overturn import (
    least_move_down,
    least_move_up,
    overturned,
    share_of_worst_case,
)
from evaluation.report.overturn_case import Doubt
from evaluation.spec.plan import Check
from evaluation.spec.records import Unavailable
from tests.report import check_examples as made
from tests.report import examples, review_examples
from tests.report.check_examples import TRUST


@pytest.mark.parametrize(
    ("interval", "down", "up"),
    [
        # smallest effect 0.10 throughout; worked on paper
        ((-0.10, 0.20), 0.20, 0.10),  # inconclusive: only an interval without zero counts
        ((0.0, 0.20), 0.20, 0.0),  # a bound at zero holds it; the least move up takes it out
        ((0.05, 0.25), 0.05, math.inf),  # detected: zero is nearer than the inside
        ((0.05, 0.12), 0.02, math.inf),  # detected: at 0.02 only small effects are left
        ((0.02, 0.08), 0.02, 0.02),  # small: holds zero, or reaches 0.10
        ((-0.05, 0.04), 0.04, 0.05),  # ruled out: zero is left out before 0.10 is reached
        ((-0.05, 0.09), 0.05, 0.01),  # ruled out: reaches 0.10, or -0.10
        ((-math.inf, 0.04), 0.04, math.inf),  # no lower limit: only downward is zero left out
    ],
)
def test_least_moves_that_overturn(interval, down, up):
    """The narrower interval is as wide; 1e-12 is rounding of one subtraction near one."""
    both = (interval, interval)
    assert least_move_down(*both, smallest_effect=0.1) == pytest.approx(down, abs=1e-12)
    assert least_move_up(*both, smallest_effect=0.1) == pytest.approx(up, abs=1e-12)


def test_moves_mirror():
    both = ((-0.25, -0.05), (-0.25, -0.05))
    assert least_move_up(*both, smallest_effect=0.1) == pytest.approx(0.05, abs=1e-12)
    assert least_move_down(*both, smallest_effect=0.1) == math.inf


def test_the_narrower_interval_decides_what_is_small():
    """Smallest effect 0.10: -0.06 to 0.08 rules it out, until it reaches 0.10 or -0.10.

    Upward 0.02; downward 0.04, where the wider interval, -0.12 to 0.12, still holds zero.
    """
    both = ((-0.12, 0.12), (-0.06, 0.08))
    assert least_move_up(*both, smallest_effect=0.1) == pytest.approx(0.02, abs=1e-12)
    assert least_move_down(*both, smallest_effect=0.1) == pytest.approx(0.04, abs=1e-12)


def test_from_inconclusive_only_a_conclusion_without_zero_overturns():
    assert overturned("inconclusive", "effect detected")
    assert not overturned("inconclusive", "meaningful effect ruled out")
    assert overturned("meaningful effect ruled out", "inconclusive")
    assert not overturned("effect detected", "effect detected")


@pytest.mark.parametrize(
    ("needed", "reach", "share"),
    [
        ((0.05, math.inf), (0.10, 0.30), 0.5),
        ((0.05, 0.03), (0.10, 0.30), 0.1),
        ((0.05, 0.03), (0.0, 0.0), math.inf),
        # nobody lacks an answer: the two ends differ from the estimate by rounding alone
        ((0.05, 0.03), (2e-17, 1e-17), math.inf),
        ((0.20, 0.30), (0.10, 0.10), 2.0),
    ],
)
def test_share_of_the_worst_case(needed, reach, share):
    assert share_of_worst_case(needed, reach) == pytest.approx(share, rel=1e-12)


def built(source):
    return tables.build(examples.exhibit("overturn"), source)


def line(table, name, outcome="trust"):
    row = next(r for r in table.rows if r.id == f"{outcome}-{name}")
    return [c.text for c in row.cells]


def test_each_doubt_says_what_it_would_take_and_what_is_known():
    """Estimate 0.15, interval 0.05 to 0.25: a drift of 0.05 reaches zero, the yardstick is 0.06.

    The worst case moves the estimate down by 0.12, so 0.05 is 42 percent of the way.
    """
    table = built(review_examples.study(others=(("cv3", (-0.01, 0.31)), ("cv1", (0.04, 0.26)))))
    assert line(table, "conclusion")[2].startswith("Effect detected: +0.05 to +0.25")
    assert line(table, "trends")[1:4] == [
        "By themselves, the trends of the two groups would have to differ by 0.05 SD",
        (
            "1 of 1 yardsticks are at least that large: spread between places 0.06 SD."
            " Breakdown value 0.05 SD"
        ),
        "Yes",
    ]
    assert line(table, "clusters")[2:4] == [
        "3 of 70 change the conclusion, 1 the sign of the estimate",
        "Yes",
    ]
    assert "42%" in line(table, "answers")[1]
    # the primary interval moved down by 0.12 and up by 0.10
    assert line(table, "answers")[2:4] == [
        (
            "At worst, effects from +0.03 (interval −0.07 to +0.13) to +0.25 (interval +0.15 to"
            " +0.35) SD"
        ),
        "Yes",
    ]
    assert line(table, "attrition")[3] == "Yes"  # the range holds zero
    assert line(table, "methods")[2].startswith("1 of 2: CV3 jackknife")
    assert line(table, "methods")[3] == "Yes"


def test_what_is_not_enough_is_said_so():
    table = built(
        review_examples.study(m=0.02, worst=(0.12, 0.16), attrition=(0.02, 0.4), others=())
    )
    assert line(table, "trends")[3] == "No"
    assert line(table, "answers")[1] == "More than even the worst case of all of them"
    assert line(table, "answers")[2] == "At worst, effects from +0.12 to +0.16 SD"
    assert line(table, "answers")[3] == "No"
    assert line(table, "attrition")[3] == "No"


def test_a_range_of_small_effects_does_not_overturn_what_says_nothing():
    """Inconclusive is overturned by a range without zero only; -0.05 to 0.05 rules effects out."""
    table = built(review_examples.study(primary=(-0.1, 0.3), attrition=(-0.05, 0.05)))
    assert line(table, "attrition")[3] == "No"


def test_a_doubt_without_records_has_its_reason():
    source = examples.source()
    table = built(source)
    assert line(table, "trends")[1] == "not available: the plan asks for no such check"
    assert line(table, "answers")[1] == "not available: the plan asks for no such check"


def test_without_the_leave_one_out_count_its_reason_stands():
    source = review_examples.study()
    reason = Unavailable(
        study="small",
        outcome="trust",
        specification=examples.SPECIFICATION.id,
        estimand="equal",
        sample="all",
        step="loo_verdict_changes",
        reason="the fit is singular",
    )
    others = tuple(d for d in source.records.diagnostics if not d.name.startswith("loo_"))
    records = dataclasses.replace(source.records, diagnostics=others, unavailable=(reason,))
    table = built(dataclasses.replace(source, records=records))
    assert line(table, "clusters")[1] == "not available: the fit is singular"


def test_a_small_cell_is_withheld_whole():
    source = review_examples.study()
    few = tuple(
        dataclasses.replace(e, n_clusters_treated=2) if e.outcome == TRUST.id else e
        for e in source.records.estimates
    )
    table = built(
        dataclasses.replace(source, records=dataclasses.replace(source.records, estimates=few))
    )
    assert [r.id for r in table.rows if r.id.startswith("trust")] == ["trust-conclusion"]
    assert line(table, "conclusion")[1] == "suppressed"


ONE_OUT = Check(
    id="one_out",
    kind="leave_one_out",
    theme="shocks",
    label=examples.both("One district left out at a time"),
    answers=examples.both("Whether one carries it."),
    variables=("district",),
)
COHORT, CODED = (
    dataclasses.replace(ONE_OUT, id=identifier, kind=kind, label=examples.both(identifier))
    for identifier, kind in (("cohort", "leave_out"), ("coded", "coding"))
)


def with_checks(source, *rows):
    """A study with rows of checks of trust: check, sample, interval, treated villages left out."""
    primary = next(e for e in source.records.estimates if e.outcome == "trust")
    found = tuple(
        dataclasses.replace(
            primary,
            specification=check.id,
            sample=sample,
            estimate=sum(interval) / 2 + 1e-3 * number,
            ci_low=interval[0],
            ci_high=interval[1],
            n_clusters_treated=primary.n_clusters_treated - gone,
        )
        for number, (check, sample, interval, gone) in enumerate(rows, start=1)
    )
    plan = dataclasses.replace(source.plan, check=(*source.plan.check, ONE_OUT, COHORT, CODED))
    promise = dataclasses.replace(source.configuration.promise, plan=plan)
    return dataclasses.replace(
        source,
        configuration=dataclasses.replace(source.configuration, promise=promise),
        records=dataclasses.replace(
            source.records, check_estimates=(*source.records.check_estimates, *found)
        ),
    )


def test_places_left_out_one_at_a_time_have_a_line_and_no_vote_among_the_checks():
    """Detected, 0.05 to 0.25: the first row holds zero, the others do not."""
    source = with_checks(
        review_examples.study(),
        (ONE_OUT, "without:a", (-0.01, 0.25), 5),
        (ONE_OUT, "without:b", (0.04, 0.25), 5),
        (ONE_OUT, "without:c", (0.06, 0.25), 5),
        (CODED, "dont_know:lowest", (0.03, 0.22), 0),
    )
    table = built(source)
    assert line(table, "one_out")[:4] == [
        "One district left out at a time",
        "An interval that holds zero, or only effects too small to matter",
        "1 of 3 overturn the conclusion",
        "Yes",
    ]
    assert line(table, "checks")[2:4] == ["0 of 1 overturn the conclusion", "No"]
    said = dict(table.said)["trust"]
    assert said.endswith("One district left out at a time: 1 of 3 overturn the conclusion.")


def test_withheld_places_have_their_reason():
    source = with_checks(review_examples.study(), (ONE_OUT, "without:a", (-0.01, 0.25), 1))
    table = built(source)
    assert line(table, "one_out")[1] == "not available: the disclosure rule withholds it"
    assert "One district" not in dict(table.said)["trust"]


def test_another_verdict_that_holds_zero_does_not_overturn_what_says_nothing():
    """Inconclusive, -0.1 to 0.3: -0.05 to 0.05 is another conclusion and holds zero as well."""
    source = with_checks(
        review_examples.study(primary=(-0.1, 0.3), others=(("cv3", (-0.05, 0.05)),)),
        (ONE_OUT, "without:a", (-0.05, 0.05), 5),
        (ONE_OUT, "without:b", (-0.1, 0.3), 5),
        (CODED, "dont_know:lowest", (-0.05, 0.05), 0),
        (CODED, "dont_know:highest", (0.01, 0.4), 0),
    )
    table = built(source)
    beside = "; 1 with another conclusion that does not overturn it"
    assert line(table, "methods")[1:4] == [
        "An interval that no longer holds zero",
        f"None of 1{beside}; 3 not available",
        "No",
    ]
    assert line(table, "one_out")[2:4] == [f"0 of 2 overturn the conclusion{beside}", "No"]
    assert line(table, "checks")[2:4] == [f"1 of 2 overturn the conclusion{beside}", "Yes"]


def test_rows_of_another_question_are_told_and_have_no_vote():
    source = with_checks(
        review_examples.study(),
        (COHORT, "without:x", (-0.01, 0.25), 5),
        (CODED, "dont_know:lowest", (0.03, 0.22), 0),
    )
    others = (
        "Rows with other weights, other people or only some places: 1 of 1 with another conclusion;"
        " they have no vote"
    )
    assert line(built(source), "checks")[2:4] == [
        f"0 of 1 overturn the conclusion. {others}",
        "No",
    ]


def test_villages_without_which_an_inconclusive_conclusion_differs_leave_it_open():
    """The record counts every other conclusion, also those whose interval holds zero."""
    table = built(review_examples.study(primary=(-0.1, 0.3)))
    assert line(table, "clusters")[2].startswith("3 of 70 change the conclusion")
    assert table.cell("trust-clusters", "overturns").kind == "none"


def test_pages_can_quote_a_sentence_and_a_number_of_each_outcome():
    table = built(review_examples.study())
    said = dict(table.said)
    assert said["trust"].startswith("Trust: today's conclusion is “effect detected”. Trends that")
    assert (
        "differ by 0.05 SD would change it. Of 70 villages left out one at a time, 3 change"
        in (said["trust"])
    )
    assert table.cell("trust-trends", "amount").value == pytest.approx(0.05, abs=1e-12)
    assert table.cell("trust-clusters", "amount").value == 3


def with_ends(source, low, high):
    """The yardstick of trust with an interval."""
    ends = tuple(
        made.diagnostic(
            TRUST, review_examples.TWO_ROUND, f"yardstick_{end}", value, "m:comparison_spread"
        )
        for end, value in (("low", low), ("high", high))
    )
    records = source.records
    found = (*records.check_diagnostics, *ends)
    return dataclasses.replace(
        source, records=dataclasses.replace(records, check_diagnostics=found)
    )


def test_a_yardstick_too_small_by_itself_shows_how_large_it_may_be():
    """0.02 is less than the 0.05 it takes, the far end of its interval more: still no."""
    table = built(with_ends(review_examples.study(m=0.02), 0.0, 0.17))
    assert line(table, "trends")[2:4] == [
        (
            "0 of 1 yardsticks are at least that large, 1 by the far end of their intervals:"
            " spread between places 0.02 (0.00 to 0.17) SD. Breakdown value 0.05 SD"
        ),
        "No",
    ]


def test_in_a_lottery_yardsticks_describe_and_have_no_vote():
    source = review_examples.study()
    review = dataclasses.replace(source.configuration.review, tool="RoB 2")
    configuration = dataclasses.replace(source.configuration, review=review)
    table = built(dataclasses.replace(source, configuration=configuration))
    needed, known, enough = line(table, "trends")[1:4]
    assert needed.startswith("Groups were drawn by lot: randomisation, not parallel trends")
    assert needed.endswith("shift the estimate by 0.05 SD")
    assert known.startswith("As a description only: 1 of 1 yardsticks")
    assert enough == "No vote: drawn by lot"
    assert any(n.startswith("Trends of groups drawn by lot.") for n in table.notes)
    compared = built(source)
    assert line(compared, "trends")[3] == "Yes"
    assert not any("drawn by lot" in n for n in compared.notes)


def doubted():
    """Trust, 0.05 to 0.25, with every doubt that there is, each enough."""
    source = review_examples.study(others=(("cv3", (-0.01, 0.31)), ("cv1", (0.04, 0.26))))
    return with_checks(
        source,
        (ONE_OUT, "without:a", (-0.01, 0.25), 5),
        (ONE_OUT, "without:b", (0.04, 0.25), 5),
        (CODED, "dont_know:lowest", (-0.03, 0.22), 0),
    )


def primary(source):
    step = examples.PLAN.inference.primary_step
    found = source.records.estimates
    return next(e for e in found if (e.outcome, e.step) == ("trust", step))


def test_a_card_names_every_line_that_overturns():
    source = doubted()
    rows = [r for r in built(source).rows if r.id.startswith("trust-")]
    overturning = [r.id.removeprefix("trust-") for r in rows if r.cells[3].text == "Yes"]
    assert overturning == [
        "trends", "clusters", "one_out", "answers", "attrition", "methods", "checks",
    ]  # fmt: skip
    assert not_under(source, primary(source)) == (
        "trends that differ as much as elsewhere (1 of 1 yardsticks)",
        "one village left out (3 of 70)",
        "one district left out at a time (1 of 2)",
        "worst case of silent questions",
        "people not found again",
        "CV3 jackknife",
        "robustness checks (1 of 1)",
    )


def test_a_new_line_that_overturns_cannot_be_left_out(monkeypatch):
    """The list is read off the lines: one that gives itself no name goes by its label."""
    source = review_examples.study()
    line_of_its_own = Doubt(
        name="weather",
        label="The weather",
        needed=cells.none(),
        known=cells.none(),
        enough=True,
        amount=cells.none(),
    )
    monkeypatch.setattr(another_verdict, "doubts", lambda _: (line_of_its_own,))
    assert not_under(source, primary(source)) == ("the weather",)


def test_phrases_that_have_equal_trends_as_their_condition_do_not_name_them_again():
    source = doubted()
    assert (
        not_under(source, primary(source), given_trends=True)
        == (not_under(source, primary(source))[1:])
    )


def test_drift_has_no_vote_in_a_lottery_and_is_not_named():
    source = doubted()
    review = dataclasses.replace(source.configuration.review, tool="RoB 2")
    configuration = dataclasses.replace(source.configuration, review=review)
    source = dataclasses.replace(source, configuration=configuration)
    assert not any("trends" in name for name in not_under(source, primary(source)))


def test_nothing_is_listed_of_a_small_cell():
    source = doubted()
    few = dataclasses.replace(primary(source), n_clusters_treated=2)
    assert not_under(source, few) == ()
