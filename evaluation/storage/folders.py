"""Where a study's files lie, what the stages are called, and the one line a stage prints."""

import argparse
import dataclasses
import difflib
import sys
from pathlib import Path
from typing import Literal

from evaluation.errors import SpecError
from evaluation.file_content import ID
from evaluation.locale.messages import LANGUAGES, message
from evaluation.storage import progress

DEFAULT_STUDY = "somos_comunidad"
# Where an error is that what was typed there is no study.
STUDY_OPTION = "--study"
# pages of the books, with the translations
BOOK = Path("book")
# the site about the program: its pages there, and its folder in ``build``
SOFTWARE = "software"
# Ids of the exhibits in the order of the registry, beside the exhibits.
ORDER = "order.txt"
# Whoever loads notebooks loads jsonschema, which builds a grammar of internet addresses where it
# finds this package (JupyterLab brings it): a second of every process, for what nothing here asks.
UNASKED = "rfc3987_syntax"
STAGES = (
    "read",
    "clean",
    "estimate",
    "robustness",
    "calibrate",
    "exhibits",
    "notebook",
    "book",
    "audit",
)
# What `calibrate` leaves and the exhibits read: rates, reasons, and what both were made from.
CALIBRATED, UNCALIBRATED = "calibration.csv", "calibration_unavailable.csv"
# Chance of each conclusion in the planned design.
CHANCES = "conclusion_chances.csv"
CALIBRATION = "calibration.json"
PROVENANCE = "provenance.json"
# Private: the folder of delivered files that was read last, and below it the private list of
# treated clusters, as they were given. The stage that reads writes it, Make compares.
RAW_FOLDER = "raw_folder"
# Private: the list of treated clusters that was given from outside the repository, and those of
# its places that no public list names.
TREATED_LIST, UNNAMED = "treated_list.parquet", "unnamed.parquet"
# In the folder of a study: its releases, written after all results.
RELEASES = "releases.toml"
# Private too: which cluster of a panel is treated from when.
ASSIGNMENT = "assignment.parquet"
# And every event of a panel with its place.
EVENTS = "events.parquet"
# Ranges of effects: of a survey's checks, and of a panel's specifications.
BOUNDS = "robustness_bounds.csv"
# What a result, a print or a release was made from.
MADE_FROM = ("study", "plan_hash", "data_hash", "version")
# Printed where Pango is installed, and released where they are of these pages: the last file says
# which they are of. Another Pango gives other bytes.
BOOK_PDF, BRIEF_PDF, BRIEF_DOCX = "book.pdf", "brief.pdf", "brief.docx"
PRINTED = (BOOK_PDF, BRIEF_DOCX, BRIEF_PDF)
PRINTED_FROM = "printed.json"
State = Literal["current", "stale", "absent"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """A study's folders, relative to the repository's root.

    Attributes
    ----------
    config : Path
        What a person wrote: study, manifest, dictionary, plan, exhibits.
    raw : Path
        Files as delivered; nothing writes here but the demonstration data's maker.
    clean : Path
        Generated clean data.
    build : Path
        Generated results. ``private`` below it holds what names a row or a place.
    """

    config: Path
    raw: Path
    clean: Path
    build: Path

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Paths":
        """Folders of the study that the command line chose.

        Raises
        ------
        SpecError
            What was typed is a path, or no name of a folder.
        """
        study = options.study
        if not ID.fullmatch(study):
            raise SpecError.of(
                "id-letters", "study-name-letters", STUDY_OPTION, key="--study", value=repr(study)
            )
        return cls(
            config=Path("config") / study,
            raw=Path(options.data_raw) if options.data_raw else raw_folder(study),
            clean=Path("data_clean") / study,
            build=Path("build") / study,
        )

    @property
    def private(self) -> Path:
        """Folder that is never published."""
        return self.build / "private"

    def language(self, language: str) -> Path:
        """Folder of everything written in one language."""
        return self.build / language


def raw_folder(study: str) -> Path:
    """Where a study's delivered files lie when nobody says it: its own folder, or as last time.

    Parameters
    ----------
    study : str
        A checked id.
    """
    own, told = Path("data_raw", study), Path("build", study, "private", RAW_FOLDER)
    if own.is_dir() or not told.is_file():
        return own
    return Path(told.read_text(encoding="utf-8").partition("\n")[0] or own)


def check_study(study: str) -> None:
    """Refuse the name of a study that is not there, with what was probably meant.

    Raises
    ------
    SpecError
        There is no such folder under ``config/``.
    """
    if not ID.fullmatch(study) or Path("config", study).is_dir():
        return
    studies = _studies()
    near = difflib.get_close_matches(study, studies, n=1, cutoff=0.4)
    raise SpecError(
        message("study-unknown.problem", study=study),
        where=STUDY_OPTION,
        fix=message("study-unknown.fix", near=near[0])
        if near
        else message("study-unknown.listed", studies=", ".join(studies) or "-"),
    )


def _studies() -> list[str]:
    return sorted(path.parent.name for path in Path("config").glob("*/study.toml"))


def default_study() -> str:
    """The study that is meant where none is named: the only one, or else the demonstration."""
    studies = _studies()
    return studies[0] if len(studies) == 1 else DEFAULT_STUDY


def add_common(parser: argparse.ArgumentParser, *, language: str = "en") -> None:
    """Arguments that every command takes.

    Parameters
    ----------
    parser : ArgumentParser
    language : {"en", "es"}
        The one where none is asked for.
    """
    parser.add_argument(
        "--study", default=default_study(), help="folder name under config/ (default: %(default)s)"
    )
    parser.add_argument(
        "--data-raw",
        default="",
        metavar="FOLDER",
        help="folder of the delivered files (default: data_raw/<study>, or that of the last time)",
    )
    parser.add_argument(
        "--language",
        default=language,
        choices=LANGUAGES,
        help="language of what people read (default: %(default)s)",
    )


def add_treatment(parser: argparse.ArgumentParser) -> None:
    """The argument that names a private list of treated clusters."""
    parser.add_argument(
        "--treatment",
        default="",
        metavar="FILE",
        help="private list of treated clusters, outside the repository (studies of type panel)",
    )


def numbered(stage: str) -> str:
    """A stage with its place among them, as ``[2/9] clean``; another command as it is."""
    return f"[{STAGES.index(stage) + 1}/{len(STAGES)}] {stage}" if stage in STAGES else stage


def announce(stage: str, text: str, seconds: float, language: str = "en") -> None:
    """Print a stage's one line on stderr, like ``[2/8] clean  7,012 rows  1.2 s``.

    Parameters
    ----------
    stage : str
        Its name is typed, so it is the same in every language.
    text : str
        In the language.
    seconds : float
        How long it took.
    language : {"en", "es"}
        For the mark of the decimals.
    """
    took = f"{seconds:.1f}" if language == "en" else f"{seconds:.1f}".replace(".", ",")
    progress.clear()
    sys.stderr.write(f"{numbered(stage)}  {text}  {took} s\n")
