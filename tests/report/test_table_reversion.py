"""Levels and changes by where places began, and what may not be told apart in them."""

import dataclasses

import pytest

from evaluation.errors import ReportError
from evaluation.report import tables
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import TRUST

CHECK = dataclasses.replace(
    made.check("bracket"),
    id="back",
    kind="reversion",
    label=examples.both("Moving back"),
    answers=examples.both("Whether places move back."),
)
THIRDS = ("low", "middle", "high")
# clusters, level and change by group and third; the whole is of the same places
LEVELS = {
    "treated": {
        "low": (11, -0.4, 0.3),
        "middle": (14, 0.1, 0.1),
        "high": (10, 0.3, 0.0),
        "all": (35, 0.0, 0.14),
    },
    "comparison": {
        "low": (13, -0.3, 0.27),
        "middle": (9, 0.0, 0.12),
        "high": (13, 0.35, -0.01),
        "all": (35, 0.0, 0.13),
    },
}
NAMES = ("clusters", "baseline_level", "change")
ALIKE = (
    made.of_check(TRUST, CHECK, "only:low_baseline", n=3500, n_clusters_treated=17),
    made.of_check(TRUST, CHECK, "only:high_baseline", n=3500, n_clusters_treated=18),
    made.of_check(TRUST, CHECK, "matched:baseline_level", "cv3", n_clusters_treated=33),
)
RAW, CLEAN = "level_change_correlation", "level_change_correlation_without_noise"


def levels(given=LEVELS, outcome=TRUST):
    return [
        made.diagnostic(outcome, CHECK, name, value, sample=f"{group}:{third}")
        for group, thirds in given.items()
        for third, numbers in thirds.items()
        for name, value in zip(NAMES, numbers, strict=False)
    ]


def correlations(outcome=TRUST, **values):
    return [
        made.diagnostic(outcome, CHECK, name, value, sample="comparison:all")
        for name, value in {RAW: -0.5, CLEAN: -0.45, **values}.items()
    ]


def build(outcome="trust", **changes):
    records = {
        "check_estimates": ALIKE,
        "check_diagnostics": (*levels(), *correlations()),
        **changes,
    }
    source = made.source(CHECK, **records)
    return tables.build(examples.exhibit("reversion", outcomes=(outcome,)), source)


def test_levels_changes_and_effects_stand_where_their_places_are():
    table = build()
    assert [r.id for r in table.rows] == [
        "trust-low",
        "trust-middle",
        "trust-high",
        "trust-all",
        "trust-only_low_baseline",
        "trust-only_high_baseline",
        "trust-matched_baseline_level",
    ]
    assert table.cell("trust-low", "clusters_treated").value == 11
    assert table.cell("trust-low", "baseline_of_comparison").value == -0.3
    assert table.cell("trust-high", "change_of_comparison").text == "\N{MINUS SIGN}0.01"
    assert table.cell("trust-low", "effect").kind == "none"
    # the primary estimate of the example
    assert table.cell("trust-all", "effect").value == 0.11
    assert table.cell("trust-matched_baseline_level", "clusters_treated").value == 33
    assert table.cell("trust-all", "correlation").value == -0.5
    note = next(n for n in table.notes if n.startswith("Correlation."))
    assert "Trust: \N{MINUS SIGN}0.50; without sampling error \N{MINUS SIGN}0.45." in note
    assert table.cell("trust-all", "correlation_without_noise").value == -0.45


def test_the_sentence_is_about_the_comparison_group():
    assert dict(build().said)["trust"] == (
        "Trust: without the programme, places that began in the lowest third changed by +0.27 SD,"
        " those in the highest third by \N{MINUS SIGN}0.01 SD; level and change correlate by"
        " \N{MINUS SIGN}0.50, \N{MINUS SIGN}0.45 without sampling error."
    )


def test_a_third_of_few_places_takes_another_with_it():
    # 2 of 35: the whole less the two other thirds would be the change of those two
    few = {**LEVELS, "treated": {**LEVELS["treated"], "low": (2,), "high": (19, 0.3, 0.0)}}
    reason = "fewer than 3 clusters; means of fewer than 3 clusters are not given"
    absent = made.unavailable(TRUST, CHECK, "levels", reason, sample="treated:low")
    table = build(check_diagnostics=(*levels(few), *correlations()), check_unavailable=(absent,))
    # not the reason: it says that they are two
    assert table.cell("trust-low", "baseline_of_treated").text == "suppressed"
    assert table.cell("trust-low", "clusters_treated").kind == "none"
    assert table.cell("trust-low", "change_of_treated").kind == "none"
    assert table.cell("trust-middle", "baseline_of_treated").kind == "suppressed"
    assert table.cell("trust-high", "change_of_treated").value == 0.0
    assert table.cell("trust-all", "change_of_treated").value == 0.14
    assert table.cell("trust-middle", "change_of_comparison").value == 0.12
    # all places are cut in thirds: what a third has beside the other group's would be the two
    assert table.cell("trust-low", "clusters_comparison").kind == "suppressed"
    assert table.cell("trust-high", "clusters_comparison").value == 13
    assert not [r for r in table.rows if "2 clusters" in " ".join(c.text for c in r.cells)]


@pytest.mark.parametrize(("treated", "kind"), [(33, "suppressed"), (32, "effect")])
def test_a_half_that_leaves_few_places_out_is_withheld(treated, kind):
    changes = {"n": 6000, "n_clusters_treated": treated}
    half = made.of_check(TRUST, CHECK, "only:low_baseline", **changes)
    table = build(check_estimates=(half, *ALIKE[1:]))
    assert table.cell("trust-only_low_baseline", "effect").kind == kind


def test_a_correlation_that_cannot_be_had_has_its_reason():
    reason = "sampling error explains nearly all differences between these clusters"
    absent = made.unavailable(TRUST, CHECK, CLEAN, reason, sample="comparison:all")
    diagnostics = [d for d in (*levels(), *correlations()) if d.name != CLEAN]
    table = build(check_diagnostics=diagnostics, check_unavailable=(absent,))
    assert reason in table.cell("trust-all", "correlation_without_noise").text
    assert dict(table.said)["trust"].endswith("without sampling error it cannot be told.")


def test_a_share_of_everybody_of_a_sensitive_outcome_is_withheld():
    threats = examples.OUTCOMES[2]
    given = {
        group: {
            third: (n, 50.0, -50.0 if third == "low" else 0.0) for third, (n, _, _) in x.items()
        }
        for group, x in LEVELS.items()
    }
    check = dataclasses.replace(CHECK, outcomes=("threats",))
    found = tuple(
        dataclasses.replace(made.of_check(threats, check, e.sample, e.step), n=3500) for e in ALIKE
    )
    source = made.source(
        check,
        primary=(examples.estimate(threats, examples.SPECIFICATION, "wcr_s"),),
        check_estimates=found,
        check_diagnostics=(*levels(given, threats), *correlations(threats)),
    )
    table = tables.build(examples.exhibit("reversion", outcomes=("threats",)), source)
    assert table.cell("threats-low", "baseline_of_treated").kind == "suppressed"
    assert "0.0%" not in " ".join(c.text for r in table.rows for c in r.cells)


def test_a_check_that_cannot_be_had_is_one_row_with_its_reason():
    absent = made.unavailable(TRUST, CHECK, "all", "one round only")
    table = build(check_estimates=(), check_diagnostics=(), check_unavailable=(absent,))
    assert [r.id for r in table.rows] == ["trust-all"]
    assert table.cell("trust-all", "effect").text == "not available: one round only"


def test_what_is_missing_without_a_reason_is_an_error():
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(check_estimates=ALIKE[1:])
    with pytest.raises(ReportError, match="neither a result nor a reason"):
        build(check_diagnostics=correlations())
