"""Executing chapters: the result holds no clock and nothing that was stored."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate
from evaluation.site import execution
from evaluation.site.notebooks import Results
from evaluation.storage import disk
from tests.report import examples
from tests.site.conftest import write_results

HASHES = {"plan_hash": "a" * 64, "data_hash": "b" * 64, "study": "small", "version": "0"}


def write(path: Path, *sources: str) -> Path:
    cells = [
        nbformat.v4.new_code_cell(source, id=f"cell-{n}", metadata={"tags": ["remove-input"]})
        for n, source in enumerate(sources)
    ]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    return path


@pytest.mark.book
def test_settings_reach_the_kernel_and_two_runs_give_the_same_text(tmp_path):
    path = write(tmp_path / "good.ipynb", "import os; os.environ['EVAL_STUDY']")
    first, second = (
        execution.settled(execution.execute(path, {"EVAL_STUDY": "small"}), HASHES) for _ in "ab"
    )
    assert first == second
    cell = json.loads(first)["cells"][0]
    assert cell["outputs"][0]["data"]["text/plain"] == ["'small'"]
    assert cell["metadata"] == {"tags": ["remove-input"]}


@pytest.mark.book
def test_a_notebook_finds_nothing_of_the_one_before_it(tmp_path):
    first = write(tmp_path / "first.ipynb", "left = 1", "left")
    alone, after = (
        write(tmp_path / f"{name}.ipynb", "'left' in globals(), len(In)")
        for name in ("alone", "after")
    )
    (expected,) = execution.execute_each([alone], {})
    _, found = execution.execute_each([first, after], {})
    assert found.cells[0].outputs == expected.cells[0].outputs
    assert "False" in found.cells[0].outputs[0].data["text/plain"]
    with pytest.raises(ReportError, match="left"):
        list(execution.execute_each([first, write(tmp_path / "asks.ipynb", "left")], {}))


@pytest.mark.book
def test_a_print_that_arrives_in_pieces_is_one_output(tmp_path):
    # flushed between, as a busy machine does it by itself
    path = write(
        tmp_path / "pieces.ipynb",
        "import time; print('one', end='', flush=True); time.sleep(0.3); print(' two', flush=True)",
    )
    cell = json.loads(execution.settled(execution.execute(path, {}), HASHES))["cells"][0]
    assert [output["text"] for output in cell["outputs"]] == [["one two\n"]]


@pytest.mark.book
@pytest.mark.parametrize(
    ("source", "said"),
    [
        # as the system ends a program that takes more memory than there is
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "the kernel"),
        ("raise MemoryError", "MemoryError\n"),
    ],
)
def test_a_cell_without_memory_is_named_with_what_to_do(tmp_path, source, said):
    path = write(tmp_path / "large.ipynb", "1", source, "2")
    with pytest.raises(ReportError) as found:
        execution.execute(path, {})
    text = str(found.value)
    assert text.startswith("large.ipynb, cell cell-1: the ")
    assert said in text
    assert "close other programs, or take a machine with more memory" in text


@pytest.mark.book
def test_a_kernel_that_does_not_begin_is_told(tmp_path):
    path = write(tmp_path / "none.ipynb", "1")
    # where nothing of Python is found, no kernel of it begins
    with pytest.raises(ReportError, match=r"none\.ipynb, cell cell-0: the stage notebook"):
        execution.execute(path, {"PYTHONHOME": str(tmp_path)})


@pytest.mark.book
def test_what_a_notebook_stored_is_made_anew(tmp_path):
    stale = [nbformat.v4.new_output("stream", text="stale")]
    # code without a line is never executed, so that it would keep its output
    cells = [
        nbformat.v4.new_code_cell(source, id=f"cell-{n}", outputs=stale, execution_count=7)
        for n, source in enumerate(("", "1 + 1"))
    ]
    path = tmp_path / "stored.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    text = execution.settled(execution.execute(path, {}), HASHES)
    assert "stale" not in text
    assert [c["execution_count"] for c in json.loads(text)["cells"]] == [None, 1]


def test_settling_keeps_hashes_and_drops_what_differs_between_machines():
    cell: Any = nbformat.v4.new_code_cell("1", id="one", metadata={"execution": {"begun": "now"}})
    made = nbformat.v4.new_notebook(
        cells=[cell], metadata={"language_info": {"name": "python", "version": "3.11.7"}}
    )
    text = execution.settled(made, HASHES)
    settled = json.loads(text)
    assert settled["metadata"]["evaluation"] == {"plan_hash": "a" * 64, "data_hash": "b" * 64}
    assert settled["cells"][0]["metadata"] == {}
    assert "3.11.7" not in text
    assert text.endswith("}\n")


def test_an_exhibit_is_html_in_a_notebook_and_a_numbered_exhibit_in_the_book(tmp_path):
    write_results(tmp_path / "en")
    (tmp_path / "en" / "exhibits" / "tbl-small.html").write_text(
        "<html><body>\n<table></table></body>\n</html>\n", "utf-8"
    )
    results = Results(tmp_path, "en")
    table = results.table("tbl-small")._repr_mimebundle_()
    assert table["text/html"] == "<table></table>"
    assert table["text/markdown"] == "```{exhibit} tbl-small\n```\n"
    figure = results.figure("fig-small")._repr_mimebundle_()
    assert 'viewBox="0 0 300 80"' in figure["text/html"]
    assert results.number("tbl-small.trust.estimate").plain == "+0.10 SD"
    assert results.data("tbl-small")["a"].tolist() == [1]


@pytest.mark.parametrize("ask", ["table", "figure", "data", "number"])
def test_an_id_that_does_not_exist_is_named(tmp_path, ask):
    write_results(tmp_path / "en")
    (tmp_path / "en" / "numbers.json").write_text('{"numbers": {}}', encoding="utf-8")
    with pytest.raises(ReportError, match="tbl-absent"):
        getattr(Results(tmp_path, "en"), ask)("tbl-absent")


@pytest.mark.parametrize(
    ("mark", "is_shown"), [("SYNTHETIC", True), ("", False), ("BLINDED", False)]
)
def test_raw_records_are_shown_of_invented_data_only(tmp_path, mark, is_shown):
    """They hold what the exhibits withhold."""
    rows = examples.records().estimates
    disk.write_records(tmp_path / "estimates.csv", rows, Estimate, mark=mark)
    results = Results(build=tmp_path, language="en")
    if is_shown:
        assert len(results.records("estimates")) == len(rows)
    else:
        with pytest.raises(ReportError, match="not invented"):
            results.records("estimates")
