"""Records of checks as they are published: without counts of few people or places left out.

The tables say "fewer than" in their place. What is left of a sum must not give one away, so that a
second count goes with it; see `evaluation.report.subgroup_places`.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

from evaluation.report.disclosure import few_left_out, withheld_parts
from evaluation.spec.counts import is_below
from evaluation.spec.plan import Plan
from evaluation.spec.records import Diagnostic, Estimate
from evaluation.spec.study import Study

WITHHELD = "nan"
WITHOUT_GROUP, MEMBERS = "clusters_without_group", "comparison_clusters"
TREATED, COMPARISON = "n_clusters_treated", "n_clusters_comparison"
# the degrees of freedom are the clusters less one
OF_SIZE = (TREATED, COMPARISON, "df")
GROUPS = ("subgroup", "cohorts")
# names of diagnostics that count people or interviews, and clusters
PEOPLE = ("interviews_", "rows_without_control", "undated_left_out", "people")
PLACES = ("clusters_left_out", WITHOUT_GROUP, MEMBERS)
# rings of borders and those of distances each sum to all comparison clusters
BORDERING = ("ring:bordering", "ring:effect")
Place = tuple[str, str, str]


def place(record: Estimate | Diagnostic) -> Place:
    """Which row of which check a record belongs to."""
    return record.outcome, record.specification, record.sample


def hidden_sizes(
    checks: tuple[Estimate, ...], primary: tuple[Estimate, ...], *, plan: Plan, study: Study
) -> Mapping[Place, tuple[str, ...]]:
    """Fields of size to withhold, by row of a check of groups.

    Parameters
    ----------
    checks, primary : tuple of Estimate
        Records of the checks, and of the specifications.
    """
    groups = {check.id for check in plan.check if check.kind in GROUPS}
    main = plan.primary_specification().id
    whole = {e.outcome: e for e in primary if e.specification == main}
    found: dict[Place, tuple[str, ...]] = {}
    for row in checks:
        if row.specification in groups and row.outcome in whole:
            few = few_left_out(row, whole[row.outcome], study=study)
            fields = [name for name, gone in zip((TREATED, COMPARISON), few, strict=True) if gone]
            if fields:
                found[place(row)] = (*fields, OF_SIZE[-1])
    return found


def hidden_counts(
    made: tuple[Diagnostic, ...], sizes: Mapping[Place, tuple[str, ...]], *, study: Study
) -> list[bool]:
    """Which diagnostics are withheld: counts of few, and what would give one away."""
    rings: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    hidden = [_is_few(x, study) or (x.name == WITHOUT_GROUP and place(x) in sizes) for x in made]
    for i, x in enumerate(made):
        if x.name == MEMBERS:
            rings[x.outcome, x.specification, x.sample in BORDERING].append(i)
    for parts in rings.values():
        counts = [round(made[i].value) for i in parts]
        gone = withheld_parts(counts, minimum=study.minimum_clusters)
        for i, is_gone in zip(parts, gone, strict=True):
            hidden[i] |= is_gone
    return hidden


def _is_few(found: Diagnostic, study: Study) -> bool:
    if found.name.startswith(PLACES):
        return is_below(found.value, study.minimum_clusters)
    return found.name.startswith(PEOPLE) and is_below(found.value, study.minimum_cell)


def blanked(data: bytes, fields: Iterable[Sequence[str]]) -> bytes:
    """A table with some fields of each row withheld, all else to the byte.

    Parameters
    ----------
    data : bytes
        CSV with one header line.
    fields : iterable of sequence of str
        Names of columns to withhold, for each row.
    """
    rows = list(csv.reader(StringIO(data.decode("utf-8"), newline="")))
    touched = False
    for row, names in zip(rows[1:], fields, strict=True):
        for name in names:
            if name in rows[0]:
                row[rows[0].index(name)] = WITHHELD
                touched = True
    if not touched:
        return data
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")
