"""What the rules hold raw data against, and how a rule reports rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.data.clusters import Frame
from evaluation.data.finding import HIDDEN
from evaluation.data.parse import Parsed
from evaluation.locale.messages import Message
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.records import Finding, Severity
from evaluation.spec.study import Study


@dataclass(frozen=True, slots=True)
class Declared:
    """The declarations that every rule sees."""

    dictionary: Dictionary
    study: Study
    frame: Frame

    def raw(self, parsed: Parsed, name: str) -> str:
        """Raw column of a variable in a file."""
        return self.dictionary.variables[name].raw[parsed.file.source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says of the rows that break it."""

    rule: str
    severity: Severity
    problem: Message
    mend: Message
    value: str = HIDDEN


def row_findings(
    parsed: Parsed, where: NDArray[np.bool_], *, column: str, verdict: Verdict
) -> list[Finding]:
    """One finding for each marked row that consented, about one raw column."""
    return [
        Finding(
            rule=verdict.rule,
            severity=verdict.severity,
            round=parsed.file.source,
            file=parsed.file.path,
            row_key=f"{parsed.file.path}:{parsed.lines[row]}",
            line=int(parsed.lines[row]),
            column=column,
            value=verdict.value,
            problem=verdict.problem,
            mend=verdict.mend,
        )
        for row in np.flatnonzero(where & parsed.consented)
    ]
