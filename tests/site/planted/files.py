"""Faults in files of the book and in notebooks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.site.planted.kinds import NUMBERS, OWN, TARGET, InFiles, InNotebook

TABLE = "book/_toc.small.yml"
OTHER_HASH = "c" * 64


def writes(name: str, text: str) -> Callable[[Path], Any]:
    """A file with this text."""
    return lambda folder: (folder / name).write_text(text, encoding="utf-8")


def appends(name: str, text: str) -> Callable[[Path], Any]:
    """This text at the end of a file."""

    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


def stale_exhibit(folder: Path) -> None:
    """A table of another plan."""
    path = folder / "results" / "exhibits" / "tbl-small.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | {"plan_hash": OTHER_HASH}), encoding="utf-8")


def stale_notebook(folder: Path) -> None:
    """A chapter that was executed on other data."""
    made_from = {"plan_hash": "a" * 64, "data_hash": OTHER_HASH}
    old = {"cells": [], "metadata": {"evaluation": made_from}, "nbformat": 4, "nbformat_minor": 5}
    writes("results/notebooks/old.ipynb", json.dumps(old))(folder)
    appends(TABLE, "  - file: notebooks/old\n")(folder)


def code(*sources: str, **more: Any) -> tuple[dict[str, Any], ...]:
    """Cells of code with ids in words."""
    return tuple(
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": source}
        | {"outputs": [], "execution_count": None}
        | more
        for number, source in enumerate(sources, start=1)
    )


RESULTS = "from evaluation.site.notebooks import Results; from pathlib import Path"
WITHOUT_ID = tuple({k: v for k, v in c.items() if k != "id"} for c in code("1"))

# what is looked at before the pages are built
BEFORE = (
    InFiles(
        words="a page that is in no table of contents",
        plant=writes("book/common/lost.md", "# Lost\n"),
        said="in no table of contents",
        fix="_toc.small.yml",
        where="book/common/lost.md",
        line=0,
    ),
    InFiles(
        words="a table of contents that names no page",
        plant=appends(TABLE, "  - file: nothing\n"),
        said="nothing",
        fix=TARGET,
        where="book/_toc.small.yml",
    ),
    InFiles(
        words="a stale exhibit: made from another plan",
        plant=stale_exhibit,
        said="another plan checksum",
        fix="make the exhibits again",
        where="tbl-small.json",
        line=0,
    ),
    InFiles(
        words="a stale notebook: executed on other data",
        plant=stale_notebook,
        said="another data checksum",
        fix="execute it again",
        where="old.ipynb",
        line=0,
    ),
)
# what the strict build alone can say: a build for each
BUILT = (
    InFiles(
        words="a table of contents that is not well written",
        plant=appends(TABLE, "  - fle: list\n"),
        rule="contents",
        said="chapters/1",
        fix="_toc.<study>.yml",
        where="_toc.yml",
        line=0,
    ),
)
# what the finished site is read for, beside its pages
SHEETS = (
    InFiles(
        words="a style sheet that imports from outside",
        plant=writes("book/_static/importing.css", '\n@import url("http://example.org/a.css");\n'),
        rule="outside",
        said="http://example.org/a.css",
        fix=OWN,
        where="_static/importing.css",
        line=2,
    ),
    InFiles(
        words="a style sheet that shows a picture from outside",
        plant=writes("book/_static/showing.css", ".a{background:url(https://example.org/a.png)}"),
        rule="outside",
        said="https://example.org/a.png",
        fix=OWN,
        where="_static/showing.css",
        line=1,
    ),
    InFiles(
        words="a style sheet that names a file that does not exist",
        plant=writes("book/_static/naming.css", "/*\n*/\n.a{background:url('none.png')}"),
        rule="style",
        said="none.png",
        fix=OWN,
        where="_static/naming.css",
        line=3,
    ),
)
NOTEBOOKS = (
    InNotebook(
        words="a cell that raises",
        cells=code("x = 1", "raise ValueError('no such column')", "x"),
        said="ValueError: no such column",
        fix="fix the cell",
        where="cell cell-2",
        line=0,
    ),
    InNotebook(
        words="a cell that warns",
        cells=code("import warnings; warnings.warn('deprecated thing')"),
        said="deprecated thing",
        fix="fix what it warns about",
        where="cell cell-1",
        line=0,
    ),
    InNotebook(
        words="a cell that asks for an exhibit that does not exist",
        cells=code(f"{RESULTS}; Results(Path('build'), 'en').table('tbl-absent')"),
        said="there is no exhibit `tbl-absent`",
        fix="fix the cell",
        where="cell cell-1",
        line=0,
    ),
    InNotebook(
        words="a cell without an id",
        cells=WITHOUT_ID,
        said="no id",
        fix="give it one in words",
        where="cell 1",
        line=0,
    ),
    InNotebook(
        words="two cells with one id",
        cells=code("1") + code("2"),
        said="of another one",
        fix="give it one in words",
        where="cell 2",
        line=0,
    ),
)


def chapter(*cells: dict[str, Any]) -> str:
    """Text of a notebook that is in a book, executed on its results."""
    made_from = {"plan_hash": "a" * 64, "data_hash": "b" * 64}
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "evaluation": made_from,
    }
    return json.dumps(
        {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def markdown(text: str) -> dict[str, Any]:
    """A cell of prose."""
    return {"cell_type": "markdown", "id": "what-it-says", "metadata": {}, "source": text}


def shown(html: str) -> dict[str, Any]:
    """A cell that displayed raw HTML."""
    display = {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}
    (cell,) = code("show()", outputs=[display])
    return cell


# chapters of the book: what its strict build sees, and what only the finished page shows
CHAPTERS = (
    InNotebook(
        words="a number typed in a cell of prose",
        cells=(markdown("# Title\n\nIt fell by 3 points."),),
        rule="digit",
        said="3",
        fix="{val}",
        where="cell what-it-says:3",
        line=0,
    ),
    InNotebook(
        words="a number that does not exist, in a cell of prose",
        cells=(markdown("# Title\n\nIt is {val}`tbl-small.nobody.mean`."),),
        rule="number",
        said="tbl-small.nobody.mean",
        fix=NUMBERS,
        where="cell what-it-says",
        line=0,
    ),
)
RAW_CHAPTERS = (
    InNotebook(
        words="a cell that shows raw HTML: an image without alternative text",
        cells=(markdown("# Title"), shown('<img src="../_static/shown.svg">')),
        rule="alt",
        said="shown.svg",
        fix="say in words",
        where="cell cell-1",
        line=0,
    ),
    InNotebook(
        words="a cell that shows raw HTML: a script from outside",
        cells=(markdown("# Title"), shown('<script src="https://example.org/b.js"></script>')),
        rule="outside",
        said="https://example.org/b.js",
        fix=OWN,
        where="cell cell-1",
        line=0,
    ),
)
