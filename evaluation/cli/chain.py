"""The stages of one study as command lines, in order: what ``all`` and ``bench`` run."""

import argparse
import sys
from collections.abc import Sequence

from evaluation.cli.stage import STAGES

# Stages whose results are words.
WRITTEN = ("exhibits", "notebook", "book")


def commands(
    options: argparse.Namespace, languages: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of every stage; the book's once for each of its languages."""
    common = ["--study", options.study]
    if options.data_raw:
        common += ["--data-raw", options.data_raw]
    program = (sys.executable, "-m", "evaluation")
    found = []
    for stage in STAGES:
        if stage not in WRITTEN:
            # what the checks of the data say is in the language of EVAL_LANG, not of the book
            found.append((stage, (*program, stage, *common)))
        for language in languages if stage in WRITTEN else ():
            label = f"{stage} {language}"
            found.append((label, (*program, stage, *common, "--language", language)))
    return tuple(found)
