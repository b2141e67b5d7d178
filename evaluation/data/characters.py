"""Letters that were decoded in another encoding than their own, in files that are no plain text."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from evaluation.data import garbled
from evaluation.data.decoding import first_control
from evaluation.data.finding import LINE, about_file
from evaluation.locale.messages import Message, message
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding, Severity

KINDS: tuple[tuple[Callable[[str], int | None], str, Severity], ...] = (
    (garbled.first, "garbled-text", "error"),
    (first_control, "control-character", "warn"),
)
# formats whose text may be in an encoding that the file does not name, or names wrongly
DECLARED = ("dta", "sav")


def cell_findings(frame: pd.DataFrame, file: RawFile) -> list[Finding]:
    """Garbled text and control characters of a table, each kind and column at its first cell.

    Parameters
    ----------
    frame : DataFrame
        Text columns and ``__line__``.
    file : RawFile
        Its entry in the manifest.

    Returns
    -------
    list of Finding
        They show no cell.
    """
    findings = []
    for name in (name for name in frame.columns if name != LINE):
        positions, texts = pd.factorize(frame[name])
        for first, rule, severity in KINDS:
            # each distinct text is looked at once
            found = [i for i, text in enumerate(texts) if first(text) is not None]
            if found:
                # texts are numbered by their first appearance
                row = int((positions == found[0]).argmax())
                findings.append(
                    about_file(
                        file,
                        rule=rule,
                        severity=severity,
                        line=int(frame[LINE].iloc[row]),
                        column=str(name),
                        problem=message(f"{rule}-on-line.problem"),
                        mend=_mend(file, rule),
                    )
                )
    return findings


def label_findings(
    labels: Mapping[str, Mapping[str, str]], names: Iterable[str], file: RawFile
) -> list[Finding]:
    """Garbled names of columns and garbled value labels, one finding for each column."""
    first, rule, severity = KINDS[0]
    return [
        about_file(
            file,
            rule=rule,
            severity=severity,
            column=name,
            problem=message("garbled-labels.problem"),
            mend=_mend(file, rule),
        )
        for name in names
        if any(first(text) is not None for text in (name, *labels.get(name, {}).values()))
    ]


def _mend(file: RawFile, rule: str) -> Message:
    if rule == "garbled-text" and file.format in DECLARED:
        if file.encoding:
            return message("declare-encoding.mend", encoding=file.encoding)
        return message("declare-own-encoding.mend")
    return message("look-cell-ask.mend")
