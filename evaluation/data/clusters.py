"""The frame of clusters: arm, cohort and covariates, and the names clusters go by in raw text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data import frame_rules
from evaluation.data.clean import plain_kinds
from evaluation.data.finding import about_file
from evaluation.data.frame_rules import NEIGHBOURS, split
from evaluation.data.parse import Parsed, is_numeric
from evaluation.locale.messages import message
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding
from evaluation.spec.study import Study

ALIASES = "aliases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The list of clusters.

    Attributes
    ----------
    table : DataFrame, one row per cluster
        Clean frame variables, sorted by cluster.
    aliases : mapping of text to cluster
        Declared name variants (frame variable ``aliases``, separated by ``|``).
    cluster, arm, cohort : str
        Names of the design columns; cohort is empty where the study has none.
    """

    table: pd.DataFrame
    aliases: Mapping[str, str]
    cluster: str
    arm: str
    cohort: str

    def resolve(self, values: Iterable[object]) -> NDArray[np.object_]:
        """Cluster of each raw name: the code itself or a declared alias; None where neither."""
        known = {code: code for code in self.table[self.cluster]} | dict(self.aliases)
        return np.array([known.get(str(value)) for value in values], dtype=object)

    def lookup(self, column: str, clusters: NDArray[np.object_]) -> NDArray[np.object_]:
        """Value of a frame variable for each cluster; None where the cluster is unknown."""
        values = dict(zip(self.table[self.cluster], self.table[column], strict=True))
        codes, names = pd.factorize(clusters)
        found = [values.get(name) for name in names]
        # the last one stands for clusters that are unknown
        each = np.empty(len(found) + 1, dtype=object)
        each[:-1] = [None if pd.isna(value) else value for value in found]
        return np.asarray(each[codes])


def make_frame(clean: pd.DataFrame, study: Study) -> Frame:
    """Frame from the clean frame file."""
    cluster = study.columns.cluster
    table = plain_kinds(clean).sort_values(cluster, kind="stable", ignore_index=True)
    aliases: dict[str, str] = {}
    if ALIASES in table.columns:
        for code, listed in zip(table[cluster], table[ALIASES], strict=True):
            aliases |= dict.fromkeys(split(listed), code)
    return Frame(
        table=table,
        aliases=aliases,
        cluster=cluster,
        arm=study.columns.arm,
        cohort=study.columns.cohort or "",
    )


def check_frame(parsed: Parsed, dictionary: Dictionary, study: Study) -> tuple[Finding, ...]:
    """Check the frame file: unique clusters, declared arms and cohorts that fit, clear aliases."""
    columns, file = study.columns, parsed.file
    needed = (columns.cluster, columns.arm, *filter(None, (columns.cohort,)))
    absent = [name for name in needed if name not in parsed.columns]
    if absent:
        return tuple(
            about_file(
                file,
                rule="frame-column",
                severity="error",
                column=name,
                problem=message("frame-column.problem"),
                mend=message("frame-column.mend"),
            )
            for name in absent
        )
    raw = {name: dictionary.variables[name].raw["frame"] for name in parsed.columns}
    if is_numeric(dictionary.variables[columns.cluster], dictionary):
        return (
            about_file(
                file,
                rule="cluster-type",
                severity="error",
                column=raw[columns.cluster],
                problem=message("cluster-type.problem"),
                mend=message("cluster-type.mend"),
            ),
        )
    clusters = parsed.columns[columns.cluster].values.tolist()
    findings = _repeated_clusters(parsed, clusters, raw[columns.cluster])
    arms, cohorts = {arm.id for arm in study.arm}, {cohort.id for cohort in study.cohort}
    findings += _undeclared(parsed, columns.arm, arms, raw, rule="undeclared-arm")
    if columns.cohort:
        findings += _undeclared(parsed, columns.cohort, cohorts, raw, rule="undeclared-cohort")
        findings += frame_rules.cohorts(parsed, study, column=raw[columns.cohort])
    findings += frame_rules.blocks(parsed, study, raw)
    # a cluster that stands twice has two lists of neighbours
    if NEIGHBOURS in parsed.columns and len(set(clusters)) == len(clusters):
        findings += frame_rules.neighbours(parsed, clusters, column=raw[NEIGHBOURS])
    if ALIASES in parsed.columns:
        listed = parsed.columns[ALIASES].values.tolist()
        findings += _ambiguous(file, clusters, listed, raw[ALIASES], parsed)
    return tuple(findings)


def _repeated_clusters(parsed: Parsed, clusters: list[object], column: str) -> list[Finding]:
    # which of two rows is wrong cannot be told, so both are named
    first: dict[object, int] = {}
    return [
        about_file(
            parsed.file,
            rule="duplicate-cluster",
            severity="error",
            line=int(parsed.lines[row]),
            column=column,
            problem=message("duplicate-cluster.problem", key=parsed.key(before)),
            mend=message("duplicate-cluster.mend"),
        )
        for row, code in enumerate(clusters)
        if (before := first.setdefault(code, row)) != row
    ]


def _undeclared(
    parsed: Parsed, name: str, declared: set[str], raw: Mapping[str, str], *, rule: str
) -> list[Finding]:
    column = parsed.columns[name]
    return [
        about_file(
            parsed.file,
            rule=rule,
            severity="error",
            line=int(line),
            column=raw[name],
            problem=message("value-not-declared.problem", names=", ".join(sorted(declared))),
            mend=message("correct-frame.mend"),
        )
        for line, value, observed in zip(parsed.lines, column.values, column.observed, strict=True)
        if observed and value not in declared
    ]


def _ambiguous(
    file: RawFile, clusters: list[object], listed: list[object], column: str, parsed: Parsed
) -> list[Finding]:
    owner: dict[str, object] = {str(code): code for code in clusters}
    lines = [
        int(line)
        for line, code, names in zip(parsed.lines, clusters, listed, strict=True)
        for alias in split(names)
        if owner.setdefault(alias, code) != code
    ]
    return [
        about_file(
            file,
            rule="ambiguous-alias",
            severity="error",
            line=line,
            column=column,
            problem=message("ambiguous-alias.problem"),
            mend=message("ambiguous-alias.mend"),
        )
        for line in lines
    ]
