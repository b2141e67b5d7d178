"""Files that people write and a stage reads, noted with what the stage is made from.

Make goes by these notes: a stage runs again where one of its files is another, came or went. A page
that was changed under its old time and put back after the stage ran would be in the book and in no
file: its sum tells.
"""

from collections.abc import Iterator

from evaluation.config.study import LEDGER, LOCK
from evaluation.storage import made_files
from evaluation.storage.folders import BOOK, Paths

DICTIONARY = ("study.toml", "manifest.toml", "dictionary/*.toml")
PLAN = ("plan.toml", "deviations.toml", LOCK)
EXCEPTIONS = "audit.toml"
SHOWN = (
    *("exhibits.toml", "review.toml", "description.toml", "errata.toml"),
    *("truth.toml", "power_of_tests.toml"),
)
CONFIGURED = {
    "configuration": (*DICTIONARY, *PLAN, *SHOWN),
    "read": (*DICTIONARY, LEDGER),
    "clean": (*DICTIONARY, *PLAN, LEDGER),
    **dict.fromkeys(("estimate", "robustness", "calibrate"), (*DICTIONARY, *PLAN)),
    "exhibits": (*DICTIONARY, *PLAN, *SHOWN),
    "notebook": (EXCEPTIONS,),
    "book": ("exhibits.toml",),
    "audit": ("study.toml", EXCEPTIONS),
}
PAGES = {
    "notebook": ("_toc.{study}.yml", "{study}/notebooks/*.ipynb"),
    "book": (
        *("*.toml", "*.yml", "_ext/*.*", "_static/*", "_templates/*", "common/*", "{study}/*"),
        *("locale/*/*.csv", "locale/*/common/**/*.po", "locale/*/{study}/**/*.po"),
    ),
}


def note(paths: Paths, stage: str) -> None:
    """Note the sums of what people wrote for a stage, before it runs.

    Parameters
    ----------
    paths : Paths
    stage : str
        Name of the command.
    """
    for name in _names(paths, stage):
        made_files.note_source(name)


def _names(paths: Paths, stage: str) -> Iterator[str]:
    for name in CONFIGURED.get(stage, ()):
        yield (paths.config / name).as_posix()
    for name in PAGES.get(stage, ()):
        yield (BOOK / name.format(study=paths.config.name)).as_posix()
