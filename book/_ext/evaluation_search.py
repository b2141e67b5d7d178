# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""The search of the book: its index, and the page that searches.

Sphinx's own search stems words, does not find «policía» by "policia", and fetches every page that
it found to show an excerpt, which a browser refuses for files. Here the index is the text itself,
one entry for each section and each exhibit, in the order of the table of contents, and
``_static/search.js`` looks through it. The words of ``search_words.toml`` go with it: what readers
write, and how the pages say it.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import evaluation_exhibits
import evaluation_state
from docutils import nodes
from evaluation_translations import GENERATED
from sphinx.application import Sphinx

INDEX = "searchindex.js"
WORDS = Path(__file__).with_name("search_words.toml")
# what was corrected since earlier versions repeats the words of every page
ERRATA = "tbl-erratum"
TAG = re.compile(r"<[^>]*>")
SAID = (nodes.paragraph, nodes.literal_block, nodes.term, nodes.title)


def begin(app: Sphinx) -> None:
    """Switch Sphinx's own search off."""
    app.builder.search = False  # type: ignore[attr-defined]


def read_page(app: Sphinx, document: nodes.document, page: str) -> None:
    """Take down what a resolved page says, before anything is added for the screen alone.

    Parameters
    ----------
    app : Sphinx
    document : docutils.nodes.document
    page : str
        Its name.
    """
    if app.builder.name == "html":
        env: Any = app.env
        env.evaluation_search[page] = list(entries(document, env.evaluation))


def entries(document: nodes.document, results: dict[str, Any]) -> Iterator[list[str]]:
    """Anchor, title, text and names of each section and exhibit of a page.

    Parameters
    ----------
    document : docutils.nodes.document
        The page.
    results : dict
        Exhibits by id, and the facts of the study.
    """
    for section in document.findall(nodes.section):
        title = section.next_node(nodes.title)
        anchor = section["ids"][0] if section.parent is not document else ""
        yield [anchor, text_of(title) if title else "", _joined(_own(section)), ""]
    exhibits, facts = results["exhibits"], results["book"].get("facts", {})
    for node in document.findall(lambda each: isinstance(each, nodes.table | nodes.figure)):
        named = next((name for name in node["ids"] if name in exhibits), None)
        if named is not None:
            exhibit = exhibits[named]
            yield [named, exhibit["title"], _joined(_said(exhibit)), _names(exhibit, facts)]


def _own(section: nodes.section) -> Iterator[str]:
    """Texts of a section's own prose, without sections inside it and what the results made."""
    waiting: list[nodes.Node] = list(reversed(section.children[1:]))
    while waiting:
        node = waiting.pop()
        element: Any = node
        if isinstance(node, nodes.Text | nodes.section | nodes.raw) or element.get(GENERATED):
            continue
        if isinstance(node, SAID):
            yield text_of(node)
        else:
            waiting.extend(reversed(node.children))


def text_of(node: nodes.Node) -> str:
    """Text of a node as a reader sees it; of raw HTML, what stands between its tags.

    Parameters
    ----------
    node : docutils.nodes.Node
        A title, a paragraph, or what is inside one.
    """
    if isinstance(node, nodes.raw):
        return unescape(TAG.sub("", node.astext()))
    if isinstance(node, nodes.Text):
        return node.astext()
    return "".join(map(text_of, node.children))


def errata(pages: Iterable[dict[str, Any]]) -> list[str]:
    """Addresses of the entries that list corrections, as ``page#anchor``.

    Parameters
    ----------
    pages : iterable of dict
        Each with its name, ``page``, and ``entries``.
    """
    return [
        f"{page['page']}#{entry[0]}"
        for page in pages
        for entry in page["entries"]
        if entry[0] == ERRATA
    ]


def _said(exhibit: dict[str, Any]) -> Iterator[str]:
    """What a table or figure says in words; its notes are said at many."""
    yield exhibit["reading"]
    yield from evaluation_exhibits.in_words(exhibit)
    page = exhibit.get("print", {"head": (), "rows": ()})
    yield from page["head"]
    for row in page["rows"]:
        # a phrase that needs care, or may not be said, is no answer to a search
        if not {"care", "no"} & {cell["kind"] for cell in row["cells"]}:
            yield from (cell["text"] for cell in row["cells"] if cell["kind"] == "text")


def _names(exhibit: dict[str, Any], facts: dict[str, str]) -> str:
    """What leads to an exhibit before all else: its code, its id, outcomes that it is about."""
    code = exhibit.get("code", "")
    return "; ".join((code, exhibit["id"], *evaluation_exhibits.outcomes(exhibit, facts)))


def _joined(texts: Iterable[str]) -> str:
    return " ".join(" ".join(text.split()) for text in dict.fromkeys(texts))


def search_page(_: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page that searches."""
    yield "search", {}, "search.html"


def give_words(app: Sphinx, page: str, _: str, context: dict[str, Any], __: Any) -> None:
    """Give the templates the words of the extension."""
    context["evaluation_words"] = app.env.evaluation["book"]["words"]  # type: ignore[union-attr]
    if page == "search":
        context["title"] = context["evaluation_words"]["search_title"]


def leave_index(app: Sphinx, problem: Exception | None) -> None:
    """Write the index as a script: a page that was opened as a file may load no other kind."""
    if problem is not None or app.builder.name != "html":
        return
    env: Any = app.env
    pages = [
        {"page": page, "title": env.titles[page].astext(), "entries": env.evaluation_search[page]}
        for page in evaluation_state.in_order(env)
    ]
    words = env.evaluation["book"]["words"]
    said = {name: text for name, text in words.items() if name.startswith("search_")}
    # a line for each text: what searches the book for names says in which one it found them
    vocabulary = of_book(pages, str(app.config.language))
    index = {"pages": pages, "words": said, "errata": errata(pages), "vocabulary": vocabulary}
    text = json.dumps(index, ensure_ascii=False, indent=0)
    path = Path(app.outdir) / INDEX
    path.write_text(f"evaluationIndex={text}\n", encoding="utf-8", newline="\n")


def of_book(pages: Iterable[dict[str, Any]], language: str) -> dict[str, Any]:
    """Words of readers for which the book has other ones; those of other studies stay out.

    Parameters
    ----------
    pages : iterable of dict
        What is searched.
    language : str
        A table of ``search_words.toml``; another language has no such words.
    """
    words = tomllib.loads(WORDS.read_text(encoding="utf-8")).get(language, {})
    text = json.dumps(list(pages), ensure_ascii=False).lower()
    alike = (
        {"asked": row["asked"], "found": [word for word in row["found"] if word in text]}
        for row in words.get("alike", ())
    )
    return {**words, "alike": [row for row in alike if row["found"]]} if words else {}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", begin)
    evaluation_state.keep(app, "evaluation_search")
    app.connect("doctree-resolved", read_page, priority=400)
    app.connect("html-collect-pages", search_page)
    app.connect("html-page-context", give_words, priority=400)
    app.connect("build-finished", leave_index)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
