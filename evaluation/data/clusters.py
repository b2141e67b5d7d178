"""The frame of clusters: arm, cohort, covariates, names in raw text, and its contradictions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.clean import plain_kinds
from evaluation.data.cleaning.parse import Parsed, is_numeric
from evaluation.data.findings import CODE_LIKE, about_file
from evaluation.locale.messages import Message, message
from evaluation.study.dictionary import Dictionary
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding
from evaluation.study.study import Study

NEIGHBOURS = "neighbours"
# Strata that were drawn alike: with fewer, or less often alike, shares may differ by design.
STRATA, USUAL_SHARE = 5, 0.8


def cohort_contradictions(parsed: Parsed, study: Study, *, column: str) -> list[Finding]:
    """Clusters have a cohort if and only if their arm is treated.

    Parameters
    ----------
    parsed : Parsed
        The frame file.
    study : Study
        Arms and cohorts.
    column : str
        Raw column of the cohort, for the messages.
    """
    if study.columns.cohort is None or not study.cohort:
        return []
    arm, cohort = parsed.columns[study.columns.arm], parsed.columns[study.columns.cohort]
    comparison = np.isin(arm.values, study.arms_without_any())
    treated = arm.observed & ~comparison
    # a cell that could not be parsed has a finding already
    empty = ~pd.isna(cohort.missing)
    rows = [(row, "treated-without-cohort") for row in np.flatnonzero(treated & empty)]
    rows += [
        (row, "comparison-with-cohort") for row in np.flatnonzero(comparison & cohort.observed)
    ]
    return [
        about_file(
            parsed.file,
            "cohort-contradiction",
            "error",
            message(f"{problem}.problem"),
            line=int(parsed.lines[row]),
            column=column,
        )
        for row, problem in rows
    ]


def blocks(parsed: Parsed, study: Study, raw: Mapping[str, str]) -> list[Finding]:
    """Groups of each block against the plan; where none is declared, against the other strata.

    Parameters
    ----------
    parsed : Parsed
        The frame file.
    study : Study
        Its blocks, or its stratum.
    raw : mapping of str to str
        Raw columns of the frame by variable.
    """
    name = study.blocks.column if study.blocks is not None else study.columns.stratum
    if name is None or name not in parsed.columns:
        return []
    arms, names = parsed.columns[study.columns.arm].values, parsed.columns[name].values
    known = np.array([a is not None and not pd.isna(b) for a, b in zip(arms, names, strict=True)])
    table = pd.crosstab(names[known].astype(str), arms[known].astype(str))
    first = {block: row for row, block in reversed(list(enumerate(names.astype(str).tolist())))}
    table = table.loc[sorted(table.index, key=first.__getitem__)]
    if study.blocks is None:
        return _odd_strata(parsed, table, first, raw[name])
    plan = pd.Series(study.blocks.arms)
    table = table.reindex(columns=plan.index.union(table.columns), fill_value=0)
    plan = plan.reindex(table.columns, fill_value=0)
    whole = (table == plan).all(axis=1)
    smaller = (table <= plan).all(axis=1) & table.index.isin(study.blocks.incomplete)
    said = ", ".join(f"{arm} {n}" for arm, n in study.blocks.arms.items())
    return [
        about_file(
            parsed.file,
            "block-composition",
            "error",
            line=int(parsed.lines[first[block]]),
            column=raw[name],
            plan=said,
        )
        for block in table.index[~(whole | smaller)]
    ]


def _odd_strata(
    parsed: Parsed, table: pd.DataFrame, first: Mapping[str, int], column: str
) -> list[Finding]:
    """Strata whose shares of groups are not those of nearly all others."""
    each = table.to_numpy()
    shares = [tuple((row // np.gcd.reduce(row)).tolist()) for row in each]
    usual, number = Counter(shares).most_common(1)[0] if shares else ((), 0)
    odd = [block for block, share in zip(table.index, shares, strict=True) if share != usual]
    if len(shares) < STRATA or not odd or number < USUAL_SHARE * len(shares):
        return []
    return [
        about_file(
            parsed.file,
            "odd-block",
            "warn",
            line=int(parsed.lines[first[odd[0]]]),
            column=column,
            n=len(odd),
            of=len(shares),
        )
    ]


def neighbours(parsed: Parsed, clusters: list[object], *, column: str) -> list[Finding]:
    """Neighbours are other clusters of the frame, and neighbours of each other.

    Parameters
    ----------
    parsed : Parsed
        The frame file.
    clusters : list
        Code of each row.
    column : str
        Raw column of the neighbours, for the messages.
    """
    listed = [split(cell) for cell in parsed.columns[NEIGHBOURS].values]
    by_code = dict(zip(clusters, listed, strict=True))
    return [
        about_file(parsed.file, "neighbours", "error", problem, line=int(line), column=column)
        for line, code, names in zip(parsed.lines, clusters, listed, strict=True)
        for problem in _problems(code, names, by_code)
    ]


def _problems(
    code: object, names: list[str], by_code: dict[object, list[str]]
) -> Iterator[Message]:
    unknown = [name for name in names if name not in by_code]
    coded = [name for name in unknown if CODE_LIKE.fullmatch(name)]
    # one cause, one sentence: the same code in the lists of all its neighbours
    yield from (message("neighbour-unknown.problem", code=name) for name in coded)
    if len(coded) < len(unknown):
        number = len(unknown) - len(coded)
        yield (message("neighbours-not.problem", n=number))
    if code in names:
        yield message("cluster-own-neighbour.problem")
    if len(set(names)) < len(names):
        yield message("neighbour-stands.problem")
    alone = [
        name for name in names if name in by_code and name != code and code not in by_code[name]
    ]
    # where nobody lists it and they list one that is not there, its code is what is wrong
    strangers = {n for name in alone for n in by_code[name] if n not in by_code}
    if alone and not (len(alone) == len(names) and strangers):
        number = len(alone)
        yield (message("neighbours-do.problem", n=number))


def split(listed: object) -> list[str]:
    """Texts of a cell that holds several, separated by ``|``."""
    return [name.strip() for name in listed.split("|")] if isinstance(listed, str) else []


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
        return tuple(about_file(file, "frame-column", "error", column=name) for name in absent)
    raw = {name: dictionary.variables[name].raw["frame"] for name in parsed.columns}
    if is_numeric(dictionary.variables[columns.cluster], dictionary):
        return (about_file(file, "cluster-type", "error", column=raw[columns.cluster]),)
    clusters = parsed.columns[columns.cluster].values.tolist()
    findings = _repeated_clusters(parsed, clusters, raw[columns.cluster])
    arms, cohorts = {arm.id for arm in study.arm}, {cohort.id for cohort in study.cohort}
    findings += _undeclared(parsed, columns.arm, arms, raw, rule="undeclared-arm")
    if columns.cohort:
        findings += _undeclared(parsed, columns.cohort, cohorts, raw, rule="undeclared-cohort")
        findings += cohort_contradictions(parsed, study, column=raw[columns.cohort])
    findings += blocks(parsed, study, raw)
    # a cluster that stands twice has two lists of neighbours
    if NEIGHBOURS in parsed.columns and len(set(clusters)) == len(clusters):
        findings += neighbours(parsed, clusters, column=raw[NEIGHBOURS])
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
            "duplicate-cluster",
            "error",
            line=int(parsed.lines[row]),
            column=column,
            key=parsed.key(before),
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
            rule,
            "error",
            "value-not-declared",
            "correct-frame",
            line=int(line),
            column=raw[name],
            names=", ".join(sorted(declared)),
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
        about_file(file, "ambiguous-alias", "error", line=line, column=column) for line in lines
    ]
