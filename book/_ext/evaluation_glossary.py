# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Terms of the glossary, explained where a page first uses them.

The glossary is the definition list under the heading with the anchor ``glossary``. The first use of
a term in a page's own prose becomes a link to its entry; ``site.js`` shows the definition there. A
book has each definition once, in ``terms.js``. Without scripts the link leads to the entry. Paper
has the glossary itself.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import evaluation_state
from docutils import nodes
from evaluation_translations import GENERATED
from sphinx.application import Sphinx

GLOSSARY = "glossary"
TERMS = Path("_static", "terms.js")
# Terms that a page mostly uses in another sense: a Spanish result is what was found as well.
ORDINARY = frozenset({"resultado"})
# Where a term stays as it is; what the results made is left as well.
LEFT = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.table,
    nodes.figure,
    nodes.raw,
    nodes.term,
    nodes.strong,
    nodes.footnote,
    nodes.citation,
)
LEFT_CLASSES = frozenset({"answer"})


def take_terms(app: Sphinx, document: nodes.document) -> None:
    """Give each term of the glossary an anchor, and keep it with its definition.

    Parameters
    ----------
    app : Sphinx
    document : docutils.nodes.document
        A page as it was read, in the language of the book.
    """
    env: Any = app.env
    for section in document.findall(nodes.section):
        if GLOSSARY not in section["ids"]:
            continue
        for item in section.findall(nodes.definition_list_item):
            term, definition = item[0], item.next_node(nodes.definition)
            anchor = f"term-{nodes.make_id(term.astext())}"
            term["ids"] = [anchor]  # type: ignore[index]
            said = " ".join(definition.astext().split()) if definition else ""
            for name in term.astext().lower().split(", "):
                if name not in ORDINARY:
                    env.evaluation_terms[name] = (env.docname, anchor, said)


def explain(app: Sphinx, document: nodes.document, page: str) -> None:
    """Turn the first use of each term into a link to its entry.

    Parameters
    ----------
    app : Sphinx
    document : docutils.nodes.document
        A resolved page.
    page : str
        Its name.
    """
    env: Any = app.env
    terms: dict[str, tuple[str, str, str]] = {
        name: env.evaluation_terms[name]
        for name in sorted(env.evaluation_terms, key=lambda name: (-len(name), name))
    }
    if app.builder.name != "html" or not terms:
        return
    found = pattern(terms)
    linked: set[str] = set()
    for text in list(_prose(document)):
        text.parent.replace(text, list(_linked(text, found, terms, linked, page)))


def pattern(terms: dict[str, Any]) -> re.Pattern[str]:
    """A pattern of the terms in singular or plural, a group for each, the longest first.

    Parameters
    ----------
    terms : dict
        By name, in small letters, longest first.
    """
    named = "|".join("(" + r"\s".join(map(_counted, name.split())) + ")" for name in terms)
    return re.compile(rf"(?<![\w-])(?:{named})(?![\w-])", re.IGNORECASE)


def _counted(word: str) -> str:
    """A word in singular or plural, in both languages."""
    stem = word.removesuffix("ón")
    return f"{re.escape(stem)}(?:ón|ones)" if stem != word else f"{re.escape(word)}(?:e?s)?"


def _prose(document: nodes.document) -> Iterator[nodes.Text]:
    waiting: list[nodes.Node] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Text):
            yield node
            continue
        element: Any = node
        if isinstance(node, LEFT) or element.get(GENERATED):
            continue
        if LEFT_CLASSES & set(element.get("classes", ())) or GLOSSARY in element.get("ids", ()):
            continue
        waiting.extend(reversed(node.children))


def _linked(
    text: nodes.Text,
    found: re.Pattern[str],
    terms: dict[str, tuple[str, str, str]],
    linked: set[str],
    page: str,
) -> Iterator[nodes.Node]:
    """A text in parts: words as they were, and links for terms that the page has not used yet."""
    said, end, named = text.astext(), 0, list(terms.values())
    for use in found.finditer(said):
        home, anchor, _ = named[(use.lastindex or 1) - 1]
        if anchor in linked:
            continue
        linked.add(anchor)
        root = "../" * page.count("/")
        yield nodes.Text(said[end : use.start()])
        link = f'<a class="term" href="{root}{home}.html#{anchor}">{escape(use[0])}</a>'
        yield nodes.raw("", link, format="html")
        end = use.end()
    yield nodes.Text(said[end:])


def leave_definitions(app: Sphinx, problem: Exception | None) -> None:
    """Write the definitions by anchor, as a script: a page opened as a file loads no other kind."""
    env: Any = app.env
    if problem is not None or app.builder.name != "html" or not env.evaluation_terms:
        return
    found = {anchor: said for _, anchor, said in env.evaluation_terms.values()}
    text = json.dumps(found, ensure_ascii=False, indent=0, sort_keys=True)
    path = Path(app.outdir) / TERMS
    path.write_text(f"evaluationTerms={text}\n", encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    evaluation_state.keep(app, "evaluation_terms")
    app.connect("doctree-read", take_terms)
    app.connect("doctree-resolved", explain, priority=600)
    app.connect("build-finished", leave_definitions)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
