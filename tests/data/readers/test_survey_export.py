"""Survey servers' layouts: each gives the same frame, and what does not fit is an error.

Layouts after the servers' own exports. ODK Central (lib/data/briefcase.js): groups joined by `-`,
codes by `/`, 0 for every code of a blank question, no column for a code that nobody chose, repeats
as `<form>-<repeat>.csv` with PARENT_KEY and KEY. KoBo: groups and codes joined by `/`, sheets tied
by `_index` and `_parent_index`. SurveyCTO: codes joined by `_`, a `-` of a code written `_`.
"""

import csv
import dataclasses
import io
from collections.abc import Sequence

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.config.file_layout import Dialect, Export, Repeat, SelectMultiple, SubmissionReview
from evaluation.config.manifest import RawFile
from evaluation.data.findings import MOST_LINES
from evaluation.data.readers import csv as delimited
from evaluation.data.readers.survey_export import arranged, set_aside
from evaluation.locale.messages import Count, message
from tests.conftest import shared_data
from tests.data import in_spanish
from tests.tables import cases

CASES = cases(__file__)

CODES = ("1", "2", "-9")


def file(export: Export | None, path: str = "baseline.zip") -> RawFile:
    return RawFile(
        id="b", path=path, role="baseline", round="baseline", format="zip", sha256="",
        rows=1, origin="test", export=export,
        dialect=Dialect(encoding="utf-8", delimiter=",", decimal="."),
    )  # fmt: skip


def read(text: str) -> pd.DataFrame:
    frame, findings = delimited.read(text.encode(), file(None))
    assert findings == []
    return frame


def table(columns: dict[str, Sequence[str]]) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.array(list(v), dtype="str") for name, v in columns.items()})
    frame["__line__"] = range(2, len(frame) + 2)
    return frame


def crops(layout: str, join: str = "_") -> SelectMultiple:
    return SelectMultiple(column="crops", layout=layout, codes=CODES, join=join)


def said(findings) -> list[tuple[str, str, int, str]]:
    assert in_spanish.unknown_findings(findings) == []
    return [(f.severity, f.rule, f.line, f.column) for f in findings]


# one survey, five interviews; the second is refused, the third grows nothing, the last did not say
SURVEYCTO_WIDE = CASES["surveycto_wide"]
SURVEYCTO_LONG = """KEY,review_status,municipality,crops,SET-OF-people
uuid:a,APPROVED,M1,1 2,uuid:a/people
uuid:b,REJECTED,M1,7,uuid:b/people
uuid:c,NONE,M2,-9,
uuid:d,,M2,2,uuid:d/people
uuid:e,APPROVED,M2,,uuid:e/people
"""
SURVEYCTO_PEOPLE = CASES["surveycto_people"]
ODK_FORM = CASES["odk_form"]
ODK_PEOPLE = CASES["odk_people"]
KOBO_FORM = CASES["kobo_form"]
KOBO_PEOPLE = CASES["kobo_people"]
KEPT = CASES["kept"]


def people(parent: str, key: str) -> tuple[Repeat, ...]:
    return (Repeat(member="people.csv", parent=parent, key=key, most=2),)


SERVERS = {
    "SurveyCTO wide": (
        Export(
            select_multiple=(crops("both"),),
            review=SubmissionReview(column="review_status", rejected=("REJECTED",)),
        ),
        SURVEYCTO_WIDE,
        {},
    ),
    "SurveyCTO long": (
        Export(
            member="form.csv",
            select_multiple=(crops("one column"),),
            repeat=people("PARENT_KEY", "KEY"),
            review=SubmissionReview(column="review_status", rejected=("REJECTED",)),
        ),
        SURVEYCTO_LONG,
        {"people.csv": SURVEYCTO_PEOPLE},
    ),
    "ODK Central": (
        Export(
            member="form.csv",
            groups="drop -",
            select_multiple=(crops("both", "/"),),
            repeat=people("PARENT_KEY", "KEY"),
            review=SubmissionReview(column="ReviewState", rejected=("rejected",)),
        ),
        ODK_FORM,
        {"people.csv": ODK_PEOPLE},
    ),
    "KoBo": (
        Export(
            member="form.csv",
            groups="drop /",
            select_multiple=(crops("both", "/"),),
            repeat=people("_parent_index", "_index"),
            review=SubmissionReview(
                column="_validation_status", rejected=("validation_status_not_approved",)
            ),
        ),
        KOBO_FORM,
        {"people.csv": KOBO_PEOPLE},
    ),
}


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_gives_the_same_frame(server):
    export, form, repeats = SERVERS[server]
    tables = {member: read(text) for member, text in repeats.items()}
    frame, findings, refused = arranged(read(form), file(export), tables)
    assert {name: frame[name].tolist() for name in KEPT} == KEPT
    assert frame["__line__"].tolist() == [2, 4, 5, 6]
    assert {str(frame[name].dtype) for name in KEPT} == {"str"}
    assert not any("/" in name or "-" in name for name in frame.columns if "SET-OF" not in name)
    assert refused == 1
    assert said(findings) == [("info", "set-aside", 0, export.review.column)]
    # a count of interviews: it is withheld where there are few
    assert findings[0].problem == message("set-aside.problem", n=Count(1, "interviews"))
    # code columns stand where the question stood, repetitions behind everything but the line
    names = list(frame.columns)
    assert names[names.index("crops_1") :][:3] == ["crops_1", "crops_2", "crops__9"]
    assert "crops" not in names


def test_the_refused_submissions_can_be_counted_by_place():
    export, form, _ = SERVERS["ODK Central"]
    gone = set_aside(read(form), file(export))
    assert gone[["municipality", "KEY", "__line__"]].to_numpy().tolist() == [["M1", "uuid:b", 3]]
    assert gone.shape[1] == read(form).shape[1]
    assert len(set_aside(read(form), file(None))) == 0
    assert len(set_aside(read(form), file(dataclasses.replace(export, review=None)))) == 0


def test_without_an_export_nothing_changes():
    frame = read(ODK_FORM)
    got, findings, refused = arranged(frame, file(None), {})
    pd.testing.assert_frame_equal(got, frame)
    assert (findings, refused) == ([], 0)


def test_inputs_are_left_as_they_were():
    export, form, repeats = SERVERS["KoBo"]
    frame, rows = read(form), read(repeats["people.csv"])
    before = frame.copy(), rows.copy()
    arranged(frame, file(export), {"people.csv": rows})
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_frame_equal(rows, before[1])


# groups


def test_names_that_meet_without_their_groups_are_an_error_that_names_both():
    frame = table({"home/age": ["1"], "work/age": ["2"], "work/pay": ["3"]})
    got, findings, _ = arranged(frame, file(Export(groups="drop /")), {})
    assert list(got.columns) == ["home/age", "work/age", "pay", "__line__"]
    assert said(findings) == [("error", "name-collision", 0, "age")]
    assert "`home/age`, `work/age`" in str(findings[0].problem)


@pytest.mark.parametrize(("groups", "name", "bare"), CASES["groups"])
def test_groups_are_dropped_as_declared(groups, name, bare):
    got, findings, _ = arranged(table({name: ["1"]}), file(Export(groups=groups)), {})
    assert (list(got.columns), findings) == ([bare, "__line__"], [])


@pytest.mark.parametrize(
    ("groups", "join", "mark"), [("drop /", "/", "/"), ("drop -", "/", "-"), ("drop -", "_", "-")]
)
def test_a_code_keeps_its_question_when_groups_go(groups, join, mark):
    columns = {f"g{mark}h{mark}crops{join}{code}": ["0"] for code in CODES}
    export = Export(groups=groups, select_multiple=(crops("many columns", join),))
    got, findings, _ = arranged(table(columns), file(export), {})
    assert findings == []
    assert list(got.columns) == ["crops_1", "crops_2", "crops__9", "__line__"]


def test_a_group_of_the_same_name_as_its_question_is_no_question():
    names = ["crops/crops", "crops/crops/1", "crops/crops/2", "crops/crops/-9", "crops/area"]
    export = Export(groups="drop /", select_multiple=(crops("both", "/"),))
    got, findings, _ = arranged(table({n: ["0"] for n in names}), file(export), {})
    assert "area" in got.columns
    # "0" is no code of the one column: the columns were found, and this is what is wrong
    assert said(findings) == [("error", "select-multiple", 2, "crops")]


# select-multiple


def laid_out(answers: list[tuple[str, ...] | None], layout: str, join: str) -> pd.DataFrame:
    """The answers as a server writes them; ``None`` is a question that was not asked."""
    columns: dict[str, list[str]] = {"before": ["b"] * len(answers)}
    if layout != "many columns":
        columns["crops"] = ["" if a is None else " ".join(a) for a in answers]
    if layout != "one column":
        for code in CODES:
            cells = ["" if a is None else str(int(code in a)) for a in answers]
            columns[f"crops{join}{code}"] = cells
    columns["after"] = ["a"] * len(answers)
    return table(columns)


CHOSEN = st.one_of(st.none(), st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(tuple))


@pytest.mark.property
@given(answers=st.lists(CHOSEN, max_size=12))
def test_the_three_layouts_give_the_same_frame(answers):
    frames = []
    for layout in ("one column", "many columns", "both"):
        for join in ("_", "/"):
            export = Export(select_multiple=(crops(layout, join),))
            got, findings, _ = arranged(laid_out(answers, layout, join), file(export), {})
            assert findings == []
            frames.append(got)
    for got in frames[1:]:
        pd.testing.assert_frame_equal(got, frames[0])
    # and the way back: the codes of a row are the columns with a 1
    names = ["crops_1", "crops_2", "crops__9"]
    assert list(frames[0].columns) == ["before", *names, "after", "__line__"]
    for row, answer in zip(frames[0][names].to_numpy().tolist(), answers, strict=True):
        back = {c for c, cell in zip(CODES, row, strict=True) if cell == "1"}
        assert back == set(answer or ())
        assert ("" in row) == (answer is None)


def spread(columns: dict[str, Sequence[str]], layout: str, join: str = "_"):
    export = Export(select_multiple=(crops(layout, join),))
    return arranged(table(columns), file(export), {})[:2]


@pytest.mark.parametrize("cell", ["1 3", "rice", "1,2", "1\u00a02", "1\n2", "1.0", "01"])
def test_an_unlisted_code_is_an_error_with_its_line_and_without_its_text(cell):
    _, findings = spread({"crops": ["1 2", cell]}, "one column")
    assert said(findings) == [("error", "select-multiple", 3, "crops")]
    assert findings[0].row_key == "baseline.zip:3"
    assert cell not in str(findings[0].problem)


def test_a_code_twice_is_an_error():
    _, findings = spread({"crops": ["1 1"]}, "one column")
    assert said(findings) == [("error", "select-multiple", 2, "crops")]
    assert "twice" in str(findings[0].problem)


def test_more_blanks_than_needed_change_nothing():
    got, findings = spread({"crops": [" 2  1 ", "  "]}, "one column")
    assert findings == []
    assert got[["crops_1", "crops_2", "crops__9"]].to_numpy().tolist() == [
        ["1", "1", "0"],
        ["", "", ""],
    ]


def test_a_disagreement_is_an_error_with_line_and_column():
    columns = {
        "crops": ["1", "2", "", "1"],
        "crops_1": ["1", "1", "0", ""],
        "crops_2": ["0", "1", "1", "0"],
        "crops_-9": ["0", "0", "0", "0"],
    }
    _, findings = spread(columns, "both")
    # line 3: 1 not in the one column; line 4: blank, but 2 chosen; line 5: 1 chosen, blank here
    assert said(findings) == [
        ("error", "select-multiple", 3, "crops_1"),
        ("error", "select-multiple", 5, "crops_1"),
        ("error", "select-multiple", 4, "crops_2"),
    ]


def test_many_lines_of_one_problem_are_not_a_thousand_messages():
    _, findings = spread({"crops": ["9"] * 1_000}, "one column")
    assert len(findings) == MOST_LINES
    assert f"(more such rows: {1_000 - MOST_LINES})" in str(findings[-1].problem)
    assert "more such rows" not in str(findings[-2].problem)
    _, findings = spread({"crops": ["9"] * MOST_LINES}, "one column")
    assert "more such rows" not in str(findings[-1].problem)


@pytest.mark.parametrize("cell", ["2", "TRUE", "yes", " 1", "1.0"])
def test_a_cell_that_is_neither_0_nor_1_is_an_error(cell):
    columns = {"crops_1": ["1", cell], "crops_2": ["0", "0"], "crops_-9": ["0", "0"]}
    _, findings = spread(columns, "many columns")
    assert said(findings) == [("error", "select-multiple", 3, "crops_1")]
    _, findings = spread(columns | {"crops": ["1", ""]}, "both")
    assert said(findings) == [("error", "select-multiple", 3, "crops_1")]


def test_a_gap_between_codes_is_an_error_but_an_export_without_0_is_not():
    gap = {"crops_1": ["1", "1"], "crops_2": ["0", ""], "crops_-9": ["0", ""]}
    _, findings = spread(gap, "many columns")
    assert said(findings) == [("error", "select-multiple", 3, "crops")]
    ones = {"crops_1": ["1", ""], "crops_2": ["", ""], "crops_-9": ["", ""]}
    got, findings = spread(ones, "many columns")
    assert said(findings) == [("info", "select-multiple", 0, "crops")]
    assert "(rows: 1)" in str(findings[0].problem)
    assert got[["crops_1", "crops_2", "crops__9"]].to_numpy().tolist() == [
        ["1", "0", "0"],
        ["", "", ""],
    ]


@pytest.mark.parametrize(("layout", "names", "columns"), CASES["misfit"])
def test_columns_that_do_not_fit_the_layout_are_errors(layout, names, columns):
    got, findings = spread({name: [""] for name in names}, layout)
    assert said(findings) == [("error", "select-multiple", 0, name) for name in columns]
    assert all(repr(layout) in str(f.problem) for f in findings if f.column in names)
    assert list(got.columns) == [*names, "__line__"]


def test_a_code_that_was_chosen_must_have_its_column():
    # ODK Central makes no column for a code that nobody chose
    columns = {"crops": ["1", "2"], "crops/1": ["1", "0"], "crops/2": ["0", "1"]}
    got, findings = spread(columns, "both", "/")
    assert findings == []
    assert got["crops__9"].tolist() == ["0", "0"]
    _, findings = spread(columns | {"crops": ["1", "2 -9"]}, "both", "/")
    assert said(findings) == [("error", "select-multiple", 0, "crops/-9")]


def test_a_column_of_an_undeclared_code_is_an_error():
    columns = {f"g/crops/{code}": ["0"] for code in (*CODES, "rice")}
    export = Export(groups="drop /", select_multiple=(crops("many columns", "/"),))
    _, findings, _ = arranged(table(columns), file(export), {})
    assert said(findings) == [("error", "select-multiple", 0, "crops/rice")]


def test_a_new_name_that_another_question_has_is_an_error():
    columns = {f"crops/{code}": ["0"] for code in CODES} | {"crops_2": ["x"]}
    got, findings = spread(columns, "many columns", "/")
    assert said(findings) == [("error", "select-multiple", 0, "crops_2")]
    assert got["crops_2"].tolist() == ["x"]


def test_a_question_without_codes_is_an_error_and_stays():
    nothing = SelectMultiple(column="crops", layout="one column", codes=())
    frame, findings, _ = arranged(
        table({"crops": [""]}), file(Export(select_multiple=(nothing,))), {}
    )
    assert said(findings) == [("error", "select-multiple", 0, "crops")]
    assert "crops" in frame.columns


# reviews


def test_an_unknown_review_is_a_warning_and_the_submission_stays():
    review = SubmissionReview(column="state", rejected=("rejected",))
    frame = table({"state": ["approved", "REJECTED", "rejected", "Ana", ""]})
    got, findings, refused = arranged(frame, file(Export(review=review)), {})
    assert (len(got), refused) == (4, 1)
    assert said(findings) == [
        ("warn", "review-value", 3, "state"),
        ("info", "set-aside", 0, "state"),
    ]
    assert str(findings[0].problem).startswith("2 submissions")
    assert "Ana" not in str(findings)


def test_reviews_of_which_none_is_rejected_say_nothing():
    review = SubmissionReview(column="state", rejected=("rejected",))
    got, findings, refused = arranged(
        table({"state": ["approved", ""]}), file(Export(review=review)), {}
    )
    assert (len(got), findings, refused) == (2, [], 0)


def test_a_review_column_that_is_missing_is_an_error():
    review = SubmissionReview(column="state", rejected=("rejected",))
    _, findings, refused = arranged(table({"x": ["1"]}), file(Export(review=review)), {})
    assert said(findings) == [("error", "missing-column", 0, "state")]
    assert refused == 0


# repeats


def with_people(
    rows: list[tuple[str, str]], keys: Sequence[str] = ("a", "b"), most: int = 2, **more
):
    export = Export(
        member="form.csv",
        repeat=(Repeat(member="people.csv", parent="PARENT_KEY", key="KEY", most=most),),
        **more,
    )
    repeat = table({"age": [age for _, age in rows], "PARENT_KEY": [key for key, _ in rows]})
    return arranged(table({"KEY": keys}), file(export), {"people.csv": repeat})


def test_repetitions_stand_in_the_order_of_their_rows():
    got, findings, _ = with_people([("b", "5"), ("a", "2"), ("b", "1"), ("a", "9")])
    assert findings == []
    assert got.columns.tolist() == ["KEY", "age_1", "age_2", "__line__"]
    assert got[["age_1", "age_2"]].to_numpy().tolist() == [["2", "9"], ["5", "1"]]


def test_a_row_whose_interview_is_unknown_is_an_error_with_member_and_line():
    _, findings, _ = with_people([("a", "2"), ("z", "3"), ("a/people[1]", "4")])
    assert said(findings) == [
        ("error", "repeat-group", 3, "PARENT_KEY"),
        ("error", "repeat-group", 4, "PARENT_KEY"),
    ]
    assert findings[0].file == "baseline.zip/people.csv"
    assert findings[0].row_key == "baseline.zip/people.csv:3"
    # the file of interviews in which it should stand
    assert "form.csv" in str(findings[0].problem)


def test_more_repetitions_than_declared_are_an_error():
    got, findings, _ = with_people([("a", "1"), ("b", "2"), ("a", "3"), ("a", "4"), ("a", "5")])
    assert said(findings) == [("error", "repeat-group", 5, "PARENT_KEY")]
    assert "`most` = 2" in str(findings[0].problem)
    assert "age_3" not in got.columns


def test_interviews_without_repetitions_are_blank():
    got, findings, _ = with_people([], most=1)
    assert findings == []
    assert got["age_1"].tolist() == ["", ""]


def test_repetitions_of_refused_submissions_go_with_them():
    form = table({"KEY": ["a", "b"], "state": ["rejected", ""]})
    rows = table({"age": ["1", "2", "3"], "PARENT_KEY": ["a", "b", "a"]})
    export = Export(
        member="form.csv",
        repeat=(Repeat(member="people.csv", parent="PARENT_KEY", key="KEY", most=1),),
        review=SubmissionReview(column="state", rejected=("rejected",)),
    )
    got, findings, refused = arranged(form, file(export), {"people.csv": rows})
    # neither an unknown interview, nor too many repetitions
    assert [f.severity for f in findings] == ["info"]
    assert (refused, got["age_1"].tolist()) == (1, ["2"])


@pytest.mark.parametrize(("keys", "line"), [(("a", "a"), 3), (("a", ""), 3)])
def test_keys_that_do_not_tell_interviews_apart_are_an_error(keys, line):
    _, findings, _ = with_people([("a", "1")], keys=keys)
    assert said(findings) == [("error", "repeat-group", line, "KEY")]
    assert findings[0].file == "baseline.zip"


def test_key_columns_that_are_missing_are_errors():
    repeat = Repeat(member="people.csv", parent="up", key="down", most=1)
    _, findings, _ = arranged(
        table({"KEY": ["a"]}),
        file(Export(member="form.csv", repeat=(repeat,))),
        {"people.csv": table({"x": ["1"]})},
    )
    assert [(f.rule, f.file, f.column) for f in findings] == [
        ("missing-column", "baseline.zip", "down"),
        ("missing-column", "baseline.zip/people.csv", "up"),
    ]
    assert in_spanish.unknown_findings(findings) == []


@pytest.mark.parametrize(("parent", "key"), [("PARENT_KEY", "down"), ("up", "KEY")])
def test_one_key_column_alone_ties_nothing(parent, key):
    repeat = Repeat(member="people.csv", parent=parent, key=key, most=1)
    got, findings, _ = arranged(
        table({"KEY": ["a"]}),
        file(Export(member="form.csv", repeat=(repeat,))),
        {"people.csv": table({"PARENT_KEY": ["a"], "x": ["1"]})},
    )
    assert [f.rule for f in findings] == ["missing-column"]
    assert list(got.columns) == ["KEY", "__line__"]


def test_a_repeat_that_takes_another_columns_name_is_an_error():
    repeat = Repeat(member="people.csv", parent="PARENT_KEY", key="KEY", most=1)
    form = table({"KEY": ["a"], "age_1": ["interview"]})
    rows = table({"age": ["1"], "PARENT_KEY": ["a"]})
    export = Export(member="form.csv", repeat=(repeat,))
    got, findings, _ = arranged(form, file(export), {"people.csv": rows})
    assert said(findings) == [("error", "name-collision", 0, "age_1")]
    assert got["age_1"].tolist() == ["interview"]


def test_a_question_with_several_answers_inside_a_repeat():
    # SurveyCTO wide names it f_hr_lead_r_2_1: question, code, repetition
    repeat = Repeat(member="people.csv", parent="PARENT_KEY", key="KEY", most=2)
    export = Export(member="form.csv", repeat=(repeat,), select_multiple=(crops("one column"),))
    rows = table({"crops": ["1", "2 -9"], "PARENT_KEY": ["a", "a"]})
    got, findings, _ = arranged(table({"KEY": ["a"]}), file(export), {"people.csv": rows})
    assert findings == []
    names = ["crops_1_1", "crops_2_1", "crops__9_1", "crops_1_2", "crops_2_2", "crops__9_2"]
    assert got.columns.tolist() == ["KEY", *names, "__line__"]
    assert got[names].to_numpy().tolist() == [["1", "0", "0", "0", "1", "1"]]
    _, findings, _ = arranged(
        table({"KEY": ["a"]}),
        file(export),
        {"people.csv": table({"crops": ["7"], "PARENT_KEY": ["a"]})},
    )
    assert findings[0].row_key == "baseline.zip/people.csv:2"


def test_each_repeat_is_put_beside_the_interview_with_its_own_questions():
    groups = tuple(
        Repeat(member=m, parent="PARENT_KEY", key="KEY", most=1)
        for m in ("a.csv", "b.csv", "c.csv")
    )
    export = Export(member="form.csv", repeat=groups, select_multiple=(crops("one column"),))
    parent = {"PARENT_KEY": ["a"]}
    repeats = {
        "a.csv": table({"x": ["1"]} | parent),
        "b.csv": table({"crops": ["2"]} | parent),
        "c.csv": table({"y": ["3"]} | parent),
    }
    got, findings, _ = arranged(table({"KEY": ["a"]}), file(export), repeats)
    assert findings == []
    names = ["x_1", "crops_1_1", "crops_2_1", "crops__9_1", "y_1"]
    assert got.columns.tolist() == ["KEY", *names, "__line__"]
    assert got[names].to_numpy().tolist() == [["1", "0", "1", "0", "3"]]


@pytest.mark.property
@given(
    rows=st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.text("0123456789", max_size=2)),
                  max_size=9)
)  # fmt: skip
def test_repeats_come_back(rows):
    got, findings, _ = with_people(rows, keys=("a", "b", "c"), most=9)
    assert findings == []
    for key, *cells in got[["KEY", *(f"age_{i}" for i in range(1, 10))]].to_numpy().tolist():
        mine = [age for owner, age in rows if owner == key]
        assert cells == mine + [""] * (9 - len(mine))


# a real export: PovertyAction/datasure (df1c84e0), tests/data/sample_3_hh_form.csv, MIT


@pytest.fixture
def household_form() -> pd.DataFrame:
    data = shared_data("survey_exports/surveycto_sample_hh_form.csv").read_bytes()
    described = dataclasses.replace(
        file(None), format="csv", path="form.csv",
        dialect=Dialect(encoding="utf-8", delimiter=",", decimal="."),
    )  # fmt: skip
    frame, findings = delimited.read(data, described)
    assert [f for f in findings if f.severity == "error"] == []
    return frame


def k_sel(layout: str) -> Export:
    chosen = SelectMultiple(column="k_sel", layout=layout, codes=("1", "3", "4", "8"))
    return Export(
        select_multiple=(chosen,),
        review=SubmissionReview(column="review_status", rejected=("REJECTED",)),
    )


def test_a_real_surveycto_export_has_many_columns_of_1_and_blank(household_form):
    got, findings, refused = arranged(household_form, file(k_sel("many columns")), {})
    # read by hand from the file: of 14 interviews the sixth chose 3, 4 and 8, the thirteenth 1;
    # all others are blank, there is no 0, no column `k_sel`, and every review is APPROVED
    assert refused == 0
    assert said(findings) == [("info", "select-multiple", 0, "k_sel")]
    assert "(rows: 2)" in str(findings[0].problem)
    names = ["k_sel_1", "k_sel_3", "k_sel_4", "k_sel_8"]
    cells = got[names].to_numpy().tolist()
    assert cells[5] == ["0", "1", "1", "1"]
    assert cells[12] == ["1", "0", "0", "0"]
    assert [row for i, row in enumerate(cells) if i not in (5, 12)] == [[""] * 4] * 12
    assert got.shape == household_form.shape == (14, 591)


@pytest.mark.parametrize("layout", ["one column", "both"])
def test_a_real_surveycto_export_is_not_taken_for_another_layout(household_form, layout):
    _, findings, _ = arranged(household_form, file(k_sel(layout)), {})
    assert ("error", "select-multiple", 0, "k_sel") in said(findings)


def test_a_real_export_from_the_long_layout_is_the_real_wide_one(household_form):
    # people's ages of the wide file, written as a repeat file of its own, and put back
    keys, most = household_form["KEY"].tolist(), 3
    names = [f"f_hr_age_r_{i}" for i in range(1, most + 1)]
    rows = [
        (key, age)
        for key, ages in zip(keys, household_form[names].to_numpy().tolist(), strict=True)
        for age in ages[: max((i + 1 for i, age in enumerate(ages) if age), default=0)]
    ]
    assert len(rows) > 14
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["PARENT_KEY", "f_hr_age_r"])
    writer.writerows(rows)
    export = Export(
        member="form.csv",
        repeat=(Repeat(member="people.csv", parent="PARENT_KEY", key="KEY", most=most),),
    )
    form = household_form.drop(columns=names)
    got, findings, _ = arranged(form, file(export), {"people.csv": read(text.getvalue())})
    assert findings == []
    pd.testing.assert_frame_equal(got[names], household_form[names])
