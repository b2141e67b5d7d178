"""The reference pages: signatures and docstrings of the source, changes, checksums."""

import ast
import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import evaluation
from evaluation.errors import ReportError
from evaluation.release import published_tables
from evaluation.site import building, program_reference
from evaluation.storage.folders import Paths
from tests.site.conftest import REPOSITORY, assemble, content, write_book, write_results
from tests.tables import text

MODULE = text(__file__, "reference_module.txt")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "doors.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


def test_signatures_and_docstrings_are_those_of_the_source(root):
    (found,) = program_reference.reference(root, {"house.doors": ()})
    assert found["name"] == "house.doors"
    assert found["doc"]["lead"] == ["Two doors.", "See `open_it`."]
    assert [e["name"] for e in found["entries"]] == ["open_it", "Door", "Door.close"]
    assert [e["signature"] for e in found["entries"]] == [
        "open_it(path: str, /, name: str = 'x', *rest: int, loud: bool = False, **m: Any) -> int",
        "class Door",
        "close() -> None",
    ]
    parameters, raised, notes = found["entries"][0]["doc"]["sections"]
    assert parameters["terms"] == [
        ("path : str", "Where it lies, on two lines."),
        ('name : {"x", "y"}', ""),
    ]
    assert raised == {
        "title": "Raises", "paragraphs": [], "terms": [("ValueError", "There is none.")],
    }  # fmt: skip
    assert notes["paragraphs"] == ["First paragraph of two lines.", "Second."]


def test_examples_are_kept_as_code():
    found = program_reference.docstring("Does it.\n\nExamples\n--------\n>>> a = 1\n>>> a\n1\n")
    (examples,) = found["sections"]
    assert examples["code"] == ">>> a = 1\n>>> a\n1"
    assert (examples["terms"], examples["paragraphs"]) == ([], [])


def test_a_name_that_is_gone_and_one_without_docstring_are_refused(root):
    with pytest.raises(ReportError, match="no `shut_it`"):
        program_reference.reference(root, {"house.doors": ("shut_it",)})
    path = root / "house" / "doors.py"
    path.write_text(f"{MODULE}\n\ndef bare() -> None: ...\n", encoding="utf-8")
    with pytest.raises(ReportError, match="`bare` has no docstring"):
        program_reference.reference(root, {"house.doors": ("bare",)})


def test_the_reference_holds_what_notebooks_import():
    named = {
        m["name"]: {e["name"] for e in m["entries"]}
        for m in program_reference.reference(REPOSITORY)
    }
    offered = {f"{module}.{name}" for module, names in named.items() for name in names}
    assert set(evaluation.__all__) <= set.union(*named.values())
    for path in sorted((REPOSITORY / "notebooks").glob("[!e]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("evaluation"):
                wanted = {f"{node.module}.{alias.name}" for alias in node.names}
                assert wanted <= offered, path.name


def test_sums_are_those_of_the_published_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(published_tables, "RECORDS", ("b.csv", "a.json"))
    monkeypatch.setattr(published_tables, "read_study", lambda _: SimpleNamespace(panel=None))
    for name in ("a.json", "b.csv"):
        (tmp_path / name).write_text(f"{name}\n", encoding="utf-8")
    paths = Paths(config=tmp_path, raw=tmp_path, clean=tmp_path, build=tmp_path)
    assert published_tables.checksums(paths) == [
        {"name": name, "sha256": hashlib.sha256(f"{name}\n".encode()).hexdigest()}
        for name in ("a.json", "b.csv")
    ]


@pytest.mark.book
def test_the_pages_print_them(root):
    page = (
        "# Start\n\n```{api}\n```\n\n```{exhibit} tbl-small\n```\n\n```{exhibit} fig-small\n```\n"
    )
    write_results(root / "results")
    write_book(root / "book", page)
    given = content() | {"api": program_reference.reference(root, {"house.doors": ()})}
    assemble(root, given)
    site = building.build(root / "source", root / "output")
    text = (site / "index.html").read_text(encoding="utf-8")
    assert '<section id="house-doors">' in text
    assert "Where it lies, on two lines." in text
    assert '<div class="from-source" lang="en">' in text
