"""The list of clusters as delivered: codes, arms, cohorts, blocks, neighbours and aliases."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import Study
from evaluation.data.cleaning.parse import Parsed, is_numeric
from evaluation.data.clusters import ALIASES, split
from evaluation.data.findings import CODE_LIKE
from evaluation.data.rules.rule import DataRule
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Message, message

TREATED_WITHOUT_COHORT = DataRule("cohort-contradiction", "error", "treated-without-cohort")
COMPARISON_WITH_COHORT = DataRule("cohort-contradiction", "error", "comparison-with-cohort")
UNDECLARED_ARM = DataRule("undeclared-arm", "error", "value-not-declared", "correct-frame")
UNDECLARED_COHORT = DataRule("undeclared-cohort", "error", "value-not-declared", "correct-frame")
BLOCK_COMPOSITION = DataRule("block-composition", "error")
ODD_BLOCK = DataRule("odd-block", "warn")
DUPLICATE_CLUSTER = DataRule("duplicate-cluster", "error")
AMBIGUOUS_ALIAS = DataRule("ambiguous-alias", "error")
CLUSTER_TYPE = DataRule("cluster-type", "error")
FRAME_COLUMN = DataRule("frame-column", "error")

NEIGHBOURS = "neighbours"
# Strata that were drawn alike: with fewer, or less often alike, shares may differ by design.
STRATA, USUAL_SHARE = 5, 0.8


def check_frame(parsed: Parsed, dictionary: Dictionary, study: Study) -> tuple[Finding, ...]:
    """Check the frame file: unique clusters, declared arms and cohorts that fit, clear aliases.

    Parameters
    ----------
    parsed : Parsed
        The frame file.
    dictionary, study
        What was declared.
    """
    columns = study.columns
    needed = (columns.cluster, columns.arm, *filter(None, (columns.cohort,)))
    absent = [name for name in needed if name not in parsed.columns]
    if absent:
        return tuple(FRAME_COLUMN.about(parsed.file, name) for name in absent)
    if is_numeric(dictionary.variables[columns.cluster], dictionary):
        return (CLUSTER_TYPE.at(parsed, columns.cluster),)
    return tuple(_checked(parsed, study))


def _checked(parsed: Parsed, study: Study) -> Iterator[Finding]:
    columns = study.columns
    clusters = parsed.columns[columns.cluster].values.tolist()
    # which of two rows is wrong cannot be told, so both are named
    first: dict[object, int] = {}
    for row, code in enumerate(clusters):
        if (before := first.setdefault(code, row)) != row:
            yield DUPLICATE_CLUSTER.at(parsed, columns.cluster, row, key=parsed.key(before))
    yield from _undeclared(UNDECLARED_ARM, parsed, columns.arm, {arm.id for arm in study.arm})
    if columns.cohort:
        cohorts = {cohort.id for cohort in study.cohort}
        yield from _undeclared(UNDECLARED_COHORT, parsed, columns.cohort, cohorts)
        yield from _contradictions(parsed, study, columns.cohort)
    yield from _blocks(parsed, study)
    # a cluster that stands twice has two lists of neighbours
    if len(first) == len(clusters):
        yield from _neighbours(parsed, clusters)
    if ALIASES in parsed.columns:
        owner: dict[str, object] = {str(code): code for code in clusters}
        for row, cell in enumerate(parsed.columns[ALIASES].values):
            again = [a for a in split(cell) if owner.setdefault(a, clusters[row]) != clusters[row]]
            yield from (AMBIGUOUS_ALIAS.at(parsed, ALIASES, row) for _ in again)


def _neighbours(parsed: Parsed, clusters: list[object]) -> Iterator[Finding]:
    if NEIGHBOURS not in parsed.columns:
        return
    listed = [split(cell) for cell in parsed.columns[NEIGHBOURS].values]
    by_code = dict(zip(clusters, listed, strict=True))
    for row, code in enumerate(clusters):
        for problem in _not_neighbours(code, listed[row], by_code):
            yield DataRule("neighbours", "error", problem).at(parsed, NEIGHBOURS, row)


def _undeclared(rule: DataRule, parsed: Parsed, name: str, declared: set[str]) -> Iterator[Finding]:
    column, names = parsed.columns[name], ", ".join(sorted(declared))
    for row in np.flatnonzero(column.observed):
        if column.values[row] not in declared:
            yield rule.at(parsed, name, row, names=names)


def _contradictions(parsed: Parsed, study: Study, name: str) -> Iterator[Finding]:
    """Clusters have a cohort if and only if their arm is treated."""
    if not study.cohort:
        return
    arm, cohort = parsed.columns[study.columns.arm], parsed.columns[name]
    comparison = np.isin(arm.values, study.arms_without_any())
    # a cell that could not be parsed has a finding already
    treated = arm.observed & ~comparison & ~pd.isna(cohort.missing)
    for row in np.flatnonzero(treated):
        yield TREATED_WITHOUT_COHORT.at(parsed, name, row)
    for row in np.flatnonzero(comparison & cohort.observed):
        yield COMPARISON_WITH_COHORT.at(parsed, name, row)


def _blocks(parsed: Parsed, study: Study) -> Iterator[Finding]:
    """Groups of each block against the plan; where none is declared, against the other strata."""
    name = study.blocks.column if study.blocks is not None else study.columns.stratum
    if name is None or name not in parsed.columns:
        return
    arms, names = parsed.columns[study.columns.arm].values, parsed.columns[name].values
    known = pd.notna(arms) & pd.notna(names)
    table = pd.crosstab(names[known].astype(str), arms[known].astype(str))
    first = {block: row for row, block in reversed(list(enumerate(names.astype(str).tolist())))}
    table = table.loc[sorted(table.index, key=first.__getitem__)]
    if study.blocks is None:
        yield from _odd_strata(parsed, table, first, name)
        return
    plan = pd.Series(study.blocks.arms)
    table = table.reindex(columns=plan.index.union(table.columns), fill_value=0)
    plan = plan.reindex(table.columns, fill_value=0)
    whole = (table == plan).all(axis=1)
    smaller = (table <= plan).all(axis=1) & table.index.isin(study.blocks.incomplete)
    said = ", ".join(f"{arm} {n}" for arm, n in study.blocks.arms.items())
    for block in table.index[~(whole | smaller)]:
        yield BLOCK_COMPOSITION.at(parsed, name, first[block], plan=said)


def _odd_strata(
    parsed: Parsed, table: pd.DataFrame, first: Mapping[str, int], name: str
) -> Iterator[Finding]:
    """Strata whose shares of groups are not those of nearly all others."""
    shares = [tuple((row // np.gcd.reduce(row)).tolist()) for row in table.to_numpy()]
    usual, number = Counter(shares).most_common(1)[0] if shares else ((), 0)
    odd = [block for block, share in zip(table.index, shares, strict=True) if share != usual]
    if odd and len(shares) >= STRATA and number >= USUAL_SHARE * len(shares):
        yield ODD_BLOCK.at(parsed, name, first[odd[0]], n=len(odd), of=len(shares))


def _not_neighbours(
    code: object, names: list[str], by_code: Mapping[object, list[str]]
) -> Iterator[Message]:
    """Why a list of neighbours does not hold: they are other clusters, and neighbours mutually."""
    unknown = [name for name in names if name not in by_code]
    coded = [name for name in unknown if CODE_LIKE.fullmatch(name)]
    # one cause, one sentence: the same code in the lists of all its neighbours
    yield from (message("neighbour-unknown.problem", code=name) for name in coded)
    if len(coded) < len(unknown):
        yield message("neighbours-not.problem", n=len(unknown) - len(coded))
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
        yield message("neighbours-do.problem", n=len(alone))
