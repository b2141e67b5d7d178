"""The stages on raw data speak the language of the option, or of the variable."""

import pytest

from evaluation import __main__ as program
from evaluation.report import terminal


@pytest.mark.parametrize(
    ("arguments", "variable", "said"),
    [
        ([], None, "read stopped: "),
        (["--language", "es"], None, "read se detuvo: "),
        ([], "es", "read se detuvo: "),
        (["--language", "en"], "es", "read stopped: "),
        ([], "fr", "read stopped: "),
    ],
)
def test_the_option_goes_before_the_variable(tiny, monkeypatch, capsys, arguments, variable, said):
    monkeypatch.delenv(terminal.VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(terminal.VARIABLE, variable)
    tiny.baseline[0]["duracion"] = "x"
    tiny.write()
    assert program.main(["read", "--study", "tiny", *arguments]) == 0
    assert program.main(["clean", "--study", "tiny", *arguments]) == 1
    printed = capsys.readouterr().err
    assert said.replace("read", "clean") in printed
    problem = "la celda no es un número simple" if "detuvo" in said else "not a plain number"
    assert problem in printed


@pytest.mark.parametrize(("variable", "said"), [("", "book stopped: "), ("es", "book se detuvo: ")])
def test_errors_of_a_book_follow_the_variable_and_not_the_books_language(
    tiny, monkeypatch, capsys, variable, said
):
    monkeypatch.delenv(terminal.VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(terminal.VARIABLE, variable)
    tiny.write()
    assert program.main(["book", "--study", "tiny", "--language", "es"]) == 1
    assert said in capsys.readouterr().err


def test_the_page_of_findings_is_in_the_language_of_the_command(tiny, monkeypatch):
    monkeypatch.setenv(terminal.VARIABLE, "es")
    tiny.baseline[0]["duracion"] = "3"
    tiny.write()
    for stage in ("read", "clean"):
        assert program.main([stage, "--study", "tiny"]) == 0
    page = (tiny.build / "findings.html").read_text(encoding="utf-8")
    assert "<h1>Informe de calidad de los datos: " in page
    assert "La entrevista duró menos de" in page
    # the records stay in English: other programs read them
    assert "la entrevista" not in (tiny.build / "findings.csv").read_text(encoding="utf-8")
