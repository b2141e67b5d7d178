"""Put all that Jupyter Book reads into one folder: pages, chapters, results, translations."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluation.config.configuration import read_configuration
from evaluation.errors import ReportError
from evaluation.file_content import csv_text
from evaluation.locale.messages import by_english, word
from evaluation.report.figures import typeface
from evaluation.site import moved_pages, shared_parts, translated_pairs, translations
from evaluation.site.facts import collect
from evaluation.storage import disk
from evaluation.storage.commit import read_commit
from evaluation.storage.folders import BOOK, SOFTWARE, Paths

CHAPTER = re.compile(r"^\s*-\s*file:\s*notebooks/(\w+)\s*$", re.MULTILINE)


def chapters(table: Path) -> list[str]:
    """Names of the notebooks in a table of contents (``_toc.<study>.yml``), in its order."""
    return CHAPTER.findall(disk.read_text(table))


INCLUDED = re.compile(r"\{include\} ([\w./-]+\.md)")


def check_contents(book: Path, study: str, source: Path) -> None:
    """Refuse an entry without a page, and a page that no table of contents leads to.

    Parameters
    ----------
    book : Path
        Folder with ``_toc.<study>.yml``, ``common/`` and ``<study>/``.
    study : str
        Id of the study.
    source : Path
        Assembled folder, with all pages and notebooks.

    Raises
    ------
    ReportError
        Names the entry's line, or the page.
    """
    table = book / f"_toc.{study}.yml"
    for number, line in enumerate(disk.read_text(table).splitlines(), start=1):
        for page in moved_pages.PAGE.findall(line):
            if not any((source / f"{page}{end}").is_file() for end in (".md", ".ipynb")):
                raise ReportError.of(
                    "table-contents", "correct-name-write", f"book/{table.name}:{number}", page=page
                )
    lost = next(_lost(book, study, source), None)
    if lost is not None:
        raise ReportError.of("page-no-table", "add-book-delete", f"book/{lost}", name=table.name)


def _lost(book: Path, study: str, source: Path) -> Iterator[str]:
    own = set(moved_pages.pages(book / f"_toc.{study}.yml"))
    # another study's book may have a common page that this one has not
    anywhere = {page for table in book.glob("_toc.*.yml") for page in moved_pages.pages(table)}
    # a study's own page may stand in for the common one that has the part
    shared = shared_parts.shared_book(book)
    others = (*shared.glob("common/*.md"), *shared.parent.glob("notebooks/*.ipynb"))
    written = (*source.glob("*.md"), *source.glob("notebooks/*.ipynb"), *others)
    named = (name for path in written for name in INCLUDED.findall(disk.read_text(path)))
    # a notebook names it from its own folder
    included = {Path(name).name for name in named}
    # the software's site has its own pages only
    layers = {study: own} if study == SOFTWARE else {"common": anywhere, study: own}
    for layer, listed in layers.items():
        for path in sorted((*(book / layer).glob("*.md"), *(book / layer).glob("*/*.ipynb"))):
            name = path.relative_to(book / layer)
            if name.with_suffix("").as_posix() not in listed and path.name not in included:
                yield (layer / name).as_posix()


def content_of(paths: Paths, *, language: str, checksums: list[dict[str, str]]) -> dict[str, Any]:
    """What the pages of a study print in a language.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.
    checksums : list of dict
        Name and sum of the result tables, as a release has them.
    """
    results = disk.read_json(paths.build / "results.json")
    configuration, commit = read_configuration(paths.config), read_commit(Path())
    return {
        **collect(configuration, results, language, commit=commit),
        "checksums": checksums,
    }


def prepare(
    source: Path, paths: Paths, *, language: str, checksums: list[dict[str, str]]
) -> dict[str, Any]:
    """Assemble a study's book in a language, and give what its pages print.

    Parameters
    ----------
    source : Path
        Folder to make.
    paths : Paths
        Folders of the study.
    language : str
        Language of the book.
    checksums : list of dict
        Name and sum of the result tables, as a release has them.

    Raises
    ------
    ReportError
        As :func:`assemble`.
    """
    content = content_of(paths, language=language, checksums=checksums)
    folder, study = paths.language(language), paths.config.name
    numbers = folder / "numbers.json"
    assemble(source, book=BOOK, study=study, results=folder, numbers=numbers, content=content)
    return content


# the list of changes is a page of the software's site
CHANGELOG = Path("CHANGELOG.md")
COPIED = ("_ext", "_static", "_templates")
DOWNLOADS = (".csv", ".xlsx", ".docx", ".tex", ".html", ".md", ".svg", ".png", ".ipynb")
# sums of all of these
SUMS = "checksums.csv"
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
        Folder with ``_toc.<study>.yml`` and ``<study>/``, and with what books share or without;
        a study's page stands in for the common page of the same name.
    study : str
        Id of the study.
    results : Path
        Folder with ``exhibits/`` and ``notebooks/``.
    numbers : Path
        The number file.
    content : dict
        What the pages print; see :func:`evaluation.site.facts.collect`.

    Raises
    ------
    ReportError
        The study has no table of contents or one that does not fit the pages, a notebook or an
        exhibit comes from other results, or a page of an earlier release is lost.
    StorageError
        The folder has only some of what books share.
    """
    table = book / f"_toc.{study}.yml"
    if not table.is_file():
        raise ReportError.of("study-book-no", "write-beside", table.as_posix())
    shared = shared_parts.shared_book(book)
    for part in COPIED:
        shared_parts.copy(shared / part, source / part)
    for name, data in typeface.web_files().items():
        disk.write_bytes(source / "_static" / "fonts" / name, data)
    if not content["banner"]:
        # Jupyter Book links every style sheet it finds, asked or not
        (source / "_static" / "synthetic.css").unlink()
    for folder, layer in ((shared, "common"), (book, study)):
        for path in sorted((folder / layer).glob("*.*")):
            shutil.copyfile(path, source / path.name)
        _copy_translations(folder / "locale", layer, source / LOCALE)
    if study == SOFTWARE:
        shutil.copyfile(CHANGELOG, source / "changes.md")
    language = json.loads(content["config"]["language"])
    disk.write_text(source / "_toc.yml", _with_parts(disk.read_text(table), language, table.name))
    notebooks = _copy_notebooks(results / "notebooks", source, content)
    check_contents(book, study, source)
    paths = [results / "exhibits" / name for name in SCRIPTS]
    scripts = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": disk.sha256(path)}
        for path in paths
        if path.is_file()
    ]
    content = {**content, "notebooks": notebooks, "scripts": scripts}
    _copy_results(results / "exhibits", numbers, source, content)
    _write_redirects(source, book, study, content)
    template = disk.read_text(shared / "_config.yml")
    disk.write_text(source / "_config.yml", fill(template, content["config"]))


def _copy_translations(locale: Path, layer: str, target: Path) -> None:
    """The ``.po`` files of one layer of pages, where Sphinx looks for them.

    What a study's file says of a text goes before what the common one of that name does: a common
    page has parts that studies write. What only translates an older text is open.
    """
    known = {folder.name: translated_pairs.read(folder) for folder in locale.glob("*")}
    for path in sorted(locale.glob(f"*/{layer}/**/*.po")):
        language = path.relative_to(locale).parts[0]
        inside = path.relative_to(locale / language / layer)
        copied = target / language / "LC_MESSAGES" / inside
        copied.parent.mkdir(parents=True, exist_ok=True)
        page, catalogue = path.relative_to(locale / language), translations.read(path)
        is_open = translated_pairs.mark(catalogue, known[language].get(page.as_posix(), ()))
        if copied.is_file():
            catalogue = translations.together(translations.read(copied), catalogue)
            disk.write_bytes(copied, translations.as_bytes(catalogue))
        elif is_open:
            disk.write_bytes(copied, translations.as_bytes(catalogue))
        else:
            shutil.copyfile(path, copied)


def _with_parts(contents: str, language: str, where: str) -> str:
    """The table of contents with the headings of its parts in a language."""
    known = by_english("book-part", language)

    def said(found: re.Match[str]) -> str:
        if found[2] not in known and language != "en":
            raise ReportError.of(
                "part-no-heading",
                "use-one-add",
                where,
                found=found[2],
                language=language,
                names=", ".join(sorted(known)),
            )
        return found[1] + known.get(found[2], found[2])

    return CAPTION.sub(said, contents)


def fill(template: str, values: dict[str, str]) -> str:
    """Fill the ``${name}`` of a template; the values are JSON, which is YAML as well.

    Parameters
    ----------
    template : str
    values : dict
        JSON by name.

    Raises
    ------
    ReportError
        The template has a name that is not among the values.
    """
    missing = sorted(set(PLACEHOLDER.findall(template)) - set(values))
    if missing:
        raise ReportError.of(
            "template-asks",
            "use-one",
            "book/_config.yml",
            missing=missing[0],
            names=", ".join(sorted(values)),
        )
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _write_redirects(source: Path, book: Path, study: str, content: dict[str, Any]) -> None:
    """A page at every address that moved, where Sphinx copies it from to the site's root."""
    moved = moved_pages.redirects(book, study)
    there = moved_pages.pages(source / "_toc.yml")
    moved_pages.check_moves(moved, there)
    moved_pages.check_published(book, study, (*there, *moved))
    language = json.loads(content["config"]["language"])
    for old, new in sorted(moved.items()):
        page = moved_pages.redirect_page(
            old, new, language=language, said=content["moved"], banner=content["banner"]
        )
        disk.write_text(source / "_extra" / f"{old}.html", page)


def _copy_notebooks(folder: Path, source: Path, content: dict[str, Any]) -> list[str]:
    """Copy the notebooks that the table of contents names, and give their names."""
    target = source / "notebooks"
    target.mkdir()
    names = chapters(source / "_toc.yml")
    for path in (folder / f"{name}.ipynb" for name in names):
        made_from = disk.read_json(path)["metadata"].get("evaluation", {})
        for name in HASHES:
            if made_from.get(name) != content[name]:
                raise ReportError.of(
                    "notebook-executed", "execute-again", path.as_posix(), name=word(name)
                )
        disk.copy(path, target / path.name)
    return names


def _sums(lasting: Path, content: dict[str, Any]) -> str:
    """CSV with the sum of each file that the book offers, and of each result table of a release."""
    rows = [(f"files/{p.name}", disk.sha256(p)) for p in sorted(lasting.iterdir())]
    rows += [(f"results/{entry['name']}", entry["sha256"]) for entry in content["checksums"]]
    return csv_text([("file", "sha256", "mark"), *((*row, content["mark"]) for row in rows)])


def _refuse_stale(path: Path, content: dict[str, Any]) -> None:
    """Refuse an exhibit that was made from another plan or other data than the book."""
    made_from = disk.read_json(path)
    for name in HASHES:
        if name in made_from and made_from[name] != content[name]:
            raise ReportError.of("exhibit-made", "make-exhibits", path.as_posix(), name=word(name))


def _copy_results(exhibits: Path, numbers: Path, source: Path, content: dict[str, Any]) -> None:
    target, lasting = source / "_results" / "exhibits", source / "_extra" / "files"
    target.mkdir(parents=True)
    lasting.mkdir(parents=True)
    for path in sorted(exhibits.glob("*")):
        if path.suffix == ".json":
            _refuse_stale(path, content)
        if path.suffix in (".json", ".svg"):
            disk.copy(path, target / path.name)
        if path.suffix in DOWNLOADS or path.name in SCRIPTS:
            disk.copy(path, lasting / path.name)
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        shutil.copyfile(path, lasting / path.name)
    disk.write_text(lasting / SUMS, _sums(lasting, content))
    disk.copy(numbers, source / "_results" / "numbers.json")
    disk.write_json(source / "_results" / "book.json", content)
