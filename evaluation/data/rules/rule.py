"""All rules for raw data by name, what each declares, and the findings it makes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.data import findings, rules
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.findings import HIDDEN
from evaluation.data.rules.rule_context import Declared
from evaluation.registry import Registry
from evaluation.study.records import Finding

# how a round was interviewed: these warn or inform, and never stop a build
FIELDWORK_RULES = (
    "near_identical",
    "straight_lines",
    "outliers",
    "long_interviews",
    "night",
    "overlaps",
    "nonresponse",
    "effects",
    "variance",
    "open_targets",
)
# in order: cells, ids, clusters, dates, quality
ROUND_RULES = (
    "cells",
    "consent_variable",
    "duplicate_ids",
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
)
of_round: Registry[Callable[[Parsed, Declared], Iterable[Finding]]] = Registry(ROUND_RULES, rules)
across_rounds: Registry[Callable[[Sequence[Parsed], Declared], Iterable[Finding]]] = Registry(
    ACROSS_RULES, rules
)


class Rule(findings.Rule):
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
