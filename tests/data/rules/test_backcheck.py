"""Back-checks, progress and the panel found again: counted by hand on small and on real files."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from evaluation.config.dictionary import Dictionary, MissingCodes, Module
from evaluation.config.fieldwork_plan import BackcheckTypes, FoundAgain, Progress, check_fieldwork
from evaluation.config.manifest import RawFile
from evaluation.config.study import Columns
from evaluation.config.toml_reader import TomlFile
from evaluation.data.cleaning.parse import parse
from evaluation.data.clusters import Frame
from evaluation.data.readers.read import read_file
from evaluation.data.rules import progress
from evaluation.data.rules.backchecks import backcheck
from evaluation.data.rules.rule import Declared
from evaluation.errors import SpecError
from evaluation.fieldwork.round_checks import interviewer_work, item_missing
from evaluation.report.linked_counts import hidden_departments, of_progress
from tests.conftest import shared_data
from tests.data import field

TYPES = BackcheckTypes(type_1=("a",), type_2=("b",), type_3=("c",), tolerance={"c": 1.0})


def words() -> Dictionary:
    lists = [field.scale("two", (0, 1)), field.scale("three", (1, 2, 3))]
    questions = [
        field.question("a", "binary", "two"),
        field.question("b", "ordinal", "three"),
        field.question("c", "count"),
    ]
    return field.dictionary(questions, lists)


SURVEY = {
    "respondent": ["p1", "p2", "p3", "p4", "p4"],
    "a": ["1", "2", "1", "2", "2"],
    "b": ["1", "2", "3", "88", "1"],
    "c": ["4", "5", "", "7", "7"],
}
AGAIN = {
    # p2 twice in the back-check, p4 twice in the round, p9 in no interview
    "respondent": ["p1", "p3", "p2", "p2", "p4", "p9"],
    "a": ["1", "2", "1", "1", "1", "1"],
    "b": ["1", "88", "2", "2", "1", "1"],
    "c": ["5", "3", "5", "5", "7", "1"],
}


def compared(again=AGAIN, survey=SURVEY, types=TYPES):
    first = field.read(survey, words(), source="endline")
    second = field.read(again, words(), source="baseline")
    return backcheck(first, second, field.declared(words(), backcheck=types))


def test_rates_by_type_by_hand():
    """Only p1 and p3 stand once in both.

    a: 1 and 1 agree, 1 and 2 differ. b: 1 and 1 agree, 3 and don't know differ. c: 4 and 5 lie
    within the tolerance of 1; p3 was not asked in the round, so the pair does not count.
    """
    rates = {(r.type, r.variable): r for r in compared().rates if not r.interviewer}
    assert {k: (r.n, r.n_different, r.rate) for k, r in rates.items()} == {
        (1, ""): (2, 1, 0.5),
        (1, "a"): (2, 1, 0.5),
        (2, ""): (2, 1, 0.5),
        (2, "b"): (2, 1, 0.5),
        (3, ""): (1, 0, 0.0),
        (3, "c"): (1, 0, 0.0),
    }
    # p1 was interviewed by E0, p3 by E2 (the interviewer of row i is E(i mod 4))
    people = {(r.type, r.interviewer): (r.n, r.n_different) for r in compared().rates}
    assert people[1, "E0"] == (1, 0)
    assert people[1, "E2"] == (1, 1)


def test_beyond_the_tolerance_numbers_differ():
    far = AGAIN | {"c": ["6", *AGAIN["c"][1:]]}
    (rate,) = [r for r in compared(far).rates if r.variable == "c"]
    assert (rate.n, rate.n_different) == (1, 1)


def test_findings_name_ids_that_do_not_fit_and_facts_that_differ():
    found = [(f.rule, f.row_key, f.column) for f in compared().findings]
    assert found == [
        ("backcheck-id", "baseline.csv:4", "respondent"),
        ("backcheck-id", "baseline.csv:5", "respondent"),
        ("backcheck-id", "baseline.csv:6", "respondent"),
        ("backcheck-id", "baseline.csv:7", "respondent"),
        # p3, in the file of the round; the difference of type 2 is no finding
        ("backcheck-difference", "endline.csv:4", "a"),
    ]
    texts = " ".join(str(f.problem) + str(f.fix) + f.value for f in compared().findings)
    assert "p9" not in texts


def test_a_question_that_is_not_in_both_files_is_said():
    types = BackcheckTypes(type_1=("a", "absent"))
    result = compared(types=types)
    assert [f.rule for f in result.findings].count("backcheck-variable") == 1
    assert {r.variable for r in result.rates} == {"", "a"}


def test_nobody_compared_is_no_rate():
    strangers = AGAIN | {"respondent": [f"x{i}" for i in range(6)]}
    assert all(r.n == 0 and math.isnan(r.rate) for r in compared(strangers).rates)


# -- the file of a training survey: 185 rows, 184 ids, one of them twice (its folder's README)

IPA = "survey_exports/ipa_household_backcheck.dta"
ASKED = {"h_rooms": 1, "i_radio": 1, "j_land_size": 2, "m_mon_exp": 3}


def ipa_words() -> Dictionary:
    def variable(name: str, raw: str, kind: str):
        made = field.question(name, kind, "yn" if name == "i_radio" else None)
        return dataclasses.replace(made, raw=dict.fromkeys(("endline", "backcheck"), raw))

    yes_no = field.scale("yn", (0, 1), first=0)
    survey = MissingCodes(id="survey", dont_know=("-999",), refused=("-888",), blank="not_asked")
    variables = (
        variable("respondent", "hhid", "id"),
        variable("municipality", "a_district_id", "id"),
        variable("enumerator", "a_bcer_id", "id"),
        *(variable(name, name, "binary" if name == "i_radio" else "number") for name in ASKED),
    )
    module = Module(
        module="m", title=field.WORDS, codes=(yes_no,), missing=(survey,), variable=variables
    )
    return Dictionary((module,), {v.name: v for v in variables}, {"yn": yes_no}, {"survey": survey})


def ipa(source: str, change=lambda frame: frame):
    file = RawFile(
        id=source,
        path="ipa_household_backcheck.dta",
        role="backcheck" if source == "backcheck" else "endline",
        format="dta",
        sha256="",
        rows=185,
        origin="PovertyAction/high-frequency-checks",
        round=None if source == "backcheck" else source,
    )
    table = read_file(file, shared_data(IPA))
    return parse(dataclasses.replace(table, frame=change(table.frame)), ipa_words())


def ipa_declared() -> Declared:
    table = pd.DataFrame({"municipality": ["1", "2"], "arm": ["treated", "comparison"]})
    types = BackcheckTypes(
        **{f"type_{k}": tuple(n for n, t in ASKED.items() if t == k) for k in (1, 2, 3)}
    )
    columns = Columns(
        respondent="respondent", cluster="municipality", arm="arm", enumerator="enumerator"
    )
    frame = Frame(table=table, aliases={}, cluster="municipality", arm="arm", cohort="")
    return Declared(ipa_words(), field.study(columns=columns, backcheck=types), frame)


def test_a_real_file_against_itself_has_no_errors():
    """183 of the 185 rows have an id of their own; 24 households have no land, and no size."""
    result = backcheck(ipa("endline"), ipa("backcheck"), ipa_declared())
    rates = {r.variable: (r.n, r.n_different) for r in result.rates if r.variable}
    raw = read_raw()
    alone = ~raw["hhid"].duplicated(keep=False)
    assert alone.sum() == 183
    asked = int((alone & (raw["j_land_size"] != "")).sum())
    assert rates == {
        "h_rooms": (183, 0),
        "i_radio": (183, 0),
        "j_land_size": (asked, 0),
        "m_mon_exp": (183, 0),
    }
    assert [f.rule for f in result.findings] == ["backcheck-id"] * 2


def read_raw() -> pd.DataFrame:
    file = ipa("backcheck").file
    return read_file(file, shared_data(IPA)).frame


def test_planted_errors_in_a_real_file_are_counted_and_put_to_the_interviewer():
    """Every radio that one of the four interviewers noted is turned; two expenses are changed."""
    raw = read_raw()
    person = "16087"
    own = (raw["a_bcer_id"] == person) & ~raw["hhid"].duplicated(keep=False)
    own &= raw["i_radio"].isin(["0", "1"])
    two = raw.index[~raw["hhid"].duplicated(keep=False)][[3, 50]]

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.copy()
        frame.loc[own, "i_radio"] = frame.loc[own, "i_radio"].map({"0": "1", "1": "0"})
        frame.loc[two, "m_mon_exp"] = "123456"
        return frame

    result = backcheck(ipa("endline", change), ipa("backcheck"), ipa_declared())
    rates = {(r.type, r.variable, r.interviewer): (r.n, r.n_different) for r in result.rates}
    wrong = int(own.sum())
    assert wrong > 20
    assert rates[1, "i_radio", ""] == (183, wrong)
    assert rates[3, "m_mon_exp", ""] == (183, 2)
    by_person = {k[2]: v[1] for k, v in rates.items() if k[0] == 1 and k[2]}
    assert by_person == {p: wrong if p == person else 0 for p in sorted(set(raw["a_bcer_id"]))}
    assert sum(f.rule == "backcheck-difference" for f in result.findings) == wrong


# -- progress


def held(n: int, target: int = 3):
    """One interview for each of the first n rows of two to a cluster, the last without consent."""
    rows = {
        "respondent": [f"p{i}" for i in range(n)],
        "municipality": [field.CLUSTERS[i // 2] for i in range(n)],
        "a": ["1"] * n,
    }
    columns = dataclasses.replace(field.study().columns, department="department")
    declared = field.declared(
        words(), columns=columns, targets={"endline": target} if target else {}
    )
    rows |= {"b": ["1"] * n, "c": ["1"] * n}
    return field.read(rows, words(), source="endline"), declared


def test_progress_by_hand():
    """Seven interviews: two in M00, M01 and M02, one in M03; arms take turns over 20 clusters."""
    parsed, declared = held(7, target=2)
    rows = progress.progress(parsed, declared)
    found = {(r.level, r.name): r for r in rows}
    numbers = {k: (r.n, r.target, r.n_clusters_begun, r.n_clusters_full) for k, r in found.items()}
    assert numbers["all", ""] == (7, 40, 4, 3)
    assert numbers["arm", "treated"] == (4, 20, 2, 2)
    assert numbers["arm", "comparison"] == (3, 20, 2, 1)
    assert numbers["department", "A"] == (7, 20, 4, 3)
    assert numbers["department", "B"] == (0, 20, 0, 0)
    assert [numbers["cluster", c][0] for c in field.CLUSTERS[:5]] == [2, 2, 2, 1, 0]


def test_an_id_counts_once():
    parsed, declared = held(7)
    ids = parsed.columns["respondent"]
    ids.meanings[ids.codes[1]] = "p0"
    (whole,) = [r for r in progress.progress(parsed, declared) if r.level == "all"]
    assert whole.n == 6


def test_people_without_an_id_count_each():
    parsed, declared = held(7)
    parsed.columns["respondent"].values[1:4] = None
    (whole,) = [r for r in progress.progress(parsed, declared) if r.level == "all"]
    assert whole.n == 7


def test_open_targets_are_one_line_and_silent_without_targets():
    parsed, declared = held(7, target=2)
    (finding,) = progress.open_targets(parsed, declared)
    # M03 lacks one, sixteen clusters lack two
    assert str(finding.problem).startswith("17 of 20 clusters have fewer interviews")
    assert "33 interviews are to be held" in str(finding.problem)
    assert (finding.severity, finding.row_key) == ("info", "")
    assert list(progress.open_targets(*held(7, target=0))) == []
    assert list(progress.open_targets(*held(40, target=2))) == []


def row(level: str, name: str, n: int, begun: int) -> Progress:
    return Progress(
        study="s",
        round="r",
        level=level,
        name=name,
        n=n,
        target=0,
        n_clusters=begun,
        n_clusters_begun=begun,
        n_clusters_full=0,
    )


def test_small_parts_of_progress_are_not_published_nor_given_away():
    """Minimum 10 respondents and 3 clusters: B is small, and C goes with it, or B were the rest."""
    rows = [
        row("cluster", "M01", 80, 1),
        row("all", "", 125, 10),
        row("department", "A", 80, 4),
        row("department", "B", 5, 3),
        row("department", "C", 40, 4),
    ]
    shown = of_progress(rows, field.study())
    assert [(r.level, r.name) for r in shown] == [("all", ""), ("department", "A")]


def test_panel_found_again_by_hand():
    panel = pd.DataFrame(
        {
            "round": ["baseline"] * 5 + ["endline"],
            "arm": ["treated", "treated", "treated", "comparison", "comparison", "treated"],
            "department": ["A", "A", "B", "A", "A", "A"],
            "municipality": ["M0", "M2", "M4", "M1", "M1", "M0"],
            "panel_member": [True, False, True, True, False, True],
        }
    )
    study = field.study(columns=dataclasses.replace(field.study().columns, department="department"))
    found = [
        (r.arm, r.department, r.n, r.n_again, r.n_clusters, r.weight, r.weight_again)
        for r in progress.found_again(panel, np.array([1.0, 3.0, 2.0, 1.0, 1.0]), study)
    ]
    assert found == [
        ("treated", "A", 2, 1, 2, 4.0, 1.0),
        ("treated", "B", 1, 1, 1, 2.0, 2.0),
        ("comparison", "A", 2, 1, 1, 2.0, 1.0),
    ]


def test_found_again_is_published_where_found_and_lost_are_enough():
    cells = [("A", 100, 60, 5), ("B", 60, 55, 5), ("C", 90, 50, 5), ("D", 200, 100, 2)]
    found = [
        FoundAgain(
            study="s",
            arm="treated",
            department=d,
            n=n,
            n_again=a,
            n_clusters=g,
            weight=n,
            weight_again=a,
        )
        for d, n, a, g in cells
    ]
    # B lost only 5, D has two clusters; two hidden cells give nothing away
    assert hidden_departments(found, field.study()) == {"B", "D"}
    # with one hidden cell alone the arm's totals would give it away: of those lost, C has 40 and A
    # 40, and A stands first; of those found C has 50 and A 60, so both go
    assert hidden_departments(found[:3], field.study()) == {"A", "B", "C"}
    more = [*found[:3], dataclasses.replace(found[3], n_clusters=5)]
    # D lost 100 and found 100: it stays; A and C hide B
    assert hidden_departments(more, field.study()) == {"A", "B", "C"}


def test_a_part_in_two_clusters_is_not_published():
    rows = [
        row("all", "", 300, 12),
        row("department", "A", 100, 5),
        row("department", "B", 120, 5),
        row("department", "C", 80, 2),
    ]
    shown = of_progress(rows, field.study())
    # C for its clusters, and A, the smallest of the others, because C alone were the rest
    assert [r.name for r in shown] == ["", "B"]


def test_a_round_in_two_clusters_is_not_published_at_all():
    rows = [row("all", "", 20, 2), row("arm", "treated", 20, 2), row("arm", "comparison", 0, 0)]
    assert of_progress(rows, field.study()) == ()


# -- the office's numbers


def test_interviewers_and_questions_by_hand():
    rows = {
        "enumerator": ["E1", "E1", "E2", "E2"],
        "municipality": ["M00", "M01", "M02", "M02"],
        "duration_min": ["10", "30", "50", "40"],
        "a": ["1", "88", "1", "7"],
        "b": ["98", "2", "", "3"],
        "c": ["1", "2", "3", "4"],
    }
    parsed = field.read(rows, words(), source="endline")
    declared = field.declared(words(), short_interview_minutes=15.0)
    first, second = interviewer_work(parsed, declared, [])
    assert (first.interviewer, first.n, first.n_clusters, first.minutes) == ("E1", 2, 2, 20.0)
    assert (first.n_short, second.n_short, second.n_clusters) == (1, 0, 1)
    # one of three questions in one of two interviews, each way
    assert first.dont_know == pytest.approx(1 / 6)
    assert first.refused == pytest.approx(1 / 6)
    items = {i.variable: i for i in item_missing(parsed, declared)}
    assert (items["a"].n_asked, items["a"].dont_know, items["a"].unreadable) == (4, 0.25, 0.25)
    # the blank stands for a question that was not asked
    assert (items["b"].n_asked, items["b"].refused) == (3, pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("targets", "types", "words_"),
    [
        ({"midline": 50}, None, "midline"),
        ({"endline": 0}, None, "targets.endline"),
        ({}, BackcheckTypes(type_1=("a",), type_3=("a",)), "`a` appears twice"),
        ({}, BackcheckTypes(type_1=("a",), tolerance={"b": 1.0}), "`b`"),
        ({}, BackcheckTypes(type_1=("a",), tolerance={"a": -1.0}), "tolerance.a"),
    ],
)
def test_declarations_that_do_not_hold(targets, types, words_):
    with pytest.raises(SpecError, match=words_):
        check_fieldwork(targets, types, rounds=field.ROUNDS, toml=TomlFile("study.toml"))
