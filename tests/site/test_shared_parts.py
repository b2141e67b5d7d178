"""Which folder has the pages, styles and chapters that all books share."""

import shutil
from pathlib import Path

import pytest

from evaluation.errors import StorageError
from evaluation.site import shared_parts
from evaluation.site.shared_parts import PARTS, chapter, shared_book
from evaluation.storage import disk

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parts(*names: str) -> None:
    """Empty ones."""
    for name in names:
        Path("book", name).mkdir(parents=True)


def test_a_folder_of_studies_uses_the_programs_and_the_repository_its_own(folder: Path) -> None:
    Path("book", "trial").mkdir(parents=True)
    assert shared_book() == ROOT / "book"
    assert chapter("trial", "data") == ROOT / "notebooks" / "data.ipynb"
    # somebody's own notebook of that name is no chapter
    disk.write_text(folder / "notebooks" / "data.ipynb", "{}")
    assert chapter("trial", "data") == ROOT / "notebooks" / "data.ipynb"
    parts(*PARTS)
    assert shared_book() == Path("book")
    assert chapter("trial", "data") == Path("notebooks/data.ipynb")


def test_a_chapter_of_the_study_comes_first(folder: Path) -> None:
    own = Path("book/trial/notebooks/data.ipynb")
    disk.write_text(folder / own, "{}")
    assert chapter("trial", "data") == own


@pytest.mark.parametrize("lacking", PARTS)
def test_half_a_repository_is_refused_with_what_is_missing(folder: Path, lacking: str) -> None:
    parts(*(name for name in PARTS if name != lacking))
    with pytest.raises(StorageError) as found:
        shared_book()
    assert dict(found.value.problem.parameters) == {"lacking": lacking}
    assert found.value.where == "book"


def test_what_is_copied_from_a_read_only_package_can_be_written(folder: Path) -> None:
    source, target = folder / "package", folder / "source"
    disk.write_text(source / "fonts" / "a.css", "a")
    disk.write_text(source / "__pycache__" / "b.pyc", "b")
    for path in (source / "fonts" / "a.css", source / "fonts", source):
        path.chmod(0o555 if path.is_dir() else 0o444)
    shared_parts.copy(source, target)
    copied = sorted(path.relative_to(target).as_posix() for path in target.rglob("*"))
    assert copied == ["fonts", "fonts/a.css"]
    assert all(path.stat().st_mode & 0o200 for path in (target, *target.rglob("*")))
    (source / "fonts").chmod(0o755)
    source.chmod(0o755)
    shutil.rmtree(source)
