"""A table as Markdown: a pipe table with title, notes and citation."""

import re

from evaluation.report import words
from evaluation.report.layout import printed
from evaluation.report.table import Table

# What makes markup of a text wherever it stands, in CommonMark and in the extensions that MyST
# and GitHub add: links, images, code, roles, emphasis, mathematics, and the edge of a cell. An
# underscore inside a word is nothing but itself, and column names stay readable.
MARKUP = re.compile(r"[\\`*\[\]{}$~^|]|(?<![^\W_])_|_(?![^\W_])")
# what programs turn into links although nothing marks it: //host, name@host, www. and host.name
# where the name is one of a country or of the few others that they look for
NAMES = r"(?:[^\W\d_]{2}|com|net|org|edu|gov|info|biz|pro|web|xxx|aero|asia|coop|museum|name|shop)"
ADDRESS = re.compile(
    rf"/(?=/)|(?<=\S)@(?=\S)|(?<=\bwww)\.|(?<=\w)\.(?={NAMES}(?![^\W_]))", re.IGNORECASE
)
# at the start of a line: headings, lists, quotes, comments, targets, fences, definitions
FIRST = re.compile(r"[-#>+%(:=]")


def to_markdown(table: Table) -> bytes:
    """A pipe table with title, notes and citation, in which no text is markup."""
    page = printed(table)
    out = [f"**{_m(table.called)}: {_m(table.title)}**", ""]
    if table.mark:
        out[:0] = [f"**{words.banner(table.mark, table.language)}**", ""]
    out.append("| " + " | ".join(_m(label) for label in page.head) + " |")
    out.append("|" + " --- |" * len(page.head))
    group = ""
    for row in page.rows:
        if row.group != group:
            group = row.group
            out.append(f"| **{_m(group)}** |" + " |" * (len(page.head) - 1))
        texts = ("" if kind == "repeated" else _m(text) for text, kind in row.cells)
        out.append("| " + " | ".join(texts) + " |")
    out.extend(["", *(f"- {_line(note)}" for note in table.notes)])
    if table.citation:
        out.extend(["", _line(table.citation)])
    return ("\n".join(out) + "\n").encode("utf-8")


def _m(text: str) -> str:
    """A text that Markdown shows as it stands; in the file too "<0.001" is read as such."""
    # a blank beside the stars of bold letters would take their meaning away
    text = re.sub(r"[\r\n\0]+", " ", text).strip()
    text = MARKUP.sub(_escaped, text)
    text = ADDRESS.sub(_escaped, text)
    # only what would name a character or begin a tag
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def _line(text: str) -> str:
    """The same for a text that begins a line, where more is markup."""
    text = _m(text)
    if FIRST.match(text):
        return f"\\{text}"
    return re.sub(r"^(\d{1,9})([.)])", r"\1\\\2", text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
