"""The police's fifteen workbooks as the study is built here: the totals of their README, the panel.

Source: README of the reference folder ``police_homicides`` and panel.md, whose numbers were
computed by independent code. Nothing else holds these numbers: a folder that is not there is a
failure where CI is true.
"""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.estimation.records import Finding
from evaluation.storage import disk
from tests.conftest import shared_data
from tests.pipeline.conftest import built_here

pytestmark = [pytest.mark.truth, pytest.mark.built]

STUDY = "homicides"
TOTALS = {
    2003: 22_496, 2004: 18_946, 2005: 16_888, 2006: 15_870, 2007: 15_251, 2008: 14_752,
    2009: 15_322, 2010: 14_869, 2011: 15_803, 2012: 16_033, 2013: 14_971, 2014: 12_958,
    2015: 12_460, 2016: 12_164, 2017: 12_079, 2018: 12_667, 2019: 12_656, 2020: 12_127,
    2021: 13_874, 2022: 13_537, 2023: 13_555, 2024: 13_341,
}  # fmt: skip
# panel.md: the ten that two public pages name
TEN = (
    "05120", "05154", "13244", "13248", "13654", "19698", "23807", "23855", "52835", "54720",
)  # fmt: skip


def delivered() -> str:
    """The folder of the study's raw files."""
    shared_data("colombia_municipalities")
    return shared_data("police_homicides").parent.as_posix()


@pytest.fixture(scope="module")
def folder() -> Path:
    return built_here(STUDY, "clean-data")


@pytest.fixture(scope="module")
def panel(folder: Path) -> pd.DataFrame:
    return disk.read_frame(folder / "data_clean" / STUDY / "panel.parquet")


def test_yearly_totals_are_those_of_the_readme(panel):
    assert panel.groupby("year")["homicides"].sum().to_dict() == TOTALS
    assert len(panel) == 1_122 * 22


def test_rows_and_months_hold_the_same_homicides(folder):
    totals = pd.read_csv(folder / "build" / STUDY / "totals.csv").set_index("year")
    assert totals["events"].to_dict() == TOTALS
    assert totals["unplaced"].sum() == 0
    assert totals.loc[2003:2010, "rows"].sum() == 88_423
    assert totals.loc[2019, "rows"] == 12_610
    months = disk.read_frame(folder / "data_clean" / STUDY / "months.parquet")
    assert months.groupby(months["month"].dt.year)["homicides"].sum().to_dict() == TOTALS


def test_firearms_are_counted_from_2011_on(panel):
    assert panel.loc[panel["year"] < 2011, "homicides_firearm"].isna().all()
    assert panel["homicides_firearm"].sum() == 141_568


def test_every_cell_equals_the_compiled_file(panel):
    """Another compilation of the same workbooks, of seven departments."""
    path = shared_data("colombia_municipalities/homicides_municipality_year_as_published.csv")
    other = pd.read_csv(path, dtype={"cod_mpio": str})
    # rows of Briceño in Boyacá carry the code of another municipality
    other = other[other["departamento"] != "BOYACÁ"]
    theirs = other.groupby(["cod_mpio", "year"])["total_homicides"].sum()
    ours = panel.set_index(["municipality", "year"])["homicides"]
    assert (ours.reindex(theirs.index) == theirs).all()
    assert len(theirs) > 6_500


def test_years_before_creation_keep_their_21_homicides(panel):
    gone = panel[panel["no_population"]]
    assert gone["homicides"].sum() == 21
    assert gone["population"].isna().all()
    assert gone["rate"].isna().all()
    assert set(gone["municipality"]) == {"13490", "19300", "23682", "23815", "94663"}
    assert not (gone["homicides"] == 0).any()


def test_rates_of_the_ten(panel):
    """panel.md: mean of municipal rates 50.6 and pooled 61.5, 453 a year, Tumaco 43 %."""
    own = panel[panel["municipality"].isin(TEN) & panel["year"].between(2015, 2020)]
    assert f"{own.groupby('municipality')['rate'].mean().mean():.1f}" == "50.6"
    assert f"{1e5 * own['homicides'].sum() / own['population'].sum():.1f}" == "61.5"
    assert f"{own['homicides'].sum() / 6:.0f}" == "453"
    tumaco = own.loc[own["municipality"] == "52835", "homicides"].sum()
    assert f"{100 * tumaco / own['homicides'].sum():.0f}" == "43"


def test_population_is_carried_back_and_never_joined_raw(panel):
    table = panel.set_index(["municipality", "year"])
    one = table.loc["05001"]
    factor = one.loc[2012, "population_2012"] / one.loc[2012, "population_2003"]
    assert one.loc[2003, "population"] == pytest.approx(factor * one.loc[2003, "population_2003"])
    late = table.loc[(slice(None), range(2012, 2025)), :]
    assert (late["population"].fillna(0) == late["population_2012"].fillna(0)).all()
    assert one["population_spliced"].sum() == 9


def test_the_ten_and_those_among_whom_the_others_are(folder):
    """94 PDET municipalities of the seven departments: ten named, 84 of whom nothing is known."""
    table = disk.read_frame(folder / "build" / STUDY / "private" / "assignment.parquet")
    counts = {"never": 1_028, "unknown": 84, "treated": 10}
    assert table["status"].value_counts().to_dict() == counts
    frame = disk.read_frame(folder / "data_clean" / STUDY / "frame.parquet")
    assert frame["subregion"].notna().sum() == 170
    of_ten = set(frame.loc[frame["municipality"].isin(TEN), "subregion"])
    inside = frame[frame["subregion"].isin(of_ten)]
    unknown = set(table.loc[table["status"] != "never", "municipality"])
    assert len(of_ten) == 6
    assert len(unknown & set(inside["municipality"])) == 74


def test_what_is_found_on_the_way(folder):
    path = folder / "build" / STUDY / "private" / "findings.csv"
    found = disk.read_records(path, Finding)
    said: dict[str, list[str]] = {}
    for finding in found:
        said.setdefault(finding.rule, []).append(finding.problem.text("en"))
    assert [text.split(" rows")[0] for text in said["equal-rows"]] == ["1,880"]
    assert len(said["largest-change"]) == len(said["largest-event"]) == 10
    assert "TIBÚ (54810): 34 events on 2004-06-15" in said["largest-event"]
    assert "BOGOTÁ, D.C. (11001): 25 events on 2020-03-21" in said["largest-event"]
    assert len(said["series-change"]) == 6
    assert "91530 (4), 91798 (2)" in said["event-code"][0]
    assert {f.severity for f in found} == {"warn", "info"}


def test_no_signature_leaves_the_reader(folder):
    """Names of officers stand below each table; no word of these lines is in any file."""
    words = ("Elaborado", "Autorizado", "Nota metodol", "DIJIN")
    made = folder / "build" / STUDY / "private" / "made"
    lists = [(made / f"{stage}.sha256").read_text("utf-8") for stage in ("read", "clean")]
    lines = [line for text in lists for line in text.splitlines()]
    files = [folder / line.split(maxsplit=1)[1] for line in lines]
    raw = [p for p in files if p.suffix == ".parquet"]
    assert len(raw) > 20
    for path in files:
        texts = [path.read_bytes().decode("utf-8", "ignore")]
        if path.suffix == ".parquet":
            frame = disk.read_frame(path)
            texts = [str(v) for c in frame.select_dtypes("str") for v in frame[c].unique()]
        for text in texts:
            assert not any(word in text for word in words), path
