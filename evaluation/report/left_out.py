"""What the rows of the robustness table leave out: interviews, clusters, controls, in numbers."""

from collections.abc import Mapping, Sequence

from evaluation.report import check_records as records
from evaluation.report import formats, table
from evaluation.report.agreement import Judged
from evaluation.report.sources import Source
from evaluation.report.table import Cell
from evaluation.report.words import in_sentence, labelled
from evaluation.spec.records import Estimate, Unavailable

INTERVIEWS = ("interviews_left_out_treated", "interviews_left_out_comparison")
CLUSTERS = ("clusters_left_out_treated", "clusters_left_out_comparison")
CONTROLS = ("controls_used", "controls_left_out", "rows_without_control")
# Columns of the downloads; sums stand before their parts.
COLUMNS = (
    "fewer_interviews",
    "interviews_left_out",
    *INTERVIEWS,
    "clusters_left_out",
    *CLUSTERS,
    *CONTROLS,
)
SUMS: Mapping[str, tuple[str, ...]] = {
    "interviews_left_out": INTERVIEWS,
    "clusters_left_out": CLUSTERS,
}


def cells(source: Source, row: Judged, top: Estimate | Unavailable) -> tuple[Cell, ...]:
    """The columns of one row; nothing where a check leaves nothing out, or its row is withheld."""
    return tuple(_cell(source, row, top, name) for name in COLUMNS)


def _cell(source: Source, row: Judged, top: Estimate | Unavailable, name: str) -> Cell:
    if row.shown is None:
        return table.none()
    if name == "fewer_interviews":
        return table.none() if isinstance(top, Unavailable) else table.count(top.n - row.shown.n)
    value = number(source, row, name)
    if value is None:
        return table.none()
    least = _least(source, name)
    parts = [number(source, row, part) for part in SUMS.get(name, ())]
    few = [x for x in (value, *parts) if x is not None and 0 < x < least]
    return table.below(least, source.language) if few else table.count(value)


def _least(source: Source, name: str) -> int:
    """Fewest that may be published; a control is about nobody."""
    study = source.configuration.study
    if name.startswith("clusters"):
        return study.minimum_clusters
    return 0 if name.startswith("controls") else study.minimum_cell


def number(source: Source, row: Judged, name: str) -> int | None:
    """A recorded number, or the sum of its two groups; None where the check has none."""
    line = row.line
    found = records.quantity(source, line.check, line.outcome, name, sample=line.sample)
    if isinstance(found, float):
        return round(found)
    parts = [number(source, row, part) for part in SUMS.get(name, ())]
    known = [x for x in parts if x is not None]
    return sum(known) if known else None


def left_out_notes(
    source: Source, rows: Sequence[Judged], top: Estimate | Unavailable
) -> list[str]:
    """Which rows leave out how much, and which controls could not be told apart."""
    kept = [x for x in rows if x.shown is not None]
    gone = [said for x in kept if (said := _gone(source, x, top))]
    controls = [said for x in kept if (said := _controls(source, x))]
    return [
        *([labelled("Left out", *gone)] if gone else []),
        *([labelled("Controls", *controls)] if controls else []),
    ]


def _gone(source: Source, row: Judged, top: Estimate | Unavailable) -> str:
    clusters = source.configuration.study.names.clusters[source.language]
    said = []
    for name, of_what in (("interviews_left_out", "interviews"), ("clusters_left_out", clusters)):
        total = _cell(source, row, top, name)
        if total.kind == "none" or total.value == 0:
            continue
        parts = [_cell(source, row, top, part) for part in SUMS[name]]
        groups = (
            f" (treatment group {parts[0].text}, comparison group {parts[1].text})"
            if all(part.kind == "count" for part in parts)
            else ""
        )
        said.append(f"{total.text} {of_what}{groups}")
    if not said:
        return ""
    fewer = _cell(source, row, top, "fewer_interviews")
    rest = f"; {fewer.text} interviews fewer than the primary estimate" if fewer.value else ""
    return f"{row.line.label}: {' and '.join(said)}{rest}."


def _controls(source: Source, row: Judged) -> str:
    used, gone, unknown = (number(source, row, name) for name in CONTROLS)
    if used is None or not (gone or unknown):
        return ""
    least = source.configuration.study.minimum_cell
    said = []
    if gone:
        clusters = source.configuration.study.names.clusters[source.language]
        said.append(
            f"{used} of {used + gone} controls can be told apart from the effects of {clusters} and"
            f" rounds; the other {gone} are not held fixed"
        )
    if unknown:
        few = f"fewer than {least}" if unknown < least else formats.count(unknown)
        said.append(f"{few} interviews without a known control are left out")
    return f"{row.line.label}: {'; '.join(map(in_sentence, said))}."
