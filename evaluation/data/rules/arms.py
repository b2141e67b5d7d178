"""Groups against every other column that tells them: declared ones, and those that look like one.

A list of treatment is one column, and whoever exchanges it exchanges the result. Most deliveries
say it twice: codes beside words, an analysis file beside the frame, a column of the survey. What
nobody reads (``ignore_columns``) is read here, and only here, as a witness. As long as a study is
blinded, what its clean data would hold may not tell the groups either (``reveals-arm``).
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary, ParsedCell
from evaluation.config.manifest import SameAs
from evaluation.config.study import Study
from evaluation.config.toml_reader import TomlFile
from evaluation.data.cleaning.parse import coded_texts
from evaluation.data.clusters import ALIASES, split
from evaluation.data.findings import LINE
from evaluation.data.form_words import is_only_arm_name
from evaluation.data.readers.read import RawTable
from evaluation.data.rules.rule import DataRule
from evaluation.data.rules.told_arms import (
    CONSTANT,
    CONTRADICT,
    Told,
    given_by_few,
    told,
    told_by_character,
)
from evaluation.errors import SpecError
from evaluation.estimation.records import Finding

SAME_AS = DataRule("same-as", "error")
ARM_CONTRADICTION = DataRule("arm-contradiction", "error")
TELLS_ARM = DataRule("tells-arm", "warn")
REVEALS_ARM = DataRule("reveals-arm", "error")
MAY_REVEAL_ARM = DataRule("may-reveal-arm", "warn")
ID_REVEALS_ARM = DataRule("id-reveals-arm", "error")

FRAME = "frame"
# a column with more different cells is no list of groups
VALUES = 12
# chance of so much agreement if its cells were dealt out to the clusters at random
CHANCE = 1e-6
SHOWN = 4
# interviews behind a cell that may be shown, and clusters: then it is of no respondent
FEW_ROWS, FEW_CLUSTERS = 10, 2
BLANK = '""'
# columns of the design that tell no group, or are dealt out anew
PLACES = (
    "cluster",
    "stratum",
    "respondent",
    "department",
    "subregion",
    "population",
    "x_km",
    "y_km",
    "exposure",
)
SCRAMBLED = ("arm", "cohort")
# ... and those that may tell it because of who worked where and when
FIELDWORK = ("enumerator", "date", "duration")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A table held against the frame; of each of its rows the frame's row, -1 where unknown."""

    table: RawTable
    frame: RawTable
    places: NDArray[np.intp]
    dictionary: Dictionary
    study: Study

    def about(
        self, rule: DataRule, column: str, wrong: NDArray[np.bool_], variable: str
    ) -> Finding:
        """That a column contradicts a variable of the frame in some rows, at the first."""
        line = self.table.frame[LINE].iloc[wrong.argmax()]
        said = {"variable": variable, "file": self.frame.file.path}
        n, of = (len(pd.unique(self.places[rows])) for rows in (wrong, self.places >= 0))
        return rule.about(self.table.file, column, line, **said, n=n, of=of)


def told_twice(
    tables: Sequence[RawTable], dictionary: Dictionary, study: Study
) -> tuple[Finding, ...]:
    """Hold all files against what the frame says of their clusters.

    Parameters
    ----------
    tables : sequence of RawTable
        With the columns that nobody reads.
    dictionary, study
        What was declared.

    Returns
    -------
    tuple of Finding
        ``same-as`` (error): a declared column contradicts the frame. ``arm-contradiction``
        (error): a column that goes with the groups contradicts them in some clusters.
        ``tells-arm`` (warning): it goes with them everywhere and is not declared. Of a blinded
        study also ``reveals-arm`` (error): clean data would tell the groups;
        ``may-reveal-arm`` (warning): they may, by chance in so few clusters, by how the work in
        the field was divided, or by an answer that only one group gives; ``id-reveals-arm``
        (error): a character of people's ids tells them.

    Raises
    ------
    SpecError
        A declaration names a column or a variable that is not there.
    """
    frame = next((table for table in tables if table.file.source == FRAME), None)
    cluster = dictionary.variables[study.columns.cluster].raw
    if frame is None or cluster.get(FRAME) not in frame.frame.columns:
        return ()
    rows = _rows(frame, dictionary, cluster[FRAME])
    found: list[Finding] = []
    for table in tables:
        name = cluster.get(table.file.source)
        if name is not None and name in table.frame.columns:
            codes, distinct = coded_texts(table.frame[name])
            each = np.array([rows.get(str(text), -1) for text in distinct], dtype=np.intp)
            held = _Held(
                table=table, frame=frame, places=each[codes], dictionary=dictionary, study=study
            )
            found += _declared(held)
            twice = list(_undeclared(held))
            wrong = {finding.column for finding in twice if finding.severity == "error"}
            leaks = [*_leaks(held, wrong), *_ids(held)] if study.blinded else []
            told_once = {finding.column for finding in leaks}
            found += [*leaks, *(finding for finding in twice if finding.column not in told_once)]
    return tuple(found)


def _rows(frame: RawTable, dictionary: Dictionary, code: str) -> dict[str, int]:
    """Position of each cluster's row in the frame, by code and alias."""
    rows = {text: row for row, text in enumerate(frame.frame[code].astype(str).tolist())}
    aliases = dictionary.variables.get(ALIASES)
    if aliases is not None and aliases.raw.get(FRAME) in frame.frame.columns:
        for row, listed in enumerate(frame.frame[aliases.raw[FRAME]].tolist()):
            for alias in split(listed):
                rows.setdefault(alias, row)
    return rows


def _declared(held: _Held) -> Iterator[Finding]:
    table = held.table
    for same in table.file.same_as:
        expected = _frame_values(held, same.variable)
        if same.column not in table.frame.columns:
            raise SpecError.of(
                "same-as.no-column",
                "same-as.no-column-fix",
                "manifest.toml",
                column=same.column,
                file=table.file.path,
            )
        wrong = _contradicts(held, same, expected)
        if wrong.any():
            yield held.about(SAME_AS, same.column, wrong, same.variable)


def _frame_values(held: _Held, variable: str) -> NDArray[np.object_]:
    """Clean value of a frame variable in each row of the frame, as text; None where missing."""
    frame, declared = held.frame, held.dictionary.variables
    where = f"{held.table.file.id} in manifest.toml"
    TomlFile(where).known(variable, declared, "variable", "same_as.variable")
    raw = declared[variable].raw.get(FRAME)
    if raw is None or raw not in frame.frame.columns:
        raise SpecError.of(
            "same-as.no-variable", "same-as.no-variable-fix", where, variable=variable
        )
    codes, distinct = coded_texts(frame.frame[raw])
    decimal, date = frame.file.marks
    texts = [str(text) for text in distinct]
    parsed = held.dictionary.parse_all(variable, texts, source=FRAME, decimal=decimal, date=date)
    values = [cell.value if isinstance(cell, ParsedCell) else None for cell in parsed]
    each = np.empty(len(distinct), dtype=object)
    each[:] = [None if value is None else plain(str(value)) for value in values]
    return each[codes]


def plain(text: str, decimal: str = ".") -> str:
    """A number in one notation (1, 1.0); any other text as it is.

    Parameters
    ----------
    text : str
    decimal : str
        The file's decimal mark.
    """
    try:
        return f"{float(text.replace(decimal, '.')):.12g}"
    except ValueError:
        return text.strip()


def _contradicts(held: _Held, same: SameAs, expected: NDArray[np.object_]) -> NDArray[np.bool_]:
    places, (decimal, _) = held.places, held.table.file.marks
    codes, distinct = coded_texts(held.table.frame[same.column])
    values = {plain(cell): {plain(v) for v in listed} for cell, listed in same.values.items()}
    allowed = [
        values.get(plain(str(text)), set()) if values else {plain(str(text), decimal)}
        for text in distinct
    ]
    right = np.array([[v in each for v in (*expected, None)] for each in allowed], dtype=bool)
    here = (places >= 0) & (distinct != "")[codes] & pd.notna([*expected, None])[places]
    return np.asarray(here & ~right[codes, places])


def _undeclared(held: _Held) -> Iterator[Finding]:
    """Columns that go with the groups, in all clusters or in nearly all."""
    table, places, arm = held.table, held.places, held.study.columns.arm
    raw = held.dictionary.variables[arm].raw
    arms = coded_texts(held.frame.frame[raw[FRAME]])
    listed = {same.column for same in table.file.same_as} | set(table.file.unrelated)
    for column in _candidates(table, held.dictionary, held.study):
        if column in listed:
            continue
        codes, distinct = coded_texts(table.frame[column])
        usual = _of_clusters(codes, distinct, places, len(held.frame.frame))
        goes = _goes_with(usual, np.asarray(arms[0], dtype=np.intp)) if usual is not None else None
        if usual is None or goes is None:
            continue
        wrong = goes[np.maximum(places, 0)] != codes
        wrong &= (places >= 0) & (usual[np.maximum(places, 0)] >= 0) & (distinct != "")[codes]
        if wrong.any():
            yield held.about(ARM_CONTRADICTION, column, wrong, arm)
        else:
            each = dict.fromkeys(zip(goes.tolist(), arms[0].tolist(), strict=True))
            pairs = ", ".join(f"{distinct[a]} = {arms[1][b]}" for a, b in list(each)[:SHOWN])
            yield TELLS_ARM.about(table.file, column, variable=arm, pairs=pairs)


def _candidates(table: RawTable, dictionary: Dictionary, study: Study) -> list[str]:
    """Columns that nobody reads, and described ones that are neither design nor a question."""
    design = {getattr(study.columns, name) for name in study.columns.roles()}
    described = [
        variable.raw[table.file.source]
        for variable in dictionary.in_source(table.file.source)
        if variable.name not in design
        and variable.question is None
        and variable.asked_if is None
        and (table.file.source == FRAME or FRAME not in variable.raw)
    ]
    names = [*table.file.ignore_columns, *described]
    return [name for name in dict.fromkeys(names) if name in table.frame.columns and name != LINE]


def _of_clusters(
    codes: NDArray[np.integer],
    distinct: NDArray[np.object_],
    places: NDArray[np.intp],
    size: int,
) -> NDArray[np.intp] | None:
    """Usual cell of each cluster, -1 without one; None where cells tell nothing of clusters."""
    filled = distinct != ""
    if not 2 <= int(filled.sum()) <= VALUES:
        return None
    rows = (places >= 0) & filled[codes]
    counts = np.zeros((size, len(distinct)), dtype=np.int64)
    np.add.at(counts, (places[rows], codes[rows]), 1)
    seen = counts.sum(axis=1)
    if not seen.any() or counts.max(axis=1).sum() < CONSTANT * seen.sum():
        return None
    return np.where(seen > 0, counts.argmax(axis=1), -1)


def _goes_with(told: NDArray[np.intp], arms: NDArray[np.intp]) -> NDArray[np.intp] | None:
    """Cell that each cluster's group stands for; None where the column does not tell groups.

    Notes
    -----
    A column that says k different things, each of a_1, ..., a_k clusters, can be dealt out to them
    in n! / (a_1! ... a_k!) ways. At most k^m C(n, e) k^e of these agree with one of the k^m
    meanings that m groups may have in all but e clusters: that share bounds the chance.
    """
    seen = np.flatnonzero(told >= 0)
    kinds, values = np.unique(told[seen], return_inverse=True)
    groups = int(arms.max()) + 1
    if len(kinds) < 2 or len(seen) < groups:
        return None
    counts = np.zeros((groups, len(kinds)), dtype=np.int64)
    np.add.at(counts, (arms[seen], values), 1)
    usual = counts.argmax(axis=1)
    errors = len(seen) - int(counts.max(axis=1).sum())
    if len(np.unique(usual)) < 2 or errors > CONTRADICT * len(seen):
        return None
    ways = math.lgamma(len(seen) + 1) - math.fsum(math.lgamma(n + 1) for n in counts.sum(axis=0))
    agree = (groups + errors) * math.log(len(kinds)) + math.log(math.comb(len(seen), errors))
    if agree - ways > math.log(CHANCE):
        return None
    return np.asarray(kinds[usual][arms])


def _leaks(held: _Held, known: Collection[str]) -> Iterator[Finding]:
    """Columns of the clean data from which the groups of a blinded study can be told."""
    table, study = held.table, held.study
    arms = _frame_values(held, study.columns.arm)
    fieldwork = {getattr(study.columns, name) for name in FIELDWORK}
    for name, column in _clean_columns(table, held.dictionary, study):
        if column in known or column in table.file.unrelated or column not in table.frame.columns:
            continue
        codes, distinct = coded_texts(table.frame[column])
        seen = codes, distinct, held.places, arms, _missing(held, name, distinct)
        found, arm = told(*seen), study.columns.arm
        sure = found is not None and found.is_sure(named=is_only_arm_name(column))
        if found is None or not (sure or found.may_be()):
            found = given_by_few(*seen)
        if found is None:
            continue
        n, of = found.of - found.contradict, found.of
        if sure and name not in fieldwork:
            rows = np.bincount(codes, minlength=len(distinct)).tolist()
            often = {str(text) for text, n in zip(distinct, rows, strict=True) if n >= FEW_ROWS}
            personal = held.dictionary.variables[name].personal == "direct"
            shown = () if personal else often if table.file.source != FRAME else found.arms
            pairs = _pairs(found, shown)
            yield REVEALS_ARM.about(
                table.file, column, variable=arm, n=n, of=of, pairs=pairs, name=name
            )
        else:
            yield MAY_REVEAL_ARM.about(table.file, column, variable=arm, n=n, of=of)


def _ids(held: _Held) -> Iterator[Finding]:
    """Ids of people of which one character tells the groups; those of clusters lie open."""
    table, study, arm = held.table, held.study, held.study.columns.arm
    design = {getattr(study.columns, name) for name in PLACES if name != "respondent"}
    for variable in held.dictionary.in_source(table.file.source):
        column = variable.raw[table.file.source]
        if variable.type != "id" or variable.name in design or column in table.file.unrelated:
            continue
        seen = coded_texts(table.frame[column]) if column in table.frame.columns else None
        found = seen and told_by_character(*seen, held.places, _frame_values(held, arm))
        if found and found.is_sure():
            n, pairs = found.of - found.contradict, _pairs(found, found.arms)
            yield ID_REVEALS_ARM.about(
                table.file, column, variable=arm, n=n, of=found.of, pairs=pairs
            )


def _missing(held: _Held, name: str, distinct: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which cells of a variable are a declared missing code."""
    listed = held.dictionary.missing_codes(name, held.table.file.source)
    codes = listed.all if listed else ()
    return np.array([str(text) in codes for text in distinct], dtype=bool)


def _clean_columns(
    table: RawTable, dictionary: Dictionary, study: Study
) -> Iterator[tuple[str, str]]:
    """Variables of a file that reach the clean data as they are, each with its raw column.

    The groups of the frame are scrambled, as are their years of entry and who took part; places
    are what groups are made inside of, or of one cluster each. A copy of the groups in the
    interviews is not scrambled with the frame.
    """
    source = table.file.source
    apart = (*PLACES, *SCRAMBLED) if source == FRAME else PLACES
    design = {getattr(study.columns, name) for name in apart}
    for variable in dictionary.in_source(source):
        if variable.name not in design:
            yield variable.name, variable.raw[source]


def _pairs(found: Told, shown: Collection[str]) -> str:
    """Which cells are which group, those of many clusters first; none of a single cluster."""
    listed = [
        cell
        for cell, n in sorted(found.clusters.items(), key=lambda entry: (-entry[1], entry[0]))
        if n >= FEW_CLUSTERS and (cell in shown or cell in ("", "*"))
    ]
    pairs = [f"{c or BLANK} = {', '.join(found.arms[c])}" for c in listed[:SHOWN]]
    return "; ".join([*pairs, *(["..."] if len(found.clusters) > len(pairs) else [])])
