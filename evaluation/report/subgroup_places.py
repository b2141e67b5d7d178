"""How many clusters a group's row stands on, without telling where only one or two lack it.

A cluster without the group is one in which everybody interviewed has another trait. The primary
estimate's clusters less a row's are the clusters without the group.
"""

from collections.abc import Sequence

from evaluation.report import check_records as records
from evaluation.report import table, whom_notes
from evaluation.report.disclosure import few_left_out
from evaluation.report.sources import Source
from evaluation.report.subgroup_lines import Trait
from evaluation.report.table import Cell, Row
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import RowKey

COLUMNS = ("n_clusters_treated", "n_clusters_comparison", "clusters_without_group")


def cells(trait: Trait, sample: RowKey, found: Estimate) -> tuple[Cell, Cell, Cell]:
    """Clusters of both groups, and those without the group; see the module.

    The sum goes with a withheld part: less the other part it would be that part.
    """
    source = trait.source
    study, language = source.configuration.study, source.language
    counts = (found.n_clusters_treated, found.n_clusters_comparison)
    whole = records.primary(source, trait.outcome)
    few = (False, False)
    if not isinstance(whole, Unavailable):
        few = few_left_out(found, whole, study=study)
    treated, comparison = (
        table.suppressed(language) if gone else table.count(n)
        for n, gone in zip(counts, few, strict=True)
    )
    without = records.quantity(
        source, trait.check, trait.outcome, "clusters_without_group", sample=sample
    )
    if not isinstance(without, float):
        return treated, comparison, table.none()
    total = table.count_or_below(int(without), study.minimum_clusters, language)
    if any(few) and total.kind == "count":
        total = table.suppressed(language)
    return treated, comparison, total


def note(source: Source, rows: Sequence[Row], columns: Sequence[str]) -> tuple[str, ...]:
    """Why a row's clusters are not counted, where one's are not."""
    places = [columns.index(name) for name in COLUMNS]
    shown = [row.cells for row in rows if row.cells[1].kind == "effect"]
    if not any(found[i].kind == "suppressed" for found in shown for i in places):
        return ()
    study, language = source.configuration.study, source.language
    return (
        whom_notes.FEW_PLACES[language].format(
            clusters=study.names.clusters[language], least=study.minimum_clusters
        ),
    )
