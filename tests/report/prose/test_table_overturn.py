"""What would overturn a conclusion: moves of intervals by hand, and the table's lines."""

import dataclasses
import math
import re
from types import SimpleNamespace

import pytest

from evaluation.config.plan import Check
from evaluation.report import builders
from evaluation.report.figures import card as figure_card
from evaluation.report.prose.sensitivity_lines import answers_to_threats
from evaluation.report.prose.sensitivity_summary import (
    Case,
    least_move_down,
    least_move_up,
    no_is_far,
    overturned,
    overturns,
    share_of_worst_case,
)
from tests.report import check_examples as made
from tests.report import examples, review_examples
from tests.report.check_examples import TRUST
from tests.report.figures import pictures
from tests.tables import cases

CASES = cases(__file__)


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
    assert not overturned("inconclusive", "effects that matter ruled out")
    assert overturned("effects that matter ruled out", "inconclusive")
    assert not overturned("effect detected", "effect detected")


def test_an_effect_in_the_other_direction_is_another_conclusion():
    """Detected at 2 to 6; moved by -8 it is detected at -6 to -2."""
    for by in (-8.0, 8.0):
        wide, narrow = (((2.0, 6.0), (2.5, 5.5)), ((-6.0, -2.0), (-5.5, -2.5)))[by > 0]
        assert overturns(wide, narrow, by=by, smallest_effect=1.0)
    assert not overturns((2.0, 6.0), (2.5, 5.5), by=1.0, smallest_effect=1.0)


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
    return builders.build(examples.exhibit("overturn"), source)


def line(table, name, outcome="trust"):
    row = next(r for r in table.rows if r.id == f"{outcome}-{name}")
    return [c.text for c in row.cells]


def test_what_is_not_enough_is_said_so():
    table = built(review_examples.study(m=0.02, worst=(0.12, 0.16), attrition=(0.12, 0.3)))
    assert line(table, "trends")[3] == "Not by these benchmarks"
    assert line(table, "answers")[1] == "More than the worst possible case"
    assert line(table, "answers")[2] == "At worst, effects from +0.12 to +0.16 SD"
    assert line(table, "answers")[3] == "No"
    assert line(table, "attrition")[3] == "No"


def judged(**given):
    """A study with judgements, whose phrases have the jackknife beside them."""
    source = review_examples.study(**given)
    found = source.records.estimates
    beside = tuple(dataclasses.replace(e, step="cv3") for e in found if e.step == "wcr_s")
    records = dataclasses.replace(source.records, estimates=(*found, *beside))
    return dataclasses.replace(source, records=records)


@pytest.mark.parametrize(
    ("worst", "threats"),
    [
        ((0.03, 0.25), "parallel trends, unanswered questions and"),
        ((0.12, 0.16), "parallel trends and"),
    ],
)
def test_a_phrase_names_the_threats_that_the_table_answers_yes(worst, threats):
    """Trust is detected at 0.05 to 0.25; the trends' benchmark is 0.06, the loss reaches -0.2."""
    source = judged(worst=worst)
    yes = [
        r.cells[0].text
        for r in built(source).rows
        if r.id.startswith("trust") and r.cells[3].text == "Yes" and r.id != "trust-together"
    ]
    exhibit = examples.exhibit(
        "statements", specifications=("did_main",), outcomes=("trust", "crime")
    )
    said = {r.id: r.cells[0].text for r in builders.build(exhibit, source).rows}
    lead = f"Threats that could change this: {threats} people not interviewed again."
    assert lead in said["trust-in_full"]
    assert len(yes) == lead.count(",") + 2
    assert "Threats" not in said["trust-participants"]
    # of an inconclusive result too, what the table answers yes
    assert "Threats that could change this: people not interviewed again." in said["crime-in_full"]
    # and how certain the evidence is, unless another conclusion was rated
    assert "low certainty" in said["crime-range"]
    assert said["trust-range"].startswith("“[SYNTHETIC DATA] Very uncertain: ")
    certainty = builders.build(examples.exhibit("certainty"), source)
    counted = {2: "Two", 3: "Three"}[len(yes)]
    assert (
        f"threats, one at a time. {counted} would change the conclusion on trust; one would make"
        " the interval for victim of crime exclude zero." in dict(certainty.said)["threats"]
    )


def test_a_phrase_names_the_threats_of_which_the_table_cannot_say():
    source = judged(primary=(-0.1, 0.3))
    assert line(built(source), "trends")[3] == "Cannot say"
    exhibit = examples.exhibit(
        "statements", specifications=("did_main",), outcomes=("trust", "crime")
    )
    said = {r.id: r.cells[0].text for r in builders.build(exhibit, source).rows}
    assert "Threats that cannot be judged: parallel trends." in said["trust-in_full"]
    assert "cannot be judged" not in said["crime-in_full"]


def test_a_check_of_the_plan_that_cannot_be_had_is_a_threat_that_cannot_be_judged():
    source = judged(primary=(-0.1, 0.3))
    attrition = review_examples.ATTRITION
    refused = made.unavailable(TRUST, attrition, "all", "nobody was interviewed twice")
    others = [b for b in source.records.bounds if b.specification != attrition.id]
    records = dataclasses.replace(
        source.records, bounds=tuple(others), check_unavailable=(refused,)
    )
    case = Case.of(dataclasses.replace(source, records=records), TRUST)
    unjudged = [name for name, enough in answers_to_threats(case).items() if enough is None]
    assert unjudged == ["parallel trends", "people not interviewed again"]
    # what the plan does not ask for is no check that cannot be had
    plain = dataclasses.replace(source.plan, check=())
    asked = dataclasses.replace(source.configuration.preregistration, plan=plain)
    configuration = dataclasses.replace(source.configuration, preregistration=asked)
    case = Case.of(dataclasses.replace(source, configuration=configuration), TRUST)
    assert answers_to_threats(case) == {}


def test_a_bound_that_prints_as_zero_or_as_the_smallest_effect_has_one_more_digit():
    case = Case.of(review_examples.study(primary=(-0.1, 0.3)), TRUST)
    assert case.finer(bounds=(0.2, -0.3)).decimals == case.decimals == 2
    assert case.finer(bounds=(0.2, -0.004)).decimals == 3
    assert case.finer(bounds=(case.smallest + 0.004, 0.3)).decimals == 3


@pytest.mark.parametrize("worst", [(0.03, 0.25), (0.12, 0.16)])
def test_card_and_sheet_say_what_the_phrases_say(worst):
    """Certainty and what could change a conclusion go wherever the conclusion goes."""
    source = judged(worst=worst)
    shown = {"specifications": ("did_main",), "outcomes": ("trust", "crime")}
    phrases = builders.build(examples.exhibit("statements", **shown), source)
    asked = dataclasses.replace(examples.exhibit("effects", **shown), id="tbl-effects")
    registry = dataclasses.replace(source.configuration.registry, exhibit=(asked,))
    configuration = dataclasses.replace(source.configuration, registry=registry)
    cards = figure_card.cards(dataclasses.replace(source, configuration=configuration))
    (card,) = cards
    # the interval of trust is not the one that was rated
    assert "Very uncertain for trust." in card.alt
    assert "Certainty (GRADE): low. One of three checks could change this conclusion." in card.alt
    plain = dict(phrases.said)
    assert plain["plain_trust"] == "We do not know. What we found is very uncertain."
    assert plain["plain_crime"].startswith("We do not know.")
    exhibit = examples.exhibit("coefficient_plot", **shown)
    with pictures.only("nothing"):
        title = builders.draw(exhibit, source).message
    assert title == (
        "No clear effect on victim of crime, though one remains possible; very uncertain for trust"
    )


def test_a_range_of_small_effects_does_not_overturn_what_says_nothing():
    """Inconclusive is overturned by a range without zero only; -0.05 to 0.05 rules effects out."""
    table = built(review_examples.study(primary=(-0.1, 0.3), attrition=(-0.05, 0.05)))
    assert line(table, "attrition")[3] == "No"


def test_a_wide_range_does_not_protect_an_inconclusive_result():
    """Estimate 0.1, interval -0.1 to 0.3: at 0.35 the interval would be 0.15 to 0.55."""
    table = built(review_examples.study(primary=(-0.1, 0.3), attrition=(-0.3, 0.35)))
    assert line(table, "attrition")[2:4] == [
        (
            "Effects from \u22120.30 to +0.35 SD, with their interval \u22120.30 to +0.35."
            " With so wide a range a “No” was almost impossible: even centred on the estimate, it"
            " would shift it by 0.10 SD or more"
        ),
        "Yes",
    ]


def test_a_doubt_without_records_has_its_reason():
    source = examples.source()
    table = built(source)
    assert line(table, "trends")[1] == "not available: the plan has no such check"
    assert line(table, "answers")[1] == "not available: the plan has no such check"


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
CODED = dataclasses.replace(ONE_OUT, id="coded", kind="coding", label=examples.both("Coded"))


def test_each_doubt_says_what_it_would_take_and_what_is_known():
    """Estimate 0.15, interval 0.05 to 0.25: a drift of 0.05 reaches zero, the benchmark is 0.06.

    The worst case moves the estimate down by 0.12, so 0.05 is 42 percent of the way.
    """
    table = built(review_examples.study())
    assert line(table, "conclusion")[2].startswith("Effect detected: +0.05 to +0.25")
    assert line(table, "trends")[1:4] == [
        "Trends alone would have to differ by 0.05 SD",
        (
            "Breakdown value 0.05 SD. Benchmarks beyond chance: shocks to areas, given "
            "the groups' shares of each, by robbed: 0.06 (0.01 to 0.12) SD"
        ),
        "Yes",
    ]
    assert "42%" in line(table, "answers")[1]
    # the primary interval moved down by 0.12 and up by 0.10
    assert line(table, "answers")[2:4] == [
        (
            "At worst, effects from +0.03 to +0.25 SD. The primary interval moved to each:"
            " \u22120.07 to +0.13 and +0.15 to +0.35. With so wide a range a “No” was almost"
            " impossible: even centred on the estimate, it would shift it by 0.05 SD or more"
        ),
        "Yes",
    ]
    assert line(table, "attrition")[3] == "Yes"  # the range holds zero
    assert {r.id for r in table.rows if r.id.startswith("trust-")} == {
        f"trust-{x}" for x in ("conclusion", "trends", "answers", "attrition", "checks", "together")
    }


def test_threats_together_go_the_same_share_of_the_way_to_their_worst_case():
    """0.05 down of 0.12 (the end of the benchmark), 0.12 and 0.35 (an estimate of 0.15): 8.5 %.

    In sum 0.59 down and 0.12 + 0.10 + 0.25 up: at worst from -0.44 to +0.62.
    """
    found = line(built(review_examples.study()), "together")
    assert found[1:4] == [
        "Each at 8% of its worst case",
        (
            "Moves by \u22120.010 (parallel trends), \u22120.010 (unanswered questions) and"
            " \u22120.030 (people not interviewed again), in sum \u22120.050 SD. All at worst:"
            " effects from \u22120.440 to +0.620 SD"
        ),
        "Yes",
    ]


def silent(source, low, high, **line):
    """The study with a line of silence of trust, and the range that its shares lead to."""
    values = {
        "intercept": 0.16,
        "slope": -0.2,
        "slope_treated": -0.05,
        "slope_comparison": -0.15,
        "rate": 0.2,
        "rate_treated": 0.21,
        "rate_comparison": 0.19,
        "from_treated": 0.1,
        "to_treated": 0.4,
        "from_comparison": 0.1,
        "to_comparison": 0.4,
        **line,
    }
    check = review_examples.NONRESPONSE
    records = dataclasses.replace(
        source.records,
        check_diagnostics=(
            *source.records.check_diagnostics,
            *(
                made.diagnostic(TRUST, check, f"silence_{name}", value, sample="silence")
                for name, value in values.items()
            ),
        ),
        bounds=(
            *source.records.bounds,
            made.bound(TRUST, check, "plausible", (low, high), (low, high)),
        ),
    )
    return dataclasses.replace(source, records=records)


def test_silence_is_judged_by_plausible_shares_and_not_by_the_worst_case():
    """The estimate of 0.15 may lose 0.05: 0.16 - 0.2 p = 0.10 at p = 0.3; up 0.05 nowhere."""
    found = line(built(silent(review_examples.study(), 0.11, 0.14)), "answers")
    assert found[1] == (
        "Non-respondents of both groups would have to lie, on their scale from lowest to highest,"
        " at 30%"
    )
    assert found[2].startswith("Estimate = 0.160 \u2212 0.200 × p, where p")
    assert found[2].endswith("effects from +0.110 to +0.140 SD. At worst +0.03 to +0.25")
    assert found[3] == "No"
    assert line(built(silent(review_examples.study(), 0.09, 0.14)), "answers")[3] == "Yes"
    flat = silent(review_examples.study(), 0.14, 0.16, slope=0.0)
    assert line(built(flat), "answers")[1].startswith("No value common to non-respondents")


def test_a_benchmark_that_chance_could_have_made_decides_nothing():
    """0.06 is larger than the 0.05 that it would take, and its interval holds zero."""
    table = built(review_examples.study(low=0.0))
    known, enough = line(table, "trends")[2:4]
    assert "the one whose interval reaches farthest is shocks to areas" in known
    assert enough == "Cannot say"


def test_in_a_lottery_benchmarks_describe():
    source = review_examples.study()
    review = dataclasses.replace(source.configuration.review, tool="RoB 2")
    configuration = dataclasses.replace(source.configuration, review=review)
    table = built(dataclasses.replace(source, configuration=configuration))
    assert line(table, "trends")[2].startswith("As a description only: ")
    assert line(table, "trends")[3] == "Not applicable: randomised"


def test_the_checks_that_move_the_estimate_farthest_are_named_with_their_intervals():
    """Detected, 0.05 to 0.25: moved down by 0.06 it holds zero, by 0.04 it does not."""
    rows = {
        "dont_know:lowest": (-0.08, 0.0),
        "dont_know:middle": (-0.01, 0.01),
        "dont_know:highest": (0.02, 0.06),
    }
    found = [made.difference(TRUST, CODED, ends, sample) for sample, ends in rows.items()]
    table = built(review_examples.study(checks=(CODED,), differences=found))
    assert line(table, "checks")[1:4] == [
        "A difference of \u22120.05 SD or lower",
        (
            "Coded: as the lowest answer: \u22120.04 SD (interval \u22120.08 to 0.00); Coded: as"
            " the highest answer: +0.04 SD (interval +0.02 to +0.06)"
        ),
        "No",
    ]
    farther = [*found, made.difference(TRUST, CODED, (-0.1, -0.02), "dont_know:refused")]
    table = built(review_examples.study(checks=(CODED,), differences=farther))
    assert line(table, "checks")[3] == "Yes"
    # 0.04 is as long as the longest of these intervals: a no was in reach
    assert "in reach" not in line(table, "checks")[2]


def test_each_check_that_is_enough_is_named_and_that_chance_alone_could_be():
    """Of -0.08, -0.06 and +0.04 two pass the 0.05; the third's interval reaches 0.06 around it."""
    ends = {"lowest": (-0.1, -0.06), "middle": (-0.08, -0.04), "highest": (-0.02, 0.1)}
    found = [made.difference(TRUST, CODED, e, f"dont_know:{name}") for name, e in ends.items()]
    known, answer = line(
        built(review_examples.study(checks=(CODED,), differences=found)), "checks"
    )[2:4]
    assert all(x in known for x in ("\u22120.08 SD", "\u22120.06 SD", "+0.04 SD"))
    assert known.count("Coded: as") == len(ends)
    assert known.endswith(
        "With so wide an interval a “No” was almost impossible: even centred on zero, it would"
        " pass 0.05 SD"
    )
    assert answer == "Yes"


@pytest.mark.parametrize(
    ("end", "said"), [(-0.052, "−0.052"), (-0.048, "−0.048"), (-0.06, "−0.06")]
)
def test_a_size_that_prints_as_the_one_needed_has_a_digit_more(end, said):
    """Detected, 0.05 to 0.25: a difference of -0.05 would be needed."""
    found = [
        made.difference(TRUST, ONE_OUT, (x - 0.01, x + 0.01), f"without:{n}", n_clusters_treated=30)
        for n, x in (("a", end), ("b", 0.02))
    ]
    needed, known, answer = line(
        built(review_examples.study(checks=(ONE_OUT,), differences=found)), "one_out"
    )[1:4]
    digits = 3 if len(said) > 5 else 2
    assert needed == f"A difference of −{0.05:.{digits}f} SD or lower"
    assert known == f"Leaving one out changes the estimate by {said} to +{0.02:.{digits}f} SD"
    assert answer == ("Yes" if end < -0.05 else "No")


def test_places_left_out_one_at_a_time_have_the_ends_of_their_differences():
    """Of -0.06 and +0.02 the first takes the interval, 0.05 to 0.25, across zero."""
    found = [
        made.difference(TRUST, ONE_OUT, ends, sample, n_clusters_treated=30)
        for sample, ends in (("without:a", (-0.1, -0.02)), ("without:b", (0.0, 0.04)))
    ]
    table = built(review_examples.study(checks=(ONE_OUT,), differences=found))
    assert line(table, "one_out")[2:4] == [
        "Leaving one out changes the estimate by −0.06 to +0.02 SD",
        "Yes",
    ]


def test_withheld_places_have_their_reason():
    """One treated village left out of 35: with the primary estimate it would give its change."""
    few = made.difference(TRUST, ONE_OUT, (-0.1, -0.02), "without:a", n_clusters_treated=34)
    table = built(review_examples.study(checks=(ONE_OUT,), differences=(few,)))
    assert line(table, "one_out")[1] == "not available: the disclosure rule withholds this number"


def test_nothing_is_counted():
    """No row, sentence or note says how many of how many."""
    found = [made.difference(TRUST, CODED, (0.02, 0.06), "dont_know:highest")]
    table = built(review_examples.study(checks=(CODED,), differences=found))
    told = [c.text for r in table.rows for c in r.cells] + [t for _, t in table.said]
    assert not [t for t in (*told, *table.notes) if re.search(r"\d+ of \d+|\bvote", t)]


@pytest.mark.parametrize(("m", "low", "answer"), CASES["surely"])
def test_no_is_said_only_where_the_benchmark_is_surely_too_small(m, low, answer):
    """Interval 0.05 to 0.25: trends would have to differ by 0.05; the benchmark reaches 2 m."""
    table = built(review_examples.study(m=m, low=low))
    assert line(table, "trends")[3] == answer
    # the interval reaches 0.03 beyond its benchmark: one of zero would end below 0.05
    needs = "“No” would need the interval of every benchmark to end below 0.05 SD"
    assert line(table, "trends")[2].endswith(f". {needs}") == (answer == "Cannot say")


@pytest.mark.parametrize(("need", "said"), [(8.5, ["overturn.no-far.ranges"]), (9.0, [])])
def test_the_longest_interval_says_whether_a_no_is_in_reach(need, said):
    """They reach 5 and 8.5 beyond their middle."""
    case = SimpleNamespace(words=lambda name, **_: name, plain=str, needed=(math.inf, need))
    assert [*no_is_far(case, "ranges", (5.0, 8.5))] == said
    assert no_is_far(case, "ranges", ()) == ()


def test_a_no_that_no_benchmark_can_give_is_said_to_be_out_of_reach():
    """The benchmark is 0.06 and ends at 0.12: one of zero would still end above 0.05."""
    known = line(built(review_examples.study(low=0.0)), "trends")[2]
    assert known.endswith(
        ". A “No” was not possible: even a benchmark of zero with so long an interval would end"
        " above 0.05 SD"
    )


def test_without_a_benchmark_nobody_can_say():
    source = review_examples.study()
    kept = tuple(d for d in source.records.check_diagnostics if not d.name.startswith("benchmark"))
    records = dataclasses.replace(source.records, check_diagnostics=kept)
    assert line(built(dataclasses.replace(source, records=records)), "trends")[3] == "Cannot say"


def test_what_threatens_the_claim_of_a_large_effect_is_named():
    """Smallest effect 0.10, interval 0.15 to 0.35: 0.05 takes it back to smaller effects.

    The benchmark's interval ends at 0.12 (cannot say); the worst case moves by 0.06 (enough);
    the bounds of attrition begin at 0.22, 0.03 below the estimate (not enough).
    """
    moves = {"worst": (0.19, 0.26), "attrition": (0.22, 0.4), "m": 0.03}
    table = built(review_examples.study(primary=(0.15, 0.35), **moves))
    assert line(table, "matters")[0] == "Claim that the effect is large enough to matter"
    assert "0.05 SD nearer to zero" in line(table, "matters")[1]
    assert line(table, "matters")[2:4] == [
        (
            "Large enough: unanswered questions. Cannot say: parallel trends."
            " Not large enough: people not interviewed again and robustness checks."
        ),
        "Yes",
    ]
    nearer = built(review_examples.study(primary=(0.15, 0.35), **{**moves, "worst": (0.22, 0.26)}))
    assert line(nearer, "matters")[3] == "Cannot say"


def test_an_effect_that_may_be_small_has_no_such_line():
    table = built(review_examples.study())
    assert "trust-matters" not in {r.id for r in table.rows}
