"""What the stages left is what they wrote: edits, cuts and losses are found wherever it is read."""

import contextlib
import hashlib
import os
from pathlib import Path

import pytest

from evaluation.__main__ import main
from evaluation.errors import StorageError
from evaluation.storage import disk, made_files
from tests.fixtures.tiny import Tiny

BUILD = Path("build/tiny")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(stage: str) -> dict[str, str]:
    text = (BUILD / "private" / "made" / f"{stage}.sha256").read_text("utf-8")
    return {name: digest for digest, name in (line.split("  ", 1) for line in text.splitlines())}


def written(stage: str = "estimate", content: str = "n\n12\n") -> Path:
    path = BUILD / "estimates.csv"
    with made_files.recorded(BUILD, stage):
        disk.write_text(path, content)
    return path


@pytest.mark.usefixtures("here")
def test_the_list_is_that_of_sha256sum():
    path = written()
    digest = hashlib.sha256(b"n\n12\n").hexdigest()
    assert listed("estimate") == {path.as_posix(): digest}
    assert disk.read_text(path) == "n\n12\n"
    assert made_files.altered(BUILD) == []


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("content", ["n\n13\n", "n\n1", "", "n\n12\n\n"])
@pytest.mark.parametrize("relative", [True, False])
def test_a_digit_that_was_changed_or_a_cut_is_refused_by_name(content, relative):
    path = written()
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StorageError, match=r"not what the stage estimate wrote") as caught:
        disk.read_text(path if relative else path.absolute())
    assert "estimates.csv" in str(caught.value.where)
    assert "evaluation repair" in str(caught.value.fix)
    assert [(a.path, a.stage, a.missing) for a in made_files.altered(BUILD)] == [
        (path, "estimate", False)
    ]


@pytest.mark.usefixtures("here")
def test_a_file_that_is_gone_is_found_and_what_no_stage_wrote_is_read():
    path = written()
    disk.write_text(BUILD / "notes.csv", "mine")
    (BUILD / "notes.csv").write_text("other", encoding="utf-8")
    assert disk.read_text(BUILD / "notes.csv") == "other"
    path.unlink()
    assert [(a.path, a.missing) for a in made_files.altered(BUILD)] == [(path, True)]


@pytest.mark.usefixtures("here")
def test_the_stage_that_wrote_a_file_may_write_it_anew():
    written()
    path = written(content="n\n14\n")
    assert disk.read_text(path) == "n\n14\n"


@pytest.mark.usefixtures("here")
def test_what_a_run_leaves_as_it_was_stays_in_the_list_and_what_it_removes_does_not():
    one, two = BUILD / "one.csv", Path("data_clean/tiny/two.csv")
    with made_files.recorded(BUILD, "clean"):
        for path in (one, two):
            disk.write_text(path, path.stem)
        # another study's, and a temporary one, belong to nobody's list
        disk.write_text(Path("build/other/x.csv"), "x")
    with made_files.recorded(BUILD, "clean"):
        one.unlink()
    assert set(listed("clean")) == {two.as_posix()}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("wrote", [True, False])
def test_a_stage_that_stops_after_it_has_written_has_no_list(wrote):
    path = written()
    with contextlib.suppress(RuntimeError), made_files.recorded(BUILD, "estimate"):
        if wrote:
            disk.write_text(path, "n\n15\n")
            # it may read what it wrote
            assert disk.read_text(path) == "n\n15\n"
        raise RuntimeError
    assert (BUILD / "private" / "made" / "estimate.sha256").exists() is not wrote


@pytest.mark.usefixtures("here")
def test_a_folder_that_is_put_in_place_is_listed_under_its_last_name():
    site = BUILD / "en" / "site"
    with made_files.recorded(BUILD, "book-en"):
        disk.write_folder(site, {"index.html": b"page", "deep.css": b"style"})
    assert set(listed("book-en")) == {f"{site.as_posix()}/{n}" for n in ("index.html", "deep.css")}


@pytest.mark.usefixtures("here")
def test_a_print_that_links_itself_into_a_page_leaves_it_as_written():
    page = BUILD / "en" / "site" / "index.html"
    with made_files.recorded(BUILD, "book-en"):
        disk.write_text(page, "<p><!-- print --></p>")
    there = BUILD / "private" / "made" / "book-en.sha256"
    before = there.stat().st_mtime_ns
    disk.write_text(page, "<p><!-- PRINT --></p>")
    assert [a.path for a in made_files.altered(BUILD)] == [page]
    made_files.amend(page)
    assert made_files.altered(BUILD) == []
    assert disk.read_text(page) == "<p><!-- PRINT --></p>"
    # Make would build again what is older than the list
    assert there.stat().st_mtime_ns == before
    # what no stage wrote has no sum
    made_files.amend(BUILD / "en" / "notes.html")


def test_a_stage_that_amends_a_page_does_not_list_the_page_or_its_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The book is made again after its prints: its list is another, and that is no damage."""
    monkeypatch.chdir(tmp_path)
    page = BUILD / "en" / "site" / "index.html"
    for text in ("first", "second"):
        with made_files.recorded(BUILD, "book-en"):
            disk.write_text(page, text)
        assert made_files.altered(BUILD) == []
        with made_files.recorded(BUILD, "pdf-en"):
            disk.write_text(BUILD / "en" / "book.pdf", text)
            disk.write_text(page, f"{text}, with a link")
            made_files.amend(page)
        assert set(listed("pdf-en")) == {"build/tiny/en/book.pdf"}
    assert made_files.altered(BUILD) == []


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    made = Tiny(tmp_path_factory.mktemp("made"))
    made.write()
    with contextlib.chdir(made.root):
        for stage in ("read", "clean"):
            assert main([stage, "--study", "tiny"]) == 0
    return made


def test_every_file_that_a_stage_leaves_is_in_its_list(finished):
    with contextlib.chdir(finished.root):
        names = {n for stage in ("read", "clean") for n in listed(stage)}
        there = {
            path.as_posix()
            for top in (BUILD, Path("data_clean/tiny"))
            for path in top.rglob("*")
            if path.is_file() and path.parent.name != "made"
        }
    assert there == names


@pytest.mark.parametrize(
    ("name", "stage", "maker"),
    [
        ("build/tiny/private/findings_read.csv", "clean", "read"),
        ("data_clean/tiny/panel.parquet", "estimate", "clean"),
        ("build/tiny/provenance.json", "clean", "read"),
    ],
)
def test_a_stage_stops_at_an_altered_input(
    finished, tmp_path, monkeypatch, capsys, name, stage, maker
):
    study = finished.copied(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = study.root / name
    path.write_bytes(path.read_bytes()[:-1])
    assert main([stage, "--study", "tiny"]) == 1
    said = capsys.readouterr().err
    assert f"{name}: the file is not what the stage {maker} wrote" in said
    assert main(["status", "--study", "tiny"]) == 0
    assert f"not as written: {name} ({maker})" in capsys.readouterr().out
    assert main(["repair", "--study", "tiny"]) == 0
    assert not path.exists()
    assert not (BUILD / "private" / "made" / f"{maker}.sha256").exists()
    assert main([maker, "--study", "tiny"]) == 0
    main([stage, "--study", "tiny"])
    assert "not what" not in capsys.readouterr().err


# ---- what a stage was made from ---------------------------------------------------------------

PAGE = BUILD / "en" / "page.html"


def made_from_estimates() -> Path:
    """Estimates, and a page that a later stage made from them."""
    source = written()
    with made_files.recorded(BUILD, "book-en"):
        disk.copy(source, PAGE)
    return source


@pytest.mark.usefixtures("here")
def test_a_copy_passes_on_only_what_a_stage_wrote():
    source = made_from_estimates()
    before, stat = PAGE.read_bytes(), source.stat()
    source.write_text("n\n13\n", encoding="utf-8")
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with (
        pytest.raises(StorageError, match="not what the stage estimate wrote"),
        made_files.recorded(BUILD, "book-en"),
    ):
        disk.copy(source, PAGE)
    assert PAGE.read_bytes() == before
    source.write_text("n\n12\n", encoding="utf-8")
    made_files.refuse_altered(BUILD)


@pytest.mark.usefixtures("here")
def test_what_was_made_from_another_version_is_found_though_all_are_as_written():
    made_from_estimates()
    # the stage before ran again, and the one after it did not
    written(content="n\n14\n")
    (found,) = made_files.altered(BUILD)
    assert (found.stage, found.why, found.missing) == ("book-en", "source", False)
    with pytest.raises(StorageError, match="book-en was made from another version"):
        made_files.refuse_altered(BUILD)
    made_files.forget(BUILD, [found])
    assert (BUILD / "estimates.csv").is_file(), "what it was made from is as written"
    assert not made_files.list_of(BUILD, "book-en").exists()
    made_from_estimates()
    made_files.refuse_altered(BUILD)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("killed", [True, False])
def test_nothing_of_a_stage_that_stopped_is_read_until_it_has_run(killed):
    path, other = BUILD / "estimates.csv", BUILD / "chances.csv"
    with contextlib.suppress(RuntimeError), made_files.recorded(BUILD, "estimate"):
        disk.write_text(path, "n\n15\n")
        raise RuntimeError
    if killed:
        # nothing was left to take the list away
        disk.write_text(BUILD / "private" / "made" / "estimate.sha256", "")
    with pytest.raises(StorageError, match="stage estimate stopped before it was finished"):
        disk.read_text(path)
    assert [(a.path, a.why) for a in made_files.altered(BUILD)] == [(path, "begun")]
    with made_files.recorded(BUILD, "estimate"):
        disk.write_text(path, "n\n16\n")
        disk.write_text(other, "c\n")
    assert disk.read_text(path) == "n\n16\n"
    assert made_files.altered(BUILD) == []


@pytest.mark.usefixtures("here")
def test_a_stage_that_stopped_over_temporary_files_leaves_its_last_result():
    made_from_estimates()
    with (
        contextlib.suppress(RuntimeError),
        made_files.recorded(BUILD, "book-en"),
        disk.scratch(BUILD, "book") as work,
    ):
        disk.write_text(work / "page.html", "other")
        raise RuntimeError
    assert made_files.are_whole(BUILD, "book-en")
    assert made_files.altered(BUILD) == []
