# ruff: noqa: INP001 (Sphinx extensions are modules on a path, not a package)
"""What an exhibit looks like in the book: nodes from the JSON that the exhibits stage wrote."""

import re
from html import escape
from typing import Any

import evaluation_notes
from docutils import nodes
from sphinx.addnodes import pending_xref

MANY = 3
SHORT_TEXT, LONG_TEXT = 16, 80
# A cell that lists exhibits by their ids.
EXHIBITS = re.compile(r"(?:tbl|fig)-[a-z0-9-]+(?:, (?:tbl|fig)-[a-z0-9-]+)*")
IDENTIFIER = re.compile(r"(?=.*[._])[a-z][a-z0-9]*(?:[-._][a-z0-9]+)+")
ID_PART = re.compile(r"[^._]+[._]?")
CODED = re.compile(r"(?<=\d) = ")
RANGE = re.compile(r"(?<=\d)–(?=\d)")
EQUALS = re.compile(r"(?<=\bp) = (?=\d)")
NAMED = re.compile(r"(?<=[A-Z]{2})-(?=[IVX]+\b)")
DOWNLOADS = (".csv", ".xlsx", ".docx", ".tex", ".html", ".md", ".svg", ".png")
MINUS = "\u2212"
AS_STORED = "as stored"
NUMBERS = frozenset({"effect", "number", "count", "p_value"})
# Fewer rows than these are read faster than sorted, or chosen from.
SORTED, CHOSEN = 5, 12
# Of a table with more, the sentences by row are in its downloads only.
IN_WORDS = 12
PICKED = (2, 6)
LAYOUTS = ("wide", "narrow")
# With so many columns, rows stand as blocks on a telephone, and each cell says what it is. Words do
# so in fewer: side by side they would be too narrow to read.
STACKED_COLUMNS, STACKED_WORDS = 4, 3
# Of these, which are looked up and not read, a page shows the first rows, and all when they are
# asked for. On a telephone every long table begins so.
BEGUN = frozenset({"tbl-levels", "tbl-weights", "tbl-findings", "tbl-recovery", "tbl-erratum"})
BEGUN_ROWS = 15
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
    labels = (facts.get(f"{kind}.{name}", "") for name in found for kind in ("outcome", "noun"))
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


def groups(exhibit: dict[str, Any], facts: dict[str, str]) -> list[str]:
    """Outcomes that a long table shows one after another, each under its own headings.

    Parameters
    ----------
    exhibit : dict
        As the exhibits stage wrote it.
    facts : dict
        Of the study; ``outcome.<id>`` is the label of an outcome.

    Returns
    -------
    list of str
        Their labels; none where the table is short or its headings are about something else.
    """
    rows = exhibit.get("print", {}).get("rows", ())
    found = list(dict.fromkeys(row["group"].partition(" \u2013 ")[0] for row in rows))
    known = {label for name, label in facts.items() if name.startswith("outcome.")}
    fits = len(rows) >= CHOSEN and PICKED[0] <= len(found) <= PICKED[1] and known >= set(found)
    return found if fits else []


def _picker(exhibit: dict[str, Any], outcomes: list[str], words: dict[str, str]) -> nodes.raw:
    """A choice of one outcome; without its script it stays hidden, and all are in view."""
    options = "".join(
        f'<option value="{escape(o, quote=True)}">{escape(o)}</option>' for o in outcomes
    )
    every = f'<option value="">{escape(words["choose_all"])}</option>'
    text = (
        f'<p class="outcome-picker" data-table="{exhibit["id"]}" hidden>'
        f"<label>{escape(words['choose'])} <select>{every}{options}</select></label></p>"
    )
    return nodes.raw("", text, format="html")


def _all_rows(exhibit: dict[str, Any], words: dict[str, str]) -> list[nodes.Node]:
    """A button for the rows that a page leaves out; without its script all are in view."""
    page = exhibit.get("print", {"rows": []})
    is_begun = exhibit["id"] in BEGUN
    if len(page["rows"]) <= BEGUN_ROWS or not (is_begun or _stacks(page)):
        return []
    said = escape(words["all_rows"].format(n=len(page["rows"])))
    where = "" if is_begun else " exhibit-narrow"
    text = (
        f'<p class="exhibit-all{where}" data-table="{exhibit["id"]}" hidden>'
        f'<button type="button">{said}</button></p>'
    )
    return [nodes.raw("", text, format="html")]


def build(
    exhibit: dict[str, Any],
    body: nodes.Element,
    words: dict[str, str],
    facts: dict[str, str],
) -> list[nodes.Node]:
    """Everything around the numbered table or figure.

    Parameters
    ----------
    exhibit : dict
        The exhibit's JSON.
    body : docutils.nodes.Element
        What :func:`numbered` made of it, with its anchor.
    words : dict of str to str
        Of the extension, in the book's language: ``book.json`` holds them.
    facts : dict of str to str
        Of the study, from there too.
    """
    chosen = groups(exhibit, facts)
    # a section element with a name, so that a screen reader can jump from exhibit to exhibit
    label = escape(exhibit["title"], quote=True)
    return [
        nodes.raw("", f'<section class="exhibit" aria-label="{label}">', format="html"),
        *([_picker(exhibit, chosen, words)] if chosen else []),
        *_scrolling(exhibit, body),
        *([] if chosen else _all_rows(exhibit, words)),
        nodes.paragraph("", exhibit["reading"], classes=["exhibit-reading"]),
        *_folded_rows(exhibit, words),
        *_in_words(exhibit, words),
        *evaluation_notes.notes(exhibit),
        downloads(exhibit),
        nodes.raw("", "</section>", format="html"),
    ]


def numbered(exhibit: dict[str, Any], words: dict[str, str]) -> nodes.Element:
    """The table or figure that carries number, caption and anchor."""
    if exhibit["kind"] == "table":
        return _table(exhibit, words)
    caption = nodes.caption("", f"{exhibit['title']} ", _code(exhibit))
    return nodes.figure("", picture(exhibit), caption, classes=["exhibit-figure"])


def _code(exhibit: dict[str, Any]) -> nodes.inline:
    """The permanent code, beside the number that the book counts."""
    return nodes.inline("", exhibit["code"], classes=["exhibit-code"])


def picture(exhibit: dict[str, Any]) -> nodes.raw:
    """Both layouts of a figure as parts of the page; the style sheet shows the one that fits."""
    drawn = "".join(
        f'<div class="figure-{layout}">{exhibit["pictures"][layout]}</div>' for layout in LAYOUTS
    )
    return nodes.raw("", drawn, format="html")


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
    code = exhibit["coded"].split()[0]
    said = escape(named.format(code=code)).replace(code, f'<span class="whole">{code}</span>')
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
    shown = [row for row in page["rows"] if not row["folded"]]
    rows = _rows(shown, len(page["head"])) or [
        _group_row(_result(exhibit, words), len(page["head"]))
    ]
    is_stacked = _stacks(page)
    if is_stacked:
        _name_cells(rows, page["head"])
    group += nodes.tbody("", *rows)
    title = nodes.title("", f"{exhibit['title']} ", _code(exhibit))
    if exhibit["mark"]:
        # a picture of the table alone has to show that its numbers are invented
        title += [nodes.Text(" "), nodes.inline("", exhibit["mark"], classes=["synthetic-mark"])]
    layout = f"exhibit-{page['layout'].replace(' ', '-')}"
    more = ["exhibit-stacked"] if is_stacked else []
    more += ["exhibit-sortable"] if _sorts(page) else []
    classes = ["exhibit-table", "colwidths-auto", layout, *more, exhibit["id"]]
    return nodes.table("", title, group, classes=classes)


def _stacks(page: dict[str, Any]) -> bool:
    """Whether a table is too wide for a telephone, and is read there row by row."""
    is_wide = len(page["head"]) >= STACKED_COLUMNS
    is_words = len(page["head"]) >= STACKED_WORDS and not _kinds(page) & NUMBERS
    return page["layout"] == AS_STORED and (is_wide or is_words)


def _kinds(page: dict[str, Any]) -> set[str]:
    return {cell["kind"] for row in page["rows"] for cell in row["cells"]}


def _sorts(page: dict[str, Any]) -> bool:
    """Whether a table has rows enough, and numbers to sort them by."""
    has_numbers = bool(_kinds(page) & NUMBERS)
    return page["layout"] == AS_STORED and len(page["rows"]) >= SORTED and has_numbers


def _name_cells(rows: list[nodes.row], heads: list[str]) -> None:
    """Put each column's name into its cells, as what a style sheet may show and search skips.

    An empty cell gets none, and is not shown.
    """
    for row in rows:
        for entry, head in list(zip(row, heads, strict=False))[1:]:
            if not entry.astext().strip():
                entry["classes"].append("cell-none")
            elif "morecols" not in entry:
                name = f'<span class="cell-name" data-name="{escape(head, quote=True)}"></span>'
                entry.insert(0, nodes.raw("", name, format="html"))


def _result(exhibit: dict[str, Any], words: dict[str, str]) -> str:
    """What a table without rows has to say, from its notes."""
    lead = words["result"]
    said = (note.removeprefix(lead) for note in exhibit["notes"] if note.startswith(lead))
    return next(said, words["none"])


def _folded_rows(exhibit: dict[str, Any], words: dict[str, str]) -> list[nodes.Node]:
    """The other lines of a turned table, with its heads once more."""
    page = exhibit.get("print", {"rows": []})
    lines = [row for row in page["rows"] if row["folded"]]
    if not lines:
        return []
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in page["head"])
    body = "".join(
        f'<tr><th scope="row">{escape(row["cells"][0]["text"])}</th>'
        + "".join(f"<td>{escape(cell['text'])}</td>" for cell in row["cells"][1:])
        + "</tr>"
        for row in lines
    )
    label = escape(f"{exhibit['title']}: {words['more']}", quote=True)
    begin = f'<div class="exhibit-scroll" role="region" tabindex="0" aria-label="{label}">'
    made = f'{begin}<table class="exhibit-table exhibit-turned table"><thead><tr>{head}</tr>'
    return evaluation_notes.unfolded(
        words["more"],
        nodes.raw("", f"{made}</thead><tbody>{body}</tbody></table></div>", format="html"),
    )


def _rows(shown: list[dict[str, Any]], width: int) -> list[nodes.row]:
    rows = []
    heading = ""
    for row in shown:
        if row["group"] != heading:
            heading = row["group"]
            rows.append(_group_row(heading, width))
        rows.append(nodes.row("", *_entries(row["cells"])))
    return rows


def _entries(cells: list[dict[str, Any]]) -> list[nodes.entry]:
    """Cells of a row; a reason that is the only one has the width of the rest of the row."""
    entries = [_entry(cell["text"], cell["kind"]) for cell in cells]
    kinds = [cell["kind"] for cell in cells]
    reasons = {cell["text"] for cell in cells[1:] if cell["kind"] == "unavailable"}
    alone = kinds[1:2] == ["unavailable"] and set(kinds[1:]) <= {"unavailable", "none"}
    if not alone or len(kinds) < MANY or len(reasons) != 1:
        return entries
    entries[1]["morecols"] = len(cells) - 2
    return entries[:2]


def _group_row(heading: str, width: int) -> nodes.row:
    entry = _entry(heading, "group")
    entry["morecols"] = width - 1
    return nodes.row("", entry, classes=["exhibit-group"])


def unbroken(text: str) -> str:
    """Words of which no line ends inside a range such as 1–5, or in p = 0.05 or in ROBINS-I."""
    text = EQUALS.sub("\u00a0=\u00a0", RANGE.sub("\u2060–\u2060", text))
    return NAMED.sub("\u2060-\u2060", text)


def _entry(text: str, kind: str) -> nodes.entry:
    # nor between a code and what it means
    text = CODED.sub("\u00a0=\u00a0", unbroken(text))
    classes = [f"cell-{kind}"]
    if len(text) > LONG_TEXT:
        classes.append("cell-long")
    if kind == "text" and len(text) <= SHORT_TEXT:
        classes.append("cell-short")
    named = EXHIBITS.fullmatch(text)
    shown = _exhibit_links(text) if named and kind == "text" else _parts(text)
    return nodes.entry("", nodes.paragraph("", "", *shown), classes=classes)


def _parts(text: str) -> list[nodes.Node]:
    """A text; the id of a number or variable in parts, so that a line ends between two of them."""
    if not IDENTIFIER.fullmatch(text):
        return [nodes.Text(text)]
    parts = [nodes.inline("", part, classes=["id-part"]) for part in ID_PART.findall(text)]
    between = nodes.raw("", "<wbr>", format="html")
    return [node for part in parts for node in (between.deepcopy(), part)][1:]


def _exhibit_links(listed: str) -> list[nodes.Node]:
    """Ids of exhibits in a cell as links with their numbers; the directive says on which page."""
    links = [reference(identifier, "") for identifier in listed.split(", ")]
    return [node for link in links for node in (nodes.Text(", "), link)][1:]


def in_words(exhibit: dict[str, Any]) -> list[str]:
    """The plain-language reading of every row, where the table has one and prints none."""
    columns = exhibit.get("columns", ())
    hidden = [c["id"] if c["shown"] == "download" else "" for c in columns]
    if "reading" not in hidden:
        return []
    position = hidden.index("reading")
    cells = [row["cells"][position] for row in exhibit["rows"]]
    return [cell["text"] for cell in cells if cell["kind"] == "text"]


def _in_words(exhibit: dict[str, Any], words: dict[str, str]) -> list[nodes.Node]:
    said = map(unbroken, in_words(exhibit))
    items = [nodes.list_item("", nodes.paragraph("", sentence)) for sentence in said]
    if not 0 < len(items) <= IN_WORDS:
        return []
    listed = nodes.bullet_list("", *items, classes=["exhibit-words"])
    return evaluation_notes.unfolded(words["in_words"].format(n=len(items)), listed)


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
