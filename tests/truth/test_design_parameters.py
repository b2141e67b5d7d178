"""The shelf of design parameters: recomputed from the shared data, and by a second calculation."""

import csv
import math

import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation.inference import variance_components
from evaluation.estimation.planning.design_parameters import like, shelf
from evaluation.fieldwork.power_list import shelf_table
from tests.conftest import shared_data
from tools import design_parameters as made

# the table prints three decimals
HALF_DIGIT = 0.0005 + 1e-9
pytestmark = pytest.mark.truth


@pytest.fixture(scope="module")
def data():
    return shared_data("metaketa4_colombia/col_units.csv").parents[1]


def test_the_table_is_that_of_the_script_from_the_shared_data(data):
    """All samples follow from one seed; a digit may round otherwise on another machine."""
    shared_data("lapop_extracts/lapop_colombia_2018_2023.csv")
    kept = made.TABLE.read_text(encoding="utf-8").splitlines()
    again = made.text(data).splitlines()
    for old, new in zip(csv.reader(kept), csv.reader(again), strict=True):
        for a, b in zip(old, new, strict=True):
            assert a == b or float(a) == pytest.approx(float(b), abs=2 * HALF_DIGIT)


@pytest.mark.parametrize("item", made.ITEMS)
def test_medellin_by_the_packages_own_components(data, item):
    """`variance_components` is written for weighted rows; the script for sums by cluster."""
    table = made.medellin(data / "metaketa4_colombia")
    table = table.assign(y=table[item]).dropna(subset=["y"])
    before, known = table[table["post"] == 0], like(f"medellin_{item}")
    ones = [1.0] * len(before)
    found = variance_components.components(
        before["y"], clusters=before["cluster"], strata=ones, weights=ones
    )
    assert known.icc.value == pytest.approx(found.icc, abs=HALF_DIGIT)
    assert (known.clusters, known.respondents) == (before["cluster"].nunique(), len(before))
    in_both = table.groupby("cluster")["post"].transform("nunique") == 2
    if math.isnan(known.cac.value) or not in_both.all():
        return
    found = variance_components.cluster_autocorrelation(
        table["y"],
        clusters=table["cluster"],
        post=table["post"] == 1,
        strata=table["arm"],
        weights=[1.0] * len(table),
        respondents=table["person"],
    )
    assert known.cac.value == pytest.approx(found, abs=HALF_DIGIT)


@pytest.mark.parametrize(
    ("identifier", "name", "wave"),
    [
        ("colombia_trust_police_2018", "lapop_colombia_2018_2023", 2018),
        ("colombia_trust_police_2023", "lapop_colombia_2018_2023", 2023),
        ("americas_trust_police", "lapop_ym23_23countries_2018_2023", None),
    ],
)
def test_the_barometer_by_the_packages_own_components(identifier, name, wave):
    table = made.barometer(shared_data(f"lapop_extracts/{name}.csv"), None).dropna(subset=["y"])
    table = table if wave is None else table[table["wave"] == wave]
    found = variance_components.components(
        table["y"], clusters=table["cluster"], strata=table["arm"], weights=[1.0] * len(table)
    )
    known = like(identifier)
    assert known.icc.value == pytest.approx(found.icc, abs=HALF_DIGIT)
    assert (known.clusters, known.respondents) == (table["cluster"].nunique(), len(table))


def test_every_interval_holds_its_value_and_every_question_has_a_name():
    for one in shelf():
        for known in (one.icc, one.cac, one.individual_correlation):
            assert math.isnan(known.value) or known.low < known.value < known.high
    for language in ("en", "es"):
        lines = shelf_table(shelf(), language).splitlines()
        assert [line.split()[0] for line in lines[1:][: len(shelf())]] == [x.id for x in shelf()]


def test_power_takes_what_is_not_given_from_a_question():
    design = {"treated": 35, "comparison": 35, "respondents": 50, "effect": 0.2}
    known = like("medellin_trust_community")
    by_hand = ev.power(
        icc=known.icc.value,
        cac=known.cac.value,
        individual_correlation=known.individual_correlation.value,
        panel_share=0.5,
        **design,
    ).primary
    assert ev.power(like=known.id, panel_share=0.5, **design).primary == by_hand
    given = ev.power(like=known.id, icc=0.1, cac=0.6, **design).primary
    assert given == pytest.approx(
        ev.power(icc=0.1, cac=0.6, individual_correlation=known.individual_correlation.value,
                 **design).primary
    )  # fmt: skip
    # an autocorrelation that is not known is none
    police = like("medellin_trust_police")
    assert math.isnan(police.cac.value)
    assert (
        ev.power(like=police.id, **design).primary
        == ev.power(icc=police.icc.value, cac=0.0, **design).primary
    )


@pytest.mark.parametrize(("given", "rule"), [({"like": "x"}, "medellin_victim"), ({}, "icc")])
def test_power_without_an_icc_or_with_an_unknown_question_is_refused(given, rule):
    with pytest.raises(EstimationError) as caught:
        ev.power(treated=35, comparison=35, respondents=50, effect=0.2, **given)
    assert rule in str(caught.value)
