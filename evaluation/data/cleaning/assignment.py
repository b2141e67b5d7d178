"""The assignment as the plan's lock holds it: one fingerprint of the whole list of clusters."""

import hashlib
import json

import pandas as pd

from evaluation.config.manifest import RawFile
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.data.findings import Rule
from evaluation.estimation.records import Finding

OTHER = Rule("assignment-changed", "error")
# scrypt: 16 MB and some 50 ms for each list that somebody tries out
COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def assignment_sum(table: pd.DataFrame, study: Study) -> str:
    """Fingerprint of the code, arm, treatments, cohort, stratum and block of all clusters together.

    Rows may stand in any order and columns have any name. A list of clusters is short, and others
    know its codes: a sum of each row would tell its arm to whoever tries out all arms. One slow sum
    over the whole list tells nothing but whether somebody has the list already.

    Parameters
    ----------
    table : DataFrame, one row a cluster
        Clean values, as assigned: not scrambled.
    study : Study
        Names the columns; its id is the key of the sum.
    """
    columns = study.columns
    treatments = {arm.id: sorted(arm.treatments) for arm in study.arm}
    block = study.blocks.column if study.blocks is not None else None
    named = (columns.cluster, columns.arm, columns.cohort, columns.stratum, block)
    held = [
        ["" if pd.isna(value) else f"{value}" for value in table[name]]
        if name is not None and name in table
        else [""] * len(table)
        for name in named
    ]
    rows = sorted([*row, *treatments.get(row[1], ())] for row in zip(*held, strict=True))
    whole = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.scrypt(whole, salt=f"assignment\n{study.id}".encode(), **COST).hex()


def assignment_findings(
    table: pd.DataFrame, study: Study, promise: Promise, file: RawFile
) -> tuple[Finding, ...]:
    """An error where the list of clusters is not the one that is locked, or was changed to.

    Parameters
    ----------
    table, study
        As of `assignment_sum`.
    promise : Promise
        The study's plan with its lock.
    file : RawFile
        The list of clusters.
    """
    if not promise.assigned or (found := assignment_sum(table, study)) == promise.assigned:
        return ()
    return (OTHER.about(file, sum=found, hash=promise.plan.hash),)
