"""Publish and verify: what leaves the machine, and what counts as the same release."""

import argparse
import dataclasses
import datetime
import json
import zipfile
from pathlib import Path

import pytest
import yaml

from evaluation.cli import publish
from evaluation.cli.publish import run_verify
from evaluation.config.decisions import unwritten
from evaluation.config.study import Publication, read_study
from evaluation.config.toml_reader import Text
from evaluation.errors import SpecError, StorageError
from evaluation.release import contents, published_tables
from evaluation.storage import disk
from evaluation.storage.commit import Commit
from tests.pipeline.conftest import ROOT
from tests.pipeline.release_build import CSV, MADE_FROM, change, in_languages


def test_a_release_holds_results_and_site_and_nothing_that_names_a_row_or_place(options):
    publish.run_publish(options)
    names = {p.relative_to("out/v1").as_posix() for p in Path("out/v1").rglob("*") if p.is_file()}
    assert {"SHA256SUMS", "estimates.csv", "en/numbers.json", "en/site/index.html"} <= names
    assert not any("private" in name or "findings" in name or "panel" in name for name in names)


def test_checksums_are_those_of_the_files(options):
    publish.run_publish(options)
    lines = disk.read_text(Path("out/v1/SHA256SUMS")).splitlines()
    assert len(lines) == len(list(Path("out/v1").rglob("*.*"))) == 20
    for line in lines:
        digest, name = line.split("  ")
        assert disk.sha256(Path("out/v1") / name) == digest


def test_the_same_build_verifies(options, capsys):
    publish.run_publish(options)
    run_verify(options)
    assert "20 files are identical byte for byte" in capsys.readouterr().out


def test_last_bits_may_differ_and_ninth_digits_may_not(options):
    # Promise between machines: 1e-9 relative. 0.1234567890123 x (1 + 1e-10) and x (1 + 1e-8)
    publish.run_publish(options)
    change(options, "estimates.csv", CSV.replace("0.1234567890123", "0.12345678902464568"))
    run_verify(options)
    change(options, "estimates.csv", CSV.replace("0.1234567890123", "0.12345679024686789"))
    with pytest.raises(StorageError, match="line 2, column estimate") as caught:
        run_verify(options)
    assert "estimates.csv" in str(caught.value.problem)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("estimates.csv", "study,other\nmade_up,0.1234567890123\n", "different columns"),
        ("estimates.csv", CSV + "made_up,1\n", "3 lines here and 2 there"),
        ("estimates.csv", CSV.replace("made_up", "real"), "column study"),
        ("en/numbers.json", '{"a": 0.6}', "`a`: 0.6 here, 0.5 there"),
        ("en/numbers.json", '{"b": 0.5}', "different keys"),
        ("en/exhibits/tbl-b.csv", CSV, "not in the release"),
    ],
)
def test_other_numbers_are_named(options, name, content, told):
    publish.run_publish(options)
    change(options, name, content)
    with pytest.raises(StorageError) as caught:
        run_verify(options)
    assert told in str(caught.value.problem)
    assert name in str(caught.value.problem)


def test_a_damaged_release_is_named(options):
    publish.run_publish(options)
    disk.write_text(Path("out/v1/estimates.csv"), CSV + " ")
    with pytest.raises(StorageError, match="does not match its SHA256SUMS"):
        run_verify(options)


FOUR = CSV.replace("0.1234567890123", "{}")


@pytest.mark.parametrize(
    ("exact", "there", "passes"),
    [
        # by hand: 0.12345 parts the neighbours; 1e-9 of it is 1.2e-10
        ("0.1234500000001", "0.1234", True),
        ("0.12345001", "0.1234", False),
        ("0.1234500000001", "0.1236", False),
    ],
)
def test_four_digits_are_judged_by_the_number_before_it_was_rounded(
    options, monkeypatch, capsys, exact, there, passes
):
    for name in published_tables.RECORDS:
        if name.endswith(".csv"):
            change(options, name, FOUR.format(there))
    change(options, "en/exhibits/tbl-a.csv", FOUR.format("0.1234"))
    publish.run_publish(options)
    change(options, "estimates.csv", FOUR.format("0.1235"))
    unrounded = FOUR.format(exact).encode()
    monkeypatch.setattr(publish, "published", lambda *_, **__: {"estimates.csv": unrounded})
    if passes:
        run_verify(options)
        assert "1 lie on a rounding boundary" in capsys.readouterr().out
    else:
        with pytest.raises(StorageError, match=r"estimates\.csv: line 2, column estimate"):
            run_verify(options)


@pytest.mark.parametrize(
    ("name", "there", "told"),
    [
        ("en/site/index.html", "<html>0.42</html>\n", "the number 0.41 here, 0.42 there"),
        ("en/site/index.html", "<html>0.41 SD</html>\n", "the words differ"),
        ("en/notebooks/a.ipynb", '{"a": 0.5}\n', "the number - here, 0.5 there"),
        ("README.md", "# Another\n", "README.md: the words differ"),
    ],
)
def test_a_page_with_other_words_is_refused_though_its_sum_is_right(options, name, there, told):
    change(options, "en/site/index.html", "<html>0.41</html>\n")
    publish.run_publish(options)
    release, path = Path("out/v1"), Path("out/v1", name)
    before = disk.sha256(path)
    path.write_text(there)
    sums = (release / "SHA256SUMS").read_text()
    assert before in sums
    (release / "SHA256SUMS").write_text(sums.replace(before, disk.sha256(path)))
    with pytest.raises(StorageError) as caught:
        run_verify(options)
    assert told in str(caught.value.problem)
    assert name in str(caught.value.problem)


def test_workbooks_of_the_same_cells_are_told_and_accepted(options, capsys):
    path = Path("build/made_up/en/exhibits/tbl-a.xlsx")
    for packed in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(path, "w", packed) as book:
            book.writestr("sheet.xml", "<c><v>0.41</v></c>")
        if packed == zipfile.ZIP_STORED:
            publish.run_publish(options)
    run_verify(options)
    assert "tbl-a.xlsx" in capsys.readouterr().out


def test_sums_and_sizes_of_files_are_not_results(options):
    left, right = ({"files": [{"name": "a", "sha256": s, "bytes": int(s)}]} for s in ("0", "1"))
    assert (
        published_tables.difference("a.json", json.dumps(left).encode(), json.dumps(right).encode())
        is None
    )


@pytest.mark.parametrize("folder", ["", "build"])
def test_publishing_over_something_else_is_refused(options, folder):
    options.release = folder
    with pytest.raises(StorageError):
        publish.run_publish(options)
    assert not Path("build/SHA256SUMS").exists()


def test_a_release_that_is_not_one_is_refused(options):
    options.release = "nowhere"
    with pytest.raises(StorageError, match="SHA256SUMS"):
        run_verify(options)


def test_every_language_of_the_study_is_in_the_release(options):
    study = Path("config/made_up/study.toml")
    disk.write_text(study, in_languages("en", "es"))
    with pytest.raises(StorageError, match="does not exist"):
        publish.run_publish(options)
    disk.write_text(Path("build/made_up/es/numbers.json"), '{"a": 0.5}\n')
    disk.write_text(Path("build/made_up/es/site/index.html"), "<html></html>\n")
    publish.run_publish(options)
    assert Path("out/v1/es/site/index.html").is_file()
    disk.write_text(study, in_languages("es"))
    with pytest.raises(SpecError, match="languages"):
        run_verify(options)


def test_an_unfinished_build_publishes_nothing(options):
    Path("build/made_up/en/numbers.json").unlink()
    with pytest.raises(StorageError, match="does not exist"):
        publish.run_publish(options)
    assert not Path("out").exists()


def test_a_release_of_other_data_is_replaced_only_on_demand(options):
    publish.run_publish(options)
    first = disk.read_bytes(Path("out/v1/results.json"))
    change(options, "results.json", json.dumps(MADE_FROM | {"data_hash": "other"}))
    with pytest.raises(StorageError, match="another data checksum") as stopped:
        publish.run_publish(options)
    assert "--replace yes" in str(stopped.value.fix)
    assert disk.read_bytes(Path("out/v1/results.json")) == first
    options.replace = "yes"
    publish.run_publish(options)
    assert disk.read_bytes(Path("out/v1/results.json")) != first


def test_a_release_says_how_it_is_cited_and_its_pages_are_listed(options):
    publish.run_publish(options)
    text = disk.read_text(Path("out/v1/CITATION.cff"))
    # this folder is no checkout, so that there is no day and no commit
    assert text.startswith('cff-version: "1.2.0"\nmessage: "[SYNTHETIC DATA')
    assert "date-released" not in text
    assert disk.read_text(Path("book/published_pages.txt")) == "made_up index\n"


TODAY = datetime.date(2026, 12, 2)
CFF_KEYS = {
    "cff-version", "message", "type", "title", "abstract", "version", "date-released", "commit",
    "license", "authors", "identifiers", "preferred-citation",
}  # fmt: skip


@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_the_citation_file_follows_the_format(study):
    # Source of the rules: Citation File Format 1.2.0 (doi 10.5281/zenodo.5171937): required are
    # cff-version, message, title and authors; type is software or dataset; date-released is
    # YYYY-MM-DD; commit has 40 hexadecimal digits at most; license is an SPDX id.
    commit = Commit("c" * 40, datetime.date(2026, 11, 25), changed=False)
    read = read_study(ROOT / "config" / study)
    text = contents.citation(read, MADE_FROM, commit)
    found = yaml.safe_load(text)
    assert set(found) == CFF_KEYS
    assert (found["cff-version"], found["type"], found["license"]) == (
        "1.2.0", "dataset", "CC-BY-4.0",
    )  # fmt: skip
    assert found["date-released"] == "2026-11-25"
    assert found["commit"] == "c" * 40
    assert found["version"] == "1.2.3"
    about = read.publication
    assert found["authors"] == [{"name": name} for name in about.authors_in("en")]
    assert found["preferred-citation"] == {
        "type": "report",
        "title": "[SYNTHETIC DATA \N{EN DASH} DO NOT CITE] " * read.synthetic
        + read.citation.en.rstrip("."),
        "authors": found["authors"],
        "institution": {"name": about.institution.en},
        "year": about.year,
        "version": "1.2.3",
    }
    assert found["identifiers"][0]["value"] == f"sha256:{'b' * 64}"
    marked = found["title"].startswith("[SYNTHETIC DATA \N{EN DASH} DO NOT CITE] ")
    assert marked is read.synthetic
    assert found["message"].startswith("[SYNTHETIC") is read.synthetic


def test_a_release_for_which_nobody_answers_stops_and_names_the_keys():
    read = dataclasses.replace(read_study(ROOT / "config" / "medellin"), publication=None)
    with pytest.raises(StorageError, match=r"study\.toml has no \[publication\]") as caught:
        contents.citation(read, MADE_FROM, None)
    assert "medellin/study.toml" in str(caught.value)
    keys = {key.name for key in dataclasses.fields(Publication)} - {"url", "doi", "errors"}
    assert [key for key in sorted(keys) if key not in caught.value.fix.text("en")] == []


def test_a_licence_that_nobody_declared_is_in_no_citation_file():
    read = read_study(ROOT / "config" / "medellin")
    for licence, said in (
        (None, None), (Text(en="CC BY-NC 4.0", es="x"), "CC-BY-NC-4.0"),
        (Text(en="Ask the ministry.", es="x"), None),
    ):  # fmt: skip
        about = dataclasses.replace(read.publication, licence=licence)
        changed = dataclasses.replace(read, publication=about)
        found = yaml.safe_load(contents.citation(changed, MADE_FROM, None))
        assert found.get("license") == said


def test_a_book_that_is_still_a_draft_is_not_released_and_its_pages_are_named(options):
    page, labels = Path("book/made_up/index.md"), Path("config/made_up/dictionary/1.toml")
    disk.write_text(page, "# Start\n\n*A draft: say here what was done.* And more.\n")
    disk.write_text(labels, "# translate: label\nlabel = 1\n# translate: label\n")
    with pytest.raises(StorageError, match="still a draft") as caught:
        publish.run_publish(options)
    assert f"{page.as_posix()}: 1 x *A draft" in str(caught.value)
    # a book in English alone waits for no translator
    assert "translate" not in caught.value.problem.text("en")
    assert not Path("out/v1").exists()
    disk.write_text(page, "# Start\n\nWhat was done.\n")
    publish.run_publish(options)
    study = Path("config/made_up/study.toml")
    disk.write_text(study, in_languages("en", "es"))
    with pytest.raises(StorageError, match=f"{labels.as_posix()}: 2 x # translate:"):
        publish.run_publish(options)


def test_a_draft_is_written_for_comparing_alone(options, capsys):
    page, study = Path("book/made_up/index.md"), Path("config/made_up/study.toml")
    disk.write_text(page, "# Start\n\n*A draft: say here what was done.*\n")
    text = disk.read_text(study)
    answered = text[text.index("[publication]") :].split("\n\n")[0]
    disk.write_text(study, text.replace(answered, ""))
    # what stops it is said without a build
    for path in Path("build/made_up").glob("*.csv"):
        path.unlink()
    options.check = "yes"
    with pytest.raises(StorageError, match="still a draft"):
        publish.run_publish(options)
    disk.write_text(page, "# Start\n")
    with pytest.raises(StorageError, match=r"no \[publication\]"):
        publish.run_publish(options)
    options.draft = "yes"
    publish.run_publish(options)
    assert not Path("out/v1").exists()
    assert capsys.readouterr().out == ""


def test_a_draft_has_no_citation_and_takes_no_releases_place(options, capsys):
    disk.write_text(Path("book/made_up/index.md"), "# Start\n\n*A draft: say what was done.*\n")
    options.draft = "yes"
    publish.run_publish(options)
    assert "for python -m evaluation compare --base out/v1 alone" in capsys.readouterr().out
    names = {p.relative_to("out/v1").as_posix() for p in Path("out/v1").rglob("*") if p.is_file()}
    assert {"SHA256SUMS", "estimates.csv", "en/site/index.html"} <= names
    assert contents.CITATION not in names
    said = disk.read_text(Path("out/v1/README.md"))
    assert "A DRAFT" in said
    assert contents.CITATION not in said
    # no address of its pages was promised
    assert not Path("book/published_pages.txt").exists()
    publish.run_publish(options)
    disk.write_text(Path("book/made_up/index.md"), "# Start\n")
    options.draft = "no"
    publish.run_publish(options)
    assert Path("out/v1", contents.CITATION).is_file()
    assert "A DRAFT" not in disk.read_text(Path("out/v1/README.md"))
    options.draft = "yes"
    with pytest.raises(StorageError, match="a release stands there"):
        publish.run_publish(options)


def test_every_drafted_page_is_seen_as_one():
    drafts = ROOT / "evaluation" / "fieldwork" / "new_study"
    pages = [p for p in drafts.glob("*.md") if "draft" in p.read_text(encoding="utf-8")]
    assert len(pages) == 7
    assert [p.name for p in pages if not unwritten(p.read_text(encoding="utf-8"))] == []


def test_the_folder_has_two_names():
    parser = argparse.ArgumentParser()
    publish.add_publish_arguments(parser)
    for name in ("--dest", "--release"):
        assert parser.parse_args([name, "out/v2"]).release == "out/v2"


def state(folder: Path) -> dict[Path, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_publishing_leaves_a_committed_tree_clean(options, monkeypatch):
    """The list is made before anything is built; under version control it is committed first."""
    monkeypatch.setattr(publish, "read_commit", lambda _: Commit("c" * 40, TODAY, changed=False))
    options.check = "yes"
    with pytest.raises(StorageError, match="1 pages that were never published") as stopped:
        publish.run_publish(options)
    assert stopped.value.where == "book/published_pages.txt"
    before = disk.read_bytes(Path("book/published_pages.txt"))
    options.check = "no"
    publish.run_publish(options)
    first = state(Path("out"))
    publish.run_publish(options)
    # neither bytes nor times
    assert state(Path("out")) == first
    extra = Path("out/v1/extra.txt")
    extra.write_text("planted")
    publish.run_publish(options)
    assert not extra.exists()
    assert disk.read_bytes(Path("book/published_pages.txt")) == before
