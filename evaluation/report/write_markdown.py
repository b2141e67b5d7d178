"""A table as Markdown: a pipe table with title, notes and citation."""

import re

from evaluation.report import words
from evaluation.report.layout import printed
from evaluation.report.table import Table


def to_markdown(table: Table) -> bytes:
    """A pipe table with title, notes and citation."""
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
    out.extend(["", *(f"- {_m(note)}" for note in table.notes)])
    if table.citation:
        out.extend(["", _m(table.citation)])
    return ("\n".join(out) + "\n").encode("utf-8")


def _m(text: str) -> str:
    """A text that Markdown shows as it stands; in the file too "<0.001" is read as such."""
    # only what would name a character or begin a tag
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text)
    text = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)
    return text.replace("|", "\\|").replace("\n", " ")
