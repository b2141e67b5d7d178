"""One pass for all outcomes against one regression at a time from rows."""

import dataclasses
import types

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.regression import cross_products as products_module
from evaluation.estimation.regression import design, panel_products
from evaluation.estimation.regression.rows import Labels
from tests.estimation.studies import ANCOVA, DID, FACTORIAL, STUDY, outcome, panel

# The same sums over at most 500 rows in another order and about another point: gaps observed
# below 1e-13 of the largest entry of a cluster's matrix.
ROUNDING = 1e-11
OUTCOMES = tuple(outcome(name) for name in ("y", "z", "rare", "level"))


def table(seed=30):
    """Outcomes with gaps of their own; `rare` misses a village's endline and half of the rest."""
    rng = np.random.default_rng(seed)
    given = panel(seed, clusters=14)
    place = given["village"].str[1:].astype(int)
    seen = (rng.random(len(given)) > 0.5) & ~((place == 3) & (given["round"] == "endline"))
    given = given.assign(
        rare=given["y"].where(seen) ** 2,
        level=1e7 + given["y"],
        subregion=place.mod(3).map({0: "coast", 1: "hills", 2: "plain"}),
        region=given["region"].where(~((given["region"] == "coast") & seen), "hill"),
    )
    given["age"] = given["age"].where(rng.random(len(given)) > 0.04)
    return given


SPECIFICATIONS = {
    "equal": DID,
    "respondents": dataclasses.replace(DID, estimand="respondents"),
    "population": dataclasses.replace(DID, estimand="population", weights="none"),
    "covariates": dataclasses.replace(DID, covariates=("region", "age"), weights="inverse:weight"),
    "unweighted": dataclasses.replace(DID, covariates=("region", "age"), weights="none"),
    "counted": dataclasses.replace(DID, estimand="respondents", weights="none"),
    "counted covariates": dataclasses.replace(
        DID, estimand="respondents", covariates=("region", "age"), weights="none"
    ),
    "strata": dataclasses.replace(DID, strata_round="subregion", covariates=("age",)),
    "inverse": dataclasses.replace(DID, estimand="respondents", weights="inverse:weight"),
    "panel": dataclasses.replace(DID, sample="panel_members", covariates=("region",)),
}


def collected(given, specification, study=STUDY, outcomes=OUTCOMES):
    return panel_products.collect(given, specification, outcomes=outcomes, study=study)


def assert_same(found, built):
    """Every field of a regression from cells against the one from rows."""
    expected = built.accumulate()
    blocks = found.accumulate()
    assert (blocks.clusters, blocks.columns) == (expected.clusters, expected.columns)
    assert (found.column, found.one_round) == (built.column, built.one_round)
    assert found.incomplete == built.incomplete
    assert found.clusters_treated == built.clusters_treated
    assert found.clusters_comparison == built.clusters_comparison
    np.testing.assert_array_equal(blocks.counts, expected.counts)
    assert blocks.counts.dtype == expected.counts.dtype == np.int64
    scale = np.abs(expected.products).max(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(blocks.products / scale, expected.products / scale, atol=ROUNDING)
    assert found.baseline_mean == pytest.approx(built.baseline_mean, rel=1e-12)
    assert found.baseline_sd == pytest.approx(built.baseline_sd, rel=1e-9)


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_each_outcome_equals_its_own_regression_from_rows(name):
    """Source: `design.build`, which the tests of the estimator hold against explicit dummies."""
    given, specification = table(), SPECIFICATIONS[name]
    found = collected(given, specification)
    for one in OUTCOMES:
        built = design.build(given, specification, outcome=one, study=STUDY)
        assert_same(found.regression(one.id), built)
    assert "v03" in found.regression("rare").one_round
    assert (found.regression("y").incomplete > 0) == ("age" in specification.covariates)


@pytest.mark.parametrize("name", ["covariates", "unweighted", "counted", "counted covariates"])
def test_an_outcome_alone_has_the_sums_it_has_among_others(name):
    """Identity; few columns are multiplied in another way than many."""
    given, specification = table(), SPECIFICATIONS[name]
    together = collected(given, specification)
    for one in OUTCOMES:
        found = collected(given, specification, outcomes=(one,)).regression(one.id).accumulate()
        expected = together.regression(one.id).accumulate()
        scale = np.abs(expected.products).max(axis=(2, 3), keepdims=True)
        np.testing.assert_allclose(found.products / scale, expected.products / scale, atol=ROUNDING)


@pytest.mark.parametrize("estimand", ["respondents", "equal"])
@pytest.mark.parametrize("covariates", [(), ("region", "age")])
def test_no_weights_are_weights_of_one(estimand, covariates):
    """Identity: without weights their powers are summed once instead of three times."""
    specification = dataclasses.replace(
        DID, estimand=estimand, covariates=covariates, weights="none"
    )
    weighted = dataclasses.replace(specification, weights="weight")
    given = table().assign(weight=1.0)
    for one in OUTCOMES:
        found, expected = (
            collected(given, s).regression(one.id) for s in (specification, weighted)
        )
        assert found.blocks.products.shape == expected.blocks.products.shape
        scale = np.abs(expected.blocks.products).max(axis=(2, 3), keepdims=True)
        np.testing.assert_allclose(
            found.blocks.products / scale, expected.blocks.products / scale, atol=ROUNDING
        )
        assert found.baseline_mean == pytest.approx(expected.baseline_mean, rel=1e-12)
        assert found.baseline_sd == pytest.approx(expected.baseline_sd, rel=1e-9)


def test_a_categorical_column_says_what_its_text_says():
    """By hand: rows hold b, nothing and a; c is a category that no row holds."""
    text = pd.Series(["b", None, "a"])
    for labels in (Labels.of(text), Labels.of(text.astype(pd.CategoricalDtype(["c", "b", "a"])))):
        assert labels.flags(["b", "c"]).tolist() == [True, False, False]
        assert labels.take(np.array([2, 1])).flags(["a"]).tolist() == [True, False]
        assert labels.codes.tolist()[1] == -1


def test_categories_that_no_row_holds_are_no_mistake():
    """A cluster id that reads as another, and an arm that the study does not know."""
    given = table().replace({"village": {"v01": "7"}})
    expected = collected(given, DID)
    held = {name: list(given[name].unique()) for name in ("village", "arm")}
    categories = {"village": [*held["village"], 7], "arm": [*held["arm"], "unknown"]}
    stored = given.assign(
        **{name: pd.Categorical(given[name], categories=c) for name, c in categories.items()}
    )
    found = collected(stored, DID)
    assert found.clusters == expected.clusters
    assert np.array_equal(found.sums.products, expected.sums.products)
    stored.loc[3, "village"] = 7
    with pytest.raises(EstimationError, match="two different values of village read as 7"):
        collected(stored, DID)
    spoilt = stored.assign(village=given["village"])
    spoilt.loc[3, "arm"] = "unknown"
    with pytest.raises(EstimationError, match="unknown arm unknown"):
        collected(spoilt, DID)


def test_four_arms_with_a_treatment_held_fixed():
    given = table()
    arms = np.array(["neither", "meetings", "leaflets", "both"], dtype=object)
    given["arm"] = arms[given["village"].str[1:].astype(int) % 4]
    specification = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    found = collected(given, specification, FACTORIAL)
    for one in OUTCOMES:
        built = design.build(given, specification, outcome=one, study=FACTORIAL)
        assert_same(found.regression(one.id), built)


def test_all_inference_steps_agree():
    """A regression from cells stands wherever one from rows does."""
    given, specification = table(), SPECIFICATIONS["covariates"]
    draws = bootstrap.draws(given["village"].unique(), number=199, seed=3)
    built = design.build(given, specification, outcome=OUTCOMES[1], study=STUDY)
    rows = steps.analyse(built, DID.steps, draws=draws)
    found = collected(given, specification).regression("z")
    quick = steps.analyse(found, DID.steps, draws=draws)
    for step in DID.steps:
        assert quick.steps[step].estimate == pytest.approx(rows.steps[step].estimate, rel=1e-10)
        assert quick.steps[step].std_error == pytest.approx(rows.steps[step].std_error, rel=1e-9)
        assert quick.steps[step].p_value() == pytest.approx(rows.steps[step].p_value(), abs=1e-9)


@pytest.mark.parametrize("name", ["equal", "covariates"])
@pytest.mark.parametrize("rows_per_block", [7, 64, 250, 1_000])
def test_the_size_of_blocks_changes_nothing(monkeypatch, rows_per_block, name):
    given, specification = table(), SPECIFICATIONS[name]
    whole = collected(given, specification)
    monkeypatch.setattr(products_module, "_ROWS", rows_per_block)
    parts = collected(given, specification)
    for one_id in whole.outcomes:
        expected, found = whole.regression(one_id), parts.regression(one_id)
        assert found.baseline_sd == pytest.approx(expected.baseline_sd, rel=1e-10)
        one, other = expected.blocks, found.blocks
        scale = np.abs(one.products).max(axis=(2, 3), keepdims=True)
        np.testing.assert_allclose(other.products / scale, one.products / scale, atol=ROUNDING)


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_the_number_of_workers_changes_not_a_bit(monkeypatch, workers):
    given, specification = table(), SPECIFICATIONS["covariates"]
    monkeypatch.setattr(products_module, "_ROWS", 32)
    expected = collected(given, specification).sums
    monkeypatch.setattr(products_module, "_WORKERS", workers)
    found = collected(given, specification).sums
    for name in ("products", "absent", "squares"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_a_village_without_any_answer_is_in_neither_list():
    """It was seen in no round, so it is not one that was seen in one round only."""
    given = table().assign(y=lambda t: t["y"].mask(t["village"] == "v05"))
    built = design.build(given, DID, outcome=OUTCOMES[0], study=STUDY)
    found = collected(given, DID).regression("y")
    assert_same(found, built)
    assert found.one_round == ()
    assert len(found.blocks.clusters) == 13


def test_a_village_of_one_interview_and_one_without_covariates():
    """The one was seen in one round only; the other is in no regression on age."""
    given, specification = table(), SPECIFICATIONS["strata"]
    lonely = given[given["village"] == "v06"].index[1:]
    given = given.drop(index=lonely).reset_index(drop=True)
    given["age"] = given["age"].fillna(40.0).mask(given["village"] == "v13")
    found = collected(given, specification)
    assert found.where == f"specification {specification.id}"
    for one in OUTCOMES[:2]:
        built = design.build(given, specification, outcome=one, study=STUDY)
        assert_same(found.regression(one.id), built)
    assert found.regression("y").one_round == ("v06",)
    assert found.clusters == tuple(f"v{g:02d}" for g in range(13))


def test_a_category_of_one_respondent_has_its_own_column():
    given, specification = table(), SPECIFICATIONS["covariates"]
    given.loc[given.index[given["age"].notna() & given["y"].notna()][7], "region"] = "island"
    built = design.build(given, specification, outcome=OUTCOMES[0], study=STUDY)
    found = collected(given, specification).regression("y")
    assert_same(found, built)
    assert "region=island" in found.blocks.columns


def test_the_order_of_rows_changes_nothing():
    """Identity, for dummies too: which category is left out does not depend on who comes first."""
    given, specification = table(), SPECIFICATIONS["covariates"]
    one, other = (
        collected(t, specification).regression("y").accumulate() for t in (given, given.iloc[::-1])
    )
    assert other.columns == one.columns
    scale = np.abs(one.products).max(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(other.products / scale, one.products / scale, atol=ROUNDING)


@pytest.mark.parametrize("kind", ["Int64", "boolean"])
def test_nullable_whole_numbers_and_answers_are_read_as_numbers(kind):
    """A missing one is missing, as NaN is in a column of floats."""
    given = table().assign(y=lambda t: (t["y"] > t["y"].median()).astype(float))
    given["y"] = given["y"].where(given.index % 7 != 0)
    stored = given.assign(y=given["y"].astype(kind))
    one, two = (collected(t, DID).regression("y").accumulate() for t in (given, stored))
    np.testing.assert_array_equal(two.products, one.products)


def test_an_infinite_outcome_of_a_row_that_is_not_used_does_not_matter():
    """Here of those without an age, which a regression on age leaves out."""
    given, specification = table(), SPECIFICATIONS["covariates"]
    expected = collected(given, specification).regression("y").accumulate()
    spoilt = given.assign(y=given["y"].mask(given["age"].isna(), -np.inf))
    found = collected(spoilt, specification).regression("y").accumulate()
    np.testing.assert_array_equal(found.products, expected.products)


def test_an_infinite_outcome_of_a_row_that_is_used_is_counted():
    """Here of two rows with an age, beside those without one, which do not count."""
    given, specification = table(), SPECIFICATIONS["covariates"]
    rows = given.index[given["age"].notna()][[3, 8]]
    infinite = given["age"].isna() | given.index.isin(rows)
    with pytest.raises(EstimationError, match="2 rows have an infinite y"):
        collected(given.assign(y=given["y"].mask(infinite, np.inf)), specification)


def test_the_first_answer_of_a_cluster_is_found():
    """By hand: first cluster nothing, 5, 7; second is not asked for; third has no answers."""
    values = np.array([1.0, np.nan, 5.0, 3.0, 7.0, 9.0, np.nan, np.nan])
    rows = np.array([1, 2, 4, 5, 6, 7])
    chosen = types.SimpleNamespace(rows=rows, cluster=np.array([0, 0, 0, 1, 2, 2]))
    wanted = np.array([True, False, True])
    assert panel_products._first(values, wanted, chosen).tolist() == [5.0, 0.0, 0.0]
    chosen.rows = None
    assert panel_products._first(values[rows], wanted, chosen).tolist() == [5.0, 0.0, 0.0]


def first_of(t):
    return ~t["village"].duplicated()


def last_of(t):
    return ~t["village"].duplicated(keep="last")


def unseen(t):
    """Every third row, the first and last of each village among them."""
    return first_of(t) | last_of(t) | (t.index % 3 == 0)


@pytest.mark.parametrize("name", ["equal", "covariates", "respondents"])
@pytest.mark.parametrize("column", ["weight", "age"])
@pytest.mark.parametrize("size", [1e6, 1e15])
def test_rows_without_the_outcome_do_not_drown_the_others(name, column, size):
    """They are taken away from sums over all rows, of which nothing else may then be left.

    Source: the same regression with these rows deleted. The number 1e6 leaves ten of 16 digits
    where nothing is summed anew, 1e15 none.
    """
    given = table().fillna({"age": 40.0})
    gone = unseen(given)
    given = given.assign(y=given["y"].mask(gone), **{column: given[column].mask(gone, size)})
    specification = dataclasses.replace(SPECIFICATIONS[name], weights="weight")
    found = collected(given, specification).regression("y")
    kept = given[~gone].reset_index(drop=True)
    assert_same(found, design.build(kept, specification, outcome=OUTCOMES[0], study=STUDY))


@pytest.mark.parametrize("gone", [unseen, first_of, last_of])
def test_a_village_of_large_values_whose_ends_are_missing_keeps_its_digits(gone):
    """Its own first answer is subtracted, or the end that is there, not another village's.

    1e13 is stored to 1e-3, so the outcome is made of multiples of 1/256 and every sum around a
    near point is exact: the same regression at level zero, to rounding.
    """
    given = table().assign(y=lambda t: np.round(256 * t["y"]) / 256)
    given["y"] = given["y"].mask(gone(given))
    high = given.assign(y=given["y"] + 2.0**43 * (given["village"] == "v05"))
    expected, found = (collected(t, DID).regression("y").accumulate() for t in (given, high))
    scale = np.abs(expected.products).max(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(found.products / scale, expected.products / scale, atol=ROUNDING)


def test_categorical_ids_integers_and_nullable_outcomes():
    """How a column is stored changes nothing."""
    given = table()
    stored = given.assign(
        village=given["village"].astype("category"),
        arm=given["arm"].astype("category"),
        rare=given["rare"].astype("Float64"),
    )
    one, two = (collected(t, DID).regression("rare").accumulate() for t in (given, stored))
    assert one.clusters == two.clusters
    np.testing.assert_array_equal(one.products, two.products)


def test_the_population_is_called_as_the_study_says():
    """Under another name, and by its plain name where the study gives none."""
    given, specification = table(), SPECIFICATIONS["population"]
    expected = collected(given, specification).regression("y").accumulate()
    for name, kept in (("people", "people"), (None, "population")):
        columns = dataclasses.replace(STUDY.columns, population=name)
        study = dataclasses.replace(STUDY, columns=columns)
        renamed = given.rename(columns={"population": kept})
        found = collected(renamed, specification, study).regression("y").accumulate()
        np.testing.assert_array_equal(found.products, expected.products)


def test_inputs_are_not_changed():
    given = table()
    before = given.copy(deep=True)
    collected(given, SPECIFICATIONS["covariates"]).regression("rare").accumulate()
    assert given.equals(before)


def test_rows_whose_weight_is_never_used_do_not_matter():
    """A missing weight where no outcome is observed is nobody's; elsewhere it is refused."""
    given = table()
    given.loc[4, [one.id for one in OUTCOMES]] = np.nan
    given.loc[4, "weight"] = np.nan
    found = collected(given, DID).regression("y").accumulate()
    assert found.n == int(given["y"].notna().sum())
    dropped = (
        collected(given.drop(index=4).reset_index(drop=True), DID).regression("y").accumulate()
    )
    scale = np.abs(dropped.products).max(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(found.products / scale, dropped.products / scale, atol=ROUNDING)
    # nor does that of a row which a missing covariate leaves out
    specification = SPECIFICATIONS["covariates"]
    row = given.index[given["age"].isna() & given["y"].notna()][0]
    before = collected(given, specification).regression("y").accumulate()
    spoilt = given.assign(weight=given["weight"].mask(given.index == row))
    np.testing.assert_array_equal(
        collected(spoilt, specification).regression("y").accumulate().products, before.products
    )
    given.loc[5, "weight"] = -3.0
    with pytest.raises(EstimationError, match="1 rows have a weight that is missing, zero, neg"):
        collected(given, DID)


def two_arms_in_a_village(t):
    moved = (t["village"] == "v01") & (t["round"] == "endline")
    return t.assign(arm=t["arm"].mask(moved, "comparison"))


def one_row_in_another_arm(t):
    """The last of a village's rows."""
    moved = (t["village"] == "v02") & last_of(t)
    other = "comparison" if (t.loc[moved, "arm"] == "treated").all() else "treated"
    return t.assign(arm=t["arm"].mask(moved, other))


@pytest.mark.parametrize(
    ("spoil", "changes", "message"),
    [
        (two_arms_in_a_village, {}, "cluster v01 is in more than one arm"),
        (one_row_in_another_arm, {}, r"cluster v02 is in more than one arm \(1 such"),
        (lambda t: t.assign(y=t["y"].where(t["round"] == "endline")), {}, "round baseline"),
        (lambda t: t.assign(y=2.5), {}, "the same value in every row"),
        (lambda t: t.assign(y=t["y"].astype(str)), {}, "y is not numeric"),
        (lambda t: t.drop(columns="z"), {}, "no column z"),
        (lambda t: t.drop(columns="round"), {}, "no column round"),
        (lambda t: t.assign(weight=t["weight"].astype(str)), {}, "weight is not numeric"),
        (
            lambda t: t.assign(population=t["population"].astype(str)),
            {"estimand": "population"},
            "population is not numeric",
        ),
        (lambda t: t[(t["arm"] == "comparison") | (t["village"] == "v00")], {}, "1 treated clus"),
        (lambda t: t[t["arm"] == "treated"], {}, "no rows of an arm without any treatment"),
        (lambda t: t.assign(village=t["village"].mask(t.index == 2)), {}, "1 rows have no village"),
        (lambda t: t, {"covariates": ("population",)}, "constant within clusters: population"),
        (lambda t: t, {"strata_round": "region"}, "region differs within"),
        (
            lambda t: t.assign(age=t["age"].fillna(np.inf)),
            {"covariates": ("age",)},
            "missing or infinite values in age",
        ),
        (
            lambda t: t.assign(population=t["population"].mask(t.index == 3, 5.0)),
            {"estimand": "population"},
            "population differs within a cluster",
        ),
        (
            lambda t: t.assign(population=-1.0),
            {"estimand": "population"},
            "population is missing or not positive",
        ),
    ],
)
def test_bad_input_is_named(spoil, changes, message):
    with pytest.raises(EstimationError, match=message):
        collected(spoil(table()), dataclasses.replace(DID, **changes)).regression("y").accumulate()


@pytest.mark.parametrize(
    ("spoil", "outcome"),
    [
        (lambda t: t.assign(y=t["y"].where(t["round"] == "endline")), "y"),
        (lambda t: t.assign(y=2.5), "y"),
        (lambda t: t.assign(z=2.5), "z"),
        (lambda t: t[(t["arm"] == "comparison") | (t["village"] == "v00")], "y"),
        (lambda t: t[t["arm"] == "treated"], "y"),
        (lambda t: t, "q"),
    ],
)
def test_an_error_about_one_outcome_names_it(spoil, outcome):
    with pytest.raises(EstimationError) as caught:
        collected(spoil(table()), DID).regression(outcome)
    assert caught.value.where == f"specification {DID.id}, outcome {outcome}"
    assert caught.value.rule == "sample"


def test_an_outcome_alike_within_each_village_still_varies():
    """No squares around each village's own first answer, but villages differ."""
    given = table().assign(y=lambda t: t["village"].str[1:].astype(float))
    assert not collected(given, DID).regression("y").accumulate().products[..., -1].any()


def test_an_outcome_of_villages_with_the_same_ends_still_varies():
    """Every village begins with zero and ends with one, so that all are less the same value."""
    given = table().assign(y=lambda t: np.where(first_of(t), 0.0, np.where(last_of(t), 1.0, 5.0)))
    given.loc[given.index % 4 == 1, "y"] = given["y"] + 0.25 * ~(first_of(given) | last_of(given))
    found = collected(given, DID).regression("y")
    assert_same(found, design.build(given, DID, outcome=OUTCOMES[0], study=STUDY))


def test_only_differences_in_differences_of_collected_outcomes():
    with pytest.raises(EstimationError, match="method did only") as caught:
        collected(table(), ANCOVA)
    assert caught.value.rule == "sample"
    with pytest.raises(EstimationError, match="it was not collected"):
        collected(table(), DID).regression("q").accumulate()
