"""Making findings, and keeping respondents' values out of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.config.dictionary import Variable
from evaluation.config.manifest import RawFile
from evaluation.config.study import LEDGER
from evaluation.errors import DataError, problem_and_fix
from evaluation.estimation.records import Finding, Severity
from evaluation.locale.messages import Message, message

LINE = "__line__"
HIDDEN = "(not shown)"
FRAME = "frame"
# lines named for one problem of one column
MOST_LINES = 20
SEVERITIES: tuple[Severity, ...] = ("error", "warn", "info")
CODE_LIKE = re.compile(r"[-+.\w]{1,12}", re.ASCII)
# files of another kind, files that are not the declared ones, corrections that wait for a
# signature: what else is found may follow from them
CAUSES = (
    ("another-file",),
    ("missing-file", "outside-folder", "checksum", "same-file", "unlisted-file"),
    ("delivery",),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Name of a rule, how grave it is, and what is said where it is broken.

    Attributes
    ----------
    id : str
        As findings name it.
    severity : {"error", "warn", "info"}
    problem, fix : str or Message
        Messages; or entries of the catalogue, without their endings ``.problem`` and ``.fix``.
        Those of the rule's id where not given.
    """

    id: str
    severity: Severity
    problem: str | Message = ""
    fix: str | Message = ""

    def about(
        self, file: RawFile, column: str = "", line: int | np.integer = 0, /, **said: object
    ) -> Finding:
        """A finding about a file, one of its columns or one of its lines; it shows no value.

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
            As of `evaluation.errors.problem_and_fix`.
        """
        return self.in_file(file.source, file.path, column, line, **said)

    def in_file(
        self,
        source: str,
        path: str,
        column: str = "",
        line: int | np.integer = 0,
        /,
        **said: object,
    ) -> Finding:
        """A finding about a file of no entry in the manifest, by source and path; see `about`."""
        problem, fix = problem_and_fix(*self.entries, said)
        return Finding(
            rule=self.id,
            severity=self.severity,
            round=source,
            file=path,
            row_key=f"{path}:{line}" if line else "",
            line=int(line),
            column=column,
            value="",
            problem=problem,
            fix=fix,
        )

    def at_lines(
        self,
        file: RawFile,
        lines: Sequence[int] | NDArray[np.int64],
        column: str,
        /,
        **said: object,
    ) -> list[Finding]:
        """One finding for each line; where there are many, the last one counts those left out.

        Parameters
        ----------
        file, column, said
            As of `about`.
        lines : sequence of int
            Where it holds.
        """
        found = [self.about(file, column, line, **said) for line in lines[:MOST_LINES]]
        more = len(lines) - MOST_LINES
        if more > 0:
            last = message("more-rows.problem", problem=found[-1].problem, more=more)
            found[-1] = replace(found[-1], problem=last)
        return found

    def refused(self, where: str, line: int = 0, /, **said: object) -> DataError:
        """What stops the reading of a file, as an error to raise.

        Parameters
        ----------
        where : str
            The file, or a place in it.
        line, said
            As of `about`.

        Raises
        ------
        KeyError
            As of `about`.
        """
        place = f"{where}:{line}" if line else where
        return DataError.of(*self.entries, place, rule=self.id, **said)

    @property
    def entries(self) -> tuple[str | Message, str | Message]:
        """Its two messages, or what they are called in the catalogue."""
        return self.problem or self.id, self.fix or self.id


def shown(variable: Variable, text: str) -> str:
    """A raw cell as a message may show it.

    Only values of coded variables that are not personal are shown, and only where they look like
    a code: in a shifted row a coded column may hold a name.
    """
    open_class = variable.personal in ("none", "quasi") and variable.codes is not None
    if open_class and (text == "" or CODE_LIKE.fullmatch(text)):
        return text
    return HIDDEN


def causes_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as a person fixes them: what others follow from stands before them.

    The frame and the ledger come before the files that are held against them.
    """
    ranks = {rule: rank for rank, rules in enumerate(CAUSES) for rule in rules}

    def order(finding: Finding) -> tuple[int, bool, bool]:
        is_frame, is_ledger = finding.round == FRAME, finding.file.endswith(LEDGER)
        return ranks.get(finding.rule, len(CAUSES)), not is_frame, not is_ledger

    return tuple(sorted(arranged(findings), key=order))


def arranged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in their one order: severity, file, line, column, rule."""

    def order(f: Finding) -> tuple[int, str, int, str, str, str, str]:
        grave = SEVERITIES.index(f.severity)
        return grave, f.file, f.line, f.column, f.rule, f.row_key, f"{f.problem}"

    return tuple(sorted(findings, key=order))
