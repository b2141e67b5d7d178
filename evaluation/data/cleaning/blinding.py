"""Scrambled treatment: until the plan is locked no result of the pipeline is an effect.

Whole clusters exchange arm and cohort inside strata, so that every group keeps its size and every
stage runs as it will, on results that mean nothing. The question about taking part is dealt out
anew too, and findings that depend on the group are not published. This keeps treatment out of
what the pipeline shows; it is no lock on the list of clusters, which lies open beside the plan.
"""

import dataclasses
import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from evaluation.data.clusters import Frame
from evaluation.data.findings import Rule
from evaluation.estimation.records import Finding

BLINDED = Rule("blinded", "error")

# Rules whose findings say in which group an interview or a cluster is.
RULES_BY_GROUP = (
    "baseline-after-entry",
    "date-after-event",
    "exposure-in-comparison",
    "interview-before-entry",
    "recall-crosses-entry",
    "recall-crosses-event",
)


def scrambled(frame: Frame, *, strata: str, key: str) -> Frame:
    """The list of clusters with arm and cohort dealt out anew inside strata.

    Parameters
    ----------
    frame : Frame
    strata : str
        Variable of the frame inside whose values clusters exchange treatment; empty for all.
    key : str
        What the draw depends on, such as the study's id: the same key gives the same draw, so a
        second run of a stage agrees with the first.

    Returns
    -------
    Frame
        Rows, order and all other variables as they were.

    Raises
    ------
    DataError
        No cluster of any stratum changes its arm: there is nothing to scramble.
    """
    table = frame.table.copy()
    source = _source(key)
    dealt = [name for name in (frame.arm, frame.cohort) if name]
    # companions of missing values go with their values
    columns = [c for c in table.columns if c.removesuffix("__missing") in dealt]
    stratum = table[strata].astype(str) if strata else np.zeros(len(table))
    order = np.arange(len(table))
    for rows in table.groupby(stratum, sort=True).indices.values():
        order[rows] = source.permutation(rows)
    table[columns] = frame.table[columns].iloc[order].to_numpy()
    if (table[frame.arm] == frame.table[frame.arm]).all():
        raise BLINDED.refused("plan.toml, inference.permutation_strata")
    return dataclasses.replace(frame, table=table)


def with_scrambled(panel: pd.DataFrame, column: str, *, key: str) -> pd.DataFrame:
    """The panel with one column's answers exchanged between the interviews of each round.

    Parameters
    ----------
    panel : DataFrame
        With a column ``round``.
    column : str
        Who took part would tell which places were treated.
    key : str
        As in `scrambled`.
    """
    source = _source(f"{key}\n{column}")
    order = np.arange(len(panel))
    for rows in panel.groupby("round", sort=True).indices.values():
        order[rows] = source.permutation(rows)
    names = [c for c in panel.columns if c in (column, f"{column}__missing")]
    dealt = {name: panel[name].iloc[order].to_numpy() for name in names}
    return panel.assign(**dealt).astype({name: panel[name].dtype for name in names})


def without_groups(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that say nothing about which group a row or cluster is in."""
    return tuple(f for f in findings if f.rule not in RULES_BY_GROUP)


def _source(key: str) -> np.random.Generator:
    digest = hashlib.sha256(f"blinded\n{key}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
