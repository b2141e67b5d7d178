"""Stage ``notebook``: execute chapters of the book, and refuse errors and warnings."""

import argparse
import time

from evaluation.config.release_rules import read_audit
from evaluation.report.terminal import spoken
from evaluation.site.assembly import chapters
from evaluation.site.execution import settled
from evaluation.site.shared_parts import chapter
from evaluation.site.study_chapters import executed
from evaluation.storage import disk, made_files
from evaluation.storage.folders import BOOK, Paths, announce


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The chapter to execute."""
    parser.add_argument(
        "name", nargs="?", default="", help="notebook's name (default: all in the study's book)"
    )


def run(options: argparse.Namespace) -> None:
    """Execute one notebook, or all that the study's table of contents names.

    Raises
    ------
    ReportError
        A cell raises or warns, or the notebook does not exist.
    SpecError
        A chapter is signed without a name or a reason.
    """
    paths = Paths.of(options)
    names = [options.name] if options.name else chapters(BOOK / f"_toc.{options.study}.yml")
    for name in names:
        made_files.note_source(chapter(options.study, name).as_posix())
    provenance = disk.read_json(paths.build / "results.json")
    signed = [entry.notebook for entry in read_audit(paths.config).chapter]
    begin = time.perf_counter()
    for name, notebook in executed(names, paths, options.language, signed):
        target = paths.language(options.language) / "notebooks" / f"{name}.ipynb"
        disk.write_text(target, settled(notebook, provenance))
        announce("notebook", name, time.perf_counter() - begin, spoken("en"))
        begin = time.perf_counter()
