"""Command ``software``: the site about the program, built once and in English."""

import argparse
from pathlib import Path

from evaluation.cli.stages.exhibits import load_records
from evaluation.config.configuration import read_configuration
from evaluation.errors import StorageError
from evaluation.report.sources import Source
from evaluation.report.terminal import counted, spoken
from evaluation.site import software_site
from evaluation.storage import disk
from evaluation.storage.folders import BOOK, SOFTWARE, Paths


def run(options: argparse.Namespace) -> str:
    """Execute its notebooks and build its pages, or leave the old ones and say what is wrong.

    Raises
    ------
    ReportError
        Any warning of the strict build, a notebook that stops, a missing result of the study.
    StorageError
        This folder is not the repository, whose program the site is about.
    """
    if not (BOOK / SOFTWARE).is_dir():
        raise StorageError.of("not-repository", "not-repository", (BOOK / SOFTWARE).as_posix())
    paths, target = Paths.of(options), Path("build") / SOFTWARE
    configuration = read_configuration(paths.config)
    source = Source(
        records=load_records(paths, configuration),
        configuration=configuration,
        language=software_site.LANGUAGE,
    )
    with disk.scratch(target, "work") as work, disk.scratch(target, "site") as finished:
        software_site.write_results(work / "results", paths, source)
        site = software_site.make(work / "source", work / "output", work / "results", paths)
        pages = sum(path.parent.name != "files" for path in site.rglob("*.html"))
        disk.replace_folder(site.replace(finished), target / "site")
    return counted(pages, "page", spoken(options.language))
