"""The risk report of a small release: every number worked by hand beside it.

Six places of two people. A, B, C are treated and lie in the north; D, E (north) and F (south) are
the comparison group. Persons by place, as sex, work and rounds in which they were seen:

    A  f farm be   f farm be      D  f farm be   m farm be
    B  f shop be   m farm be      E  f shop be   m shop e
    C  f shop be   m shop b       F  f herd b    m herd b

Released, farm and herd are first "land", then "rural", and shop is "stall"; the work of the two
shopkeepers (m) and the sex of both persons of F are blanked.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.data import release_risk
from evaluation.data.anonymise import BLANK, SEEN
from evaluation.data.release import Released
from evaluation.data.release_rules import Kept
from evaluation.spec.release import Attack, Group, Recoding, Release
from tests.data.test_release import study

KEYS = ("sex", "work")
# id: place, sex, work, rounds; work and sex as released
PEOPLE = {
    "a1": ("1", "f", "farm", "be", "f", "rural"),
    "a2": ("1", "f", "farm", "be", "f", "rural"),
    "b1": ("2", "f", "shop", "be", "f", "stall"),
    "b2": ("2", "m", "farm", "be", "m", "rural"),
    "c1": ("3", "f", "shop", "be", "f", "stall"),
    "c2": ("3", "m", "shop", "b", "m", BLANK),
    "d1": ("4", "f", "farm", "be", "f", "rural"),
    "d2": ("4", "m", "farm", "be", "m", "rural"),
    "e1": ("5", "f", "shop", "be", "f", "stall"),
    "e2": ("5", "m", "shop", "e", "m", BLANK),
    "f1": ("6", "f", "herd", "b", BLANK, "rural"),
    "f2": ("6", "m", "herd", "b", BLANK, "rural"),
}
WEIGHT = {"1": 2.0, "2": 4.0, "3": 6.0, "4": 4.0, "5": 6.0, "6": 5.0}
# in the release the order of A, B, C is turned round, and D and E weigh the same
RELEASED_WEIGHT = {"1": 3.0, "2": 2.0, "3": 1.0, "4": 1.0, "5": 1.0, "6": 1.0}
# answers to an item about extortion, those of b and of e; people alone in a combination have none
EXTORTED = {"a1": "10", "a2": "01", "b1": "01", "b2": "10", "c1": "00", "d1": "00", "d2": "01",
            "e1": "10"}  # fmt: skip
RULES = Release(
    keys=KEYS,
    k=3,
    attack=(
        Attack(released="weight", known="people"),
        Attack(released="work", known="farmers", answer="rural"),
    ),
)
STEPS = (
    Recoding(
        variable="work",
        groups=(
            Group(label="land", values=("farm", "herd")),
            Group(label="stall", values=("shop",)),
        ),
    ),
    # a value of another variable that is called the same
    Recoding(variable="sex", groups=(Group(label="rural", values=("shop",)),)),
    Recoding(variable="work", groups=(Group(label="rural", values=("land",)),)),
)
STUDY = study(release=RULES)


def rows_of_panel():
    """One row per interview, in no order and with labels that are no positions."""
    rows = []
    for person, (place, sex, work, rounds, *_) in PEOPLE.items():
        for r in rounds:
            said = EXTORTED.get(person)
            rows.append(
                {
                    "person": person,
                    "place": place,
                    "round": r,
                    "arm": "t" if place in "123" else "c",
                    "area": "S" if place == "6" else "N",
                    "weight": WEIGHT[place],
                    "sex": sex,
                    # what she says at endline is not what was first observed
                    "work": "farm" if (person, r) == ("b1", "e") else work,
                    "extorted": np.nan if said is None else float(said["be".index(r)]),
                    # only a person's number and the round decide
                    "abused": float(person[1] == "1"),
                }
            )
    rows = pd.DataFrame(rows).set_axis(range(100, 120))
    return rows.sample(frac=1.0, random_state=1)


def persons(position):
    """Key variables before (position 1) or after (position 4) protection, from last to first."""
    made = {
        person: {"sex": p[position], "work": p[position + 1], SEEN: "+".join(p[3])}
        for person, p in reversed(PEOPLE.items())
    }
    return pd.DataFrame.from_dict(made, orient="index").astype(object)


def released(**changes):
    rows = rows_of_panel()
    new_ids = {person: f"P{person[::-1]}" for person in PEOPLE}
    panel = pd.DataFrame(
        {
            "person": rows["person"].map(new_ids),
            "place": rows["place"],
            "round": rows["round"],
            "weight": rows["place"].map(RELEASED_WEIGHT),
        }
    )
    # answers by arm and round: 0 1 2, 0 1 2, 0 1, 1 2
    sensitive = pd.DataFrame(
        [("t", "b", v) for v in (0.0, 1.0, 2.0)]
        + [("t", "e", v) for v in (0.0, 1.0, 2.0)]
        + [("c", "b", v) for v in (0.0, 1.0)]
        + [("c", "e", v) for v in (1.0, 2.0)],
        columns=["arm", "round", "extorted"],
    )
    return Released(
        **{
            "panel": panel.sample(frac=1.0, random_state=2).reset_index(drop=True),
            "sensitive": sensitive,
            "rows": rows,
            "persons_before": persons(1),
            "persons_after": persons(4),
            "kept": Kept(main=(), sensitive=("extorted", "abused"), left_out={}),
            "steps": STEPS,
            "blanked": {"sex": 2, "work": 2},
            "areas": {"N": "N", "S": "S"},
            "new_ids": new_ids,
            "one_answer": ("abused",),
        }
        | changes
    )


FRAME = pd.DataFrame(
    {
        # a town that is not in the sample, numbers as ids, and another order
        "town": [6, 9, 5, 4, 3, 2, 1],
        "people": [50, 1000, 60, 40, 60, 40, 20],
        "farmers": [0.5, 0.0, 0.1, 0.9, 0.5, 0.1, 0.9],
    }
)


def report(found=None, frame=FRAME, **changes):
    """Value by stage, file, measure and subject; recoded variables are left to their own test."""
    rows = release_risk.risk_rows(found or released(), frame, replace(STUDY, **changes))
    assert {row.study for row in rows} == {"s"}
    rows = [row for row in rows if row.measure != "recoded_to"]
    table = {(row.stage, row.file, row.measure, row.subject): row.value for row in rows}
    assert len(table) == len(rows)
    assert all(type(value) is float for value in table.values())
    return table


def named(table, *names):
    return {key: value for key, value in table.items() if key[2] in names}


def measures(table, stage, subject):
    names = ("persons", "combinations", "smallest", "below", "unique", "in_pairs")
    return [table[stage, "panel", name, subject] for name in names]


def chance(table, stage, subject):
    return table[stage, "panel", "correct_match", subject]


# weights sum to 48 at baseline (2 x (2 + 4 + 6 + 4 + 5) + 6) and to 38 at endline: 12 of 48
# persons, 11 of 48 and 9 of 38 interviews. Chances of a match by Skinner and Elliot (2002) as
# quotients of whole numbers: the tolerance is the rounding of five operations.
@pytest.mark.truth
@pytest.mark.parametrize(
    ("stage", "subject", "counts", "right"),
    [
        # (f farm be) 3, (f shop be) 3, (m farm be) 2, and four alone: 1 / (1 + 2 x 0.75)
        ("before", "keys", [12, 7, 1, 6, 4, 1], 2 / 5),
        # (f farm) 3, (f shop) 3, (m farm) 2, and three alone: 33 / (33 + 2 x 37)
        ("before", "keys in b", [11, 6, 1, 5, 3, 1], 33 / 107),
        # (f farm) 3, (f shop) 3, (m farm) 2, (m shop): 9 / (9 + 2 x 29)
        ("before", "keys in e", [9, 4, 1, 3, 1, 1], 9 / 67),
        # a1 and a2, b1 and c1, and eight alone: 2 / (2 + 2 x 0.75 x 2)
        ("before", "keys and arm", [12, 10, 1, 12, 8, 2], 2 / 5),
        # now f1 and f2 agree: 0.5 / (0.5 + 2 x 0.75 x 2)
        ("after", "keys", [12, 6, 1, 6, 2, 2], 1 / 7),
        # 11 / (11 + 2 x 37 x 2)
        ("after", "keys in b", [11, 5, 1, 5, 1, 2], 11 / 159),
        ("after", "keys in e", [9, 4, 1, 3, 1, 1], 9 / 67),
        # 1.5 / (1.5 + 2 x 0.75 x 3)
        ("after", "keys and arm", [12, 9, 1, 12, 6, 3], 1 / 4),
    ],
)
def test_persons_by_what_is_known_of_them(stage, subject, counts, right):
    table = report()
    assert measures(table, stage, subject) == counts
    assert chance(table, stage, subject) == pytest.approx(right, rel=1e-14)


def test_a_sample_is_never_more_than_everybody():
    # weights of 0.1: 12 persons of 2, which cannot be, so they are all: every match is right
    found = released()
    light = replace(found, rows=found.rows.assign(weight=0.1))
    table = report(light)
    for subject in ("keys", "keys in b", "keys in e", "keys and arm"):
        assert chance(table, "before", subject) == 1.0


def test_what_was_promised_and_done():
    assert named(report(), "k_required", "values_blanked") == {
        ("after", "panel", "k_required", ""): 3,
        ("after", "panel", "values_blanked", "sex"): 2,
        ("after", "panel", "values_blanked", "work"): 2,
    }


def test_each_recoding_is_a_line_with_its_number_of_categories():
    rows = release_risk.risk_rows(released(), FRAME, STUDY)
    lines = [(r.stage, r.file, r.subject, r.value) for r in rows if r.measure == "recoded_to"]
    work = ("after", "panel", "work")
    assert lines == [(*work, 2.0), ("after", "panel", "sex", 1.0), (*work, 1.0)]


def test_answers_to_sensitive_items_before_and_as_released():
    """By round and first observed traits, of those who answered; then by arm and round.

    Extortion: six groups of two or three people who did not all say the same. Abuse, of which the
    first of a place has an answer of her own: of ten groups only the women on farms differ, in both
    rounds; it is not released at all.
    """
    assert named(report(), "fewest_answers", "groups_with_one_answer") == {
        ("before", "panel", "fewest_answers", "extorted"): 2,
        ("before", "panel", "groups_with_one_answer", "extorted"): 0,
        ("before", "panel", "fewest_answers", "abused"): 1,
        ("before", "panel", "groups_with_one_answer", "abused"): 8,
        ("after", "sensitive", "fewest_answers", "extorted"): 2,
        ("after", "sensitive", "groups_with_one_answer", "extorted"): 0,
    }


def test_places_that_an_outsider_would_find():
    """Ranks within arm and subregion; three groups, so guessing finds three places.

    Weights before: 2, 4, 6 with 20, 40, 60 people, and 4, 6 with 40, 60: all six. Released 3, 2, 1:
    only B, in the middle; D and E are alike; F is alone in its group.

    Work on the land before: 1, 3/4, 0 with 0.9, 0.1, 0.5 farmers: A is right, B and C are taken for
    each other; D, E and F are right. Released 1, 1/2, 0: the same ranks.

    Both before: A by its work although its weight agrees, D, E, F; B and C are each as near to the
    other. Both after: A at ranks (3, 3) is nearest to C at (3, 2), C at (1, 1) to B at (2, 1), B at
    (2, 2) to B and C alike; D and E are told apart by their work.
    """
    found = {
        ("before", "weight with people"): 6,
        ("before", "work with farmers"): 4,
        ("before", "all together"): 4,
        ("after", "weight with people"): 2,
        ("after", "work with farmers"): 4,
        ("after", "all together"): 3,
    }
    expected = {(s, "panel", "places_found", subject): n for (s, subject), n in found.items()}
    expected |= {(s, "panel", "places_found_by_guessing", subject): 3 for s, subject in found}
    assert named(report(), "places_found", "places_found_by_guessing") == expected


def test_without_a_declared_comparison_no_place_is_looked_for():
    table = report(release=replace(RULES, attack=()))
    assert named(table, "places_found", "places_found_by_guessing") == {}
    assert ("after", "panel", "k_required", "") in table


def test_places_told_by_their_numbers_of_interviews():
    # A, B and D have two in each round; C 2 and 1, E 1 and 2, F 2 and 0
    table = report()
    key = ("after", "both", "places_with_their_own_number_of_interviews", "")
    assert table[key] == 3
    # no other line is about both files
    assert [k for k in table if k[1] == "both"] == [key]


def test_released_weights_stand_beside_the_rows_they_were_made_from():
    found = released()
    weights = release_risk._released_weight(found)
    assert weights.index.equals(found.rows.index)
    expected = [RELEASED_WEIGHT[place] for place in found.rows["place"]]
    assert weights.tolist() == expected
    # another weight in each round is not mixed up
    later = found.panel["round"] == "e"
    panel = found.panel.assign(weight=found.panel["weight"] + 10.0 * later)
    weights = release_risk._released_weight(replace(found, panel=panel))
    more = [10.0 * (r == "e") for r in found.rows["round"]]
    assert weights.tolist() == [a + b for a, b in zip(expected, more, strict=True)]


PLACES = pd.DataFrame(
    {
        "place": ["x", "y", "x", "y", "z", "w"],
        "work": ["rural", "farm", "stall", BLANK, BLANK, "stall"],
        "size": [1, 4, 3, 8, 5, 7],
    }
)


@pytest.mark.parametrize(
    ("released_", "answer", "stage", "means"),
    [
        # 1 of 2; farm is rural before; of w none; z without any answer gets the mean of the others
        ("work", "rural", "before", [0.0, 1 / 2, 1.0, (0 + 1 / 2 + 1) / 3]),
        # once recoded, only the answer itself counts
        ("work", "rural", "after", [0.0, 1 / 2, 0.0, (0 + 1 / 2 + 0) / 3]),
        ("size", "", "before", [7.0, 2.0, 6.0, 5.0]),
        ("size", "", "after", [7.0, 2.0, 6.0, 5.0]),
    ],
)
def test_means_of_places(released_, answer, stage, means):
    attack = Attack(released=released_, known="any", answer=answer)
    found = release_risk._means(PLACES, attack, list("wxyz"), released(), stage)
    assert found.dtype == np.float64
    # sums of at most three numbers
    assert found == pytest.approx(means, rel=1e-15)


def test_means_are_floats_also_of_whole_numbers_that_may_be_missing():
    table = PLACES.assign(size=pd.array([1, 4, 3, 8, None, 7], dtype="Float64"))
    attack = Attack(released="size", known="any")
    found = release_risk._means(table, attack, list("wxyz"), released(), "after")
    assert found.dtype == np.float64
    assert found == pytest.approx([7.0, 2.0, 6.0, 5.0], rel=1e-15)


def test_a_compared_answer_stands_for_all_that_was_recoded_into_it():
    work = Attack(released="work", known="any", answer="rural")
    # land, and through it farm and herd; not what sex, another variable, calls rural
    assert release_risk._narrower(work, released()) == {"rural", "land", "farm", "herd"}
    stall = Attack(released="work", known="any", answer="stall")
    assert release_risk._narrower(stall, released()) == {"stall", "shop"}
    assert release_risk._narrower(stall, released(steps=())) == {"stall"}
