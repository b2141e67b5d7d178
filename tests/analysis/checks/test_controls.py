"""More columns in the primary regression: by hand, and by explicit dummies and inverses."""

import dataclasses
import datetime

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.controls import controls, strata_round
from evaluation.errors import EstimationError
from evaluation.estimation.records import Difference
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    cluster_dummies,
    diagnostics,
    equal_weights,
    estimates,
    least_squares,
    numbers,
    primary,
    reasons,
    villages,
)
from tests.estimation.studies import ANCOVA, COLUMNS, DID, STUDY, panel

WITHIN, EVERYONE = "within_cluster_round", "all_interviewers"
FIELDWORK = dataclasses.replace(
    STUDY, columns=dataclasses.replace(COLUMNS, date="asked_on", enumerator="asked_by")
)
# Two strata: treated changes 3, 5, 4 against 1, 2 in A, and 1, 3 against 0, 1, 5 in B.
IN_A = {"t1A": 3.0, "t2A": 5.0, "t3A": 4.0, "c1A": 1.0, "c2A": 2.0}
IN_B = {"t4B": 1.0, "t5B": 3.0, "c3B": 0.0, "c4B": 1.0, "c5B": 5.0}


def stratified(changes):
    table = villages(changes)
    return table.assign(place=table["village"].str[2])


def by_stratum(table, **keys):
    return strata_round(case(table, "strata_round", variables=("place",), **keys))


# ---- strata x round


@pytest.mark.truth
def test_strata_by_hand():
    """4 - 1.5 = 2.5 in A and 2 - 2 = 0 in B; treated shares 3/5 and 2/5: 1.5.

    Plain least squares would weight by n p (1 - p), 1.2 in both, and give 1.25; without strata
    the effect is 3.2 - 1.8 = 1.4.
    """
    table = stratified(IN_A | IN_B)
    rows = by_stratum(table)
    assert estimates(rows)["all", "cv3"].estimate == pytest.approx(1.5, abs=ROUNDING)
    assert diagnostics(rows) == {
        ("all", "strata_left_out"): 0,
        ("all", "treated_share_left_out"): pytest.approx(0.0, abs=ROUNDING),
    }
    made = case(table, "strata_round", variables=("place",))
    assert primary(made)["cv3"].estimate == pytest.approx(1.4, abs=ROUNDING)


@pytest.mark.parametrize(("missing", "expected"), [("none", 1.5), ("c2A", 1.8)])
def test_strata_and_jackknife_by_explicit_dummies(missing, expected):
    """Literal twin: village dummies, stratum x round columns, weights multiplied by hand.

    Without c2A the difference in A is 4 - 1 = 3, and A's only comparison village can be left
    out too: B then carries the effect alone.
    """
    table = stratified({k: v for k, v in (IN_A | IN_B).items() if k != missing})
    treated, post = table["arm"] == "treated", table["round"] == "endline"
    # A has 3 treated and 2 (or 1) comparison villages, B 2 and 3; two interviews a cell.
    factor = table["place"].map({"A": 3 / 2 if missing == "none" else 3.0, "B": 2 / 3})
    weight = np.where(treated, 0.5, 0.5 * factor)
    columns = [treated & post, post & (table["place"] == "A"), post & (table["place"] == "B")]

    def effect(rows):
        X = np.column_stack(
            [*(c[rows].to_numpy(float) for c in columns), cluster_dummies(table["village"][rows])]
        )
        return least_squares(X, table["y"][rows].to_numpy(), weight[rows])[0]

    whole = effect(np.ones(len(table), bool))
    without = [effect((table["village"] != v).to_numpy()) for v in table["village"].unique()]
    g = len(without)
    variance = (g - 1) / g * np.sum((np.array(without) - whole) ** 2)
    record = estimates(by_stratum(table))["all", "cv3"]
    assert record.estimate == pytest.approx(whole, abs=ROUNDING)
    assert record.estimate == pytest.approx(expected, abs=ROUNDING)
    assert record.std_error == pytest.approx(variance**0.5, abs=1e-10)


@pytest.mark.parametrize("estimand", ["equal", "population", "respondents"])
def test_strata_have_the_weight_of_their_treated_villages(estimand):
    """Literal twin: stratum by stratum, from group-by means and h = w0 w1 / (w0 + w1)."""
    table = panel(8, clusters=20)
    number = table["village"].str[1:].astype(int)
    table = table.assign(place=np.where(number % 3 == 0, "A", "B"))
    specification = dataclasses.replace(DID, estimand=estimand)
    table = table.assign(product=table["weight"] * table["y"])
    sums = table.pivot_table(
        index="village", columns="round", values=["weight", "product"], aggfunc="sum"
    )
    mean, total = sums["product"] / sums["weight"], sums["weight"]
    if estimand != "respondents":
        people = table.groupby("village")["population"].first()
        total = total * 0.0 + 1.0 if estimand == "equal" else total.mul(0.0).add(people, axis=0)
    villages_ = pd.DataFrame(
        {
            "change": mean["endline"] - mean["baseline"],
            "h": total["endline"] * total["baseline"] / total.sum(axis=1),
            "treated": table.groupby("village")["arm"].first() == "treated",
            "place": table.groupby("village")["place"].first(),
        }
    )
    top = bottom = 0.0
    for _, part in villages_.groupby("place"):
        in_treated, other = part[part["treated"]], part[~part["treated"]]
        gap = np.average(in_treated["change"], weights=in_treated["h"]) - np.average(
            other["change"], weights=other["h"]
        )
        top, bottom = top + in_treated["h"].sum() * gap, bottom + in_treated["h"].sum()
    found = estimates(by_stratum(table, specification=specification))["all", "cv3"]
    assert found.estimate == pytest.approx(top / bottom, abs=ROUNDING)


@pytest.mark.truth
def test_strata_without_a_group_are_left_out_and_counted():
    """C has one treated village of six, D one comparison village: 1/6 of the treated weight."""
    rows = by_stratum(stratified(IN_A | IN_B | {"t6C": 90.0, "c6D": -70.0}))
    record = estimates(rows)["all", "cv3"]
    assert record.estimate == pytest.approx(1.5, abs=ROUNDING)
    assert (record.n_clusters_treated, record.n_clusters_comparison) == (5, 5)
    named = diagnostics(rows)
    assert named["all", "strata_left_out"] == 2
    assert named["all", "treated_share_left_out"] == pytest.approx(1 / 6, abs=ROUNDING)


def test_one_stratum_is_the_primary_regression_and_no_check():
    rows = by_stratum(panel(8).assign(place="A"))
    assert reasons(rows)["all", "all"].startswith("it leaves nobody out")


def balanced(table):
    """Two strata with as many treated as comparison villages each, all of them in both rounds."""
    of_arm = [sorted(set(part)) for _, part in table.groupby("arm")["village"]]
    fewest = min(map(len, of_arm))
    place = {v: "AB"[k % 2] for villages in of_arm for k, v in enumerate(villages[:fewest])}
    kept = table[table["village"].isin(place)].reset_index(drop=True)
    return kept.assign(place=kept["village"].map(place))


def test_inside_balanced_strata_the_difference_is_zero_by_algebra_and_has_no_interval():
    """Least squares weights all answers as without strata; deletions would undo the balance."""
    record = by_design(balanced(panel(8)))
    assert (record.difference, record.std_error, record.ci_low, record.ci_high) == (0.0,) * 4


def test_a_difference_that_is_zero_for_these_answers_alone_keeps_its_interval():
    """A balances 4 treated by 4, B 4 by 3: changes of A and B alike make the difference zero."""
    table = balanced(panel(8))
    in_b = (table["arm"] == "comparison") & (table["place"] == "B")
    table = table[table["village"] != table.loc[in_b, "village"].min()].reset_index(drop=True)
    each = table.groupby("village")[["arm", "place"]].first()
    each["change"] = np.arange(len(each)) % 2
    each["change"] -= each.groupby(["arm", "place"])["change"].transform("mean")
    table["y"] = np.where(table["round"] == "endline", table["village"].map(each["change"]), 0.0)
    record = by_design(table)
    assert record.difference == 0.0
    assert record.ci_low < 0.0 < record.ci_high
    assert record.std_error > 0.0


def by_design(table):
    return next(r for r in by_stratum(table) if isinstance(r, Difference))


def test_too_few_villages_in_strata_with_both_groups():
    """Only A has both, with one treated village: not available, and counted."""
    rows = by_stratum(stratified({"t1A": 1.0, "t2B": 2.0, "t3B": 4.0, "c1A": 1.0, "c2A": 3.0}))
    assert reasons(rows) == {("all", "all"): "1 treated clusters; at least 2 are needed"}
    assert diagnostics(rows)["all", "treated_share_left_out"] == pytest.approx(2 / 3, abs=ROUNDING)


def test_no_stratum_with_both_groups():
    """The outcome is there in both rounds; what is missing is a stratum with both groups."""
    table = stratified({"t1A": 3.0, "t2A": 5.0, "c1B": 1.0, "c2B": 2.0})
    rows = by_stratum(table)
    assert reasons(rows) == {("all", "all"): "no place has clusters of both groups"}
    assert diagnostics(rows)["all", "treated_share_left_out"] == 1.0


def test_a_village_without_a_stratum_and_a_design_of_one_round_are_refused():
    table = stratified(IN_A | IN_B)
    table.loc[table["village"] == "c1A", "place"] = None
    with pytest.raises(EstimationError, match="1 clusters have no place"):
        by_stratum(table)
    with pytest.raises(EstimationError, match="two rounds"):
        by_stratum(stratified(IN_A | IN_B), specification=ANCOVA)


# ---- controls


def twin(table, columns):
    """Effect and jackknife SE with given control columns, village dummies and equal weights."""
    weight = equal_weights(table).to_numpy()
    treated, post = table["arm"] == "treated", table["round"] == "endline"
    fixed = np.column_stack([treated & post, post, *columns]).astype(float)

    def effect(rows):
        X = np.column_stack([fixed[rows], cluster_dummies(table["village"][rows])])
        return least_squares(X, table["y"].to_numpy()[rows], weight[rows])[0]

    whole = effect(np.ones(len(table), bool))
    names = table["village"].unique()
    without = np.array([effect((table["village"] != v).to_numpy()) for v in names])
    factor = (len(names) - 1) / len(names)
    return whole, np.sqrt(factor * np.sum((without - whole) ** 2))


def assert_is_twin(rows, table, columns, sample="all"):
    expected, error = twin(table, columns)
    record = estimates(rows)[sample, "cv3"]
    assert record.estimate == pytest.approx(expected, abs=1e-10)
    assert record.std_error == pytest.approx(error, abs=1e-10)


def test_numbers_enter_as_they_are_and_names_as_dummies():
    table = panel(3)
    rows = controls(case(table, "controls", variables=("age", "region")))
    region = [table["region"] == value for value in ("hill", "plain")]
    assert_is_twin(rows, table, [table["age"], *region])
    assert diagnostics(rows) == {
        ("all", "controls_used"): 3,
        ("all", "controls_left_out"): 0,
        ("all", "rows_without_control"): 0,
    }


def test_rows_without_a_control_are_counted_and_weights_taken_anew():
    table = panel(3)
    table.loc[table.index % 10 == 0, "age"] = np.nan
    rows = controls(case(table, "controls", variables=("age",)))
    gone = int(table["age"].isna().sum())
    assert diagnostics(rows)["all", "rows_without_control"] == gone
    kept = table[table["age"].notna()].reset_index(drop=True)
    assert estimates(rows)["all", "cv3"].n == len(kept)
    assert_is_twin(rows, kept, [kept["age"]])


@pytest.mark.parametrize(
    ("gone", "part"),
    [
        ({}, "round baseline"),
        ({"round": "endline"}, "round endline"),
        ({"arm": "comparison"}, "the comparison group"),
        ({"arm": "treated"}, "the treatment group"),
    ],
)
def test_a_control_that_is_missing_throughout_is_said(gone, part):
    table = panel(3).assign(asked_by="e1")
    rows = np.ones(len(table), dtype=bool)
    for name, value in gone.items():
        rows &= (table[name] == value).to_numpy()
    table.loc[rows, "asked_by"] = None
    made = case(table, "controls", study=FIELDWORK, variables=("age", "asked_by"))
    assert reasons(controls(made)) == {
        ("all", "all"): f"asked_by is missing in every interview of {part}"
    }


def test_dates_that_are_missing_throughout_are_said_by_their_name():
    table = panel(3).assign(asked_on=pd.NaT)
    made = case(table, "controls", study=FIELDWORK, variables=("interview_month",))
    assert reasons(controls(made)) == {
        ("all", "all"): "asked_on is missing in every interview of round baseline"
    }


def test_controls_that_others_already_say_are_left_out():
    """Twice the age says nothing new, nor does what is fixed for a village or for a round."""
    table = panel(3)
    table = table.assign(
        twice=2.0 * table["age"], place=table["village"].str[-1], tool=table["round"].str[0]
    )
    rows = controls(case(table, "controls", variables=("age", "twice", "place", "tool")))
    assert_is_twin(rows, table, [table["age"]])
    # nine digits after the first, and one of two tools
    assert diagnostics(rows)["all", "controls_used"] == 1
    assert diagnostics(rows)["all", "controls_left_out"] == 1 + 9 + 1


def test_a_covariate_of_the_primary_regression_is_not_entered_twice():
    specification = dataclasses.replace(DID, covariates=("age",))
    rows = controls(
        case(panel(3), "controls", specification=specification, variables=("age", "region"))
    )
    plain = controls(case(panel(3), "controls", variables=("age", "region")))
    assert diagnostics(rows)["all", "controls_used"] == 2
    assert numbers(estimates(rows)["all", "cv3"]) == pytest.approx(
        numbers(estimates(plain)["all", "cv3"]), abs=1e-9
    )


def test_no_control_that_varies():
    """A survey in one mode has nothing to hold fixed; the row says so."""
    rows = controls(case(panel(3).assign(mode="in person"), "controls", variables=("mode",)))
    assert not estimates(rows)
    assert "no control varies" in reasons(rows)["all", "all"]
    assert diagnostics(rows)["all", "controls_used"] == 0


def test_controls_that_determine_the_effect():
    """Every treated endline interview by telephone: mode and programme cannot be told apart."""
    table = panel(3)
    by_phone = (table["arm"] == "treated") & (table["round"] == "endline")
    rows = controls(
        case(table.assign(phone=by_phone.astype(float)), "controls", variables=("phone",))
    )
    assert not estimates(rows)
    assert "determine the effect" in reasons(rows)["all", "all"]


def test_a_control_seen_in_one_village_is_left_out():
    """Without that village it could not be determined; the others stay."""
    table = panel(3)
    language = np.where((table["village"] == "v02") & (table["age"] > 50), "other", table["region"])
    rows = controls(case(table.assign(language=language), "controls", variables=("language",)))
    assert diagnostics(rows)["all", "controls_used"] == 2
    assert diagnostics(rows)["all", "controls_left_out"] == 1
    assert_is_twin(rows, table, [language == "hill", language == "plain"])


# ---- enumerators and months


def teams(table, pairs):
    """Every village's interviews in turn by the two enumerators of its team, in both rounds."""
    number = table["village"].str[1:].astype(int)
    second = table.groupby(["village", "round"]).cumcount() % 2
    codes = [pairs[n % len(pairs)][s] for n, s in zip(number, second, strict=True)]
    return table.assign(asked_by=codes)


@pytest.mark.truth
def test_enumerators_identified_within_village_and_round():
    """Two teams of two: one difference in each is identified, 4 - 2 = 2 effects.

    E1 is the reference by order; E2 is told from E1, E3 from E4, and no team from the other.
    """
    table = teams(panel(3), [("E1", "E2"), ("E3", "E4")])
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("asked_by",)))
    assert diagnostics(rows)[WITHIN, "controls_used"] == 2
    assert diagnostics(rows)[WITHIN, "controls_left_out"] == 1
    assert_is_twin(rows, table, [table["asked_by"] == "E2", table["asked_by"] == "E3"], WITHIN)


def test_levels_of_teams_are_adjusted_for_with_all_enumerators():
    """Another team at endline in three treated villages and one other: its level goes.

    Team E3 and E4 takes over from E1 and E2 there and obtains answers 5 points higher. Comparing
    inside villages and rounds leaves that level in the estimate; with all enumerators' effects it
    goes, and three of them are told from villages and rounds.
    """
    table = teams(panel(3), [("E1", "E2")])
    of_arm = {arm: sorted(set(part)) for arm, part in table.groupby("arm")["village"]}
    chosen = [*of_arm["treated"][:3], of_arm["comparison"][0]]
    late = (table["round"] == "endline") & table["village"].isin(chosen)
    others = {"E1": "E3", "E2": "E4"}
    table.loc[late, "asked_by"] = table.loc[late, "asked_by"].map(others)
    table.loc[late, "y"] += 5.0
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("asked_by",)))
    every = [table["asked_by"] == name for name in ("E2", "E3", "E4")]
    assert_is_twin(rows, table, every, EVERYONE)
    used = {key: n for key, n in diagnostics(rows).items() if key[1].startswith("controls")}
    assert used == {
        (WITHIN, "controls_used"): 2,
        (WITHIN, "controls_left_out"): 1,
        (EVERYONE, "controls_used"): 3,
        (EVERYONE, "controls_left_out"): 0,
    }
    alike = table.assign(y=table["y"] - 5.0 * late)
    without = controls(case(alike, "controls", study=FIELDWORK, variables=("asked_by",)))
    moved = [estimates(r)[s, "cv3"].estimate for r in (rows, without) for s in (WITHIN, EVERYONE)]
    assert moved[1] == pytest.approx(moved[3], abs=ROUNDING)
    assert abs(moved[0] - moved[2]) > 1.0


def test_an_enumerator_of_one_village_goes_with_the_village_in_the_jackknife():
    """E9 asked in v00 at endline alone: without v00 the effect of E9 is not determined, nor needed.

    The twin takes the least-norm solution, in which the effect is the same as in any other.
    """
    table = teams(panel(3), [("E1", "E2")])
    nine = (table["village"] == "v00") & (table["asked_by"] == "E2") & (table["round"] == "endline")
    table.loc[nine, "asked_by"] = "E9"
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("asked_by",)))
    weight = np.sqrt(equal_weights(table).to_numpy())
    treated, post = table["arm"] == "treated", table["round"] == "endline"
    columns = [treated & post, post, table["asked_by"] == "E2", table["asked_by"] == "E9"]
    X = np.column_stack([*columns, cluster_dummies(table["village"])]) * weight[:, None]
    y = table["y"].to_numpy() * weight

    def effect(kept):
        return np.linalg.lstsq(X[kept], y[kept], rcond=1e-10)[0][0]

    names = table["village"].unique()
    whole = effect(np.ones(len(table), bool))
    without = np.array([effect((table["village"] != v).to_numpy()) for v in names])
    error = np.sqrt((len(names) - 1) / len(names) * np.sum((without - whole) ** 2))
    record = estimates(rows)[EVERYONE, "cv3"]
    assert diagnostics(rows)[EVERYONE, "controls_used"] == 2
    assert record.estimate == pytest.approx(whole, abs=1e-10)
    assert record.std_error == pytest.approx(error, abs=1e-10)


def test_enumerators_who_never_share_a_village_and_round_are_not_entered():
    """One enumerator a cell: teams that change between the rounds must not eat the effect."""
    table = panel(3)
    alone = table["arm"].str[0] + table["round"].str[0]
    study = case(table.assign(asked_by=alone), "controls", study=FIELDWORK, variables=("asked_by",))
    rows = controls(study)
    assert "no control varies" in reasons(rows)[WITHIN, "all"]
    assert diagnostics(rows)[WITHIN, "controls_left_out"] == 3
    assert "determine the effect" in reasons(rows)[EVERYONE, "all"]


def test_an_enumerator_compared_in_one_village_only_is_left_out():
    """E9 worked with others in v00 alone; E2 stays, compared with E1 everywhere else."""
    table = teams(panel(3), [("E1", "E2")])
    nine = (table["village"] == "v00") & (table["asked_by"] == "E2")
    table.loc[nine, "asked_by"] = "E9"
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("asked_by",)))
    assert diagnostics(rows)[WITHIN, "controls_used"] == 1
    assert_is_twin(rows, table, [table["asked_by"] == "E2"], WITHIN)


def monthly(table, late=()):
    """Baseline in January and February 2021, endline in January to March 2024 by turns."""
    turn = table.groupby(["village", "round"]).cumcount()
    post = (table["round"] == "endline").to_numpy()
    dates = np.where(
        post,
        pd.to_datetime("2024-01-10") + pd.to_timedelta(30 * (turn % 3), unit="D"),
        pd.to_datetime("2021-01-10") + pd.to_timedelta(30 * (turn % 2), unit="D"),
    )
    asked = pd.Series(pd.DatetimeIndex(dates), index=table.index)
    asked[post & table["village"].isin(late).to_numpy() & (turn == 0).to_numpy()] = pd.Timestamp(
        "2024-05-01"
    )
    return table.assign(asked_on=asked)


def month_columns(table):
    label = table["asked_on"].dt.strftime("%Y-%m")
    return [label == m for m in ("2021-02", "2024-02", "2024-03")]


def test_months_of_interview_within_rounds():
    """The first month of each round is the reference: a column for each other month."""
    table = monthly(panel(3))
    assert sorted(table["asked_on"].dt.strftime("%Y-%m").unique()) == [
        "2021-01",
        "2021-02",
        "2024-01",
        "2024-02",
        "2024-03",
    ]
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("interview_month",)))
    assert_is_twin(rows, table, month_columns(table))
    assert diagnostics(rows)["all", "controls_used"] == 3
    assert diagnostics(rows)["all", "controls_left_out"] == 0


@pytest.mark.parametrize(("late", "used"), [(("v01", "v08"), 3), (("v01", "v05", "v08"), 4)])
def test_a_month_of_few_villages_counts_with_the_month_before(late, used):
    """The study's minimum is three villages: May of two of them is March."""
    table = monthly(panel(3), late)
    columns = month_columns(table)
    may = table["asked_on"] == "2024-05-01"
    columns = [*columns[:2], columns[2] | may] if used == 3 else [*columns, may]
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("interview_month",)))
    assert diagnostics(rows)["all", "controls_used"] == used
    assert_is_twin(rows, table, columns)


def test_a_first_month_of_few_villages_counts_with_the_next():
    table = monthly(panel(3))
    early = (table["village"] == "v04") & (table["asked_on"] == "2024-01-10")
    table.loc[early, "asked_on"] = pd.Timestamp("2023-12-20")
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("interview_month",)))
    assert_is_twin(rows, table, month_columns(table))


def test_undated_interviews_are_counted_and_dates_are_needed():
    table = monthly(panel(3))
    table.loc[[4, 40], "asked_on"] = pd.NaT
    rows = controls(case(table, "controls", study=FIELDWORK, variables=("interview_month",)))
    assert diagnostics(rows)["all", "rows_without_control"] == 2
    with pytest.raises(EstimationError, match="no interview dates"):
        controls(case(table, "controls", variables=("interview_month",)))
    with pytest.raises(EstimationError, match="no column nothing"):
        controls(case(table, "controls", variables=("nothing",)))


def test_inputs_are_not_changed():
    table = teams(monthly(panel(3)), [("E1", "E2")])
    before = table.copy()
    made = case(
        table,
        "controls",
        study=FIELDWORK,
        variables=("interview_month", "asked_by"),
        date=datetime.date(2024, 1, 1),
    )
    controls(made)
    pd.testing.assert_frame_equal(table, before)
