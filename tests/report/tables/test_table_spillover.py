"""Rings around treated places: their own change, and on how few places the effect then rests."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.tables.spillover import neighbours_sentence, spillover
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.tables import cases

CASES = cases(__file__)

CHECK = dataclasses.replace(
    made.check("bracket"),
    id="near",
    kind="spillover",
    theme="spillover",
    label=examples.both("Neighbours"),
    answers=examples.both("Whether neighbours changed."),
    distances=(20.0, 40.0),
)
RING = made.of_check(
    TRUST,
    CHECK,
    "ring:0-20",
    estimate=0.2,
    ci_low=0.05,
    ci_high=0.35,
    n_clusters_treated=11,
    n_clusters_comparison=7,
)
FAR = made.of_check(
    TRUST, CHECK, "beyond:40", estimate=0.14, ci_low=-0.18, ci_high=0.54, n_clusters_comparison=35
)
REASON = "of 35 comparison areas, fewer than 3 remain; the rule requires 6"
ABSENT = tuple(
    made.unavailable(TRUST, CHECK, "all", REASON, sample=s)
    for s in ("without:bordering", "ring:bordering", "ring:effect")
)
OUTSIDE = made.diagnostic(TRUST, CHECK, "comparison_clusters", 7, sample="beyond:40")


def build(**changes):
    records = {
        "check_estimates": (RING, FAR),
        "check_unavailable": ABSENT,
        "check_diagnostics": (OUTSIDE,),
        **changes,
    }
    source = made.source(CHECK, **records)
    return builders.build(examples.exhibit("spillover", outcomes=("trust",)), source)


def test_the_effect_beyond_the_rings_counts_only_the_places_that_it_is_read_against():
    table = build()
    # its record counts all 35 comparison clusters of the regression; 7 are outside the rings
    assert table.cell("trust-beyond_40", "clusters_against").value == 7
    assert table.cell("trust-beyond_40", "clusters_of").value == 35
    assert table.cell("trust-ring_0_20", "clusters_of").value == 11
    assert table.cell("trust-ring_0_20", "clusters_against").value == 7
    assert table.cell("trust-primary", "clusters_against").value == 35


def test_rows_say_whose_change_or_effect_they_are():
    labels = {row.id: row.cells[0].text for row in build().rows}
    assert labels["trust-ring_0_20"] == "Change in comparison villages 0 to 20 km away"
    assert labels["trust-beyond_40"] == "Effect: against comparison villages beyond 40 km"
    assert labels["trust-ring_effect"] == (
        "Effect: against comparison villages that do not border the treatment group"
    )
    source = made.source(CHECK, language="es", check_estimates=(RING, FAR))
    table = spillover(examples.exhibit("spillover", outcomes=("trust",)), source)
    spanish = {row.id: row.cells[0].text for row in table.rows}
    assert spanish["trust-ring_0_20"] == "Cambio en villages (es) de comparación a entre 0 y 20 km"


def test_rows_that_are_not_informative_print_the_rule():
    table = build()
    for name in ("without_bordering", "ring_bordering", "ring_effect"):
        assert table.cell(f"trust-{name}", "change_or_effect").text == f"not available: {REASON}"


def test_the_sentence_counts_rings_that_moved_and_places_that_stay():
    assert dict(build().said)["trust"] == (
        "Trust: 1 of 1 intervals for a ring's own change excludes zero; against the 7 comparison"
        " villages outside the rings the effect is +0.14 SD (95% interval \N{MINUS SIGN}0.18 to"
        " +0.54)."
    )
    alone = build(check_estimates=(), check_diagnostics=())
    assert "cannot be separated from local shocks here" in dict(alone.said)["trust"]


@pytest.mark.parametrize(("clusters", "kind"), [(2, "suppressed"), (3, "effect")])
def test_an_effect_that_is_read_against_few_places_is_withheld(clusters, kind):
    few = made.diagnostic(TRUST, CHECK, "comparison_clusters", clusters, sample="beyond:40")
    table = build(check_diagnostics=(few,))
    assert table.cell("trust-beyond_40", "change_or_effect").kind == kind


@pytest.mark.parametrize(("left", "kind"), [(33, "unavailable"), (32, "effect")])
def test_leaving_few_neighbours_out_would_give_them_away(left, kind):
    # the primary estimate has 35 comparison clusters, and 3 is the fewest that may be told apart
    without = made.of_check(TRUST, CHECK, "without:bordering", n_clusters_comparison=left)
    table = build(check_estimates=(RING, FAR, without), check_unavailable=ABSENT[1:])
    cell = table.cell("trust-without_bordering", "change_or_effect")
    assert cell.kind == kind
    few = "too few clusters left out to publish: fewer than 3 of the comparison group"
    assert (few in cell.text) == (kind == "unavailable")


def test_a_check_without_result_or_reason_is_an_error():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(check_estimates=(), check_unavailable=())
    with pytest.raises(ReportError, match="no check of the kind spillover"):
        builders.build(examples.exhibit("spillover"), made.source())


def test_notes_say_what_rings_assume_and_whom_they_leave_out():
    notes = " ".join(build().notes)
    assert "assumed not to have been reached" in notes
    assert "Not covered. Spillovers between treatment villages" in notes
    assert CRIME.label.en not in notes


@pytest.mark.parametrize(("near", "rest", "language", "expected"), CASES["against"])
def test_against_whom_the_effect_is_read(near, rest, language, expected):
    counts = [
        made.diagnostic(TRUST, CHECK, "comparison_clusters", n, sample=sample)
        for sample, n in (("ring:bordering", near), ("ring:effect", rest))
    ]
    source = made.source(CHECK, language=language, check_diagnostics=tuple(counts))
    assert expected in neighbours_sentence(source, CHECK)
    # neither side of a small count is told
    if rest == 2:
        assert "33" not in neighbours_sentence(source, CHECK)


def test_without_a_list_of_neighbours_nothing_is_said_of_them():
    assert "is not known" in neighbours_sentence(made.source(CHECK), CHECK)
