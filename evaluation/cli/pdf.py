"""Command ``pdf``: the book as one PDF, and the two-page brief as PDF and DOCX."""

import argparse

from evaluation.locale.messages import wording
from evaluation.release.published_tables import checksums
from evaluation.report.terminal import counted, spoken
from evaluation.site import prints
from evaluation.site.chromium import find_chromium
from evaluation.storage import disk, print_links
from evaluation.storage.folders import PRINTED, PRINTED_FROM, Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say whether prints of the same pages are made again."""
    parser.add_argument(
        "--again",
        default="yes",
        choices=("yes", "no"),
        help="print although the prints that are there are of these pages (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> str:
    """Print book and brief in one language; nothing is written until all are made.

    Raises
    ------
    ReportError
        Chromium is missing, the pages do not build, or the brief has not two pages.
    """
    paths, language = Paths.of(options), options.language
    program = find_chromium()
    folder = paths.language(language)
    if options.again == "no" and prints.print_state(paths, language, checksums) == "current":
        print_links.offer(folder / "site")
        # written anew, so that it is younger than the site
        disk.write_json(folder / PRINTED_FROM, disk.read_json(folder / PRINTED_FROM))
        return wording("pdf.kept", spoken(language))
    with disk.scratch(folder, "pdf") as work:
        files, stamp, pages = prints.printed(paths, language, checksums, program=program, work=work)
    # first away and last back, as it says that the others are whole and what they were made from
    (folder / PRINTED_FROM).unlink(missing_ok=True)
    for name in PRINTED:
        disk.write_bytes(folder / name, files[name])
    print_links.offer(folder / "site")
    disk.write_json(folder / PRINTED_FROM, stamp)
    return counted(pages, "page", spoken(language))
