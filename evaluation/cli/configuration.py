"""Command ``configuration``: read a study's whole configuration, and list all that is wrong in it.

Light: no library of numbers is loaded, so that a mistake is told within a second.
"""

import argparse

from evaluation.config.configuration import problems
from evaluation.report.terminal import WrongConfiguration
from evaluation.storage.folders import Paths


def run(options: argparse.Namespace) -> None:
    """Read every file of the study's folder.

    Raises
    ------
    SpecError
        What the files may not say, all at once.
    """
    check(Paths.of(options))


def check(paths: Paths) -> None:
    """The same for the folders of a study.

    Parameters
    ----------
    paths : Paths

    Raises
    ------
    SpecError
        The one error, or all of them.
    """
    found = problems(paths.config)
    if len(found) == 1:
        raise found[0]
    if found:
        raise WrongConfiguration(found, where=paths.config.as_posix())
