"""What rules about interviewing look at: the questions of a round, its interviewers, its clock."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import HIDDEN, about_file
from evaluation.data.parse import CONSENT, Column, Parsed
from evaluation.locale.messages import Message, message
from evaluation.spec.records import Finding, Severity

QUESTION_TYPES = ("binary", "ordinal", "nominal", "count")
START = "start_time"
# fewer marked rows than this are told one by one, whatever their share
MANY = 20

Rows = NDArray[np.bool_]
Floats = NDArray[np.float64]


def questions(parsed: Parsed, declared: Declared, *types: str) -> tuple[str, ...]:
    """Variables of a round that a person answered: not the design's columns, not consent.

    Where the dictionary gives wordings, questions are the variables that have one; what the
    interview itself left (mode, sex of the interviewer) has none.
    """
    columns, variables = declared.study.columns, declared.dictionary.variables
    design = {getattr(columns, name) for name in columns.__slots__} | {CONSENT}
    design.discard(columns.exposure)
    worded = any(variables[name].question is not None for name in parsed.columns)
    return tuple(
        name
        for name in parsed.columns
        if name not in design
        and variables[name].type in (types or QUESTION_TYPES)
        and (variables[name].question is not None or not worded)
    )


def answers(parsed: Parsed, names: Iterable[str]) -> NDArray[np.int32]:
    """Answers as whole numbers, -1 where there is none, shape (rows, questions)."""
    coded = [
        np.where(parsed.consented, _coded(parsed.columns[name]), -1).astype(np.int32)
        for name in names
    ]
    return np.column_stack(coded).astype(np.int32) if coded else _no_answers(parsed)


def _coded(column: Column) -> NDArray[np.int64]:
    """Number of each cell's value, -1 where it has none."""
    return np.asarray(pd.factorize(column.meanings)[0][column.codes])


def _no_answers(parsed: Parsed) -> NDArray[np.int32]:
    return np.empty((len(parsed.lines), 0), dtype=np.int32)


def interviewers(parsed: Parsed, declared: Declared) -> NDArray[np.object_] | None:
    """Interviewer of each row, None where unknown or without consent; None if nobody noted it."""
    name = declared.study.columns.enumerator
    if name is None or name not in parsed.columns:
        return None
    people = parsed.columns[name].values.astype(object)
    people[~parsed.consented] = None
    return people


def starts(parsed: Parsed) -> NDArray[np.datetime64] | None:
    """Start of each interview to the second, NaT where unknown; None where no clock was kept."""
    if START not in parsed.columns:
        return None
    return parsed.columns[START].as_type("datetime64[s]")


def minutes(parsed: Parsed, declared: Declared) -> Floats | None:
    """Length of each interview in minutes, NaN where unknown or without consent."""
    name = declared.study.columns.duration
    if name is None or name not in parsed.columns:
        return None
    return np.where(parsed.consented, parsed.columns[name].values.astype(float), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What to say once, where a rule marks so many rows that its premise does not hold.

    Attributes
    ----------
    share : float
        Of the judged rows; more than this is no longer about single interviews.
    """

    problem: Message
    mend: Message
    share: float


def rows_or_whole(
    parsed: Parsed, where: Rows, *, judged: int, column: str, verdict: Verdict, whole: Whole
) -> list[Finding]:
    """A finding for each marked row; one about the column where too many are marked."""
    marked = int((where & parsed.consented).sum())
    if marked > MANY and marked > whole.share * judged:
        return [
            about_file(
                parsed.file,
                rule=verdict.rule,
                severity=verdict.severity,
                column=column,
                problem=message(
                    "of.problem",
                    marked=f"{marked:,}",
                    judged=f"{judged:,}",
                    problem=whole.problem,
                ),
                mend=whole.mend,
            )
        ]
    return row_findings(parsed, where, column=column, verdict=verdict)


def about_interviewer(
    parsed: Parsed, code: object, *, rule: str, severity: Severity, column: str, problem: Message
) -> Finding:
    """A finding about all interviews of one person; the name stands in the row key alone.

    Like a finding about a cluster it has no line, and loses its row key where it is published.
    """
    return Finding(
        rule=rule,
        severity=severity,
        round=parsed.file.source,
        file=parsed.file.path,
        row_key=f"interviewer {code}",
        line=0,
        column=column,
        value=HIDDEN,
        problem=problem,
        mend=message("sit-interviews.mend"),
    )
