"""Scrambled treatment: until the plan is locked nobody may see which places were treated.

Whole clusters exchange arm and cohort inside strata, so that every group keeps its size and every
stage runs as it will, on results that mean nothing.
"""

import dataclasses
import hashlib

import numpy as np

from evaluation.data.clusters import Frame
from evaluation.errors import DataError


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
    seed = int.from_bytes(hashlib.sha256(f"blinded\n{key}".encode()).digest()[:8], "big")
    source = np.random.default_rng(seed)
    dealt = [name for name in (frame.arm, frame.cohort) if name]
    # companions of missing values go with their values
    columns = [c for c in table.columns if c.removesuffix("__missing") in dealt]
    stratum = table[strata].astype(str) if strata else np.zeros(len(table))
    order = np.arange(len(table))
    for rows in table.groupby(stratum, sort=True).indices.values():
        order[rows] = source.permutation(rows)
    table[columns] = frame.table[columns].iloc[order].to_numpy()
    if (table[frame.arm] == frame.table[frame.arm]).all():
        raise DataError(
            "treatment cannot be scrambled: no stratum has clusters of two groups",
            where="plan.toml, inference.permutation_strata",
            mend="lock the plan, or name a coarser variable",
            rule="blinded",
        )
    return dataclasses.replace(frame, table=table)
