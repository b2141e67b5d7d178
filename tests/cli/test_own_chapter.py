"""A chapter of a study's own: it sees no rows unless it is signed, and its prints are searched."""

import contextlib
import json
from pathlib import Path

import nbformat
import pytest

from evaluation.__main__ import main
from evaluation.errors import ReportError
from evaluation.site import assembly
from evaluation.storage import disk
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)

pytestmark = pytest.mark.book

ROWS = """import pandas as pd
panel = pd.read_parquet("data_clean/tiny/panel.parquet")"""
TWELVE = 'panel[["municipality", "interview_date", "trust", "help", "victim"]].head(12)'
SMALL_CELL = 'pd.crosstab(panel["municipality"], panel["victim"])'
SIGNED = """[[chapter]]
notebook = "mine"
by = "AB"
date = 2026-12-03
reason = "{reason}"
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    made = Tiny(tmp_path_factory.mktemp("finished"))
    made.write()
    with contextlib.chdir(made.root):
        made.run()
        disk.write_json(made.build / "results.json", {"plan_hash": "a", "data_hash": "b"})
        disk.write_text(made.build / "en/exhibits/tbl-a.json", '{"title": "A"}')
        disk.write_text(made.build / "en/exhibits/tbl-a.html", "<table></table>")
        contents = "format: jb-book\nroot: index\nchapters:\n  - file: notebooks/mine\n"
        disk.write_text(Path("book/_toc.tiny.yml"), contents)
    return made


@pytest.fixture
def study(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return finished.copied(tmp_path)


def chapter(*sources):
    cells = [nbformat.v4.new_code_cell(text, id=f"cell-{n}") for n, text in enumerate(sources)]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    disk.write_text(Path("book/tiny/notebooks/mine.ipynb"), text)


def sign(study, reason="shows how rows are laid out"):
    disk.write_text(study.config / "audit.toml", SIGNED.format(reason=reason))


def stage(name):
    return main([name, "--study", "tiny"])


@pytest.mark.parametrize("cell", [TWELVE, SMALL_CELL])
def test_a_chapter_that_reads_rows_stops_and_says_who_may(study, capsys, cell):
    chapter(ROWS, cell)
    assert stage("notebook") == 1
    said = capsys.readouterr().err
    assert "mine.ipynb, cell cell-0" in said
    assert "[[chapter]]" in said
    assert not Path("build/tiny/en/notebooks/mine.ipynb").exists()


def test_nothing_private_is_in_the_folder_of_a_chapter(study):
    chapter('from pathlib import Path\nsorted(p.name for p in Path().rglob("*"))')
    assert stage("notebook") == 0
    (cell,) = json.loads(disk.read_text(Path("build/tiny/en/notebooks/mine.ipynb")))["cells"]
    shown = "".join(cell["outputs"][0]["data"]["text/plain"])
    assert shown == "['build', 'en', 'exhibits', 'tbl-a.html', 'tbl-a.json', 'tiny']"


def test_the_door_to_the_rows_says_how_a_chapter_is_signed(study, capsys):
    chapter('from evaluation.site.notebooks import open_results\nopen_results().panel("trust")')
    assert stage("notebook") == 1
    assert "the clean rows are not here" in capsys.readouterr().err


@pytest.mark.parametrize("cell", CASES["chapters"])
def test_rows_that_a_signed_chapter_prints_are_found(study, capsys, cell):
    sign(study)
    chapter(ROWS, cell)
    assert stage("notebook") == 0
    capsys.readouterr()
    assert stage("audit") == 1
    said = capsys.readouterr().err
    assert "notebooks/mine.ipynb" in said
    assert ": rows" in said
    assert "2021-03" not in said


def test_means_by_group_of_a_signed_chapter_pass(study, capsys):
    sign(study)
    chapter(
        ROWS,
        'answers = ["trust", "help", "victim", "trust_index"]\n'
        'panel.groupby(["municipality", "round"])[answers].mean().reset_index()',
    )
    assert [stage("notebook"), stage("audit")] == [0, 0], capsys.readouterr().err


def test_a_signature_has_a_name_and_a_reason(study, capsys):
    sign(study, reason=" ")
    chapter("1")
    assert stage("notebook") == 1
    assert "`chapter[0]` has no name or no reason" in capsys.readouterr().err


def test_an_own_chapter_that_no_table_of_contents_names_is_told(study):
    chapter("1")
    disk.write_text(Path("book/_toc.tiny.yml"), "format: jb-book\nroot: index\n")
    source = Path("source")
    disk.write_text(source / "index.md", "# Start\n")
    with pytest.raises(ReportError, match=r"tiny/notebooks/mine\.ipynb"):
        assembly.check_contents(Path("book"), "tiny", source)
