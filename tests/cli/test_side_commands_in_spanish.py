"""What the commands beside the stages say, in Spanish: lines they print, and why they stop."""

import argparse
import json
from pathlib import Path

import pytest

from evaluation.cli import doctor, publish
from evaluation.cli import publish as verify
from evaluation.errors import EvaluationError
from evaluation.locale.messages import text_of, word
from evaluation.release.contents import Contents
from evaluation.release.published_tables import difference
from evaluation.report.terminal import told
from evaluation.site import pango


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


@pytest.mark.parametrize(
    ("name", "ours", "theirs", "said"),
    [
        (
            "a.csv",
            lines("x", "1"),
            lines("x"),
            "a.csv: 2 líneas aquí y 1 allá, o columnas distintas",
        ),
        (
            "a.csv",
            lines("x", "1,2"),
            lines("x", "1"),
            "a.csv: la línea 2 tiene otro número de celdas",
        ),
        ("a.csv", lines("x", "1"), lines("x", "2"), "a.csv: línea 2, columna x: 1 aquí y 2 allá"),
        ("a.json", b'{"k": {"a": 1}}', b'{"k": {"b": 1}}', "a.json: claves distintas en `.k`"),
        ("a.json", b'{"k": [1]}', b'{"k": []}', "a.json: longitud distinta en `.k`"),
        ("a.json", b'{"k": 1}', b'{"k": 2}', "a.json: `k`: 1 aquí y 2 allá"),
    ],
)
def test_how_two_versions_of_a_file_differ(name, ours, theirs, said):
    found = difference(name, ours, theirs)
    assert found is not None
    assert f"{name}: {found.text('es')}" == said


def release_of(folder: Path, **files: bytes) -> argparse.Namespace:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    sums = {name: verify.disk.sha256(folder / name) for name in files}
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    (folder / "SHA256SUMS").write_text(listed, encoding="utf-8")
    return argparse.Namespace(study="x", data_raw="", language="es", release=str(folder))


def test_verify_in_spanish(tmp_path, monkeypatch, capsys):
    built = Contents(files={"same": b"1", "here": b"2"}, prints={}, public="absent")
    monkeypatch.setattr(verify, "contents", lambda *_: built)
    monkeypatch.setattr(verify, "print_states", lambda _: {})
    options = release_of(tmp_path, same=b"1", there=b"3", broken=b"4")
    (tmp_path / "broken").write_bytes(b"5")
    with pytest.raises(EvaluationError) as stopped:
        verify.run_verify(options)
    assert capsys.readouterr().out == "archivos idénticos byte por byte: 1\n"
    assert told(stopped.value, "es").splitlines() == [
        "verify: archivos distintos de los de la versión publicada: 4",
        "    - there: solo en la versión publicada",
        "    - broken: solo en la versión publicada",
        "    - here: no está en la versión publicada",
        "    - broken: el archivo de la versión publicada no coincide con su SHA256SUMS",
        "  qué hacer: construya la versión publicada con sus datos, o publique una versión nueva",
    ]


def test_publish_in_spanish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pango, "LIBRARIES", ("no-such-library.so.0",))
    found = Contents(files={"a": b""}, prints={"es": "absent"}, public="undeclared")
    publish._tell(found, tmp_path, "es")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"1 archivo en {tmp_path.as_posix()}, sumas de verificación en SHA256SUMS"
    assert second == (
        "Sin PDF (es): no se han impreso; no está instalada Pango, la biblioteca que dibuja los"
        " PDF; instálela (en Debian y Ubuntu: sudo apt install libpangoft2-1.0-0"
        " libharfbuzz-subset0; en macOS: brew install pango)"
    )
    assert third.startswith("Sin datos públicos: study.toml no tiene la tabla [release]")
    monkeypatch.setattr(pango, "unprintable", lambda _: "")
    assert publish.lacking(found, "es")[0].endswith("make publish DEST=carpeta los imprime primero")


def test_a_release_of_another_plan_and_other_data_names_both(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps({"plan_hash": "a"}), encoding="utf-8")
    with pytest.raises(EvaluationError) as stopped:
        publish._check_same(tmp_path, {"results.json": b'{"plan_hash": "b", "study": "x"}'})
    said = told(stopped.value, "es")
    assert "una versión publicada que difiere en: study, suma de verificación del plan\n" in said
    assert "REPLACE=yes" in said


def test_doctor_in_spanish(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "_libraries", lambda _: (False, "x"))
    monkeypatch.setattr(doctor, "_disk", lambda _: (False, "x"))
    monkeypatch.setattr(doctor, "_folder", lambda _: (True, "x"))
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    with pytest.raises(EvaluationError) as stopped:
        doctor.run_doctor(argparse.Namespace(language="es", study="x", data_raw=""))
    printed = capsys.readouterr().out
    assert "FALTA   bibliotecas" in printed
    assert "no está git" in printed
    assert "procesadores" in printed
    assert all(text in printed for text in ("no está en PATH", "los nombres de archivo son"))
    assert told(stopped.value, "es") == (
        "doctor: falta: bibliotecas, disco\n"
        "  qué hacer: vea las líneas de arriba y luego corra make"
    )


def test_what_a_print_or_a_book_is_made_from_is_named_in_spanish():
    for name, spanish in (
        ("plan_hash", "suma de verificación del plan"),
        ("data_hash", "suma de verificación de los datos"),
    ):
        assert text_of(word(name), "es") == spanish
