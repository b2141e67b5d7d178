"""What is hidden together is not about fewer respondents or clusters than one cell may be about."""

import itertools

import numpy as np
import pytest

from evaluation.config.fieldwork_plan import FoundAgain, Progress
from evaluation.errors import ReportError
from evaluation.report.complementary_suppression import PublishedSum, exposed, suppress
from evaluation.report.linked_counts import hidden_departments, of_progress, parts
from tests.report import examples
from tests.report.test_corrections_by_group import ARMS, build, count, shown

STUDY = examples.STUDY  # fewer than 10 respondents, fewer than 3 clusters


def progress(level: str, name: str, n: int, clusters: int) -> Progress:
    return Progress(
        study=STUDY.id,
        round="endline",
        level=level,
        name=name,
        n=n,
        target=n,
        n_clusters=clusters,
        n_clusters_begun=clusters,
        n_clusters_full=0,
    )


@pytest.mark.parametrize(
    ("clusters", "withheld"),
    [
        ((1, 1, 4, 8), (True, True, True, False)),  # two clusters are too few, with four they are 6
        ((1, 2, 4, 8), (True, True, False, False)),  # three are enough
        ((2, 3, 4, 8), (True, True, False, False)),  # one alone is nobody's cover
    ],
)
def test_parts_of_few_clusters_hide_together(clusters, withheld):
    # all have respondents enough: 48, 50, 200 and 400
    assert parts((48, 50, 200, 400), clusters, STUDY) == withheld


@pytest.mark.parametrize("counts", [(10, 0), (0, 40), (12, 0, 0)])
def test_an_empty_part_is_no_cover_for_the_only_other(counts):
    """The total is shown elsewhere: less a shown nobody it would be the part of two clusters."""
    clusters = [2 if n else 0 for n in counts]
    assert parts(counts, clusters, STUDY) == (True,) * len(counts)


def test_the_rest_of_every_total_stands_on_enough_respondents_and_clusters():
    """All cases of four parts with few or enough: the total less what is shown, by brute force."""
    sizes, places = (0, 4, 9, 12, 40), (1, 2, 3)
    draw = np.random.default_rng(20210215)
    for _ in range(2000):
        made = [
            (int(n), int(c) if n else 0)
            for n, c in zip(draw.choice(sizes, 4), draw.choice(places, 4), strict=True)
        ]
        gone = parts([n for n, _ in made], [c for _, c in made], STUDY)
        hidden = [part for part, is_gone in zip(made, gone, strict=True) if is_gone]
        few = sum(n for n, _ in hidden) < 10 or sum(c for _, c in hidden) < 3
        # where every respondent is hidden, nothing is left to hide
        left = [n for (n, _), is_gone in zip(made, gone, strict=True) if n and not is_gone]
        assert not hidden or not left or not (few or len(hidden) == 1), made


def test_departments_of_one_cluster_are_not_told_by_the_others():
    rows = [
        progress("all", "", 698, 14),
        progress("department", "A", 48, 1),
        progress("department", "B", 50, 1),
        progress("department", "C", 200, 4),
        progress("department", "D", 400, 8),
    ]
    found = of_progress(rows, STUDY)
    assert [row.name for row in found] == ["", "D"]
    told = sum(row.n_clusters_begun for row in found if row.level == "department")
    assert 14 - told >= STUDY.minimum_clusters


def test_those_found_again_in_two_clusters_are_not_told_by_the_others():
    rows = [
        FoundAgain(
            study=STUDY.id,
            arm="treated",
            department=name,
            n=n,
            n_again=again,
            n_clusters=clusters,
            weight=float(n),
            weight_again=float(again),
        )
        for name, n, again, clusters in (
            ("A", 40, 25, 1),
            ("B", 44, 30, 1),
            ("C", 200, 120, 5),
            ("D", 300, 180, 7),
        )
    ]
    assert hidden_departments(rows, STUDY) == {"A", "B", "C"}


def test_groups_of_one_cluster_each_take_a_third_with_them():
    few = [count(arm, 20, n_clusters=1) for arm in ARMS]
    table = build(*few, count("other", 50, n_clusters=8))
    row = "baseline-set-typed_twice"
    # two clusters together: 90 less 50 would be those 40 rows
    assert [table.cell(row, f"n_{arm}").kind for arm in (*ARMS, "other")] == ["suppressed"] * 3
    enough = [count(arm, 20, n_clusters=n) for arm, n in zip(ARMS, (1, 2), strict=True)]
    table = build(*enough, count("other", 50, n_clusters=8))
    assert table.cell(row, "n_other").text == "50"


@pytest.mark.parametrize(("clusters", "total"), [(1, "suppressed"), (2, "40")])
def test_a_total_is_withheld_that_stands_on_the_flow_s_withheld_groups(clusters, total):
    """The flow withholds 20 and 20 for their clusters: 40 rows of two clusters, or of four."""
    counts = [count(arm, 20, action="drop", n_clusters=clusters) for arm in ARMS]
    flow = tuple(
        record
        for arm in ARMS
        for record in (
            examples.flow("baseline", arm, "delivered", 520),
            examples.flow("baseline", arm, "dropped", 20, "typed twice", n_clusters=clusters),
            examples.flow("baseline", arm, "valid", 500),
        )
    )
    table = build(*counts, flow=flow)
    assert shown(table, "baseline-drop-typed_twice") == [total, "suppressed", "suppressed"]


@pytest.mark.parametrize("minimum", [3, 10])
def test_what_cannot_be_protected_is_refused(minimum):
    cells, margins = {"all": 25, "a": 2, "b": 23}, [PublishedSum("all", ("a", "b"))]
    with pytest.raises(ReportError, match="could be worked out") as told:
        suppress(cells, margins, minimum=minimum, elsewhere=frozenset({"all", "b"}))
    assert told.value.fix


def test_what_is_returned_is_never_exposed():
    margins = [PublishedSum("all", ("a", "b"))]
    for a, b in itertools.product((0, 3, 9, 12), (4, 9, 30)):
        cells = {"all": a + b, "a": a, "b": b}
        hidden = suppress(cells, margins, minimum=10, elsewhere=frozenset({"b"}))
        assert exposed(cells, margins, hidden, minimum=10) == frozenset(), (a, b)
