"""Faults in files of the book and in notebooks."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.site.planted.kinds import InFiles, InNotebook
from tests.tables import cases

CASES = cases(__file__)

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


def in_files(plants: dict[str, Callable[[Path], Any]]) -> tuple[InFiles, ...]:
    """Kinds by their words, with what plants each."""
    return tuple(
        InFiles(words=words, plant=plant, **CASES[words]) for words, plant in plants.items()
    )


def in_notebooks(cells: dict[str, tuple[dict[str, Any], ...]]) -> tuple[InNotebook, ...]:
    """Kinds by their words, with the cells of each."""
    return tuple(
        InNotebook(words=words, cells=found, **CASES[words]) for words, found in cells.items()
    )


RESULTS = "from evaluation.site.notebooks import Results; from pathlib import Path"
WITHOUT_ID = tuple({k: v for k, v in c.items() if k != "id"} for c in code("1"))

# what is looked at before the pages are built
BEFORE = in_files(
    {
        "a page that is in no table of contents": writes("book/common/lost.md", "# Lost\n"),
        "a table of contents that names no page": appends(TABLE, "  - file: nothing\n"),
        "a stale exhibit: made from another plan": stale_exhibit,
        "a stale notebook: executed on other data": stale_notebook,
    }
)
# what the strict build alone can say: a build for each
BUILT = in_files(
    {
        "a table of contents that is not well written": appends(TABLE, "  - fle: list\n"),
    }
)
# what the finished site is read for, beside its pages
SHEETS = in_files(
    {
        "a style sheet that imports from outside": writes(
            "book/_static/importing.css", '\n@import url("http://example.org/a.css");\n'
        ),
        "a style sheet that shows a picture from outside": writes(
            "book/_static/showing.css", ".a{background:url(https://example.org/a.png)}"
        ),
        "a style sheet that names a file that does not exist": writes(
            "book/_static/naming.css", "/*\n*/\n.a{background:url('none.png')}"
        ),
    }
)
NOTEBOOKS = in_notebooks(
    {
        "a cell that raises": code("x = 1", "raise ValueError('no such column')", "x"),
        "a cell that warns": code("import warnings; warnings.warn('deprecated thing')"),
        "a cell that asks for an exhibit that does not exist": code(
            f"{RESULTS}; Results(Path('build'), 'en').table('tbl-absent')"
        ),
        "a cell without an id": WITHOUT_ID,
        "two cells with one id": code("1") + code("2"),
    }
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
CHAPTERS = in_notebooks(
    {
        "a number typed in a cell of prose": (markdown("# Title\n\nIt fell by 3 points."),),
        "a number that does not exist, in a cell of prose": (
            markdown("# Title\n\nIt is {val}`tbl-small.nobody.mean`."),
        ),
    }
)
RAW_CHAPTERS = in_notebooks(
    {
        "a cell that shows raw HTML: an image without alternative text": (
            markdown("# Title"),
            shown('<img src="../_static/shown.svg">'),
        ),
        "a cell that shows raw HTML: a script from outside": (
            markdown("# Title"),
            shown('<script src="https://example.org/b.js"></script>'),
        ),
    }
)
