"""Which modules are mutated, the test files that must notice, and how many must be noticed."""

from dataclasses import dataclass
from pathlib import Path

STATS, STATS_TESTS = "evaluation/stats", "tests/stats"
DATA, REPORT = "evaluation/data", "evaluation/report"
DATA_TESTS = "tests/data"

# Mutants drawn where not all are run.
SAMPLE = 300
SEED = 20261125
REST = "rest"
# Modules of ``stats`` whose own tests stand in another folder.
ELSEWHERE = ("tests/truth/test_size_study.py",)


@dataclass(frozen=True)
class Room:
    """Modules that belong together, and their own test files.

    Attributes
    ----------
    sources, tests : tuple of str
        Paths relative to the repository's root.
    sampled : bool
        Whether a seeded sample of the mutants is run in place of all.
    """

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    sampled: bool = False


def _paths(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names.split())


def _stats(name: str, modules: str, tests: str) -> Room:
    return Room(name, _paths(STATS, modules), _paths(STATS_TESTS, tests))


# The statistics that carry every estimate: all mutants.
ROOMS = (
    _stats(
        "blocks",
        "blocks products cells regressions resummed",
        "test_blocks test_cells test_bad_input test_two_rounds test_keys test_resummed",
    ),
    _stats("fit", "fit", "test_fit test_bad_input"),
    _stats("cr2", "cr2", "test_cr2 test_repeated"),
    _stats("jackknife", "jackknife", "test_jackknife test_repeated"),
    _stats(
        "bootstrap",
        "bootstrap distribution inversion screening",
        "test_bootstrap test_inversion test_repeated test_score_variance test_screening"
        " test_step_reasons",
    ),
    _stats(
        "permutation",
        "permutation permutation_draws permutation_moments",
        "test_permutation test_permutation_draws test_permutation_laws test_step_reasons",
    ),
    _stats("multiplicity", "multiplicity", "test_multiplicity"),
)
# The factor model, and what reads, corrects and protects the data: a sample of each.
AREAS = (
    Room(
        "factor",
        _paths(STATS, "one_factor factor_moments"),
        _paths(STATS_TESTS, "test_one_factor robustness/test_invariance"),
        sampled=True,
    ),
    Room(
        "reader",
        _paths(
            DATA,
            "delimited decoding garbled plain_rows read parse embedded characters texts stata"
            " stata_layout stata_rows spss workbook workbook_cells workbook_layout archive"
            " archive_directory survey_export select_multiple repeats verify",
        ),
        _paths(
            DATA_TESTS,
            "test_read test_check test_fault_rules test_garbled test_plain_rows test_stata"
            " test_stata_rows test_spss test_workbook test_workbook_parts test_archive"
            " test_survey_export test_zipped_study test_verify",
        ),
        sampled=True,
    ),
    Room(
        "corrections",
        _paths(
            DATA,
            "corrections confirming ledger merging correction_counts office_book office_cells"
            " office_decisions office_import office_places office_sheets",
        ),
        (
            *_paths(
                DATA_TESTS,
                "test_corrections test_ledger test_office_book test_office_cells"
                " test_office_decisions",
            ),
            "tests/report/test_corrections_by_group.py",
            "tests/cli/test_correction_signing.py",
        ),
        sampled=True,
    ),
    Room(
        "disclosure",
        (
            *_paths(
                REPORT,
                "disclosure suppression row_disclosure record_disclosure"
                " released_records linked_counts linked_corrections disclosure_pass",
            ),
            *_paths(
                DATA,
                "new_ids anonymise risk release_rules release release_risk release_table leaks"
                " identifiers place_names outlets containers",
            ),
        ),
        (
            *_paths(
                "tests/report",
                "test_disclosure test_suppression test_flow_sampled test_level_rule"
                " test_record_disclosure test_planted_holes test_correction_cells"
                " test_hidden_together"
                " test_table_response test_table_backcheck test_table_lost test_table_subgroups"
                " test_table_reliability test_table_functional_form test_recovery",
            ),
            *_paths(
                DATA_TESTS,
                "test_release test_release_risk test_release_rules test_release_table"
                " test_anonymise test_leaks test_leak_rules test_place_names test_outlets"
                " test_containers",
            ),
            *_paths("tests/cli", "test_public_data test_audit"),
        ),
        sampled=True,
    ),
)
NAMED = frozenset(path for room in (*ROOMS, *AREAS) for path in room.sources)


def rest(root: Path) -> Room:
    """Modules of ``stats`` that no room names: a sample against all tests of ``stats``."""
    found = {path.relative_to(root).as_posix() for path in (root / STATS).rglob("*.py")}
    sources = sorted(path for path in found - NAMED if (root / path).stat().st_size > 0)
    tests = {p.relative_to(root).as_posix() for p in (root / STATS_TESTS).rglob("test_*.py")}
    return Room(REST, tuple(sources), tuple(sorted({*tests, *ELSEWHERE})), sampled=True)


def every_room(root: Path) -> tuple[Room, ...]:
    """All rooms, in the order of the report."""
    return (*ROOMS, rest(root), *AREAS)
