"""What the books of all studies share: common pages, chapters, extension, styles and templates.

A repository of studies has it in ``book/`` and ``notebooks/``, from where it also goes into the
wheel. A folder that has none of it uses the program's.
"""

import shutil
from pathlib import Path

from evaluation.errors import StorageError
from evaluation.storage.folders import BOOK

CHAPTERS = Path("notebooks")
PARTS = ("_config.yml", "_ext", "_print", "_static", "_templates", "common")
# in the wheel below this room, in a checkout below its root
PACKAGED = Path(__file__).with_name("shared")
PROGRAM = PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[2]


def shared_book(book: Path = BOOK) -> Path:
    """The folder with the parts that books share: this one, or the program's.

    Parameters
    ----------
    book : Path
        Folder of a study's own pages, which stand in for common ones of the same name.

    Raises
    ------
    StorageError
        The folder has some of the parts and lacks others: they would be of two versions.
    """
    for folder in (book, PROGRAM / BOOK):
        lacking = [name for name in PARTS if not (folder / name).exists()]
        if not lacking:
            return folder
        if len(lacking) < len(PARTS):
            break
    raise StorageError.of(
        "shared-parts", "shared-parts", book.as_posix(), lacking=", ".join(lacking)
    )


def chapter(study: str, name: str) -> Path:
    """The notebook of a chapter: the study's own, or else the one of all studies.

    Parameters
    ----------
    study : str
        Id of the study.
    name : str
        As the table of contents has it.
    """
    own = BOOK / study / CHAPTERS / f"{name}.ipynb"
    return own if own.is_file() else shared_book().parent / CHAPTERS / own.name


def copy(folder: Path, target: Path) -> None:
    """Copy the files of a part, but not who may write them: an installed package may be read-only.

    Parameters
    ----------
    folder, target : Path
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            copied = target / path.relative_to(folder)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)
