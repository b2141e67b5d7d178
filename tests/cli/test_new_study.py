"""``new-study``: all or nothing, nothing overwritten, and no decision taken by the machine."""

import argparse
import re
import shutil
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from evaluation.__main__ import main
from evaluation.cli import doctor, new_study, public_data
from evaluation.cli.stages import clean, read
from evaluation.config.decisions import open_in
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.file_format import FORMAT
from evaluation.config.study import read_study
from evaluation.errors import EvaluationError, SpecError, StorageError
from evaluation.report.terminal import FoundErrors
from evaluation.storage.folders import add_common
from tests.conftest import shared_data
from tests.fieldwork.small_forms import form_bytes
from tests.fixtures.outcomes import outcome
from tests.messages import said
from tests.tables import cases

CASES = cases(__file__)

ROUNDS = ("baseline", "endline", "frame")
VILLAGES = [f"v{i:02d}" for i in range(12)]
ANSWERS = {
    "variable.trust.codes": (
        '{ baseline = "trust_baseline_codes", endline = "trust_endline_codes" }'
    ),
    "specification.did_main.estimand": '"respondents"',
    "specification.did_main.weights": '"none"',
}
OUTCOME = outcome("trust_mean", "trust")


def rounds(year: str, *, low: int) -> pd.DataFrame:
    """Ten persons in each of twelve villages; trust has four codes from ``low``."""
    n = 120
    return pd.DataFrame(
        {
            "hhid": [f"H{i:04d}" for i in range(n)],
            "village": [VILLAGES[i // 10] for i in range(n)],
            "today": [f"{year}-03-{1 + i % 28:02d}" for i in range(n)],
            "birthdate": [f"19{50 + i % 40}-01-02" for i in range(n)],
            "trust": [low + (i * 7 + i // 11) % 4 for i in range(n)],
            "fear": ["99" if i % 20 == 0 else str(1 + i % 3) for i in range(n)],
            "income": [1000 + 37 * (7 * i % n) for i in range(n)],
            "peso": [1 + (11 * i % n) / 1000 for i in range(n)],
            "comments": [f"words of person {i}" for i in range(n)],
            "version": ["7"] * n,
            "note": [""] * n,
        }
    )


def frame() -> pd.DataFrame:
    arms = ["control" if i % 2 else "programme" for i in range(12)]
    return pd.DataFrame({"village": VILLAGES, "arm": arms, "people": range(200, 212)})


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder with a folder of delivered files."""
    monkeypatch.chdir(tmp_path)
    raw = tmp_path / "raw"
    raw.mkdir()
    rounds("2021", low=1).to_csv(raw / "first.csv", index=False)
    rounds("2023", low=0).to_csv(raw / "second.csv", index=False)
    frame().to_csv(raw / "villages.csv", index=False)
    return tmp_path


def scaffold(*arguments: str) -> None:
    parser = argparse.ArgumentParser()
    add_common(parser)
    new_study.add_new_study_arguments(parser)
    new_study.run_new_study(parser.parse_args(arguments))


def roles(*more: str, name: str = "small", ending: str = "csv") -> None:
    given = [f"raw/first.{ending}", f"raw/second.{ending}", "raw/villages.csv"]
    options = [w for role, path in zip(ROUNDS, given, strict=True) for w in (f"--{role}", path)]
    scaffold(name, *options, *more)


def questions() -> dict[str, tuple[str, ...]]:
    return {d.key: d.choices for _, d in open_in(Path("config/small"))}


def text(name: str) -> str:
    return (Path("config/small") / name).read_text(encoding="utf-8")


def decide(key: str, where: str) -> None:
    """Write a decision where the message says, as a person would."""
    name, _, line = where.rpartition(":")
    path = Path("config/small") / name
    lines = path.read_text(encoding="utf-8").splitlines()
    position = int(line) - 1
    assert "DECIDE: " in lines[position]
    if key == "outcome":
        lines[position] = ""
        lines.append(OUTCOME)
    else:
        answer = {**ANSWERS, **DOUBTS}[key]
        lines[position] = f"{lines[position].split(' = ')[0]} = {answer}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def options() -> argparse.Namespace:
    return argparse.Namespace(study="small", data_raw="raw", language="en")


def test_files_without_roles_are_asked_for_and_nothing_is_written(files):
    with pytest.raises(SpecError) as stopped:
        scaffold("small", "--data", "raw/first.csv", "raw/second.csv", "raw/villages.csv")
    assert stopped.value.rule == "decision"
    said = str(stopped.value)
    assert "--baseline FILE --endline FILE [--frame FILE]" in said
    assert "villages.csv: 12 rows, 3 columns; `village` appears once per row here" in said
    assert sorted(p.name for p in files.iterdir()) == ["raw"]


@pytest.mark.parametrize("name", ["Small", "1st", "my-study", "../up", "común", "common", "a" * 33])
def test_a_name_that_is_none_is_refused(files, name):
    with pytest.raises(SpecError, match="no name for a study"):
        roles(name=name)
    assert sorted(p.name for p in files.iterdir()) == ["raw"]


@pytest.mark.parametrize("there", ["config/small", "book/small", "book/_toc.small.yml"])
def test_nothing_is_overwritten(files, there):
    (files / there).mkdir(parents=True)
    with pytest.raises(StorageError, match="nothing is overwritten") as stopped:
        roles()
    assert stopped.value.where == there
    assert [p for p in files.rglob("*") if p.is_file() and p.parent.name != "raw"] == []


def test_two_studies_have_no_code_in_common(files):
    roles()
    roles(name="smaller")
    one, two = (
        set(re.findall('code = "(.*)"', Path(f"config/{name}/exhibits.toml").read_text("utf-8")))
        for name in ("small", "smaller")
    )
    assert one
    assert two
    assert one.isdisjoint(two)


def test_a_failure_half_way_leaves_nothing(files, monkeypatch):
    def broken(folder: Path, sources: tuple[str, ...]) -> None:
        raise SpecError(said("no"), where="x", fix=said("y"))

    monkeypatch.setattr(new_study, "read_dictionary", broken)
    rounds("2023", low=1).to_csv("raw/second.csv", index=False)
    with pytest.raises(SpecError, match="no"):
        roles()
    assert [p for p in files.rglob("*") if p.is_file() and p.parent.name != "raw"] == []


def test_what_the_files_say_is_written_with_its_evidence_and_not_asked(files):
    roles()
    found, study = questions(), text("study.toml")
    assert {key.partition(".")[0] for key in found} == {"outcome", "specification", "variable"}
    assert f"\nformat = {FORMAT}\n" in study
    assert '# seen: "hhid" (120 different values in 120 rows of baseline; 120 different' in study
    assert '120 of them in baseline)\nrespondent = "hhid"' in study
    assert '# seen: "village" (12 different values in the frame, one a row; 120 of 120' in study
    assert '120 of 120 rows of endline have one of them)\ncluster = "village"' in study
    assert '# seen: "arm" (2 values, clusters: control 6, programme 6)\narm = "arm"' in study
    assert 'date = "today"' in study
    declared = read_study(Path("config/small"))
    days = [(r.start.isoformat(), r.end.isoformat()) for r in declared.round]
    assert days == [("2021-03-01", "2021-03-28"), ("2023-03-01", "2023-03-28")]
    evidence = (
        "# seen: today runs from 2021-03-01 to 2021-03-28 in baseline and from 2023-03-01 to"
        " 2023-03-28 in endline\n# interviews outside these days will be findings; write"
    )
    assert study.partition("\ndays = ")[0].rpartition("interviews\n")[2].startswith(evidence)
    treatments = [(arm.id, arm.treatments) for arm in declared.arm]
    assert treatments == [("control", ()), ("programme", ("programme",))]
    assert any(choice.startswith('"peso"') for choice in found["specification.did_main.weights"])
    whole = "".join(p.read_text(encoding="utf-8") for p in Path("config/small").rglob("*.toml"))
    assert "H0007" not in whole
    assert "words of" not in whole


def in_doubt() -> None:
    """Two ids, two lists of places, two groups, no group called control, and no dates."""
    for name, year in (("first", "2021"), ("second", "2023")):
        made = rounds(year, low=1).drop(columns="today")
        made["id_member"], made["place"] = made["hhid"], made["village"]
        made.to_csv(f"raw/{name}.csv", index=False)
    listed = frame().assign(arm=["cash", "training"] * 6, place=VILLAGES)
    listed.assign(group=listed["arm"]).to_csv("raw/villages.csv", index=False)


ANOTHER = '[[treatment]]\nid = "b"\nlabel = { en = "B", es = "B" }\n'
DOUBTS = {
    "columns.respondent": '"hhid"',
    "columns.cluster": '"village"',
    "columns.arm": '"arm"',
    "comparison": '"cash"',
    "days": "{ baseline = [2021-03-01, 2021-03-31], endline = [2023-03-01, 2023-03-31] }",
}


def decide_doubts() -> None:
    for key in DOUBTS:
        where = {decision.key: where for where, decision in open_in(Path("config/small"))}
        decide(key, where[key])


def test_where_the_files_leave_a_doubt_each_thing_is_asked_once(files):
    in_doubt()
    roles()
    found = questions()
    assert [key for key in found if not key.startswith(("outcome", "spec"))] == [
        "comparison",
        "days",
        *[key for key in DOUBTS if key not in ("comparison", "days")],
    ]
    assert found["days"][0].startswith("{ baseline = [2021-02-01, 2021-05-31], endline = [")
    assert "will be findings" not in text("study.toml")
    assert found["comparison"] == ('"cash"', '"training"')
    assert found["columns.arm"][0] == '"arm" (2 values, clusters: cash 6, training 6)'
    decide_doubts()
    study = read_study(Path("config/small"))
    assert {arm.id: arm.treatments for arm in study.arm} == {"cash": (), "training": ("programme",)}
    assert study.round[0].end.isoformat() == "2021-03-31"


@pytest.mark.parametrize(("old", "new", "said"), CASES["designs"])
def test_the_short_ways_to_say_the_design_are_checked(files, old, new, said):
    in_doubt()
    roles()
    decide_doubts()
    path = Path("config/small/study.toml")
    path.write_text(text("study.toml").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SpecError) as stopped:
        read_study(Path("config/small"))
    assert said in str(stopped.value)


def test_types_codes_and_missing_codes_are_proposed_by_evidence(files):
    rounds("2023", low=1).to_csv("raw/second.csv", index=False)
    roles()
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    kinds = {name: v.type for name, v in dictionary.variables.items()}
    assert kinds == {
        "hhid": "id",
        "village": "id",
        "today": "date",
        "birthdate": "date",
        "trust": "ordinal",
        "fear": "ordinal",
        "income": "count",
        "peso": "number",
        "comments": "text",
        "arm": "nominal",
        "people": "count",
    }
    codes = dictionary.code_list("fear", "endline")
    missing = dictionary.missing_codes("fear", "endline")
    assert codes is not None
    assert missing is not None
    assert [c.code for c in codes.values] == ["1", "2", "3"]
    assert missing.refused == ("99",)
    personal = {name: v.personal for name, v in dictionary.variables.items()}
    assert personal["comments"] == personal["hhid"] == personal["birthdate"] == "direct"
    assert personal["village"] == "quasi"
    answers = text("dictionary/10_answers.toml")
    assert "seen: 99 is missing (refused), far from all other values" in answers
    once = rounds("2021", low=1)["trust"].tolist().count(1)
    assert f"cells of trust: baseline 1: {once}, 2: " in answers
    assert 'ignore_columns = ["version", "note"]' in text("manifest.toml")


def test_a_scale_that_moved_is_left_open(files):
    roles()
    found = {d.key: d for _, d in open_in(Path("config/small"))}
    asked = found["variable.trust.codes"].question
    assert "1, 2, 3, 4 in baseline and 0, 1, 2, 3 in endline" in asked


def test_the_dictionary_is_a_workbook_while_decisions_are_open(files, capsys):
    in_doubt()
    roles()
    capsys.readouterr()
    assert main(["dictionary", "to-xlsx", "--study", "small", "--out", "d.xlsx"]) == 0
    assert "13 variables" in capsys.readouterr().out
    assert main(["dictionary", "from-xlsx", "d.xlsx", "--study", "small"]) == 0
    # the scale of a question is open in the dictionary itself
    shutil.rmtree("config")
    shutil.rmtree("book")
    rounds("2023", low=0).to_csv("raw/second.csv", index=False)
    roles()
    assert main(["dictionary", "to-xlsx", "--study", "small", "--out", "e.xlsx"]) == 0
    sheet = pd.read_excel("e.xlsx", sheet_name="variables", dtype=str, engine="openpyxl")
    (codes,) = sheet.loc[sheet["name"] == "trust", "codes"]
    assert codes.startswith("DECIDE: is it one scale?")


def test_what_was_said_on_the_command_line_is_no_longer_asked(files):
    roles("--respondent", "hhid", "--cluster", "village", "--arm", "arm")
    assert 'cluster = "village"' in text("study.toml")
    assert not any(key.startswith("columns.") for key in questions())
    shutil.rmtree("config")
    shutil.rmtree("book")
    with pytest.raises(SpecError, match="no file has the column `hamlet`"):
        roles("--cluster", "hamlet")


def test_the_stages_stop_at_each_decision_until_all_are_taken(files, capsys):
    roles()
    told = []
    for stage, decisions in ((read, 1), (clean, 3)):
        for _ in range(decisions):
            with pytest.raises(SpecError) as stopped:
                stage.run(options())
            assert stopped.value.rule == "decision"
            where, decision = open_in(Path("config/small"))[0]
            assert f"small/{where}: `{decision.key}`" in str(stopped.value)
            told.append(decision.key)
            decide(decision.key, where)
        stage.run(options())
    assert sorted(told) == sorted([*ANSWERS, "outcome"])
    assert told[0] == "variable.trust.codes"
    panel = pd.read_parquet("data_clean/small/panel.parquet")
    assert len(panel) == 240
    assert panel["fear__missing"].eq("refused").sum() == 12
    capsys.readouterr()
    doctor.run_status(options())
    said = capsys.readouterr().out
    assert "to decide" not in said
    assert "to confirm: " in said


def test_the_release_stands_ready_with_what_was_seen(files):
    for name in ("first", "second"):
        table = pd.read_csv(f"raw/{name}.csv", dtype=str)
        sex, age = ["1", "2"] * 60, [str(18 + i % 60) for i in range(120)]
        table.assign(sexo=sex, edad=age).to_csv(f"raw/{name}.csv", index=False)
    roles()
    _decide_all()
    with pytest.raises(EvaluationError, match="release"):
        public_data.run(argparse.Namespace(**vars(options()), out=""))
    head, _, release = text("study.toml").partition("# [release]\n")
    lines = [line.removeprefix("# ") for line in release.splitlines()]
    Path("config/small/study.toml").write_text(
        "\n".join((head, "[release]", *lines)), encoding="utf-8"
    )
    study = read_study(Path("config/small"), purpose="release")
    assert study.release is not None
    assert study.release.keys == ("income", "sexo", "edad")
    assert (study.release.age, study.release.k) == ("edad", 5)


ENGLISH = re.compile(r"\b(the|of|which|rows|values|them|for|or|and|each|is|are)\b")
TYPED = re.compile(r'"\w+"|\[.*\]')


@pytest.mark.parametrize("given", ["files", "form alone"])
def test_every_question_and_choice_is_there_in_spanish(files, given):
    if given == "files":
        three = frame().assign(arm=["control", "cash", "training"] * 4)
        three.to_csv("raw/villages.csv", index=False)
        stacked = rounds("2021", low=1).assign(edad=range(20, 140), arm="")
        stacked.to_csv("raw/first.csv", index=False)
        short = rounds("2023", low=0)
        short.loc[3, "hhid"] = ""
        short.to_csv("raw/second.csv", index=False)
        roles("--language", "es")
    else:
        Path("form.xlsx").write_bytes(
            form_bytes([("text", "hhid", "Household id", "Id"), ("text", "vereda", "V", "V")])
        )
        scaffold("small", "--form", "form.xlsx", "--language", "es")
    texts = [
        text
        for _, decision in open_in(Path("config/small"))
        for text in (decision.question, *decision.choices)
        if not TYPED.fullmatch(text)
    ]
    assert len(texts) > 10
    assert [text for text in texts if ENGLISH.search(text)] == []


def test_a_decision_is_asked_in_the_language_of_the_command(files, capsys):
    roles("--language", "es")
    said = capsys.readouterr().out
    assert said.startswith("config/small: 11 variables en borrador, 4 decisiones por tomar, ")
    assert "declarados en manifest.toml, dentro de raw: first.csv (baseline)" in said
    capsys.readouterr()
    assert main(["clean", "--study", "small", "--data-raw", "raw", "--language", "es"]) == 1
    said = capsys.readouterr().err
    assert "`variable.trust.codes` queda para que una persona lo decida: ¿es una sola" in said
    assert "qué hacer: escriba la decisión en lugar del texto que comienza con DECIDE\n" in said


def test_the_variable_is_the_language_of_what_other_commands_say(files, capsys, monkeypatch):
    Path("config").mkdir(exist_ok=True)
    assert main(["estimate", "--study", "nowhere"]) == 2
    assert "there is no study" in capsys.readouterr().err
    monkeypatch.setenv("EVAL_LANG", "es")
    assert main(["estimate", "--study", "nowhere"]) == 2
    assert "estimate se detuvo: --study: no hay ningún estudio" in capsys.readouterr().err


def test_status_lists_what_is_open(files, capsys):
    roles()
    capsys.readouterr()
    doctor.run_status(options())
    said = capsys.readouterr().out
    assert said.count("to decide: ") == len(ANSWERS) + 1
    assert "to decide: plan.toml:4 `outcome`" in said
    spanish = argparse.Namespace(**vars(options()) | {"language": "es"})
    doctor.run_status(spanish)
    said = capsys.readouterr().out
    assert said.startswith("estudio small\n  archivos limpios: nada\n")
    # a file speaks the language of who drafted it
    assert "por decidir: plan.toml:4 `outcome`: which outcomes answer" in said


def test_other_files_of_the_folder_are_listed_to_be_ignored(files):
    Path("raw/README.txt").write_text("x", encoding="utf-8")
    roles()
    assert 'ignore = ["README.txt"]' in text("manifest.toml")


def labelled(name: str, labels: dict[int, str]) -> None:
    table = pd.DataFrame(
        {
            "hhid": [f"H{i:04d}" for i in range(120)],
            "village": [VILLAGES[i // 10] for i in range(120)],
            "police": [-99 if i % 30 == 0 else 1 + i % 3 for i in range(120)],
        }
    )
    pyreadstat.write_dta(table, f"raw/{name}.dta", variable_value_labels={"police": labels})


def test_labels_of_a_stata_file_become_codes_and_missing_codes(files):
    labels = {1: "Bad", 2: "Fair", 3: "Good", -99: "Refused to answer"}
    labelled("first", labels)
    labelled("second", labels)
    for name in ("first", "second"):
        Path(f"raw/{name}.csv").unlink()
    roles(ending="dta")
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    codes = dictionary.code_list("police", "baseline")
    missing = dictionary.missing_codes("police", "endline")
    assert codes is not None
    assert missing is not None
    assert [(c.code, c.value, c.en) for c in codes.values] == [
        ("1", 1.0, "Bad"),
        ("2", 2.0, "Fair"),
        ("3", 3.0, "Good"),
    ]
    assert missing.refused == ("-99",)


def test_labels_that_change_places_between_rounds_are_left_open(files):
    labelled("first", {1: "Bad", 2: "Fair", 3: "Good", -99: "Refused"})
    labelled("second", {1: "Good", 2: "Fair", 3: "Bad", -99: "Refused"})
    roles(ending="dta")
    found = {d.key: d.question for _, d in open_in(Path("config/small"))}
    assert "1 is 'Bad' in baseline and 'Good' in endline" in found["variable.police.codes"]


NO_WEIGHT = "# seen: no column of numbers in the rounds is called a weight"


def test_without_a_column_called_a_weight_the_plan_says_why_it_has_none(files):
    roles()
    assert NO_WEIGHT not in text("plan.toml")
    for name in ("first", "second"):
        table = pd.read_csv(f"raw/{name}.csv", dtype=str)
        table.drop(columns="peso").to_csv(f"raw/{name}.csv", index=False)
    roles(name="other")
    other = Path("config/other/plan.toml").read_text(encoding="utf-8")
    assert re.search(f'\n{NO_WEIGHT} or looks like one\nweights = "none"\n', other)
    # a form alone has no numbers yet, and may ask for a weight
    for name, asked in (("plain", "income"), ("weighted", "peso_final")):
        Path("form.xlsx").write_bytes(form_bytes([("decimal", asked, "Number", "Número")]))
        scaffold(name, "--form", "form.xlsx")
        drafted = Path(f"config/{name}/plan.toml").read_text(encoding="utf-8")
        assert (NO_WEIGHT in drafted) == (name == "plain")
    (choices,) = [d.choices for _, d in open_in(Path("config/weighted")) if "weights" in d.key]
    assert choices == ('"none"', "\"peso_final\" ('Number' in the form)")


def test_a_form_says_what_the_files_columns_are(files):
    survey = (
        ("select_one level", "trust", "Do you trust them?", "¿Confía?"),
        ("select_one level", "gone", "Asked nowhere", "No preguntado"),
    )
    choices = [("level", str(i), f"Level {i}", f"Nivel {i}") for i in range(5)]
    Path("form.xlsx").write_bytes(form_bytes(survey, choices))
    roles("--form", "form.xlsx", "--server", "none")
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    trust = dictionary.variables["trust"]
    assert trust.raw == {"baseline": "trust", "endline": "trust"}
    assert trust.label.en == "Do you trust them?"
    assert "gone" not in dictionary.variables
    assert dictionary.variables["income"].type == "count"
    said = "Columns of the form in no delivered file, or left out in the manifest: 1 (gone)"
    assert said in text("dictionary/00_form.toml")


def test_the_world_bank_form_alone_makes_a_study_that_stops_where_a_person_decides(files):
    form = shared_data("survey_exports/worldbank_rio_xlsform_pt_en.xlsx")
    scaffold("small", "--form", str(form))
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    # the same 209 variables that test_dictionary_draft.py counts in this form's draft
    assert len(dictionary.variables) == 209
    assert set(dictionary.variables["id"].raw) == {"baseline", "endline"}
    found = questions()
    assert any(choice.startswith('"id" ') for choice in found["columns.respondent"])
    assert not any("deviceid" in choice for choice in found["columns.respondent"])
    assert "file.frame.path" in found
    with pytest.raises(SpecError) as stopped:
        read.run(options())
    assert stopped.value.rule == "decision"


@pytest.mark.parametrize(
    ("given", "problem"),
    [("--form", "file-cannot-read.problem"), ("--baseline", "no-such-file.problem")],
)
def test_a_file_that_is_not_there_is_named(files, given, problem):
    with pytest.raises(EvaluationError) as stopped:
        roles(given, "none.xlsx")
    assert (stopped.value.where, stopped.value.problem.id) == ("none.xlsx", problem)


def test_neither_form_nor_file_is_an_error_that_says_so(files):
    with pytest.raises(SpecError, match="neither a form nor a file"):
        scaffold("small")


def test_what_an_spss_file_calls_missing_is_missing(files):
    for name in ("first", "second"):
        table = rounds("2021", low=1)[["hhid", "village"]].assign(
            police=[8.0 if i % 30 == 0 else 1.0 + i % 3 for i in range(120)]
        )
        labels = {1.0: "Bad", 2.0: "Fair", 3.0: "Good", 8.0: "No sabe"}
        pyreadstat.write_sav(
            table,
            f"raw/{name}.sav",
            variable_value_labels={"police": labels},
            missing_ranges={"police": [8.0]},
        )
        Path(f"raw/{name}.csv").unlink()
    roles(ending="sav")
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    missing = dictionary.missing_codes("police", "baseline")
    assert missing is not None
    assert missing.dont_know == ("8",)
    assert "seen: 8 is missing (dont_know)" in text("dictionary/10_answers.toml")


def scattered(files: Path) -> tuple[str, ...]:
    """The three files in three folders of `files`, a stranger's file in each; as arguments."""
    for name in ("first", "second", "villages"):
        (files / "kept" / name).mkdir(parents=True)
        Path(f"raw/{name}.csv").replace(files / "kept" / name / f"{name}.csv")
        (files / "kept" / name / "letter.txt").write_text("x", encoding="utf-8")
    paths = [f"kept/{name}/{name}.csv" for name in ("first", "second", "villages")]
    return tuple(w for role, path in zip(ROUNDS, paths, strict=True) for w in (f"--{role}", path))


def test_files_of_several_folders_are_taken_alone(files, capsys, monkeypatch):
    given = scattered(files)
    many = files / "kept" / "photographs"
    many.mkdir()
    for i in range(201):
        (many / f"{i}.jpg").write_bytes(b"")
    scaffold("small", *given)
    said = capsys.readouterr().out
    assert (
        "declared in manifest.toml, below kept: first/first.csv (baseline), "
        "second/second.csv (endline), villages/villages.csv (frame); nothing else there "
        "is read\n"
    ) in said
    assert "next: python -m evaluation all --study small; it stops" in said
    manifest = text("manifest.toml")
    assert 'ignore = ["*"]' in manifest
    assert "letter.txt" not in manifest
    assert 'path = "villages/villages.csv"' in manifest
    _decide_all()

    def walked(folder: Path, pattern: str) -> None:
        raise AssertionError(f"{folder} is walked through")

    monkeypatch.setattr(Path, "rglob", walked)
    read.run(argparse.Namespace(study="small", data_raw="kept", language="en"))


def _decide_all(*, but: str = "nothing") -> None:
    """Decide all, but keys that begin so."""
    while left := [f for f in open_in(Path("config/small")) if not f[1].key.startswith(but)]:
        where, decision = left[0]
        decide(decision.key, where)


def test_files_below_the_studys_own_folder_are_one_delivery(files):
    shutil.move("raw", "data_raw/small/round1")
    Path("data_raw/small/round2").mkdir()
    shutil.move("data_raw/small/round1/second.csv", "data_raw/small/round2/second.csv")
    Path("data_raw/small/README.txt").write_text("x", encoding="utf-8")
    paths = ("round1/first.csv", "round2/second.csv", "round1/villages.csv")
    options = zip(ROUNDS, paths, strict=True)
    scaffold("small", *(w for role, p in options for w in (f"--{role}", f"data_raw/small/{p}")))
    manifest = text("manifest.toml")
    assert 'ignore = ["README.txt"]' in manifest
    assert 'path = "round2/second.csv"' in manifest


def test_files_that_only_the_disk_holds_are_refused(files, monkeypatch):
    given = scattered(files)
    monkeypatch.setattr("os.path.commonpath", lambda _: files.anchor)
    with pytest.raises(SpecError, match="no folder but the whole disk"):
        scaffold("small", *given)
    assert not Path("config").exists()


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nowhere/deeper/first.csv", r"nowhere: no such folder"),
        ("raw/none.csv", r"raw/none\.csv: no such file"),
    ],
)
def test_that_a_file_is_missing_comes_before_where_files_lie(files, path, problem, monkeypatch):
    monkeypatch.setattr("os.path.commonpath", lambda _: files.anchor)
    given = scattered(files)
    with pytest.raises(SpecError, match=problem):
        scaffold("small", given[0], path, *given[2:])


def stacked(column: str, first: str, last: str) -> None:
    """Both rounds in one file, as an office often keeps them."""
    tables = [rounds("2021", low=1), rounds("2023", low=1)]
    both = pd.concat([t.assign(**{column: v}) for t, v in zip(tables, (first, last), strict=True)])
    both.to_csv("raw/both.csv", index=False)


@pytest.mark.parametrize(
    ("column", "values"), [("ronda", ("1", "2")), ("fase", ("Línea de base", "Línea final"))]
)
@pytest.mark.parametrize(
    "given",
    [
        ("--data", "raw/both.csv", "raw/villages.csv"),
        ("--data", "raw/both.csv", "--frame", "raw/villages.csv"),
        ("--baseline", "raw/both.csv", "--endline", "raw/both.csv", "--frame", "raw/villages.csv"),
    ],
)
def test_one_file_for_both_rounds_is_shared_out(files, given, column, values):
    stacked(column, *values)
    for name in ("first", "second"):
        Path(f"raw/{name}.csv").unlink()
    scaffold("small", *given)
    manifest = text("manifest.toml")
    first, last = values
    assert (
        f'only = {{ column = "{column}", values = ["{first}"], others = ["{last}"] }}' in manifest
    )
    assert f"# seen: `{column}` has {first} in 120 rows, {last} in 120 rows" in manifest
    assert not [key for key in questions() if not key.startswith(("outcome", "specification"))]
    _decide_all()
    read.run(options())
    clean.run(options())
    panel = pd.read_parquet("data_clean/small/panel.parquet")
    assert panel.groupby("round").size().to_dict() == {"baseline": 120, "endline": 120}
    assert panel["today"].dt.year.groupby(panel["round"]).first().to_dict() == {
        "baseline": 2021,
        "endline": 2023,
    }


def test_a_row_of_no_round_and_rounds_in_no_order_are_errors(files):
    stacked("moment", "x", "y")
    for name in ("first", "second"):
        Path(f"raw/{name}.csv").unlink()
    given = ("--data", "raw/both.csv", "raw/villages.csv", "--round")
    with pytest.raises(SpecError, match="clear order: it has x, y"):
        scaffold("small", *given, "moment")
    with pytest.raises(SpecError, match="no column of that name"):
        scaffold("small", *given, "nowhere")
    scaffold("small", *given, "moment=y,x")
    assert 'values = ["y"], others = ["x"]' in text("manifest.toml")
    changed = text("manifest.toml").replace('others = ["x"]', 'others = ["z"]')
    Path("config/small/manifest.toml").write_text(changed, encoding="utf-8")
    _decide_all()
    with pytest.raises(FoundErrors) as stopped:
        read.run(options())
    assert {finding.rule for finding in stopped.value.errors} == {"rows-of-round"}


def without_frame(*, differs: bool = False) -> None:
    """Arms beside the interviews alone; in one row another than in the village's others."""
    arms = dict(zip(VILLAGES, ["control", "programme"] * 6, strict=True))
    for name, year in (("first", "2021"), ("second", "2023")):
        made = rounds(year, low=1)
        made["treat"] = made["village"].map(arms)
        if differs and name == "second":
            made.loc[17, "treat"] = "control"
        made.to_csv(f"raw/{name}.csv", index=False)
    Path("raw/villages.csv").unlink()


@pytest.mark.parametrize("named", [(), ("--cluster", "village", "--arm", "treat")])
def test_a_list_of_clusters_is_made_where_none_was_delivered(files, named, capsys):
    without_frame()
    scaffold("small", "--baseline", "raw/first.csv", "--endline", "raw/second.csv", *named)
    told = capsys.readouterr().out
    assert "clusters.csv: 12 clusters with their groups, made of the interviews; 12 of" in told
    made = pd.read_csv("config/small/clusters.csv", dtype=str)
    assert made.columns.tolist() == ["village", "treat"]
    assert len(made) == 12
    assert set(questions()) == {
        "outcome", "specification.did_main.estimand", "specification.did_main.weights"
    }  # fmt: skip
    _decide_all()
    read.run(options())
    clean.run(options())
    assert len(pd.read_parquet("data_clean/small/panel.parquet")) == 240


def test_a_group_that_changes_within_a_cluster_is_no_assignment(files):
    without_frame(differs=True)
    given = ("--baseline", "raw/first.csv", "--endline", "raw/second.csv")
    with pytest.raises(SpecError, match="do not say which columns are cluster and group"):
        scaffold("small", *given)
    with pytest.raises(SpecError, match="assigned to whole clusters") as stopped:
        scaffold("small", *given, "--cluster", "village", "--arm", "treat")
    assert stopped.value.where == "second.csv:19"
    assert not Path("config").exists()


@pytest.mark.parametrize(("last", "told"), [("2022", "asked"), ("2024", "told")])
def test_years_tell_rounds_apart_where_they_are_not_one_season(files, last, told):
    stacked("anio", "2021", last)
    given = ("small", "--data", "raw/both.csv", "raw/villages.csv")
    if told == "told":
        scaffold(*given)
        assert 'only = { column = "anio"' in text("manifest.toml")
        return
    with pytest.raises(SpecError) as stopped:
        scaffold(*given)
    assert stopped.value.rule == "decision"


def test_a_column_like_a_round_is_only_evidence_where_there_is_a_file_for_each_role(files):
    stacked("ronda", "1", "2")
    with pytest.raises(SpecError) as stopped:
        scaffold("small", "--data", "raw/both.csv", "raw/second.csv", "raw/villages.csv")
    assert stopped.value.rule == "decision"
    assert "`ronda` has 1 in 120 rows, 2 in 120 rows: several rounds" in str(stopped.value.fix)


ASKED = (
    ("begin_group", "demo", "About you", "Sobre usted"),
    ("integer", "age", "How old are you?", "¿Cuántos años tiene?"),
    ("end_group", "", "", ""),
    ("select_one level", "trust", "Do you trust them?", "¿Confía?"),
    ("select_multiple why", "fears", "What do you fear?", "¿A qué teme?"),
)
CHOICES = [
    *(("level", str(i), f"Level {i}", f"Nivel {i}") for i in range(5)),
    *(("why", str(i), f"Reason {i}", f"Razón {i}") for i in range(1, 4)),
]


def asked_of(year: str, *, low: int, age: str, n: int = 120) -> pd.DataFrame:
    """Answers to the form, with columns beside it that have blanks, as a server adds them."""
    made = rounds(year, low=low)
    made[age] = [20 + i % 50 for i in range(n)]
    for chosen in (1, 2, 3):
        made[f"fears_{chosen}"] = ["" if i % 9 == 0 else str(i % chosen % 2) for i in range(n)]
    made["fears"] = ["" if i % 9 == 0 else "1 2" for i in range(n)]
    made["fears_other"] = ["" if i % 9 else "snakes" for i in range(n)]
    made["extra"] = ["" if i % 4 else str(i % 3) for i in range(n)]
    made["income"] = ["" if i % 7 == 0 else str(1000 + i) for i in range(n)]
    return made


@pytest.mark.parametrize("server", ["none", "surveycto", "odk", "kobo"])
@pytest.mark.parametrize("age", ["age", "demo-age", "demo/age"])
def test_a_form_and_files_with_blanks_beside_it_make_a_dictionary(files, server, age):
    asked_of("2021", low=1, age=age).to_csv("raw/first.csv", index=False)
    asked_of("2023", low=1, age=age).to_csv("raw/second.csv", index=False)
    Path("form.xlsx").write_bytes(form_bytes(ASKED, CHOICES))
    roles("--form", "form.xlsx", "--server", server)
    assert not [key for key in questions() if key.startswith("variable")]
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    # the question's own name, whatever group the export puts in front
    assert dictionary.variables["age"].raw == {"baseline": "age", "endline": "age"}
    assert ("groups" in text("manifest.toml")) == (age != "age")
    assert "demo_age" not in dictionary.variables
    assert dictionary.variables["extra"].missing in dictionary.missing
    raw = [r for v in dictionary.variables.values() for r in v.raw.items()]
    assert len(raw) == len(set(raw)), "a column stands in two variables"


@pytest.mark.parametrize("group", ["answers", "design", "zero_one"])
def test_a_forms_own_names_do_not_meet_those_of_the_draft(files, group):
    survey = (
        ("begin_group", group, "Part", "Parte"),
        (f"select_one {group}", "trust", "Do you trust them?", "¿Confía?"),
        ("end_group", "", "", ""),
    )
    for name, year in (("first", "2021"), ("second", "2023")):
        made = rounds(year, low=1)
        made["flag"] = ["" if i % 5 == 0 else str(i % 2) for i in range(120)]
        made.to_csv(f"raw/{name}.csv", index=False)
    choices = [(group, str(i), f"Level {i}", f"Nivel {i}") for i in range(1, 5)]
    Path("form.xlsx").write_bytes(form_bytes(survey, choices))
    roles("--form", "form.xlsx", "--server", "none")
    dictionary = read_dictionary(Path("config/small"), ROUNDS)
    assert dictionary.code_list("trust", "baseline") != dictionary.code_list("flag", "baseline")


def test_what_the_form_declares_is_not_ignored(files):
    for name, year in (("first", "2021"), ("second", "2023")):
        made = rounds(year, low=1)
        made["empty"], made["village_name"] = "", "one"
        made.to_csv(f"raw/{name}.csv", index=False)
    survey = (
        ("select_one level", "trust", "Do you trust them?", "¿Confía?"),
        ("text", "empty", "Anything else?", "¿Algo más?"),
        ("text", "village_name", "Which village?", "¿Qué vereda?"),
    )
    Path("form.xlsx").write_bytes(form_bytes(survey, CHOICES))
    roles("--form", "form.xlsx", "--server", "none")
    ignored = re.findall(r"^ignore_columns = (.*)$", text("manifest.toml"), re.MULTILINE)
    declared = read_dictionary(Path("config/small"), ROUNDS).variables
    assert {"empty", "village_name"} <= set(declared)
    assert not [name for name in ("empty", "village_name") if f'"{name}"' in " ".join(ignored)]


@pytest.mark.parametrize("first", ["labelled", "bare"])
def test_labels_of_one_round_are_those_of_a_round_that_has_none(files, first):
    levels = {1: "Bad", 2: "Fair", 3: "Good"}
    labelled("first", levels if first == "labelled" else {})
    labelled("second", {} if first == "labelled" else levels)
    roles(ending="dta")
    assert "variable.police.codes" not in questions()
    lender = "baseline" if first == "labelled" else "endline"
    assert f"confirm: value labels of {lender} hold for the other files" in text(
        "dictionary/00_design.toml"
    )
    codes = read_dictionary(Path("config/small"), ROUNDS).code_list("police", "endline")
    assert [(c.code, c.en) for c in codes.values][:3] == [
        ("1", "Bad"),
        ("2", "Fair"),
        ("3", "Good"),
    ]
