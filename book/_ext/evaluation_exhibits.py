# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""What an exhibit looks like in the book: nodes from the JSON that the exhibits stage wrote."""

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref

FEW_ROWS = 5
MANY = 3
SHORT_TEXT, LONG_TEXT = 16, 80
# A cell that lists exhibits by their ids.
EXHIBITS = re.compile(r"(?:tbl|fig)-[a-z0-9-]+(?:, (?:tbl|fig)-[a-z0-9-]+)*")
RANGE = re.compile(r"(?<=\d)–(?=\d)")
# "Model. ...": what a note is about, set apart so that readers find the one they look for
LABEL = re.compile(r"([A-ZÁÉÍÓÚÑ][\w ]{1,26}\.) (.+)", re.DOTALL)
DOWNLOADS = (".csv", ".xlsx", ".docx", ".tex", ".html", ".md", ".svg", ".png")
MINUS = "\u2212"
# On a telephone their rows stand as blocks, and each cell says what it is.
STACKED = frozenset({"tbl-indicators"})
# A search for the name of an outcome leads to these.
NAMED_BY_OUTCOME = frozenset({"tbl-did-main", "tbl-statements"})


def outcomes(exhibit: dict[str, Any], facts: dict[str, str]) -> list[str]:
    """Names of the outcomes that a search should find an exhibit by, without their brackets.

    Parameters
    ----------
    exhibit : dict
        As the exhibits stage wrote it: a row's id is an outcome, or begins with one and a dash.
    facts : dict
        Of the study; ``outcome.<id>`` is the label of an outcome.
    """
    if exhibit["id"] not in NAMED_BY_OUTCOME:
        return []
    found = dict.fromkeys(row["id"].partition("-")[0] for row in exhibit["rows"])
    labels = (facts.get(f"outcome.{name}", "") for name in found)
    return [label.partition(" (")[0] for label in labels if label]


def shown(number: dict[str, Any], style: str) -> str:
    """Text of a number.

    Parameters
    ----------
    number : dict
        ``value``, ``unit``, ``decimals``, ``kind`` and ``text`` as the exhibits stage wrote it.
    style : {"", "unit", "abs"}
        As printed in the table; followed by its unit; without its sign.

    Raises
    ------
    KeyError
        An unknown style.
    """
    text: str = number["text"]
    return {
        "": text,
        "unit": f"{text}\u00a0{number['unit']}",
        "abs": text.lstrip(f"+{MINUS}-"),
    }[style]


def alone(number: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """A number without the zeros that tell it from its neighbour in a table, for another place.

    Parameters
    ----------
    number : dict
        Of the numbers file.
    beside : dict
        Another number of the row, which has the usual decimals.
    """
    more = number["decimals"] - beside["decimals"]
    text: str = number["text"]
    return {**number, "text": text[:-more]} if more > 0 and text.endswith("0" * more) else number


def build(exhibit: dict[str, Any], body: nodes.Element, words: dict[str, str]) -> list[nodes.Node]:
    """Everything around the numbered table or figure.

    Parameters
    ----------
    exhibit : dict
        The exhibit's JSON.
    body : docutils.nodes.Element
        What :func:`numbered` made of it, with its anchor.
    words : dict of str to str
        Of the extension, in the book's language: ``book.json`` holds them.
    """
    # a section element with a name, so that a screen reader can jump from exhibit to exhibit
    label = escape(exhibit["title"], quote=True)
    return [
        nodes.raw("", f'<section class="exhibit" aria-label="{label}">', format="html"),
        *_scrolling(exhibit, body),
        nodes.paragraph("", exhibit["reading"], classes=["exhibit-reading"]),
        *_in_words(exhibit, words),
        _notes(exhibit),
        downloads(exhibit),
        nodes.raw("", "</section>", format="html"),
    ]


def numbered(exhibit: dict[str, Any], words: dict[str, str]) -> nodes.Element:
    """The table or figure that carries number, caption and anchor."""
    if exhibit["kind"] == "table":
        return _table(exhibit, words)
    caption = nodes.caption("", exhibit["title"])
    return nodes.figure("", linked_image(exhibit), caption, classes=["exhibit-figure"])


def image(exhibit: dict[str, Any]) -> nodes.image:
    """The picture of a figure with its alternative text."""
    uri = f"/_results/exhibits/{exhibit['id']}.svg"
    return nodes.image(uri=uri, alt=exhibit["alt"], classes=["exhibit-image"])


def linked_image(exhibit: dict[str, Any]) -> nodes.reference:
    """The picture as a link to its file, where a narrow screen shows it too small."""
    target = f"{{root}}files/{exhibit['id']}.svg"
    return nodes.reference("", "", image(exhibit), refuri=target, internal=True)


def reference(identifier: str, docname: str) -> pending_xref:
    """A link that shows the exhibit's number; Sphinx warns where there is no such anchor."""
    return pending_xref(
        "",
        nodes.literal("", identifier, classes=["xref", "std", "std-numref"]),
        refdomain="std",
        reftype="numref",
        reftarget=identifier,
        refexplicit=False,
        refwarn=True,
        refdoc=docname,
    )


def in_annex(exhibit: dict[str, Any], words: dict[str, str]) -> nodes.raw:
    """A link to the file of the annex that holds an exhibit which no page shows.

    Parameters
    ----------
    exhibit : dict
        As ``citable.json`` lists it: ``id``, ``coded``, ``file``.
    words : dict of str to str
        Of the extension, in the book's language.
    """
    named = words[f"annex_{exhibit['id'][:3]}"]
    said = escape(named.format(code=exhibit["coded"].split()[0]))
    link = f'<a href="{{root}}files/{exhibit["file"]}" download>{said}</a>'
    return nodes.raw("", link, format="html")


def annex_links(body: nodes.Element, annex: dict[str, Any], words: dict[str, str]) -> None:
    """Turn references to exhibits of the annex into links to its files, in place."""
    for link in list(body.findall(pending_xref)):
        if link["reftarget"] in annex:
            link.replace_self(in_annex(annex[link["reftarget"]], words))


def _scrolling(exhibit: dict[str, Any], body: nodes.Element) -> list[nodes.Node]:
    if exhibit["kind"] == "figure":
        return [body]
    label = escape(exhibit["title"], quote=True)
    begin = f'<div class="exhibit-scroll" role="region" tabindex="0" aria-label="{label}">'
    return [nodes.raw("", begin, format="html"), body, nodes.raw("", "</div>", format="html")]


def _table(exhibit: dict[str, Any], words: dict[str, str]) -> nodes.table:
    page = exhibit["print"]
    group = nodes.tgroup(cols=len(page["head"]))
    for position, _ in enumerate(page["head"]):
        group += nodes.colspec(colwidth=1, stub=int(position == 0))
    group += nodes.thead("", nodes.row("", *(_entry(label, "head") for label in page["head"])))
    rows = _rows(page) or [_group_row(_result(exhibit, words), len(page["head"]))]
    if exhibit["id"] in STACKED:
        _name_cells(rows, page["head"])
    group += nodes.tbody("", *rows)
    title = nodes.title("", exhibit["title"])
    if exhibit["mark"]:
        # a picture of the table alone has to show that its numbers are invented
        title += [nodes.Text(" "), nodes.inline("", exhibit["mark"], classes=["synthetic-mark"])]
    layout = f"exhibit-{page['layout'].replace(' ', '-')}"
    stacked = ["exhibit-stacked"] if exhibit["id"] in STACKED else []
    classes = ["exhibit-table", "colwidths-auto", layout, *stacked, exhibit["id"]]
    return nodes.table("", title, group, classes=classes)


def _name_cells(rows: list[nodes.row], heads: list[str]) -> None:
    """Put each column's name into its cells, as what a style sheet may show and search skips."""
    for row in rows:
        for entry, head in list(zip(row, heads, strict=False))[1:]:
            if "morecols" not in entry:
                name = f'<span class="cell-name" data-name="{escape(head, quote=True)}"></span>'
                entry.insert(0, nodes.raw("", name, format="html"))


def _result(exhibit: dict[str, Any], words: dict[str, str]) -> str:
    """What a table without rows has to say, from its notes."""
    lead = words["result"]
    said = (note.removeprefix(lead) for note in exhibit["notes"] if note.startswith(lead))
    return next(said, words["none"])


def _rows(page: dict[str, Any]) -> list[nodes.row]:
    rows = []
    heading = ""
    for row in page["rows"]:
        if row["group"] != heading:
            heading = row["group"]
            rows.append(_group_row(heading, len(page["head"])))
        rows.append(nodes.row("", *_entries(row["cells"])))
    return rows


def _entries(cells: list[dict[str, Any]]) -> list[nodes.entry]:
    """Cells of a row; a reason that nothing follows has the width of the rest of the row."""
    entries = [_entry(cell["text"], cell["kind"]) for cell in cells]
    kinds = [cell["kind"] for cell in cells]
    if kinds[1:2] != ["unavailable"] or len(kinds) < MANY or set(kinds[2:]) != {"none"}:
        return entries
    entries[1]["morecols"] = len(cells) - 2
    return entries[:2]


def _group_row(heading: str, width: int) -> nodes.row:
    entry = _entry(heading, "group")
    entry["morecols"] = width - 1
    return nodes.row("", entry, classes=["exhibit-group"])


def _entry(text: str, kind: str) -> nodes.entry:
    # no line ends inside a range such as 1–5
    text = RANGE.sub("\u2060–\u2060", text)
    classes = [f"cell-{kind}"]
    if len(text) > LONG_TEXT:
        classes.append("cell-long")
    if kind == "text" and len(text) <= SHORT_TEXT:
        classes.append("cell-short")
    named = EXHIBITS.fullmatch(text)
    shown = _exhibit_links(text) if named and kind == "text" else [nodes.Text(text)]
    return nodes.entry("", nodes.paragraph("", "", *shown), classes=classes)


def _exhibit_links(listed: str) -> list[nodes.Node]:
    """Ids of exhibits in a cell as links with their numbers; the directive says on which page."""
    links = [reference(identifier, "") for identifier in listed.split(", ")]
    return [node for link in links for node in (nodes.Text(", "), link)][1:]


def _in_words(exhibit: dict[str, Any], words: dict[str, str]) -> list[nodes.Node]:
    """The plain-language reading of every row, where the table has one and prints none."""
    columns = exhibit.get("columns", ())
    hidden = [c["id"] if c["shown"] == "download" else "" for c in columns]
    if "reading" not in hidden:
        return []
    position = hidden.index("reading")
    cells = [row["cells"][position] for row in exhibit["rows"]]
    said = [nodes.paragraph("", cell["text"]) for cell in cells if cell["kind"] == "text"]
    items = [nodes.list_item("", paragraph) for paragraph in said]
    listed = nodes.bullet_list("", *items, classes=["exhibit-words"])
    if len(items) <= FEW_ROWS:
        return [listed]
    begin = f"<details><summary>{escape(words['in_words'].format(n=len(items)))}</summary>"
    return [nodes.raw("", begin, format="html"), listed, nodes.raw("", "</details>", format="html")]


def _notes(exhibit: dict[str, Any]) -> nodes.container:
    notes = [nodes.paragraph("", "", *_note(note)) for note in exhibit["notes"]]
    return nodes.container("", *notes, classes=["exhibit-notes"])


def _note(note: str) -> list[nodes.Node]:
    found = LABEL.fullmatch(note)
    if found is None:
        return [nodes.Text(note)]
    return [nodes.strong("", found[1]), nodes.Text(f" {found[2]}")]


def downloads(exhibit: dict[str, Any]) -> nodes.raw:
    """The line with the code, the permanent id and every file."""
    links = [
        f'<a href="{{root}}files/{file["name"]}" download>'
        f"{file['name'].rpartition('.')[2].upper()}</a>"
        for file in offered(exhibit)
    ]
    coded = f"<strong>{exhibit['coded']}</strong> " if exhibit.get("coded") else ""
    text = f"{coded}<code>{exhibit['id']}</code> {' '.join(links)}"
    return nodes.raw("", f'<p class="exhibit-downloads">{text}</p>', format="html")


def offered(exhibit: dict[str, Any]) -> list[dict[str, Any]]:
    """Files of an exhibit that are for readers, by name."""
    files = [f for f in exhibit["files"] if f["name"].endswith(DOWNLOADS)]
    return sorted(files, key=lambda file: file["name"])
