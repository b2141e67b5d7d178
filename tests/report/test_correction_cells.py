"""No withheld count of corrections can be worked out from the table of findings beside it."""

import dataclasses
import itertools

import numpy as np
import pytest

from evaluation.config.confidentiality import is_withheld
from evaluation.report import builders
from evaluation.report.complementary_suppression import PublishedSum, exposed, suppress
from tests.messages import said
from tests.report import examples
from tests.report.test_corrections_by_group import ARMS, count, flow_of

FEW, GONE = "fewer than 10", "suppressed"


def cured(rule: str, n: int, *, column: str = "q2") -> tuple[object, ...]:
    made = examples.finding(rule, "the value is outside 18 to 99")
    made = dataclasses.replace(
        made,
        severity="info",
        fix=said("corrected in corrections.csv"),
        column=column,
    )
    return (made,) * n


def both(
    corrections: object, findings: object, **others: object
) -> tuple[dict[str, str], dict[str, str]]:
    """Counts of corrections by reason, and of findings by rule."""
    source = examples.source(corrections=corrections, findings=findings, **others)
    ledger = builders.build(examples.exhibit("corrections"), source)
    found = builders.build(examples.exhibit("findings"), source)
    named = {row.id.split("-", 2)[2]: row.id for row in ledger.rows}
    return (
        {reason: ledger.cell(id_, "n_corrections").text for reason, id_ in named.items()},
        {row.id.split("-")[0]: found.cell(row.id, "n_findings").text for row in found.rows},
    )


def made(reason: str, n: int, **changes: object):
    return count("", n, reason=reason, **({"n_clusters": -1} | changes))


def test_what_stands_for_itself_is_shown_in_both():
    assert both((made("a", 24), made("b", 30)), cured("out-of-range", 15)) == (
        {"a": "24", "b": "30"}, {"out_of_range": "15"},
    )  # fmt: skip


def test_many_cells_of_few_respondents_are_not_counted():
    """Forty corrected cells of nine respondents, beside thirty of thirty."""
    ledger, _ = both((made("a", 40, n_rows=9), made("b", 30)), cured("out-of-range", 15))
    assert ledger == {"a": FEW, "b": "30"}
    ledger, _ = both((made("a", 40, n_rows=10), made("b", 30)), cured("out-of-range", 15))
    assert ledger == {"a": "40", "b": "30"}


@pytest.mark.parametrize("comparison", [9, 10])
def test_a_withheld_group_has_no_number_in_its_record_either(comparison):
    """The rows' total is shown: it is the groups that are withheld, not the row."""
    rows = tuple(count(arm, n) for arm, n in zip(ARMS, (20, comparison), strict=True))
    source = examples.source(corrections=rows)
    ledger = builders.build(examples.exhibit("corrections"), source)
    assert ledger.cell("baseline-set-typed_twice", "n_corrections").value == 20 + comparison
    for row in source.records.corrections:
        numbers = (row.n, row.n_rows, row.n_clusters)
        assert [is_withheld(n) for n in numbers] == [comparison < 10] * 3, row.arm


def test_a_small_count_beside_a_large_one_takes_one_with_it():
    """22 findings were cured, 14 and 8 cells were set: 22 less 14 would be the 8."""
    ledger, found = both((made("a", 14), made("b", 8)), cured("out-of-range", 22))
    assert (ledger["b"], found["out_of_range"]) == (GONE, "22")
    assert ledger["a"] == GONE


def test_a_limit_is_not_told_that_gives_the_number():
    """Three times nine are 27: each "fewer than 10" would be nine."""
    ledger, found = both([made(r, 9) for r in "abc"], cured("out-of-range", 27))
    assert (set(ledger.values()), found["out_of_range"]) == ({GONE}, "27")
    # where nothing beside them is shown, the limit says nothing more
    ledger, found = both([made(r, 3) for r in "abc"], cured("out-of-range", 9))
    assert (set(ledger.values()), found["out_of_range"]) == ({FEW}, FEW)


def test_the_same_number_in_the_other_table_goes_with_a_withheld_one():
    """12 rows of one group in two places: their number may not stand among the findings."""
    row = count("treated", 12, n_clusters=2, action="drop")
    ledger, found = both((row,), cured("duplicate-id", 12))
    assert ledger == {"typed_twice": GONE}
    assert found["duplicate_id"] == GONE
    # also beside others, with which the sums of the two tables differ
    others = cured("near-identical-interview", 100, column="q3")
    ledger, found = both((row, made("b", 30, action="drop")), cured("duplicate-id", 12) + others)
    assert ledger == {"typed_twice": GONE, "b": "30"}
    assert found == {"duplicate_id": GONE, "near_identical_interview": "100"}
    # of a rule that dropping a row does not cure, twelve is another number
    ledger, found = both((row, made("b", 30)), cured("heaping", 12) + others)
    assert found["heaping"] == "12"


def test_a_group_that_the_flow_shows_covers_no_row_of_few():
    """58 were cured, and the flow shows 20 and 30 of them: 58 beside it would tell the other 8."""
    rows = (count("treated", 20, action="drop"), count("comparison", 30, action="drop"))
    flow = flow_of("drop", "typed twice", 20, 30)
    ledger, found = both((*rows, made("b", 8, action="drop")), cured("duplicate-id", 58), flow=flow)
    assert ledger["b"] == FEW
    assert found["duplicate_id"] == GONE
    # with ten there is nothing to cover
    ledger, found = both(
        (*rows, made("b", 10, action="drop")), cured("duplicate-id", 60), flow=flow
    )
    assert (ledger, found) == ({"typed_twice": "50", "b": "10"}, {"duplicate_id": "60"})


def test_the_notes_say_so_and_only_then():
    def notes(corrections: object, findings: object) -> str:
        source = examples.source(corrections=corrections, findings=findings)
        return " ".join(builders.build(examples.exhibit("corrections"), source).notes)

    said = "data-quality report"
    assert said in notes((made("a", 14), made("b", 8)), cured("out-of-range", 22))
    assert said not in notes((made("a", 24),), cured("out-of-range", 24))


@pytest.mark.property
def test_nothing_withheld_is_known_to_within_the_minimum():
    """Drawn tables: whatever is shown of both, no withheld count can be told from it."""
    draw = np.random.default_rng(20261125)
    for _ in range(60):
        sizes = draw.choice([1, 3, 8, 9, 12, 15, 40], draw.integers(1, 4))
        rows = [
            count(arm, int(n), reason="abc"[i], n_clusters=int(draw.choice([1, 4])))
            for i, n in enumerate(sizes)
            for arm in ARMS[: draw.integers(1, 3)]
        ]
        total = sum(row.n for row in rows)
        first = int(draw.integers(0, total + 1))
        findings = cured("out-of-range", first) + cured("odd", total - first, column="q3")
        source = examples.source(corrections=tuple(rows), findings=findings)
        shown = source.records.counts
        cells, margins = {}, []
        for row in rows:
            key = (row.round, row.action, row.reason)
            cells["row", key] = cells.get(("row", key), 0) + row.n
            if row.arm:
                cells["arm", key, row.arm] = row.n
        for found in findings:
            key = ("cured", (found.severity, found.rule, found.round, found.column))
            cells[key] = cells.get(key, 0) + 1
        assert shown.keys() == cells.keys()
        for key in [k for k in cells if k[0] == "row"]:
            arms = tuple(k for k in cells if k[0] == "arm" and k[1] == key[1])
            margins.append(PublishedSum(key, arms))
        # all of one table, all of the other
        cells["all"] = total
        for kind in ("row", "cured"):
            margins += [PublishedSum("all", tuple(k for k in cells if k[0] == kind))]
        hidden = frozenset(key for key, n in shown.items() if is_withheld(n))
        weak = exposed(cells, margins, hidden | {"all"}, minimum=10, range_="wide")
        assert weak - {"all"} == frozenset(), (sizes, first)


def test_a_sum_that_nobody_prints_is_unknown_and_no_secret():
    cells = {"sum": 22, "a": 14, "b": 8, "c": 22}
    margins = [PublishedSum("sum", ("a", "b")), PublishedSum("sum", ("c",))]
    hidden = suppress(cells, margins, minimum=10, unprinted=frozenset({"sum"}), range_="wide")
    assert hidden == {"a", "b"}
    for rest in itertools.combinations(("a", "b", "c"), 1):
        assert suppress(
            dict.fromkeys(("sum", *rest), 30), [PublishedSum("sum", rest)], minimum=10,
            unprinted=frozenset({"sum"}),
        ) == set()  # fmt: skip
