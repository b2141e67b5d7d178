"""Which counts of corrections to withhold, held against the counts of findings they cured.

Two tables print numbers of the same rows: corrections by reason and group, and findings by rule,
those that a correction cured among them. A count that one of them withholds must not follow from
what the other shows.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.locale.messages import message
from evaluation.report.disclosure import is_recoverable, is_small, withheld_parts
from evaluation.report.sources import Source
from evaluation.report.suppression import Key, Margin, suppress
from evaluation.report.table_flow import Count, shown_counts
from evaluation.report.table_flow import Key as FlowKey
from evaluation.spec.records import MERGED, CorrectionCount, Finding
from evaluation.spec.study import Study

# how a finding ends that the ledger cured
CURED = message("cured-corrections.problem")
Row = tuple[str, str, str]
FlowSays = Literal["nothing", "shown", "withheld"]
# rules about whole rows: what a `set` of a cell does not cure
OF_ROWS = ("duplicate-id", "duplicate-interview", "near-identical-interview", "odd-id")
ON_ROWS = ("drop", "merge", "new_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Counts of both tables, and how they hang together.

    Attributes
    ----------
    cells : mapping of key to int
        ``("row", row)`` and ``("arm", row, arm)`` of corrections, ``("cured", found)`` of findings,
        and sums that nobody prints.
    margins : tuple of Margin
        What sums to what.
    unprinted : frozenset of key
        Those sums.
    """

    cells: Mapping[Key, int]
    margins: tuple[Margin, ...]
    unprinted: frozenset[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What must not be shown.

    Attributes
    ----------
    hidden : frozenset of key
        Cells of :class:`Linked`.
    below : frozenset of key
        Those that rest on fewer rows than the minimum.
    without_limit : frozenset of key
        Those of which not even that they are below the minimum may be said.
    beyond : bool
        Whether the findings made more cells be withheld, or their limits.
    """

    hidden: frozenset[Key]
    below: frozenset[Key]
    without_limit: frozenset[Key]
    beyond: bool


def withheld_counts(source: Source) -> Withheld:
    """Cells to withhold in the tables of corrections and of findings.

    Raises
    ------
    ReportError
        What is withheld could be worked out from the sample flow whatever is withheld here.
    """
    study, found, flow = source.configuration.study, linked(source), shown_counts(source)
    alone = frozenset(_alone(source, flow))
    known = frozenset(_shown_by_flow(source, flow))
    hidden = alone | suppress(
        found.cells,
        found.margins,
        minimum=study.minimum_cell,
        secret=alone - known,
        elsewhere=known,
        unprinted=found.unprinted,
        range_="wide",
    )
    below = frozenset(_below(source, study))
    telling = frozenset(_beside_open(found, hidden))
    return Withheld(
        hidden=hidden,
        below=below,
        without_limit=telling,
        beyond=not hidden <= alone or not telling.isdisjoint(below),
    )


def _sum(cells: Mapping[Key, int], keys: tuple[Key, ...]) -> int:
    return sum(cells[key] for key in keys)


def _below(source: Source, study: Study) -> Iterator[Key]:
    """Totals of few rows, and few cured findings."""
    for row, by_arm in by_row(source).items():
        if sum(map(_rows, by_arm.values())) < study.minimum_cell:
            yield "row", row
    for key, n in _cured(source).items():
        if n < study.minimum_cell:
            yield "cured", key


def _beside_open(found: Linked, hidden: frozenset[Key]) -> Iterator[Key]:
    """Withheld cells tied to an open one of the other table: a limit would narrow them down."""
    for total in found.unprinted:
        tied = {key for m in found.margins if m.total == total for key in m.parts}
        if any(found.cells[key] for key in tied - hidden):
            yield from tied & hidden


def linked(source: Source) -> Linked:
    """Both tables' counts, with every sum over one that is a sum over the other."""
    cells: dict[Key, int] = {}
    margins: list[Margin] = []
    for row, arms in by_row(source).items():
        cells["row", row] = sum(f.n for f in arms.values())
        cells |= {("arm", row, arm): f.n for arm, f in arms.items() if arm}
        parts = tuple(("arm", row, arm) for arm in arms if arm)
        margins += [Margin(("row", row), parts)] if parts else []
    cells |= {("cured", key): n for key, n in _cured(source).items()}
    unprinted: list[Key] = []
    for i, (rows, found) in enumerate(_ties(cells)):
        total = ("sum", i)
        cells[total] = _sum(cells, rows)
        unprinted.append(total)
        margins += [Margin(total, rows), Margin(total, found)]
    return Linked(cells=cells, margins=tuple(margins), unprinted=frozenset(unprinted))


def by_row(source: Source) -> Mapping[Row, Mapping[str, CorrectionCount]]:
    """Counts of corrections by row of the table, then by group."""
    rows: dict[Row, dict[str, CorrectionCount]] = {}
    for f in source.records.corrections:
        rows.setdefault((f.round, f.action, f.reason), {})[f.arm] = f
    return rows


def is_cured(found: Finding) -> bool:
    """Whether a finding is of a flaw that a correction cured."""
    return found.severity == "info" and found.mend == CURED


def _cured(source: Source) -> Mapping[tuple[str, str, str, str], int]:
    """Cured findings by severity, rule, round and column."""
    return Counter(
        (f.severity, f.rule, f.round, f.column) for f in source.records.findings if is_cured(f)
    )


def _ties(cells: Mapping[Key, int]) -> Iterator[tuple[tuple[Key, ...], tuple[Key, ...]]]:
    """Rows and findings of one round that add up to the same: all, of one kind, or one of each."""
    rounds = dict.fromkeys(key[1][0] for key in cells if key[0] == "row")
    for name in rounds:
        rows = [key for key in cells if key[0] == "row" and key[1][0] == name]
        found = [key for key in cells if key[0] == "cured" and key[1][2] == name]
        for kinds in ((True, False), (True,), (False,)):
            here = tuple(key for key in rows if (key[1][1] in ON_ROWS) in kinds)
            there = tuple(key for key in found if (key[1][1] in OF_ROWS) in kinds)
            if here and there and _sum(cells, here) == _sum(cells, there):
                yield here, there
        for row in rows:
            for one in found:
                fits = (row[1][1] in ON_ROWS) == (one[1][1] in OF_ROWS)
                if fits and cells[row] == cells[one]:
                    yield (row,), (one,)


def _alone(source: Source, flow: Mapping[FlowKey, Count]) -> Iterator[Key]:
    """Cells that the rule withholds in each table by itself."""
    study = source.configuration.study
    yield from _below(source, study)
    for row, by_arm in by_row(source).items():
        elsewhere = {arm for arm in by_arm if _flow_says(flow, row, arm) == "withheld"}
        yield from _of_row(row, by_arm, study, elsewhere=elsewhere)


def _of_row(
    row: Row, by_arm: Mapping[str, CorrectionCount], study: Study, *, elsewhere: Collection[str]
) -> Iterator[Key]:
    """Cells of one row of corrections: few rows or clusters, and what would give them away."""
    arms = [arm for arm in by_arm if arm]
    counts = [_rows(by_arm[arm]) for arm in arms]
    places = [_clusters(by_arm[arm], study) for arm in arms]
    rule = {"minimum": study.minimum_cell, "minimum_clusters": study.minimum_clusters}
    small = [is_small(n, c, study=study) for n, c in zip(counts, places, strict=True)]
    hidden = withheld_parts(counts, secret=small, clusters=places, **rule)
    for arm, here in zip(arms, hidden, strict=True):
        if here or arm in elsewhere:
            yield "arm", row, arm
    # the flow may show the other groups: then the total less those is what it withholds
    gone = [(n, c) for a, n, c in zip(arms, counts, places, strict=True) if a in elsewhere and n]
    if gone and is_recoverable(gone, **rule):
        yield "row", row


def _shown_by_flow(source: Source, flow: Mapping[FlowKey, Count]) -> Iterator[Key]:
    """Counts of groups that the sample flow prints."""
    for row, by_arm in by_row(source).items():
        for arm in by_arm:
            if _flow_says(flow, row, arm) == "shown":
                yield "arm", row, arm


def _flow_says(flow: Mapping[FlowKey, Count], row: Row, arm: str) -> FlowSays:
    """Whether the sample flow prints how many rows of a group left for a reason."""
    round_id, action, reason = row
    told = {"drop": reason, "merge": f"{MERGED}{reason}"}.get(action)
    counted = flow.get((round_id, "dropped", told, arm)) if told is not None else None
    if counted is None:
        return "nothing"
    return "withheld" if counted.n is None else "shown"


def _rows(found: CorrectionCount) -> int:
    """Rows that were corrected: one respondent's ten cells are one respondent."""
    return found.n if found.n_rows < 0 else found.n_rows


def _clusters(found: CorrectionCount, study: Study) -> int:
    """Clusters of the corrected rows; where nobody counted them, enough."""
    return study.minimum_clusters if found.n_clusters < 0 else found.n_clusters
