"""Chapters of a book, and the folder in which they run.

A chapter runs in a copy of what the book publishes, outside of the repository: neither
``data_clean/`` nor ``private/`` is there. This keeps respondents' rows out of a chapter that reads
them without thinking of it. It is a fence and no sandbox: code that looks for the repository finds
it. A chapter that a person has signed in ``audit.toml`` runs in the repository's folder.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import evaluation
from evaluation.site.execution import execute_each
from evaluation.site.shared_parts import chapter
from evaluation.storage import disk
from evaluation.storage.folders import Paths


@contextlib.contextmanager
def published_copy(paths: Paths, language: str) -> Iterator[Path]:
    """A folder with the exhibits and numbers of a study in a language, and nothing else.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.

    Raises
    ------
    StorageError
        A file is not what its stage wrote.
    """
    source = paths.language(language)
    with TemporaryDirectory(prefix="chapters-") as folder:
        for path in (*sorted(source.glob("exhibits/*")), source / "numbers.json"):
            if path.is_file():
                copied = Path(folder, path)
                copied.parent.mkdir(parents=True, exist_ok=True)
                copied.write_bytes(disk.read_bytes(path))
        yield Path(folder)


def executed(
    names: Sequence[str], paths: Paths, language: str, signed: Sequence[str]
) -> Iterator[tuple[str, Any]]:
    """Run chapters: those that nobody signed in the copy, the others in the repository's folder.

    Parameters
    ----------
    names : sequence of str
        Of the chapters.
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.
    signed : sequence of str
        Chapters that may read the clean rows.

    Yields
    ------
    (str, nbformat.NotebookNode)
        Name and notebook with outputs.

    Raises
    ------
    ReportError
        Names the notebook, the cell and what it said.
    """
    study = paths.config.name
    root = Path(evaluation.__file__).resolve().parents[1].as_posix()
    settings = {"EVAL_STUDY": study, "EVAL_LANG": language, "PYTHONPATH": root}
    with published_copy(paths, language) as copied:
        for folder, is_signed in ((copied, False), (Path(), True)):
            listed = [name for name in names if (name in signed) is is_signed]
            if is_signed and listed:
                # read by another process, the kernel: what these are made from is noted here
                for path in sorted(paths.clean.glob("*.parquet")):
                    disk.read_bytes(path)
            each = execute_each([chapter(study, name) for name in listed], settings, folder)
            yield from zip(listed, each, strict=True)
