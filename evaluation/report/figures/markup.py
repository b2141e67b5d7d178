"""From matplotlib's SVG to the two that readers get: a file by itself, and a part of a page.

In a page a colour is a variable with the light colour behind it, ``var(--svg-1a1a1a,#1a1a1a)``:
the style sheet of the book gives it another value on a dark page. Ids begin with the figure's, so
that several figures share a page. Words stay words.
"""

import re
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree as ET

from evaluation.report.figures import typeface

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
FALLBACK = f"{typeface.FAMILY}, 'Helvetica Neue', Arial, sans-serif"
# what the writer says of all lines of a file; in a page it may not speak of other pictures
JOINS = "stroke-linejoin:round;stroke-linecap:butt"
REFERENCE = re.compile(r"#([\w.-]+)")
COLOUR = re.compile(r"#([0-9a-f]{6})\b")
NUMBER = re.compile(r"-?\d+\.\d{3,}")
UPRIGHT = "rotate(-0 "
COORDINATES = ("d", "x", "y", "width", "height", "transform")
POINTING = ("clip-path", LINK)


def standalone(drawn: str, *, title: str, described: str) -> bytes:
    """A file by itself: with the typeface inside, white ground, title and description.

    Parameters
    ----------
    drawn : str
        As matplotlib wrote it.
    title, described : str
        What it shows in a sentence, and in full.
    """
    root = _made(drawn, "")
    style = f"<style>{typeface.embedded()}svg{{{JOINS}}}text{{font-family:{FALLBACK}}}</style>"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{root.get("width")}" height="{root.get("height")}"'
        f' viewBox="{root.get("viewBox")}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(described)}</desc>{style}"
    )
    body = "".join(part for child in root for part in _written(child))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}{body}</svg>\n'.encode()


def inline(drawn: str, *, name: str, title: str, described: str) -> str:
    """The picture as a part of a page: no ground, and colours that follow the page.

    Parameters
    ----------
    drawn : str
        As matplotlib wrote it.
    name : str
        Id of the figure and of its layout: what ids of its parts begin with.
    title, described : str
    """
    root = _made(drawn, f"{name}-")
    ground = root.find(f"{SVG}g/{SVG}g")
    if ground is not None:
        ground.clear()
    body = "".join(part for child in root for part in _written(child, in_page=True))
    return (
        f'<svg class="evaluation-figure" viewBox="{root.get("viewBox")}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" style="{JOINS}">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(described)}</desc>{body}</svg>'
    )


def _made(drawn: str, beginning: str) -> ET.Element:
    """Everything of the picture in few bytes, with ids of its own and only those that are used."""
    root = ET.fromstring(drawn)  # noqa: S314 (our own bytes)
    for part in [*root.findall(f"{SVG}metadata"), root.find(f"{SVG}defs")]:
        if part is not None:
            root.remove(part)
    used = {
        name
        for part in root.iter()
        for key in POINTING
        for name in REFERENCE.findall(part.get(key, ""))
    }
    for part in root.iter():
        identifier = part.attrib.pop("id", None)
        if identifier in used:
            part.set("id", f"{beginning}{identifier}")
        for key in (key for key in POINTING if key in part.attrib):
            part.set(key, REFERENCE.sub(rf"#{beginning}\1", part.attrib[key]))
        for key in (key for key in COORDINATES if key in part.attrib):
            part.set(key, " ".join(NUMBER.sub(_short, part.attrib[key]).split()))
        if "style" in part.attrib:
            part.set("style", _style(part.attrib["style"]))
        if part.get("transform", "").startswith(UPRIGHT):
            del part.attrib["transform"]
    return root


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _style(text: str) -> str:
    """The declarations of an element that its neighbours do not share."""
    parts = dict(part.split(": ", 1) for part in text.split("; "))
    # all of a font in one declaration
    if "font" in parts:
        weight, _, size = parts.pop("font").partition("px")[0].rpartition(" ")
        parts = {"font-size": f"{size}px", **({"font-weight": weight} if weight else {}), **parts}
    parts.pop("font-family", None)
    if parts.get("text-anchor") == "start":
        del parts["text-anchor"]
    return ";".join(f"{key}:{value}" for key, value in parts.items())


def _written(part: ET.Element, *, in_page: bool = False) -> Iterator[str]:
    """An element as text; in a page without namespaces, and its colours as variables."""
    name = part.tag.removeprefix(SVG)
    children = [piece for child in part for piece in _written(child, in_page=in_page)]
    if name == "g" and not part.attrib:
        yield from children
        return
    attributes = ""
    for key, value in part.attrib.items():
        called = key if key != LINK else "href" if in_page else "xlink:href"
        said = COLOUR.sub(r"var(--svg-\1,#\1)", value) if in_page and key == "style" else value
        attributes += f' {called}="{escape(said)}"'
    yield f"<{name}{attributes}>"
    yield escape(part.text or "", quote=False) if name == "text" else ""
    yield from children
    yield f"</{name}>"
