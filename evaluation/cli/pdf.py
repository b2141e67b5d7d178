"""Command ``pdf``: the book as one PDF, and the two-page brief as PDF and DOCX."""

import argparse

from evaluation.locale.messages import wording
from evaluation.release.published_tables import checksums
from evaluation.report.terminal import counted, spoken
from evaluation.site import pango, prints
from evaluation.storage import disk, print_links
from evaluation.storage.folders import PRINTED, PRINTED_FROM, Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say whether prints of the same pages are made again, and that there may be none."""
    parser.add_argument(
        "--again",
        default="yes",
        choices=("yes", "no"),
        help="no: print only where the prints are of other pages and this machine can print"
        " (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> str:
    """Print book and brief in one language; nothing is written until all are made.

    Raises
    ------
    ReportError
        This machine has no Pango, the pages do not build, or the brief has not two pages.
    """
    paths, language = Paths.of(options), options.language
    folder = paths.language(language)
    if options.again == "no" and prints.print_state(paths, language, checksums) == "current":
        print_links.offer(folder / "site")
        # written anew, so that it is younger than the site
        disk.write_json(folder / PRINTED_FROM, disk.read_json(folder / PRINTED_FROM))
        return wording("pdf.kept", spoken(language))
    if options.again == "no" and (why := pango.unprintable(spoken(language))):
        return wording("pdf.none", spoken(language), why=why)
    with disk.scratch(folder, "pdf") as work:
        files, stamp, pages = prints.printed(paths, language, checksums, work=work)
    # first away and last back, as it says that the others are whole and what they were made from
    (folder / PRINTED_FROM).unlink(missing_ok=True)
    for name in PRINTED:
        disk.write_bytes(folder / name, files[name])
    print_links.offer(folder / "site")
    disk.write_json(folder / PRINTED_FROM, stamp)
    return counted(pages, "page", spoken(language))
