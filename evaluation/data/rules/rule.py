"""All rules for raw data by name, what each declares, and the findings it makes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.data import rules
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.findings import HIDDEN, about_file
from evaluation.data.rules.rule_context import Declared
from evaluation.locale.messages import Message, holes, message
from evaluation.registry import Registry
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding, Severity

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
    "traits",
    "column_shapes",
    "item_ties",
    "cluster_rounds",
    "units",
)
of_round: Registry[Callable[[Parsed, Declared], list[Finding]]] = Registry(ROUND_RULES, rules)
across_rounds: Registry[Callable[[Sequence[Parsed], Declared], list[Finding]]] = Registry(
    ACROSS_RULES, rules
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Name of a rule, how grave it is, what it looks at, and what it says.

    Attributes
    ----------
    id : str
        As findings name it.
    severity : {"error", "warn", "info"}
    columns : str
        What it is about: a column of the study (``respondent``), a sort of them (``questions``),
        or the ``file``.
    problem, fix : str
        Entries of the catalogue, ``<id>.problem`` and ``<id>.fix`` where not given.
    """

    id: str
    severity: Severity
    columns: str
    problem: str = ""
    fix: str = ""

    def about(
        self, file: RawFile, column: str = "", line: int | np.integer = 0, /, **said: object
    ) -> Finding:
        """A finding about a file, one of its columns or one of its lines.

        Parameters
        ----------
        file : RawFile
        column : str
            As the file names it.
        line : int
            0 where it is about no single line.
        said
            A value for each hole of the two messages.

        Raises
        ------
        KeyError
            A value lacks, or no message has a hole for it.
        """
        problem, fix = self.words(said)
        return about_file(
            file,
            rule=self.id,
            severity=self.severity,
            line=int(line),
            column=column,
            problem=problem,
            fix=fix,
        )

    def rows(
        self, parsed: Parsed, where: NDArray[np.bool_], column: str, /, **said: object
    ) -> list[Finding]:
        """One finding for each marked row that consented; it does not show the value.

        Parameters
        ----------
        parsed : Parsed
        where : ndarray of bool, shape (rows,)
        column : str
            As the file names it.
        said
            A value for each hole of the two messages.
        """
        return at_rows(
            parsed, where, replace(self.about(parsed.file, column, **said), value=HIDDEN)
        )

    def group(self, file: RawFile, column: str, who: str, /, **said: object) -> Finding:
        """A finding about all interviews of one interviewer or cluster, named in the row key alone.

        It has no line, and loses its row key where it is published.

        Parameters
        ----------
        file : RawFile
        column : str
            As the file names it.
        who : str
            Such as ``interviewer 12``.
        said
            A value for each hole of the two messages.
        """
        return replace(self.about(file, column, **said), row_key=who, value=HIDDEN)

    @property
    def entries(self) -> tuple[str, str]:
        """Ids of its two messages in the catalogue."""
        return self.problem or f"{self.id}.problem", self.fix or f"{self.id}.fix"

    def words(self, said: Mapping[str, object]) -> tuple[Message, Message]:
        """Its two messages; a value goes to each that has a hole for it."""
        left = said.keys() - holes(self.entries[0]) - holes(self.entries[1])
        if left:
            raise KeyError(*sorted(left))
        problem, fix = (
            message(entry, **{name: value for name, value in said.items() if name in holes(entry)})
            for entry in self.entries
        )
        return problem, fix


def at_rows(parsed: Parsed, where: NDArray[np.bool_], finding: Finding) -> list[Finding]:
    """A finding about a column, at each marked row that consented."""
    return [
        replace(finding, row_key=parsed.key(row), line=int(parsed.lines[row]))
        for row in np.flatnonzero(where & parsed.consented).tolist()
    ]
