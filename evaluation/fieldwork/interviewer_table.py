"""A round in numbers for the field office: one row for each interviewer and for each question."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import interview_dates, row_clusters
from evaluation.data.rules.near_duplicates import one_answer, runs
from evaluation.data.rules.rule import Declared, interviewers, minutes, questions
from evaluation.study.fieldwork_plan import InterviewerWork, ItemMissing
from evaluation.study.records import Finding

Floats = NDArray[np.float64]
SILENT = ("dont_know", "refused")


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
    days, lengths = interview_dates(parsed, declared.study), minutes(parsed, declared)
    unknown = np.full(len(people), np.nan)
    own = [f for f in findings if f.file == parsed.file.path]
    interviews = pd.DataFrame(
        {
            "interviewer": people,
            "n_clusters": row_clusters(parsed, declared.frame),
            "n_days": unknown if days is None else days,
            "minutes": unknown if lengths is None else lengths,
            **{kind: _missing_share(parsed, declared, kind) for kind in SILENT},
            "one_answer": _one_answer_share(parsed, declared),
            "n_overlapping": _findings(parsed, own, "overlapping-interviews"),
            "n_near_identical": _findings(parsed, own, "near-identical-interview"),
            "n_findings": _findings(parsed, own),
        }
    )
    interviews["n_short"] = interviews["minutes"] < declared.study.short_interview_minutes
    grouped = interviews.groupby("interviewer", sort=True)
    work = grouped.agg(
        {
            **dict.fromkeys(("n_clusters", "n_days"), "nunique"),
            "minutes": "median",
            **dict.fromkeys((*SILENT, "one_answer"), "mean"),
            **dict.fromkeys(("n_short", "n_overlapping", "n_near_identical", "n_findings"), "sum"),
        }
    ).assign(n=grouped.size())
    return tuple(
        InterviewerWork(
            study=declared.study.id,
            round=parsed.file.round or "",
            interviewer=str(code),
            **numbers,
        )
        for code, numbers in work.to_dict("index").items()
    )


def _findings(parsed: Parsed, own: Sequence[Finding], rule: str = "") -> list[int]:
    """Findings about each row, of one rule or of all."""
    counts = Counter(f.line for f in own if rule in ("", f.rule))
    return [counts[line] for line in parsed.lines.tolist()]


def _missing_share(parsed: Parsed, declared: Declared, kind: str) -> Floats:
    """Share of the questions asked in an interview that end in a kind of missing; NaN if none."""
    asked, silent = np.zeros(len(parsed.lines)), np.zeros(len(parsed.lines))
    for name in questions(parsed, declared):
        column = parsed.columns[name]
        asked += column.observed | np.isin(column.missing, SILENT)
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


def item_missing(parsed: Parsed, declared: Declared) -> tuple[ItemMissing, ...]:
    """Don't know, refused and unreadable cells of each question, in the dictionary's order."""
    found = []
    for name in questions(parsed, declared):
        column = parsed.columns[name]
        kinds = {kind: column.missing == kind for kind in SILENT}
        kinds["unreadable"] = np.zeros(len(parsed.lines), dtype=bool)
        for flaw in column.flaws:
            kinds["unreadable"][flaw.rows] = True
        asked = np.any([column.observed, *kinds.values()], axis=0) & parsed.consented
        n = int(asked.sum())
        shares = {
            kind: float((where & asked).sum()) / n if n else np.nan for kind, where in kinds.items()
        }
        found.append(
            ItemMissing(
                study=declared.study.id,
                round=parsed.file.round or "",
                variable=name,
                n_asked=n,
                **shares,
            )
        )
    return tuple(found)
