"""Run Jupyter Book strictly on an assembled folder, and finish and check the site that it makes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

from evaluation.site.finishing import finish
from evaluation.site.page_check import BUILDING, BookFaults, check_site, warned
from evaluation.storage.folders import UNASKED

# Trees of pages hold no cycles worth looking for: by default that takes a quarter of the time.
SELDOM = "import gc; gc.set_threshold(50_000, 20, 100)"

MESSAGES = "messages.json"
# a command line instead of an import: Sphinx changes the state of its process
JUPYTER_BOOK = (
    f"{SELDOM}; import sys; sys.modules[{UNASKED!r}] = None;"
    " from jupyter_book.cli.main import main; main()"
)


def build(source: Path, output: Path) -> Path:
    """Run Jupyter Book strictly.

    Parameters
    ----------
    source, output : Path
        Assembled folder, and a folder for what the build makes.

    Returns
    -------
    Path
        The finished site.

    Raises
    ------
    BookFaults
        Any warning, or a fault that raw HTML or a style sheet brought in.
    """
    site = made(source, output, "html")
    # .buildinfo holds a sum over absolute paths; the others are the theme's own templates
    for leftover in (site / ".buildinfo", *sorted((site / "_static").glob("*.html"))):
        leftover.unlink(missing_ok=True)
    finish(site)
    check_site(site, source)
    return site


def made(source: Path, output: Path, builder: Literal["html", "singlehtml"]) -> Path:
    """What Jupyter Book makes of an assembled folder, as it leaves it.

    Parameters
    ----------
    source, output : Path
        Assembled folder, and a folder for what the build makes.
    builder : {"html", "singlehtml"}
        A page for each page of the book, or one page for all, which is for paper.

    Returns
    -------
    Path
        Folder with ``index.html``.

    Raises
    ------
    BookFaults
        Any warning.
    """
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source)]
    command += [
        "--path-output",
        str(output),
        "--builder",
        builder,
        "-W",
        "-n",
        "--keep-going",
        "-q",
    ]
    # the hash seed orders Sphinx's sets; the epoch stands in for the clock; its warnings are read
    # by their English words, whatever the language of the machine
    settings = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800", "TZ": "UTC"}
    settings |= {"LC_ALL": "C", "PYTHONUTF8": "1"}
    finished = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    site = output / "_build" / builder
    if finished.returncode != 0 or not (site / "index.html").is_file():
        raise BookFaults(warned(finished.stdout + finished.stderr, source), BUILDING)
    return site
