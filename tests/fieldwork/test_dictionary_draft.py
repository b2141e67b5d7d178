"""A draft says what the form says, marks every guess, and loads as a dictionary as it stands."""

import itertools
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.__main__ import main
from evaluation.config.dictionary import NAME, AskedIf, Dictionary
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.data.form_words import is_missing_like, missing_kind, personal
from evaluation.data.spelling import LONGEST, legal, legal_names
from evaluation.errors import SpecError
from evaluation.fieldwork.drafting.code_list_draft import MissingLists
from evaluation.fieldwork.drafting.dictionary_draft import SERVERS, Draft, draft_dictionary
from evaluation.fieldwork.drafting.form_columns import Bounds, Skip, bounds, skip
from evaluation.fieldwork.drafting.xlsform import read_form
from tests.conftest import shared_data
from tests.fieldwork.small_forms import YES_NO, draft, form_bytes
from tests.tables import cases

CASES = cases(__file__)

REAL = "survey_exports/worldbank_rio_xlsform_pt_en.xlsx"
RULES = ("type", "name", "label::English (en)", "relevant", "constraint", "required")


def loaded(drafted: Draft, tmp_path) -> Dictionary:
    folder = tmp_path / "drafted" / "dictionary"
    folder.mkdir(parents=True)
    for file in drafted.files:
        (folder / file.name).write_text(file.text, encoding="utf-8")
    return read_dictionary(folder.parent, ("baseline",))


def notes(drafted: Draft, name: str) -> tuple[str, ...]:
    for file in drafted.files:
        for position, variable in enumerate(file.module.variable):
            if variable.name == name:
                return tuple(file.notes["variable", position])
    raise AssertionError(name)


def variable(drafted: Draft, name: str):
    return next(v for v in drafted.variables if v.name == name)


@pytest.fixture(scope="module")
def real() -> Draft:
    path = shared_data(REAL)
    form = read_form(path.read_bytes(), path.name)
    return draft_dictionary(form, round_id="baseline", server="surveycto")


def test_the_real_form_loads_as_drafted(real, tmp_path):
    found = loaded(real, tmp_path)
    assert found.modules == tuple(file.module for file in real.files)
    assert [file.name for file in real.files] == ["00_form.toml", "01_control.toml"]
    # 228 questions less 23 notes, and 4 columns of the server
    assert len(found.variables) == 228 - 23 + len(SERVERS["surveycto"]) == 209
    # 25 lists, of which 4 are unused; that of the interviewers holds names of people
    assert real.unused_lists == ("IAT_refused", "enforcement", "ride", "socioeconomic")
    assert len(found.codes) == 25 - 4 - 1
    assert all(NAME.fullmatch(name) for name in found.variables)


def test_the_real_form_s_skips(real):
    drafted = {v.raw["baseline"] for v in real.variables if v.asked_if is not None}
    # Read off the survey sheet: one condition is simple, and its gate stands under all the others.
    # Under `full_intro = 1`, before the inner groups B to G add a condition (rows 30-93):
    intro = "id id_check age leaveA askB askC askD askE askF askG askH askIAT"
    intro += " demographics_duration IAT_duration IAT_intro leaveiat"
    # in part2, gated by a calculation of part2 (rows 346-380), and group crime (rows 387-393):
    late = "harassment_platform leaverkb leaverkc leaverkd intervene_pink_people leaverkg"
    late += " intervene_mixed_people leaverkh fault leaverki crime leavecrA askfinal"
    assert drafted == {"full_intro", *intro.split(), *late.split()}
    assert len(drafted) == 30
    assert variable(real, "full_intro").asked_if == AskedIf(
        variable="response_intro", values=(1.0,)
    )
    assert variable(real, "id").asked_if == AskedIf(variable="full_intro", values=(1.0,))
    assert variable(real, "crime").asked_if == AskedIf(variable="askcr", values=("0",))
    # more than one condition of its own, or != : a person decides
    for name in ("education", "ride_preference_men", "phone_number"):
        assert variable(real, name).asked_if is None
        assert any(note.startswith("relevant") for note in notes(real, name))
    condition = "relevant: ${gender_interview}=0 and ${men_usual_car}!=7"
    assert condition in notes(real, "ride_preference_men")


def test_no_condition_of_the_real_form_is_lost(real):
    path = shared_data(REAL)
    form = read_form(path.read_bytes(), path.name)
    text = " ".join(" ".join(file.text.split()) for file in real.files)
    by_raw = {v.raw["baseline"]: v for v in real.variables}
    for question in form.questions:
        said = " ".join(question.relevant.split())
        if said and question.name in by_raw:
            assert by_raw[question.name].asked_if is not None or f"# relevant: {said}" in text


def test_constraints_of_the_real_form_stay_as_comments(real):
    assert not any(v.range for v in real.variables)
    assert "constraint: string-length(.)=4" in notes(real, "id")
    assert "constraint: .=${id}" in notes(real, "id_check")


def test_names_that_differ_by_capitals_only_stay_apart(real):
    # leaverkB (row 301) and leaverkb (row 348) are two questions
    assert variable(real, "leaverkb").raw == {"baseline": "leaverkB"}
    assert variable(real, "leaverkb_2").raw == {"baseline": "leaverkb"}
    assert "raw name: leaverkB" in notes(real, "leaverkb")


def test_names_of_interviewers_are_not_published(real):
    drafted = variable(real, "enumerator")
    assert (drafted.type, drafted.codes, drafted.personal) == ("id", None, "quasi")
    assert not any("Tuanni" in file.text for file in real.files)


def test_labels_of_another_language_go_into_both_with_a_mark(real):
    (codes,) = (c for f in real.files for c in f.module.codes if c.id == "agree_codes")
    assert (codes.values[0].en, codes.values[0].es) == ("Discordo totalmente",) * 2
    drafted = variable(real, "age")
    assert (drafted.question["en"], drafted.question["es"]) == (
        "1. How old are you?",
        "1. Qual a sua idade?",
    )
    assert "translate: es (the form has portuguese, en)" in notes(real, "age")


def test_the_draft_is_the_same_each_time(real):
    path = shared_data(REAL)
    again = draft_dictionary(
        read_form(path.read_bytes(), path.name), round_id="baseline", server="surveycto"
    )
    assert [file.text for file in again.files] == [file.text for file in real.files]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${x} = '1'", Skip("x", ("1",))),
        ("${x}=1", Skip("x", ("1",))),
        ("( ${x} = 1 )", Skip("x", ("1",))),
        ("${x}=1 or ${x}=2", Skip("x", ("1", "2"))),
        ("(${x}=1) OR (${x} = “2”)", Skip("x", ("1", "2"))),
        ("selected(${x}, '2')", Skip("x", ("2",), "selected")),
        ("selected(${x},'a') or selected(${x}, 'b')", Skip("x", ("a", "b"), "selected")),
        ("${x} = ' or '", Skip("x", (" or ",))),
        ("${x}=1 or ${y}=1", None),
        ("${x}=1 and ${y}=1", None),
        ("${x}!=1", None),
        ("${x}>1", None),
        ("not(${x}=1)", None),
        ("${x}=''", None),
        ("${x}=${y}", None),
        ("(${x}=1) and (${x}=2)", None),
        ("count-selected(${x})=1", None),
        ("selected(${x}, '2') or ${x}=1", None),
        ("", None),
    ],
)
def test_simple_skips(expression, expected):
    assert skip(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (". >= 0 and . <= 120", Bounds(0, 120)),
        (".>=18", Bounds(18, None)),
        ("(.>=18) and (.<99)", Bounds(18, 99, open_ends=("high",))),
        ("0 <= . and 5 >= .", Bounds(0, 5)),
        (". > -1.5", Bounds(-1.5, None, open_ends=("low",))),
        ("(. >= 0 and . <= 120) or . = 888888 or .=-99", Bounds(0, 120, ("888888", "-99"))),
        (". >= 0 and . <= 120 or . = '888'", Bounds(0, 120, ("888",))),
        (". >= 0 or . <= -5", None),
        (". >= 5 and . <= 1", None),
        (". >= 5 and . >= 7", None),
        (". >= ${min}", None),
        (".=4", None),
        ("string-length(.)=4", None),
        ("regex(., '^[0-9]+$')", None),
        ("not(. >= 5)", None),
        ("", None),
    ],
)
def test_simple_ranges(expression, expected):
    assert bounds(expression) == expected


@given(st.integers(-999, 999), st.integers(-999, 999), st.sampled_from(["{}and{}", "({})and({})"]))
def test_a_range_means_what_the_form_checks(low, high, joint):
    found = bounds(joint.format(f" . >= {low} ", f" {high} >= . "))
    expected = Bounds(low, high) if low <= high else None
    assert found == expected


@given(st.lists(st.text(max_size=60), max_size=12))
def test_every_raw_name_gets_a_legal_name_of_its_own(raws):
    names = legal_names(raws)
    assert all(NAME.fullmatch(name) for name in names)
    assert len(set(names)) == len(raws)


def test_names_by_hand():
    assert legal("Edad del Niño/a (años)") == "edad_del_nino_a_anos"
    assert legal("1. ¿Nombre?") == "v_1_nombre"
    assert legal("a__missing") == "a_missing"
    assert legal("ÑÑ") == "nn"
    long = "una_pregunta_con_un_nombre_muy_largo"
    assert legal_names([long + "1", long + "2"]) == [
        "una_pregunta_con_un_nombre_muy_l",
        "una_pregunta_con_un_nombre_muy_2",
    ]
    assert len(legal(long)) == LONGEST == 32


def test_a_simple_form_by_hand(tmp_path):
    survey = [
        ("select_one yn", "victim", "Victim?", "", "", "yes"),
        ("integer", "times", "How many times?", "${victim} = '1'", ". >= 1 and . <= 50", "yes"),
        ("integer", "edad", "How old are you?", "", ".>=18", "yes"),
        ("decimal", "hours", "Hours", "", "(. > 0 and . <= 24) or . = -88", "yes"),
    ]
    choices = [*YES_NO, ("yn", "-88", "Don't know", "No sabe"), ("yn", "-99", "Refused", "NR")]
    drafted = draft(survey, choices, head=RULES)
    found = loaded(drafted, tmp_path)
    victim, times, age, hours = found.variables.values()
    assert (victim.type, victim.missing) == ("binary", "dont_know_minus88_refused_minus99")
    assert [(c.code, c.value) for c in found.codes["yn_codes"].values] == [("1", 1.0), ("2", 0.0)]
    assert times.asked_if == AskedIf(variable="victim", values=(1.0,))
    assert (times.type, times.range, times.missing) == ("count", (1, 50), "blank_not_applicable")
    assert (age.range, age.personal) == ((18, 999_999_999), "quasi")
    assert "seen: the form gives no upper bound" in notes(drafted, "edad")
    # -88 is don't know in the form's own list; the bound itself is not allowed
    assert hours.missing == "dont_know_minus88"
    assert "seen: the low end itself is not allowed" in notes(drafted, "hours")
    assert found.parse("hours", "-88", source="baseline").missing == "dont_know"
    text = drafted.files[0].text
    assert "# seen: -88 is missing (dont_know), as its label says" in text
    assert "# seen: yes is 1 and no is 0 in the clean files, so 2 becomes 0" in text


def test_a_skip_to_no_has_the_clean_value():
    survey = [
        ("select_one yn", "a", "A?", "", "", "yes"),
        ("text", "b", "B?", "${a}=2", "", "yes"),
    ]
    drafted = draft(survey, head=RULES)
    assert variable(drafted, "b").asked_if == AskedIf(variable="a", values=(0.0,))


@pytest.mark.parametrize("outer", ["${a}=1", "${b}=1", "${a}=2 or ${b}=1"])
@pytest.mark.parametrize("inner", ["${b}=1", "${c}=1", "${a}=1"])
def test_a_drafted_rule_is_the_form_s_whole_condition(outer, inner):
    """All answers to three gates: a drafted rule holds exactly where the form asks.

    ``b`` is asked where a = 1; ``c`` stands in the group of the target and has no own condition.
    The form's logic is written out here a second time, in Python.
    """
    survey = [
        ("select_one yn", "a", "A?", "", "", "yes"),
        ("select_one yn", "b", "B?", "${a}=1", "", "yes"),
        ("begin group", "g", "", outer, "", ""),
        ("select_one yn", "c", "C?", "", "", "yes"),
        ("text", "target", "T?", inner, "", "yes"),
        ("end group",),
    ]
    drafted = draft(survey, head=RULES)
    rule = variable(drafted, "target").asked_if
    if rule is None:
        assert any(note == f"relevant: {inner}" for note in notes(drafted, "target"))
        assert any(outer in note or "above" in note for note in notes(drafted, "target"))
    for a, b, c in itertools.product("12", repeat=3):
        answers = {"a": a, "b": b if a == "1" else ""}
        in_group = {
            "${a}=1": answers["a"] == "1",
            "${b}=1": answers["b"] == "1",
            "${a}=2 or ${b}=1": answers["a"] == "2" or answers["b"] == "1",
        }[outer]
        answers["c"] = c if in_group else ""
        asked = in_group and answers[inner[2]] == "1"
        if rule is not None:
            assert (answers[rule.variable] == "1") == asked
            assert rule.values == (1.0,)


def test_the_test_above_sees_both_kinds():
    # inner ${c}=1 is complete (c itself is asked only in the group); inner ${a}=1 under b is not
    survey = CASES["inner"]
    drafted = draft(survey, head=RULES)
    assert variable(drafted, "x").asked_if == AskedIf(variable="c", values=(1.0,))
    assert variable(drafted, "y").asked_if is None


def test_a_question_with_several_answers_has_a_variable_for_each(tmp_path):
    survey = [
        ("select_multiple crops or_other", "crops", "Which crops?", "", "", "yes"),
        ("integer", "bags", "Bags of coffee?", "selected(${crops}, '2')", "", "yes"),
        ("integer", "sacks", "Sacks?", "${crops} = '2'", "", "yes"),
    ]
    choices = [("crops", "1", "Maize", "Maíz"), ("crops", "2", "Coffee", "Café")]
    drafted = draft(survey, choices, head=RULES)
    found = loaded(drafted, tmp_path)
    assert list(found.variables) == [
        *("crops_1", "crops_2", "crops_other", "crops_other_text", "bags", "sacks")
    ]
    assert found.variables["crops_2"].label["es"] == "Café: Which crops?"
    assert found.variables["crops_2"].codes == "chosen_codes"
    assert found.variables["bags"].asked_if == AskedIf(variable="crops_2", values=(1.0,))
    # = with several answers holds only where nothing else was chosen
    assert found.variables["sacks"].asked_if is None
    said = 'select_multiple column = "crops", codes = ["1", "2", "other"]'
    assert any(said in note for note in notes(drafted, "crops_1"))


def test_repeats_are_written_out_as_wide_columns(tmp_path):
    head = (*RULES, "repeat_count")
    survey = [
        ("begin repeat", "members", "Members", "", "", "", 2),
        ("select_one yn", "works", "Works?", "", "", "yes"),
        ("integer", "hours", "Hours?", "${works}=1", "", "yes"),
        ("end repeat",),
    ]
    drafted = draft(survey, head=head)
    found = loaded(drafted, tmp_path)
    assert list(found.variables) == ["works_1", "works_2", "hours_1", "hours_2"]
    labels = [variable.label.en for variable in found.variables.values()]
    assert labels == ["Works? (1)", "Works? (2)", "Hours? (1)", "Hours? (2)"]
    assert found.variables["works_1"].question.en == "Works?"
    assert found.variables["hours_2"].asked_if == AskedIf(variable="works_2", values=(1.0,))
    assert "seen: repeat members, count 2: 2 written out" in notes(drafted, "works_1")
    # a person who is not there has no answer
    assert found.missing["blank_not_applicable"].blank == "not_applicable"
    assert found.variables["works_2"].missing == "blank_not_applicable"


def repeat(name: str, count: object, *inside: tuple[str, ...]) -> list[tuple[object, ...]]:
    return [("begin repeat", name, "", "", "", "", count), *inside, ("end repeat",)]


def test_a_gate_in_another_repeat_is_no_rule():
    survey = [
        *repeat("a", 2, ("select_one yn", "works", "Works?", "", "", "yes")),
        *repeat("b", 2, ("integer", "hours", "Hours?", "${works}=1", "", "yes")),
    ]
    drafted = draft(survey, head=(*RULES, "repeat_count"))
    assert variable(drafted, "hours_1").asked_if is None
    assert "relevant: ${works}=1" in notes(drafted, "hours_1")


@pytest.mark.parametrize(("count", "is_rule"), [("2", True), ("${n}", False), ("", False)])
def test_a_gate_outside_of_a_repeat_is_a_rule_where_all_repetitions_are_there(count, is_rule):
    survey = [
        ("select_one yn", "works", "Works?", "", "", "yes"),
        *repeat("a", count, ("integer", "hours", "Hours?", "${works}=1", "", "yes")),
    ]
    drafted = draft(survey, head=(*RULES, "repeat_count"))
    assert (variable(drafted, "hours_1").asked_if is not None) == is_rule


def test_a_bound_that_is_itself_not_allowed():
    survey = [
        ("integer", "bags", "Bags", "", ". > 0 and . < 50", "yes"),
        ("integer", "none", "None", "", ". > 1 and . < 2", "yes"),
    ]
    drafted = draft(survey, head=RULES)
    assert variable(drafted, "bags").range == (1, 49)
    assert variable(drafted, "none").range == ()
    assert "constraint: . > 1 and . < 2" in notes(drafted, "none")


@pytest.mark.parametrize(("label", "kind"), CASES["missing_labels"])
def test_labels_of_missing_codes(label, kind):
    assert missing_kind([label]) == (kind or None)


def test_codes_that_look_missing():
    alike = ["-88", "-1", "88", "99", "98", "888", "888888", "988888", "999999", "77"]
    assert all(is_missing_like(code) for code in alike)
    assert not any(is_missing_like(code) for code in ["1", "8", "9", "18", "80", "a", "089"])


def test_an_ordinary_code_that_reads_like_missing_stays_an_answer(tmp_path):
    choices = [("q", "1", "A", "A"), ("q", "2", "Don't know", "No sabe"), ("q", "88", "B", "B")]
    drafted = draft([("select_one q", "q", "Q?", "", "", "yes")], choices, head=RULES)
    assert [c.code for c in loaded(drafted, tmp_path).codes["q_codes"].values] == ["1", "2", "88"]
    assert "# seen: 2 reads like dont_know and is kept as an answer" in drafted.files[0].text
    assert "# seen: 88 looks like a missing code and is kept" in drafted.files[0].text


def test_codes_with_leading_zeros_stay_texts(tmp_path):
    choices = [("m", "05001", "A", "A"), ("m", "08001", "B", "B")]
    survey = [
        ("select_one m", "town", "Town?", "", "", "yes"),
        ("text", "why", "Why?", "${town}='05001'", "", "yes"),
    ]
    found = loaded(draft(survey, choices, head=RULES), tmp_path)
    assert [c.value for c in found.codes["m_codes"].values] == ["05001", "08001"]
    assert found.variables["why"].asked_if == AskedIf(variable="town", values=("05001",))


@pytest.mark.parametrize(("name", "form_type", "label", "expected"), CASES["personal"])
def test_classes_of_personal_data(name, form_type, label, expected):
    found, why = personal(name, form_type, [label])
    assert found == expected
    assert bool(why) == (expected != "none")


def test_a_line_end_in_an_expression_stays_in_its_comment(tmp_path):
    bad = 'x\nname = "injected"\n[[variable]]\u2028\x85'
    survey = [("integer", "a", bad, bad, bad, "yes")]
    drafted = draft(survey, head=RULES)
    assert list(loaded(drafted, tmp_path).variables) == ["a"]
    assert tomllib.loads(drafted.files[0].text)["variable"][0]["name"] == "a"


def test_each_group_at_the_top_is_a_module(tmp_path):
    survey = CASES["modules"]
    drafted = draft(survey, head=RULES, server="surveycto")
    names = [file.name for file in drafted.files]
    assert names == ["00_form.toml", "01_vivienda_y_hogar.toml", "02_trust.toml"]
    found = loaded(drafted, tmp_path)
    assert [v.name for v in found.modules[0].variable] == [
        *("today", "deviceid", "submissiondate", "instanceid", "formdef_version", "key")
    ]
    # the list stands in the first module that uses it, once
    assert [len(module.codes) for module in found.modules] == [0, 1, 0]
    # in one place for the whole module
    assert "# relevant (group trust): ${roof}=1" in drafted.files[2].text.split("module =")[0]
    assert found.variables["police"].asked_if == AskedIf(variable="roof", values=(1.0,))
    assert [found.variables[n].type for n in ("today", "deviceid", "key")] == ["date", "id", "id"]


def test_two_questions_must_not_give_one_column():
    survey = [("select_multiple yn", "q", "Q?"), ("integer", "q_1", "Again")]
    with pytest.raises(SpecError, match="column `q_1`"):
        draft(survey)


def test_the_command_writes_a_draft_once(tmp_path, capsys):
    path = tmp_path / "form.xlsx"
    path.write_bytes(form_bytes([("select_one yn", "trust", "Trust?", "¿Confía?")]))
    arguments = ["dictionary", "from-xlsform", str(path), "--round", "baseline"]
    arguments += ["--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert "5 variables, 1 code list, 1 module\n" in capsys.readouterr().out
    before = (tmp_path / "out" / "00_form.toml").read_bytes()
    assert main(arguments) == 1
    assert "nothing is overwritten" in capsys.readouterr().err
    assert (tmp_path / "out" / "00_form.toml").read_bytes() == before


def test_the_command_has_one_clear_error_for_a_wrong_file(tmp_path, capsys):
    path = tmp_path / "form.xlsx"
    path.write_text("type,name\n", encoding="utf-8")
    assert main(["dictionary", "from-xlsform", str(path), "--round", "baseline"]) == 1
    assert "not a workbook" in capsys.readouterr().err
    assert main(["dictionary", "from-xlsform", "nowhere.xlsx", "--round", "baseline"]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_missing_codes_with_a_sign_or_a_point_make_legal_ids():
    lists = MissingLists()
    assert lists.id_for({"not_asked": (".b",)}, "not_asked") == "not_asked_b_blank_not_asked"
    assert lists.id_for({"refused": ("-8",)}, "error") == "refused_minus8"
    # spelled alike, and not the same
    assert lists.id_for({"not_asked": ("b",)}, "not_asked") == "not_asked_b_blank_not_asked_2"
    assert lists.id_for({"not_asked": (".b",)}, "not_asked") == "not_asked_b_blank_not_asked"


def test_what_is_asked_after_a_sensitive_answer_is_as_sensitive():
    survey = CASES["sensitive"]
    drafted = draft(survey, head=RULES)
    found = {v.name: v.personal for file in drafted.files for v in file.module.variable}
    assert {name: found[name] for name in ("suffered", "kinds_1", "kinds_2", "times")} == (
        dict.fromkeys(("suffered", "kinds_1", "kinds_2", "times"), "sensitive")
    )
    assert (found["age"], found["roof"], found["tiles"]) == ("quasi", "none", "none")
    because = "seen: personal is sensitive because of `suffered`, after which it is asked"
    assert because in notes(drafted, "kinds_1")
