"""Whether a finding speaks of a damage: by its rule, and at its place."""

import re
from collections.abc import Callable, Mapping

from evaluation.estimation.records import Finding
from tests.faults.damage import Expectation
from tests.faults.sites import Sites

# rules about a whole line, in which no column can be told
OF_LINES = (
    "control-character",
    "dialect",
    "encoding",
    "garbled-text",
    "header",
    "mixed-line-ends",
    "no-last-line-end",
    "nul-byte",
    "quoting",
    "ragged-row",
    "totals-row",
    "repeated-header",
)
ROW = re.compile(r"([\w.]+\.csv):(\d+)")
POSITIONS = re.compile(r"columns? (\d+)(?: and (\d+))?")


def tells(finding: Finding, expect: Expectation, places: Mapping[str, Sites]) -> bool:
    """Whether a finding about a damaged file speaks of its damage, at its place.

    Parameters
    ----------
    finding : Finding
        About one of the damaged files.
    expect : Expectation
        The kind's rules and place.
    places : mapping of str to Sites
        Damaged places of each damaged file.
    """
    if finding.rule not in expect.rules:
        return False
    return expect.place == "file" or any(
        NAMES[expect.place](finding, name, places[name]) for name in places
    )


def _lines(finding: Finding, name: str) -> frozenset[int]:
    """Lines of a file that a finding names: as its own, or as the row it speaks of."""
    spoken = {int(line) for file, line in ROW.findall(str(finding.problem)) if file == name}
    return frozenset(spoken | ({finding.line} if finding.file == name else set()))


def _names_cell(finding: Finding, name: str, places: Sites) -> bool:
    return any((line, finding.column) in places.cells for line in _lines(finding, name))


def _names_row(finding: Finding, name: str, places: Sites) -> bool:
    told = bool(finding.column or finding.rule in OF_LINES)
    return told and not places.lines.isdisjoint(_lines(finding, name))


def _names_column(finding: Finding, name: str, places: Sites) -> bool:
    if finding.file != name and name not in str(finding.problem):
        return False
    numbers = {int(n) for pair in POSITIONS.findall(str(finding.problem)) for n in pair if n}
    return finding.column in places.columns or not places.positions.isdisjoint(numbers)


def _names_either(finding: Finding, name: str, places: Sites) -> bool:
    return _names_row(finding, name, places) or _names_column(finding, name, places)


NAMES: Mapping[str, Callable[[Finding, str, Sites], bool]] = {
    "cell": _names_cell,
    "row": _names_row,
    "column": _names_column,
    "row or column": _names_either,
}
