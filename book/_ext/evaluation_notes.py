# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""Notes under exhibits, each printed once in the book.

Many exhibits share a note: how p and interval are made, what the signs mean. The first of them, in
the order of the table of contents, has it under it; the others name the exhibit that has. An
exhibit's own notes are in view, the rest is folded. Downloaded files have all their notes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

import evaluation_state
from docutils import nodes
from sphinx.application import Sphinx

from evaluation.report.formats.words import begun, in_sentence

# "Model. ...": what a note is about, set apart so that readers find the one they look for
LABEL = re.compile(r"([A-ZÁÉÍÓÚÑ][\w ]{1,26}\.) (.+)", re.DOTALL)
NOTES, OF = "exhibit-notes", "notes_of"


def notes(exhibit: dict[str, Any]) -> list[nodes.Node]:
    """The exhibit's own notes, and the place of those that :func:`settle` puts there.

    Parameters
    ----------
    exhibit : dict
        The exhibit's JSON.
    """
    own, others = _told_apart(exhibit)
    shown = [nodes.container("", *map(_paragraph, own), classes=[NOTES])] if own else []
    return [*shown, *([nodes.container("", **{OF: exhibit["id"]})] if others else [])]


def _told_apart(exhibit: dict[str, Any]) -> tuple[list[str], list[str]]:
    found: list[str] = exhibit["notes"]
    return found[: exhibit["own_notes"]], found[exhibit["own_notes"] :]


def place(app: Sphinx, document: nodes.document) -> None:
    """Take down which exhibits a page shows with their notes, in their order."""
    env: Any = app.env
    env.evaluation_noted[env.docname] = [x[OF] for x in _holders(document)]


def _holders(document: nodes.document) -> Iterator[nodes.container]:
    return (x for x in list(document.findall(nodes.container)) if x.get(OF))


def first_places(pages: Iterable[Iterable[dict[str, Any]]]) -> dict[str, str]:
    """The exhibit that has each note; one without a label is left to each exhibit.

    Parameters
    ----------
    pages : iterable of iterable of dict
        Exhibits of each page, in the order in which they are read.
    """
    found: dict[str, str] = {}
    for page in pages:
        for exhibit in page:
            for note in filter(LABEL.fullmatch, _told_apart(exhibit)[1]):
                found.setdefault(note, exhibit["id"])
    return found


def settle(app: Sphinx, document: nodes.document, page: str) -> None:
    """Put each exhibit's notes in their place, and name the exhibits that have the others.

    Parameters
    ----------
    app : Sphinx
    document : docutils.nodes.document
        A resolved page.
    page : str
        Its name.
    """
    env: Any = app.env
    exhibits, words = env.evaluation["exhibits"], env.evaluation["book"]["words"]
    noted: dict[str, list[str]] = env.evaluation_noted
    pages = evaluation_state.in_order(env)
    home = first_places([exhibits[x] for x in noted.get(each, ())] for each in pages)
    on = {identifier: where for where, named in noted.items() for identifier in named}
    for holder in _holders(document):
        kept: list[str] = []
        elsewhere: dict[str, list[str]] = defaultdict(list)
        for note in _told_apart(exhibits[holder[OF]])[1]:
            first = home.get(note, holder[OF])
            (kept if first == holder[OF] else elsewhere[first]).append(note)
        shown = [_paragraph(note) for note in kept]
        if elsewhere:
            named = {_link(app, page, x, on[x]): about for x, about in elsewhere.items()}
            shown.append(nodes.paragraph("", "", *_elsewhere(named, words)))
        about = ", ".join(_labels(kept or next(iter(elsewhere.values()))))
        listed = nodes.container("", *shown, classes=[NOTES])
        summary = ": ".join(filter(None, (words["notes"], about)))
        holder.extend(unfolded(summary, listed))


def _labels(found: Iterable[str]) -> list[str]:
    """What notes are about, as it stands inside a sentence."""
    return [in_sentence(label[1].rstrip(".")) for label in map(LABEL.fullmatch, found) if label]


def _elsewhere(named: dict[nodes.Node, list[str]], words: dict[str, str]) -> Iterator[nodes.Node]:
    """Sentences that say which exhibit has which notes."""
    for i, (link, found) in enumerate(named.items()):
        about = begun(", ".join(_labels(found)))
        before, _, after = words["notes_as_in"].format(about=about, place="\0").partition("\0")
        yield nodes.Text(f"{' ' if i else ''}{before}")
        yield link
        yield nodes.Text(after)


def _link(app: Sphinx, page: str, identifier: str, home: str) -> nodes.reference:
    """The number of an exhibit as a link to it."""
    env: Any = app.env
    exhibit = env.evaluation["exhibits"][identifier]
    numbers = env.toc_fignumbers.get(home, {}).get(exhibit["kind"], {})
    named = exhibit["title"]
    if identifier in numbers:
        number = ".".join(map(str, numbers[identifier]))
        named = app.config.numfig_format[exhibit["kind"]] % number
    address = "" if home == page else app.builder.get_relative_uri(page, home)
    return nodes.reference("", named, internal=True, refuri=f"{address}#{identifier}")


def unfolded(summary: str, *inside: nodes.Node) -> list[nodes.Node]:
    """What a reader unfolds.

    Parameters
    ----------
    summary : str
        What can be read before.
    *inside : Node
    """
    begin = f'<details class="exhibit-folded"><summary>{escape(summary)}</summary>'
    return [
        nodes.raw("", begin, format="html"),
        *inside,
        nodes.raw("", "</details>", format="html"),
    ]


def _paragraph(note: str) -> nodes.paragraph:
    found = LABEL.fullmatch(note)
    if found is None:
        return nodes.paragraph("", note)
    return nodes.paragraph("", "", nodes.strong("", found[1]), nodes.Text(f" {found[2]}"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    evaluation_state.keep(app, "evaluation_noted")
    app.connect("doctree-read", place)
    app.connect("doctree-resolved", settle, priority=500)
    return {"parallel_read_safe": False, "parallel_write_safe": False}
