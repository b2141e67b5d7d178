"""A small book with a small results folder, so that a strict build takes seconds."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from evaluation.locale import messages
from evaluation.site import assembly
from tests.tables import cases

CASES = cases(__file__)

REPOSITORY = Path(__file__).parents[2]
PLAN_HASH, DATA_HASH = "a" * 64, "b" * 64
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="80" viewBox="0 0 300 80">'
    '<rect width="300" height="80" fill="#ffffff"/><circle cx="80" cy="40" r="8"/></svg>\n'
)
SHARED_NOTE = "Signs. Plus is more."
CITABLE = {
    "workbook": [{"name": "tables.xlsx", "bytes": 1001, "sha256": "1" * 64}],
    "annex": CASES["citable"],
    "annex_workbook": [{"name": "annex.xlsx", "bytes": 2002, "sha256": "3" * 64}],
    "cards": [{"name": "card-crime.png", "alt": 'Card: "crime".', "sha256": "2" * 64}],
}
PAGE = CASES["page"]

LISTS = (
    "citable-workbook",
    "checksums",
    "annex-workbook",
    "script-list",
    "share-cards",
    "exhibit-list",
)
LIST = "\n".join(f"```{{{name}}}\n```\n" for name in LISTS)


def column(name: str, label: str, **more: str) -> dict[str, str]:
    """A column as the exhibits stage writes it."""
    return {"id": name, "label": label, "joined": "", "shown": "print", **more}


def cell(kind: str, text: str, value: float | None = None) -> dict[str, Any]:
    """A cell as the exhibits stage writes it."""
    return {"kind": kind, "text": text, "value": value, "unit": "SD", "decimals": 2}


def exhibit(identifier: str, **more: Any) -> dict[str, Any]:
    """What every exhibit carries."""
    return {
        "id": identifier,
        "kind": "figure" if identifier.startswith("fig") else "table",
        "title": f"Title of {identifier}",
        "reading": f"Reading of {identifier}.",
        "notes": [f"Note of {identifier}."],
        "own_notes": 1,
        "alt": f"Alternative text of {identifier}",
        "pictures": {layout: SVG.strip() for layout in ("wide", "narrow")},
        "synthetic": True,
        "plan_hash": PLAN_HASH,
        "data_hash": DATA_HASH,
        "files": [{"name": f"{identifier}.csv", "sha256": "0" * 64}],
        "code": "SM-T01",
        "coded": "SM-T01 v0.1",
        "citation": f"Small. {identifier}.",
        "citations": [
            {"name": name, "called": name.upper(), "text": f"{name} of {identifier}"}
            for name in ("plain", "bibtex", "ris")
        ],
        **more,
    }


def small_table() -> dict[str, Any]:
    """A table with one group, one row and a joined interval."""
    columns = [
        column("outcome", "Outcome"),
        column("estimate", "Effect"),
        column("ci_low", "95% interval"),
        column("ci_high", "", joined="to"),
    ]
    cells = [
        cell("text", "Trust & <care>"),
        cell("effect", "+0.10", 0.1),
        cell("effect", "\u22120.05", -0.05),
        cell("effect", "+0.25", 0.25),
    ]
    row = {"id": "trust", "group": "Primary", "cells": cells}
    texts = [("Trust & <care>", "text"), ("+0.10\u00a0SD", "effect"), ("−0.05 to +0.25", "effect")]
    page = {
        "layout": "as stored",
        "head": ["Outcome", "Effect", "95% interval"],
        "rows": [
            {
                "id": "trust",
                "group": "Primary",
                "folded": False,
                "cells": [{"text": text, "kind": kind} for text, kind in texts],
            }
        ],
    }
    notes = ["Sample. Everybody.", "Note of tbl-small.", SHARED_NOTE]
    return exhibit("tbl-small", columns=columns, rows=[row], print=page, notes=notes)


def write_results(folder: Path, *, mark: str = "SYNTHETIC DATA") -> None:
    """Exhibits and numbers of the small book."""
    exhibits = folder / "exhibits"
    exhibits.mkdir(parents=True)
    (folder / "notebooks").mkdir()
    figure = exhibit("fig-small", notes=["Note of fig-small.", SHARED_NOTE])
    for content in (small_table(), figure):
        content["mark"] = mark
        path = exhibits / f"{content['id']}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        path.with_suffix(".csv").write_text("a\n1\n", encoding="utf-8")
    (exhibits / "fig-small.svg").write_text(SVG, encoding="utf-8")
    (exhibits / "citable.json").write_text(json.dumps(CITABLE), encoding="utf-8")
    (exhibits / "tables.xlsx").write_bytes(b"PK")
    (exhibits / "annex.xlsx").write_bytes(b"PK")
    (exhibits / "card-crime.png").write_bytes(b"PNG")
    (exhibits / "primary.R").write_text("# R\n", encoding="utf-8")
    (exhibits / "primary.do").write_text("* WRITTEN, NOT RUN.\n", encoding="utf-8")
    (exhibits / "tbl-small.html").write_text(
        f'<!doctype html><html lang="en"><title>{mark}</title><p>{mark}</html>', encoding="utf-8"
    )
    number = {"value": 0.1, "unit": "SD", "decimals": 2, "kind": "effect", "text": "+0.10"}
    words = {"value": None, "unit": "", "decimals": 0, "kind": "text", "text": "It holds zero."}
    numbers = {
        "tbl-small.trust.estimate": number,
        "tbl-small.trust.reading": words,
    }
    (folder / "numbers.json").write_text(
        json.dumps({"synthetic": "", "numbers": numbers}), encoding="utf-8"
    )


def write_book(folder: Path, page: str = PAGE) -> None:
    """The repository's configuration, extension and styles around one page and a second one."""
    folder.mkdir()
    for part in ("_config.yml", "_ext", "_print", "_static", "_templates"):
        source, target = REPOSITORY / "book" / part, folder / part
        if source.is_dir():
            target.mkdir()
            for path in source.glob("*.*"):
                (target / path.name).write_bytes(path.read_bytes())
        else:
            target.write_bytes(source.read_bytes())
    (folder / "common").mkdir()
    (folder / "small").mkdir()
    (folder / "common" / "references.bib").write_text("", encoding="utf-8")
    (folder / "common" / "index.md").write_text(page, encoding="utf-8")
    (folder / "common" / "list.md").write_text(f"# Exhibits\n\n{LIST}", encoding="utf-8")
    (folder / "_toc.small.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: list\n", encoding="utf-8"
    )


def content(banner: str = "SYNTHETIC DATA") -> dict[str, Any]:
    """What the stage knows of the study."""
    styles = ["evaluation.css", *(["synthetic.css"] if banner else [])]
    texts = {
        "title": f"Small book [{banner}]" if banner else "Small book",
        "author": "",
        "copyright": "",
        "language": "en",
        "css_files": styles,
        "toc_title": "On this page",
        "search_text": "Search",
        "number_formats": {"figure": "Figure %s", "table": "Table %s"},
        "footer": "<p>Version 0</p>",
    }
    return {
        "facts": {
            "title": "the small study",
            "outcome.crime": "Victim of crime",
            "level": "95%",
            "clusters": "villages",
        },
        "words": messages.texts("book-exhibit", "en"),
        "banner": banner,
        "mark": banner,
        "checksums": [{"name": "estimates.csv", "sha256": "5" * 64}],
        "exhibits": ["tbl-small", "fig-small"],
        "plan_hash": PLAN_HASH,
        "data_hash": DATA_HASH,
        "config": {name: json.dumps(text) for name, text in texts.items()},
    }


def assemble(folder: Path, given: dict[str, Any], source: str = "source") -> Path:
    """The folder that Jupyter Book reads, made of ``book`` and ``results`` in the same folder."""
    assembly.assemble(
        folder / source,
        book=folder / "book",
        study="small",
        results=folder / "results",
        numbers=folder / "results" / "numbers.json",
        content=given,
    )
    return folder / source


def load_extension(name: str) -> ModuleType:
    """A module of ``book/_ext``, which Sphinx puts on the path: they import one another."""
    path = REPOSITORY / "book" / "_ext" / f"{name}.py"
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def extension() -> ModuleType:
    """The Sphinx extension that lays out exhibits, as a module."""
    return load_extension("evaluation_exhibits")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with ``book`` and ``results`` that builds."""
    write_results(tmp_path / "results")
    write_book(tmp_path / "book")
    return tmp_path
