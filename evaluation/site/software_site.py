"""The site of the software: its pages, two notebooks and two exhibits of one study, in English."""

import json
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from evaluation.locale.messages import wording
from evaluation.report import builders
from evaluation.report.sources import Source
from evaluation.site import program_reference
from evaluation.site.assembly import assemble, chapters, content_of
from evaluation.site.building import MESSAGES, build
from evaluation.site.execution import execute_each, settled
from evaluation.site.exhibit_files import CITABLE, figure_files, table_files
from evaluation.site.program_reference import reference
from evaluation.storage import disk
from evaluation.storage.folders import BOOK, SOFTWARE, Paths

TITLE, LANGUAGE = "Software", "en"
CLAIMS, PIPELINE = "tbl-claims", "fig-pipeline"
# Pages with results of the study; what is on the others is not invented.
OF_STUDY = ("claims", "pipeline", "notebooks/engine_five_lines", "notebooks/engine_walkthrough")


def write_results(folder: Path, paths: Paths, source: Source) -> None:
    """Exhibits and executed notebooks of the site, as the book of a study has them.

    Parameters
    ----------
    folder : Path
        Folder to make.
    paths : Paths
        Folders of the study that the notebooks read, its English exhibits made.
    source : Source
        The same study's records.

    Raises
    ------
    ReportError
        A cell of a notebook raises or warns, or the study has not these exhibits.
    """
    shown = {
        exhibit.id: replace(exhibit, place="page")
        for exhibit in source.configuration.registry.exhibit
        if exhibit.id in (CLAIMS, PIPELINE)
    }
    claims, pipeline = shown[CLAIMS], shown[PIPELINE]
    files = {
        **table_files(builders.build(claims, source)),
        **figure_files(builders.draw(pipeline, source), pipeline),
        CITABLE: json.dumps({"cards": [], "annex": []}).encode(),
    }
    for name, data in files.items():
        disk.write_bytes(folder / "exhibits" / name, data)
    study = paths.config.name
    provenance = disk.read_json(paths.build / "results.json")
    names = chapters(BOOK / f"_toc.{SOFTWARE}.yml")
    settings = {"EVAL_STUDY": study, "EVAL_LANG": LANGUAGE}
    each = execute_each([Path("notebooks") / f"{name}.ipynb" for name in names], settings)
    for name, executed in zip(names, each, strict=True):
        disk.write_text(folder / "notebooks" / f"{name}.ipynb", settled(executed, provenance))


def make(source: Path, output: Path, results: Path, paths: Paths) -> Path:
    """Assemble the pages and build them strictly.

    Parameters
    ----------
    source, output : Path
        Folders for what Jupyter Book reads and makes.
    results : Path
        From :func:`write_results`.
    paths : Paths
        Folders of the study.

    Returns
    -------
    Path
        The finished site.

    Raises
    ------
    ReportError
        Any warning of the strict build.
    """
    content = own_content(content_of(paths, language=LANGUAGE, checksums=[]))
    content["api"] = reference(Path())
    numbers = paths.language(LANGUAGE) / "numbers.json"
    assemble(source, book=BOOK, study=SOFTWARE, results=results, numbers=numbers, content=content)
    page = source / program_reference.PAGE
    disk.write_text(
        page, disk.read_text(page).replace(program_reference.MARK, program_reference.keys(Path()))
    )
    site = build(source, output)
    (site / MESSAGES).unlink(missing_ok=True)
    return site


def own_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """What the pages print of the software, in place of the study that its examples are from.

    Parameters
    ----------
    content : mapping
        Of the study; see :func:`evaluation.site.facts.collect`.

    Returns
    -------
    dict
        The same with a title, a description and a footer of its own, and the banner of invented
        data on the pages that show such data.
    """
    facts = content["facts"]
    about, licence, said, version = (
        wording(f"book.word.{name}", LANGUAGE)
        for name in ("software", "licence_code", "software_invented", "version")
    )
    parts = (TITLE, f"{version} {facts['version']}", facts["commit"], licence)
    line = " · ".join(map(escape, parts))
    mark = content["mark"]
    return {
        **content,
        "facts": {**facts, "title": TITLE, "question": about},
        "banner": f"{mark}. {said}" if mark else "",
        "bannered": list(OF_STUDY),
        "languages": [LANGUAGE],
        "config": {
            **content["config"],
            "title": json.dumps(TITLE),
            "footer": json.dumps(f'<p class="evaluation-footer">{line}</p>'),
        },
    }
