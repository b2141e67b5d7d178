"""Files of the exhibits: downloads, what the book renders them from, numbers, workbook and cards.

The registry of numbers has every number that a page may quote, by the permanent id
``<exhibit>.<row>.<field>``, so that a digit typed in prose cannot go stale.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from evaluation.config.exhibits import Exhibit
from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report import builders
from evaluation.report.figures.card import Card, cards
from evaluation.report.figures.frame import Figure
from evaluation.report.formats import number_format, table_writers, words
from evaluation.report.formats.page_layout import printed
from evaluation.report.formats.table import NUMERIC, Cell, Table, text
from evaluation.report.sources import Source

# The tables of the pages in one file, those of the annex in another, and the list of what is
# offered beside the exhibits.
WORKBOOK, ANNEX, CITABLE = "tables.xlsx", "annex.xlsx", "citable.json"
Content = dict[str, Any]
QUOTABLE_TEXT = ("conclusion", "evidence", "reading", "status", "adjustment")


def build(source: Source) -> tuple[dict[str, bytes], dict[str, Content]]:
    """All files of the exhibits by name, and the number registry; nothing is written.

    Raises
    ------
    ReportError
        A record that an exhibit asks for is missing.
    """
    files: dict[str, bytes] = {}
    built: dict[str, list[Table]] = {"page": [], "annex": []}
    for exhibit in source.configuration.registry.exhibit:
        if exhibit.id.startswith("tbl-"):
            table = builders.build(exhibit, source)
            built[exhibit.place].append(table)
            files.update(table_files(table) if exhibit.place == "page" else {})
        else:
            files.update(figure_files(builders.draw(exhibit, source), exhibit))
    files.update(shared_files(built["page"], built["annex"], cards(source), source))
    return files, collect([*built["page"], *built["annex"]])


def table_files(table: Table) -> dict[str, bytes]:
    """Downloads of a table, and the JSON that the book renders it from."""
    downloads = {
        f"{table.id}.{form}": write(table) for form, write in table_writers.FORMATS.items()
    }
    content = {
        **_common(table, downloads),
        "kind": "table",
        "alt": "",
        "columns": [
            {"id": c.id, "label": c.label, "joined": c.joined, "shown": c.shown}
            for c in table.columns
        ],
        "print": _print(table),
        "rows": [
            {"id": r.id, "group": r.group, "cells": [_cell(c) for c in r.cells]} for r in table.rows
        ],
    }
    return {**downloads, f"{table.id}.json": _json(content)}


def _print(table: Table) -> Content:
    """The table as the page shows it: heads, and rows of texts with their kinds."""
    page = printed(table)
    return {
        "layout": page.layout,
        "head": list(page.head),
        "rows": [
            {
                "id": row.id,
                "group": row.group,
                "folded": row.folded,
                "cells": [{"text": text, "kind": kind} for text, kind in row.cells],
            }
            for row in page.rows
        ],
    }


def figure_files(figure: Figure, exhibit: Exhibit) -> dict[str, bytes]:
    """Pictures and data of a figure, and the JSON that the book renders it from.

    A figure of the annex is its picture alone, beside the workbook.

    Parameters
    ----------
    figure : Figure
    exhibit : Exhibit
    """
    if exhibit.place == "annex":
        return {f"{figure.id}.svg": figure.svg}
    downloads = {
        f"{figure.id}.svg": figure.svg,
        f"{figure.id}.png": figure.png,
        f"{figure.id}.csv": table_writers.to_csv(figure.data),
        f"{figure.id}.xlsx": table_writers.to_xlsx(figure.data),
    }
    content = {
        **_common(figure.data, downloads),
        "kind": "figure",
        "builder": exhibit.builder,
        "alt": figure.alt,
        "message": figure.message,
        "pictures": {"wide": figure.picture.wide, "narrow": figure.picture.narrow},
    }
    return {**downloads, f"{figure.id}.json": _json(content)}


# what the book is told of an exhibit as it is
TOLD = ("id", "title", "reading", "plan_hash", "data_hash", "version", "code", "citation")


def _common(table: Table, downloads: dict[str, bytes]) -> Content:
    return {
        **{name: getattr(table, name) for name in TOLD},
        "notes": list(table.notes),
        "own_notes": table.own_notes,
        "synthetic": bool(table.mark),
        "mark": words.mark(table.mark, table.language),
        "coded": number_format.coded(table.code, table.version),
        "citations": [
            {
                "name": name,
                "called": wording(f"citation.style.{name}", table.language),
                "text": text,
            }
            for name, text in (("plain", table.citation), *table.citations)
        ],
        "files": [_file(name, data) for name, data in downloads.items()],
    }


def _file(name: str, data: bytes) -> Content:
    return {
        "name": name,
        "type": table_writers.TYPES[name.rsplit(".", 1)[1]],
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def shared_files(
    tables: Sequence[Table], annex: Sequence[Table], pictures: Sequence[Card], source: Source
) -> dict[str, bytes]:
    """The workbooks, the cards, and the list of what the book offers beside its exhibits.

    Parameters
    ----------
    tables, annex : sequence of Table
        Those that stand on pages, and those that stand in the annex workbook only; where there
        are none there is no workbook.
    pictures : sequence of Card
    source : Source
    """
    study, language = source.configuration.study, source.language
    registry = source.configuration.registry
    files = {f"{card.id}.png": card.png for card in pictures}
    for name, held in ((WORKBOOK, tables), (ANNEX, annex)):
        if held:
            files[name] = table_writers.to_workbook(held, title=study.title[language])
    content = {
        "mark": words.mark(study.mark, language),
        "synthetic": study.mark,
        "workbook": [_file(name, files[name]) for name in files if name == WORKBOOK],
        "annex": [_in_annex(e, source) for e in registry.exhibit if e.place == "annex"],
        "annex_workbook": [_file(name, files[name]) for name in files if name == ANNEX],
        "cards": [
            {"title": card.title, "alt": card.alt, **_file(f"{card.id}.png", card.png)}
            for card in pictures
        ],
    }
    return {**files, CITABLE: _json(content)}


def _in_annex(exhibit: Exhibit, source: Source) -> Content:
    """What the book says of an exhibit of the annex, and the file that holds it."""
    return {
        "id": exhibit.id,
        "coded": number_format.coded(exhibit.code, source.records.provenance.version),
        "title": exhibit.title[source.language],
        "reading": exhibit.reading[source.language],
        "file": ANNEX if exhibit.id.startswith("tbl-") else f"{exhibit.id}.svg",
    }


def _cell(cell: Cell) -> Content:
    return {"text": cell.text, "value": finite(cell.value), "kind": cell.kind}


def _json(content: Content) -> bytes:
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def collect(tables: Iterable[Table]) -> dict[str, dict[str, Any]]:
    """Numbers (and quotable words) of all tables.

    Parameters
    ----------
    tables : iterable of Table
        Tables whose numbers prose may quote.

    Returns
    -------
    dict
        Id to ``{value, text, unit, decimals, kind}``. ``value`` is None for words, for what is
        withheld, and for an infinity, which JSON cannot hold; ``text`` is always what the table
        prints, and ``unit`` is in the table's language.

    Raises
    ------
    ReportError
        Two numbers have one id, or an id holds a dot too many.
    """
    numbers: dict[str, dict[str, Any]] = {}
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                quoted = cell.kind == "text" and column.id in QUOTABLE_TEXT
                if not (quoted or cell.kind in (*NUMERIC, "unavailable", "suppressed")):
                    continue
                _add(numbers, (table.id, row.id, column.id), cell, table.language)
        for name, sentence in table.said:
            _add(numbers, (table.id, "all", name), text(sentence), table.language)
    return numbers


def _add(
    numbers: dict[str, dict[str, Any]], parts: tuple[str, str, str], cell: Cell, language: str
) -> None:
    identifier = ".".join(parts)
    if identifier in numbers or any("." in part for part in parts):
        raise ReportError.of(
            "number-id-stands", "rename-row-column", parts[0], identifier=identifier
        )
    numbers[identifier] = {
        "value": finite(cell.value),
        "text": cell.text,
        "unit": words.unit(cell.unit, language),
        "decimals": cell.decimals,
        "kind": cell.kind,
    }


def marked(numbers: dict[str, dict[str, Any]], *, mark: str) -> dict[str, Any]:
    """The content of ``numbers.json``: the numbers under the mark of invented data.

    Parameters
    ----------
    numbers : dict
        What :func:`collect` returns.
    mark : str
        Empty where the data are real.
    """
    return {"synthetic": mark, "numbers": numbers}


def finite(value: float | None) -> float | int | None:
    """The value, or None where JSON has no number for it."""
    return None if value is None or not math.isfinite(value) else value
