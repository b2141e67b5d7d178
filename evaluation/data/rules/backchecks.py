"""Back-checks: questions asked again of some respondents, and error rates over finished rounds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.fieldwork_plan import BackcheckRate, BackcheckShare
from evaluation.data.cleaning.parse import Parsed, ParsedColumn, parse
from evaluation.data.clusters import row_clusters
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.registry import cells
from evaluation.data.rules.rule import DataRule, Declared
from evaluation.estimation.records import Finding
from evaluation.locale.messages import message

ID_UNKNOWN = DataRule("backcheck-id", "warn", "id-stands-no")
ID_TWICE = DataRule("backcheck-id", "warn", "id-stands-twice")
BACKCHECK_VARIABLE = DataRule("backcheck-variable", "warn")
BACKCHECK_DIFFERENCE = DataRule("backcheck-difference", "warn")


ANSWERS = ("dont_know", "refused")
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backcheck:
    """What a back-check says of a round.

    Attributes
    ----------
    rates : tuple of BackcheckRate
        By type; by variable; by type and interviewer.
    findings : tuple of Finding
        Ids that fit no interview or stand twice, and answers of type 1 that differ.
    """

    rates: tuple[BackcheckRate, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Rows of the round and of the back-check that are about the same respondent."""

    first: Rows
    again: Rows


def backcheck(parsed: Parsed, again: Parsed, declared: Declared) -> Backcheck:
    """Compare a back-check with the interviews of its round.

    Parameters
    ----------
    parsed, again : Parsed
        The round and the back-check; the dictionary gives the back-check's columns under the
        source ``backcheck``.
    declared : Declared
        ``study.backcheck`` says of which type each question is, and how far numbers may differ.

    Returns
    -------
    Backcheck

    Notes
    -----
    Pairs are compared where the question was asked both times; "don't know" and a refusal are
    answers. Types as teams of Innovations for Poverty Action sort questions (`bcstats`): 1 a fact
    that anybody would tell the same way twice, 2 hard to ask well, 3 hard to answer, or able to
    change.
    """
    study = declared.study
    if study.backcheck is None:
        return Backcheck(rates=(), findings=())
    pairs, findings = _paired(parsed, again, declared)
    compared: list[tuple[str, int, NDArray[np.bool_], NDArray[np.bool_]]] = []
    for name, kind in study.backcheck.by_variable().items():
        if name not in parsed.columns or name not in again.columns:
            findings.append(BACKCHECK_VARIABLE.about(again.file, name=name))
            continue
        tolerance = study.backcheck.tolerance.get(name, 0.0)
        asked, differs = _compared(parsed.columns[name], again.columns[name], pairs, tolerance)
        compared.append((name, kind, asked, differs))
        if kind == 1:
            where = parsed.mask(pairs.first[differs])
            kind_1 = message("backcheck.type-1")
            findings += BACKCHECK_DIFFERENCE.rows(parsed, where, name, types=kind_1)
    return Backcheck(
        rates=tuple(_rates(compared, pairs, parsed, declared)), findings=tuple(findings)
    )


def _paired(parsed: Parsed, again: Parsed, declared: Declared) -> tuple[Pairs, list[Finding]]:
    name = declared.study.columns.respondent
    first, once = _places(parsed, name)
    rows, others = [], []
    findings: list[Finding] = []
    _, asked_once = _places(again, name)
    people = again.columns[name].values
    for row in np.flatnonzero(again.consented).tolist():
        person = people[row]
        if person not in first:
            findings.append(ID_UNKNOWN.at(again, name, row))
        elif not once[person] or not asked_once[person]:
            findings.append(ID_TWICE.at(again, name, row))
        else:
            rows.append(first[person])
            others.append(row)
    pairs = Pairs(first=np.array(rows, dtype=np.intp), again=np.array(others, dtype=np.intp))
    return pairs, findings


def _places(parsed: Parsed, name: str) -> tuple[dict[object, int], dict[object, bool]]:
    """First row of each id among the consented, and whether it has no other."""
    first: dict[object, int] = {}
    once: dict[object, bool] = {}
    people = parsed.columns[name].values
    for row in np.flatnonzero(parsed.consented & parsed.columns[name].observed):
        person = people[row]
        once[person] = person not in first
        first.setdefault(person, int(row))
    return first, once


def _compared(
    before: ParsedColumn, after: ParsedColumn, pairs: Pairs, tolerance: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a pair was asked both times, and whether its answers differ, shape (pairs,)."""
    a, b = before.values[pairs.first], after.values[pairs.again]
    gap_a, gap_b = before.missing[pairs.first], after.missing[pairs.again]
    given_a, given_b = before.observed[pairs.first], after.observed[pairs.again]
    asked = (given_a | np.isin(gap_a, ANSWERS)) & (given_b | np.isin(gap_b, ANSWERS))
    both = given_a & given_b
    other = np.zeros(len(a), dtype=bool)
    if a.dtype == np.float64 and b.dtype == np.float64:
        other[both] = np.abs(a[both] - b[both]) > tolerance
    else:
        other[both] = a[both].astype(str) != b[both].astype(str)
    silent = ~given_a & ~given_b
    other |= (given_a != given_b) | (silent & (gap_a != gap_b).astype(bool))
    return asked, asked & other


def _rates(
    compared: Sequence[tuple[str, int, NDArray[np.bool_], NDArray[np.bool_]]],
    pairs: Pairs,
    parsed: Parsed,
    declared: Declared,
) -> list[BackcheckRate]:
    name = declared.study.columns.enumerator
    people = (
        parsed.columns[name].values[pairs.first].astype(object)
        if name is not None and name in parsed.columns
        else np.full(len(pairs.first), None)
    )
    cells = pd.concat(
        [
            pd.DataFrame({"t": kind, "v": v, "who": people, "n": asked, "d": differs})
            for v, kind, asked, differs in compared
        ]
        or [pd.DataFrame({"t": [], "v": [], "who": [], "n": [], "d": []})]
    )
    rates = []
    for keys in (["t"], ["t", "v"], ["t", "who"]):
        for found, part in cells.groupby(keys, sort=True):
            at = dict(zip(keys, found, strict=True))
            rates.append(
                BackcheckRate(
                    study=declared.study.id,
                    round=parsed.file.round or "",
                    type=int(at["t"]),
                    variable=str(at.get("v", "")),
                    interviewer=str(at.get("who", "")),
                    n=int(part["n"].sum()),
                    n_different=int(part["d"].sum()),
                    rate=float(part["d"].sum() / part["n"].sum()) if part["n"].sum() else np.nan,
                )
            )
    return rates


# fields that a share has of the rate it is made of
OF_BOTH = ("study", "round", "type", "variable", "n", "n_different")
# Answers that differ are listed for the office while the round is in the field.
OF_THE_OFFICE = ("backcheck-difference",)


def backcheck_shares(
    tables: Sequence[RawTable], rounds: Mapping[str, Parsed], declared: Declared
) -> tuple[tuple[BackcheckShare, ...], tuple[Finding, ...]]:
    """Compare each back-check with the interviews of its round.

    Parameters
    ----------
    tables : sequence of RawTable
        Files with role ``backcheck``.
    rounds : mapping of round id to Parsed
        The rounds after corrections.
    declared : Declared
        ``study.backcheck`` sorts the questions; without it nothing is compared.

    Returns
    -------
    tuple of BackcheckShare, tuple of Finding
        By type and by variable, nothing that names an interviewer; and what fits no interview. A
        cell that cannot be read is a warning here: its pair is not compared, nothing else rests on
        it.
    """
    shares: list[BackcheckShare] = []
    found: list[Finding] = []
    for table in tables if declared.study.backcheck is not None else ():
        again = parse(table, declared.dictionary)
        interviews = rounds[table.file.of_round or ""]
        compared = backcheck(interviews, again, declared)
        n_paired, n_clusters = _counted_pairs(interviews, again, declared)
        shares += [
            BackcheckShare(
                **{name: getattr(rate, name) for name in OF_BOTH},
                n_again=int(again.consented.sum()),
                n_paired=n_paired,
                n_clusters=n_clusters,
            )
            for rate in compared.rates
            if not rate.interviewer
        ]
        found += [replace(f, severity="warn") for f in cells(again, declared.dictionary)]
        found += [f for f in compared.findings if f.rule not in OF_THE_OFFICE]
    return tuple(shares), tuple(found)


def _counted_pairs(interviews: Parsed, again: Parsed, declared: Declared) -> tuple[int, int]:
    """Interviews whose respondent stands once in the round and once in the back-check; clusters."""
    name = declared.study.columns.respondent
    first, second = (
        Counter(p.columns[name].values[p.consented & p.columns[name].observed].tolist())
        for p in (interviews, again)
    )
    both = {person for person, n in first.items() if n == 1 == second.get(person, 0)}
    clusters = row_clusters(interviews, declared.frame)
    people = interviews.columns[name].values
    where = {
        cluster
        for person, cluster, agreed in zip(people, clusters, interviews.consented, strict=True)
        if agreed and person in both and cluster is not None
    }
    return len(both), len(where)
