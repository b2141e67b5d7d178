"""The command ``fieldwork`` on a partial round of the tiny study."""

import argparse
import csv
import hashlib
import io
import zipfile

import openpyxl
import pytest

from evaluation.cli import fieldwork
from evaluation.config.fieldwork_plan import NOT_GIVEN, Progress
from evaluation.config.manifest import read_manifest
from evaluation.config.study import read_study
from evaluation.errors import DataError, SpecError
from evaluation.fieldwork.office_rows import COLUMNS, CORRECT, DECISIONS, DUPLICATES
from evaluation.locale.messages import wording
from evaluation.report.linked_counts import of_progress
from tests.fixtures.tiny import Tiny, csv_bytes
from tests.report import examples

SHEETS = ["summary", "to correct", "duplicates", "interviewers", "progress", "missing"]


def options(**changes: str) -> argparse.Namespace:
    plain = {"round": "baseline", "file": "", "backcheck": "", "out": "out"}
    fixed = {"study": "tiny", "data_raw": "", "language": "en"}
    return argparse.Namespace(**(fixed | plain | changes))


def partial(tiny: Tiny, rows, **changes: str) -> None:
    """Lay out the study without its endline, and run on an export of some baseline rows."""
    tiny.write()
    (tiny.raw / "endline.dta").unlink()
    (tiny.raw / "baseline.csv").unlink()
    (tiny.root / "today.csv").write_bytes(csv_bytes(rows))
    fieldwork.run(options(file="today.csv", **changes))


def book(tiny: Tiny) -> openpyxl.Workbook:
    return openpyxl.load_workbook(tiny.root / "out/private/fieldwork_baseline.xlsx")


def cells(sheet) -> list[list]:
    return [[c for c in row if c is not None] for row in sheet.iter_rows(values_only=True)]


def headers(kind: str) -> list[str]:
    return [*(wording(f"office.header.{name}", "en") for name in COLUMNS[kind]), "synthetic"]


def test_a_partial_export_is_enough(tiny):
    rows = tiny.baseline[:10]
    partial(tiny, rows)
    made = sorted(p.relative_to(tiny.root / "out").as_posix() for p in tiny.root.glob("out/**/*.*"))
    assert made == [
        "private/fieldwork_baseline.csv",
        "private/fieldwork_baseline.html",
        "private/fieldwork_baseline.xlsx",
        "progress_baseline.csv",
    ]
    # nothing goes where the stages write
    assert not tiny.build.exists()
    assert book(tiny).sheetnames == SHEETS
    summary = cells(book(tiny)["summary"])
    assert ["file", "today.csv", 10] in summary
    assert ["interviews with consent", 10] in [[r[0], r[-1]] for r in summary]
    # two clusters without any interview, and no complaint about rows that are missing
    assert "row-count" not in str(summary)


def test_every_sheet_and_the_page_carry_the_marks(tiny):
    partial(tiny, tiny.baseline[:10])
    for sheet in book(tiny):
        assert "SYNTHETIC" in sheet["A1"].value
        assert sheet["A2"].value == wording("fieldwork.private", "en")
    page = (tiny.root / "out/private/fieldwork_baseline.html").read_text(encoding="utf-8")
    assert "SYNTHETIC" in page
    assert "private" in page
    for name in ("private/fieldwork_baseline.csv", "progress_baseline.csv"):
        lines = (tiny.root / "out" / name).read_text(encoding="utf-8-sig").splitlines()
        assert all(line.endswith(("synthetic", "SYNTHETIC")) for line in lines)


def test_a_real_study_has_no_banner(tiny):
    tiny.study = tiny.study.replace("synthetic = true", "synthetic = false")
    partial(tiny, tiny.baseline[:10])
    assert book(tiny)["summary"]["A1"].value == wording("fieldwork.private", "en")


def test_what_is_to_correct_has_its_place_and_room_for_a_decision(tiny):
    rows = [dict(row) for row in tiny.baseline[:10]]
    rows[3]["t2"] = "7"
    rows[4]["fecha"] = "2021-07-05"
    rows[6]["id_persona"] = rows[5]["id_persona"]
    partial(tiny, rows)
    head, *found = cells(book(tiny)["to correct"])[2:]
    assert head == headers(CORRECT)
    delivery = hashlib.sha256((tiny.root / "today.csv").read_bytes()).hexdigest()[:12]
    place = ["baseline", delivery]
    assert [row[:8] for row in found] == [
        ["today.csv", "5", *place, "", "t2", "", "unlisted-code"],
        ["today.csv", "6", *place, "", "fecha", "", "baseline-after-entry"],
        ["today.csv", "6", *place, "", "fecha", "", "wrong-round"],
    ]
    head, *copies = cells(book(tiny)["duplicates"])[2:]
    assert head == headers(DUPLICATES)
    assert [row[:8] for row in copies] == [
        ["1", "today.csv", "7", *place, "", "id_persona", "duplicate-id"],
        ["1", "today.csv", "8", *place, "", "id_persona", "duplicate-id"],
    ]
    (rule,) = book(tiny)["to correct"].data_validations.dataValidation
    assert (
        rule.formula1
        == '"' + ",".join(wording(f"office.decision.{d}", "en") for d in DECISIONS) + '"'
    )
    text = (tiny.root / "out/private/fieldwork_baseline.csv").read_text(encoding="utf-8-sig")
    listed = list(csv.reader(io.StringIO(text)))
    assert listed[0] == headers(CORRECT)
    told = ["today.csv", "8", *place, "", "id_persona", "", "duplicate-id"]
    assert told in [row[:8] for row in listed]
    # a place and a rule, never a respondent's name or id
    everything = text + "".join(str(cells(sheet)) for sheet in book(tiny))
    assert "Persona Secreta" not in everything
    assert "p05" not in everything


def test_the_same_export_gives_the_same_bytes(tiny):
    partial(tiny, tiny.baseline[:10])
    files = sorted(tiny.root.glob("out/**/*.*"))
    before = [path.read_bytes() for path in files]
    fieldwork.run(options(file="today.csv"))
    assert [path.read_bytes() for path in files] == before
    # on another day too: the workbook says that it was made on a fixed one
    with zipfile.ZipFile(tiny.root / "out/private/fieldwork_baseline.xlsx") as archive:
        assert b"2000-01-01T00:00:00Z</dcterms:created>" in archive.read("docProps/core.xml")


def test_a_missing_column_is_written_down_and_stops_nothing(tiny):
    rows = [{k: v for k, v in row.items() if k != "t1"} for row in tiny.baseline[:10]]
    partial(tiny, rows)
    assert "missing-column" in str(cells(book(tiny)["summary"]))
    assert len(cells(book(tiny)["missing"])) == 3


def test_progress_by_cluster_is_private(tiny):
    tiny.study = tiny.study.replace("[names]", "[targets]\nbaseline = 6\n[names]")
    partial(tiny, tiny.baseline[:10])
    private = cells(book(tiny)["progress"])
    assert ["cluster", "M1", 6, 6, 1, 1, 1] in private
    assert ["cluster", "M2", 4, 6, 1, 1, 0] in private
    public = (tiny.root / "out/progress_baseline.csv").read_text(encoding="utf-8")
    assert "M1" not in public
    # ten respondents in two clusters: fewer than three, so that nothing is shown but the head
    assert len(public.splitlines()) == 1
    assert "target-open" in str(cells(book(tiny)["summary"]))


@pytest.mark.parametrize(("language", "said"), [("en", "not given"), ("es", "sin meta")])
def test_a_study_without_targets_has_none_and_not_zero(tiny, language, said):
    partial(tiny, tiny.baseline[:10], language=language)
    made = book(tiny)
    progress = made.worksheets[4]
    (row,) = [r for r in cells(progress) if "M1" in r]
    assert row[1:] == ["M1", 6, said, 1, 1, said]
    summary = {row[0]: row[-1] for row in cells(made.worksheets[0])}
    assert summary["wanted" if language == "en" else "meta"] == said
    assert summary["clusters full" if language == "en" else "conglomerados completos"] == said


def test_what_is_published_without_targets_says_not_given():
    rows = [{"level": "all", "name": "", "n": 30, "n_clusters": 3, "n_clusters_begun": 3}]
    without = {"study": "x", "round": "r", "target": NOT_GIVEN, "n_clusters_full": NOT_GIVEN}
    found = of_progress([Progress(**(row | without)) for row in rows], examples.STUDY)
    assert [(row.target, row.n_clusters_full) for row in found] == [("not given", "not given")]


def test_a_backcheck_is_compared_and_gets_a_sheet(tiny):
    tiny.study = tiny.study.replace("[names]", '[backcheck]\ntype_1 = ["help"]\n[names]')
    for name in ("respondent", "municipality", "help"):
        raw = {"respondent": "id_persona", "municipality": "municipio", "help": "t2"}[name]
        old = f'name = "{name}"'
        head, tail = tiny.dictionary.split(old)
        tail = tail.replace("raw = { ", f'raw = {{ backcheck = "{raw}", ', 1)
        tail = (
            tail.replace(
                'missing = { baseline = "survey",',
                'missing = { backcheck = "survey", baseline = "survey",',
                1,
            )
            if name == "help"
            else tail
        )
        tiny.dictionary = head + old + tail
    rows = [dict(row) for row in tiny.baseline[:10]]
    again = [{k: row[k] for k in ("id_persona", "municipio", "t2")} for row in rows[:4]]
    again[2]["t2"] = str(int(again[2]["t2"]) % 3 + 1)
    (tiny.root / "again.csv").write_bytes(csv_bytes(again))
    tiny.write()
    entry = (
        '[[file]]\nid = "again"\npath = "again.csv"\nrole = "backcheck"\nof_round = "baseline"\n'
        f'format = "csv"\nsha256 = "{"0" * 64}"\nrows = 4\norigin = "test"\n'
        'dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }\n'
    )
    manifest = tiny.config / "manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + entry, encoding="utf-8")
    (tiny.root / "today.csv").write_bytes(csv_bytes(rows))
    fieldwork.run(options(file="today.csv", backcheck="again.csv"))
    assert book(tiny).sheetnames == [*SHEETS, "backcheck"]
    assert cells(book(tiny)["backcheck"])[3] == [1, "", "", 4, 1, 0.25]
    assert "backcheck-difference" in str(cells(book(tiny)["to correct"]))


@pytest.mark.parametrize("name", ["round", "backcheck"])
def test_an_unknown_round_and_an_undeclared_backcheck_are_refused(tiny, name):
    tiny.write()
    wrong = {"round": "midline"} if name == "round" else {"backcheck": "again.csv"}
    with pytest.raises(DataError, match=r"use one of|none is declared"):
        fieldwork.run(options(**wrong))


@pytest.mark.parametrize(
    ("role", "key"), [("backcheck", ""), ("series", 'of_round = "baseline"\n')]
)
def test_a_backcheck_and_nothing_else_names_its_round(tiny, role, key):
    tiny.write()
    entry = (
        f'[[file]]\nid = "x"\npath = "x.csv"\nrole = "{role}"\n{key}format = "csv"\n'
        f'sha256 = "{"0" * 64}"\nrows = 1\norigin = "test"\n'
        'dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }\n'
    )
    manifest = tiny.config / "manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + entry, encoding="utf-8")
    with pytest.raises(SpecError, match="of_round"):
        read_manifest(tiny.config, read_study(tiny.config))
