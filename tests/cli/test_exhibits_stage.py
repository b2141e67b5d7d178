"""The stage: files, hashes and registry of both studies' exhibits, from invented records."""

import csv
import dataclasses
import hashlib
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest

from evaluation.cli.stages import exhibits
from evaluation.config.configuration import read_configuration
from evaluation.config.design_records import TrueEffect
from evaluation.config.exhibits import ExhibitRegistry
from evaluation.errors import ReportError
from evaluation.report.formats import table_writers
from evaluation.site import saved_records
from evaluation.storage.folders import Paths
from tests.report import check_examples, examples

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ("somos_comunidad", "medellin")
RECORDS = examples.with_intervals(examples.records())


def true_effects(configuration):
    """What the maker of a synthetic study put into its primary outcomes; none of a real one."""
    return tuple(
        TrueEffect(outcome=o.id, unit=o.unit, c2021=0.2, c2022=0.1, average=0.15)
        for o in configuration.preregistration.plan.primary_outcomes()
        if configuration.study.synthetic
    )


@pytest.fixture(scope="module")
def built():
    """Files and numbers of every exhibit of both studies."""
    made = {}
    for study in STUDIES:
        configuration = read_configuration(ROOT / "config" / study)
        names = {name for e in configuration.registry.exhibit for name in e.match.values()}
        of_one = {"estimate": "0.1", "std.error": "0.05", "df": "80"}
        published = tuple({"outcome": n, "hypothesis": n, **of_one} for n in sorted(names))
        of_sites = ({"study": site, "hypothesis": n, **of_one} for n in names for site in "ab")
        checks = check_examples.of_every_check(configuration)
        program = {
            "makers": saved_records.makers(configuration),
            "lines": saved_records.claim_lines(configuration),
            "true_effects": true_effects(configuration),
            "pools": saved_records.pools(of_sites, level=0.95),
        }
        source = examples.source(configuration, published=published, **program, **checks)
        made[study] = (configuration, *exhibits.build(source))
    return made


@pytest.mark.parametrize("study", STUDIES)
def test_every_exhibit_has_its_downloads_and_their_hashes(built, study):
    configuration, files, _ = built[study]
    for exhibit in configuration.registry.exhibit:
        if exhibit.place == "annex":
            continue
        content = json.loads(files[f"{exhibit.id}.json"])
        forms = {"table": "csv xlsx docx tex html md", "figure": "svg png csv xlsx"}[
            content["kind"]
        ].split()
        assert [f["name"] for f in content["files"]] == [f"{exhibit.id}.{form}" for form in forms]
        for download in content["files"]:
            data = files[download["name"]]
            assert download["sha256"] == hashlib.sha256(data).hexdigest()
        assert content["title"] == exhibit.title.en
        assert content["plan_hash"] == examples.PLAN_HASH
        assert bool(content["alt"]) == (content["kind"] == "figure")


@pytest.mark.parametrize("study", STUDIES)
def test_the_annex_is_one_workbook_with_pictures_beside_it(built, study):
    configuration, files, _ = built[study]
    annexed = [e for e in configuration.registry.exhibit if e.place == "annex"]
    book = openpyxl.load_workbook(io.BytesIO(files["annex.xlsx"]))
    tables = [e.code for e in annexed if e.id.startswith("tbl-")]
    assert tables
    assert book.sheetnames[1:] == [name for code in tables for name in (code, f"{code} data")]
    listed = {e["id"]: e for e in json.loads(files["citable.json"])["annex"]}
    for exhibit in annexed:
        name = "annex.xlsx" if exhibit.code in tables else f"{exhibit.id}.svg"
        assert listed[exhibit.id]["file"] == name
        # nothing else of it is offered
        assert [n for n in files if n.startswith(f"{exhibit.id}.")] == [
            n for n in [name] if n != "annex.xlsx"
        ]


@pytest.mark.parametrize("study", STUDIES)
def test_data_of_a_figure_come_as_a_spreadsheet_with_notes_and_hashes(built, study):
    configuration, files, _ = built[study]
    drawn = [
        e.id
        for e in configuration.registry.exhibit
        if e.id.startswith("fig-") and e.place == "page"
    ]
    assert drawn
    for name in drawn:
        book = openpyxl.load_workbook(io.BytesIO(files[f"{name}.xlsx"]))
        lines = [line[0] for line in book["table"].iter_rows(values_only=True)]
        sums = {f"Plan checksum: {examples.PLAN_HASH}", f"Data checksum: {examples.DATA_HASH}"}
        assert sums <= set(lines)
        notes = json.loads(files[f"{name}.json"])["notes"]
        assert set(notes) <= set(lines)


@pytest.mark.parametrize("study", STUDIES)
def test_mark_is_on_all_files_of_a_synthetic_study_and_on_none_of_a_real_one(built, study):
    configuration, files, _ = built[study]
    for name, data in files.items():
        if name.endswith((".csv", ".html", ".md", ".json")):
            marked = b"SYNTHETIC" in data
            assert marked is (configuration.study.synthetic and b"\n" in data), name


@pytest.mark.parametrize("study", STUDIES)
def test_citation_of_invented_results_begins_with_the_mark(built, study):
    configuration, files, _ = built[study]
    for exhibit in (e for e in configuration.registry.exhibit if e.place == "page"):
        citation = json.loads(files[f"{exhibit.id}.json"])["citation"]
        marked = citation.startswith("[SYNTHETIC DATA – DO NOT CITE] ")
        assert marked is configuration.study.synthetic


def test_every_component_and_expected_result_has_outcomes_and_a_sentence(built):
    configuration, files, found = built["somos_comunidad"]
    text = files["tbl-did-secondary.csv"].decode("utf-8-sig")
    for component in configuration.study.component:
        assert component.label.en in text
        assert f"tbl-did-secondary.all.{component.id}" in found
    kinds = [c.kind for c in configuration.study.component]
    assert (kinds.count("component"), kinds.count("expected_result")) == (2, 3)


@pytest.mark.parametrize("study", STUDIES)
def test_no_printed_table_has_more_columns_than_a_page_holds(built, study):
    configuration, files, _ = built[study]
    wide = {
        name: len(head)
        for name, data in files.items()
        if name.endswith(".json")
        and (head := json.loads(data).get("print", {}).get("head"))
        # paper lies on its side for more than 9; 11, and one more for each group beyond two
        and len(head) > 11 + len(configuration.study.arm) - 2
    }
    assert wide == {}


@pytest.mark.parametrize("study", STUDIES)
def test_printed_results_hold_the_sizes_and_errors_that_readers_look_for(built, study):
    """The conventions of results tables: sizes by group and round, SE, ICC, MDE, clusters."""
    configuration, files, _ = built[study]
    clusters = configuration.study.names.clusters.en
    # rows of a trial's primary regression are endline interviews
    own = configuration.preregistration.plan.primary_specification().lag == "respondent"
    rounds = "endline" if own else "baseline / endline"
    sizes = [f"Interviews: {a.label.en}, {rounds}" for a in configuration.study.arm]
    both = f"Interviews (treatment {clusters} / comparison {clusters})"
    asked = {
        "tbl-did-main": [*sizes, both, "ICC", "Realised MDE", "CV3 SE"],
        "tbl-did-secondary": ["Interviews", "Effect (CV3 SE)"],
        "tbl-levels": [f"{r}: interviews / {clusters}" for r in ("Baseline", "Endline")],
        "tbl-robustness": [
            "95% interval or range",
            *(
                f"{o.label.en}: difference"
                for o in configuration.preregistration.plan.primary_outcomes()
            ),
        ],
    }
    for name, wanted in asked.items():
        shown = json.loads(files[f"{name}.json"])["print"]
        there = {*shown["head"], *(row["cells"][0]["text"] for row in shown["rows"])}
        assert set(wanted) <= there, name


@pytest.mark.parametrize("study", STUDIES)
def test_results_that_are_not_printed_whole_hold_sizes_and_errors_in_their_files(built, study):
    configuration, files, _ = built[study]
    clusters = configuration.study.names.clusters.en
    wanted = {
        *(f"Interviews: {a.label.en}, {r}" for a in configuration.study.arm
          for r in ("baseline", "endline")),
        *(f"{group} {clusters}" for group in ("Treatment", "Comparison")),
        *("Comparison group at baseline: mean", "(SD)", "CV3 SE", "ICC", "Realised MDE"),
    }  # fmt: skip
    (annexed,) = (e for e in configuration.registry.exhibit if e.id == "tbl-sensitivity")
    sheet = openpyxl.load_workbook(io.BytesIO(files["annex.xlsx"]))[f"{annexed.code} data"]
    head = next(line for line in sheet.iter_rows(values_only=True) if line[0] == "row")
    assert wanted <= set(head)
    text = files["tbl-robustness.csv"].decode("utf-8-sig")
    columns = next(csv.reader(io.StringIO(text)))
    for outcome in configuration.preregistration.plan.primary_outcomes():
        sizes = ("std_error_of_difference", "n", "n_clusters_treated", "n_clusters_comparison")
        assert {f"{name}_{outcome.id}" for name in sizes} <= set(columns)


@pytest.mark.parametrize("study", STUDIES)
def test_numbers_belong_to_tables_and_hold_no_path(built, study):
    configuration, files, registry = built[study]
    tables = {e.id for e in configuration.registry.exhibit if e.id.startswith("tbl-")}
    assert {identifier.split(".")[0] for identifier in registry} <= tables
    text = json.dumps(registry) + "".join(
        d.decode() for n, d in files.items() if n.endswith((".csv", ".html", ".md", ".json"))
    )
    assert not re.search(r"/(home|root|work|tmp|Users)/", text)


def test_synthetic_study_publishes_no_pseudo_code(built):
    _, files, _ = built["somos_comunidad"]
    for name, data in files.items():
        if name.endswith((".csv", ".html", ".md")) and not name.startswith("tbl-dictionary"):
            assert not re.search(rb"\bM\d\d\b", data), name


def test_stage_writes_everything_and_removes_what_left_the_registry(tmp_path, monkeypatch):
    registry = ExhibitRegistry(exhibit=(examples.exhibit("effects"), examples.exhibit("timeline")))
    configuration = dataclasses.replace(examples.CONFIGURATION, registry=registry)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exhibits, "read_configuration", lambda _: configuration)
    monkeypatch.setattr(exhibits, "load_records", lambda *_: RECORDS)
    folder = tmp_path / "build" / "small" / "en" / "exhibits"
    folder.mkdir(parents=True)
    (folder / "tbl-retired.csv").write_text("old", encoding="utf-8")
    options = type("Options", (), {"study": "small", "data_raw": "", "language": "en"})()
    exhibits.run(options)
    names = {p.name for p in folder.iterdir()}
    assert names == {
        *(f"tbl-example.{form}" for form in (*table_writers.FORMATS, "json")),
        *(f"fig-example.{form}" for form in ("svg", "png", "csv", "xlsx", "json")),
        *(
            "order.txt",
            "primary.R",
            "primary.do",
            "citable.json",
            "tables.xlsx",
            "card-primary.png",
        ),
    }
    first = {p.name: p.read_bytes() for p in folder.iterdir()}
    exhibits.run(options)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == first
    content = json.loads((tmp_path / "build" / "small" / "en" / "numbers.json").read_text("utf-8"))
    mark = "SYNTHETIC DATA – DO NOT CITE" if examples.CONFIGURATION.study.synthetic else ""
    assert content["synthetic"] == mark
    numbers = content["numbers"]
    with (folder / "tbl-example.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = {r["row"]: r for r in csv.DictReader(handle)}
    assert numbers["tbl-example.crime.estimate"]["value"] == float(rows["crime"]["estimate"])


def test_missing_record_leaves_no_file(tmp_path, monkeypatch):
    registry = ExhibitRegistry(exhibit=(examples.exhibit("timeline"), examples.exhibit("effects")))
    configuration = dataclasses.replace(examples.CONFIGURATION, registry=registry)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exhibits, "read_configuration", lambda _: configuration)
    empty = dataclasses.replace(examples.records(), estimates=())
    monkeypatch.setattr(exhibits, "load_records", lambda *_: empty)
    options = type("Options", (), {"study": "small", "data_raw": "", "language": "en"})()
    with pytest.raises(ReportError):
        exhibits.run(options)
    assert not list(tmp_path.rglob("*.*"))


def test_paths_are_relative():
    options = type("Options", (), {"study": "small", "data_raw": "", "language": "en"})()
    assert not Paths.of(options).language("en").is_absolute()
