"""The risk report of a small release: every number worked by hand beside it.

Six places of two people. A, B, C are treated and lie in the north; D, E (north) and F (south) are
the comparison group. Persons by place, as sex, work and rounds in which they were seen:

    A  f farm be   f farm be      D  f farm be   m farm be
    B  f shop be   m farm be      E  f shop be   m shop e
    C  f shop be   m shop b       F  f herd b    m herd b

Released, farm and herd are first "land", then "rural", and shop is "stall"; the work of the two
shopkeepers (m) and the sex of both persons of F are blanked.
"""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from evaluation.config.plan import Specification
from evaluation.config.release_rules import AnswerGroup, Attack, Recoding, Release
from evaluation.config.study import Arm, Round
from evaluation.release import risk_report
from evaluation.release.anonymity import BLANK, SEEN
from evaluation.release.columns_kept import Kept
from evaluation.release.public_file import Released
from evaluation.release.release_pages import risk_page
from evaluation.release.risk import mean_of_one_over, weighted_risk
from tests.release.test_release import TEXT, outcome, study
from tests.tables import cases

CASES = cases(__file__)

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
            AnswerGroup(label="land", values=("farm", "herd")),
            AnswerGroup(label="stall", values=("shop",)),
        ),
    ),
    # a value of another variable that is called the same
    Recoding(variable="sex", groups=(AnswerGroup(label="rural", values=("shop",)),)),
    Recoding(variable="work", groups=(AnswerGroup(label="rural", values=("land",)),)),
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
        person: {
            "sex": p[position],
            "work": p[position + 1],
            "arm": "t" if p[0] in "123" else "c",
            SEEN: "+".join(p[3]),
        }
        for person, p in reversed(PEOPLE.items())
    }
    return pd.DataFrame.from_dict(made, orient="index").astype(object)


def released(**changes):
    rows = rows_of_panel()
    sensitive = pd.DataFrame({"item": ["extorted"] * 2, "respondents": [40, 31]})
    return Released(
        **{
            "panel": pd.DataFrame(),
            "sensitive": sensitive,
            "rows": rows,
            "persons_before": persons(1),
            "persons_after": persons(4),
            "kept": Kept(main=(), sensitive=("extorted", "abused"), left_out={}),
            "steps": STEPS,
            "blanked": {"sex": 2, "work": 2},
            "areas": {"N": "N", "S": "S"},
            "withheld": ("abused",),
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
    rows = risk_report.risk_rows(found or released(), frame, replace(STUDY, **changes))
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
@pytest.mark.parametrize(("stage", "subject", "counts", "right"), CASES["persons"])
def test_persons_by_what_is_known_of_them(stage, subject, counts, right):
    table = report()
    subject = f"keys, arm and rounds{subject}"
    assert measures(table, stage, subject) == counts
    assert chance(table, stage, subject) == pytest.approx(right, rel=1e-14)


def test_a_sample_is_never_more_than_everybody():
    # weights of 0.1: 12 persons of 2, which cannot be, so they are all: every match is right
    found = released()
    light = replace(found, rows=found.rows.assign(weight=0.1))
    table = report(light)
    for subject in ("", " in b", " in e"):
        assert chance(table, "before", f"keys, arm and rounds{subject}") == 1.0


def one_over(f, total):
    """Mean of one over the population's number, in closed form for one and for two persons."""
    odds = f / (total - f)
    one = odds * math.log(total / f)
    return one if f == 1 else odds - odds * one


# weights at baseline: a1, a2 have 2; b1 has 4 and c1 6; alone are b2 4, c2 6, d1 4, d2 4, e1 6 and
# f1, f2 5. Released, f1 and f2 agree. At endline c2, f1, f2 are missing and e2 has 6. Sums of
# eleven numbers of the closed forms: the tolerance is their rounding.
@pytest.mark.truth
@pytest.mark.parametrize(
    ("stage", "round_", "alone", "pairs"),
    [
        ("before", "b", [4, 6, 4, 4, 6, 5, 5], [4, 10]),
        ("before", "e", [4, 4, 4, 6, 6], [4, 10]),
        ("after", "b", [4, 6, 4, 4, 6], [4, 10, 10]),
    ],
)
def test_what_the_weights_say_of_the_population(stage, round_, alone, pairs):
    table, subject = report(), f"keys, arm and rounds in {round_}"
    expected = sum(one_over(1, w) for w in alone) + sum(2 * one_over(2, w) for w in pairs)
    matches = table[stage, "panel", "expected_matches", subject]
    assert matches == pytest.approx(expected, rel=1e-14)
    uniques = table[stage, "panel", "population_uniques", subject]
    assert uniques == pytest.approx(sum(1 / w for w in alone), rel=1e-14)


@pytest.mark.parametrize(
    ("weight", "reason"), [(0.9, "a weight is below 1"), (np.nan, "a weight is missing")]
)
def test_weights_that_count_nobody_give_a_reason_and_no_number(weight, reason):
    found = released()
    one = found.rows["weight"].where(found.rows["person"] != "a1", weight)
    rows = risk_report.risk_rows(replace(found, rows=found.rows.assign(weight=one)), FRAME, STUDY)
    named_ = [r for r in rows if r.measure in ("expected_matches", "population_uniques")]
    assert len(named_) == 8
    assert all(r.reason.startswith(reason) and math.isnan(r.value) for r in named_)
    others = [r for r in rows if r not in named_]
    assert not any(r.reason for r in others)
    page = risk_page(rows, STUDY)
    assert f"not estimated: {reason}" in page
    assert "nan" not in page.replace("Benedetti and Franconi", "")


# f trials for success number f: summed over all numbers of trials, as the definition has it
@pytest.mark.truth
@pytest.mark.parametrize("f", [1, 2, 3, 7, 60])
@pytest.mark.parametrize("p", [0.02, 0.3, 0.5, 0.51, 0.6, 0.97])
def test_the_mean_of_one_over_the_number_of_trials(f, p):
    def chance(trials):
        ways = math.lgamma(trials) - math.lgamma(f) - math.lgamma(trials - f + 1)
        return math.exp(ways + f * math.log(p) + (trials - f) * math.log1p(-p))

    # beyond twenty times the mean number of trials is less than 1e-15 of it
    summed = math.fsum(chance(n) / n for n in range(f, f + math.ceil(20 * f / p) + 200))
    # logarithms of factorials of some thousands are right to 1e-12
    assert mean_of_one_over(f, p=p) == pytest.approx(summed, rel=1e-11)


def test_means_that_are_known_exactly():
    # p = 1/2: log 2, 1 - log 2, log 2 - 1/2
    found = [mean_of_one_over(f, p=0.5) for f in (1, 2, 3)]
    assert found == pytest.approx([math.log(2), 1 - math.log(2), math.log(2) - 0.5], rel=1e-14)
    # everybody is in the sample
    assert mean_of_one_over(4, p=1.0) == 0.25


def test_weights_of_one_stand_for_everybody():
    everybody = pd.DataFrame({"sex": ["w", "m", "m"]})
    found = weighted_risk(everybody, ["sex"], weights=pd.Series([1.0, 1.0, 1.0]))
    # one alone, and two who share a chance of one half each
    assert (found.expected_matches, found.population_uniques) == (2.0, 1.0)


def test_a_release_of_nobody_has_no_weighted_risk():
    nobody = persons(1).iloc[:0]
    found = weighted_risk(nobody, ["sex"], weights=pd.Series([], dtype=float))
    assert (found.expected_matches, found.population_uniques) == (0.0, 0.0)


def test_combinations_of_one_place():
    """Before: all but b1 and c1, of B and C, who agree. After too, but for f1 and f2, now one."""
    assert named(report(), "combinations_of_one_place") == {
        ("before", "panel", "combinations_of_one_place", ""): 9,
        ("after", "panel", "combinations_of_one_place", ""): 8,
    }


def test_the_smallest_number_of_respondents_and_none_of_an_empty_table():
    key = ("after", "sensitive", "fewest_respondents", "")
    assert report()[key] == 31
    assert key not in report(released(sensitive=released().sensitive.iloc[:0]))


def test_what_was_promised_and_done():
    assert named(report(), "k_required", "values_blanked") == {
        ("after", "panel", "k_required", ""): 3,
        ("after", "panel", "values_blanked", "sex"): 2,
        ("after", "panel", "values_blanked", "work"): 2,
    }


def test_each_recoding_is_a_line_with_its_number_of_categories():
    rows = risk_report.risk_rows(released(), FRAME, STUDY)
    lines = [(r.stage, r.file, r.subject, r.value) for r in rows if r.measure == "recoded_to"]
    work = ("after", "panel", "work")
    assert lines == [(*work, 2.0), ("after", "panel", "sex", 1.0), (*work, 1.0)]


def test_answers_to_sensitive_items_before_and_as_released():
    """By round, arm and first observed traits, of those who answered; then by arm and round.

    Extortion at baseline: a1 a2 differ, b1 c1 both say 0, b2, d1, d2, e1 are alone: five groups;
    at endline a1 a2 differ, b1 c1 differ, the same four are alone: four. Abuse: at baseline a1 a2
    and no other; b1 c1 both say 1; b2, c2, d1, d2, e1, f1, f2 alone: eight groups; at endline b1 c1
    alike, b2, d1, d2, e1, e2 alone: six. By arm and round extortion has both answers everywhere.
    """
    assert named(report(), "fewest_answers", "groups_with_one_answer") == {
        ("before", "panel", "fewest_answers", "extorted"): 1,
        ("before", "panel", "groups_with_one_answer", "extorted"): 9,
        ("before", "panel", "fewest_answers", "abused"): 1,
        ("before", "panel", "groups_with_one_answer", "abused"): 14,
        ("after", "sensitive", "fewest_answers", "extorted"): 2,
        ("after", "sensitive", "groups_with_one_answer", "extorted"): 0,
    }


def test_places_that_an_outsider_would_find():
    """Ranks within arm and subregion; three groups, so guessing finds three places.

    Weights: 2, 4, 6 with 20, 40, 60 people, and 4, 6 with 40, 60: all six.

    Work on the land: 1, 3/4, 0 with 0.9, 0.1, 0.5 farmers: A is right, B and C are taken for each
    other; D, E and F are right.

    Both: A by its work although its weight agrees, D, E, F; B and C are each as near to the other.
    Nothing of it can be tried on the release, whose rows tell no place.
    """
    found = {"weight with people": 6, "work with farmers": 4, "all together": 4}
    expected = {("before", "panel", "places_found", subject): n for subject, n in found.items()}
    expected |= {("before", "panel", "places_found_by_guessing", s): 3 for s in found}
    assert named(report(), "places_found", "places_found_by_guessing") == expected


def test_without_a_declared_comparison_no_place_is_looked_for():
    table = report(release=replace(RULES, attack=()))
    assert named(table, "places_found", "places_found_by_guessing") == {}
    assert ("after", "panel", "k_required", "") in table


PLACES = pd.DataFrame(
    {
        "place": ["x", "y", "x", "y", "z", "w"],
        "work": ["rural", "farm", "stall", BLANK, BLANK, "stall"],
        "size": [1, 4, 3, 8, 5, 7],
    }
)


@pytest.mark.parametrize(
    ("released_", "answer", "means"),
    [
        # 1 of 2; farm becomes rural; of w none; z without any answer gets the mean of the others
        ("work", "rural", [0.0, 1 / 2, 1.0, (0 + 1 / 2 + 1) / 3]),
        ("size", "", [7.0, 2.0, 6.0, 5.0]),
    ],
)
def test_means_of_places(released_, answer, means):
    attack = Attack(released=released_, known="any", answer=answer)
    found = risk_report._means(PLACES, attack, list("wxyz"), released())
    assert found.dtype == np.float64
    # sums of at most three numbers
    assert found == pytest.approx(means, rel=1e-15)


def test_means_are_floats_also_of_whole_numbers_that_may_be_missing():
    table = PLACES.assign(size=pd.array([1, 4, 3, 8, None, 7], dtype="Float64"))
    attack = Attack(released="size", known="any")
    found = risk_report._means(table, attack, list("wxyz"), released())
    assert found.dtype == np.float64
    assert found == pytest.approx([7.0, 2.0, 6.0, 5.0], rel=1e-15)


def test_a_compared_answer_stands_for_all_that_was_recoded_into_it():
    work = Attack(released="work", known="any", answer="rural")
    # land, and through it farm and herd; not what sex, another variable, calls rural
    assert risk_report._narrower(work, released()) == {"rural", "land", "farm", "herd"}
    stall = Attack(released="work", known="any", answer="stall")
    assert risk_report._narrower(stall, released()) == {"stall", "shop"}
    assert risk_report._narrower(stall, released(steps=())) == {"stall"}


# ---- the primary estimate from what is released ------------------------------------------------

MAIN = Specification(
    id="did",
    label=TEXT,
    method="did",
    data="panel",
    sample="all",
    treatment="x",
    contrast=("b", "e"),
    estimand="equal",
    weights="none",
    steps=("cv1",),
    status="primary",
    families=("f",),
)
# two treated places and two others, one interview of each in three rounds: the change from the
# first two to the last is 4 and 2, 1 and 0, so that the effect is 3 - 1/2
SAID = {"1": (1.0, 3.0, 6.0), "2": (2.0, 2.0, 4.0), "4": (1.0, 1.0, 2.0), "5": (0.0, 2.0, 1.0)}
# the places stand in the north and in the south of their arm
AREAS = {"1": "N", "2": "S", "4": "N", "5": "S"}
ROUNDS = tuple(
    Round(id=r, kind="baseline" if r == "b" else "endline", label=TEXT, start="", end="")
    for r in "bme"
)


def primary(name, **changes):
    made = outcome(name, "happy")
    return replace(made, **{"primary": True} | changes)


def answers():
    rows = [
        {
            "place": place,
            "round": r,
            "arm": "t" if place in "123" else "c",
            "subregion": AREAS[place],
            "weight": 3.0 if place == "2" else 1.0,
            "trust": value,
            "theft": value,
            "fear": value,
        }
        for place, said in SAID.items()
        for r, value in zip("bme", said, strict=True)
    ]
    return pd.DataFrame(rows)


def estimates(*outcomes, specification=MAIN, **changes):
    """Value by stage, file, measure and outcome of a release that holds `trust` of persons."""
    means = {"t": (10.0, 99.0, 13.0), "c": (20.0, 99.0, 18.5)}
    numbers = [
        {"item": "theft", "arm": arm, "round": r, "value": value}
        for arm, values in means.items()
        for r, value in zip("bme", values, strict=True)
    ]
    rows = answers()
    found = released(
        rows=rows,
        panel=rows[["arm", "subregion", "round", "weight", "trust"]],
        sensitive=pd.DataFrame(numbers),
    )
    plan = SimpleNamespace(outcome=outcomes, specification=(specification,))
    declared = study(round=ROUNDS, release=RULES, **changes)
    rows = tuple(risk_report.estimate_rows(found, plan, declared))
    assert len({(r.stage, r.measure, r.subject) for r in rows}) == len(rows)
    return {(r.stage, r.file, r.measure, r.subject): r.value for r in rows}


# CV1: 4/3 of the sum over places of (change less the arm's mean, over the arm's places) squared,
# (1 + 1 + 1/4 + 1/4) / 4. Released, the south of the treated weighs three times its north: its mean
# change is 5/2, the residuals are 3/2 and 1/2 by weights 1/4 and 3/4, squared 9/64 each.
@pytest.mark.truth
def test_an_outcome_of_persons_is_estimated_before_and_after():
    found = estimates(primary("trust"))
    expected = {
        ("before", "panel", "estimate", "trust"): 2.5,
        ("before", "panel", "std_error", "trust"): math.sqrt(4 / 3 * 2.5 / 4),
        ("after", "panel", "estimate", "trust"): 2.0,
        ("after", "panel", "std_error_by_arm_and_subregion", "trust"): math.sqrt(
            4 / 3 * (2 * 9 / 64 + 2 / 16)
        ),
    }
    # sums of at most twelve numbers, and the roots of a matrix of four
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.truth
def test_a_sensitive_outcome_is_estimated_by_its_four_released_numbers():
    """The last round less the first: (13 - 10) - (18.5 - 20); what lies between is in neither."""
    found = estimates(primary("theft"))
    assert list(found) == [
        ("before", "sensitive", "estimate", "theft"),
        ("before", "sensitive", "std_error", "theft"),
        ("after", "sensitive", "estimate", "theft"),
    ]
    assert found["after", "sensitive", "estimate", "theft"] == 4.5
    # of three arms there is no one difference
    third = (*study().arm, Arm(id="o", label=TEXT, treatments=()))
    assert {key[0] for key in estimates(primary("theft"), arm=third)} == {"before"}


def test_what_is_withheld_or_no_primary_outcome_is_not_compared():
    # in neither file: only what an analysis of the panel says
    assert {key[0] for key in estimates(primary("fear"))} == {"before"}
    assert estimates(primary("trust", primary=False), primary("trust", family="g")) == {}
    for changes in ({"status": "sensitivity"}, {"method": "ancova"}):
        assert estimates(primary("trust"), specification=replace(MAIN, **changes)) == {}
