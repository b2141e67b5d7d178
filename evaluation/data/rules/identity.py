"""Rules about who and where: respondent ids, other ids, clusters, and what the frame says."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import Frame
from evaluation.data.rules.rule import Rule, of_round
from evaluation.data.rules.rule_context import Declared
from evaluation.data.spelling import is_lookalike, lost_zero_example, lost_zeros
from evaluation.data.timing import row_clusters
from evaluation.locale.messages import Plain, message
from evaluation.study.records import Finding

DUPLICATE_ID = Rule("duplicate-id", "error", "respondent")
PADDED_ID = Rule("padded-id", "error", "ids")
LOOKALIKE_ID = Rule("lookalike-id", "error", "ids")
PLACEHOLDER_ID = Rule("placeholder-id", "warn", "respondent")
ODD_ID = Rule("odd-id", "warn", "respondent")
UNKNOWN_CLUSTER = Rule("unknown-cluster", "error", "cluster")
CLUSTER_NEITHER = Rule("unknown-cluster", "error", "cluster", problem="cluster-neither.problem")
CLUSTER_SHORTENED = Rule(
    "unknown-cluster",
    "error",
    "cluster",
    problem="cluster-neither.problem",
    fix="leading-zeros-lost.fix",
)
FRAME_MISMATCH = Rule("frame-mismatch", "error", "frame")
FRAME_SHORTENED = Rule("frame-mismatch", "error", "frame", fix="leading-zeros.fix")
CLUSTER_ALIAS = Rule("cluster-alias", "info", "cluster")


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


@of_round
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
                DUPLICATE_ID.about(
                    parsed.file,
                    declared.raw(parsed, name),
                    parsed.lines[row],
                    row=f"{parsed.file.path}:{parsed.lines[before]}",
                )
            )
    return findings


@of_round
def padded_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Ids with blanks at an end or invisible characters inside: they would not link."""
    findings: list[Finding] = []
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type == "id":
            distinct = pd.Series(column.distinct, dtype="str")
            hidden = column.texts_where(distinct.str.contains(INVISIBLE, regex=True).to_numpy())
            findings += PADDED_ID.rows(parsed, hidden, declared.raw(parsed, name))
    return findings


@of_round
def lookalike_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Ids in signs that only look like those of a keyboard: they link with nothing."""
    findings: list[Finding] = []
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type == "id":
            where = column.texts_where(
                np.array([is_lookalike(str(text)) for text in column.distinct], dtype=bool)
            )
            # a cell that could not be parsed has a finding already
            where = where & column.observed
            findings += LOOKALIKE_ID.rows(parsed, where, declared.raw(parsed, name))
    return findings


@of_round
def placeholder_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Respondent ids that people type for want of one: 00000000, 99999999, 12345678."""
    name = declared.study.columns.respondent
    column = parsed.columns[name]
    each = np.array([_is_placeholder(text) for text in column.distinct], dtype=bool)
    where = column.texts_where(each)
    return PLACEHOLDER_ID.rows(parsed, where, declared.raw(parsed, name))


def _is_placeholder(text: str) -> bool:
    return len(text) >= PLACEHOLDER and (
        len(set(text)) == 1 or text in COUNTING or text in COUNTING[::-1]
    )


@of_round
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
    where = np.zeros(len(parsed.lines), dtype=bool)
    where[shapes.index[shapes != counts.index[0]]] = True
    return ODD_ID.rows(parsed, where, declared.raw(parsed, name))


@of_round
def clusters(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Cluster names that are no code of the frame: aliases are cured, others are errors."""
    frame = declared.frame
    column = parsed.columns[frame.cluster]
    found = row_clusters(parsed, frame)
    known = np.array([code is not None for code in found], dtype=bool)
    zeros = lost_zeros(column.meanings, frame.table[frame.cluster])
    example = dict(zip(("here", "there"), lost_zero_example(zeros), strict=True)) if zeros else {}
    # a cluster that is missing by declaration is as unknown as a strange name; one that could not
    # be parsed has a finding already
    lost = ~known & (column.observed | ~pd.isna(column.missing))
    differs = known & (found != column.values).astype(bool)
    shorter = np.array([str(meaning) in zeros for meaning in column.meanings], dtype=bool)
    bare = lost & shorter[column.codes]
    name = declared.raw(parsed, frame.cluster)
    alike = set(like_codes(column.distinct.tolist(), frame))
    findings = CLUSTER_ALIAS.rows(parsed, differs, name)
    if zeros:
        findings += _of_shortened(parsed, CLUSTER_SHORTENED.rows(parsed, bare, name, **example))
    for code in column.distinct:
        where = lost & ~bare & column.texts_where(column.distinct == code)
        # one that is written like the frame's codes is named, any other may be anything
        findings += (
            UNKNOWN_CLUSTER.rows(parsed, where, name, code=code)
            if code in alike
            else CLUSTER_NEITHER.rows(parsed, where, name)
        )
    return findings


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


@of_round
def frame_agreement(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Variables that both the survey and the frame hold must agree (an arm that changed)."""
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
        findings += FRAME_MISMATCH.rows(parsed, differs & ~bare, raw)
        if zeros:
            here, there = lost_zero_example(zeros)
            short = FRAME_SHORTENED.rows(parsed, bare, raw, here=here, there=there)
            findings += _of_shortened(parsed, short)
    return findings


def _of_shortened(parsed: Parsed, found: list[Finding]) -> list[Finding]:
    """Findings of rows whose zeros are lost: if many, the column has lost them, and that is one."""
    if len(found) <= MANY:
        return found
    problem = message(
        "of-cells.problem",
        problem=found[0].problem,
        n=Plain(f"{len(found):,}"),
        of=Plain(f"{int(parsed.consented.sum()):,}"),
    )
    return [replace(found[0], problem=problem)]
