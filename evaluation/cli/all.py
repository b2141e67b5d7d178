"""Command ``all``: every stage in order, for machines without Make."""

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence

from evaluation.cli import configuration
from evaluation.config.study import read_languages, read_study
from evaluation.errors import StorageError
from evaluation.locale.messages import wording
from evaluation.report.terminal import spoken
from evaluation.site.shared_parts import shared_book
from evaluation.storage import disk, disk_trouble, one_run
from evaluation.storage.folders import STAGES, Paths, add_treatment
from evaluation.storage.settings import SETTINGS

# Stages whose results are words.
WRITTEN = ("exhibits", "notebook", "book")
# One library of each kind that the later stages need: the extra `book` brings them all.
LIBRARIES = ("statsmodels", "linearmodels", "matplotlib", "docx", "jupyter_book", "ipykernel")
# Stages that a study of type panel has no use for.
OF_SURVEYS = ("robustness", "calibrate")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what the stage `read` takes."""
    add_treatment(parser)


def stage_commands(
    options: argparse.Namespace, languages: Sequence[str], *, panel: bool = False
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name and command line of every stage; the book's once for each of its languages.

    Parameters
    ----------
    options : Namespace
        Study and raw folder.
    languages : sequence of str
        Of the study's book.
    panel : bool
        Whether the study is of type panel.
    """
    treatment = getattr(options, "treatment", "")
    given = ["--treatment", treatment] if treatment else []
    common = ["--study", options.study]
    if options.data_raw:
        common += ["--data-raw", options.data_raw]
    program = (sys.executable, "-m", "evaluation")
    found = []
    for stage in STAGES:
        if panel and stage in OF_SURVEYS:
            continue
        if stage not in WRITTEN:
            # what the checks of the data say is in the language of EVAL_LANG, not of the book
            own = given if stage == "read" else []
            found.append((stage, (*program, stage, *common, *own)))
        for language in languages if stage in WRITTEN else ():
            label = f"{stage} {language}"
            found.append((label, (*program, stage, *common, "--language", language)))
    return tuple(found)


def missing_libraries() -> list[str]:
    """Those that a book needs and this environment has not."""
    return [name for name in LIBRARIES if importlib.util.find_spec(name) is None]


def run(options: argparse.Namespace) -> None:
    """Run all stages; the first that fails ends the run.

    Raises
    ------
    SpecError
        What is wrong in the configuration, all of it, before the first stage.
    ModuleNotFoundError
        The libraries of the book are not installed; before the first stage, too.
    StorageError
        The folder has only some of what books share; or a stage failed, and its message is above.
    """
    for name in missing_libraries():
        raise ModuleNotFoundError(name=name)
    shared_book()
    paths = Paths.of(options)
    # what another run writes must not be swept away
    one_run.refuse_others(paths.private)
    disk_trouble.refuse_little(paths.build)
    for folder in (paths.build, paths.clean):
        disk.sweep(folder)
    configuration.check(paths)
    panel = read_study(paths.config).panel is not None
    languages = read_languages(paths.config)
    for label, command in stage_commands(options, languages, panel=panel):
        finished = subprocess.run(command, env={**os.environ, **SETTINGS}, check=False)
        if finished.returncode < 0:
            raise StorageError.of(
                "stage-killed", "stage-killed", label, signal=-finished.returncode
            )
        if finished.returncode != 0:
            raise StorageError.of("stage-failed", "fix-what-message", label)
    for language in languages:
        site = paths.language(language) / "site" / "index.html"
        sys.stdout.write(wording("all.book", spoken(options.language), path=site.as_posix()))
