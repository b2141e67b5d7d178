"""Any output that is deleted comes back by a plain make, with the bytes it had.

Each is taken away alone, and make must know it. That what it then runs brings back the same bytes
is seen once for each kind of file of a stage, and once with all that the stage left gone at once: a
stage reads nothing of what it wrote itself, so that the others come back as these do.
"""

import shutil
from pathlib import Path

import pytest

from tests.pipeline import kills, schools
from tests.pipeline.conftest import run_make


class Deleted:
    """What was deleted of a stage, and what did not come back.

    Attributes
    ----------
    names : list of str
        Files that the stage left, its list among them.
    unseen : list of str
        Those that make did not miss.
    alone, wrong : list of str
        Those that were deleted alone and made again; and what differed afterwards.
    """

    def __init__(self, names: list[str]) -> None:
        self.names, self.unseen = names, []
        self.alone, self.wrong = [], []


def outputs(study: kills.Study) -> dict[str, Deleted]:
    """All files of the undisturbed run by stage; what is in no list has none."""
    lists = sorted((study.root / "build" / schools.STUDY / "private" / "made").glob("*.sha256"))
    found = {}
    for path in lists:
        lines = path.read_text(encoding="utf-8").splitlines()
        names = [line.split("  ", 1)[1] for line in lines]
        found[path.stem] = Deleted([*names, path.relative_to(study.root).as_posix()])
    known = {name for stage in found.values() for name in stage.names}
    found["in no list"] = Deleted(sorted(study.whole.keys() - known))
    return found


def try_each(study: kills.Study, stage: Deleted) -> None:
    """Take each file away and ask make, then delete one of each kind, then all."""
    aside = study.root.parent / "aside"
    for name in stage.names:
        shutil.move(study.root / name, aside)
        asked = run_make("--question", "audit", *kills.WORDS, folder=study.root)
        stage.unseen += [name] if asked.returncode == 0 else []
        shutil.move(aside, study.root / name)
    kinds = {Path(name).suffix: name for name in stage.names}
    stage.alone = list(kinds.values())
    for names in ([name] for name in stage.alone):
        stage.wrong += again(study, names)
    stage.wrong += again(study, stage.names)


def again(study: kills.Study, names: list[str]) -> list[str]:
    for name in names:
        (study.root / name).unlink()
    return [*study.make(), *study.differing()]


def table(found: dict[str, Deleted]) -> str:
    heads = ("stage", "outputs", "missed by make", "deleted alone", "not the same")
    lines = ["".join(f"{head:>16}" for head in heads)]
    for name, stage in found.items():
        missed = len(stage.names) - len(stage.unseen)
        cells = (name, len(stage.names), missed, len(stage.alone), len(stage.wrong))
        lines.append("".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


@pytest.mark.long
def test_every_output_that_is_deleted_comes_back(tmp_path, record_property):
    study = kills.Study(kills.undisturbed(tmp_path))
    found = outputs(study)
    for stage in found.values():
        try_each(study, stage)
        print(table(found), stage.unseen, stage.wrong, flush=True)
    record_property("reported", f"deleted, by stage:\n{table(found)}")
    assert [name for stage in found.values() for name in stage.wrong] == []
    # every make writes what it was, whether it has something to do or not
    noted = f"build/{schools.STUDY}/private/program"
    assert [name for stage in found.values() for name in stage.unseen] == [noted]
