"""Stage ``book``: assemble pages, executed notebooks and exhibits, and build the site strictly."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.cli import book_facts
from evaluation.cli.book_chapters import chapters
from evaluation.cli.book_check import check_site
from evaluation.cli.stage import Paths, announce
from evaluation.errors import ReportError
from evaluation.spec.configuration import read_configuration

BOOK = Path("book")
SHARED_PARTS = ("_ext", "_static", "_templates")
DOWNLOADS = (".csv", ".xlsx", ".svg", ".png", ".ipynb")
# a command line instead of an import: Sphinx changes the state of its process
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
PROBLEM = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Error:|Exception")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The stage takes no arguments of its own."""


def run(options: argparse.Namespace) -> None:
    """Build the study's site, or leave the old one and say what is wrong.

    Raises
    ------
    ReportError
        Any warning of the strict build, a missing result, a notebook of another plan or data.
    """
    begin = time.perf_counter()
    paths = Paths.of(options)
    folder = paths.language(options.language)
    content = book_facts.collect(
        read_configuration(paths.config),
        io.read_json(paths.build / "results.json"),
        options.language,
    )
    work = folder / f"{io.TEMPORARY}book"
    shutil.rmtree(work, ignore_errors=True)
    try:
        assemble(
            work / "source",
            book=BOOK,
            study=options.study,
            results=folder,
            numbers=paths.build / "numbers.json",
            content=content,
        )
        site = build(work / "source", work / "output")
        pages = len(list(site.rglob("*.html")))
        io.replace_folder(site.replace(_fresh(folder / f"{io.TEMPORARY}site")), folder / "site")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    announce("book", f"{pages} pages", time.perf_counter() - begin)


def _fresh(path: Path) -> Path:
    """The path with nothing there: a killed run may have left its folder."""
    shutil.rmtree(path, ignore_errors=True)
    return path


def assemble(
    source: Path,
    *,
    book: Path,
    study: str,
    results: Path,
    numbers: Path,
    content: dict[str, Any],
) -> None:
    """Put everything Jupyter Book reads into one folder.

    Parameters
    ----------
    source : Path
        Folder to make.
    book : Path
        Folder with ``_config.yml``, ``_toc.<study>.yml``, ``common/``, ``<study>/``; a study's
        page stands in for the common page of the same name.
    study : str
        Id of the study.
    results : Path
        Folder with ``exhibits/`` and ``notebooks/``.
    numbers : Path
        The number file.
    content : dict
        What :func:`evaluation.cli.book_facts.collect` returns.

    Raises
    ------
    ReportError
        The study has no table of contents, or a notebook was run on other results.
    """
    table = book / f"_toc.{study}.yml"
    if not table.is_file():
        raise ReportError(
            "the study's book has no table of contents",
            where=table.as_posix(),
            mend="write it, beside those of the other studies",
        )
    for part in SHARED_PARTS:
        shutil.copytree(book / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    if not content["banner"]:
        # Jupyter Book links every style sheet it finds, asked or not
        (source / "_static" / "synthetic.css").unlink()
    for layer in ("common", study):
        for path in sorted((book / layer).glob("*")):
            shutil.copyfile(path, source / path.name)
    shutil.copyfile(table, source / "_toc.yml")
    notebooks = _copy_notebooks(results / "notebooks", source, content)
    content = {**content, "notebooks": notebooks}
    _copy_results(results / "exhibits", numbers, source, content)
    template = io.read_text(book / "_config.yml")
    io.write_text(source / "_config.yml", fill(template, content["config"]))


def fill(template: str, values: dict[str, str]) -> str:
    """Fill the ``${name}`` of a template; the values are JSON, which is YAML as well.

    Raises
    ------
    ReportError
        The template has a name that is not among the values.
    """
    missing = sorted(set(PLACEHOLDER.findall(template)) - set(values))
    if missing:
        raise ReportError(
            f"the template asks for `{missing[0]}`, which nothing gives",
            where="book/_config.yml",
            mend=f"use one of {', '.join(sorted(values))}",
        )
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _copy_notebooks(folder: Path, source: Path, content: dict[str, Any]) -> list[str]:
    """Copy the notebooks that the table of contents names, and give their names."""
    target = source / "notebooks"
    target.mkdir()
    names = chapters(source / "_toc.yml")
    for path in (folder / f"{name}.ipynb" for name in names):
        made_from = io.read_json(path)["metadata"].get("evaluation", {})
        for name in ("plan_hash", "data_hash"):
            if made_from.get(name) != content[name]:
                raise ReportError(
                    f"the notebook was executed on results with another {name.replace('_', ' ')}",
                    where=path.as_posix(),
                    mend="execute it again: python -m evaluation notebook, or make",
                )
        shutil.copyfile(path, target / path.name)
    return names


def _copy_results(exhibits: Path, numbers: Path, source: Path, content: dict[str, Any]) -> None:
    target, lasting = source / "_results" / "exhibits", source / "_extra" / "files"
    target.mkdir(parents=True)
    lasting.mkdir(parents=True)
    for path in sorted(exhibits.glob("*")):
        if path.suffix in (".json", ".svg"):
            shutil.copyfile(path, target / path.name)
        if path.suffix in DOWNLOADS:
            shutil.copyfile(path, lasting / path.name)
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        shutil.copyfile(path, lasting / path.name)
    io.write_bytes(source / "_results" / "numbers.json", numbers.read_bytes())
    io.write_json(source / "_results" / "book.json", content)


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
    ReportError
        Any warning, or a fault that raw HTML brought into a page; the message holds the first ten.
    """
    command = [sys.executable, "-c", JUPYTER_BOOK, "build", str(source)]
    command += ["--path-output", str(output), "-W", "-n", "--keep-going", "-q"]
    # the hash seed orders Sphinx's sets; the epoch stands in for the clock
    settings = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800", "TZ": "UTC"}
    finished = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    site = output / "_build" / "html"
    if finished.returncode != 0 or not (site / "index.html").is_file():
        raise ReportError(
            "the book does not build:\n" + problems(finished.stdout + finished.stderr, source),
            where="book",
            mend="mend the pages or make the missing results",
        )
    # .buildinfo holds a sum over absolute paths; the others are the theme's own templates
    for leftover in (site / ".buildinfo", *sorted((site / "_static").glob("*.html"))):
        leftover.unlink(missing_ok=True)
    check_site(site)
    return site


def problems(output: str, source: Path) -> str:
    """First ten distinct lines of a build's output that name a problem, without folder names."""
    text = COLOUR.sub("", output).replace(f"{source.resolve()}/", "").replace(f"{source}/", "")
    lines = [line.strip() for line in text.splitlines() if PROBLEM.search(line)]
    found = list(dict.fromkeys(lines)) or text.splitlines()
    return "\n".join(f"  {line}" for line in found[:10])
