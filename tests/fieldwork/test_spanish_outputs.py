"""What a Spanish-speaking office reads: the page, the table, the day's workbook."""

import dataclasses
import html
import re

import openpyxl
import pytest

from evaluation.estimation.records import Finding
from evaluation.fieldwork import daily_report
from evaluation.fieldwork.daily_report import Day, office_csv, workbook
from evaluation.fieldwork.office_rows import CORRECT, DUPLICATES, OfficeRow
from evaluation.locale.messages import entries, several, texts
from evaluation.report.formats.findings_page import page
from evaluation.report.tables import data_and_plan
from tests.messages import said
from tests.report import examples

PROBLEM = "the respondent id already appears in row baseline.csv:7"
FIX = "in corrections.csv, `drop` the interview that is not valid, or give it a `new_id`"
SAID = "El id de la persona encuestada ya está en la fila baseline.csv:7"
DONE = (
    "En corrections.csv, elimine con drop la entrevista que no es válida, o asígnele otro id con"
    " new_id"
)


def finding(**changes) -> Finding:
    fields = {
        "rule": "duplicate-id", "severity": "error", "round": "baseline", "file": "baseline.csv",
        "row_key": "baseline.csv:9", "line": 9, "column": "id", "value": "(not shown)",
        "problem": said(PROBLEM), "fix": said(FIX),
    }  # fmt: skip
    return Finding(**(fields | changes))


def test_the_page_is_in_spanish_from_head_to_cell():
    text = page([finding()], title="T", mark="", language="es").decode()
    assert '<html lang="es">' in text
    heads = re.findall(r"<th>(.*?)</th>", text)
    assert heads[4:] == [
        "Gravedad", "Regla", "Ronda", "Fila", "Columna", "Valor", "Problema", "Qué hacer",
    ]  # fmt: skip
    row = [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", text)][4:]
    assert row == [
        *("Error", "duplicate-id", "baseline", "baseline.csv:9", "id", "(no se muestra)"),
        *(SAID, DONE),
    ]
    assert "Sin hallazgos." in page([], title="T", mark="", language="es").decode()


def test_the_page_in_english_is_what_it_was():
    text = page([finding()], title="T", mark="").decode()
    assert '<html lang="en">' in text
    assert html.unescape(text).count(PROBLEM[1:]) == 1


def test_the_table_of_findings_is_in_spanish():
    problem = "the interview falls in `strike` (from 2021-04-28)"
    found = examples.source(findings=(examples.finding("date-after-event", problem),))
    source = dataclasses.replace(found, language="es")
    table = data_and_plan.findings(examples.exhibit("findings"), source)
    printed = " ".join(c.text for r in table.rows for c in r.cells)
    assert "La entrevista cae dentro de" in printed
    assert "Advertencia" in printed
    assert "Conteos. Entrevistas" in " ".join(table.notes)


def day(language: str) -> Day:
    return Day(
        study=examples.STUDY,
        round="baseline",
        file="baseline.csv",
        rows=12,
        consented=11,
        findings=(finding(rule="unlisted-code"), finding(), finding(line=0, row_key="")),
        office=(
            row(DUPLICATES, group=1, line=7, rule="duplicate-id", problem=several(())),
            row(DUPLICATES, group=1, rule="duplicate-id"),
            row(CORRECT, rule="unlisted-code"),
        ),
        language=language,
    )


def row(sheet: str, **changes) -> OfficeRow:
    plain = {
        "sheet": sheet, "group": 0, "file": "baseline.csv", "line": 9, "round": "baseline",
        "delivery": "0123456789ab", "id": "p7", "column": "id", "held": "p7",
        "problem": several((finding().problem,)),
    }  # fmt: skip
    return OfficeRow(**(plain | changes))


def rows_of(sheet) -> list[list]:
    return [[c for c in row if c not in (None, "")] for row in sheet.iter_rows(values_only=True)]


def test_the_day_as_a_workbook_in_spanish(tmp_path):
    path = tmp_path / "day.xlsx"
    path.write_bytes(workbook(day("es"), banner="DATOS SINTÉTICOS"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["resumen", "por corregir", "duplicados"]
    cells = rows_of(book["por corregir"])
    assert cells[1][0].startswith("PRIVADO: ")
    assert cells[2][:5] == ["archivo", "línea", "ronda", "entrega", "id"]
    assert cells[2][5:9] == ["columna", "en el archivo", "regla", "qué se encontró"]
    found = SAID[0].lower() + SAID[1:]
    place = ["baseline.csv", "9", "baseline", "0123456789ab", "id"]
    assert cells[3] == [*place, "unlisted-code", found, "SYNTHETIC"]
    copies = rows_of(book["duplicados"])
    assert copies[2][0] == "grupo"
    # the row that the other is a copy of, and what was found about the other
    assert copies[3:] == [
        ["1", "baseline.csv", "7", *place[2:], "duplicate-id", "SYNTHETIC"],
        ["1", *place, "duplicate-id", found, "SYNTHETIC"],
    ]
    (choices,) = [v.formula1 for v in book["por corregir"].data_validations.dataValidation]
    assert choices == '"conservar,eliminar,nuevo id,cambiar,unir"'
    assert ["archivo", "baseline.csv", 12] in rows_of(book["resumen"])


def test_the_list_as_csv_in_both_languages():
    spanish, english = (office_csv(day(x)).decode("utf-8-sig") for x in ("es", "en"))
    assert spanish.startswith("archivo,línea,ronda,entrega,id,columna")
    assert english.startswith("file,line,round,delivery,id,column")
    assert SAID[1:] in spanish
    # names of people and their answers are not in it
    assert "p7" not in spanish + english


@pytest.mark.parametrize("kind", ["InterviewerWork", "Progress", "ItemMissing", "BackcheckRate"])
def test_every_column_of_the_workbook_has_its_spanish(kind):
    names = set(daily_report._names(getattr(daily_report, kind)))
    assert names - set(entries("fieldwork.header")) == set()
    assert all(len(said) <= 31 for said in texts("fieldwork.sheet", "es").values()), (
        "a workbook allows 31 letters"
    )
