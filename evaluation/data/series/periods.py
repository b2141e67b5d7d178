"""Rules about administrative series: every cluster once in every period, periods that sort."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import row_clusters
from evaluation.data.rules.rule import Rule
from evaluation.data.rules.rule_context import Declared
from evaluation.locale.messages import Plain, message
from evaluation.study.records import Finding

PERIOD = Rule("period", "error")
PERIOD_MISSING = Rule("period", "error", "period-missing", "fill-period-ask")
DUPLICATE_PERIOD = Rule("duplicate-period", "error")
EMPTY_CLUSTER = Rule("empty-cluster", "warn", "clusters-frame", "check-file-whole")
MISSING_PERIOD = Rule("missing-period", "error")


# one notation per file: periods are put in order as texts
NOTATIONS = {
    "2019Q3": re.compile(r"\d{4}Q[1-4]", re.ASCII),
    "2019-07": re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII),
    "2019": re.compile(r"\d{4}", re.ASCII),
}
DATES = ("date", "datetime")
LISTED = 3


def periods(parsed: Parsed, declared: Declared, name: str) -> Iterator[Finding]:
    """Malformed and empty periods, cluster-periods that stand twice, and those that are absent.

    Parameters
    ----------
    parsed : Parsed
        The series file.
    declared : Declared
        Dictionary, study and frame.
    name : str
        The variable that holds the period.
    """
    findings, usable = _malformed(parsed, declared, name)
    yield from findings
    clusters = row_clusters(parsed, declared.frame)
    rows = np.flatnonzero(usable & pd.notna(clusters))
    texts = parsed.columns[name].texts.tolist()
    # row of each cluster's periods
    held: dict[object, dict[str, int]] = {}
    for row in rows.tolist():
        before = held.setdefault(clusters[row], {}).setdefault(texts[row], row)
        if before != row:
            yield DUPLICATE_PERIOD.at(parsed, name, row, row=parsed.key(before))
    every = sorted({text for own in held.values() for text in own})
    for own in held.values():
        gaps = [period for period in every if period not in own]
        if gaps:
            listed = ", ".join(gaps[:LISTED]) + (", ..." if len(gaps) > LISTED else "")
            said = {"n": Plain(len(gaps)), "of": Plain(len(every)), "row": listed}
            yield MISSING_PERIOD.at(parsed, name, min(own.values()), **said)
    absent = sum(code not in held for code in declared.frame.table[declared.frame.cluster])
    if absent:
        yield EMPTY_CLUSTER.at(parsed, declared.frame.cluster, n=absent)


def _malformed(
    parsed: Parsed, declared: Declared, name: str
) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Findings, and the rows whose period can be used."""
    column = parsed.columns[name]
    if declared.dictionary.variables[name].type in DATES:
        wrong, shape = np.zeros(len(parsed.lines), dtype=bool), message("word.a-date")
    else:
        texts = column.texts.tolist()
        fits = {
            shape: np.array([pattern.fullmatch(t) is not None for t in texts], dtype=bool)
            for shape, pattern in NOTATIONS.items()
        }
        best = max(fits, key=lambda candidate: int(fits[candidate].sum()))
        wrong = ~fits[best] & column.observed
        shape = (
            message("word.like", shape=Plain(best))
            if fits[best].any()
            else message("word.like-one-of", shapes=Plain(", ".join(NOTATIONS)))
        )
    # an empty cell that no `missing` declares has a finding of its own
    empty = ~pd.isna(column.missing)
    findings = PERIOD.rows(parsed, wrong, name, shape=shape)
    findings += PERIOD_MISSING.rows(parsed, empty, name)
    return findings, column.observed & ~wrong
