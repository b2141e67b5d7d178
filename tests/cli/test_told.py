"""A command that stops says why in the language that was asked for."""

import sys
from dataclasses import replace

from evaluation.cli import all as whole_runs
from evaluation.data.findings import HIDDEN
from evaluation.data.readers.sheets import place_in
from evaluation.errors import DataError, SpecError
from evaluation.estimation.records import Finding
from evaluation.locale.messages import wording
from evaluation.report import terminal
from tests.messages import said


def finding(line: int) -> Finding:
    return Finding(
        rule="unlisted-code", severity="error", round="baseline", file="b.csv",
        row_key=f"b.csv:{line}", line=line, column="q1", value="9",
        problem=said("the code is not in the dictionary"), fix=said("correct the cell"),
    )  # fmt: skip


def test_listed_errors_in_both_languages():
    error = terminal.FoundErrors(
        [finding(n) for n in range(12)], where="tiny", path="private/all.csv"
    )
    english, spanish = terminal.told(error, "en"), terminal.told(error, "es")
    assert english == str(error)
    assert english.startswith("tiny: 12 errors in the raw data\n  b.csv:0, column q1, value '9': ")
    # twelve that say the same are one line with their number
    assert "[unlisted-code] in 12 rows, this one first\n" in english
    assert "  every one of them is in private/all.csv\n" in english
    assert spanish.startswith("tiny: 12 errores en los datos entregados\n")
    assert (
        "  b.csv:0, columna q1, valor '9': el código no está en el diccionario [unlisted-code]"
        " en 12 filas; esta es la primera\n"
        "    qué hacer: corrija la celda\n"
    ) in spanish
    assert "  cada uno está en private/all.csv\n" in spanish
    assert spanish.endswith("\n  qué hacer: " + error.fix.text("es"))
    assert spanish.count("unlisted-code") == 1


def test_more_errors_than_are_printed_are_counted():
    apart = [replace(finding(n), column=f"q{n}") for n in range(12)]
    error = terminal.FoundErrors(apart, where="tiny", path="private/all.csv")
    assert "  ... and 2 more, all in private/all.csv\n" in terminal.told(error, "en")
    assert "  ... y 2 más, todos en private/all.csv\n" in terminal.told(error, "es")
    assert terminal.told(error, "es").count("unlisted-code") == terminal.PRINTED


def test_one_error_and_an_error_nobody_put_into_spanish():
    one = terminal.FoundErrors([finding(1)], where="tiny", path="p")
    assert terminal.told(one, "es").startswith("tiny: 1 error en los datos entregados\n")
    bare = SpecError(said("nobody wrote this"), where="study.toml", fix=said("fix it"))
    assert terminal.told(bare, "es") == "study.toml: nobody wrote this\n  qué hacer: fix it"
    known = DataError(
        said("the file is empty"), where="b.csv:1", fix=said("get the file again"), rule="r"
    )
    told = "b.csv:1: el archivo está vacío [r]\n  qué hacer: pida el archivo de nuevo"
    assert terminal.told(known, "es") == told


def test_rows_of_a_workbook_that_cannot_be_taken_over():
    rows = [(place_in("book", "x", 2), said("the decision is unknown"), said("choose one of a, b"))]
    error = terminal.WrongRows(rows, where="tiny/corrections.csv", rule="office")
    assert "book: hoja x, fila 2: la decisión no se conoce\n    qué hacer: elija uno de a, b" in (
        terminal.told(error, "es")
    )
    assert terminal.told(error, "en") == str(error)


def test_a_chain_leaves_the_messages_to_the_variable():
    class Options:
        study, language, data_raw = "tiny", "en", ""

    lines = dict(whole_runs.stage_commands(Options(), ("en", "es")))  # type: ignore[arg-type]
    assert "--language" not in lines["read"]
    assert "--language" not in lines["clean"]
    assert lines["exhibits en"][-2:] == ("--language", "en")
    assert lines["book es"][-2:] == ("--language", "es")
    assert list(lines)[-3:] == ["book en", "book es", "audit"]
    assert lines["read"][0] == sys.executable


def test_a_value_that_is_not_shown_says_so_in_the_language():
    hidden = replace(finding(1), value=HIDDEN)
    assert wording("error.not-shown", "en") == HIDDEN
    assert ", column q1, value (not shown): " in terminal.line(hidden, "en")
    assert ", columna q1, valor (no se muestra): " in terminal.line(hidden, "es")
