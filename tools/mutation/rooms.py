"""Which modules are mutated, the test files that must notice, and how many must be noticed."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, TESTS = "evaluation", "tests"
ESTIMATION = f"{PACKAGE}/estimation"

# Mutants drawn where not all are run.
SAMPLE = 300
SEED = 20261125
REST = "rest"


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


def _tests(rooms: str, names: str) -> tuple[str, ...]:
    """Test files of rooms of the package, in whichever of their folders they lie."""
    folders = [ROOT / TESTS / room for room in rooms.split()]
    found = {p.stem: p.relative_to(ROOT).as_posix() for f in folders for p in f.rglob("*.py")}
    return tuple(found[name] for name in names.split())


def _stats(name: str, modules: str, tests: str) -> Room:
    return Room(name, _paths(ESTIMATION, modules), _tests("estimation analysis", tests))


# The statistics that carry every estimate: all mutants.
ROOMS = (
    _stats(
        "blocks",
        "regression/cluster_blocks regression/cross_products regression/panel_products"
        " regression/panel_regressions",
        "test_blocks test_cells test_bad_input test_two_rounds test_keys test_cancelled",
    ),
    _stats("fit", "regression/fit", "test_fit test_bad_input"),
    _stats("cr2", "inference/cr2", "test_cr2 test_cr2_extreme test_repeated"),
    _stats("jackknife", "inference/jackknife", "test_jackknife test_leverage test_repeated"),
    _stats(
        "bootstrap",
        "inference/bootstrap inference/inversion",
        "test_bootstrap test_inversion test_repeated test_score_variance test_screening"
        " test_step_reasons",
    ),
    _stats(
        "permutation",
        "inference/permutation inference/permutation_draws inference/permutation_moments",
        "test_permutation test_permutation_draws test_permutation_laws test_step_reasons",
    ),
    _stats("multiplicity", "inference/multiplicity", "test_multiplicity test_adjustment"),
)
# The factor model, and what reads, corrects and protects the data: a sample of each.
AREAS = (
    Room(
        "factor",
        _paths(ESTIMATION, "regression/one_factor"),
        _tests("estimation analysis", "test_one_factor test_invariance"),
        sampled=True,
    ),
    Room(
        "reader",
        _paths(
            PACKAGE,
            "data/readers/csv data/readers/decoding data/readers/plain_rows data/readers/read"
            " data/readers/blocks data/readers/text_columns"
            " data/cleaning/parse data/cleaning/plain_texts data/readers/embedded_labels"
            " data/readers/raw_table"
            " data/readers/stata data/cleaning/stata_writer data/readers/spss"
            " data/readers/workbook data/readers/workbook_layout data/readers/sheets"
            " data/readers/archive"
            " data/readers/survey_export data/readers/select_multiple"
            " data/readers/delivered_files",
        ),
        (
            *_tests(
                "data",
                "test_read test_check test_fault_rules test_garbled test_plain_rows test_stata"
                " test_stata_rows test_stata_types test_recode test_real_exports test_spss"
                " test_workbook test_workbook_parts test_old_workbook test_sheet_table"
                " test_archive test_survey_export test_zipped_study test_verify test_plain_texts"
                " test_blocks",
            ),
            *_tests("fieldwork", "test_xlsform test_dictionary_book"),
        ),
        sampled=True,
    ),
    Room(
        "corrections",
        _paths(
            PACKAGE,
            "data/cleaning/corrections data/cleaning/ledger data/cleaning/correction_counts"
            " fieldwork/office_rows fieldwork/office_cells fieldwork/office_decisions"
            " fieldwork/office_returned",
        ),
        (
            *_tests("data", "test_corrections test_ledger"),
            *_tests("fieldwork", "test_office_book test_office_cells test_office_decisions"),
            *_tests("report", "test_corrections_by_group"),
            *_tests("cli", "test_correction_signing"),
        ),
        sampled=True,
    ),
    Room(
        "disclosure",
        _paths(
            PACKAGE,
            "report/disclosure report/complementary_suppression report/hidden_rows"
            " report/row_disclosure report/record_disclosure report/linked_counts"
            " report/linked_corrections report/table_disclosure release/anonymity release/risk"
            " release/columns_kept release/public_file release/risk_report"
            " release/identifier_scan release/identifier_patterns release/known_identifiers"
            " release/published_text release/containers",
        ),
        (
            *_tests(
                "report",
                "test_disclosure test_suppression test_flow_sampled test_level_rule"
                " test_record_disclosure test_planted_holes test_correction_cells"
                " test_hidden_together test_finding_counts test_flow_set_aside"
                " test_table_response test_table_backcheck test_table_lost test_table_subgroups"
                " test_table_reliability test_table_answer_shares test_recovery"
                " test_corrections_by_group",
            ),
            *_tests(
                "release",
                "test_release test_release_risk test_release_rules test_release_table"
                " test_release_points test_anonymise test_leaks test_leak_rules test_leaks_sixty"
                " test_markup test_place_names test_outlets test_containers",
            ),
            *_tests("cli", "test_public_data test_audit test_private_list"),
        ),
        sampled=True,
    ),
)
NAMED = frozenset(path for room in (*ROOMS, *AREAS) for path in room.sources)


def rest(root: Path) -> Room:
    """Modules of ``estimation`` and ``analysis`` that no room names: a sample, all their tests."""
    both = ("estimation", "analysis")
    found = {
        p.relative_to(root).as_posix() for x in both for p in (root / PACKAGE / x).rglob("*.py")
    }
    sources = sorted(path for path in found - NAMED if (root / path).stat().st_size > 0)
    tests = {
        p.relative_to(root).as_posix() for x in both for p in (root / TESTS / x).rglob("test_*.py")
    }
    return Room(REST, tuple(sources), tuple(sorted(tests)), sampled=True)


def every_room(root: Path) -> tuple[Room, ...]:
    """All rooms, in the order of the report."""
    return (*ROOMS, rest(root), *AREAS)
