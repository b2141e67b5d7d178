"""Suppression at the thresholds themselves: one below, at, one above."""

import dataclasses

import pytest

from evaluation.report import disclosure, figures, tables
from tests.report import examples

TRUST, _, THREATS = examples.OUTCOMES
STUDY = examples.STUDY  # fewer than 10 respondents, fewer than 3 clusters


@pytest.mark.parametrize(
    ("n", "clusters", "small"),
    [
        (9, 35, True),
        (10, 35, False),
        (11, 35, False),
        (500, 2, True),
        (500, 3, False),
        (500, 4, False),
        (0, 0, False),
    ],
)
def test_small_cell(n, clusters, small):
    assert disclosure.is_small(n, clusters, study=STUDY) is small


@pytest.mark.parametrize(
    ("counts", "withheld"),
    [
        ((10, 11, 12), (False, False, False)),
        ((9, 11, 12), (True, True, False)),  # one alone could be worked out: the next goes too
        ((9, 9, 50), (True, True, False)),
        ((2, 3, 50), (True, True, True)),  # together still fewer than ten
        ((0, 10, 50), (False, False, False)),
        ((0, 4, 50), (False, True, True)),  # a zero cannot cover for another count
        ((4,), (True,)),
    ],
)
def test_withheld_parts(counts, withheld):
    assert disclosure.withheld_parts(counts, minimum=10) == withheld


def test_part_withheld_for_few_clusters_takes_another_with_it():
    # 12 respondents in too few clusters: alone, the total would give them away
    found = disclosure.withheld_parts((12, 60, 50), minimum=10, secret=(True, False, False))
    assert found == (True, False, True)


def levels_with(outcome, **changes):
    """The small study with one cell of one outcome changed (treatment group at endline)."""
    made = examples.records().levels
    changed = tuple(
        dataclasses.replace(x, **changes)
        if (x.outcome, x.arm, x.round) == (outcome.id, "treated", "endline")
        else x
        for x in made
    )
    return examples.source(levels=changed)


@pytest.mark.parametrize(
    ("outcome", "changes", "kind"),
    [
        (TRUST, {"n": 9}, "suppressed"),
        (TRUST, {"n": 10}, "number"),
        (TRUST, {"n": 11}, "number"),
        (TRUST, {"n_clusters": 2}, "suppressed"),
        (TRUST, {"n_clusters": 3}, "number"),
        (THREATS, {"n": 29}, "suppressed"),  # sensitive outcomes need thirty
        (THREATS, {"n": 30}, "number"),
        (THREATS, {"mean": 0.0}, "suppressed"),
        (THREATS, {"mean": 100.0}, "suppressed"),
        (THREATS, {"mean": 99.9}, "number"),
    ],
)
def test_level_cell(outcome, changes, kind):
    table = tables.build(examples.exhibit("levels"), levels_with(outcome, **changes))
    row = f"{outcome.id}-treated"
    for column in ("mean_endline", "std_error_endline"):
        assert table.cell(row, column).kind == kind
    count = "count" if kind == "number" else kind
    assert table.cell(row, "n_endline").kind == count
    assert table.cell(row, "mean_baseline").kind == "number"


def test_rule_is_in_the_notes():
    table = tables.build(examples.exhibit("levels"), examples.source())
    assert any("fewer than 10 respondents or fewer than 3 villages" in n for n in table.notes)


def test_small_number_is_not_in_the_notes_either():
    table = tables.build(examples.exhibit("levels"), levels_with(TRUST, n=7))
    assert not any("7 to" in note or ": 7 " in note for note in table.notes)


@pytest.mark.parametrize(("n", "kind"), [(9, "suppressed"), (10, "number"), (11, "number")])
def test_balance_row(n, kind):
    source = examples.source(balance=(examples.balance("q2", "all", n=n),))
    table = tables.build(examples.exhibit("balance"), source)
    assert table.cell("q2", "mean_treated").kind == kind


def flow_of(*removed):
    """One group and round: 500 valid interviews, and the removals ``(step, reason, n)``."""
    left_out = sum(n for _, _, n in removed)
    return examples.source(
        flow=(
            examples.flow("baseline", "treated", "delivered", 500 + left_out),
            *(examples.flow("baseline", "treated", s, n, reason) for s, reason, n in removed),
            examples.flow("baseline", "treated", "valid", 500),
        )
    )


@pytest.mark.parametrize(("n", "kind"), [(9, "suppressed"), (10, "count"), (11, "count")])
def test_sum_of_all_removals(n, kind):
    table = tables.build(examples.exhibit("flow"), flow_of(("no_consent", "", n)))
    assert table.cell("baseline-left_out", "n_treated").kind == kind
    # delivered minus valid is the sum: where the sum is withheld, the number delivered is too
    assert table.cell("baseline-delivered", "n_treated").kind == kind
    assert table.cell("baseline-valid", "n_treated").kind == "count"


def test_reasons_that_are_all_withheld_are_named_without_a_count():
    source = flow_of(("no_consent", "", 8), ("dropped", "sent twice; the first is kept", 3))
    table = tables.build(examples.exhibit("flow"), source)
    assert [row.id for row in table.rows] == [
        "baseline-delivered", "baseline-left_out", "baseline-valid",
    ]  # fmt: skip
    assert table.cell("baseline-left_out", "n_treated").value == 11
    assert table.cell("baseline-left_out", "reason").text == "no consent; sent twice"


def test_a_reason_is_not_shown_where_the_sum_would_give_the_other_away():
    source = flow_of(("no_consent", "", 16), ("dropped", "sent twice", 3))
    table = tables.build(examples.exhibit("flow"), source)
    assert table.cell("baseline-left_out", "n_treated").value == 19
    assert "16" not in [c.text for row in table.rows for c in row.cells]


def test_reasons_large_enough_keep_their_rows():
    source = flow_of(("no_consent", "", 16), ("dropped", "sent twice", 12))
    table = tables.build(examples.exhibit("flow"), source)
    assert table.cell("baseline-no_consent", "n_treated").value == 16
    assert table.cell("baseline-dropped-sent_twice", "n_treated").value == 12


def test_the_diagram_names_reasons_behind_their_sum():
    source = flow_of(("no_consent", "", 8), ("dropped", "sent twice; the first is kept", 3))
    alt = figures.draw(examples.exhibit("flow_diagram"), source).alt
    assert "Delivered: 511; − 11 left out: no consent; sent twice; Valid: 500" in alt
