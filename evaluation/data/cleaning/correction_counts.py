"""The corrections that were applied, counted by round and group: how even the fixing was.

REQUIRES corrected tables and the frame of clusters (its scrambled groups while a study is
blinded). CREATES one record for each round, action, reason and group.
"""

from collections.abc import Iterable, Mapping

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import Study
from evaluation.data.cleaning.corrections import Corrected
from evaluation.data.cleaning.panel import UNKNOWN_ARM
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, row_clusters
from evaluation.estimation.records import CorrectionCount

Key = tuple[str, str, str, str]


def count_corrections(
    corrected: Iterable[Corrected],
    parsed: Mapping[str, Parsed],
    declared: tuple[Dictionary, Study],
    *,
    frame: Frame,
) -> tuple[CorrectionCount, ...]:
    """Count corrections by round, action, reason and arm.

    Parameters
    ----------
    corrected : iterable of Corrected
        Tables with the lines that were applied to them.
    parsed : mapping of source to Parsed
        Their rows after corrections.
    declared : Dictionary, Study
        What was declared.
    frame : Frame
        The clusters and the arm of each.

    Returns
    -------
    tuple of CorrectionCount
        Sorted by round, action and reason, arms in the study's order. A merge counts once, in the
        cluster of the row that stays. Files without rounds have no arm; rows whose cluster is not
        in the frame have the arm ``unknown``.
    """
    dictionary, study = declared
    places: dict[Key, list[tuple[str, str]]] = {}
    for result in corrected:
        clusters = _clusters(result, parsed[result.table.file.source], dictionary, frame)
        for entry in result.applied:
            cluster, arm = clusters.get(entry.row_key, ("", ""))
            key = (entry.round, entry.action, entry.reason, arm)
            places.setdefault(key, []).append((entry.row_key, cluster))
    order = {arm.id: number for number, arm in enumerate(study.arm)}
    return tuple(
        CorrectionCount(
            study=study.id,
            round=key[0],
            action=key[1],
            reason=key[2],
            arm=key[3],
            n=len(found),
            n_rows=len(set(found)),
            n_clusters=len({cluster for _, cluster in found}) if key[3] else -1,
        )
        for key, found in sorted(
            places.items(), key=lambda i: (*i[0][:3], order.get(i[0][3], len(order)))
        )
    )


def _clusters(
    result: Corrected, parsed: Parsed, dictionary: Dictionary, frame: Frame
) -> dict[str, tuple[str, str]]:
    """Cluster and arm of each row of a survey round, by row key, the dropped ones included."""
    if result.table.file.round is None or not result.applied:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for part in (parsed, parse(result.dropped, dictionary)):
        codes = row_clusters(part, frame)
        arms = frame.lookup(frame.arm, codes)
        for key, code, arm in zip(part.keys, codes, arms, strict=True):
            found[key] = (code or "", UNKNOWN_ARM if arm is None else str(arm))
    return found
