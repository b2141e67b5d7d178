"""Files that people write and a stage reads, noted with what the stage is made from.

Make goes by times. A page that was changed under its old time and put back after the stage ran
would be in the book and in no file: its sum, kept with the stage's list, tells.
"""

from collections.abc import Iterator
from pathlib import Path

from evaluation.site.shared_parts import CHAPTERS
from evaluation.storage import made_files
from evaluation.storage.folders import BOOK, Paths
from evaluation.study.study import LEDGER, LOCK

DICTIONARY = ("study.toml", "manifest.toml", "dictionary/*.toml")
PLAN = ("plan.toml", "deviations.toml", LOCK)
SHOWN = ("exhibits.toml", "review.toml", "description.toml", "errata.toml", "truth.toml")
# As the Makefile has them: a stage whose files changed runs again, and notes them anew.
CONFIGURED = {
    "read": (*DICTIONARY, LEDGER),
    "clean": (*DICTIONARY, *PLAN, LEDGER),
    **dict.fromkeys(("estimate", "robustness", "calibrate"), (*DICTIONARY, *PLAN)),
    "exhibits": (*DICTIONARY, *PLAN, *SHOWN),
    "book": ("exhibits.toml",),
}
PAGES = (
    *("*.toml", "_config.yml", "_toc.{study}.yml", "_ext/*.*", "_static/*", "_templates/*"),
    *("common/*", "{study}/*", "locale/*/common/**/*.po", "locale/*/{study}/**/*.po"),
)


def note(paths: Paths, stage: str) -> None:
    """Note the sums of what people wrote for a stage, before it runs.

    Parameters
    ----------
    paths : Paths
    stage : str
        Name of the command.
    """
    for path in sorted(set(_files(paths, stage))):
        if path.is_file():
            made_files.note_source(path)


def _files(paths: Paths, stage: str) -> Iterator[Path]:
    for pattern in CONFIGURED.get(stage, ()):
        yield from paths.config.glob(pattern)
    if stage == "book":
        for pattern in PAGES:
            yield from BOOK.glob(pattern.format(study=paths.config.name))
    if stage == "notebook":
        yield from CHAPTERS.glob("*.ipynb")
