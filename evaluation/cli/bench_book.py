"""What ``bench`` makes again of the book, and the bare Jupyter Book that it stands beside."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation import io
from evaluation.cli.book import JUPYTER_BOOK
from evaluation.locale.messages import wording

PAGE = "book/common/glossary.md"
# As many jobs as the processors that the targets are stated for.
JOBS = "--jobs=2"


def remade(
    target: Sequence[str], study: str, language: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of everything that Make is told to make again.

    Parameters
    ----------
    target : sequence of str
        Make and the settings that name the study.
    study : str
        Its name.
    language : {"en", "es"}
        Of the names.
    """
    table = f"config/{study}/exhibits.toml"
    return (
        (wording("bench.html", language), (*target, JOBS, f"--what-if={table}", "book")),
        (wording("bench.prose", language), (*target, JOBS, f"--what-if={PAGE}", "book")),
        (wording("bench.pdf", language), (*target, JOBS, "--what-if=book/_print/print.css", "pdf")),
    )


def bare_book(executed: Path, folder: Path) -> tuple[str, ...]:
    """A Jupyter Book of the same executed notebooks and nothing else: its command line.

    Parameters
    ----------
    executed : Path
        Folder of the notebooks.
    folder : Path
        Empty folder to write into.
    """
    source = folder / "source"
    source.mkdir()
    names = sorted(path.stem for path in executed.glob("*.ipynb"))
    for name in names:
        shutil.copyfile(executed / f"{name}.ipynb", source / f"{name}.ipynb")
    files = "".join(f"  - file: {name}\n" for name in names)
    io.write_text(source / "_config.yml", 'title: Bare\nexecute:\n  execute_notebooks: "off"\n')
    io.write_text(source / "_toc.yml", f"format: jb-book\nroot: index\nchapters:\n{files}")
    io.write_text(source / "index.md", "# Bare\n")
    arguments = ("build", str(source), "--path-output", str(folder / "output"), "-q")
    return (sys.executable, "-c", JUPYTER_BOOK, *arguments)
