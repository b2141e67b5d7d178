"""Nobody counts as consenting but those who said so, and a study cannot forget to ask."""

import dataclasses

import pandas as pd
import pytest

from evaluation.config.dictionary import Dictionary
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning.parse import parse
from evaluation.data.form_words import is_consent
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.eligibility import consent_variable
from evaluation.data.rules.rule import Declared
from evaluation.errors import DataError
from tests.faults.harness import declared
from tests.fieldwork.small_forms import draft
from tests.fixtures.tiny import DICTIONARY, Tiny
from tests.tables import cases

CASES = cases(__file__)

MISSING_CONSENT = DICTIONARY.replace(
    'raw = { baseline = "acepta", endline = "acepta" }\ncodes = "yes_no"',
    'raw = { baseline = "acepta", endline = "acepta" }\ncodes = "yes_no"\n'
    'missing = { baseline = "survey", endline = "stata" }',
)
EMPTY = dict.fromkeys(("t1", "t2", "v1", "v2", "peso", "fecha"), "")


def errors(tiny: Tiny):
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    return tiny.records("private/findings_error.csv")


@pytest.mark.parametrize("said", ["88", "98", "2"])
def test_who_refuses_or_does_not_know_is_left_out_and_counted(tiny, said):
    assert MISSING_CONSENT != DICTIONARY
    tiny.dictionary = MISSING_CONSENT
    before = len(tiny.baseline)
    tiny.baseline[3] |= EMPTY | {"acepta": said}
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0
    assert "baseline.csv:5" not in set(tiny.panel()["row_key"])
    flow = tiny.records("flow.csv")
    here = flow[flow["round"] == "baseline"].astype({"n": int}).groupby("step")["n"].sum()
    assert (here["delivered"], here["no_consent"], here["valid"]) == (before, 1, before - 1)


def test_answers_of_somebody_whose_consent_is_missing_do_not_vanish(tiny):
    tiny.dictionary = MISSING_CONSENT
    tiny.baseline[2]["acepta"] = "88"
    (row,) = errors(tiny).to_dict("records")
    assert (row["rule"], row["row_key"], row["column"]) == (
        "skip-violation",
        "baseline.csv:4",
        "acepta",
    )
    assert row["problem"] == "consent is missing, but a question is answered"


@pytest.mark.parametrize(("text", "rule"), [("", "blank"), ("7", "unlisted-code")])
def test_a_consent_that_cannot_be_read_is_one_error(tiny, text, rule):
    tiny.baseline[4]["acepta"] = text
    (row,) = errors(tiny).to_dict("records")
    assert (row["rule"], row["row_key"], row["column"]) == (rule, "baseline.csv:6", "acepta")


def test_a_whole_column_of_other_codes_is_one_error(tiny):
    for row in tiny.baseline:
        row["acepta"] = "7"
    found = errors(tiny)
    assert set(found["column"]) == {"acepta"}
    assert not found["problem"].str.contains("of 0 cells").any()


def without_consent(name: str) -> Dictionary:
    """The dictionary of the fault suite with the variable of consent under another name."""
    whole = declared().dictionary
    consent = whole.variables["consent"]
    changes = {"name": name, "raw": dict.fromkeys(consent.raw, name), "label": Text("A", "A")}
    renamed = dataclasses.replace(consent, question=None, **changes)
    others = {n: v for n, v in whole.variables.items() if n != "consent"}
    return dataclasses.replace(whole, variables=others | {name: renamed})


@pytest.mark.parametrize(
    ("name", "found"),
    [("consentimiento", 1), ("acepta_entrevista", 1), ("acepta_sobornos", 0), ("consent", 0)],
)
def test_a_round_without_the_variable_is_told(name, found):
    dictionary = without_consent(name)
    file = declared().manifest.file[0]
    sources = [v.raw["baseline"] for v in dictionary.in_source("baseline")]
    frame = pd.DataFrame({raw: pd.array(["1"], dtype="str") for raw in sources})
    frame["__line__"] = [2]
    parsed = parse(RawTable(file=file, frame=frame), dictionary)
    rules = consent_variable(parsed, Declared(dictionary, declared().study, None))
    told = [(f.rule, f.severity, f.column) for f in rules]
    assert told == found * [("no-consent-variable", "warn", name)]


@pytest.mark.parametrize(("name", "seen"), CASES["names"])
def test_names_that_look_like_consent(name, seen):
    assert is_consent(name) is seen


def test_a_wording_that_asks_for_consent():
    assert is_consent("q1", ["¿Acepta usted participar en este estudio?"])
    assert is_consent("q1", ["Do you agree to take part in this interview?"])
    assert not is_consent("q1", ["¿Autoriza que grabemos esta entrevista?", "May we record?"])
    assert not is_consent("q1", ["¿Acepta que su hijo se case?"])


def test_a_draft_names_the_consent_as_the_pipeline_reads_it():
    drafted = draft(
        [
            ("select_one yn", "acepta_participar", "Take part?", "¿Acepta participar?"),
            ("select_one yn", "autoriza_datos", "Data?", "¿Autoriza el uso de los datos?"),
            ("integer", "age", "Age?", "¿Edad?"),
        ]
    )
    names = {v.raw["baseline"]: v.name for v in drafted.variables}
    assert names == {
        "acepta_participar": "consent",
        "autoriza_datos": "autoriza_datos",
        "age": "age",
    }
    notes = {
        v.name: " | ".join(file.notes["variable", i])
        for file in drafted.files
        for i, v in enumerate(file.module.variable)
    }
    marked = "seen: the variable of consent must be named consent"
    assert {name for name, said in notes.items() if marked in said} == {"consent", "autoriza_datos"}
    assert "raw name: acepta_participar" in notes["consent"]
    assert f"# {marked}" in drafted.files[0].text


def test_a_draft_keeps_the_name_where_the_form_has_it():
    drafted = draft(
        [
            ("select_one yn", "acepta", "Screen?", "¿Acepta?"),
            ("select_one yn", "consent", "Consent?", "¿Consiente?"),
        ]
    )
    assert [v.name for v in drafted.variables] == ["acepta", "consent"]
