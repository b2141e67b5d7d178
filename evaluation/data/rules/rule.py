"""Rules for raw data: all of them by name, what they are given, and the findings they make.

Among what they are given are the answers they look at, as a matrix too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import Study
from evaluation.data import findings, rules
from evaluation.data.cleaning.parse import CONSENT, Parsed, is_numeric
from evaluation.data.clusters import Frame
from evaluation.data.findings import HIDDEN
from evaluation.estimation.records import Finding
from evaluation.registry import Registry

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Declared:
    """The declarations that every rule sees, and what several rules need of a round."""

    dictionary: Dictionary
    study: Study
    frame: Frame
    made: dict[tuple[object, ...], tuple[object, Any]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def once(self, make: Callable[..., Made], *parsed: Parsed) -> Made:
        """What a function makes of one round or of two, made for the first rule that asks.

        Parameters
        ----------
        make : function
            Of these rounds and these declarations. Rules must not change what it returns.
        *parsed : Parsed
        """
        key = (make, *map(id, parsed))
        if key not in self.made:
            # the rounds are kept, so that no other one gets their id
            self.made[key] = (parsed, make(*parsed, self))
        found: Made = self.made[key][1]
        return found


QUESTION_TYPES = ("binary", "ordinal", "nominal", "count")
START, END = "start_time", "end_time"
Rows = NDArray[np.bool_]
Floats = NDArray[np.float64]


def questions(parsed: Parsed, declared: Declared, *types: str) -> tuple[str, ...]:
    """Variables of a round that a person answered: not the design's columns, not consent.

    Where the dictionary gives wordings, questions are the variables that have one; what the
    interview itself left (mode, sex of the interviewer) has none.
    """
    columns, variables = declared.study.columns, declared.dictionary.variables
    design = {getattr(columns, name) for name in columns.roles()} | {CONSENT}
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
    columns = [parsed.columns[name] for name in names]
    found = np.empty((len(columns), len(parsed.lines)), dtype=np.int32)
    for line, column in zip(found, columns, strict=True):
        # number of each cell's value, -1 where it has none
        kinds = pd.factorize(column.meanings)[0].astype(np.int32)
        # every place is one of them; "clip" alone writes where it is told without a copy
        np.take(kinds, column.codes, out=line, mode="clip")
    found[:, ~parsed.consented] = -1
    return found.T


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
    return parsed.numbers(name)


NUMERIC = ("binary", "ordinal", "count", "number")
# with fewer pairs of answers a correlation's standard error is 0.07 and more
PAIRS = 200
# a correlation from much fewer people than most (a skip rule) would be noise among the others
MOST_PAIRS = 0.5


def numeric_questions(parsed: Parsed, declared: Declared) -> list[str]:
    """Questions of a round whose answers are numbers with an order."""
    variables, dictionary = declared.dictionary.variables, declared.dictionary
    return [
        name
        for name in questions(parsed, declared, *NUMERIC)
        if is_numeric(variables[name], dictionary)
    ]


def common_questions(before: Parsed, after: Parsed, declared: Declared) -> list[str]:
    """Numeric questions that both of two rounds asked, in the order of the first."""
    asked = set(numeric_questions(after, declared))
    return [name for name in numeric_questions(before, declared) if name in asked]


def numeric_values(parsed: Parsed, names: Sequence[str]) -> Floats:
    """Answers of those who consented, NaN where there is none, shape (n, k)."""
    if not names:
        return np.empty((len(parsed.lines), 0))
    return np.column_stack([parsed.numbers(name) for name in names])


def standardised(answers: Floats) -> Floats:
    """Mean zero and standard deviation one by column; zero where missing or nothing varies."""
    known = ~np.isnan(answers)
    sizes = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, answers, 0.0)
    centred = np.where(known, filled - filled.sum(axis=0) / sizes, 0.0)
    spreads = np.sqrt((centred**2).sum(axis=0) / sizes)
    return centred / np.where(spreads > 0, spreads, np.inf)


# how a round was interviewed: these warn or inform, and never stop a build
FIELDWORK_RULES = (
    "near_identical",
    "straight_lines",
    "outliers",
    "long_interviews",
    "night",
    "overlaps",
    "ends",
    "nonresponse",
    "effects",
    "variance",
    "patterns",
    "open_targets",
)
# in order: cells, ids, clusters, dates, quality
ROUND_RULES = (
    "cells",
    "consent_variable",
    "duplicate_ids",
    "absent_ids",
    "padded_ids",
    "lookalike_ids",
    "placeholder_ids",
    "odd_ids",
    "clusters",
    "frame_agreement",
    "weights",
    "fieldwork",
    "form_versions",
    "start_days",
    "events",
    "entries",
    "duplicate_interviews",
    "short_interviews",
    "heaping",
    "missing_codes",
    "exposure",
    "filled_down",
    "shifted_columns",
    "turned_scales",
    "pasted_rows",
    "loose_stretches",
    *FIELDWORK_RULES,
)
# of all rounds together
ACROSS_RULES = (
    "links",
    "people",
    "column_shapes",
    "item_ties",
    "cluster_rounds",
    "units",
    "round_agreement",
)
of_round: Registry[Callable[[Parsed, Declared], Iterable[Finding]]] = Registry(ROUND_RULES, rules)
across_rounds: Registry[Callable[[Sequence[Parsed], Declared], Iterable[Finding]]] = Registry(
    ACROSS_RULES, rules
)


class DataRule(findings.Rule):
    """A rule about the columns of a survey round or a series; see `findings.Rule`."""

    __slots__ = ()

    def at(
        self, parsed: Parsed, name: str, row: int | np.integer | None = None, /, **said: object
    ) -> Finding:
        """A finding about a variable, or about one row's cell of it.

        Parameters
        ----------
        parsed : Parsed
        name : str
            The variable, as the dictionary calls it.
        row : int, optional
            Position among the rows.
        said
            A value for each hole of the two messages.
        """
        line = 0 if row is None else parsed.lines[row]
        return self.about(parsed.file, parsed.raw(name), line, **said)

    def rows(
        self, parsed: Parsed, where: NDArray[np.bool_], name: str, /, **said: object
    ) -> list[Finding]:
        """One finding for each marked row that consented; it does not show the value.

        Parameters
        ----------
        parsed, name, said
            As of `at`.
        where : ndarray of bool, shape (rows,)
        """
        return at_rows(parsed, where, replace(self.at(parsed, name, **said), value=HIDDEN))

    def along(
        self, parsed: Parsed, name: str, rows: NDArray[np.intp], stretch: tuple[int, int], /
    ) -> Finding:
        """A finding about the rows from the start of a stretch of these rows to before its end."""
        start, end = stretch
        first, last = (int(parsed.lines[rows[place]]) for place in (start, end - 1))
        said = {"item": name, "first": first, "last": last, "n": f"{end - start:,}"}
        return self.about(parsed.file, parsed.raw(name), first, **said)

    def group(self, parsed: Parsed, name: str, who: str, /, **said: object) -> Finding:
        """A finding about all interviews of one interviewer or cluster, named in the row key alone.

        It has no line, and loses its row key where it is published.

        Parameters
        ----------
        parsed, name, said
            As of `at`.
        who : str
            Such as ``interviewer 12``.
        """
        return replace(self.at(parsed, name, **said), row_key=who, value=HIDDEN)


def at_rows(parsed: Parsed, where: NDArray[np.bool_], finding: Finding) -> list[Finding]:
    """A finding about a column, at each marked row that consented."""
    return [
        replace(finding, row_key=parsed.key(row), line=int(parsed.lines[row]))
        for row in np.flatnonzero(where & parsed.consented).tolist()
    ]
