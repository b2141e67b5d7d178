"""Stage ``book``: assemble pages, executed notebooks and exhibits, and build the site strictly."""

import argparse
from importlib import import_module

from evaluation.locale.messages import wording
from evaluation.release.published_tables import checksums
from evaluation.report.terminal import counted, spoken
from evaluation.site import moved_pages, pango
from evaluation.site.assembly import prepare
from evaluation.site.building import MESSAGES, build
from evaluation.site.page_check import BookFaults
from evaluation.storage import disk, print_links
from evaluation.storage.folders import Paths


def run(options: argparse.Namespace) -> str:
    """Build the study's site, or leave the old one and say what is wrong.

    Raises
    ------
    ReportError
        Any warning of the strict build, a missing result, a notebook of another plan or data.
    """
    paths = Paths.of(options)
    folder = paths.language(options.language)
    with disk.scratch(folder, "book") as work, disk.scratch(folder, "site") as finished:
        sums = checksums(paths)
        prepare(work / "source", paths, language=options.language, checksums=sums)
        # before Jupyter Book leaves files of its own there; it draws, which few builds wait for
        printed = print_links.are_there(folder) and import_module("evaluation.site.prints").are_of(
            work / "source", paths, options.language
        )
        try:
            site = build(work / "source", work / "output")
        except BookFaults as found:
            raise BookFaults(found.faults, found.heading, options.study) from None
        if printed:
            print_links.offer(site)
        pages = len(moved_pages.pages(work / "source" / "_toc.yml"))
        # texts of the pages, for the translations, beside the site and not in it
        if (site / MESSAGES).is_file():
            disk.write_bytes(folder / MESSAGES, disk.read_bytes(site / MESSAGES))
            (site / MESSAGES).unlink()
        disk.replace_folder(site.replace(finished), folder / "site")
    language = spoken("en")
    made = counted(pages, "page", language)
    why = pango.unprintable(language)
    return f"{made}; {wording('pdf.none', language, why=why)}" if why else made
