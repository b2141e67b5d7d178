"""A round in numbers for the field office: one row for each interviewer and for each question."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.near_duplicates import one_answer, runs
from evaluation.data.rules.rule_context import Declared, interviewers, minutes, questions
from evaluation.data.timing import interview_dates, row_clusters
from evaluation.study.fieldwork_plan import InterviewerWork, ItemMissing
from evaluation.study.records import Finding

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


def interviewer_work(
    parsed: Parsed, declared: Declared, findings: Sequence[Finding]
) -> tuple[InterviewerWork, ...]:
    """Each interviewer's round in numbers, sorted by code.

    Parameters
    ----------
    parsed, declared
        The round and what was declared.
    findings : sequence of Finding
        Of the round: those about a row are counted for who made the interview.
    """
    people = interviewers(parsed, declared)
    if people is None:
        return ()
    shares = {
        "dont_know": _missing_share(parsed, declared, "dont_know"),
        "refused": _missing_share(parsed, declared, "refused"),
        "one_answer": _one_answer_share(parsed, declared),
    }
    groups = pd.Series(np.arange(len(people))).groupby(pd.Series(people), sort=True)
    return tuple(
        InterviewerWork(
            study=declared.study.id,
            round=parsed.file.round or "",
            interviewer=str(code),
            n=len(rows),
            **_worked(parsed, declared, rows.to_numpy()),
            **_means(shares, rows.to_numpy()),
            **_found(parsed, rows.to_numpy(), findings),
        )
        for code, rows in groups
    )


def _worked(parsed: Parsed, declared: Declared, rows: Rows) -> dict[str, Any]:
    days, lengths = interview_dates(parsed, declared.study), minutes(parsed, declared)
    places = pd.Series(row_clusters(parsed, declared.frame)[rows])
    short = declared.study.short_interview_minutes
    own = np.full(len(rows), np.nan) if lengths is None else lengths[rows]
    known = own[~np.isnan(own)]
    return {
        "n_clusters": int(places.nunique()),
        "n_days": 0 if days is None else int(pd.Series(days[rows]).nunique()),
        "minutes": float(np.median(known)) if len(known) else float("nan"),
        "n_short": int((known < short).sum()),
    }


def _found(parsed: Parsed, rows: Rows, findings: Sequence[Finding]) -> dict[str, Any]:
    lines = set(parsed.lines[rows].tolist())
    own = [f for f in findings if f.line in lines and f.file == parsed.file.path]
    return {
        "n_overlapping": sum(f.rule == "overlapping-interviews" for f in own),
        "n_near_identical": sum(f.rule == "near-identical-interview" for f in own),
        "n_findings": len(own),
    }


def _missing_share(parsed: Parsed, declared: Declared, kind: str) -> Floats:
    """Share of the questions asked in an interview that end in a kind of missing; NaN if none."""
    names = questions(parsed, declared)
    asked, silent = np.zeros(len(parsed.lines)), np.zeros(len(parsed.lines))
    for name in names:
        column = parsed.columns[name]
        asked += column.observed | np.isin(column.missing, ("dont_know", "refused"))
        silent += column.missing == kind
    return np.where(asked > 0, silent / np.where(asked > 0, asked, 1), np.nan)


def _one_answer_share(parsed: Parsed, declared: Declared) -> Floats:
    """Share of an interview's runs of questions that have one answer; NaN without whole runs."""
    found = runs(parsed, declared)
    if not found:
        return np.full(len(parsed.lines), np.nan)
    same, answered = one_answer(parsed, found)
    whole = answered.sum(axis=1)
    return np.where(whole > 0, same.sum(axis=1) / np.where(whole > 0, whole, 1), np.nan)


def _means(shares: Mapping[str, Floats], rows: Rows) -> dict[str, Any]:
    return {name: _mean(values[rows]) for name, values in shares.items()}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def item_missing(parsed: Parsed, declared: Declared) -> tuple[ItemMissing, ...]:
    """Don't know, refused and unreadable cells of each question, in the dictionary's order."""
    found = []
    for name in questions(parsed, declared):
        column = parsed.columns[name]
        flawed = np.zeros(len(parsed.lines), dtype=bool)
        for flaw in column.flaws:
            flawed[flaw.rows] = True
        asked = column.observed | np.isin(column.missing, ("dont_know", "refused")) | flawed
        asked &= parsed.consented
        n = int(asked.sum())
        kinds = {
            "dont_know": column.missing == "dont_know",
            "refused": column.missing == "refused",
            "unreadable": flawed,
        }
        found.append(
            ItemMissing(
                study=declared.study.id,
                round=parsed.file.round or "",
                variable=name,
                n_asked=n,
                **{
                    kind: float((where & asked).sum()) / n if n else float("nan")
                    for kind, where in kinds.items()
                },
            )
        )
    return tuple(found)
