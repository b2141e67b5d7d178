"""What stands beside a verdict: other intervals, power, large differences at baseline."""

import dataclasses

import pytest

from evaluation.report import sentences, tables
from evaluation.report.another_verdict import not_under
from evaluation.report.conclusions import EQUIVALENCE
from evaluation.spec.plan import Check
from evaluation.spec.records import Diagnostic
from tests.report import examples

TRUST, CRIME, _ = examples.OUTCOMES
PANEL = dataclasses.replace(
    examples.SPECIFICATION, id="did_panel", sample="panel_members", status="sensitivity"
)


def with_panel():
    plan = dataclasses.replace(examples.PLAN, specification=(*examples.PLAN.specification, PANEL))
    promise = dataclasses.replace(examples.CONFIGURATION.promise, plan=plan)
    return dataclasses.replace(examples.CONFIGURATION, promise=promise)


def made(*, primary, panel):
    """A study whose crime estimate has these intervals, the narrower one as wide; 3 matters."""
    first = examples.estimate(CRIME, examples.SPECIFICATION, "wcr_s")
    first = dataclasses.replace(first, ci_low=primary[0], ci_high=primary[1])
    second = examples.estimate(CRIME, PANEL, "wcr_s", ci_low=panel[0], ci_high=panel[1])
    around = {"ci_low": primary[0], "ci_high": primary[1]}
    jackknife = examples.estimate(CRIME, examples.SPECIFICATION, "cv3", **around)
    bounds = tuple(
        Diagnostic(
            study="small",
            outcome="crime",
            specification="did_main",
            estimand="equal",
            sample="all",
            name=name,
            value=value,
            unit="percentage points",
        )
        for name, value in zip(EQUIVALENCE, primary, strict=True)
    )
    source = examples.source(with_panel(), estimates=(first, jackknife, second), diagnostics=bounds)
    return source, first


@pytest.mark.parametrize(
    ("panel", "expected"),
    [((-1.0, 2.0), ()), ((-1.0, 3.0), ("panel",)), ((0.1, 2.0), ("panel",))],
)
def test_what_gives_another_conclusion_is_named(panel, expected):
    # the primary interval rules a meaningful effect out: -1 to 2 lies inside -3 to 3
    source, first = made(primary=(-1.0, 2.0), panel=panel)
    assert not_under(source, first) == expected


ONE_OUT = Check(
    id="one_out",
    kind="leave_one_out",
    theme="shocks",
    label=examples.both("One district left out at a time"),
    answers=examples.both("Whether one carries it."),
    variables=("district",),
)


def with_places(*rows):
    """Crime ruled out, and these intervals and sizes without one district each."""
    source, first = made(primary=(-1.0, 2.0), panel=(-1.0, 2.0))
    left_out = tuple(
        dataclasses.replace(
            first,
            specification="one_out",
            sample=f"without:{number}",
            estimate=first.estimate + 0.01 * (number + 1),
            ci_low=low,
            ci_high=high,
            n_clusters_treated=first.n_clusters_treated - gone,
        )
        for number, (low, high, gone) in enumerate(rows)
    )
    plan = dataclasses.replace(source.plan, check=(ONE_OUT,))
    promise = dataclasses.replace(source.configuration.promise, plan=plan)
    configuration = dataclasses.replace(source.configuration, promise=promise)
    records = dataclasses.replace(source.records, check_estimates=left_out)
    return dataclasses.replace(source, configuration=configuration, records=records), first


def test_places_left_out_one_at_a_time_are_named_with_their_count():
    """3 is reached by the first and the last row; the third holds small effects only."""
    rows = ((-1.0, 3.0, 5), (-1.0, 2.5, 5), (-0.5, 2.0, 5), (-3.5, 2.0, 5))
    source, first = with_places(*rows)
    assert not_under(source, first) == ("one district left out at a time (2 of 4)",)


def test_places_whose_absence_changes_nothing_are_not_named():
    source, first = with_places((-1.0, 2.5, 5), (-0.5, 2.0, 5))
    assert not_under(source, first) == ()


def test_a_place_that_would_be_given_away_is_not_counted():
    """Without one treated village: the primary estimate less that row would tell of it."""
    source, first = with_places((-1.0, 3.0, 1), (-1.0, 2.5, 5))
    assert not_under(source, first) == ()


def test_the_main_table_prints_none_of_it_but_lets_cards_quote_it():
    source, _ = made(primary=(-1.0, 2.0), panel=(-1.0, 3.0))
    asked = examples.exhibit("effects", outcomes=("crime",), specifications=("did_main",))
    table = tables.build(asked, source)
    assert table.cell("crime", "not_under").text == "panel"
    assert next(c for c in table.columns if c.id == "not_under").shown == "download"


@pytest.mark.parametrize(
    ("mde", "said", "missed"),
    [
        (3.04, "is about the same as {} (3.04 against 3.00", 0),
        (3.0, "is about the same as {} (3.0 against 3.0", 0),
        (3.06, "is larger than {} (3.1 against 3.0", 1),
        (2.94, "is smaller than {} (2.9 against 3.0", 0),
    ],
)
def test_power_is_compared_at_the_outcome_s_decimals(mde, said, missed):
    """Two that differ and would print the same have one decimal more."""
    found = examples.estimate(CRIME, examples.SPECIFICATION, "wcr_s", mde=mde)
    sentence = sentences.power_sentence([(found, CRIME)], language="en")
    named = said.format("the smallest effect that matters for victim of crime")
    assert f"{named} percentage points)" in sentence
    assert sentence.count("can therefore stay undetected") == missed


def test_power_of_several_outcomes_is_one_sentence():
    judged = [
        (examples.estimate(o, examples.SPECIFICATION, "wcr_s", mde=mde), o)
        for o, mde in ((TRUST, 0.2), (CRIME, 2.0))
    ]
    assert sentences.power_sentence(judged, language="en") == (
        "The effect that would have been detected four times in five is larger than the smallest"
        " effect that matters for trust (0.20 against 0.10 standard deviations); smaller than the"
        " smallest effect that matters for victim of crime (2.0 against 3.0 percentage points)."
        " An effect that matters can therefore stay undetected."
    )


@pytest.mark.parametrize(
    ("difference", "n", "said"),
    [
        (0.25, 900, "No variable shown has a normalised difference beyond 0.25"),
        (-0.26, 900, "beyond 0.25 in absolute value: Robbed (−0.26)."),
        (-0.26, 9, "No variable shown has a normalised difference beyond 0.25"),
    ],
)
def test_large_differences_at_baseline_are_named(difference, n, said):
    one = examples.balance("q2", "all", normalised_difference=difference, n=n, n_treated=n)
    table = tables.build(examples.exhibit("balance"), examples.source(balance=(one,)))
    assert said in dict(table.said)["beyond"]


def test_notes_on_attrition_say_that_shares_are_weighted():
    notes = " ".join(tables.build(examples.exhibit("attrition"), examples.source()).notes)
    assert "Weights. " in notes
    assert "weighted shares" in notes
