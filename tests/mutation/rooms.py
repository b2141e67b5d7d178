"""Which modules are mutated, and the test files that must notice."""

from dataclasses import dataclass
from pathlib import Path

STATS = "evaluation/stats"
TESTS = "tests/stats"

# The sample of the modules that no room names.
SAMPLE = 300
SEED = 20210426
REST = "rest"
# Modules of ``stats`` whose own tests stand in another folder.
ELSEWHERE = ("tests/truth/test_size_study.py",)


@dataclass(frozen=True)
class Room:
    """Modules that belong together, and their own test files; both without folder and ending."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def sources(self) -> list[str]:
        """Paths of the modules, relative to the repository's root."""
        return [f"{STATS}/{module}.py" for module in self.modules]

    def selection(self) -> list[str]:
        """Paths of the test files, relative to the repository's root."""
        return [f"{TESTS}/{test}.py" for test in self.tests]


ROOMS = (
    Room(
        "blocks",
        ("blocks", "products", "cells"),
        ("test_blocks", "test_cells", "test_bad_input", "test_two_rounds"),
    ),
    Room("fit", ("fit",), ("test_fit", "test_bad_input")),
    Room("cr2", ("cr2",), ("test_cr2",)),
    Room("jackknife", ("jackknife",), ("test_jackknife",)),
    Room(
        "bootstrap",
        ("bootstrap", "distribution", "inversion", "screening"),
        ("test_bootstrap", "test_inversion", "test_screening", "test_score_variance"),
    ),
    Room(
        "permutation",
        ("permutation", "permutation_draws", "permutation_moments"),
        ("test_permutation", "test_permutation_draws", "test_permutation_laws"),
    ),
    Room("multiplicity", ("multiplicity",), ("test_multiplicity",)),
)
NAMED = frozenset(path for room in ROOMS for path in room.sources())


def rest(root: Path) -> list[str]:
    """Modules of ``stats`` that no room names, sorted."""
    found = {path.relative_to(root).as_posix() for path in (root / STATS).rglob("*.py")}
    return sorted(path for path in found - NAMED if (root / path).stat().st_size > 0)


def every_test(root: Path) -> list[str]:
    """Test files of ``stats``, sorted: those that may notice a change in the sample."""
    found = (root / TESTS).rglob("test_*.py")
    return sorted({*(path.relative_to(root).as_posix() for path in found), *ELSEWHERE})
