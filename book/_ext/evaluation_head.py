# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""What a page says of itself to search engines and to whoever is sent its link.

The description is the page's first paragraph; that of invented data begins with their mark. The
picture is the card of all primary outcomes, never of one alone. Its address is absolute where the
study says where its book is published: most readers of such links take no other.
"""

import re
from html import escape
from typing import Any

import evaluation_state
from docutils import nodes
from sphinx.application import Sphinx

LONGEST = 200
# Link previews cut inside a sentence by themselves; a first sentence is whole up to here.
SENTENCE = 320
END = re.compile(r"(?<=[.?!])\s+(?=[^\W\d_a-zà-ÿ]|[¿¡«“])")
# Paragraphs that are no beginning of a page: too short, or inside one of these.
SHORTEST = 40
INSIDE = (nodes.table, nodes.figure, nodes.list_item, nodes.admonition)
LOCALES = {"en": "en_US", "es": "es_CO"}


def describe(app: Sphinx, document: nodes.document, page: str) -> None:
    """Keep what a resolved page begins with.

    Parameters
    ----------
    app : Sphinx
    document : docutils.nodes.document
    page : str
        Its name.
    """
    env: Any = app.env
    env.evaluation_described[page] = description(document)


def description(document: nodes.document) -> str:
    """Beginning of a page's first paragraph, in whole sentences; empty where it has none.

    Parameters
    ----------
    document : docutils.nodes.document
    """
    for paragraph in document.findall(nodes.paragraph):
        said = " ".join(paragraph.astext().split())
        if len(said) >= SHORTEST and not _inside(paragraph):
            return _begun(said)
    return ""


def _begun(said: str) -> str:
    """As many whole sentences as are short enough, at least the first; a long one cut at a word."""
    first, *others = END.split(said)
    for sentence in others:
        if len(first) + len(sentence) >= LONGEST:
            break
        first = f"{first} {sentence}"
    return first if len(first) <= SENTENCE else f"{first[:LONGEST].rpartition(' ')[0]} …"


def _inside(node: nodes.Node) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, INSIDE):
            return True
        parent = parent.parent
    return False


def finish_page(app: Sphinx, page: str, _: str, context: dict[str, Any], __: Any) -> None:
    """Put description and card into a page's head, its book's name and the address for errors."""
    env: Any = app.env
    results = env.evaluation
    facts = results["book"].get("facts", {})
    context["evaluation_errors"] = facts.get("errors", "")
    said = env.evaluation_described.get(page, "") or facts.get("question", "")
    mark = results["book"].get("mark", "")
    context["evaluation_name"] = app.config.html_title.removesuffix(f" [{mark}]")
    of_page = context["evaluation_mark"]
    described = f"{of_page}. {said}" if of_page and not said.startswith(of_page) else said
    title, name = context.get("title", ""), context["evaluation_name"]
    tags = {
        "description": described,
        "og:type": "article",
        # a link is read without its book: "Summary" of which study
        "og:title": title if name in title else f"{title} \N{EN DASH} {name}",
        "og:site_name": app.config.html_title,
        "og:description": described,
        "og:locale": LOCALES.get(app.config.language, ""),
    }
    cards = results["citable"].get("cards", ())
    if cards:
        published = facts.get("url", "").rstrip("/")
        root = f"{published}/{app.config.language}/site/" if published else "../" * page.count("/")
        tags |= {
            "og:image": f"{root}files/{cards[0]['name']}",
            "og:image:alt": cards[0]["alt"],
        }
    context["metatags"] = context.get("metatags", "") + "".join(
        f'<meta {"property" if name.startswith("og:") else "name"}="{name}"'
        f' content="{escape(text, quote=True)}">'
        for name, text in tags.items()
        if text
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    evaluation_state.keep(app, "evaluation_described")
    app.connect("doctree-resolved", describe, priority=400)
    app.connect("html-page-context", finish_page, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
