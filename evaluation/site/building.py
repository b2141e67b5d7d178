"""Run Jupyter Book strictly on an assembled folder; make its pages light, name controls, check.

``sphinx-thebe`` would run cells on a server elsewhere: its scripts name that server, stand twice
in a page, and then stop with an error. The book has a search of its own. The
styles of ``sphinx-design`` for pages that have its cards. Source maps are for the theme's own
developers. A picture is fetched when a reader comes near it.

The theme writes some words into its templates, beyond the reach of its translations; of others
Sphinx has no translation in every language. They are what a screen reader says and a mouse shows.

The script of the icons weighs more than everything else that a page loads. A page uses about ten
icons, so each ``<i class="fa-solid fa-name">`` becomes the drawing itself and the script leaves
the site. The theme ships the whole of Bootstrap and one rule for each of two thousand icons. A
rule stays if every class that it asks for is written in some page, or anywhere in a script, which
may set it.
"""

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import tinycss2

from evaluation.errors import ReportError
from evaluation.locale.messages import by_english
from evaluation.site.page_check import BUILDING, BookFaults, check_site, warned
from evaluation.storage import disk, disk_trouble, program_files
from evaluation.storage.packaged import patterns, read_beside

PATTERN = patterns(read_beside(__file__))
# the number of the signal that nothing survives
KILLED = 9

SEARCHES = 'id="search-results"'
UNUSED = (
    "_static/sphinx-thebe.*",
    "_static/**/*.map",
    "_static/searchtools.js",
    "_static/language_data.js",
    "_static/*-stemmer.js",
    "_static/base-stemmer.js",
    "_static/sphinx_highlight.js",
    "_static/doctools.js",
    "_static/translations.js",
)


def finish(site: Path) -> None:
    """Make every page of a finished site light, and name its controls in its language.

    Parameters
    ----------
    site : Path
        Folder with ``index.html``.

    Raises
    ------
    ReportError
        A page asks for an icon that the script does not hold.
    """
    script = site / SCRIPT
    packs = _packs(disk.read_text(script)) if script.is_file() else {}
    # every page asks for the same few, and the script is long to search
    drawing = cache(lambda icon, pack: _drawing(icon, packs[pack]))
    for path in sorted(site.rglob("*.html")):
        page = with_names(trimmed(disk.read_text(path)))
        if packs:
            page = with_drawings(page, drawing, path.relative_to(site).as_posix())
        disk.write_text(path, page)
    unused = [path for pattern in UNUSED for path in site.glob(pattern)]
    for path in (*unused, *script.parent.glob(f"{script.name}*")):
        path.unlink(missing_ok=True)
    purge(site)


def trimmed(page: str) -> str:
    """One page without what it does not use."""
    page = PATTERN["thebe"].sub("", page)
    page = PATTERN["search"].sub("", page)
    if SEARCHES not in page:
        page = PATTERN["index"].sub("", page)
    page = PATTERN["current"].sub(r'\1aria-current="page" ', page)
    if not PATTERN["designed"].search(page):
        page = PATTERN["design"].sub("", page)
    return PATTERN["image"].sub('<img loading="lazy" decoding="async" ', page)


def with_names(page: str) -> str:
    """One page with the names in the language it declares."""
    found = PATTERN["language"].search(page)
    if found is None or found[1] not in ("en", "es"):
        return page
    names = by_english("book-theme", found[1])
    return PATTERN["named"].sub(lambda at: f'{at[1]}="{names.get(at[2], at[2])}"', page)


SCRIPT = Path("_static/scripts/fontawesome.js")
# The script registers one pack after another, each under its name.
PACKS = ("brands", "regular", "solid")
Drawing = tuple[str, str, str]
FindDrawing = Callable[[str, str], Drawing | None]


def with_drawings(page: str, drawing: FindDrawing, where: str) -> str:
    """One page with each icon's drawing, and without the script.

    Parameters
    ----------
    page : str
    drawing : callable
        Gives the drawing of an icon of a pack.
    where : str
        The page's name, for messages.
    """
    return PATTERN["tag"].sub(
        lambda tag: _drawn(tag["attributes"], drawing, where), PATTERN["link"].sub("", page)
    )


def _packs(script: str) -> dict[str, str]:
    """Text of each pack of icons, by its name."""
    found, rest = {}, script
    for pack in PACKS:
        found[pack], _, rest = rest.partition(f'("fa-{pack}",')
    return found


def _drawn(attributes: str, drawing: FindDrawing, where: str) -> str:
    classes = PATTERN["classes"].search(attributes)
    names = classes[1].split() if classes else []
    pack = next(name.removeprefix("fa-") for name in names if name.removeprefix("fa-") in PACKS)
    icon = next(
        (
            n.removeprefix("fa-")
            for n in names
            if n.startswith("fa-") and not PATTERN["plain"].fullmatch(n)
        ),
        "",
    )
    found = drawing(icon, pack)
    if found is None:
        raise ReportError.of("no-icon", "use-icon-theme", where, pack=pack, icon=icon)
    width, height, path = found
    kept = PATTERN["classes"].sub(lambda match: f'class="evaluation-icon {match[1]}"', attributes)
    return (
        f'<svg {PATTERN["title"].sub("", kept)} aria-hidden="true" focusable="false"'
        f' viewBox="0 0 {width} {height}"><path fill="currentColor" d="{path}"></path></svg>'
    )


def _drawing(icon: str, pack: str) -> Drawing | None:
    """Width, height and outline of an icon, also by its older names."""
    shape = r'\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]'
    found = re.search(rf'(?<![\w-])"?{re.escape(icon)}"?:{shape}', pack)
    return (found[1], found[2], found[3]) if found else None


SHEETS = "_static/styles/*.css"
ESCAPED = "\\"
NESTED = frozenset({"media", "supports"})


def purge(site: Path) -> None:
    """Take unused rules out of the theme's style sheets.

    Parameters
    ----------
    site : Path
        Finished site, its pages as they will stay.
    """
    used = _used(site)
    for sheet in sorted(site.glob(SHEETS)):
        rules = tinycss2.parse_stylesheet(disk.read_text(sheet), skip_comments=False)
        disk.write_text(sheet, purged(rules, used))


def _used(site: Path) -> frozenset[str]:
    pages = (disk.read_text(page) for page in site.rglob("*.html"))
    named = {
        name
        for text in pages
        for found in PATTERN["classes"].findall(text)
        for name in found.split()
    }
    scripts = (disk.read_text(script) for script in (site / "_static").rglob("*.js"))
    return frozenset(named.union(*(PATTERN["written"].findall(text) for text in scripts)))


def purged(rules: Iterable[tinycss2.ast.Node], used: frozenset[str]) -> str:
    """Text of the rules that can be used; rules in ``@media`` and ``@supports`` one by one.

    Parameters
    ----------
    rules : iterable of tinycss2.ast.Node
        Of a style sheet.
    used : frozenset of str
        Classes that pages and scripts hold.
    """
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept.append(_rule(rule, used))
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED and rule.content:
            inside = purged(tinycss2.parse_rule_list(rule.content), used)
            prelude = tinycss2.serialize(rule.prelude)
            kept.append(f"@{rule.at_keyword}{prelude}{{{inside}}}" if inside.strip() else "")
        else:
            kept.append(rule.serialize())
    return "".join(kept)


def _rule(rule: tinycss2.ast.QualifiedRule, used: frozenset[str]) -> str:
    selectors = _parted(rule.prelude)
    left = [
        text for text in selectors if ESCAPED in text or set(PATTERN["class"].findall(text)) <= used
    ]
    return f"{','.join(left)}{{{tinycss2.serialize(rule.content)}}}" if left else ""


def _parted(prelude: Iterable[tinycss2.ast.Node]) -> list[str]:
    """Selectors of a rule: parted at the commas that stand in no bracket."""
    parts: list[list[tinycss2.ast.Node]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part).strip() for part in parts]


MESSAGES = "messages.json"
# a command line instead of an import: Sphinx changes the state of its process
JUPYTER_BOOK = "evaluation.site.jupyter_book"
# names there the file for the list of what it and the extensions load of the package
LOADED = "EVAL_LOADED"


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
    StorageError
        The disk is full.
    MemoryError
        There is not enough.
    """
    command = [sys.executable, "-m", JUPYTER_BOOK, "build", str(source)]
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
    settings |= {"LC_ALL": "C", "PYTHONUTF8": "1", LOADED: str(output / "loaded")}
    finished = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    site = output / "_build" / builder
    if finished.returncode != 0 or not (site / "index.html").is_file():
        said = finished.stdout + finished.stderr
        _refuse_lack(said, finished.returncode, output)
        raise BookFaults(warned(said, source), BUILDING)
    # none where it stopped before it had read the sources
    listed = output / "loaded"
    program_files.add(listed.read_text("utf-8").split() if listed.is_file() else ())
    return site


def _refuse_lack(said: str, status: int, output: Path) -> None:
    """Say what the machine lacks, where that and no page is what stopped Jupyter Book."""
    full = os.strerror(errno.ENOSPC)
    if full in said:
        raise disk_trouble.unwritable(output.as_posix(), OSError(errno.ENOSPC, full))
    # the system ends what needs more memory than there is
    last = said.rstrip().rpartition("\n")[2]
    if last.startswith("MemoryError") or status == -KILLED:
        raise MemoryError
