"""Rules about who and where: respondent ids, other ids, clusters, and what the frame says.

About clusters some things show in all rounds together only: gaps in the frame, places left thin.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.panel import in_one_round
from evaluation.data.cleaning.parse import NOT_ASKED, Parsed
from evaluation.data.clusters import Frame, interview_dates, row_clusters
from evaluation.data.rules.rule import DataRule, Declared, Rows, across_rounds, of_round
from evaluation.data.spelling import is_lookalike, lost_zero_example, lost_zeros
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Count, Plain, message

DUPLICATE_ID = DataRule("duplicate-id", "error")
NO_RESPONDENT_ID = DataRule("no-respondent-id", "warn")
PADDED_ID = DataRule("padded-id", "error")
LOOKALIKE_ID = DataRule("lookalike-id", "error")
PLACEHOLDER_ID = DataRule("placeholder-id", "warn")
ODD_ID = DataRule("odd-id", "warn")
UNKNOWN_CLUSTER = DataRule("unknown-cluster", "error")
CLUSTER_NEITHER = DataRule("unknown-cluster", "error", "cluster-neither")
CLUSTER_SHORTENED = DataRule("unknown-cluster", "error", "cluster-neither", "leading-zeros-lost")
FRAME_MISMATCH = DataRule("frame-mismatch", "error")
FRAME_SHORTENED = DataRule("frame-mismatch", "error", fix="leading-zeros")
CLUSTER_ALIAS = DataRule("cluster-alias", "info")


# shorter numbers may well be somebody's
PLACEHOLDER = 6
COUNTING = "01234567890123456789"
# from so many ids on, this share of one shape makes the others odd
ENOUGH, ALIKE = 50, 0.97
# more codes than this without their zeros: the column has lost them, not the cells
MANY = 20
# longer codes are not shown: what looks like one may be a telephone number
LONGEST_CODE, SHORTEST = 9, 4
# ASCII digits only: an id written with digits of another script would match no other
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
def absent_ids(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviews without a respondent id, of which nobody said that they are new people."""
    name = declared.study.columns.respondent
    absent = parsed.columns[name].is_missing(NOT_ASKED) & parsed.consented
    if absent.any():
        counts = {"n": absent.sum(), "of": parsed.consented.sum()}
        said = {key: Count(n, "interviews") for key, n in counts.items()}
        yield NO_RESPONDENT_ID.at(parsed, name, **said)


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
    shapes = declared.once(id_shapes, parsed)
    counts = shapes.value_counts()
    if not len(counts) or len(shapes) < ENOUGH or counts.iloc[0] < ALIKE * len(shapes):
        return []
    where = parsed.mask(shapes.index[shapes != counts.index[0]].to_numpy())
    return ODD_ID.rows(parsed, where, name)


def id_shapes(parsed: Parsed, declared: Declared) -> pd.Series:
    """Form of the id of each person who consented: length, and where digits and letters stand."""
    column = parsed.columns[declared.study.columns.respondent]
    return _shapes(column.texts[column.observed & parsed.consented])


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
    rule: DataRule, parsed: Parsed, bare: Rows, name: str, zeros: Mapping[str, str]
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


ONE_ROUND_CLUSTER = DataRule("one-round-cluster", "warn")
FEW_INTERVIEWS = DataRule("few-interviews", "warn")
NEVER_VISITED = DataRule("never-visited", "warn")
# by whether lost names are written like codes, and whether zeros in front would explain them
FRAME_GAPS = {
    (alike, zeros): DataRule("frame-gap", "error", problem, fix)
    for alike, problem in ((True, "frame-gap-named"), (False, "names-clusters"))
    for zeros, fix in ((True, "frame-gap"), (False, "get-whole-frame"))
}
LONELY_DATE = DataRule("lonely-date", "warn")


# a cluster with fewer than this share of the usual number of interviews was not finished, or cut
THIN = 1 / 3
# where a cluster has only a handful of interviews anyway, a share of them says nothing
USUAL_SMALLEST = 12
# teams come back for people who were away, but not after two weeks
LONELY_DAYS = 14
# names of clusters in one message
SHOWN = 5


@across_rounds
def cluster_rounds(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Clusters that the frame lacks or nobody visited, and clusters with too few interviews."""
    for parsed in rounds:
        yield from _thin(parsed, declared)
        yield from _lonely_dates(parsed, declared)
    yield from _one_round(rounds, declared)
    yield from _frame_gaps(rounds, declared)
    yield from _never_visited(rounds, declared)


def _one_round(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Interviews of clusters that no other round has: they leave the sample, and say so."""
    places = [row_clusters(parsed, declared.frame) for parsed in rounds]
    alone = in_one_round(places, [parsed.consented for parsed in rounds])
    for parsed, place, rows in zip(rounds, places, alone, strict=True):
        if rows.any():
            first, n, k = rows.argmax(), f"{int(rows.sum()):,}", len(set(place[rows]))
            yield ONE_ROUND_CLUSTER.at(parsed, declared.frame.cluster, first, n=n, k=k)


def _thin(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    places = row_clusters(parsed, declared.frame)[parsed.consented]
    counts = pd.Series(places).value_counts()
    usual = counts.median() if len(counts) else 0.0
    thin = int((counts < THIN * usual).sum())
    if thin and usual >= USUAL_SMALLEST:
        said = {"n": Count(thin, "clusters"), "usual": Plain(f"{usual:g}")}
        yield FEW_INTERVIEWS.at(parsed, declared.frame.cluster, **said)


def _lonely_dates(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews far in time from all others of their cluster: another day, or another cluster."""
    days, name = interview_dates(parsed, declared.study), declared.study.columns.date
    if days is None or name is None:
        return []
    places = row_clusters(parsed, declared.frame)
    rows = np.flatnonzero(pd.notna(places) & ~np.isnat(days) & parsed.consented)
    if not len(rows):
        return []
    _, codes = np.unique(places[rows].astype(str), return_inverse=True)
    numbers = days[rows].astype(np.int64)
    order = np.lexsort((numbers, codes))
    gaps = np.diff(numbers[order]).astype(float)
    # from one cluster to the next there is no gap; an end of a cluster's days has one neighbour
    gaps[np.diff(codes[order]) != 0] = np.inf
    nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    many = np.bincount(codes)[codes[order]] >= USUAL_SMALLEST
    where = parsed.mask(rows[order[many & (nearest > LONELY_DAYS)]])
    return LONELY_DATE.rows(parsed, where, name, lonely_days=Plain(LONELY_DAYS))


def _frame_gaps(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Names that more than one round knows and the frame does not: the frame lost them."""
    shared = _shared_gaps(rounds, declared)
    if not shared:
        return
    alike = like_codes(sorted(shared), declared.frame)
    said: dict[str, object] = {"n": len(shared)}
    if alike:
        # names that are written like the frame's codes are shown
        n = sum(len(_rows_of(parsed, declared, shared)) for parsed in rounds)
        codes = ", ".join(alike[:SHOWN]) + (", ..." if len(alike) > SHOWN else "")
        said = {"codes": codes, "rows": f"{n:,}"}
    zeros = lost_zeros(shared, declared.frame.table[declared.frame.cluster])
    if zeros:
        said["here"], said["there"] = lost_zero_example(zeros)
    yield _of_the_frame(declared, FRAME_GAPS[bool(alike), bool(zeros)], **said)


def _shared_gaps(rounds: Sequence[Parsed], declared: Declared) -> set[str]:
    names = [
        set(parsed.columns[declared.frame.cluster].values[_unknown(parsed, declared)].tolist())
        for parsed in rounds
    ]
    return {n for i, own in enumerate(names) for other in names[i + 1 :] for n in own & other}


def _rows_of(parsed: Parsed, declared: Declared, names: Collection[str]) -> NDArray[np.intp]:
    column = parsed.columns[declared.frame.cluster]
    return np.flatnonzero(_unknown(parsed, declared) & np.isin(column.values, list(names)))


def without_consequences(
    findings: Iterable[Finding], rounds: Sequence[Parsed], declared: Declared
) -> list[Finding]:
    """Findings but those about each interview of a cluster that the frame lost."""
    shared = _shared_gaps(rounds, declared)
    rows = {p.key(int(row)) for p in rounds for row in _rows_of(p, declared, shared)}
    return [f for f in findings if f.rule != "unknown-cluster" or f.row_key not in rows]


def _unknown(parsed: Parsed, declared: Declared) -> np.ndarray:
    unknown = pd.isna(row_clusters(parsed, declared.frame))
    return unknown & parsed.columns[declared.frame.cluster].observed & parsed.consented


def _never_visited(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    frame = declared.frame
    seen = {place for parsed in rounds for place in row_clusters(parsed, frame)[parsed.consented]}
    never = frame.table.loc[~frame.table[frame.cluster].isin(seen), "line"]
    if len(never):
        yield _of_the_frame(declared, NEVER_VISITED, int(never.min()), n=len(never))


def _of_the_frame(declared: Declared, rule: DataRule, line: int = 0, /, **said: object) -> Finding:
    """A finding about the frame's file, or about the code in one of its rows."""
    # the frame's file as its own rows name it
    file = str(declared.frame.table["row_key"].iloc[0]).rpartition(":")[0]
    code = declared.dictionary.variables[declared.frame.cluster].raw["frame"]
    return rule.in_file("frame", file, code if line else "", line, **said)
