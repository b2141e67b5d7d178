"""Rules about interviewing: the planted case is found at its place, the clean round is silent."""

import dataclasses
from statistics import NormalDist

import numpy as np
import pytest

from evaluation.cli.stages.clean_outputs import _without_place
from evaluation.config.study import Columns
from evaluation.data.rules import interviewers, near_duplicates, quality
from evaluation.data.rules.quality import far_out, long_interviews, outliers
from evaluation.data.rules.rule import (
    ACROSS_RULES,
    FIELDWORK_RULES,
    ROUND_RULES,
    across_rounds,
    of_round,
)
from tests.data import field

N = 800
QUESTIONS = tuple(f"q{i:02d}" for i in range(30))
FIVE = field.scale("five", (1, 2, 3, 4, 5))


def words():
    """Thirty questions of one five-point scale, a count of losses and an amount of money."""
    questions = [field.question(name, "ordinal", "five") for name in QUESTIONS]
    numbers = [field.question("times", "count"), field.question("income", "number")]
    return field.dictionary([*questions, *numbers], [FIVE])


def rows(seed: int = 1, n: int = N) -> dict[str, list[str]]:
    """Answers of strangers with one weak trait in common, alike for all interviewers and places."""
    generator = np.random.default_rng(seed)
    trait = generator.normal(size=n)
    made = {}
    for name in QUESTIONS:
        latent = 3 + 0.5 * trait + generator.normal(size=n)
        made[name] = [f"{v:g}" for v in np.clip(np.round(latent), 1, 5)]
    made["times"] = [str(v) for v in generator.poisson(2, n)]
    # pesos: factors, not differences, tell people apart
    made["income"] = [str(int(v)) for v in np.exp(generator.normal(13, 0.8, n))]
    return made


def judged(rule, made: dict[str, list[str]], **changes: object):
    declared = field.declared(words(), **changes)
    parsed = field.read(made, words(), source="endline")
    return list(rule(parsed, declared))


def places(findings) -> list[tuple[str, str]]:
    return [(f.row_key, f.column) for f in findings]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_clean_round_is_silent(seed):
    made = rows(seed)
    found = [f for name in FIELDWORK_RULES for f in judged(of_round[name], made)]
    assert found == []


def test_without_interviewers_clock_or_length_nothing_stops():
    columns = Columns(respondent="respondent", cluster="municipality", arm="arm")
    found = [f for name in FIELDWORK_RULES for f in judged(of_round[name], rows(), columns=columns)]
    assert found == []


def test_a_copy_with_two_answers_changed_names_the_row_it_was_taken_from():
    made = rows()
    for i, name in enumerate(QUESTIONS):
        # rows 100 and 110 lie in one place; 29 of 31 answers are the same
        old = int(made[name][100])
        made[name][110] = str(old % 5 + 1 if i < 2 else old)
    made["times"][110] = made["times"][100]
    (finding,) = judged(near_duplicates.near_identical, made)
    assert (finding.rule, finding.severity) == ("near-identical-interview", "warn")
    assert (finding.row_key, finding.column) == ("endline.csv:112", "respondent")
    assert str(finding.problem) == (
        "94% of the answers that can tell people apart are those of row endline.csv:102"
    )


def test_a_copy_in_another_place_by_another_interviewer_is_not_looked_for():
    made = rows()
    for name in QUESTIONS:
        made[name][601] = made[name][100]
    made["q00"][601] = str(int(made["q00"][100]) % 5 + 1)
    # row 100 is in M02 by E0, row 601 in M15 by E1
    assert judged(near_duplicates.near_identical, made) == []
    # the same copy by the same interviewer, in another place
    made["enumerator"] = [f"E{i % 4}" for i in range(N)]
    made["enumerator"][601] = "E0"
    assert places(judged(near_duplicates.near_identical, made)) == [
        ("endline.csv:603", "respondent")
    ]


def exact_copy(other: int) -> dict[str, list[str]]:
    """Row 100 (M02, by E0) again in another row."""
    made = rows()
    for name in (*QUESTIONS, "times", "income"):
        made[name][other] = made[name][100]
    return made


def test_an_exact_copy_in_the_place_is_the_business_of_another_rule():
    made = exact_copy(110)
    declared, parsed = field.declared(words()), field.read(made, words(), source="endline")
    assert [f.line for f in quality.duplicate_interviews(parsed, declared)] == [112]
    assert list(near_duplicates.near_identical(parsed, declared)) == []


def test_an_exact_copy_that_no_other_rule_sees_is_told():
    """By the same interviewer in another place; and in one place by people without an id."""
    assert places(judged(near_duplicates.near_identical, exact_copy(600))) == [
        ("endline.csv:602", "respondent")
    ]
    made = exact_copy(110)
    made["respondent"] = ["" if i in (100, 110) else f"P{i:05d}" for i in range(N)]
    assert places(judged(near_duplicates.near_identical, made)) == [
        ("endline.csv:112", "respondent")
    ]


def test_a_finding_about_a_person_loses_the_name_where_it_is_published():
    def change(made, i):
        made["q03"][i] = str(min(int(made["q03"][i]) + 1, 5))

    made = changed(rows(), lambda i: i % 4 == 1, change)
    (finding,) = judged(interviewers.effects, made)
    published = dataclasses.asdict(_without_place(finding))
    assert finding.row_key == "interviewer E1"
    assert not any("E1" in str(value) for value in published.values())


def test_where_strangers_agree_as_much_more_is_asked_of_a_pair():
    """Answers that follow one trait closely: nine in ten the same is then nothing special."""
    generator = np.random.default_rng(5)
    trait = generator.integers(1, 6, N)
    made = rows()
    for name in QUESTIONS:
        slip = generator.random(N) < 0.03
        made[name] = [str(t % 5 + 1 if s else t) for t, s in zip(trait, slip, strict=True)]
    assert judged(near_duplicates.near_identical, made) == []


def straight(made: dict[str, list[str]], row: int, answer: str) -> None:
    for name in QUESTIONS:
        made[name][row] = answer


def runs_words():
    """The thirty questions in three modules of ten."""
    whole = words()
    (module,) = whole.modules
    fixed = [v for v in module.variable if v.name not in QUESTIONS]
    asked = [whole.variables[name] for name in QUESTIONS]
    modules = [
        dataclasses.replace(module, module=f"m{i}", variable=tuple(asked[10 * i : 10 * i + 10]))
        for i in range(3)
    ]
    return dataclasses.replace(
        whole, modules=(dataclasses.replace(module, variable=tuple(fixed)), *modules)
    )


def test_one_answer_all_along():
    made = rows()
    straight(made, 7, "4")
    # another answer in each run is as straight; one question answered otherwise is not
    straight(made, 8, "2")
    for name in QUESTIONS[10:20]:
        made[name][8] = "5"
    straight(made, 9, "3")
    made["q15"][9] = "2"
    # don't know is no answer
    straight(made, 10, "3")
    made["q15"][10] = "88"
    declared = field.declared(runs_words())
    parsed = field.read(made, runs_words(), source="endline")
    findings = near_duplicates.straight_lines(parsed, declared)
    assert places(findings) == [("endline.csv:9", "respondent"), ("endline.csv:10", "respondent")]
    # all thirty in one module are a single run: too little to judge a person by
    assert judged(near_duplicates.straight_lines, made) == []


def test_numbers_far_out():
    made = rows()
    made["times"][5] = "60"
    # four and a half million is 3 standard deviations up; a hundred times as much is a slip
    made["income"][6], made["income"][7] = "4500000", "450000000"
    findings = judged(outliers, made)
    assert places(findings) == [("endline.csv:7", "times"), ("endline.csv:9", "income")]
    assert {(f.rule, f.severity, f.value) for f in findings} == {("outlier", "warn", "(not shown)")}


def test_a_long_tail_is_one_finding_about_the_column():
    made = rows()
    for row in range(20):
        made["times"][row * 7] = "60"
    (finding,) = judged(outliers, made)
    assert (finding.severity, finding.row_key) == ("info", "")
    assert str(finding.problem).startswith("20 numbers are far beyond")


def test_fences_by_hand():
    """Quartiles of -10, ..., 90 are 15, 40 and 65: the fences lie at 40 - 175 and 40 + 175."""
    values = np.arange(-10.0, 91.0)
    assert not far_out(values).any()
    # the quartiles hardly move with four more values: 13.75+..., so stay well clear of the edges
    more = np.append(values, [-200.0, -100.0, 200.0, 260.0])
    assert more[far_out(more)].tolist() == [-200.0, 260.0]
    # too few, or the upper half on one spot: no judgement
    assert not far_out(np.append(values[:40], 1e9)).any()
    assert not far_out(np.append(np.ones(100), 1e9)).any()


def test_a_long_interview_is_information():
    made = rows() | {"duration_min": [str(40 + i % 11) for i in range(N)]}
    made["duration_min"][3] = "240"
    (finding,) = judged(long_interviews, made)
    assert (finding.rule, finding.severity, finding.row_key) == (
        "long-interview",
        "info",
        "endline.csv:5",
    )


def clock(moments: dict[int, str]) -> dict[str, list[str]]:
    """Starts as the clean round has them, some changed."""
    plain = field.read(rows(), words(), source="endline").columns["start_time"].texts.tolist()
    return rows() | {"start_time": [moments.get(i, text) for i, text in enumerate(plain)]}


def test_interviews_at_night():
    night = {4: "2024-06-03 05:59:59", 5: "2024-06-03 06:00:00", 6: "2024-06-03 19:00:00"}
    findings = judged(quality.night, clock(night))
    assert places(findings) == [("endline.csv:6", "start_time"), ("endline.csv:8", "start_time")]


def test_a_clock_of_another_time_zone_is_said_once():
    shifted = {i: f"2024-06-03 {(19 + i % 5):02d}:00:00" for i in range(500)}
    (finding,) = judged(quality.night, clock(shifted))
    assert (finding.row_key, finding.column) == ("", "start_time")
    assert str(finding.problem).startswith("500 of 800 interviews began before 06:00")


def test_two_interviews_at_one_time():
    # E0 has row 0 from 8:00, 40 minutes, and row 4 at 12:00; E1 has row 1 from 8:00
    early = judged(quality.overlaps, clock({4: "2024-03-04 08:30:00"}))
    assert places(early) == [("endline.csv:6", "start_time")]
    assert {(f.rule, f.severity) for f in early} == {("overlapping-interviews", "warn")}
    # two minutes are the clocks' rounding; three are not
    assert judged(quality.overlaps, clock({4: "2024-03-04 08:38:00"})) == []
    assert len(judged(quality.overlaps, clock({4: "2024-03-04 08:37:00"}))) == 1


def test_an_interview_inside_a_long_one_hides_no_later_overlap():
    made = clock({4: "2024-03-04 08:10:00", 8: "2024-03-04 09:30:00"})
    made["duration_min"] = ["100" if i == 0 else "10" for i in range(N)]
    # row 0 lasts until 9:40: row 4 ends at 8:20, row 8 at 9:30 is still inside row 0
    assert [f.line for f in judged(quality.overlaps, made)] == [6, 10]


def test_clocks_that_overlap_everywhere_are_said_once():
    made = rows() | {"start_time": ["2024-03-04 08:00:00"] * N}
    (finding,) = judged(quality.overlaps, made)
    # 4 interviewers, all but the first interview of each
    assert str(finding.problem).startswith("796 of 796 interviews began")


def changed(made, row_of, change):
    """Change the answers of the rows an interviewer made."""
    for i in range(N):
        if row_of(i):
            change(made, i)
    return made


def test_an_interviewer_who_lets_people_say_dont_know():
    def change(made, i):
        for name in QUESTIONS[:6]:
            made[name][i] = "88"

    made = changed(rows(), lambda i: i % 4 == 2, change)
    found = judged(interviewers.nonresponse, made)
    (finding,) = found
    assert (finding.rule, finding.row_key, finding.line) == (
        "interviewer-nonresponse",
        "interviewer E2",
        0,
    )
    # six of 31 questions of E2 (a number is none), of everybody's a quarter of that: 4.8%
    assert str(finding.problem) == (
        "19.4% of the questions end in \"don't know\", of all interviewers' 4.8%"
    )
    assert "E2" not in str(finding.problem) + str(finding.fix)


def test_an_interviewer_whose_people_answer_otherwise():
    def change(made, i):
        made["q03"][i] = str(min(int(made["q03"][i]) + 1, 5))

    made = changed(rows(), lambda i: i % 4 == 1, change)
    (finding,) = judged(interviewers.effects, made)
    assert (finding.rule, finding.row_key) == ("interviewer-effect", "interviewer E1")
    assert "q03 (of 31 questions)" in str(finding.problem)
    (column,) = judged(interviewers.variance, made)
    assert (column.rule, column.row_key, column.column) == ("interviewer-variance", "", "q03")


def test_two_odd_interviewers_are_both_named():
    def change(made, i):
        step = 1 if i % 4 == 1 else -1
        made["q03"][i] = str(min(max(int(made["q03"][i]) + step, 1), 5))

    made = changed(rows(), lambda i: i % 4 in (1, 2), change)
    found = judged(interviewers.effects, made)
    assert [f.row_key for f in found] == ["interviewer E1", "interviewer E2"]


def test_an_interviewer_without_dont_know_is_named_too():
    def change(made, i):
        for name in QUESTIONS[:6]:
            made[name][i] = "88"

    made = changed(rows(), lambda i: i % 4 != 3, change)
    (finding,) = judged(interviewers.nonresponse, made)
    assert (finding.rule, finding.row_key) == ("interviewer-nonresponse", "interviewer E3")


def test_shares_of_variance_that_chance_makes_are_not_told():
    # 120 interviews, cells of one and two: shares above 5% are common, and none is beyond chance
    made = rows(n=120)
    parsed = field.read(made, words(), source="endline")
    shares = [
        interviewers.variance_share(
            parsed.columns[name].values, np.arange(120) % 4, np.arange(120) * 20 // 120
        )[0]
        for name in QUESTIONS
    ]
    assert max(shares) > interviewers.SHARE
    assert judged(interviewers.variance, made) == []


def test_a_place_that_differs_is_not_held_against_its_interviewer():
    """One interviewer for each five places; places differ, interviewers do not."""
    generator = np.random.default_rng(11)
    made = rows()
    place = np.array([i * 20 // N for i in range(N)])
    lift = generator.normal(size=20)[place]
    for name in QUESTIONS:
        values = 3 + lift + generator.normal(size=N)
        made[name] = [f"{v:g}" for v in np.clip(np.round(values), 1, 5)]
    made["enumerator"] = [f"E{p % 4}" for p in place]
    assert judged(interviewers.effects, made) == []
    # nobody shared a place: interviewers and places cannot be told apart
    assert judged(interviewers.variance, made) == []


def test_share_of_variance_by_hand():
    """Two places, two interviewers in each, two answers for every cell.

    Cells 1 3 | 5 7 and 2 4 | 2 4: means 2 6 3 3, place means 4 and 3. Between interviewers
    2 (2-4)^2 + 2 (6-4)^2 = 16 on 2 df, so 8; within, each cell has sum of squares 2: 8 on 4 df, so
    2. Component (8 - 2) / 2 = 3, share 3 / (3 + 2) = 0.6. A variance ratio of 4 on 2 and 4 df has
    the tail (1 + 2 x 4 / 4) ** (-4 / 2) = 1/9, exactly; z is an approximation of its deviate.
    """
    values = np.array([1.0, 3, 5, 7, 2, 4, 2, 4])
    who = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    where = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    share, z = interviewers.variance_share(values, who, where)
    # sums of a few small whole numbers: nothing but rounding of the last digit
    assert share == pytest.approx(0.6, rel=1e-12)
    # Paulson's deviate is good to the second digit at a handful of degrees of freedom
    assert 1 - NormalDist().cdf(z) == pytest.approx(1 / 9, abs=0.002)
    gone = interviewers.variance_share(values, np.array([0, 0, 0, 0, 1, 1, 1, 1]), where)
    assert gone == (0.0, 0.0)


def test_components_by_hand():
    """Places 1 3 and 5 7 9: means 2 and 7; within (1+1+4+0+4)/3, between by the ANOVA estimator.

    Grand mean 5: between 2 x 9 + 3 x 4 = 30 on 1 df; mean size (5 - 13/5) / 1 = 2.4; so
    (30 - 10/3) / 2.4 = 11.11.
    """
    within, between = interviewers.components(
        np.array([1.0, 3, 5, 7, 9]), np.array([0, 0, 1, 1, 1])
    )
    assert within == pytest.approx(10 / 3, rel=1e-12)
    assert between == pytest.approx((30 - 10 / 3) / 2.4, rel=1e-12)


def test_every_rule_that_is_listed_is_run():
    assert tuple(of_round) == ROUND_RULES
    assert tuple(across_rounds) == ACROSS_RULES
