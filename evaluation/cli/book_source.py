"""Put everything Jupyter Book reads into one folder: pages, notebooks, results, translations."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.cli import book_moved
from evaluation.cli.book_chapters import chapters
from evaluation.cli.book_contents import check_contents
from evaluation.errors import ReportError
from evaluation.locale.messages import by_english, message, word

SHARED_PARTS = ("_ext", "_static", "_templates")
DOWNLOADS = (".csv", ".xlsx", ".docx", ".tex", ".html", ".md", ".svg", ".png", ".ipynb")
# the primary estimates in other programs, offered beside the exhibits
SCRIPTS = ("primary.R", "primary.do")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
LOCALE = "_locale"
# what exhibits and notebooks are made from
HASHES = ("plan_hash", "data_hash")
CAPTION = re.compile(r"^(\s*-\s*caption:\s*)(.+?)\s*$", re.MULTILINE)


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
        The study has no table of contents or one that does not fit the pages, a notebook or an
        exhibit comes from other results, or a page of an earlier release is lost.
    """
    table = book / f"_toc.{study}.yml"
    if not table.is_file():
        raise ReportError(
            message("study-book-no.problem"),
            where=table.as_posix(),
            mend=message("write-beside.mend"),
        )
    for part in SHARED_PARTS:
        shutil.copytree(book / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    if not content["banner"]:
        # Jupyter Book links every style sheet it finds, asked or not
        (source / "_static" / "synthetic.css").unlink()
    for layer in ("common", study):
        for path in sorted((book / layer).glob("*")):
            shutil.copyfile(path, source / path.name)
        _copy_translations(book / "locale", layer, source / LOCALE)
    language = json.loads(content["config"]["language"])
    io.write_text(source / "_toc.yml", _with_parts(io.read_text(table), language, table.name))
    notebooks = _copy_notebooks(results / "notebooks", source, content)
    check_contents(book, study, source)
    scripts = [_script(results / "exhibits" / name) for name in SCRIPTS]
    content = {**content, "notebooks": notebooks, "scripts": scripts}
    _copy_results(results / "exhibits", numbers, source, content)
    _write_redirects(source, book, study, content)
    template = io.read_text(book / "_config.yml")
    io.write_text(source / "_config.yml", fill(template, content["config"]))


def _copy_translations(locale: Path, layer: str, target: Path) -> None:
    """The ``.po`` files of one layer of pages, where Sphinx looks for them.

    A study's file stands in for the common one of the same name, as its page does.
    """
    for path in sorted(locale.glob(f"*/{layer}/**/*.po")):
        language = path.relative_to(locale).parts[0]
        inside = path.relative_to(locale / language / layer)
        copied = target / language / "LC_MESSAGES" / inside
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)


def _with_parts(contents: str, language: str, where: str) -> str:
    """The table of contents with the headings of its parts in a language."""
    known = by_english("book-part", language)

    def said(found: re.Match[str]) -> str:
        if found[2] not in known and language != "en":
            raise ReportError(
                message("part-no-heading.problem", found=found[2], language=language),
                where=where,
                mend=message("use-one-add.mend", names=", ".join(sorted(known))),
            )
        return found[1] + known.get(found[2], found[2])

    return CAPTION.sub(said, contents)


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
            message("template-asks.problem", missing=missing[0]),
            where="book/_config.yml",
            mend=message("use-one.mend", names=", ".join(sorted(values))),
        )
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _write_redirects(source: Path, book: Path, study: str, content: dict[str, Any]) -> None:
    """A page at every address that moved, where Sphinx copies it from to the site's root."""
    moved = book_moved.redirects(book, study)
    there = book_moved.pages(source / "_toc.yml")
    book_moved.check_moves(moved, there)
    book_moved.check_published(book, study, (*there, *moved))
    language = json.loads(content["config"]["language"])
    for old, new in sorted(moved.items()):
        page = book_moved.redirect_page(
            old, new, language=language, said=content["moved"], banner=content["banner"]
        )
        io.write_text(source / "_extra" / f"{old}.html", page)


def _copy_notebooks(folder: Path, source: Path, content: dict[str, Any]) -> list[str]:
    """Copy the notebooks that the table of contents names, and give their names."""
    target = source / "notebooks"
    target.mkdir()
    names = chapters(source / "_toc.yml")
    for path in (folder / f"{name}.ipynb" for name in names):
        made_from = io.read_json(path)["metadata"].get("evaluation", {})
        for name in HASHES:
            if made_from.get(name) != content[name]:
                raise ReportError(
                    message("notebook-executed.problem", name=word(name)),
                    where=path.as_posix(),
                    mend=message("execute-again.mend"),
                )
        shutil.copyfile(path, target / path.name)
    return names


def _refuse_stale(path: Path, content: dict[str, Any]) -> None:
    """Refuse an exhibit that was made from another plan or other data than the book."""
    made_from = io.read_json(path)
    for name in HASHES:
        if name in made_from and made_from[name] != content[name]:
            raise ReportError(
                message("exhibit-made.problem", name=word(name)),
                where=path.as_posix(),
                mend=message("make-exhibits.mend"),
            )


def _script(path: Path) -> dict[str, Any]:
    data = io.read_bytes(path)
    return {
        "name": path.name,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _copy_results(exhibits: Path, numbers: Path, source: Path, content: dict[str, Any]) -> None:
    target, lasting = source / "_results" / "exhibits", source / "_extra" / "files"
    target.mkdir(parents=True)
    lasting.mkdir(parents=True)
    for path in sorted(exhibits.glob("*")):
        if path.suffix == ".json":
            _refuse_stale(path, content)
        if path.suffix in (".json", ".svg"):
            shutil.copyfile(path, target / path.name)
        if path.suffix in DOWNLOADS or path.name in SCRIPTS:
            shutil.copyfile(path, lasting / path.name)
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        shutil.copyfile(path, lasting / path.name)
    io.write_bytes(source / "_results" / "numbers.json", numbers.read_bytes())
    io.write_json(source / "_results" / "book.json", content)
