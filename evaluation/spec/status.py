"""What is left to decide and to confirm in a study folder, over all of its files."""

from pathlib import Path

from evaluation.spec.decisions import Decision, confirmations, line_of, open_decisions
from evaluation.spec.load import parse_toml

# the order in which the stages read them
ORDER = ("study.toml", "manifest.toml", "dictionary", "plan.toml")


def open_in(folder: Path) -> tuple[tuple[str, Decision], ...]:
    """Open decisions under a folder, each with ``file:line``, as the stages meet them.

    Raises
    ------
    SpecError
        A file is not valid TOML.
    """
    found = []
    for path in _files(folder):
        text, table = parse_toml(path)
        where = path.relative_to(folder).as_posix()
        found += [
            (f"{where}:{line_of(text, number)}", decision)
            for number, decision in enumerate(open_decisions(table))
        ]
    return tuple(found)


def to_settle(folder: Path) -> dict[str, int]:
    """Number of comments of a draft that are left, by file."""
    counts = {
        path.relative_to(folder).as_posix(): confirmations(path.read_text(encoding="utf-8"))
        for path in _files(folder)
    }
    return {file: count for file, count in counts.items() if count}


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.rglob("*.toml"))
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    return sorted(paths, key=lambda path: ranks.get(path.relative_to(folder).parts[0], len(ORDER)))
