"""The clean files say the same in every format, and a Data Package validator finds no fault."""

import csv
import dataclasses
import hashlib
import json
from pathlib import Path

import frictionless
import pandas as pd
import pyreadstat
import pytest

from evaluation.config.dictionary import MISSING_KINDS
from evaluation.config.study import read_study
from evaluation.data.cleaning import clean_files, codebook, file_metadata, stata_writer
from evaluation.data.cleaning.datapackage import CODEBOOK_FIELDS
from evaluation.errors import DataError
from evaluation.estimation.records import CodebookRow
from tests.conftest import absent
from tests.data.cleaning import read_back
from tests.fixtures import demonstration
from tests.fixtures.tiny import Tiny

STUDIES = ("somos_comunidad", "medellin")
# text with missing kinds, a name that leaves no room for a companion's, labels with Latin letters
WORD = "word_of_thirty_characters_here"
LONG = "Una palabra más larga que lo que Stata permite en una etiqueta de variable: año tras año"
RICHER = f"""
[[codes]]
id = "words"
values = [
  {{ code = "1", value = "ninguno", en = "None", es = "Ningún año, sin más" }},
  {{ code = "2", value = "otro", en = "Other", es = "Otro" }},
]
[[variable]]
name = "{WORD}"
type = "nominal"
label = {{ en = "A word", es = "{LONG}" }}
raw = {{ baseline = "pal" }}
codes = "words"
missing = "survey"
personal = "none"
source = "test"
"""


def richer(tiny: Tiny) -> Tiny:
    """Missing values of every kind and type: numbers, dates none, text of several kinds."""
    tiny.dictionary += RICHER
    for i, row in enumerate(tiny.baseline):
        row["pal"] = ("1", "2", "88", "98")[i % 4]
    tiny.baseline[1]["t1"] = "888888"
    tiny.baseline[2]["t2"] = "98"
    tiny.endline[3]["t1"] = ".a"
    tiny.write()
    tiny.run()
    return tiny


def check_formats(folder: Path) -> None:
    """Values, missing kinds, dates, types and order of rows and columns, to the last bit."""
    for path in sorted(folder.glob("*.parquet")):
        if path.stem != "frame":
            kept = pd.read_parquet(path)
            found = read_back.from_csv(folder, f"{path.stem}.csv")
            pd.testing.assert_frame_equal(found, kept, check_exact=True)
    panel = pd.read_parquet(folder / "panel.parquet")
    for name in ("panel.dta", "panel_es.dta"):
        found = read_back.from_stata(folder, name)
        pd.testing.assert_frame_equal(found, panel, check_exact=True)


def check_package(folder: Path) -> None:
    """Structure, checksums, sizes, and every cell against its type, codes, range and key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        report = frictionless.validate("datapackage.json", type="package")
    assert report.flatten(["title", "message"]) == []
    assert report.valid
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    listed = {resource["path"] for resource in package["resources"]}
    others = {p.name for p in folder.iterdir() if p.suffix != ".parquet"}
    assert listed == others - {"datapackage.json"}
    keys = {r["path"]: r["schema"]["primaryKey"] for r in package["resources"] if "schema" in r}
    assert keys["panel.csv"] == ["round", "row_key"]
    assert keys["codebook.csv"] == ["name"]


def check_labels(folder: Path) -> None:
    """Every column says what it is in both languages, not only its name."""
    for path in sorted(folder.glob("*.parquet")):
        if path.stem != "frame":
            for field in read_back.fields(folder, f"{path.stem}.csv"):
                assert field["title"] != field["name"], field["name"]
                assert field["title_es"], field["name"]


def check_cells(folder: Path) -> None:
    """No text cell of a CSV file begins like a formula; numbers below zero do, and are numbers."""
    seen = 0
    for path in sorted(folder.glob("*.csv")):
        numbers = {
            field["name"]
            for field in read_back.fields(folder, path.name)
            if field["type"] in ("number", "integer")
        }
        with path.open(encoding="utf-8", newline="") as handle:
            rows = csv.DictReader(handle)
            assert not [name for name in rows.fieldnames or () if codebook.is_active(name)]
            for row in rows:
                seen += 1
                bad = [n for n, c in row.items() if n not in numbers and codebook.is_active(c)]
                assert bad == [], f"{path.name}: {bad}"
    assert seen > 0


CHECKS = pytest.mark.parametrize("check", [check_formats, check_package, check_labels, check_cells])


@CHECKS
def test_the_tiny_study(tiny, check):
    check(richer(tiny).clean)


# the demonstration's files among them
@pytest.mark.built
@pytest.mark.parametrize("study", STUDIES)
@CHECKS
def test_what_is_built_here(study, check):
    folder = demonstration.ROOT / "data_clean" / study
    if not ((folder / "datapackage.json").exists() and (folder / "panel.parquet").exists()):
        absent(f"{study} is not built here")
    check(folder)


def test_a_changed_cell_is_no_longer_what_the_package_says(tiny):
    """The validator is not blind: a code outside the list, and a checksum that no longer holds."""
    folder = richer(tiny).clean
    text = (folder / "panel.csv").read_text(encoding="utf-8")
    (folder / "panel.csv").write_text(text.replace("ninguno", "ningunX", 1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        report = frictionless.validate("datapackage.json", type="package")
    assert {"Constraint Error", "Hash Count Error"} <= {t for (t,) in report.flatten(["title"])}


def test_the_package_says_what_the_data_are(tiny):
    folder = richer(tiny).clean
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["name"] == "synthetic-tiny"
    assert package["title"] == "SYNTHETIC: Tiny"
    assert package["title_es"] == "SYNTHETIC: Diminuto"
    assert package["description"].startswith("SYNTHETIC DATA")
    assert package["synthetic"] is True
    for resource in package["resources"]:
        data = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
        assert resource["title"].startswith("SYNTHETIC: ")
        assert resource["synthetic"] is True
    schemas = [resource["schema"] for resource in package["resources"] if "schema" in resource]
    assert [schema["missingValues"] for schema in schemas] == [[""]] * 2
    by_name = {field["name"]: field for field in read_back.fields(folder, "panel.csv")}
    assert by_name["trust"]["type"] == "integer"
    assert by_name["trust"]["constraints"] == {"enum": [1, 2, 3, 4]}
    assert by_name["trust"]["categories_es"][0] == {"value": 1, "label": "nada"}
    assert by_name["trust"]["missing_kinds_in"] == "trust__missing"
    assert by_name["times"]["constraints"] == {"minimum": 1, "maximum": 60}
    assert by_name["trust__missing"]["constraints"]["enum"] == list(MISSING_KINDS)
    assert by_name["interview_date"]["type"] == "date"
    assert by_name["panel_member"]["type"] == "boolean"
    assert by_name["synthetic"]["constraints"] == {"enum": ["SYNTHETIC"]}
    assert by_name["victim"]["personal"] == "sensitive"


def test_real_data_carry_no_mark_and_grant_nothing_that_is_not_declared():
    study = read_study(demonstration.ROOT / "config" / "medellin")
    assert file_metadata.title(study) == study.title
    assert file_metadata.licence(study)["name"] == "notspecified"
    undeclared = dataclasses.replace(study, archive=None)
    assert file_metadata.licence(undeclared)["name"] == "other-closed"
    assert "no licence is granted" in file_metadata.access(undeclared).en
    blinded = dataclasses.replace(study, blinded=True)
    assert file_metadata.title(blinded).en.startswith("BLINDED: ")
    assert file_metadata.description(blinded).es.startswith("CEGADO")


def test_the_codebook_fields_are_those_of_its_records():
    assert (*CodebookRow.__slots__, "synthetic") == CODEBOOK_FIELDS


def test_stata_labels_in_two_languages(tiny):
    folder = richer(tiny).clean
    english, values = read_back.labels((folder / "panel.dta").read_bytes())
    spanish, valores = read_back.labels((folder / "panel_es.dta").read_bytes())
    assert english["trust_index"] == "Trust index"
    assert spanish["trust_index"] == "Índice de confianza"
    assert english["panel_member"] == "Interviewed in every round, in one municipality"
    assert all(english.values())
    assert all(spanish.values())
    # cut at 80 characters, and one sees it
    assert spanish[WORD] == f"{LONG[:79]}…"
    assert max(len(label) for label in spanish.values()) == clean_files.LONGEST_LABEL
    _, english_meta = pyreadstat.read_dta(folder / "panel.dta")
    assert english_meta.variable_value_labels["trust"][1.0] == "not at all"
    _, meta = pyreadstat.read_dta(folder / "panel_es.dta")
    assert meta.variable_value_labels["consent"] == {0.0: "no", 1.0: "sí"}
    assert meta.file_label == "SYNTHETIC tiny"
    assert max(len(name) for name in (*values, *valores)) <= clean_files.LONGEST_NAME
    assert meta.notes[0] == "SYNTHETIC: Diminuto"
    assert meta.notes[3] == (
        "Datos faltantes: .a No sabe, .b No responde, .c No aplica, .d No se preguntó; "
        "para texto, el motivo está en x__missing."
    )
    assert english_meta.notes[1].startswith("SYNTHETIC DATA")


def test_text_keeps_its_missing_kinds_in_stata(tiny):
    stored = pd.read_stata(richer(tiny).clean / "panel.dta", convert_categoricals=False)
    name = clean_files.companion_name(WORD)
    assert len(name) == clean_files.LONGEST_NAME
    assert stored[name].value_counts().to_dict() == {
        "not_asked": 24, "dont_know": 6, "refused": 6, "": 12,
    }  # fmt: skip
    # numbers have Stata's own, and need none
    assert "trust__missing" not in stored.columns


def test_two_companions_of_one_name_are_refused(tiny):
    other = RICHER.replace(WORD, f"{WORD}_2").replace('"words"', '"more"')
    tiny.dictionary += other.replace('"pal"', '"pal2"')
    for row in tiny.baseline:
        row["pal2"] = "88"
    with pytest.raises(DataError, match="two columns would be called `word_of_thirty_characte__mi"):
        richer(tiny)
    assert not (tiny.clean / "panel.parquet").exists()


def test_notes_are_put_in_once(tiny):
    data = (richer(tiny).clean / "panel.dta").read_bytes()
    with pytest.raises(DataError, match="characteristics are there"):
        stata_writer.with_notes(data, ["again"])


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_run_is_refused(sign):
    cell = f"{sign}HYPERLINK(1)"
    table = pd.DataFrame({"n": [-1.5], "note": [cell], "day": [pd.Timestamp("2021-01-01")]})
    with pytest.raises(DataError) as caught:
        codebook.check_table(table, where="panel.csv")
    assert caught.value.rule == "formula"
    assert "note (1)" in str(caught.value.problem)
    assert "HYPERLINK" not in str(caught.value)
    codebook.check_table(table.assign(note="a"), where="panel.csv")
    with pytest.raises(DataError):
        codebook.check_table(pd.DataFrame({cell: [1]}), where="panel.csv")


def test_a_delivered_formula_stops_the_stage_before_anything_is_written(tiny):
    tiny.baseline[0]["formdef_version"] = "=1+1"
    tiny.dictionary = tiny.dictionary.replace(
        'raw = { baseline = "formdef_version", endline = "version" }',
        'raw = { baseline = "formdef_version" }',
    )
    tiny.endline = [{k: v for k, v in row.items() if k != "version"} for row in tiny.endline]
    tiny.write()
    manifest = tiny.config / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('form_version = "v1"\n', ""), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        tiny.run()
    assert caught.value.rule == "formula"
    assert "form_version (1)" in str(caught.value.problem)
    assert not tiny.clean.exists() or list(tiny.clean.iterdir()) == []


def test_a_label_that_is_a_formula_is_refused(tiny):
    tiny.dictionary = tiny.dictionary.replace('en = "Trust"', 'en = "=Trust"')
    tiny.write()
    with pytest.raises(DataError, match="label_en of trust"):
        tiny.run()


def test_a_range_below_zero_is_words_in_the_codebook(tiny):
    tiny.dictionary = tiny.dictionary.replace("range = [1, 300]", "range = [-1, 300]")
    tiny.write()
    tiny.run()
    with (tiny.clean / "codebook.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["name"]: row for row in csv.DictReader(handle)}
    assert rows["duration_min"]["allowed_en"] == "values: -1 to 300"
    assert rows["duration_min"]["allowed_es"] == "valores: -1 a 300"
