"""The stages of one study as command lines, in order: what ``all`` and ``bench`` run."""

import argparse
import sys

from evaluation.cli.stage import STAGES
from evaluation.cli.told import SPEAKING


def commands(options: argparse.Namespace) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of every stage."""
    common = ["--study", options.study]
    if options.data_raw:
        common += ["--data-raw", options.data_raw]
    program = (sys.executable, "-m", "evaluation")
    # what the checks of the data say is in the language of EVAL_LANG, not in that of the book
    spoken = {
        stage: () if stage in SPEAKING else ("--language", options.language) for stage in STAGES
    }
    return tuple((stage, (*program, stage, *common, *spoken[stage])) for stage in STAGES)
