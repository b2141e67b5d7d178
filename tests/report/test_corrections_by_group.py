"""Corrections by round and group: no suppressed count can be worked out, here or from the flow."""

import dataclasses

import pytest

from evaluation.locale.messages import entries, wording
from evaluation.report import builders
from evaluation.report.formats.table import Table
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

ARMS = ("treated", "comparison")


def count(arm: str, n: int, **changes: object):
    (made,) = examples.records().corrections
    fields = {"arm": arm, "n": n, "n_rows": n, "n_clusters": 8, "action": "set"} | changes
    return dataclasses.replace(made, **fields)


def shown(table: Table, row: str = "baseline-set-typed_twice") -> list[str]:
    names = ("n_corrections", *(f"n_{arm}" for arm in ARMS))
    return [table.cell(row, name).text for name in names]


def build(*counts: object, flow: tuple[object, ...] | None = None) -> Table:
    changes = {"corrections": counts} | ({} if flow is None else {"flow": flow})
    return builders.build(examples.exhibit("corrections"), examples.source(**changes))


@pytest.mark.parametrize(("treated", "comparison", "expected"), CASES["below"])
def test_a_group_below_the_minimum_takes_the_other_with_it(treated, comparison, expected):
    counts = [count(arm, n) for arm, n in zip(ARMS, (treated, comparison), strict=True) if n]
    assert shown(build(*counts)) == expected


def test_cells_of_few_respondents_are_few_whatever_their_number():
    table = build(count("treated", 40, n_rows=4), count("comparison", 40, n_rows=30))
    assert shown(table) == ["80", "suppressed", "suppressed"]


def test_few_clusters_are_few():
    table = build(count("treated", 40, n_clusters=2), count("comparison", 40))
    assert shown(table) == ["80", "suppressed", "suppressed"]


def flow_of(action: str, reason: str, treated: int, comparison: int) -> tuple[object, ...]:
    return tuple(
        record
        for arm, n in zip(ARMS, (treated, comparison), strict=True)
        for record in (
            examples.flow("baseline", arm, "delivered", 500 + n),
            examples.flow("baseline", arm, "dropped", n, reason),
            examples.flow("baseline", arm, "valid", 500),
        )
    )


@pytest.mark.parametrize(
    ("action", "reason"), [("drop", "typed twice"), ("merge", "merged; typed twice")]
)
def test_a_total_does_not_give_away_what_the_flow_withholds(action, reason):
    """The flow shows 20 treated and withholds 8: a total of 28 would say so."""
    counts = [count("treated", 20, action=action), count("comparison", 8, action=action)]
    flow = flow_of(action, reason, 20, 8)
    table = build(*counts, flow=flow)
    row = f"baseline-{action}-typed_twice"
    assert shown(table, row) == ["suppressed"] * 3
    beside = builders.build(examples.exhibit("flow"), examples.source(flow=flow))
    texts = [cell.text for line in beside.rows for cell in line.cells]
    assert "20" in texts
    assert "8" not in texts
    counts = [count("treated", 20, action=action), count("comparison", 18, action=action)]
    table = build(*counts, flow=flow_of(action, reason, 20, 18))
    assert shown(table, row) == ["38", "20", "18"]


def test_without_groups_there_are_no_columns_for_them():
    (made,) = examples.records().corrections
    table = build(made)
    assert [column.id for column in table.columns][-1] == "n_corrections"
    assert not any("Groups" in note for note in table.notes)


def test_every_action_of_the_ledger_has_words_in_both_languages():
    assert set(entries("correction-action")) == {"set", "drop", "new_id", "merge"}
    for name in entries("correction-action"):
        assert wording(f"correction-action.{name}", "en") != wording(
            f"correction-action.{name}", "es"
        )


def test_a_count_whose_places_nobody_counted_is_one_of_enough_places():
    uncounted = [count(arm, n, n_clusters=-1) for arm, n in zip(ARMS, (20, 30), strict=True)]
    assert shown(build(*uncounted)) == ["50", "20", "30"]
    of_two = [count(arm, n, n_clusters=2) for arm, n in zip(ARMS, (20, 30), strict=True)]
    assert shown(build(*of_two)) != ["50", "20", "30"]
