"""Printed files in a release: there if they are of these pages, never a reason to differ."""

import argparse
import json
import os
from pathlib import Path

import pytest

from evaluation.cli import pdf, publish
from evaluation.cli import publish as verify
from evaluation.cli.stages import book
from evaluation.errors import StorageError
from evaluation.release import published_tables
from evaluation.release.contents import Contents, first_page
from evaluation.site import pango
from evaluation.site import prints as pdf_source
from evaluation.storage import disk, folders, made_files, print_links
from evaluation.storage.folders import Paths

MADE_FROM = {"study": "x", "plan_hash": "a" * 64, "data_hash": "b" * 64, "version": "1.2.3"}
OPTIONS = argparse.Namespace(study="x", data_raw="", language="en", again="no")
PATHS = Paths.of(OPTIONS)
FOLDER = Path("build/x/en")


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A build whose book is printed; what pages and brief say can be changed."""
    monkeypatch.chdir(tmp_path)
    says = {"page": "A page.", "brief": "A phrase.", "style": "p {}"}
    for name in published_tables.RECORDS:
        disk.write_text(PATHS.build / name, json.dumps(MADE_FROM))
    disk.write_text(FOLDER / "numbers.json", "{}")

    def prepare(source: Path, _: Paths, *, language: str, **__: object) -> None:
        disk.write_text(source / "page.md", says["page"])
        disk.write_text(source / "_locale" / language / "page.po", "")

    monkeypatch.setattr(pdf_source, "prepare", prepare)
    monkeypatch.setattr(pdf_source, "read_configuration", lambda _: None)
    monkeypatch.setattr(pdf_source, "said_in_brief", lambda *_: says["brief"])
    monkeypatch.setattr(pdf_source.brief_files, "to_page", lambda said, **_: said)
    monkeypatch.setattr(pdf_source.brief_files, "to_docx", lambda said: said.encode())
    monkeypatch.setattr(pdf_source, "STYLE", tmp_path / "print.css")
    disk.write_text(tmp_path / "print.css", says["style"])
    prepare(tmp_path / "assembled", PATHS, language="en")
    stamp = pdf_source.made_from(PATHS, tmp_path / "assembled", says["brief"])  # type: ignore[arg-type]
    with made_files.recorded(PATHS.build, "pdf-en"):
        for name in folders.PRINTED:
            disk.write_bytes(FOLDER / name, b"%PDF")
        disk.write_json(FOLDER / folders.PRINTED_FROM, stamp)
    return says


def has_pango(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    why = "" if there else "Pango is not here; install it"
    monkeypatch.setattr(pango, "unprintable", lambda _: why)


def test_prints_of_these_pages_are_current_and_nothing_is_left_behind(build) -> None:
    before = sorted(FOLDER.iterdir())
    assert pdf_source.print_state(PATHS, "en", lambda _: []) == "current"
    assert sorted(FOLDER.iterdir()) == before


@pytest.mark.parametrize("part", ["page", "brief"])
def test_another_page_or_phrase_on_the_same_results_makes_prints_stale(build, part):
    build[part] = "Another phrase."
    assert pdf_source.print_state(PATHS, "en", lambda _: []) == "stale"


def test_another_style_makes_prints_stale(build):
    disk.write_text(pdf_source.STYLE, "p { color: red }")
    assert pdf_source.print_state(PATHS, "en", lambda _: []) == "stale"


@pytest.mark.parametrize("field", folders.MADE_FROM)
def test_prints_of_other_results_are_stale(build, field):
    disk.write_text(PATHS.build / "results.json", json.dumps(MADE_FROM | {field: "other"}))
    assert pdf_source.print_state(PATHS, "en", lambda _: []) == "stale"


@pytest.mark.parametrize("gone", [folders.PRINTED_FROM, *folders.PRINTED])
def test_half_of_the_prints_is_none(build, gone):
    (FOLDER / gone).unlink()
    assert pdf_source.print_state(PATHS, "en", lambda _: []) == "absent"


def test_a_release_holds_the_prints_that_are_current_only(build):
    def printed(*languages: str) -> list[str]:
        found = published_tables.released(PATHS.build, ("en",), printed=languages)
        return [name for name, _ in found if published_tables.may_lack(name)]

    assert printed("en") == ["en/book.pdf", "en/brief.docx", "en/brief.pdf"]
    assert printed("es") == []


TAMPERED = {
    "digit": lambda data: data.replace(b"P", b"Q"),
    "half": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "longer": lambda data: data + b"\n%%EOF",
}


@pytest.mark.parametrize("name", folders.PRINTED)
@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_print_is_refused_and_told(build, name, how, monkeypatch):
    # three prints, four ways each: twelve
    monkeypatch.setattr(publish, "read_study", lambda _: None)
    path = FOLDER / name
    stat = path.stat()
    path.write_bytes(TAMPERED[how](path.read_bytes()))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    for command in (publish.run_publish, verify.run_verify):
        given = argparse.Namespace(**vars(OPTIONS), release="r", draft="yes", check="no")
        disk.write_text(Path("r/SHA256SUMS"), "")
        with pytest.raises(StorageError, match="not what the stage pdf-en wrote") as stopped:
            command(given)
        assert name in str(stopped.value.where)
    assert [(a.path, a.stage) for a in made_files.altered(PATHS.build)] == [(path, "pdf-en")]


def test_prints_that_no_list_names_are_of_nobody_knows_what(build):
    made_files.list_of(PATHS.build, "pdf-en").unlink()
    assert pdf_source.print_state(PATHS, "en", lambda _: []) == "stale"


def test_the_same_pages_are_not_printed_again_where_that_is_asked(build, monkeypatch):
    printed = []

    def prints(*_: object, **__: object) -> tuple[dict[str, bytes], dict[str, str], int]:
        printed.append("once")
        return dict.fromkeys(folders.PRINTED, b"new"), {"printed": "new"}, 3

    monkeypatch.setattr(pdf_source, "printed", prints)
    has_pango(monkeypatch, there=True)
    monkeypatch.setattr(pdf, "checksums", lambda _: [])
    assert "kept: the same pages and phrases" in pdf.run(OPTIONS)
    assert printed == []
    build["page"] = "Another page."
    with made_files.recorded(PATHS.build, "pdf-en"):
        pdf.run(OPTIONS)
    assert printed == ["once"]
    assert disk.read_json(FOLDER / folders.PRINTED_FROM) == {"printed": "new"}
    assert (FOLDER / folders.BRIEF_PDF).read_bytes() == b"new"


def test_a_release_goes_on_where_nothing_can_be_printed(
    build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "checksums", lambda _: [])
    has_pango(monkeypatch, there=False)
    assert "kept: the same pages and phrases" in pdf.run(OPTIONS)
    build["page"] = "Another page."
    assert pdf.run(OPTIONS) == "no prints: Pango is not here; install it"
    assert (FOLDER / folders.BRIEF_PDF).read_bytes() == b"%PDF"


# ---- what the first page links to --------------------------------------------------------------

SPAN = f'{print_links.BEGIN}<a href="../book.pdf">PDF</a>{print_links.END}'
PAGE = f"<p><!--{SPAN}--><a>Data</a></p>"
FIRST = FOLDER / "site" / "index.html"


@pytest.fixture
def site(build, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A build with a site, and a stage ``book`` that makes the same site of any pages."""

    def built(source: Path, output: Path) -> Path:
        disk.write_text(output / "index.html", PAGE)
        disk.write_text(source / "left behind", "")
        disk.write_text(source / "_toc.yml", "root: index\nchapters:\n- file: page\n")
        return output

    monkeypatch.setattr(book, "prepare", pdf_source.prepare)
    monkeypatch.setattr(book, "checksums", lambda _: [])
    monkeypatch.setattr(book, "build", built)
    return build


def test_a_site_links_to_the_prints_of_its_pages(site, monkeypatch: pytest.MonkeyPatch) -> None:
    has_pango(monkeypatch, there=True)
    assert book.run(OPTIONS) == "2 pages"
    assert disk.read_text(FIRST) == f"<p>{SPAN}<a>Data</a></p>"


def test_a_machine_that_cannot_print_builds_the_site_and_says_so(
    site, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_pango(monkeypatch, there=False)
    assert book.run(OPTIONS) == "2 pages; no prints: Pango is not here; install it"


@pytest.mark.parametrize("gone", [folders.BRIEF_PDF, folders.PRINTED_FROM])
def test_a_site_links_to_no_print_that_is_not_there(site, gone):
    (FOLDER / gone).unlink()
    book.run(OPTIONS)
    assert disk.read_text(FIRST) == PAGE


def test_a_site_of_other_pages_links_to_no_print_until_they_are_printed(site, monkeypatch):
    site["page"] = "Another page."
    book.run(OPTIONS)
    assert disk.read_text(FIRST) == PAGE
    new = dict.fromkeys(folders.PRINTED, b"new"), {"printed": "new"}, 3
    monkeypatch.setattr(pdf_source, "printed", lambda *_, **__: new)
    has_pango(monkeypatch, there=True)
    monkeypatch.setattr(pdf, "checksums", lambda _: [])
    pdf.run(OPTIONS)
    assert "<!--" not in disk.read_text(FIRST)
    assert (FOLDER / folders.PRINTED_FROM).stat().st_mtime_ns >= FIRST.stat().st_mtime_ns


@pytest.mark.parametrize("printed", [True, False])
def test_a_release_links_to_the_prints_that_it_holds(printed):
    linked = print_links.with_links(PAGE).encode()
    for page in (PAGE.encode(), linked):
        assert first_page(page, printed=printed) == (linked if printed else PAGE.encode())


# ---- what publish makes of it ------------------------------------------------------------------


def test_stale_prints_are_refused_where_they_can_be_made_anew(monkeypatch) -> None:
    has_pango(monkeypatch, there=True)
    with pytest.raises(StorageError, match="of other pages than the book: es") as stopped:
        publish._check_prints({"en": "current", "es": "stale"})
    assert "make pdf" in str(stopped.value.fix)
    has_pango(monkeypatch, there=False)
    publish._check_prints({"en": "current", "es": "stale"})


def test_a_release_without_prints_or_data_says_so_and_how_to_make_them(monkeypatch) -> None:
    has_pango(monkeypatch, there=False)
    found = Contents(files={}, prints={"en": "absent", "es": "stale"}, public="stale")
    first, second, third = publish.lacking(found, "en")
    assert first == "No PDFs (en): none are printed; Pango is not here; install it"
    assert second.startswith("No PDFs (es): those there are of other pages;")
    assert third.startswith("No public data: those there are of another plan")
    assert third.endswith("make public-data, then publish again")
    whole = Contents(files={}, prints={"en": "current"}, public="current")
    assert publish.lacking(whole, "en") == ()


# ---- what verify makes of it -------------------------------------------------------------------


def release_of(folder: Path, files: dict[str, bytes]) -> argparse.Namespace:
    for name, data in files.items():
        disk.write_bytes(folder / name, data)
    sums = "".join(f"{disk.sha256(folder / name)}  {name}\n" for name in files)
    disk.write_text(folder / "SHA256SUMS", sums)
    return argparse.Namespace(study="x", data_raw="", language="en", release=str(folder))


FILES = {"results.json": b"{}", "en/book.pdf": b"%PDF", "public/panel.csv": b"a\n1\n"}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Pango and without public data."""
    built = Contents(files={"results.json": b"{}"}, prints={"en": "absent"}, public="absent")
    monkeypatch.setattr(verify, "contents", lambda *_: built)
    monkeypatch.setattr(verify, "print_states", lambda _: {})


def test_a_machine_that_prints_nothing_verifies_a_release_with_prints(bare, tmp_path, capsys):
    verify.run_verify(release_of(tmp_path, FILES))
    said = capsys.readouterr().out
    assert "1 files are identical byte for byte" in said
    assert "2 prints or public data are not made here" in said


@pytest.mark.parametrize("name", ["en/book.pdf", "public/panel.csv"])
def test_a_damaged_file_is_named_though_it_is_not_made_here(bare, tmp_path, name):
    options = release_of(tmp_path, FILES)
    disk.write_bytes(tmp_path / name, b"other")
    with pytest.raises(StorageError, match=name):
        verify.run_verify(options)
    (tmp_path / name).unlink()
    with pytest.raises(StorageError, match=name):
        verify.run_verify(options)


CITED = 'commit: "{}"\ndate-released: "2026-11-30"\n'


@pytest.mark.parametrize(
    ("built", "said"),
    [("a" * 40, "build the release's version"), ("b" * 40, f"git switch --detach {'a' * 40}")],
)
def test_the_commit_of_a_release_that_another_version_made_is_named(
    built: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"CITATION.cff": CITED.format(built).encode(), "results.json": b"{}"}
    found = Contents(files=files, prints={}, public="absent")
    monkeypatch.setattr(verify, "contents", lambda *_: found)
    monkeypatch.setattr(verify, "print_states", lambda _: {})
    theirs = {"CITATION.cff": CITED.format("a" * 40).encode(), "results.json": b'{"n": 1}'}
    with pytest.raises(StorageError, match=r"results\.json") as stopped:
        verify.run_verify(release_of(tmp_path, theirs))
    assert said in stopped.value.fix.text("en")
