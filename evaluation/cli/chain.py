"""The stages of one study as command lines, in order: what ``all`` and ``bench`` run."""

import argparse
import sys

from evaluation.cli.stage import STAGES


def commands(options: argparse.Namespace) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of every stage."""
    common = ["--study", options.study, "--language", options.language]
    if options.data_raw:
        common += ["--data-raw", options.data_raw]
    program = (sys.executable, "-m", "evaluation")
    return tuple((stage, (*program, stage, *common)) for stage in STAGES)
