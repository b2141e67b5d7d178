"""A panel from workbooks as delivered: counts, zeros, and what never leaves."""

import json
from pathlib import Path

import frictionless
import numpy as np
import pytest

from tests.fixtures.small_panel import (
    CLEAN_FILES,
    PLACES,
    PLANTED,
    STUDY,
    SmallPanel,
    count,
    stopped,
)


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallPanel:
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    return SmallPanel(root)


def test_workbooks_become_counts_with_zeros(panel):
    panel.deliver()
    said = panel.run()
    assert said[0].startswith("10 files")
    assert said[1].startswith("24 rows")
    table = panel.clean()
    assert len(table) == len(PLACES) * 4
    assert count(panel, "05001", 2009) == 7
    assert count(panel, "05001", 2010) == 0
    assert count(panel, "05001", 2011) == 9
    assert count(panel, "05120", 2009) == 1
    assert count(panel, "76001", 2010) == 5
    assert count(panel, "76001", 2011) == 7
    assert count(panel, "76001", 2011, "homicides_firearm") == 4
    assert np.isnan(count(panel, "76001", 2010, "homicides_firearm"))
    # equal rows are two victims
    assert count(panel, "76001", 2012) == 2
    assert [f.rule for f in panel.findings() if f.rule == "equal-rows"] == ["equal-rows"]
    # a settlement is part of its municipality
    assert count(panel, "05154", 2012) == 1
    assert table["homicides"].sum() == 34


def test_years_before_a_place_was_there(panel):
    """Nobody lives in 23682 before 2010: no row is missing, a row is kept without a rate."""
    panel.rows["2009"].append(["CÓRDOBA", "San José de Uré", *panel.rows["2009"][0][2:5], 1])
    panel.deliver()
    panel.run()
    assert count(panel, "23682", 2009) == 1
    assert np.isnan(count(panel, "23682", 2009, "rate"))
    assert np.isnan(count(panel, "23682", 2009, "population"))
    assert count(panel, "23682", 2009, "no_population") == 1
    told = [f.problem.text("en") for f in panel.findings() if f.rule == "no-population"]
    assert len(told) == 1
    assert told[0].startswith("SAN JOSÉ DE URÉ (23682): nobody lives there in 2009 by the series")
    assert "; 1 events lie there" in told[0]
    panel.rows["2009"].pop()
    panel.deliver()
    panel.run()
    assert np.isnan(count(panel, "23682", 2009))
    assert count(panel, "23682", 2010) == 2
    merged = panel.clean("merged").set_index("year")
    assert merged["municipality"].unique().tolist() == ["05120"]
    assert merged["homicides"].to_dict() == {2009: 1, 2010: 2, 2011: 0, 2012: 0}
    # 3011 x 2 x 2 in 2011, carried back by (1 + 0 places of 3009) and (2 of 3010) in the other
    assert merged["population"][2010] == pytest.approx(2 * 2 * 3011 * 3010 / 3011)
    assert merged["population"][2009] == pytest.approx(2 * 2 * 3011 * 3009 / (2 * 3011))


def test_months_sum_to_years(panel):
    panel.deliver()
    panel.run()
    months = panel.clean("months")
    assert len(months) == len(PLACES) * 48
    yearly = months.groupby(["municipality", months["month"].dt.year])["homicides"].sum(min_count=1)
    own = panel.clean().set_index(["municipality", "year"])["homicides"]
    assert yearly.to_numpy() == pytest.approx(own.to_numpy(), nan_ok=True)


def test_nothing_below_the_table_leaves_the_reader(panel):
    panel.deliver()
    panel.run()
    written = [p for folder in ("build", "data_clean") for p in (panel.root / folder).rglob("*")]
    assert len(written) > 20
    for path in written:
        if path.is_file():
            data = path.read_bytes()
            assert PLANTED.split()[0].encode() not in data, path
            assert b"Nota metodol" not in data, path


def test_rows_of_victims_and_treatment_stay_private(panel):
    panel.deliver()
    panel.run()
    traits = {"sex", "age_group", "weapon", "event_date", "date", "victims", "amount", "line"}
    treatment = {"arm", "cohort", "status", "first_treated"}
    for name in ("panel", "frame", "months", "merged"):
        assert not (traits | treatment) & set(panel.clean(name).columns)
    open_ = [p for p in (panel.root / "build").rglob("*.*") if "private" not in p.parts]
    assert {p.name for p in open_} == {
        "provenance.json", "findings.csv", "findings.html", "totals.csv"
    }  # fmt: skip
    assert {p.name for p in (panel.root / "data_clean" / STUDY).iterdir()} == CLEAN_FILES
    private = panel.root / "build" / STUDY / "private"
    assert {"assignment.parquet", "events.parquet", "raw"} <= {p.name for p in private.iterdir()}


def test_others_files_beside_the_study_are_not_unlisted(panel):
    panel.deliver()
    (panel.raw / "police" / "stray.xlsx").write_bytes(b"x")
    _, text = stopped(panel)
    assert "stray.xlsx" in text
    assert "of_somebody" not in text


def test_the_package_describes_the_files_as_they_are(panel, monkeypatch):
    panel.deliver()
    panel.run()
    folder = panel.root / "data_clean" / STUDY
    with monkeypatch.context() as patch, frictionless.system.use_context(trusted=True):
        patch.chdir(folder)
        report = frictionless.validate("datapackage.json", type="package")
    assert report.flatten(["title", "message"]) == []
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    keys = {r["path"]: r["schema"]["primaryKey"] for r in package["resources"]}
    assert keys == {
        "codebook.csv": ["name"],
        "merged.csv": ["municipality", "year"],
        "panel.csv": ["municipality", "year"],
    }


def test_a_second_run_writes_the_same_bytes(panel):
    panel.deliver()
    panel.run()
    first = written(panel)
    panel.run()
    assert written(panel) == first


def written(panel: SmallPanel) -> dict[str, bytes]:
    tops = (panel.root / top for top in ("build", "data_clean"))
    return {p.as_posix(): p.read_bytes() for top in tops for p in top.rglob("*.*") if p.is_file()}


def test_a_file_may_cover_more_years_than_the_panel(panel):
    panel.deliver()
    path = panel.config / "study.toml"
    text = path.read_text("utf-8").replace("first = 2009\n", "first = 2010\n", 1)
    path.write_text(text, "utf-8")
    panel.run()
    assert panel.clean()["homicides"].sum() == 26
