"""Rings around treated villages: by hand, by explicit dummies, and the rule of too few."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.spillover import spillover
from evaluation.errors import EstimationError
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    cluster_dummies,
    diagnostics,
    equal_weights,
    estimates,
    least_squares,
    primary,
    published,
    reasons,
    villages,
)
from tests.estimation.studies import COLUMNS, DID, STUDY, frame, panel

REGIONAL = dataclasses.replace(
    STUDY, columns=dataclasses.replace(COLUMNS, subregion="zone", x_km="east", y_km="north")
)
# Treated changes 5, 7, 6; near comparison 2, 3, 4; far 0, 1, 2, 1, 0, 2.
FAR = {"f1": 0.0, "f2": 1.0, "f3": 2.0, "f4": 1.0, "f5": 0.0, "f6": 2.0}
CHANGES = {"t1": 5.0, "t2": 7.0, "t3": 6.0, "n1": 2.0, "n2": 3.0, "n3": 4.0} | FAR
# n1 and n3 say that they border t1 and t3, t2 says that it borders n2. t1 and t2 border each
# other, f1 a near comparison village only, and n1 a place outside the study.
BORDERS = {"n1": "t1|x9", "t1": "t2", "t2": "n2|t1", "n3": "f1| t3", "f1": "n1"}
# Km east of t1 and t2; t3 and the villages not named are far from them and from each other.
EAST = {"t3": -900.0, "n1": 10.0, "n2": 20.0, "n3": 24.0, "f1": 25.0, "f2": 60.0, "f3": 70.0}


def places(table, *, borders=BORDERS, zones=2, east=EAST):
    known = frame(table)
    number = known["village"].str[1:].astype(int)
    return known.assign(
        neighbours=known["village"].map(borders),
        zone=[f"S{n % zones}" for n in number],
        east=[east.get(v, 0.0 if v.startswith("t") else 200.0) for v in known["village"]],
        north=0.0,
    )


def near(changes=CHANGES, *, study=REGIONAL, distances=(), table=None, **keys):
    table = villages(changes) if table is None else table
    return case(
        table,
        "spillover",
        study=study,
        frame=places(table, **keys),
        variables=("neighbours",),
        distances=distances,
    )


@pytest.mark.truth
def test_borders_by_hand():
    """Treated mean 6, bordering mean 3, others' mean 1: effect 6 - 1 = 5, spillover 3 - 1 = 2.

    The primary estimate is 6 - (9 + 6)/9 = 6 - 5/3.
    """
    made = near()
    rows = spillover(made)
    found = estimates(rows)
    assert set(found) == {
        (sample, step)
        for sample in ("without:bordering", "ring:bordering", "ring:effect")
        for step in ("wcr_s", "cv3")
    }
    for sample, effect, n, groups in (
        ("without:bordering", 5.0, 36, (3, 6)),
        ("ring:bordering", 2.0, 36, (3, 6)),
        # the ring is in the regression and not among what is compared
        ("ring:effect", 5.0, 36, (3, 6)),
    ):
        record = found[sample, "cv3"]
        assert record.estimate == pytest.approx(effect, abs=ROUNDING)
        assert (record.n, record.n_clusters_treated, record.n_clusters_comparison) == (n, *groups)
    assert primary(made)["cv3"].estimate == pytest.approx(6 - 5 / 3, abs=ROUNDING)
    assert diagnostics(rows) == {
        ("ring:bordering", "comparison_clusters"): 3,
        ("ring:effect", "comparison_clusters"): 6,
    }


@pytest.mark.truth
def test_distance_bands_by_hand():
    """From 0 to 25 km the three near villages, mean 3; from 25 to 100 f1, f2, f3, mean 1.

    Beyond stand f4, f5, f6 and three more with changes of 1, mean 1: effect 5, spillovers 2 and
    0. The band's lower end is inside, its upper end outside: f1 at 25 km is in the second.
    """
    rows = spillover(near(CHANGES | {"f7": 1.0, "f8": 1.0, "f9": 1.0}, distances=(100.0, 25.0)))
    found = {sample: r for (sample, step), r in estimates(rows).items() if step == "cv3"}
    assert found["ring:0-25"].estimate == pytest.approx(2.0, abs=ROUNDING)
    assert found["ring:25-100"].estimate == pytest.approx(0.0, abs=ROUNDING)
    assert found["beyond:100"].estimate == pytest.approx(5.0, abs=ROUNDING)
    assert found["ring:25-100"].n_clusters_treated == 3
    assert found["ring:25-100"].n_clusters_comparison == 6
    effect = found["beyond:100"]
    assert (effect.n, effect.n_clusters_treated, effect.n_clusters_comparison) == (36, 3, 6)
    counted = diagnostics(rows)
    assert counted["ring:0-25", "comparison_clusters"] == 3
    assert counted["ring:25-100", "comparison_clusters"] == 3
    assert counted["beyond:100", "comparison_clusters"] == 6


def test_rings_and_their_jackknife_by_explicit_dummies():
    """Literal twin on unequal villages and weights: village dummies, refits without each one."""
    table = panel(4, clusters=24)
    treated, post = table["arm"] == "treated", table["round"] == "endline"
    # v12 to v23 are comparison villages; the first four border v00
    borders = {"v00": "v12|v13", "v14": "v00", "v15": "v01|v02"}
    made = near(table=table, borders=borders)
    weight = equal_weights(table).to_numpy()
    ring = table["village"].isin(["v12", "v13", "v14", "v15"])
    fixed = np.column_stack([treated & post, post, ring & post]).astype(float)

    def effects(rows):
        X = np.column_stack([fixed[rows], cluster_dummies(table["village"][rows])])
        return least_squares(X, table["y"].to_numpy()[rows], weight[rows])[[0, 2]]

    whole = effects(np.ones(len(table), bool))
    without = [effects((table["village"] != v).to_numpy()) for v in table["village"].unique()]
    error = np.sqrt(23 / 24 * np.sum((np.array(without) - whole) ** 2, axis=0))
    found = estimates(spillover(made))
    for sample, j in (("ring:effect", 0), ("ring:bordering", 1)):
        assert found[sample, "cv3"].estimate == pytest.approx(whole[j], abs=ROUNDING)
        assert found[sample, "cv3"].std_error == pytest.approx(error[j], abs=1e-10)
    compared = found["ring:bordering", "cv3"]
    assert (compared.n_clusters_treated, compared.n_clusters_comparison) == (4, 8)
    assert compared.n == int((~treated).sum())
    # leaving the ring out gives the same effect: it has a change of its own
    assert found["without:bordering", "cv3"].estimate == pytest.approx(whole[0], abs=ROUNDING)


def test_no_bordering_village():
    """Nothing is left out: no row agrees with the primary estimate, and none is of spillovers."""
    rows = spillover(near(borders={"t1": "t2", "f1": "n1"}))
    assert not estimates(rows)
    found = reasons(rows)
    assert found.pop(("ring:bordering", "all")).startswith("comparison areas in this ring: 0")
    assert set(found) == {("without:bordering", "all"), ("ring:effect", "all")}
    assert all(reason.startswith("it leaves nobody out") for reason in found.values())


def test_a_ring_too_small_for_a_change_of_its_own_is_left_out():
    """One village from 0 to 15 km, the least for a change of its own being two: out, and said.

    n2 and n3, from 20 km on, are beyond: 6 - (3 + 4 + 6)/8.
    """
    lenient = dataclasses.replace(REGIONAL, minimum_clusters=1, minimum_cell=1)
    rows = spillover(near(study=lenient, distances=(15.0,)))
    reason = "comparison areas in this ring: 1, too few for an estimate"
    assert reasons(rows) == {("ring:0-15", "all"): reason}
    record = estimates(rows)["beyond:15", "cv3"]
    assert record.estimate == pytest.approx(6 - 13 / 8, abs=ROUNDING)
    assert record.n_clusters_comparison == 8


def test_villages_too_few_to_be_left_out_stay_hidden():
    """Two villages from 0 to 22 km, and two that border: 9 C - 7 C' would be what two changed."""
    made = near(borders={"n1": "t1", "n2": "t2"}, distances=(22.0,))
    rows = published(made, spillover(made))
    left = "too few clusters left out to publish: fewer than 3 of the comparison group"
    small = "comparison areas in this ring: fewer than 3, too few for an estimate"
    assert not estimates(rows)
    assert reasons(rows) == {
        ("without:bordering", "all"): left,
        ("ring:bordering", "all"): small,
        ("ring:effect", "all"): left,
        ("ring:0-22", "all"): small,
        ("beyond:22", "all"): left,
    }


def test_too_few_villages_outside_are_not_informative():
    """Five stay outside where six are asked for; with a minimum of seven, six are too few."""
    five = {k: v for k, v in CHANGES.items() if k != "f6"}
    stricter = dataclasses.replace(REGIONAL, minimum_clusters=7)
    for made, text in (
        (near(five), "of 8 comparison areas, 5 remain; the rule requires"),
        (near(study=stricter), "of 9 comparison areas, fewer than 7 remain; the rule"),
    ):
        rows = spillover(made)
        assert not estimates(rows)
        found = reasons(rows)
        assert set(found) == {
            ("without:bordering", "all"),
            ("ring:bordering", "all"),
            ("ring:effect", "all"),
        }
        assert all(text in reason for reason in found.values())
        assert diagnostics(rows)["ring:bordering", "comparison_clusters"] == 3


def test_villages_of_one_subregion_are_not_informative():
    """Six stay outside, all of them in one subregion; a study without subregions has no rule."""
    rows = spillover(near(zones=1))
    assert not estimates(rows)
    assert all("in 1 subregion" in reason for reason in reasons(rows).values())
    without = dataclasses.replace(
        REGIONAL, columns=dataclasses.replace(REGIONAL.columns, subregion=None)
    )
    assert estimates(spillover(near(zones=1, study=without)))


def test_a_treated_village_that_was_not_interviewed_still_has_neighbours():
    """t3 is in the frame only: n3 borders it all the same. Effect 6 - 1, spillover 3 - 1."""
    table = villages(CHANGES)
    known = places(table)
    table = table[table["village"] != "t3"]
    made = case(table, "spillover", study=REGIONAL, frame=known, variables=("neighbours",))
    found = estimates(spillover(made))
    assert found["ring:effect", "cv3"].estimate == pytest.approx(5.0, abs=ROUNDING)
    assert found["ring:bordering", "cv3"].estimate == pytest.approx(2.0, abs=ROUNDING)


def test_borders_and_coordinates_are_needed():
    with pytest.raises(EstimationError, match="the frame of clusters has no neighbours"):
        spillover(near(borders={}))
    table = villages(CHANGES)
    known = places(table).drop(columns="neighbours")
    with pytest.raises(EstimationError, match="the frame of clusters has no neighbours"):
        spillover(case(table, "spillover", study=REGIONAL, frame=known, variables=("neighbours",)))
    unplaced = dataclasses.replace(
        REGIONAL, columns=dataclasses.replace(REGIONAL.columns, x_km=None)
    )
    with pytest.raises(EstimationError, match="no coordinates"):
        spillover(near(study=unplaced, distances=(25.0,)))


def test_a_comparison_village_without_coordinates_has_no_band():
    table = villages(CHANGES)
    known = places(table)
    known.loc[known["village"] == "f2", "north"] = np.nan
    made = case(
        table,
        "spillover",
        study=REGIONAL,
        frame=known,
        variables=("neighbours",),
        distances=(25.0,),
    )
    found = reasons(spillover(made))
    assert found == {("beyond:25", "all"): "some comparison areas have no coordinates"}


def test_weights_of_the_estimand_are_kept():
    """Population weights: 6 becomes (1 x 5 + 2 x 7 + 3 x 6)/6; comparison villages all weigh 1."""
    table = villages(CHANGES)
    people = table["village"].map({"t1": 1000.0, "t2": 2000.0, "t3": 3000.0}).fillna(1000.0)
    table = table.assign(population=people)
    made = case(
        table,
        "spillover",
        study=REGIONAL,
        frame=places(table),
        specification=dataclasses.replace(DID, estimand="population"),
        variables=("neighbours",),
    )
    found = estimates(spillover(made))
    assert found["ring:effect", "cv3"].estimate == pytest.approx(37 / 6 - 1, abs=ROUNDING)
