"""Levels by the disclosure rule, and baseline levels of published records, at each threshold.

The small study withholds cells of fewer than 10 respondents or 3 clusters; of a sensitive outcome
cells of fewer than 30, and shares of nobody or everybody.
"""

import itertools
import random
from dataclasses import replace

import pytest

from evaluation.config.confidentiality import Withheld
from evaluation.estimation.row_keys import parse
from evaluation.report import builders, disclosure
from evaluation.report.record_set import Records
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import given_away_by_sums
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

TRUST, CRIME, THREATS = examples.OUTCOMES
STUDY = examples.STUDY


def level(outcome=TRUST, arm="comparison", round_="baseline", **changes):
    return examples.level(outcome, arm, round_, **changes)


def record(outcome=TRUST, **changes):
    return examples.estimate(outcome, examples.SPECIFICATION, "cv1", **changes)


@pytest.mark.parametrize(
    ("outcome", "changes", "telling"),
    [
        (TRUST, {}, False),
        (TRUST, {"n": 9}, True),
        (TRUST, {"n": 10}, False),
        (TRUST, {"n_clusters": 2}, True),
        (TRUST, {"n_clusters": 3}, False),
        (TRUST, {"n": 29, "mean": 0.0}, False),
        (THREATS, {"n": 29}, True),
        (THREATS, {"n": 30}, False),
        (THREATS, {"n_clusters": 2}, True),
        (THREATS, {"mean": 0.0}, True),
        (THREATS, {"mean": 100.0}, True),
        (THREATS, {"mean": 1.0}, False),  # one per cent
        # nobody is nobody: no cell of no respondent is small, but a sensitive one has too few
        (TRUST, {"n": 0, "n_clusters": 0}, False),
        (THREATS, {"n": 0, "n_clusters": 0}, True),
    ],
)
def test_what_a_level_tells_by_itself(outcome, changes, telling):
    assert disclosure.tells(level(outcome, **changes), outcome, STUDY) is telling


def test_minima_are_those_of_the_study():
    stricter = replace(STUDY, minimum_cell=2000)
    assert disclosure.tells(level(n=1750), TRUST, stricter)
    assert not disclosure.tells(level(n=2000), TRUST, stricter)


@pytest.mark.parametrize(
    ("outcome", "mean", "certain"),
    [
        (THREATS, 0.0, True),
        (THREATS, 100.0, True),
        (THREATS, 50.0, False),
        (CRIME, 0.0, False),  # not sensitive
        (CRIME, 100.0, False),
        (replace(THREATS, unit="SD"), 0.0, False),  # the mean of an index is no share
        (replace(THREATS, unit="points"), 100.0, False),
    ],
)
def test_a_certain_level_is_a_share_of_a_sensitive_outcome(outcome, mean, certain):
    assert disclosure.is_certain_level(outcome, mean) is certain


@pytest.mark.parametrize(("changes", "withheld"), CASES["other_round"])
def test_a_level_goes_with_the_other_round_of_its_own_place(changes, withheld):
    small = replace(level(round_="endline", n=9), **changes)
    other, found = examples.source(levels=(small, level())).records.levels
    assert isinstance(other.mean, Withheld)
    assert isinstance(found.mean, Withheld) is withheld
    assert isinstance(found.n, Withheld) is withheld


@pytest.mark.parametrize(("sample", "unit", "mean", "withheld"), CASES["silent"])
def test_a_share_of_silent_people_is_a_share_whatever_they_were_asked(sample, unit, mean, withheld):
    index = replace(TRUST, sensitive=True)
    plan = replace(examples.PLAN, outcome=(index, CRIME, THREATS))
    preregistration = replace(examples.CONFIGURATION.preregistration, plan=plan)
    configuration = replace(examples.CONFIGURATION, preregistration=preregistration)
    made = level(index, sample=parse(sample), unit=unit, mean=mean)
    (found,) = examples.source(configuration, levels=(made,)).records.levels
    assert isinstance(found.mean, Withheld) is withheld


@pytest.mark.parametrize(
    ("outcome", "changes", "withheld"),
    [
        (TRUST, {}, False),
        (TRUST, {"n": 9}, True),
        (TRUST, {"n": 10}, False),
        (TRUST, {"n_clusters_comparison": 2}, True),
        (TRUST, {"n_clusters_comparison": 3}, False),
        # the other arm's number is not about this group
        (TRUST, {"n_clusters_treated": 2}, False),
        (THREATS, {"baseline_comparison_mean": 0.0}, True),
        (THREATS, {"baseline_comparison_mean": 100.0}, True),
        (THREATS, {"baseline_comparison_mean": 1.0}, False),
        (CRIME, {"baseline_comparison_mean": 100.0}, False),
    ],
)
def test_a_record_is_judged_by_its_own_numbers(outcome, changes, withheld):
    found = disclosure.baseline_is_withheld(record(outcome, **changes), outcome, [], STUDY)
    assert found is withheld


@pytest.mark.parametrize(
    ("levels", "withheld"),
    [
        ([level(n=9)], True),
        ([level(n=10)], False),
        ([level(n=9, round_="endline")], True),
        ([level(n=9, sample=parse("part"))], True),
        ([level(n=9, arm="treated")], False),  # another group
        ([level(CRIME, n=9)], False),  # another outcome
        # one is enough, wherever it stands
        ([level(), level(n_clusters=2), level()], True),
        ([level(), level(arm="treated", n=9), level(CRIME, n=9)], False),
    ],
)
def test_a_record_goes_with_a_withheld_level_of_the_comparison_group(levels, withheld):
    assert disclosure.baseline_is_withheld(record(), TRUST, levels, STUDY) is withheld


def test_a_record_of_a_sensitive_outcome_goes_with_its_levels_certainty():
    certain = disclosure.baseline_is_withheld(
        record(THREATS), THREATS, [level(THREATS, mean=100.0)], STUDY
    )
    assert certain
    few = [level(THREATS, n=29)]
    assert disclosure.baseline_is_withheld(record(THREATS), THREATS, few, STUDY)
    # an iterator, as a reader of a file gives it
    enough = iter([level(THREATS, n=30)])
    assert not disclosure.baseline_is_withheld(record(THREATS), THREATS, enough, STUDY)


PLACES = tuple((arm.id, round_) for arm in STUDY.arm for round_ in STUDY.rounds)


def beside(numbers, valid, places=PLACES):
    """Interviews of one outcome by group and round, their sum, and the valid ones of the flow."""
    levels = [level(arm=arm, round_=r, n=n) for (arm, r), n in zip(places, numbers, strict=True)]
    flow = [examples.flow(r, arm, "valid", n) for (arm, r), n in zip(places, valid, strict=True)]
    whole = replace(
        examples.estimate(TRUST, examples.PLAN.primary_specification(), "wcr_s"), n=sum(numbers)
    )
    records = Records(
        provenance=examples.PROVENANCE, levels=tuple(levels), flow=tuple(flow), estimates=(whole,)
    )
    return Source(records=records, configuration=examples.CONFIGURATION, language="en")


def is_known_to_within_half(numbers, valid):
    """What a reader finds who tries everything that the printed numbers may have been."""

    def printed(n):
        return (n + 5) // 10 * 10

    possible = [
        tried
        for tried in itertools.product(
            *(
                [n for n in range(printed(own) - 6, printed(own) + 7) if printed(n) == printed(own)]
                for own in numbers
            )
        )
        if printed(sum(tried)) == printed(sum(numbers))
        and all(n <= most for n, most in zip(tried, valid, strict=True))
    ]
    lacks = [[most - tried[i] for tried in possible] for i, most in enumerate(valid)]
    return any(min(of) > 0 and max(of) < 10 and max(of) - min(of) < 5 for of in lacks)


@pytest.mark.parametrize("parts", [2, 4])
def test_what_parts_and_their_sum_tell_is_what_trying_all_numbers_tells(parts):
    """Drawn numbers of which few are missing, against a search of all that print the same."""
    draw, told = random.Random(20261129), []  # noqa: S311 (no secret)
    for _ in range({2: 300, 4: 40}[parts]):
        # near the upper end of what prints alike, where a sum says most
        numbers = [10 * draw.randint(3, 9) + draw.choice((3, 4, 4, 4, 5)) for _ in range(parts)]
        valid = [n + draw.choice((0, 1, 1, 1, 5, 12)) for n in numbers]
        found = given_away_by_sums(beside(numbers, valid, PLACES[:parts]))
        told.append(is_known_to_within_half(numbers, valid))
        assert (found == {TRUST.id}) is told[-1], (numbers, valid)
    assert 0 < sum(told) < len(told)


def test_parts_that_their_sum_gives_away_are_in_no_row_of_their_outcome():
    """Four of 1,754 print as 1,750 each and as 7,020 together: of 1,755 each lacks one or two."""
    source = beside([1754] * 4, [1755] * 4)
    assert given_away_by_sums(source) == {TRUST.id}
    levels = builders.build(examples.exhibit("levels", outcomes=(TRUST.id,)), source)
    kinds = {
        cell.kind
        for row in levels.rows
        for column, cell in zip(levels.columns, row.cells, strict=True)
        if column.id.startswith("n_")
    }
    drawn = builders.draw(examples.exhibit("levels_plot", outcomes=(TRUST.id,)), source).data
    assert {drawn.cell(f"{TRUST.id}-{arm}-{r}", "n").kind for arm, r in PLACES} == {"suppressed"}
    assert kinds == {"suppressed"}
