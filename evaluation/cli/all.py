"""Command ``all``: every stage in order, each in its own process, for machines without Make."""

import argparse
import os
import subprocess
import sys

from evaluation import io
from evaluation.cli import one_run
from evaluation.cli.chain import commands
from evaluation.cli.stage import SETTINGS, Paths
from evaluation.cli.told import spoken
from evaluation.errors import StorageError
from evaluation.locale.messages import message, wording
from evaluation.spec.study import read_languages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Run all stages; the first that fails ends the run.

    Raises
    ------
    StorageError
        A stage failed; its own message stands above.
    """
    paths = Paths.of(options)
    # what another run writes must not be swept away
    one_run.refuse_others(paths.private)
    for folder in (paths.build, paths.clean):
        io.sweep(folder)
    for label, command in commands(options, read_languages(paths.config)):
        finished = subprocess.run(command, env={**os.environ, **SETTINGS}, check=False)
        if finished.returncode < 0:
            raise StorageError(
                message("stage-killed.problem", signal=-finished.returncode),
                where=label,
                mend=message("stage-killed.mend"),
            )
        if finished.returncode != 0:
            raise StorageError(
                message("stage-failed.problem"),
                where=label,
                mend=message("mend-what-message.mend"),
            )
    site = paths.language(options.language) / "site" / "index.html"
    sys.stdout.write(wording("all.book", spoken(options.language), path=site.as_posix()))
