"""Making findings, and keeping respondents' values out of them."""

import re
from collections.abc import Iterable, Mapping

from evaluation.errors import DataError
from evaluation.locale.messages import Message, holes, message
from evaluation.study.dictionary import Variable
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding, Severity
from evaluation.study.study import LEDGER

LINE = "__line__"
HIDDEN = "(not shown)"
FRAME = "frame"
SEVERITIES: tuple[Severity, ...] = ("error", "warn", "info")
CODE_LIKE = re.compile(r"[-+.\w]{1,12}", re.ASCII)
# files of another kind, files that are not the declared ones, corrections that wait for a
# signature: what else is found may follow from them
CAUSES = (
    ("another-file",),
    ("missing-file", "outside-folder", "checksum", "same-file", "unlisted-file"),
    ("delivery",),
)


def about_file(
    file: RawFile,
    rule: str,
    severity: Severity,
    problem: str | Message = "",
    fix: str | Message = "",
    *,
    line: int = 0,
    column: str = "",
    **values: object,
) -> Finding:
    """A finding about a file, one of its lines or one of its columns; it shows no value.

    Parameters
    ----------
    file : RawFile
    rule, severity : str
    problem, fix : Message or str
        The message; or an id of the catalogue, where it has no ending ``.problem`` or ``.fix`` is
        meant; by default the rule's own.
    line, column
        What of the file it is about, if it is not the whole.
    values
        For the holes of both entries, by name; one that both have gets the same value.

    Raises
    ------
    KeyError
        No such entry, a hole without a value, or a value without a hole.
    """
    said = both(problem or rule, fix or rule, values)
    return Finding(
        rule=rule,
        severity=severity,
        round=file.source,
        file=file.path,
        row_key=f"{file.path}:{line}" if line else "",
        line=line,
        column=column,
        value="",
        problem=said[0],
        fix=said[1],
    )


def refused(
    where: str,
    rule: str,
    problem: str | Message = "",
    fix: str | Message = "",
    *,
    line: int = 0,
    **values: object,
) -> DataError:
    """What stops the reading of a file, as an error to raise.

    Parameters
    ----------
    where : str
        The file, or a place in it.
    rule, problem, fix, line, values
        As of `about_file`.

    Raises
    ------
    KeyError
        As of `about_file`.
    """
    said = both(problem or rule, fix or rule, values)
    return DataError(said[0], where=f"{where}:{line}" if line else where, fix=said[1], rule=rule)


def both(
    problem: str | Message, fix: str | Message, values: Mapping[str, object]
) -> tuple[Message, Message]:
    """A problem and its fix, each with those of the values that its entry has a hole for."""
    if isinstance(problem, str):
        problem = _filled(problem if "." in problem else f"{problem}.problem", values)
    if isinstance(fix, str):
        fix = _filled(fix if "." in fix else f"{fix}.fix", values)
    spare = values.keys() - {name for said in (problem, fix) for name, _ in said.parameters}
    if spare:
        raise KeyError(", ".join(sorted(spare)))
    return problem, fix


def _filled(identifier: str, values: Mapping[str, object]) -> Message:
    return message(identifier, **{n: v for n, v in values.items() if n in holes(identifier)})


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
    return tuple(sorted(arranged(findings), key=lambda f: (_cause(f), _file(f))))


def _cause(finding: Finding) -> int:
    ranks = (rank for rank, rules in enumerate(CAUSES) if finding.rule in rules)
    return next(ranks, len(CAUSES))


def _file(finding: Finding) -> int:
    if finding.round == FRAME:
        return 0
    return 1 if finding.file.endswith(LEDGER) else 2


def arranged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in their one order: severity, file, line, column, rule."""
    return tuple(
        sorted(
            findings,
            key=lambda f: (
                SEVERITIES.index(f.severity),
                f.file,
                f.line,
                f.column,
                f.rule,
                f.row_key,
                f"{f.problem}",
            ),
        )
    )
