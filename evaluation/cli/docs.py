"""Command ``docs``: the generated block of the README, written or checked.

It stands between ``<!-- generated: exhibits -->`` and ``<!-- end: exhibits -->`` and needs only the
configuration.
"""

import argparse
from pathlib import Path

from evaluation.errors import ReportError
from evaluation.site.program_reference import README, exhibits, replace
from evaluation.storage import disk
from evaluation.storage.folders import DEFAULT_STUDY
from evaluation.study.configuration import read_configuration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the mode."""
    parser.add_argument(
        "--mode", choices=("write", "check"), default="check", help="default: %(default)s"
    )


def run(options: argparse.Namespace) -> None:
    """Write the block, or refuse a README whose block is not current.

    Raises
    ------
    ReportError
        The block is stale, or its marks are missing.
    """
    configuration = read_configuration(Path("config") / DEFAULT_STUDY)
    text = disk.read_text(README)
    current = replace(text, "exhibits", exhibits(configuration))
    if options.mode == "write":
        disk.write_text(README, current)
    elif current != text:
        raise ReportError.of("generated-block", "run-make-docs", README.name)
