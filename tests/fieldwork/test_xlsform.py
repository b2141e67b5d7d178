"""Survey forms are read as they are written; what is wrong in one is told by its cell."""

import io
import zipfile

import openpyxl
import pytest

from evaluation.data.readers.sheets import read_workbook
from evaluation.data.spelling import header, split_type
from evaluation.errors import SpecError
from evaluation.fieldwork.drafting.xlsform import read_form
from tests.conftest import shared_data
from tests.fieldwork.small_forms import YES_NO, form, form_bytes, workbook
from tests.tables import cases

CASES = cases(__file__)

REAL = "survey_exports/worldbank_rio_xlsform_pt_en.xlsx"
WHOLE = ("type", "name", "label", "relevant", "constraint", "disabled")


def real():
    path = shared_data(REAL)
    return read_form(path.read_bytes(), path.name)


@pytest.mark.filterwarnings("ignore:Unknown extension:UserWarning")
def test_the_real_form_has_what_its_cells_say():
    # source: the workbook itself, counted here from its raw cells without the reader
    book = openpyxl.load_workbook(shared_data(REAL))
    cells = list(book["survey"].iter_rows(min_row=2, values_only=True))
    types = [str(row[0]) for row in cells if row[0]]
    assert (book["survey"].max_row - 1, book["choices"].max_row - 1) == (406, 152)
    listed = [row for row in book["choices"].iter_rows(min_row=2, values_only=True) if row[0]]
    found = real()
    assert found.rows == sum(any(v is not None for v in row) for row in cells) == 382
    asked = [t for t in types if not t.startswith(("begin", "end group"))]
    assert [q.written_type for q in found.questions] == asked
    assert sum(map(len, found.choices.values())) == len(listed) == 127
    assert list(found.choices) == list(dict.fromkeys(str(row[0]) for row in listed))
    assert (found.id, found.version) == ("rio_pinkcar_survey_final", "1710231420")


def test_rows_of_the_real_form_read_by_hand():
    # source: rows 26, 64 and 274 of its survey sheet and rows 2-3 of its choices sheet
    found = real()
    by_name = {question.name: question for question in found.questions}
    intro = by_name["full_intro"]
    assert (intro.row, intro.type, intro.list_name) == (26, "select_one", "yesno")
    assert (intro.relevant, intro.required) == ("${response_intro}=1", "yes")
    assert [group.name for group in intro.within] == ["control", "intro"]
    assert intro.within[0].relevant == "${username}!='pip_digitacao'"
    assert intro.label["portuguese"].startswith("Essa pesquisa é anônima")
    assert intro.label["en"].startswith("The survey is anonymous")
    station = by_name["station"]
    assert station.appearance.startswith("search('rio_stations'")
    assert by_name["id"].constraint == "string-length(.)=4"
    assert (
        by_name["ride_preference_men"].relevant == "${gender_interview}=0 and ${men_usual_car}!=7"
    )
    yes, no = found.choices["yesno"]
    # whole numbers in cells are codes without a point; the label column names no language
    assert (yes.code, no.code, dict(yes.label)) == ("1", "0", {"": "Sim"})


@pytest.mark.parametrize(("written", "base", "language"), CASES["headers"])
def test_headers_have_many_names(written, base, language):
    assert header(written) == (base, language)


def test_a_column_value_is_the_code_of_a_choice():
    book = workbook(CASES["book"])
    found = read_form(book, "small.xlsx")
    assert [(c.code, dict(c.label)) for c in found.choices["yn"]] == [
        ("1", {"es": "Sí"}),
        ("0", {"es": "No"}),
    ]


@pytest.mark.parametrize(("written", "parts"), CASES["types"])
def test_types_have_many_spellings(written, parts):
    assert split_type(written) == tuple(parts)


def test_groups_and_repeats_nest():
    found = form(CASES["nested"])
    nests = {q.name: [(g.name, g.repeats) for g in q.within] for q in found.questions}
    assert nests == {
        "age": [("home", False), ("members", True)],
        "note_of_home": [("home", False)],
        "visit": [],
    }


def test_disabled_rows_are_not_there():
    found = form([("integer", "age", "Age"), ("wish", "age", "Gone", "", "", "yes")], head=WHOLE)
    assert [question.name for question in found.questions] == ["age"]


@pytest.mark.parametrize(("survey", "place", "problem", "fix"), CASES["errors"])
def test_an_error_names_sheet_row_column_and_mend(survey, place, problem, fix):
    with pytest.raises(SpecError) as caught:
        form(survey)
    assert str(caught.value.where) == f"small.xlsx: sheet survey, {place}"
    assert problem in str(caught.value.problem)
    assert fix in str(caught.value.fix)


def test_one_name_in_two_groups_gives_one_column_twice():
    rows = [("begin group", "a"), ("integer", "x"), ("end group",)]
    again = [("begin group", "b"), ("integer", "x"), ("end group",)]
    with pytest.raises(SpecError, match="`x` appears twice"):
        form([*rows, *again])


def test_a_group_may_be_called_like_its_question():
    # so does group `crime` of the real form
    assert form([("begin group", "x"), ("integer", "x"), ("end group",)]).questions[0].name == "x"


@pytest.mark.parametrize(
    ("choices", "place", "problem"),
    [
        (
            [*YES_NO, ("yn", 1, "Again")],
            "row 4, column name",
            "code `1` appears twice in list `yn`",
        ),
        ([*YES_NO, ("yn", None, "No code")], "row 4, column name", "no list or no code"),
        ([*YES_NO, (None, "3", "No list")], "row 4, column list_name", "no list or no code"),
    ],
)
def test_an_error_in_the_choices_names_its_cell(choices, place, problem):
    with pytest.raises(SpecError) as caught:
        form([("select_one yn", "vote")], choices)
    assert str(caught.value.where) == f"small.xlsx: sheet choices, {place}"
    assert problem in str(caught.value.problem)


def test_two_columns_of_one_meaning_are_refused():
    with pytest.raises(SpecError, match="`relevance` appears twice") as caught:
        form([("integer", "age", "", "")], head=("type", "name", "relevant", "relevance"))
    assert str(caught.value.where) == "small.xlsx: sheet survey, row 1, column D"


def test_a_column_far_to_the_right_is_named_as_the_sheet_names_it():
    texts = [f"hint::L{i} (l{i})" for i in range(20)]
    head = ("type", "name", "label", *texts, "label")
    with pytest.raises(SpecError, match="`label` appears twice") as caught:
        form([("integer", "age")], head=head)
    assert str(caught.value.where).endswith("row 1, column X")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"type,name\ninteger,age\n", "not a workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100), "of the old .xls format"),
        (form_bytes([("integer", "age")])[:-400], "damaged"),
        (workbook({"data": [("a",), (1,)]}), "no sheet `survey`"),
        (workbook({"survey": [("type", "label")]}), "no column `name`"),
    ],
)
def test_what_is_no_form_is_refused(data, problem):
    with pytest.raises(SpecError, match=problem):
        read_form(data, "small.xlsx")


def test_a_workbook_that_unpacks_too_far_is_refused(monkeypatch):
    data = form_bytes([("integer", "age")])
    monkeypatch.setattr("evaluation.data.readers.workbook_layout.MEGABYTE", 1)
    with pytest.raises(SpecError, match="MB when unpacked; the limits are"):
        read_form(data, "small.xlsx")


def test_rows_beyond_the_size_a_sheet_claims_are_read():
    whole = workbook({"s": [("a", "b"), ("c", "d")]})
    claimed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(claimed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:B2"', b'ref="A1:A1"'))
    assert claimed.getvalue().count(b'ref="A1:A1"') == 1
    lines = read_workbook(claimed.getvalue(), "b.xlsx", formulas="as formulas")["s"].lines
    assert [[cell.text for cell in line.cells] for line in lines] == [["a", "b"], ["c", "d"]]


def test_cells_keep_their_kind():
    book = workbook({"s": [("05", 5, 1.5, True, "=1+1")]})
    (line,) = read_workbook(book, "b.xlsx", formulas="as formulas")["s"].lines
    assert [(cell.text, cell.kind) for cell in line.cells] == [
        ("05", "text"),
        ("5", "number"),
        ("1.5", "number"),
        ("TRUE", "logical"),
        ("=1+1", "formula"),
    ]
