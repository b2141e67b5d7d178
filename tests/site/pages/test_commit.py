"""Which commit a book was built from: a checkout, one with changes, an archive, or none."""

import datetime
import subprocess
from pathlib import Path

import pytest

from evaluation.storage.commit import ARCHIVAL, Commit, read_commit
from tests.site.conftest import REPOSITORY

DAY = "2025-03-02T23:30:00-05:00"


def git(folder: Path, *arguments: str) -> str:
    around = {
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "HOME": str(folder),
        "GIT_AUTHOR_DATE": DAY,
        "GIT_COMMITTER_DATE": DAY,
    }
    identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    finished = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder, env=around, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return finished.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit, made late in the evening in Colombia."""
    folder = tmp_path / "tree ñ"
    folder.mkdir()
    (folder / "page.md").write_text("one\n", encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "page.md")
    git(folder, "commit", "--quiet", "--message", "one")
    return folder


def test_a_clean_checkout_is_its_commit_on_the_committers_day(checkout):
    found = read_commit(checkout)
    # in UTC it was the third of March already; all clones say the same day
    expected = Commit(git(checkout, "rev-parse", "HEAD"), datetime.date(2025, 3, 2), changed=False)
    assert found == expected
    (checkout / "notes.txt").write_text("not tracked\n", encoding="utf-8")
    assert read_commit(checkout) == expected


def test_changed_tracked_files_are_told(checkout):
    (checkout / "page.md").write_text("two\n", encoding="utf-8")
    found = read_commit(checkout)
    assert found is not None
    assert found.changed


def test_a_list_of_releases_makes_no_other_version(checkout):
    """Neither while it waits to be committed nor after: publishing twice changes nothing."""
    before = read_commit(checkout)
    listed = checkout / "config" / "a_study" / "releases.toml"
    listed.parent.mkdir(parents=True)
    for line in ("one", "two"):
        listed.write_text(f"# {line}\n", encoding="utf-8")
        assert read_commit(checkout) == before
        git(checkout, "add", "config")
        assert read_commit(checkout) == before
        git(checkout, "commit", "--quiet", "--message", line)
        assert read_commit(checkout) == before
    (checkout / "page.md").write_text("two\n", encoding="utf-8")
    git(checkout, "commit", "--quiet", "--all", "--message", "a page")
    after = read_commit(checkout)
    assert after is not None
    assert after.id == git(checkout, "rev-parse", "HEAD")


def test_two_clones_are_the_same(checkout, tmp_path):
    for name in ("first", "second clone"):
        git(tmp_path, "clone", "--quiet", str(checkout), name)
    assert read_commit(tmp_path / "first") == read_commit(tmp_path / "second clone")


def test_a_folder_inside_another_projects_checkout_is_not_that_project(checkout):
    inside = checkout / "unpacked"
    inside.mkdir()
    assert read_commit(inside) is None


def test_an_archive_of_the_tree_knows_its_commit(checkout, tmp_path):
    for name in (".gitattributes", ARCHIVAL.name):
        (checkout / name).write_bytes((REPOSITORY / name).read_bytes())
    git(checkout, "add", ".gitattributes", ARCHIVAL.name)
    git(checkout, "commit", "--quiet", "--message", "two")
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    git(checkout, "archive", "--output", str(tmp_path / "tree.tar"), "HEAD")
    subprocess.run(["tar", "-xf", str(tmp_path / "tree.tar"), "-C", str(unpacked)], check=True)
    name = git(checkout, "rev-parse", "HEAD")
    assert read_commit(unpacked) == Commit(name, datetime.date(2025, 3, 2), changed=False)


@pytest.mark.parametrize("content", [None, "node: $Format:%H$\ndate: $Format:%cs$\n"])
def test_without_git_and_archive_there_is_no_commit(tmp_path, content):
    if content is not None:
        (tmp_path / ARCHIVAL.name).write_text(content, encoding="utf-8")
    assert read_commit(tmp_path) is None


def test_without_the_program_git_there_is_no_commit(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert read_commit(checkout) is None
