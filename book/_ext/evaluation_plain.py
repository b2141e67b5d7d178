# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Paragraphs of words, code and emphasis, put in another language where they stand.

Sphinx reads every translated text twice, each time as a page of its own: more than half the time
of a Spanish book. References, roles and titles need that; a paragraph of plain words does not.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from docutils import nodes
from markdown_it import MarkdownIt
from markdown_it.token import Token
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from sphinx.environment import BuildEnvironment

# Beside words: what opens and closes emphasis, and the node that it makes.
OPENED = {"em_open": nodes.emphasis, "strong_open": nodes.strong}
CLOSED = {"em_close", "strong_close"}
# What a paragraph may hold for its words to be exchanged without a look at anything else.
PLAIN = (nodes.Text, nodes.literal, nodes.emphasis, nodes.strong)


def parser(env: BuildEnvironment) -> MarkdownIt:
    """The book's Markdown, as its pages are read.

    Parameters
    ----------
    env : BuildEnvironment
        Of the build.
    """
    config: Any = env.myst_config  # type: ignore[attr-defined]
    return create_md_parser(config, SphinxRenderer)


def translate(node: nodes.Element, text: str, markdown: MarkdownIt) -> bool:
    """Exchange a paragraph's words, and say whether that could be done.

    Parameters
    ----------
    node : nodes.Element
        What stands on the page. It is left alone unless it and the text are plain.
    text : str
        The same in the language of the book.
    markdown : MarkdownIt
        From :func:`parser`.
    """
    if not isinstance(node, nodes.paragraph) or not _is_plain(node):
        return False
    said = list(_nodes(markdown.parseInline(text)[0].children or ()))
    if None in said:
        return False
    node.children = []
    node.extend(said)
    # Sphinx has nothing left to do here
    node["translatable"], node["translated"] = False, True
    return True


def _is_plain(node: nodes.Element) -> bool:
    return all(isinstance(each, PLAIN) for each in node.findall() if each is not node)


def _nodes(tokens: Sequence[Token]) -> Iterator[nodes.Node | None]:
    """Nodes of a text; None for what only Sphinx can read."""
    around: list[nodes.Element] = []
    for token in tokens:
        made: nodes.Node | None = None
        if token.type in CLOSED:
            made = around.pop()
        elif token.type in OPENED:
            around.append(OPENED[token.type]())
            continue
        elif token.type == "text":
            made = nodes.Text(token.content)
        elif token.type == "code_inline" and not token.attrs:
            made = nodes.literal(token.content, token.content)
        if made is None or not around:
            yield made
        else:
            around[-1].append(made)
