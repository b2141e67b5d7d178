"""Letters that were decoded in another encoding than their own, in files that are no plain text."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from evaluation.data import garbled
from evaluation.data.decoding import first_control
from evaluation.data.finding import LINE, about_file
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding, Severity

KINDS: tuple[tuple[Callable[[str], int | None], str, Severity, str], ...] = (
    (
        garbled.first,
        "garbled-text",
        "error",
        "letters that were lost or decoded in another encoding than their own",
    ),
    (first_control, "control-character", "warn", "control characters"),
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
        for first, rule, severity, problem in KINDS:
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
                        problem=f"{problem}, first on this line",
                        mend=_mend(file, rule),
                    )
                )
    return findings


def label_findings(
    labels: Mapping[str, Mapping[str, str]], names: Iterable[str], file: RawFile
) -> list[Finding]:
    """Garbled names of columns and garbled value labels, one finding for each column."""
    first, rule, severity, problem = KINDS[0]
    return [
        about_file(
            file,
            rule=rule,
            severity=severity,
            column=name,
            problem=f"the column's name or its value labels hold {problem}",
            mend=_mend(file, rule),
        )
        for name in names
        if any(first(text) is not None for text in (name, *labels.get(name, {}).values()))
    ]


def _mend(file: RawFile, rule: str) -> str:
    if rule == "garbled-text" and file.format in DECLARED:
        now = f"it is {file.encoding} now" if file.encoding else "the file's own is used now"
        return f"declare the right `encoding` in the file's entry of manifest.toml ({now})"
    return "look at the cell; ask for the file again if text was lost"
