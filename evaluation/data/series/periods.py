"""Rules about administrative series: every cluster once in every period, periods that sort."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import Rule
from evaluation.data.rules.rule_context import Declared
from evaluation.data.timing import row_clusters
from evaluation.locale.messages import Plain, message
from evaluation.study.records import Finding

PERIOD = Rule("period", "error", "period")
PERIOD_MISSING = Rule(
    "period", "error", "period", problem="period-missing.problem", fix="fill-period-ask.fix"
)
DUPLICATE_PERIOD = Rule("duplicate-period", "error", "period")
EMPTY_CLUSTER = Rule(
    "empty-cluster",
    "warn",
    "cluster",
    problem="clusters-frame.problem",
    fix="check-file-whole.fix",
)
MISSING_PERIOD = Rule("missing-period", "error", "period")


# one notation per file: periods are put in order as texts
NOTATIONS = {
    "2019Q3": re.compile(r"\d{4}Q[1-4]", re.ASCII),
    "2019-07": re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII),
    "2019": re.compile(r"\d{4}", re.ASCII),
}
DATES = ("date", "datetime")
LISTED = 3


def periods(parsed: Parsed, declared: Declared, name: str) -> list[Finding]:
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
    clusters = row_clusters(parsed, declared.frame)
    usable &= np.array([code is not None for code in clusters], dtype=bool)
    findings += _repeated(parsed, declared, name, clusters, usable)
    findings += _absent(parsed, declared, name, clusters, usable)
    return findings


def _malformed(
    parsed: Parsed, declared: Declared, name: str
) -> tuple[list[Finding], NDArray[np.bool_]]:
    """Findings, and the rows whose period can be used."""
    column, raw = parsed.columns[name], declared.raw(parsed, name)
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
    findings = PERIOD.rows(parsed, wrong, raw, shape=shape)
    findings += PERIOD_MISSING.rows(parsed, empty, raw)
    return findings, column.observed & ~wrong


def _repeated(
    parsed: Parsed,
    declared: Declared,
    name: str,
    clusters: NDArray[np.object_],
    usable: NDArray[np.bool_],
) -> list[Finding]:
    texts = parsed.columns[name].texts.tolist()
    first: dict[tuple[object, str], int] = {}
    findings = []
    for row in np.flatnonzero(usable):
        before = first.setdefault((clusters[row], texts[row]), int(row))
        if before != row:
            findings.append(
                DUPLICATE_PERIOD.about(
                    parsed.file,
                    declared.raw(parsed, name),
                    parsed.lines[row],
                    row=f"{parsed.file.path}:{parsed.lines[before]}",
                )
            )
    return findings


def _absent(
    parsed: Parsed,
    declared: Declared,
    name: str,
    clusters: NDArray[np.object_],
    usable: NDArray[np.bool_],
) -> list[Finding]:
    """One finding for each cluster with gaps, at its first row; and one for absent clusters."""
    raw, texts = declared.raw(parsed, name), parsed.columns[name].texts.tolist()
    rows = np.flatnonzero(usable)
    held: dict[object, set[str]] = {}
    first: dict[object, int] = {}
    for row in rows:
        held.setdefault(clusters[row], set()).add(texts[row])
        first.setdefault(clusters[row], int(row))
    every = sorted({texts[row] for row in rows})
    findings = []
    for cluster, start in first.items():
        gaps = [period for period in every if period not in held[cluster]]
        if gaps:
            more = ", ..." if len(gaps) > LISTED else ""
            findings.append(
                MISSING_PERIOD.about(
                    parsed.file,
                    raw,
                    parsed.lines[start],
                    n=Plain(len(gaps)),
                    of=Plain(len(every)),
                    row=f"{', '.join(gaps[:LISTED])}{more}",
                )
            )
    absent = sum(code not in held for code in declared.frame.table[declared.frame.cluster])
    if absent:
        findings.append(
            EMPTY_CLUSTER.about(parsed.file, declared.raw(parsed, declared.frame.cluster), n=absent)
        )
    return findings
