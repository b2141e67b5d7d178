"""Stage ``notebook``: execute chapters of the book, and refuse errors and warnings."""

import argparse
import time
from pathlib import Path

from evaluation.report.terminal import spoken
from evaluation.site.assembly import chapters
from evaluation.site.execution import execute_each, settled
from evaluation.storage import disk
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
    """
    paths = Paths.of(options)
    names = [options.name] if options.name else chapters(BOOK / f"_toc.{options.study}.yml")
    settings = {"EVAL_STUDY": options.study, "EVAL_LANG": options.language}
    provenance = disk.read_json(paths.build / "results.json")
    # read by another process, the kernel: what the chapters are made from is noted here
    for path in sorted(paths.language(options.language).glob("exhibits/*")):
        disk.read_bytes(path)
    begin = time.perf_counter()
    each = execute_each([Path("notebooks") / f"{name}.ipynb" for name in names], settings)
    for name, executed in zip(names, each, strict=True):
        target = paths.language(options.language) / "notebooks" / f"{name}.ipynb"
        disk.write_text(target, settled(executed, provenance))
        announce("notebook", name, time.perf_counter() - begin, spoken("en"))
        begin = time.perf_counter()
