"""Damaged workbooks and tables of a panel: each one clear message, or a number that stands."""

import csv
from pathlib import Path

import pytest
from openpyxl.workbook.workbook import Workbook

from evaluation.errors import EvaluationError
from tests.fixtures.small_panel import STUDY, SmallPanel, stopped


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallPanel:
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    return SmallPanel(root)


def test_a_column_renamed(panel):
    panel.heads["2011"] = ("DEPARTAMENTO", "LUGAR", "CODIGO DANE", "ARMAS MEDIOS", "FECHA HECHO",
                           "GENERO", "AGRUPA EDAD PERSONA", "CANTIDAD")  # fmt: skip
    with pytest.raises(EvaluationError) as caught:
        panel.deliver()
    assert "2011.xlsx:5" in str(caught.value)
    assert "`MUNICIPIO`" in str(caught.value)


def test_another_column_renamed(panel):
    panel.deliver()
    head = ("DEPARTAMENTO", "MUNICIPIO", "CODIGO DANE", "ARMAS", "FECHA HECHO", "GENERO",
            "AGRUPA EDAD PERSONA", "CANTIDAD")  # fmt: skip
    panel.heads["2011"] = head
    names = (panel.config / "place_names.csv").read_bytes()
    panel.deliver(names=False)
    (panel.config / "place_names.csv").write_bytes(names)
    panel.accept_names()
    _, text = stopped(panel)
    assert "`ARMAS MEDIOS`" in text or "ARMAS MEDIOS" in text
    assert "2011.xlsx" in text


def test_a_sheet_inserted_changes_nothing(panel):
    def insert(name: str, book: Workbook) -> None:
        book.create_sheet("Portada", 0)

    panel.change = insert
    panel.deliver()
    panel.run()
    assert panel.clean()["homicides"].sum() == 34


def test_a_sheet_renamed(panel):
    panel.deliver()
    names = (panel.config / "place_names.csv").read_bytes()

    def rename(name: str, book: Workbook) -> None:
        book.active.title = "Hoja1"

    panel.change = rename
    panel.deliver(names=False)
    (panel.config / "place_names.csv").write_bytes(names)
    panel.accept_names()
    _, text = stopped(panel)
    assert "'Hoja1'" in text
    assert "'Hoja'" in text


def redelivered(panel: SmallPanel, change) -> str:
    """What the stages say of files that were damaged after the table of names was made."""
    panel.deliver()
    names = (panel.config / "place_names.csv").read_bytes()
    change(panel)
    panel.deliver(names=False)
    (panel.config / "place_names.csv").write_bytes(names)
    panel.accept_names()
    return stopped(panel)[1]


def test_a_total_that_differs(panel):
    text = redelivered(panel, lambda p: p.totals.update({"2011": 17}))
    assert "police/2011.xlsx" in text
    assert "17" in text
    assert "16" in text
    assert "[table-total]" in text
    assert "CANTIDAD" in text


def test_a_total_that_is_gone(panel):
    def without(name: str, book: Workbook) -> None:
        if name == "2011":
            book.active["A9"] = None

    text = redelivered(panel, lambda p: setattr(p, "change", without))
    assert "[table-total]" in text


def test_a_date_as_text(panel):
    def damage(p: SmallPanel) -> None:
        p.rows["2011"][1][4] = "06/05/2011"

    text = redelivered(panel, damage)
    assert "2011.xlsx:7" in text
    assert "FECHA HECHO" in text
    assert "[not-a-date]" in text


def test_a_code_of_six_digits(panel):
    for code in (760010, "760010"):
        panel.rows["2011"][1][2] = 76001000

        def damage(p: SmallPanel, code=code) -> None:
            p.rows["2011"][1][2] = code

        text = redelivered(panel, damage)
        assert "2011.xlsx:7" in text
        assert "CODIGO DANE" in text
        assert "[pattern]" in text


def test_equal_rows_dropped(panel):
    """One victim a row: rows that are equal were taken for doubles, and the total tells."""

    def damage(p: SmallPanel) -> None:
        p.declared_rows["2012"] = 3
        p.totals["2012"] = 3
        del p.rows["2012"][1]

    text = redelivered(panel, damage)
    assert "[row-count]" in text
    assert "[table-total]" in text


def test_rows_below_a_row_that_lost_its_cells(panel):
    def damage(p: SmallPanel) -> None:
        p.rows["2011"].insert(1, ["ANTIOQUIA", *(None for _ in range(7))])
        p.totals["2011"] = 16
        p.declared_rows["2011"] = 1

    text = redelivered(panel, damage)
    assert "[rows-below-table]" in text


def test_another_title_is_another_count(panel):
    def theft(name: str, book: Workbook) -> None:
        book.active["A3"] = "HURTOS"

    text = redelivered(panel, lambda p: setattr(p, "change", theft))
    assert "[table-title]" in text
    assert "HURTOS" not in text


def test_a_year_of_another_file(panel):
    def damage(p: SmallPanel) -> None:
        p.rows["2011"][0][4] = p.rows["2012"][0][4]

    text = redelivered(panel, damage)
    assert "2011.xlsx:6" in text
    assert "[event-year]" in text


def test_day_and_month_exchanged(panel):
    """1 February 2010 was a Monday, 2 January a Saturday."""

    def damage(p: SmallPanel) -> None:
        p.rows["2009"][2][2] = p.rows["2009"][2][2].replace(month=1, day=2)

    text = redelivered(panel, damage)
    assert "2009.xlsx:8" in text
    assert "[event-weekday]" in text


def shorter_list(panel: SmallPanel, name: str) -> None:
    path = panel.config / "place_names.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if name not in line]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), "utf-8")


def test_a_name_taken_off_the_list_is_told_with_its_events(panel):
    """The table was edited by hand: its checksum says so."""
    panel.deliver()
    shorter_list(panel, "Caceres")
    _, text = stopped(panel)
    assert "place_names.csv" in text
    assert "[checksum]" in text
    # accepted, the events are in no municipality: told, and still in the yearly total
    panel.accept_names()
    panel.run()
    (told,) = [f for f in panel.findings() if f.rule == "unplaced"]
    assert told.severity == "warn"
    assert told.line == 7
    assert "ANTIOQUIA, Caceres" in told.problem.text("en")
    assert "1 events" in told.problem.text("en")
    assert panel.clean()["homicides"].sum() == 33
    text = (panel.root / "build" / STUDY / "totals.csv").read_text("utf-8")
    totals = list(csv.DictReader(text.splitlines()))
    assert [(row["year"], row["events"], row["unplaced"]) for row in totals] == [
        ("2009", "8", "1"), ("2010", "7", "0"), ("2011", "16", "0"), ("2012", "3", "0"),
    ]  # fmt: skip


def test_more_than_the_stated_share_stops_the_build(panel):
    panel.deliver()
    shorter_list(panel, "Medell")
    panel.accept_names()
    _, text = stopped(panel)
    assert "ANTIOQUIA, Medellín (CT)" in text
    assert "7 events" in text
    assert "[unplaced]" in text
    assert not (panel.root / "data_clean" / STUDY / "panel.parquet").exists()


def test_a_code_typed_into_the_list_is_refused(panel):
    panel.deliver()
    path = panel.config / "place_names.csv"
    path.write_text(path.read_text("utf-8").replace(",05120,", ",05154,"), "utf-8")
    panel.accept_names()
    _, text = stopped(panel)
    assert "[place-name]" in text
    assert "place_names.csv" in text


def test_a_ledger_of_corrections_is_refused(panel):
    panel.deliver()
    path = panel.config / "corrections.csv"
    path.write_text(path.read_text("utf-8") + "x,y,,,,drop,a,b,2024-01-01,z\n", "utf-8")
    error, _ = stopped(panel)
    assert "corrections.csv" in str(error)


def test_a_code_of_another_place_is_told_of_its_row_and_not_of_the_table(panel):
    panel.deliver()
    names = (panel.config / "place_names.csv").read_bytes()
    panel.rows["2011"][1][2] = 5001000
    panel.deliver(names=False)
    (panel.config / "place_names.csv").write_bytes(names)
    panel.accept_names()
    panel.run()
    told = [f.problem.text("en") for f in panel.findings() if f.rule == "event-code"]
    assert told == [
        "rows of VALLE, CALI (CT) mostly have the code 76001, others (events): 05001 (3)"
    ]
    assert panel.clean()["homicides"].sum() == 34


def test_a_code_that_no_place_has_is_told_with_its_events(panel):
    panel.deliver()
    names = (panel.config / "place_names.csv").read_bytes()
    panel.rows["2011"][1][2] = 76999000
    panel.deliver(names=False)
    (panel.config / "place_names.csv").write_bytes(names)
    panel.accept_names()
    panel.run()
    (told,) = [f for f in panel.findings() if f.rule == "unplaced"]
    assert (told.line, told.column, told.severity) == (7, "CODIGO DANE", "warn")
    assert "3 events" in told.problem.text("en")
    assert panel.clean()["homicides"].sum() == 31
