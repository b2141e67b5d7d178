"""What published records hold: nothing that the tables withhold, and nothing it follows from."""

import dataclasses
import math

import pytest
from scipy import stats

from evaluation.estimation.records import Bound, Difference, Estimate
from evaluation.estimation.row_keys import parse
from evaluation.release.published_tables import rewritten, withheld_columns
from evaluation.report.hidden_rows import Rules, hidden_rows, wholes_of
from evaluation.report.record_disclosure import NOT_SHOWN, released, without_derivable
from evaluation.report.record_set import Records
from evaluation.report.row_disclosure import LEVEL, NUMBERS, tells_alone
from evaluation.storage import disk
from tests.report import check_examples as made
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

TRUST, _, THREATS_OUTCOME = examples.OUTCOMES
CHECK = made.by_group(a=0)
STUDY = examples.STUDY
PLAN = dataclasses.replace(examples.PLAN, check=(CHECK,))
RECORDS = examples.records()
MAIN = tuple(e for e in RECORDS.estimates if e.outcome == TRUST.id)
WHOLE = next(e for e in MAIN if e.specification == PLAN.primary_specification().id)
THREATS = next(e for e in RECORDS.estimates if e.outcome == "threats")
INFERENCE = ("ci_low", "ci_high", "p_value", "p_adjusted", "statistic")
VARIABLES = examples.CONFIGURATION.dictionary.variables


def changed(kind, *rows, plan=PLAN, **records):
    """How the rows of one kind are published, beside the primary estimates and the levels."""
    usual = {"estimates": MAIN, "levels": RECORDS.levels} | records | {kind: rows}
    made = Records(provenance=examples.PROVENANCE, **usual)
    return released(made, Rules(plan=plan, study=STUDY, variables=VARIABLES))[kind]


def group(check=CHECK, **changes):
    return made.of_check(TRUST, check, "a", **changes)


def sizes(treated, comparison, check=CHECK, **changes):
    row = group(check, n_clusters_treated=treated, n_clusters_comparison=comparison)
    (found,) = changed("check_estimates", dataclasses.replace(row, **changes))
    return tuple(name for name, text in found.items() if text == NOT_SHOWN)


def count(name, value, sample="a", unit="clusters"):
    return dataclasses.replace(made.diagnostic(TRUST, CHECK, name, value, sample=sample), unit=unit)


@pytest.mark.parametrize(("treated", "comparison", "fields"), CASES["sizes"])
def test_one_or_two_places_without_a_group_are_not_in_the_sizes(treated, comparison, fields):
    found = sizes(treated, comparison, step="wcr_s", mc_error=0.001, p_value=0.31557)
    assert found == ((*fields, "df") if fields else ())


@pytest.mark.parametrize("changes", CASES["clusters"])
def test_what_the_number_of_clusters_follows_from_goes_with_it(changes):
    found = sizes(35, 33, **changes)
    assert set(INFERENCE) | {"df", "n_clusters_comparison"} <= set(found)
    assert not {"estimate", "std_error"} & set(found)


def test_half_an_interval_over_its_standard_error_is_the_quantile_that_is_withheld():
    """Student's t: the relation by which all counts of the first release were recovered."""
    row = group(n_clusters_treated=35, n_clusters_comparison=33)
    half = stats.t.ppf(0.975, 67) * row.std_error
    row = dataclasses.replace(
        row, step="cv3", df=67.0, ci_low=row.estimate - half, ci_high=row.estimate + half
    )
    (found,) = changed("check_estimates", row)
    assert found["ci_low"] == found["ci_high"] == found["df"] == "nan"
    assert "std_error" not in found


def test_sizes_of_other_checks_stay():
    assert sizes(35, 33, dataclasses.replace(CHECK, id="other")) == ()


@pytest.mark.parametrize(
    ("kind", "changes", "hidden"),
    [
        ("leave_one_out", {"n_clusters_comparison": WHOLE.n_clusters_comparison - 1}, True),
        ("leave_one_out", {"n_clusters_comparison": WHOLE.n_clusters_comparison - 3}, False),
        ("leave_one_out", {"n": WHOLE.n - 9}, True),
        ("leave_one_out", {"n": WHOLE.n - 10}, False),
        ("subgroup", {"n": 9}, True),
        ("subgroup", {"n_clusters_treated": 2}, True),
        # whatever a kind that estimates the effect was made for, its rows may leave some out
        ("entropy_balancing", {"n": WHOLE.n - 9}, True),
        ("entropy_balancing", {"n_clusters_treated": WHOLE.n_clusters_treated - 1}, True),
        ("entropy_balancing", {"n": WHOLE.n - 10}, False),
    ],
)
def test_a_row_that_the_table_withholds_says_nothing(kind, changes, hidden):
    check = dataclasses.replace(CHECK, kind=kind)
    usual = {
        name: getattr(WHOLE, name) for name in ("n", "n_clusters_treated", "n_clusters_comparison")
    }
    row = dataclasses.replace(group(check), **usual | changes)
    plan = dataclasses.replace(PLAN, check=(check,))
    (found,) = changed("check_estimates", row, plan=plan)
    assert (set(found) >= set(NUMBERS[Estimate])) is hidden


@pytest.mark.parametrize(("name", "value", "unit", "hidden"), CASES["few"])
def test_few_are_not_counted(name, value, unit, hidden):
    (found,) = changed("check_diagnostics", count(name, value, unit=unit))
    assert (found.get("value") == "nan") is hidden


def test_people_are_rounded_and_fractions_cut():
    found = changed(
        "check_diagnostics",
        count("people", 6137.0, unit="respondents"),
        count("x", 905 / 1719, unit="share"),
    )
    assert [x["value"] for x in found] == ["6140.0", "0.526"]
    # of the plan's own estimates as of its checks
    few = count("whatever", 4.0, unit="respondents")
    assert [x["value"] for x in changed("diagnostics", few)] == [NOT_SHOWN]


BRACKET = dataclasses.replace(CHECK, id="ends", kind="bracket", variables=(), groups=())
NEAR = dataclasses.replace(BRACKET, id="near", kind="spillover")


@pytest.mark.parametrize(
    ("changes", "n"),
    [({}, "7010"), ({"n": 10}, "10"), ({"n": 9}, "nan"), ({"n_clusters_treated": 2}, "nan")],
)
def test_a_range_is_released_with_rounded_interviews_and_one_of_few_with_nothing(changes, n):
    usual = {"n": 7012} | changes
    row = made.bound(TRUST, BRACKET, "bracket", (-0.1, 0.3), (-0.3, 0.5), **usual)
    beside = made.diagnostic(TRUST, BRACKET, "breakdown", 0.25)
    plan = dataclasses.replace(PLAN, check=(BRACKET,))
    (found,) = changed("bounds", row, plan=plan)
    assert found == (dict.fromkeys(NUMBERS[Bound], "nan") if n == "nan" else {"n": n})
    # what was worked out from a range of few is about the same few
    (quantity,) = changed("check_diagnostics", beside, bounds=(row,), plan=plan)
    assert quantity == ({"value": "nan"} if n == "nan" else {})


def ring(name, value):
    found = made.diagnostic(TRUST, NEAR, "comparison_clusters", value, sample=name)
    return dataclasses.replace(found, unit="clusters")


def test_members_of_rings_are_parts_of_all_comparison_clusters():
    """2, 7 and 26 by distance, of 35; 12 and 23 by border, which are the same 35."""
    distances = (ring("ring:0-20", 2), ring("ring:20-40", 7), ring("beyond:40", 26))
    borders = (ring("ring:bordering", 12), ring("ring:effect", 23))
    plan = dataclasses.replace(PLAN, check=(NEAR,))
    found = changed("check_diagnostics", *borders, *distances, plan=plan)
    # 35 less 26 and 7 would be the two
    assert found == [{}, {}, {"value": "nan"}, {"value": "nan"}, {}]


def test_the_finished_study_s_interviews_to_a_cluster_are_whole_numbers():
    """3,530 interviews in 70 clusters: 50.428571 times 70 would count them."""
    own = examples.planned(TRUST, "own design", 0.21, respondents=3530 / 70, panel_share=905 / 1719)
    asked = examples.planned(TRUST, "detectable", 0.3, respondents=20.5)
    assert changed("detectable", own, asked) == [{"respondents": "50", "panel_share": "0.53"}, {}]


def test_a_sum_goes_with_its_part():
    one = count("clusters_without_group", 4.0)
    for comparison, gone in ((34, {"value": "nan"}), (32, {})):
        row = group(n_clusters_treated=35, n_clusters_comparison=comparison)
        assert changed("check_diagnostics", one, check_estimates=(row,)) == [gone]


def levels(outcome, round_="baseline", **changes):
    return tuple(
        dataclasses.replace(x, **changes)
        if (x.outcome, x.arm, x.round) == (outcome, "comparison", round_)
        else x
        for x in RECORDS.levels
    )


@pytest.mark.parametrize(
    ("record", "changes", "hidden"),
    [
        (WHOLE, {"n": 9}, True),
        (WHOLE, {"n": 10}, False),
        (WHOLE, {"n_clusters": 2}, True),
        (WHOLE, {"n": 9, "round_": "endline"}, True),  # goes with its arm's other round
        (THREATS, {"n": 29}, True),
        (THREATS, {"n": 30}, False),
        (THREATS, {"mean": 100.0}, True),
    ],
)
def test_the_rule_is_that_of_the_table_of_levels(record, changes, hidden):
    found = levels(record.outcome, **changes)
    # a part of the sample differs from the whole by what was left out
    part = dataclasses.replace(record, sample=parse("without:A"))
    for one in changed("estimates", record, part, levels=found):
        assert all((one[name] == NOT_SHOWN) is hidden for name in LEVEL)


@pytest.mark.parametrize("changes", [{"n": 9}, {"n_clusters_comparison": 2}])
def test_a_small_part_is_withheld_by_itself(changes):
    part = dataclasses.replace(WHOLE, sample=parse("before:2021"), **changes)
    (found,) = changed("estimates", part)
    assert all(found[name] == NOT_SHOWN for name in LEVEL)


def test_a_table_is_rewritten_where_a_field_changes_and_nowhere_else(tmp_path):
    path = tmp_path / "estimates.csv"
    disk.write_records(path, (WHOLE, THREATS), Estimate, mark="SYNTHETIC")
    assert rewritten(path.read_bytes(), [{}, {}]) == path.read_bytes()
    gone = dict.fromkeys(LEVEL, NOT_SHOWN)
    disk.write_bytes(path, rewritten(path.read_bytes(), [{}, gone]))
    first, second = disk.read_records(path, Estimate)
    assert first == WHOLE
    assert all(math.isnan(getattr(second, name)) for name in LEVEL)
    kept = [f.name for f in dataclasses.fields(Estimate) if f.name not in LEVEL]
    assert [getattr(second, n) for n in kept] == [getattr(THREATS, n) for n in kept]
    assert path.read_text(encoding="utf-8").count("SYNTHETIC") == 2


def difference(check=CHECK, **changes):
    row = group(check)
    shared = {f.name for f in dataclasses.fields(Difference)} & {
        f.name for f in dataclasses.fields(Estimate)
    }
    values = {name: getattr(row, name) for name in shared} | {"difference": 0.02, "df": 67.0}
    return Difference(**values | changes)


def changed_difference(kind, **changes):
    check = dataclasses.replace(CHECK, kind=kind)
    plan = dataclasses.replace(PLAN, check=(check,))
    row = difference(check, **changes)
    (found,) = changed("differences", row, plan=plan)
    return found


def test_a_difference_says_no_more_than_its_row():
    usual = {"n": WHOLE.n, "n_clusters_treated": 35, "n_clusters_comparison": 35}
    assert changed_difference("doubly_robust", **usual) == {"n": "7010"}
    few = changed_difference("leave_one_out", **usual | {"n_clusters_comparison": 34})
    assert few == dict.fromkeys(NUMBERS[Difference], "nan")
    groups = changed_difference("subgroup", **usual | {"n_clusters_comparison": 33})
    assert {n for n, text in groups.items() if text == "nan"} == {
        *("n_clusters_comparison", "df", "ci_low", "ci_high")
    }


@pytest.mark.parametrize(("gone", "told"), [(1, True), (2, True), (3, False), (0, False)])
def test_a_row_that_others_would_tell_lies_in_no_file_of_the_build(gone, told):
    check = dataclasses.replace(CHECK, id="row", kind="leave_exposed")
    sizes = {"n": WHOLE.n - 30, "n_clusters_treated": 35, "n_clusters_comparison": 35 - gone}
    row = dataclasses.replace(group(check), **sizes)
    few = dataclasses.replace(group(CHECK), n=3)
    records = Records(
        provenance=examples.PROVENANCE,
        check_estimates=(row, few),
        differences=(difference(check, **sizes),),
    )
    plan = dataclasses.replace(PLAN, check=(check, CHECK))
    rules = Rules(plan=plan, study=STUDY, variables=VARIABLES)
    closed = without_derivable(records, {TRUST.id: (WHOLE,)}, rules)
    # a row of few people is no difference of two others: what exhibits show of it they decide
    assert closed.check_estimates == ((few,) if told else (row, few))
    assert closed.differences == (() if told else records.differences)
    said = [
        (u.study, u.outcome, u.specification, u.estimand, u.sample, u.step)
        for u in closed.check_unavailable
    ]
    place = (row.study, TRUST.id, "row", row.estimand, row.sample)
    assert said == ([(*place, "all")] if told else [])


def test_a_table_that_nobody_described_counts_nobody():
    made = withheld_columns(b"name,n,n_clusters_treated,value\na,12,35,1.5\n")
    assert made == b"name,n,n_clusters_treated,value\na,nan,nan,1.5\n"
    # whole numbers may be a count: of what, nobody said
    assert withheld_columns(b"name,value,draws\na,1,9\n") == b"name,value,draws\na,nan,9\n"
    # written as a decimal, with blanks, or less than none
    for cells in ("3\n,\n", "3.0\n", "-3\n"):
        made = withheld_columns(f"name,value\na,{cells}".encode())
        assert b"3" not in made
    # what a name says is protected in a table of its own
    assert b"3" not in withheld_columns(b"name,respondents_min_treated,value\na,3,0.5\n")
    for kept in (b"name,value\na,1.5\n", b"name,value\n", b""):
        assert withheld_columns(kept) == kept


@pytest.mark.parametrize(
    ("unit", "n", "mean", "text"),
    [
        # a fourth are 525 and 475: their means lie 0.19 and 0.21 per cent apart
        ("percentage points", 2100, 47.123456, "47.1"),
        ("percentage points", 1900, 47.123456, "47"),
        ("SD", 2100, 0.123456, "0.123"),
    ],
)
def test_levels_lose_the_digits_that_tell_their_interviews(unit, n, mean, text):
    row = dataclasses.replace(WHOLE, unit=unit, n=n, baseline_comparison_mean=mean)
    (found,) = changed("estimates", row)
    assert found["baseline_comparison_mean"] == text


def test_an_effect_in_sd_is_no_percentage_whatever_its_outcome_is():
    row = dataclasses.replace(WHOLE, unit="percentage points", n=2100, estimate_sd=0.123456)
    (found,) = changed("estimates", row)
    assert found["estimate_sd"] == "0.123"


@pytest.mark.parametrize(("members", "hidden"), CASES["rings"])
def test_an_effect_against_all_but_a_ring_of_few_is_withheld(members, hidden):
    names = ("ring:0-20", "ring:20-40", "beyond:40")
    counts = [ring(*pair) for pair in zip(names, members, strict=True)]
    # of the rings by border none is of few
    counts += [ring("ring:bordering", 12), ring("ring:effect", 23)]
    rows = [
        made.of_check(TRUST, NEAR, sample, n_clusters_comparison=n)
        for sample, n in (("beyond:40", members[-1]), ("ring:effect", 23))
    ]
    plan = dataclasses.replace(PLAN, check=(NEAR,))
    beyond, effect = changed("check_estimates", *rows, plan=plan, check_diagnostics=tuple(counts))
    assert beyond["estimate"] == NOT_SHOWN if hidden else "estimate" not in beyond
    assert "estimate" not in effect


@pytest.mark.parametrize(("outside", "hidden"), [(2, True), (3, False)])
def test_an_effect_against_few_is_withheld_however_many_its_regression_counts(outside, hidden):
    counts = [ring("ring:0-20", 35 - outside), ring("beyond:40", outside)]
    row = made.of_check(TRUST, NEAR, "beyond:40", n_clusters_comparison=35)
    plan = dataclasses.replace(PLAN, check=(NEAR,))
    (found,) = changed("check_estimates", row, plan=plan, check_diagnostics=tuple(counts))
    assert (found.get("estimate") == NOT_SHOWN) is hidden


def test_every_share_of_a_withheld_level_goes_with_the_implied_one_and_no_other():
    form = dataclasses.replace(CHECK, id="form", kind="functional_form", groups=())
    plan = dataclasses.replace(PLAN, check=(form,))
    places = [(arm.id, round_) for arm in STUDY.arm for round_ in STUDY.rounds]
    shares = [
        made.diagnostic(THREATS_OUTCOME, form, f"share:{answer}", share, sample=f"{arm}:{round_}")
        for answer, of in (("0", (0.6, 1.0, 0.5, 0.7)), ("1", (0.4, 0.0, 0.5, 0.3)))
        for (arm, round_), share in zip(places, of, strict=True)
    ]
    implied = [
        made.diagnostic(THREATS_OUTCOME, form, f"share:{answer}", 0.5, sample="implied")
        for answer in "01"
    ]
    found = changed("check_diagnostics", *shares, *implied, plan=plan)
    # nobody, and everybody, at one place: these two and both that are implied
    gone = [i for i, x in enumerate(found) if x.get("value") == NOT_SHOWN]
    assert gone == [1, 5, 8, 9]


def test_a_place_that_the_others_would_tell_by_subtraction_is_withheld_with_its_reason():
    """Of 35 clusters, places of 2, 3 and 30: without the second the first would be told."""
    check = dataclasses.replace(CHECK, id="one_out", kind="leave_one_out", variables=(), groups=())
    rows = [
        dataclasses.replace(
            made.of_check(TRUST, check, f"without:{name}"),
            n=WHOLE.n - 100 * gone,
            n_clusters_treated=35 - gone,
            n_clusters_comparison=35 - gone,
        )
        for name, gone in (("a", 2), ("b", 3), ("c", 30))
    ]
    plan = dataclasses.replace(PLAN, check=(check,))
    found = changed("check_estimates", *rows, plan=plan)
    assert [x["estimate"] == NOT_SHOWN if "estimate" in x else False for x in found] == [
        True,
        True,
        False,
    ]
    records = Records(provenance=examples.PROVENANCE, estimates=MAIN, check_estimates=tuple(rows))
    rules = Rules(plan=plan, study=STUDY, variables=VARIABLES)
    reasons = hidden_rows(records, wholes_of(records, plan), rules)
    told = {at[2].text(): reason.text("en") for at, reason in reasons.items() if at[1] == "one_out"}
    assert set(told) == {"without:a", "without:b", "all"}
    assert told["without:a"].startswith("too few clusters left out")
    assert told["without:b"] == told["all"] != told["without:a"]


@pytest.mark.parametrize(("clusters", "hidden"), [(2, True), (3, False)])
def test_a_level_of_a_series_stands_on_enough_clusters(clusters, hidden):
    level = dataclasses.replace(RECORDS.levels[0], outcome="homicides", n=500, n_clusters=clusters)
    assert tells_alone(level, Rules(plan=PLAN, study=STUDY, variables=VARIABLES)) is hidden
