"""Rules about who and where: respondent ids, other ids, clusters, and what the frame says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import Frame
from evaluation.data.findings import about_file
from evaluation.data.rules.rule_context import Declared, Verdict, row_findings
from evaluation.data.spelling import is_lookalike, lost_zero_example, lost_zeros
from evaluation.data.timing import row_clusters
from evaluation.locale.messages import Plain, message
from evaluation.study.records import Finding

# shorter numbers may well be somebody's
PLACEHOLDER = 6
COUNTING = "01234567890123456789"
# from so many ids on, this share of one shape makes the others odd
ENOUGH, ALIKE = 50, 0.97
# more codes than this without their zeros: the column has lost them, not the cells
MANY = 20
# longer codes are not shown: what looks like one may be a telephone number
LONGEST_CODE, SHORTEST = 9, 4
# digits of other scripts are no digits here: an id with them links with nothing
DIGIT, LETTER = r"[0-9]", r"[^\W\d_]"
INVISIBLE = r"^\s|\s$|[\u00a0\u200b-\u200f\u2060\ufeff]"


def duplicate_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """The same respondent id twice in a round."""
    name = declared.study.columns.respondent
    column = parsed.columns[name]
    first: dict[object, int] = {}
    ids, findings = column.values, []
    for row in np.flatnonzero(column.observed & parsed.consented):
        before = first.setdefault(ids[row], int(row))
        if before != row:
            findings.append(
                about_file(
                    parsed.file,
                    rule="duplicate-id",
                    severity="error",
                    line=int(parsed.lines[row]),
                    column=declared.raw(parsed, name),
                    problem=message(
                        "duplicate-id.problem", row=f"{parsed.file.path}:{parsed.lines[before]}"
                    ),
                    mend=message("duplicate-id.mend"),
                )
            )
    return findings


def padded_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Ids with blanks at an end or invisible characters inside: they would not link."""
    verdict = Verdict(
        rule="padded-id",
        severity="error",
        problem=message("padded-id.problem"),
        mend=message("padded-id.mend"),
    )
    findings: list[Finding] = []
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type == "id":
            distinct = pd.Series(column.distinct, dtype="str")
            hidden = column.texts_where(distinct.str.contains(INVISIBLE, regex=True).to_numpy())
            findings += row_findings(
                parsed, hidden, column=declared.raw(parsed, name), verdict=verdict
            )
    return findings


def lookalike_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Ids in signs that only look like those of a keyboard: they link with nothing."""
    verdict = Verdict(
        rule="lookalike-id",
        severity="error",
        problem=message("lookalike-id.problem"),
        mend=message("lookalike-id.mend"),
    )
    findings: list[Finding] = []
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type == "id":
            where = column.texts_where(
                np.array([is_lookalike(str(text)) for text in column.distinct], dtype=bool)
            )
            # a cell that could not be parsed has a finding already
            where = where & column.observed
            findings += row_findings(
                parsed, where, column=declared.raw(parsed, name), verdict=verdict
            )
    return findings


def placeholder_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Respondent ids that people type for want of one: 00000000, 99999999, 12345678."""
    name = declared.study.columns.respondent
    column = parsed.columns[name]
    verdict = Verdict(
        rule="placeholder-id",
        severity="warn",
        problem=message("placeholder-id.problem"),
        mend=message("placeholder-id.mend"),
    )
    each = np.array([_is_placeholder(text) for text in column.distinct], dtype=bool)
    where = column.texts_where(each)
    return row_findings(parsed, where, column=declared.raw(parsed, name), verdict=verdict)


def _is_placeholder(text: str) -> bool:
    return len(text) >= PLACEHOLDER and (
        len(set(text)) == 1 or text in COUNTING or text in COUNTING[::-1]
    )


def odd_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Respondent ids of another shape than nearly all others: a totals row, a cut or typed id.

    The shape of an id is its length and where its digits and letters stand.
    """
    name = declared.study.columns.respondent
    column = parsed.columns[name]
    texts = column.texts[column.observed & parsed.consented]
    shapes = _shapes(texts)
    counts = shapes.value_counts()
    if not len(counts) or len(texts) < ENOUGH or counts.iloc[0] < ALIKE * len(texts):
        return []
    verdict = Verdict(
        rule="odd-id",
        severity="warn",
        problem=message("odd-id.problem"),
        mend=message("odd-id.mend"),
    )
    where = np.zeros(len(parsed.lines), dtype=bool)
    where[shapes.index[shapes != counts.index[0]]] = True
    return row_findings(parsed, where, column=declared.raw(parsed, name), verdict=verdict)


def clusters(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Cluster names that are no code of the frame: aliases are cured, others are errors."""
    frame = declared.frame
    column = parsed.columns[frame.cluster]
    found = row_clusters(parsed, frame)
    known = np.array([code is not None for code in found], dtype=bool)
    unknown = Verdict(
        rule="unknown-cluster",
        severity="error",
        problem=message("cluster-neither.problem"),
        mend=message("unknown-cluster.mend"),
    )
    zeros = lost_zeros(column.meanings, frame.table[frame.cluster])
    here, there = lost_zero_example(zeros) if zeros else ("", "")
    shortened = replace(unknown, mend=message("leading-zeros-lost.mend", here=here, there=there))
    variant = Verdict(
        rule="cluster-alias",
        severity="info",
        problem=message("cluster-alias.problem"),
        mend=message("cluster-alias.mend"),
    )
    # a cluster that is missing by declaration is as unknown as a strange name; one that could not
    # be parsed has a finding already
    lost = ~known & (column.observed | ~pd.isna(column.missing))
    differs = known & (found != column.values).astype(bool)
    shorter = np.array([str(meaning) in zeros for meaning in column.meanings], dtype=bool)
    bare = lost & shorter[column.codes]
    name = declared.raw(parsed, frame.cluster)
    return [
        *(
            finding
            for code, verdict in _by_code(column.distinct, frame, unknown).items()
            for finding in row_findings(
                parsed,
                lost & ~bare & column.texts_where(column.distinct == code),
                column=name,
                verdict=verdict,
            )
        ),
        *_of_shortened(parsed, bare, column=name, verdict=shortened),
        *row_findings(parsed, differs, column=name, verdict=variant),
    ]


def _by_code(texts: NDArray[np.object_], frame: Frame, unknown: Verdict) -> dict[object, Verdict]:
    """By text: one that is written like the frame's codes is named, any other may be anything."""
    alike = set(like_codes(texts.tolist(), frame))
    return {
        text: replace(unknown, problem=message("unknown-cluster.problem", code=text))
        if text in alike
        else unknown
        for text in texts
    }


def like_codes(texts: Sequence[str], frame: Frame) -> list[str]:
    """Texts with digits and letters where the frame's codes have them.

    Where its codes are words or short numbers none is: in a shifted row the cell may hold the name
    or the age of a person.
    """
    codes = _shapes(pd.Series(frame.table[frame.cluster], dtype="str"))
    coded = {
        shape
        for shape in codes
        if "9" in shape and ("A" in shape or len(shape) >= SHORTEST) and len(shape) <= LONGEST_CODE
    }
    shapes = _shapes(pd.Series(list(texts), dtype="str"))
    return [text for text, shape in zip(texts, shapes, strict=True) if shape in coded]


def _shapes(texts: pd.Series) -> pd.Series:
    """Length, and where digits and letters stand."""
    return texts.str.replace(DIGIT, "9", regex=True).str.replace(LETTER, "A", regex=True)


def frame_agreement(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Variables that both the survey and the frame hold must agree (an arm that changed)."""
    verdict = Verdict(
        rule="frame-mismatch",
        severity="error",
        problem=message("frame-mismatch.problem"),
        mend=message("frame-mismatch.mend"),
    )
    frame = declared.frame
    findings: list[Finding] = []
    for name, column in parsed.columns.items():
        if name == frame.cluster or "frame" not in declared.dictionary.variables[name].raw:
            continue
        expected = frame.lookup(name, row_clusters(parsed, frame))
        differs = np.array(
            [e is not None and e != v for v, e in zip(column.values, expected, strict=True)],
            dtype=bool,
        )
        differs &= column.observed
        zeros = lost_zeros(column.values[differs], expected[differs])
        shorter = np.array([str(meaning) in zeros for meaning in column.meanings], dtype=bool)
        bare, raw = differs & shorter[column.codes], declared.raw(parsed, name)
        findings += row_findings(parsed, differs & ~bare, column=raw, verdict=verdict)
        if zeros:
            about = _of_zeros(verdict, zeros)
            findings += _of_shortened(parsed, bare, column=raw, verdict=about)
    return findings


def _of_shortened(
    parsed: Parsed, where: NDArray[np.bool_], *, column: str, verdict: Verdict
) -> list[Finding]:
    """Rows whose zeros are lost: if many, the column has lost them, and that is one finding."""
    rows = np.flatnonzero(where & parsed.consented)
    if len(rows) <= MANY:
        return row_findings(parsed, where, column=column, verdict=verdict)
    first = np.zeros(len(parsed.lines), dtype=bool)
    first[rows[0]] = True
    problem = message(
        "of-cells.problem",
        problem=verdict.problem,
        n=Plain(f"{len(rows):,}"),
        of=Plain(f"{int(parsed.consented.sum()):,}"),
    )
    whole = replace(verdict, problem=problem)
    return row_findings(parsed, first, column=column, verdict=whole)


def _of_zeros(verdict: Verdict, zeros: Mapping[str, str]) -> Verdict:
    """The same, but for a disagreement of survey and frame that zeros in front would explain."""
    here, there = lost_zero_example(zeros)
    return replace(verdict, mend=message("leading-zeros.mend", here=here, there=there))
