"""Counts of corrections beside those of findings: two tables that count the same rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from evaluation.config.confidentiality import FEW, WITHHELD, Withheld
from evaluation.config.study import Study
from evaluation.estimation.records import MERGED, CorrectionCount, Finding, Flow
from evaluation.locale.messages import message
from evaluation.report.complementary_suppression import Key, PublishedSum
from evaluation.report.disclosure import is_small
from evaluation.report.linked_counts import PublishedCounts, parts, withheld

# how a finding ends that the ledger cured
CURED = message("cured-corrections.problem")
Row = tuple[str, str, str]
# rules about whole rows: what a `set` of a cell does not cure
OF_ROWS = ("duplicate-id", "duplicate-interview", "near-identical-interview", "odd-id")
ON_ROWS = ("drop", "merge", "new_id")


def of_corrections(
    made: Sequence[CorrectionCount],
    findings: Sequence[Finding],
    flow: Sequence[Flow],
    study: Study,
) -> tuple[dict[Key, float], bool]:
    """Numbers of the tables of corrections and of findings as they may be shown.

    Two tables print numbers of the same rows: corrections by reason and group, and findings by
    rule, those that a correction cured among them. A count that one of them withholds must not
    follow from what the other, or the sample flow, shows.

    Parameters
    ----------
    made : sequence of CorrectionCount
    findings : sequence of Finding
    flow : sequence of Flow
        As it is shown.
    study : Study

    Returns
    -------
    dict of key to float, bool
        ``("row", row)``, ``("arm", row, arm)`` of corrections and ``("cured", key)`` of findings;
        and whether the findings made more of them be withheld, or their limits.
    """
    rows = by_row(made)
    cells, unprinted = _linked(rows, findings)
    said = {(f.round, f.reason, f.arm): f.n for f in flow if f.step == "dropped"}
    alone = frozenset(_alone(rows, cells, said, study))
    known = frozenset(
        key
        for key in cells.counts
        if key[0] == "arm" and not isinstance(_told(said, key), Withheld | None)
    )
    hidden = withheld(replace(cells, secret=alone - known, elsewhere=known), study)
    hidden = alone | (frozenset(cells.counts) if hidden is None else hidden)
    below = {
        key
        for key, n in cells.counts.items()
        if (key[0] == "cured" and n < study.minimum_cell)
        or (key[0] == "row" and sum(map(_rows, rows[key[1]].values())) < study.minimum_cell)
    }
    # a withheld cell tied to an open one of the other table: a limit would narrow it down
    tied = [{k for m in cells.margins if m.total == total for k in m.parts} for total in unprinted]
    telling = {
        key for keys in tied if any(cells.counts[k] for k in keys - hidden) for key in keys & hidden
    }
    shown: dict[Key, float] = {
        key: n if key not in hidden else FEW if key in below - telling else WITHHELD
        for key, n in cells.counts.items()
        if key not in unprinted
    }
    return shown, not hidden <= alone or bool(telling & below)


def by_row(made: Iterable[CorrectionCount]) -> dict[Row, dict[str, CorrectionCount]]:
    """Counts of corrections by row of the table, then by group."""
    rows: dict[Row, dict[str, CorrectionCount]] = {}
    for f in made:
        rows.setdefault((f.round, f.action, f.reason), {})[f.arm] = f
    return rows


def is_cured(found: Finding) -> bool:
    """Whether a finding is of a flaw that a correction cured."""
    return found.severity == "info" and found.fix == CURED


def _linked(
    rows: Mapping[Row, Mapping[str, CorrectionCount]], findings: Iterable[Finding]
) -> tuple[PublishedCounts, frozenset[Key]]:
    """Both tables' counts, with every sum over one that is a sum over the other, unprinted."""
    counts: dict[Key, int] = {}
    margins: list[PublishedSum] = []
    for row, arms in rows.items():
        counts["row", row] = sum(f.n for f in arms.values())
        counts |= {("arm", row, arm): f.n for arm, f in arms.items() if arm}
        parts_ = tuple(("arm", row, arm) for arm in arms if arm)
        margins += [PublishedSum(("row", row), parts_)] if parts_ else []
    cured = Counter((f.severity, f.rule, f.round, f.column) for f in findings if is_cured(f))
    counts |= {("cured", key): n for key, n in cured.items()}
    unprinted: list[Key] = []
    for i, (here, there) in enumerate(_ties(counts)):
        total = ("sum", i)
        counts[total] = sum(counts[k] for k in here)
        unprinted.append(total)
        margins += [PublishedSum(total, here), PublishedSum(total, there)]
    cells = PublishedCounts(counts=counts, margins=margins, clusters={}, unprinted=unprinted)
    return cells, frozenset(unprinted)


def _ties(counts: Mapping[Key, int]) -> Iterator[tuple[tuple[Key, ...], tuple[Key, ...]]]:
    """Rows and findings of one round that add up to the same: all, of one kind, or one of each."""
    rounds = dict.fromkeys(key[1][0] for key in counts if key[0] == "row")
    for name in rounds:
        rows = [key for key in counts if key[0] == "row" and key[1][0] == name]
        found = [key for key in counts if key[0] == "cured" and key[1][2] == name]
        for kinds in ((True, False), (True,), (False,)):
            here = tuple(key for key in rows if (key[1][1] in ON_ROWS) in kinds)
            there = tuple(key for key in found if (key[1][1] in OF_ROWS) in kinds)
            alike = sum(counts[k] for k in here) == sum(counts[k] for k in there)
            if here and there and alike:
                yield here, there
        for row in rows:
            for one in found:
                fits = (row[1][1] in ON_ROWS) == (one[1][1] in OF_ROWS)
                if fits and counts[row] == counts[one]:
                    yield (row,), (one,)


def _alone(
    rows: Mapping[Row, Mapping[str, CorrectionCount]],
    cells: PublishedCounts,
    said: Mapping[tuple[str, str, str], float],
    study: Study,
) -> Iterator[Key]:
    """Cells that the rule withholds in each table by itself."""
    for key, n in cells.counts.items():
        if key[0] == "cured" and n < study.minimum_cell:
            yield key
    for row, by_arm in rows.items():
        if sum(map(_rows, by_arm.values())) < study.minimum_cell:
            yield "row", row
        arms = [arm for arm in by_arm if arm]
        counts = [_rows(by_arm[arm]) for arm in arms]
        places = [_clusters(by_arm[arm], study) for arm in arms]
        gone = dict(zip(arms, parts(counts, places, study), strict=True))
        elsewhere = {a for a in arms if isinstance(_told(said, ("arm", row, a)), Withheld)}
        for arm in arms:
            if gone[arm] or arm in elsewhere:
                yield "arm", row, arm
        # the flow may show the other groups: then the total less those is what it withholds
        left = [
            (n, c) for a, n, c in zip(arms, counts, places, strict=True) if a in elsewhere and n
        ]
        n, clusters = (sum(part[i] for part in left) for i in (0, 1))
        if len(left) == 1 or (left and is_small(n, clusters, study=study)):
            yield "row", row


def _told(said: Mapping[tuple[str, str, str], float], key: Key) -> float | None:
    """What the sample flow says of how many rows of a group left for a reason, if it does."""
    _, (round_id, action, reason), arm = key
    step = {"drop": reason, "merge": f"{MERGED}{reason}"}.get(action)
    return None if step is None else said.get((round_id, step, arm))


def _rows(found: CorrectionCount) -> int:
    """Rows that were corrected: one respondent's ten cells are one respondent."""
    return found.n if found.n_rows < 0 else found.n_rows


def _clusters(found: CorrectionCount, study: Study) -> int:
    """Clusters of the corrected rows; where nobody counted them, enough."""
    return study.minimum_clusters if found.n_clusters < 0 else found.n_clusters
