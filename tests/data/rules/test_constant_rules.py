"""One answer over a stretch of rows is told, and likeness of neighbours is not."""

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest

from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import make_frame
from evaluation.data.readers.read import drop_ignored
from evaluation.data.rules import column_shape
from evaluation.data.rules.constant_stretches import CHANCE, constant_stretch, expected_stretches
from evaluation.data.rules.rule import Declared
from evaluation.estimation.records import Finding
from tests.faults.whole import DEMONSTRATION, TRIAL, undamaged, whole

PLACES, EACH = 60, 40
RULE = "constant-stretch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A study's rounds, parsed."""

    rounds: tuple[Parsed, ...]
    declared: Declared

    def found(self, number: int, name: str, start: float, end: float) -> list[Finding]:
        """What is found once an item holds its usual answer from a share of the rows to another."""
        parsed = self.rounds[number]
        column = parsed.columns[name]
        rows = np.flatnonzero(parsed.consented & column.observed)
        part = rows[int(start * len(rows)) : int(end * len(rows))]
        codes = column.codes.copy()
        codes[part] = np.bincount(codes[part]).argmax()
        damaged = replace(parsed, columns={**parsed.columns, name: replace(column, codes=codes)})
        rounds = [damaged if i == number else other for i, other in enumerate(self.rounds)]
        raw = parsed.raw(name)
        return [
            f
            for f in column_shape.column_shapes(rounds, self.declared)
            if f.rule == RULE and f.file == parsed.file.path and f.column == raw
        ]


@functools.cache
def read(name: str) -> Read:
    before = whole(name)
    study, dictionary = before.study, before.dictionary
    kept = [drop_ignored(table) for table in before.tables.values()]
    respondent = dictionary.variables[study.columns.respondent].raw
    results, _ = apply(kept, before.ledger, study, respondent=respondent)
    parsed = {r.table.file.source: parse(r.table, dictionary) for r in results}
    frame = make_frame(clean(parsed["frame"], dictionary), study)
    return Read(
        rounds=tuple(parsed[r] for r in study.rounds),
        declared=Declared(dictionary, study, frame),
    )


@pytest.mark.parametrize(
    ("study", "number", "name"),
    [
        (TRIAL, 0, "fear_violent"),
        (TRIAL, 1, "fear_violent"),
        # yes and no
        (TRIAL, 0, "policebeating_report"),
        # a nominal one, one with few people asked, one that nobody was asked, a number
        (DEMONSTRATION, 0, "ethnicity"),
        (DEMONSTRATION, 1, "v17_last_month"),
        (DEMONSTRATION, 0, "residence"),
        (DEMONSTRATION, 1, "residence"),
        (DEMONSTRATION, 0, "age"),
    ],
)
@pytest.mark.parametrize(("start", "end"), [(2 / 3, 1.0), (0.0, 1 / 3), (0.4, 0.6)])
def test_one_answer_over_part_of_a_file_is_told(study, number, name, start, end):
    found = read(study).found(number, name, start, end)
    assert [f.severity for f in found] == ["warn"]
    asked = read(study).rounds[number].columns[name].observed.sum()
    told = int(str(found[0].problem).split(" ")[0].replace(",", ""))
    assert told >= int((end - start) * asked) - 1
    assert found[0].line in read(study).rounds[number].lines


@pytest.mark.parametrize("study", [DEMONSTRATION, TRIAL])
def test_the_studies_as_delivered_have_none(study):
    assert [f for f in undamaged(study) if f.rule == RULE] == []


def test_a_hundred_rows_are_enough_where_answers_are_many():
    assert read(TRIAL).found(0, "fear_violent", 0.5, 0.53)


@pytest.mark.parametrize("name", ["v13_injury", "v8_fight"])
def test_a_rare_event_may_be_absent_from_a_third_of_a_file(name):
    """Of 1 % a third of the rows loses some 20 people, who live in few places."""
    assert read(DEMONSTRATION).found(1, name, 2 / 3, 1.0) == []


# ---- how many stretches a column lets expect ----------------------------------------------------
def test_of_rows_drawn_one_by_one_the_chance_is_a_power_of_the_share():
    codes = np.array([0, 1] * 300)
    codes[100:120] = 0
    one_each = np.arange(600)
    share = float(np.mean(codes == 0))
    assert expected_stretches(codes, one_each, 100, 120) == pytest.approx(600 * share**20)


def test_of_places_that_agree_the_chance_is_a_power_over_places():
    codes = np.repeat([0, 0, 0, 1, 1, 0], 50)
    area = np.repeat(np.arange(6), 50)
    assert expected_stretches(codes, area, 0, 150) == pytest.approx(300 * (4 / 6) ** 3, rel=0.01)


def test_by_hand_with_a_third_of_the_variance_between_places():
    """With p and r of the column, two people of one place: p, then (p (1 - r) + r)."""
    codes = np.array([0, 0, 1, 1, 0, 1, 0, 0, 1, 0])
    area = np.repeat(np.arange(5), 2)
    # between: sum of 2 (mean - 0.6)^2 is 1.4 over 4 degrees; within: 1.0 over 5
    between = (1.4 / 4 - 0.2) / 2
    r, p = between / (between + 0.2), 0.6
    expected = 10 * p * (p * (1 - r) + r)
    assert expected_stretches(codes, area, 6, 8) == pytest.approx(expected)


def drawn(rng: np.random.Generator, share: float, alike: float, *, by: int) -> np.ndarray:
    """Yes and no in the order of places, whose shares are beta; `by` places share theirs."""
    size = 1 / alike - 1
    shares = np.repeat(rng.beta(share * size, (1 - share) * size, PLACES // by), by * EACH)
    return (rng.random(PLACES * EACH) < shares).astype(np.int64)


def least(codes: np.ndarray, area: np.ndarray) -> float:
    """Of the stretches of at least a hundred rows."""
    edges = [0, *(np.flatnonzero(np.diff(codes)) + 1), len(codes)]
    long = [(a, b) for a, b in itertools.pairwise(edges) if b - a >= 100]
    return min((expected_stretches(codes, area, a, b) for a, b in long), default=1.0)


@pytest.mark.property
@pytest.mark.parametrize("share", [0.5, 0.8, 0.95, 0.98, 0.995])
@pytest.mark.parametrize("alike", [0.02, 0.1, 0.3, 0.6, 0.9])
def test_answers_that_stand_together_by_place_are_no_stretch(share, alike):
    """40 files each, and not one stretch."""
    rng = np.random.default_rng(11)
    area = np.repeat(np.arange(PLACES), EACH)
    for _ in range(40):
        assert least(drawn(rng, share, alike, by=1), area) >= CHANCE


@pytest.mark.property
def test_a_whole_region_may_speak_one_language():
    """Places of one region share what they speak: places alone would call it a stretch."""
    rng = np.random.default_rng(12)
    region = np.repeat(np.arange(PLACES // 10), 10 * EACH)
    place = np.repeat(np.arange(PLACES), EACH)
    told = 0
    for _ in range(40):
        codes = drawn(rng, 0.5, 0.95, by=10)
        assert least(codes, region) >= CHANCE
        told += least(codes, place) < CHANCE
    assert told > 0


def test_what_the_same_places_answered_in_another_round_is_no_stretch():
    """The damage is done to both rounds: the places agree, whoever made them agree."""
    study = read(TRIAL)
    name = "fear_violent"
    place = study.declared.frame.cluster
    taken = set(study.declared.frame.table[place].iloc[100:250])
    rounds = []
    for parsed in study.rounds:
        column = parsed.columns[name]
        there = np.isin(parsed.columns[place].values.astype(str), list(map(str, taken)))
        three = int(np.flatnonzero(column.meanings == 3)[0])
        codes = np.where(there & column.observed, three, column.codes)
        order = np.argsort(~there, kind="stable")
        both = {
            n: replace(c, codes=(codes if n == name else c.codes)[order])
            for n, c in parsed.columns.items()
        }
        rounds.append(replace(parsed, columns=both))
    rows = np.flatnonzero(rounds[0].columns[name].observed)
    alone = constant_stretch(rounds[0], name, rows, [], study.declared)
    beside = constant_stretch(rounds[0], name, rows, [study.rounds[1]], study.declared)
    agreed = constant_stretch(rounds[0], name, rows, rounds[1:], study.declared)
    assert alone is not None
    assert beside == alone
    assert agreed is None
