"""Weights built from a design: worked by hand, laws, and errors."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.design_weights import (
    Sampled,
    _cells,
    base_weights,
    build,
    in_bands,
    margin_of,
    response_factors,
)
from evaluation.config.sampling import KnownMargin, Weighting
from evaluation.errors import EstimationError

PLAIN = Weighting(probabilities=("p_segment", "p_person"))


def interviews():
    """Two rural and two urban; base weights 8, 8, 20, 40."""
    return pd.DataFrame(
        {
            "p_segment": [0.25, 0.25, 0.1, 0.05],
            "p_person": [0.5, 0.5, 0.5, 0.5],
            "zone": ["rural", "rural", "urban", "urban"],
            "sex": [0.0, 1.0, 0.0, 1.0],
            "age": [18.0, 29.0, 30.0, 71.0],
        }
    )


def contacts():
    """Rural: 2 of 3 eligible were interviewed. Urban: 2 of 2, and one who is not eligible."""
    return Sampled(
        rows=pd.DataFrame(
            {
                "p_segment": [0.25, 0.25, 0.25, 0.1, 0.05, 0.1],
                "p_person": [0.5] * 6,
                "zone": ["rural"] * 3 + ["urban"] * 3,
            }
        ),
        eligible=np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0]),
    )


# ---- Building, by hand ---------------------------------------------------------------------------


def test_base_weights_are_one_over_the_product():
    """1 / (.25 x .5) = 8, 1 / (.1 x .5) = 20, 1 / (.05 x .5) = 40: exact but for 0.1 and 0.05."""
    found = build(interviews(), PLAIN, where="baseline")
    assert found.weights == pytest.approx([8.0, 8.0, 20.0, 40.0], rel=1e-15)
    assert (found.iterations, found.gap, found.n_cut) == (0, 0.0, 0)
    # without cells the contacts are not asked
    beside = build(interviews(), PLAIN, sampled=contacts(), where="baseline")
    assert (beside.weights == found.weights).all()


def test_probabilities_of_any_column_are_numbers():
    """Nullable numbers and plain objects are read as they stand; what is missing is counted."""
    names = list(PLAIN.probabilities)
    plain = build(interviews(), PLAIN, where="baseline").weights
    for kind in ("Float64", object):
        rows = interviews().astype(dict.fromkeys(names, kind))
        assert (build(rows, PLAIN, where="baseline").weights == plain).all()
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    known = contacts()
    given = dataclasses.replace(known, rows=known.rows.astype(dict.fromkeys(names, object)))
    found = build(interviews(), weighting, sampled=given, where="baseline").weights
    assert (found == build(interviews(), weighting, sampled=known, where="baseline").weights).all()


def test_nonresponse_by_hand():
    """Rural 24 sampled, 16 interviewed: factor 3/2. Urban 60 of 60: factor 1."""
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    found = build(interviews(), weighting, sampled=contacts(), where="baseline")
    assert found.weights == pytest.approx([12.0, 12.0, 20.0, 40.0], rel=1e-14)  # rounding


def test_unknown_eligibility_counts_by_its_share():
    """The third rural unit counts half: 8 + 8 + 4 of 16, factor 5/4."""
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    half = dataclasses.replace(contacts(), eligible=np.array([1.0, 1.0, 0.5, 1.0, 1.0, 0.0]))
    found = build(interviews(), weighting, sampled=half, where="baseline")
    assert found.weights == pytest.approx([10.0, 10.0, 20.0, 40.0], rel=1e-14)  # rounding


def test_a_sampled_unit_counts_by_its_own_weight():
    """The third rural unit was sampled with .5 x .5, weight 4: (8 + 8 + 4) / 16; urban by 1."""
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    other = contacts()
    other.rows.loc[2, "p_segment"] = 0.5
    found = build(interviews(), weighting, sampled=other, where="baseline")
    assert found.weights == pytest.approx([10.0, 10.0, 20.0, 40.0], rel=1e-14)  # rounding


def test_nothing_is_asked_of_who_is_not_eligible():
    """Neither a cell nor a probability."""
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    bare = contacts()
    bare.rows.loc[5, ["p_person", "zone"]] = None
    found = build(interviews(), weighting, sampled=bare, where="baseline")
    assert found.weights == pytest.approx([12.0, 12.0, 20.0, 40.0], rel=1e-14)  # rounding


def test_counts_need_no_probabilities_of_the_contacts():
    """Rural 3 units of 2 interviews; counted, not weighted."""
    weighting = dataclasses.replace(PLAIN, cells=("zone",), sampled="counts")
    bare = dataclasses.replace(contacts(), rows=contacts().rows[["zone"]])
    found = build(interviews(), weighting, sampled=bare, where="baseline")
    assert found.weights == pytest.approx([12.0, 12.0, 20.0, 40.0], rel=1e-14)  # rounding


def people(rows):
    return pd.DataFrame(rows, columns=["zone", "sex", "age", "people"])


def test_margins_by_hand():
    """Zones 60 and 40; groups of age 18 to 29, 30 and more: 60 and 40 too, so each zone is scaled.

    Rural 8 and 8 become 30 each. Urban 20 and 40 become 40/3 and 80/3.
    """
    weighting = dataclasses.replace(
        PLAIN,
        margin=(
            KnownMargin(id="by zone", variables=("zone",)),
            KnownMargin(id="by age", variables=("age",)),
        ),
        people="people",
        bands={"age": (18.0, 30.0)},
    )
    known = people(
        [
            ("rural", np.nan, np.nan, 60.0),
            ("urban", np.nan, np.nan, 40.0),
            (None, np.nan, 18.0, 60.0),
            (None, np.nan, 30.0, 40.0),
        ]
    )
    found = build(interviews(), weighting, people=known, where="baseline")
    assert found.weights == pytest.approx([30.0, 30.0, 40 / 3, 80 / 3], rel=1e-14)  # rounding


def test_crossed_margins_are_told_from_single_ones():
    weighting = dataclasses.replace(
        PLAIN,
        margin=(
            KnownMargin(id="zone", variables=("zone",)),
            KnownMargin(id="both", variables=("zone", "sex")),
        ),
        people="people",
    )
    known = people(
        [
            ("urban", np.nan, np.nan, 100.0),
            ("rural", np.nan, np.nan, 10.0),
            ("rural", 0.0, np.nan, 3.0),
            ("rural", 1.0, np.nan, 7.0),
            ("urban", 0.0, np.nan, 40.0),
            ("urban", 1.0, np.nan, 60.0),
        ]
    )
    one = margin_of(interviews(), weighting.margin[0], weighting, known)
    assert (one.cells, list(one.totals)) == (("urban", "rural"), [100.0, 10.0])
    assert list(one.codes) == [1, 1, 0, 0]
    both = margin_of(interviews(), weighting.margin[1], weighting, known)
    assert both.cells == ("rural x 0", "rural x 1", "urban x 0", "urban x 1")
    lost = interviews().assign(zone=["urban", None, "rural", "elsewhere"])
    codes = margin_of(lost, weighting.margin[0], weighting, known).codes
    assert codes.tolist() == [0, -1, 1, -1]
    assert margin_of(lost[:0], weighting.margin[0], weighting, known).codes.dtype == np.int64
    found = build(interviews(), weighting, people=known, where="baseline")
    assert found.weights == pytest.approx([3.0, 7.0, 40.0, 60.0], rel=1e-12)  # rounding


def test_a_bound_without_margins_cuts_and_keeps_the_total():
    """8 8 20 40, median 14, bound 2: 40 gives 12 to the others, 36 become 48."""
    found = build(interviews(), dataclasses.replace(PLAIN, bound=2.0), where="baseline")
    assert found.weights == pytest.approx([32 / 3, 32 / 3, 80 / 3, 28.0], rel=1e-14)  # rounding
    assert found.n_cut == 1


def test_file_of_margins_without_a_margin_leaves_the_cut_as_it_is():
    weighting = dataclasses.replace(PLAIN, bound=2.0)
    known = people([("rural", np.nan, np.nan, 60.0)])
    found = build(interviews(), weighting, people=known, where="baseline")
    assert found.weights == pytest.approx([32 / 3, 32 / 3, 80 / 3, 28.0], rel=1e-14)  # rounding


def test_margins_and_a_bound_by_hand():
    """Raked 30 30 20 40, median 30, bound 1.2: 36 at most, so 40 gives 4 to the other of its zone.

    The cut and the raking go on until 36 is passed by less than a millionth: 24 by 36e-6.
    """
    weighting = dataclasses.replace(
        PLAIN,
        margin=(KnownMargin(id="zone", variables=("zone",)),),
        people="people",
        bound=1.2,
    )
    known = people([("rural", np.nan, np.nan, 60.0), ("urban", np.nan, np.nan, 60.0)])
    found = build(interviews(), weighting, people=known, where="baseline")
    assert found.weights == pytest.approx([30.0, 30.0, 24.0, 36.0], abs=4e-5)
    assert found.n_cut == 1


def test_bands_begin_at_their_lower_end():
    rows = pd.DataFrame({"age": [17.9, 18.0, 29.99, 30.0, np.nan]})
    found = in_bands(rows, {"not_here": (1.0,), "age": (18.0, 30.0)})
    assert found["age"].dtype == np.float64
    assert found["age"].tolist()[1:4] == [18.0, 18.0, 30.0]
    assert found["age"].isna().tolist() == [True, False, False, False, True]
    assert rows["age"][0] == 17.9
    objects = pd.DataFrame({"age": pd.Series([18, pd.NA, 71], dtype=object)})
    banded = in_bands(objects, {"age": (18.0, 30.0)})["age"]
    assert banded.tolist()[::2] == [18.0, 30.0]
    assert math.isnan(banded[1])


def test_cells_are_numbers_whatever_column_held_them():
    rows = pd.DataFrame({"zone": [1, 2], "sex": pd.Series([1, 0], dtype="Int64")})
    assert repr(_cells(rows, ["zone", "sex"])) == "[(1.0, 1.0), (2.0, 0.0)]"


# ---- Errors of building --------------------------------------------------------------------------


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.1, np.nan, np.inf])
def test_a_probability_is_above_zero_and_up_to_one(chance):
    with pytest.raises(EstimationError, match="1 rows have a selection probability"):
        base_weights(np.array([[0.5, 1.0], [0.5, chance]]), "baseline")
    with pytest.raises(EstimationError, match="2 rows have a selection probability") as caught:
        base_weights(np.array([[chance, 1.0], [0.5, 1.0], [0.5, chance]]), "baseline")
    assert (caught.value.where, caught.value.rule) == ("baseline", "weights")


def test_a_wrong_probability_is_looked_for_where_it_stands():
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    wrong = contacts()
    wrong.rows.loc[2, "p_person"] = 0.0
    rows = interviews().assign(p_person=[0.5, 0.0, 0.5, 0.5])
    for given, where in ((rows, "round a"), (interviews(), "round a, contacts")):
        with pytest.raises(EstimationError, match="1 rows have a selection") as caught:
            build(given, weighting, sampled=wrong, where="round a")
        assert caught.value.where == where


def test_a_cell_without_interviews_is_named():
    with pytest.raises(EstimationError, match="cell `urban` was sampled and no one"):
        response_factors(
            [("rural",), ("urban",)],
            np.ones(2),
            interviewed=[("rural",)],
            base=np.ones(1),
            where="baseline",
        )


def test_cells_of_numbers_and_texts_are_told_apart():
    """They have no order of their own; a number is named without its decimals."""
    with pytest.raises(EstimationError, match="cell `1` was sampled and no one"):
        response_factors(
            [("rural",), (1.0,)],
            np.ones(2),
            interviewed=[("rural",)],
            base=np.ones(1),
            where="baseline",
        )


def test_each_unit_counts_something():
    cells = [("rural",), ("rural",)]
    for sizes, base in ((np.ones(1), np.ones(2)), (np.full(2, 3.0), np.ones(1))):
        with pytest.raises(ValueError, match="shorter"):
            response_factors(cells, sizes, interviewed=cells, base=base, where="baseline")


def test_a_cell_that_was_not_sampled_has_no_interview_however_small():
    """Half an interview where nobody was sampled."""
    with pytest.raises(EstimationError, match="more was interviewed than sampled") as caught:
        response_factors(
            [("urban",)],
            np.ones(1),
            interviewed=[("urban",), ("rural",)],
            base=np.array([1.0, 0.5]),
            where="baseline",
        )
    assert caught.value.where == "baseline"


def test_a_cell_of_units_that_are_not_eligible_needs_no_interview():
    found = response_factors(
        [("rural",), ("urban",)],
        np.array([1.0, 0.0]),
        interviewed=[("rural",)],
        base=np.ones(1),
        where="baseline",
    )
    assert found.tolist() == [1.0]


@pytest.mark.parametrize("cells", [[("rural",)], [("urban",), ("urban",)]])
def test_more_interviews_than_sampled_units_are_refused(cells):
    with pytest.raises(EstimationError, match="more was interviewed than sampled in cell `rural`"):
        response_factors(
            cells,
            np.ones(len(cells)),
            interviewed=[("rural",), ("rural",), ("urban",)],
            base=np.ones(3),
            where="baseline",
        )


def test_a_cell_that_is_missing_is_refused():
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    rows = interviews().assign(zone=["rural", None, "urban", "urban"])
    with pytest.raises(EstimationError, match="1 interviews are in no cell"):
        build(rows, weighting, sampled=contacts(), where="baseline")
    rows.loc[3, "zone"] = None
    with pytest.raises(EstimationError, match="2 interviews are in no cell"):
        build(rows, weighting, sampled=contacts(), where="baseline")
    lost = contacts()
    lost.rows.loc[2, "zone"] = None
    with pytest.raises(EstimationError, match="1 sampled units are in no cell"):
        build(interviews(), weighting, sampled=lost, where="baseline")


def test_a_cell_that_cannot_be_adjusted_names_the_round():
    weighting = dataclasses.replace(PLAIN, cells=("zone",))
    rows = interviews().assign(zone="rural")
    with pytest.raises(EstimationError, match="sampled") as caught:
        build(rows, weighting, sampled=contacts(), where="round a")
    assert (caught.value.where, caught.value.rule) == ("round a", "weights")


def test_people_that_are_missing_are_refused_by_the_cell():
    weighting = dataclasses.replace(
        PLAIN, margin=(KnownMargin(id="zone", variables=("zone",)),), people="people"
    )
    known = people([("rural", np.nan, np.nan, 60), ("urban", np.nan, np.nan, pd.NA)])
    for kind in ("Int64", object):
        with pytest.raises(EstimationError, match=r"cell `urban` .* has a population of nan"):
            build(interviews(), weighting, people=known.astype({"people": kind}), where="baseline")
    whole = known.fillna({"people": 40}).astype({"people": object})
    assert margin_of(interviews(), weighting.margin[0], weighting, whole).totals.dtype == float


def test_errors_of_raking_name_the_round_and_the_margin():
    weighting = dataclasses.replace(
        PLAIN, margin=(KnownMargin(id="zone", variables=("zone",)),), people="people"
    )
    known = people([("rural", np.nan, np.nan, 60.0)])
    with pytest.raises(EstimationError, match="2 rows are in no cell of margin `zone`") as caught:
        build(interviews(), weighting, people=known, where="round baseline")
    assert (caught.value.where, caught.value.rule) == ("round baseline", "weights")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("rural", 1.0, np.nan, 60.0)], "no row for margin `zone`"),
        (
            [(zone, np.nan, np.nan, 60.0) for zone in ("urban", "rural", "rural")],
            "cell `rural` of margin `zone` appears twice",
        ),
    ],
)
def test_a_file_of_margins_that_does_not_fit_is_refused(rows, message):
    weighting = dataclasses.replace(
        PLAIN,
        margin=(
            KnownMargin(id="zone", variables=("zone",)),
            KnownMargin(id="sex", variables=("sex",)),
        ),
        people="people",
    )
    with pytest.raises(EstimationError, match=message):
        build(interviews(), weighting, people=people(rows), where="baseline")
    with pytest.raises(EstimationError, match=message) as caught:
        margin_of(interviews(), weighting.margin[0], weighting, people(rows))
    assert (caught.value.where, caught.value.rule) == ("margins", "weights")


@pytest.mark.parametrize(
    ("weighting", "what"),
    [
        (dataclasses.replace(PLAIN, cells=("zone",)), "the sampled units"),
        (dataclasses.replace(PLAIN, margin=(("zone",),)), "the populations"),
    ],
)
def test_a_step_that_is_declared_is_never_left_out(weighting, what):
    with pytest.raises(EstimationError, match=f"{what} that the weights are made from") as caught:
        build(interviews(), weighting, where="baseline")
    assert "baseline" in caught.value.where
