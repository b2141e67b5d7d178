"""Notebooks that retrace the engine: they agree with it, stop when it differs, and show no row."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.data.cleaning.outcomes import construct
from evaluation.errors import ReportError
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.records import Estimate, Level
from evaluation.estimation.regression import design, levels_and_balance
from evaluation.locale.messages import by_english
from evaluation.site import execution
from evaluation.site.notebooks import Results, shown
from evaluation.storage import disk
from tests.estimation.one_estimate import estimate
from tests.fixtures.demonstration import ROOT, STUDY, demonstration
from tests.messages import said
from tests.truth.test_recovery import NOTHING

ENGINE = sorted((ROOT / "notebooks").glob("engine_*.ipynb"))
OUTCOME = "trust_neighbours"
NOTE = said("t(G-1), CV1 standard error")
# methods of a frame that show its rows as they are
ROWS = {"head", "tail", "sample", "to_string", "to_html", "display", "info"}


def outputs(executed: Any) -> str:
    return "\n".join(
        output.get("text", "") or output["data"]["text/plain"]
        for cell in executed.cells
        for output in cell.get("outputs", ())
    )


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.stem)
def test_no_cell_ends_with_a_bare_table_or_asks_for_rows(path):
    """What a cell displays has been aggregated: a table as it was read would show respondents."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    assert sources
    for source in sources:
        tree = ast.parse(source)
        last = tree.body[-1]
        assert not (isinstance(last, ast.Expr) and isinstance(last.value, ast.Name | ast.Subscript))
        asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert asked & ROWS == set()


@pytest.mark.book
def test_five_lines_need_no_study_and_say_what_was_wrong(monkeypatch):
    monkeypatch.chdir(ROOT)
    executed = execution.execute(ROOT / "notebooks" / "engine_five_lines.ipynb", {})
    found = outputs(executed)
    assert "the frame has no column turst" in found
    assert "treated differs within 20 clusters" in found
    assert "not available: 4 clusters have 16 sign vectors" in found
    tables = [o for c in executed.cells for o in c.get("outputs", ()) if "data" in o]
    assert tables
    assert all("SYNTHETIC" in table["data"]["text/html"] for table in tables)


@pytest.mark.book
def test_five_lines_speak_the_language_of_the_book(monkeypatch):
    """Whole outputs: an English word or a decimal point in one of them is a gap in the words."""
    monkeypatch.chdir(ROOT)
    path = ROOT / "notebooks" / "engine_five_lines.ipynb"
    found = outputs(execution.execute(path, {"EVAL_LANG": "es"}))
    assert "la tabla de datos no tiene la columna turst" in found
    assert "qué hacer: nombre columnas de la tabla de datos" in found
    assert "no disponible: 4 conglomerados tienen 16 vectores de signos" in found
    assert re.findall(r"\d\.\d{1,2}\b|[A-Z]\w+ DATA", found) == []
    # names that somebody gave to columns and rows of the data, and to a step, stay
    labels = by_english("notebook-label", "es")
    told = {en for en, es in labels.items() if en != es} - {"treated", "comparison"}
    assert [name for name in sorted(told) if re.search(rf"\b{name}\b", found)] == []
    assert "DATOS SINTÉTICOS" in found


def test_a_table_is_in_words_and_keeps_its_shape(monkeypatch):
    rows = pd.MultiIndex.from_tuples([(0, 1), (1, 1)], names=["treated", "endline"])
    given = pd.DataFrame({"mean": [-1234.5, np.nan], "other": [np.True_, NOTE]}, index=rows)
    monkeypatch.setenv("EVAL_LANG", "es")
    found = shown(given, 1)
    assert found.to_numpy().tolist() == [
        ["\N{MINUS SIGN}1.234,5", "sí"],
        ["", "t(G-1), error estándar CV1"],
    ]
    assert list(found.columns) == ["promedio", "other"]
    assert list(found.index.names) == ["intervención", "línea final"]
    assert found.columns.name == "DATOS SINTÉTICOS \N{EN DASH} NO CITAR"
    monkeypatch.setenv("EVAL_LANG", "en")
    found = shown(given, 1, mark="")
    assert found.to_numpy().tolist() == [["\N{MINUS SIGN}1,234.5", "yes"], ["", str(NOTE)]]
    assert list(found.index) == list(rows)
    assert found.columns.name == ""


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    """One demonstration survey without flaws, made into the outcome."""
    made = demonstration()
    data = made.draw("strong", seed=5, variables=made.items_of(OUTCOME))
    return construct(data.panel, made.plan, made.study, outcomes=(OUTCOME,))[0]


def write_walkthrough(root: Path, survey: pd.DataFrame, *, shift: float) -> None:
    """Clean interviews and the exhibits that the walk-through reads; the effect moved by shift."""
    made = demonstration()
    outcome = next(o for o in made.plan.outcome if o.id == OUTCOME)
    specification = made.plan.primary_specification()
    found = estimate(
        survey,
        specification,
        outcome=outcome,
        study=made.study,
        inference=made.plan.inference,
        provenance=NOTHING,
        status="exploratory",
        draws=bootstrap.draws(survey["municipality"].unique(), number=9_999, seed=3),
    )
    rows = {row.step: row for row in found if isinstance(row, Estimate)}
    built = design.build(survey, specification, outcome=outcome, study=made.study)
    assert built.rounds is not None
    means = levels_and_balance.levels(built.rounds, outcome)
    exhibits = root / "build" / STUDY / "en" / "exhibits"
    exhibits.mkdir(parents=True)
    (root / "evaluation").symlink_to(ROOT / "evaluation")
    disk.write_frame(root / "data_clean" / STUDY / "panel.parquet", survey)
    build = root / "build" / STUDY
    disk.write_records(build / "estimates.csv", rows.values(), Estimate, mark="SYNTHETIC")
    disk.write_records(build / "levels.csv", means, Level, mark="SYNTHETIC")
    pd.DataFrame(effect_row(rows, shift)).to_csv(exhibits / "tbl-did-main.csv", index=False)


def effect_row(rows: dict[str, Estimate], shift: float) -> list[dict[str, object]]:
    primary = rows["wcr_s"]
    return [
        {
            "row": OUTCOME,
            "outcome": "Trust",
            "unit": "SD",
            "synthetic": "SYNTHETIC",
            "estimate": primary.estimate + shift,
            "ci_low": primary.ci_low,
            "ci_high": primary.ci_high,
            "unadjusted_ci_low": primary.ci_low,
            "unadjusted_ci_high": primary.ci_high,
            "p_value": primary.p_value,
            "cv3_std_error": rows["cv3"].std_error,
        }
    ]


@pytest.mark.book
def test_the_walk_through_arrives_at_the_engines_number(monkeypatch, tmp_path, survey):
    """Steps by hand to 1e-9, p and bounds within four Monte Carlo errors: asserted in its cells."""
    write_walkthrough(tmp_path, survey, shift=0.0)
    monkeypatch.chdir(tmp_path)
    executed = execution.execute(
        ROOT / "notebooks" / "engine_walkthrough.ipynb", {"EVAL_STUDY": STUDY, "EVAL_LANG": "en"}
    )
    found = outputs(executed)
    assert "by hand" in found
    places = set(survey["municipality"])
    assert [place for place in places if place in found] == []


@pytest.mark.book
def test_the_walk_through_stops_when_the_record_differs(monkeypatch, tmp_path, survey):
    write_walkthrough(tmp_path, survey, shift=1e-6)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReportError, match="AssertionError") as caught:
        execution.execute(
            ROOT / "notebooks" / "engine_walkthrough.ipynb",
            {"EVAL_STUDY": STUDY, "EVAL_LANG": "en"},
        )
    assert caught.value.where == "engine_walkthrough.ipynb, cell difference-of-means"


def test_panel_gives_the_columns_asked_for_and_no_others(tmp_path):
    interviews = pd.DataFrame({"arm": ["treated"], "age": [40], "trust": [0.5]})
    disk.write_frame(tmp_path / "data_clean" / "small" / "panel.parquet", interviews)
    results = Results(tmp_path / "build" / "small", "en")
    pd.testing.assert_frame_equal(results.panel("trust", "arm"), interviews[["trust", "arm"]])
    with pytest.raises(ReportError, match="`turst`"):
        results.panel("arm", "turst")
    with pytest.raises(ReportError, match="column"):
        results.panel()
