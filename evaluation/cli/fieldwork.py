"""Command ``fieldwork``: check one round while it is in the field, and write the day's report."""

import argparse
from dataclasses import replace
from pathlib import Path

from evaluation.config.declared import read_files
from evaluation.config.fieldwork_plan import Progress
from evaluation.fieldwork import daily_report as report
from evaluation.fieldwork.round_checks import CheckInputs, day_of, entry_of, read_export
from evaluation.locale.messages import wording
from evaluation.report.formats import findings_page, words
from evaluation.report.linked_counts import of_progress
from evaluation.report.terminal import all_counted
from evaluation.storage import disk, folders

PRIVATE = "private"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the round, the export, the back-check and the folder to write to."""
    parser.add_argument("--round", required=True, help="id of the round in the field")
    parser.add_argument(
        "--file", default="", help="today's export (default: the round's file in the manifest)"
    )
    parser.add_argument(
        "--backcheck", default="", help="back-check of this round, to be compared (optional)"
    )
    parser.add_argument(
        "--out", default="", help="folder to write to (default: build/<study>/fieldwork)"
    )


def run(options: argparse.Namespace) -> str:
    """Check a round as far as it has come and write workbook, page and list.

    Raises
    ------
    EvaluationError
        The configuration does not hold, or a file cannot be read at all. Flaws in the data are
        written down and stop nothing.
    """
    paths = folders.Paths.of(options)
    study, manifest, dictionary = read_files(paths.config)
    inputs = CheckInputs(study=study, manifest=manifest, dictionary=dictionary, paths=paths)
    files, again = manifest.file, None
    entry = entry_of(files, options.round, attribute="round")
    table = read_export(entry, options.file, inputs)
    if options.backcheck:
        entry = entry_of(files, options.round, attribute="of_round")
        again = read_export(entry, options.backcheck, inputs)
    out = Path(options.out) if options.out else paths.build / "fieldwork"
    day = replace(day_of(table, again, inputs), language=options.language)
    _write(day, out)
    counts = (day.rows, "row"), (len(day.findings), "finding")
    return f"{all_counted(options.language, *counts)}: {(out / PRIVATE).as_posix()}"


def _write(day: report.Day, out: Path) -> None:
    banner = words.banner(day.study.mark, day.language)
    stem = out / PRIVATE / f"fieldwork_{day.round}"
    named = wording("fieldwork.page", day.language)
    page = findings_page.page(
        day.findings,
        title=f"{named}: {day.study.title[day.language]}, {day.round}",
        mark=banner,
        language=day.language,
    )
    disk.write_bytes(stem.with_suffix(".xlsx"), report.workbook(day, banner=banner))
    disk.write_bytes(stem.with_suffix(".html"), page)
    disk.write_bytes(stem.with_suffix(".csv"), report.office_csv(day))
    disk.write_records(
        out / f"progress_{day.round}.csv",
        of_progress(day.progress, day.study),
        Progress,
        mark=day.study.mark,
    )
