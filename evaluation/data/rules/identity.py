"""Rules about who and where: respondent ids, other ids, clusters, and what the frame says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import Frame, row_clusters
from evaluation.data.rules.rule import Rule, of_round
from evaluation.data.rules.rule_context import Declared, Rows
from evaluation.data.spelling import is_lookalike, lost_zero_example, lost_zeros
from evaluation.locale.messages import Plain, message
from evaluation.study.records import Finding

DUPLICATE_ID = Rule("duplicate-id", "error")
PADDED_ID = Rule("padded-id", "error")
LOOKALIKE_ID = Rule("lookalike-id", "error")
PLACEHOLDER_ID = Rule("placeholder-id", "warn")
ODD_ID = Rule("odd-id", "warn")
UNKNOWN_CLUSTER = Rule("unknown-cluster", "error")
CLUSTER_NEITHER = Rule("unknown-cluster", "error", "cluster-neither")
CLUSTER_SHORTENED = Rule("unknown-cluster", "error", "cluster-neither", "leading-zeros-lost")
FRAME_MISMATCH = Rule("frame-mismatch", "error")
FRAME_SHORTENED = Rule("frame-mismatch", "error", fix="leading-zeros")
CLUSTER_ALIAS = Rule("cluster-alias", "info")


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
def duplicate_ids(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """The same respondent id twice in a round."""
    name = declared.study.columns.respondent
    column = parsed.columns[name]
    first: dict[object, int] = {}
    ids = column.values
    for row in np.flatnonzero(column.observed & parsed.consented):
        before = first.setdefault(ids[row], int(row))
        if before != row:
            yield DUPLICATE_ID.at(parsed, name, row, row=parsed.key(before))


@of_round
def padded_ids(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Ids with blanks at an end or invisible characters inside: they would not link."""
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type == "id":
            distinct = pd.Series(column.distinct, dtype="str")
            hidden = column.texts_where(distinct.str.contains(INVISIBLE, regex=True).to_numpy())
            yield from PADDED_ID.rows(parsed, hidden, name)


@of_round
def lookalike_ids(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Ids in signs that only look like those of a keyboard: they link with nothing."""
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type == "id":
            where = column.texts_where([is_lookalike(str(text)) for text in column.distinct])
            # a cell that could not be parsed has a finding already
            yield from LOOKALIKE_ID.rows(parsed, where & column.observed, name)


@of_round
def placeholder_ids(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Respondent ids that people type for want of one: 00000000, 99999999, 12345678."""
    name = declared.study.columns.respondent
    column = parsed.columns[name]
    where = column.texts_where([_is_placeholder(text) for text in column.distinct])
    return PLACEHOLDER_ID.rows(parsed, where, name)


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
    where = parsed.mask(shapes.index[shapes != counts.index[0]].to_numpy())
    return ODD_ID.rows(parsed, where, name)


@of_round
def clusters(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Cluster names that are no code of the frame: aliases are cured, others are errors."""
    frame, name = declared.frame, declared.frame.cluster
    column = parsed.columns[name]
    found = row_clusters(parsed, frame)
    known = pd.notna(found)
    zeros = lost_zeros(column.meanings, frame.table[name])
    # a cluster that is missing by declaration is as unknown as a strange name; one that could not
    # be parsed has a finding already
    lost = ~known & (column.observed | ~pd.isna(column.missing))
    differs = known & (found != column.values).astype(bool)
    bare = lost & column.texts_where([str(meaning) in zeros for meaning in column.meanings])
    alike = set(like_codes(column.distinct.tolist(), frame))
    yield from CLUSTER_ALIAS.rows(parsed, differs, name)
    yield from _shortened(CLUSTER_SHORTENED, parsed, bare, name, zeros)
    for code in column.distinct:
        where = lost & ~bare & column.texts_where(column.distinct == code)
        # one that is written like the frame's codes is named, any other may be anything
        if code in alike:
            yield from UNKNOWN_CLUSTER.rows(parsed, where, name, code=code)
        else:
            yield from CLUSTER_NEITHER.rows(parsed, where, name)


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
def frame_agreement(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Variables that both the survey and the frame hold must agree (an arm that changed)."""
    frame = declared.frame
    for name, column in parsed.columns.items():
        if name == frame.cluster or "frame" not in declared.dictionary.variables[name].raw:
            continue
        expected = frame.lookup(name, row_clusters(parsed, frame))
        differs = pd.notna(expected) & (expected != column.values) & column.observed
        zeros = lost_zeros(column.values[differs], expected[differs])
        bare = differs & column.texts_where([str(meaning) in zeros for meaning in column.meanings])
        yield from FRAME_MISMATCH.rows(parsed, differs & ~bare, name)
        yield from _shortened(FRAME_SHORTENED, parsed, bare, name, zeros)


def _shortened(
    rule: Rule, parsed: Parsed, bare: Rows, name: str, zeros: Mapping[str, str]
) -> list[Finding]:
    """Findings of rows whose zeros are lost: if many, the column has lost them, and that is one."""
    if not zeros:
        return []
    here, there = lost_zero_example(zeros)
    found = rule.rows(parsed, bare, name, here=here, there=there)
    if len(found) <= MANY:
        return found
    problem = message(
        "of-cells.problem",
        problem=found[0].problem,
        n=Plain(f"{len(found):,}"),
        of=Plain(f"{int(parsed.consented.sum()):,}"),
    )
    return [replace(found[0], problem=problem)]
