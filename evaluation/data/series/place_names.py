"""Names of places without codes, resolved in two steps that a person can read again.

A file that names its places has no codes. First, the name is looked for in its department in the
list of clusters, without capitals, accents and the mark of a capital city. Second, what is spelled
exactly so in the files with codes has the one code that stands beside it there. Steps that
disagree, and names with two codes, resolve nothing. The run reads the table that comes of it and
holds every line against both steps once more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.config.panel_study import EventRows
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import DataRule
from evaluation.data.spelling import plain
from evaluation.estimation.records import Finding

NAME_TWICE = DataRule("place-name", "error", "place-name-twice", "place-names-again")
CODE_UNKNOWN = DataRule("place-name", "error", "cluster-of-no-list", "place-names-again")
NOT_RESOLVED_SO = DataRule("place-name", "error", "place-name-not-so", "place-names-again")

# how the police mark the capital city of a department
CAPITAL = "(ct)"
DIVIPOLA, WORKBOOKS = "divipola", "workbooks"
COLUMNS = ("department", "municipality", "code", "reason")
# department and name of a place
Pair = tuple[str, str]
Codes = Mapping[Pair, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace:
    """Department and name as delivered, their code, and the step that gave it."""

    department: str
    name: str
    code: str
    reason: str

    @property
    def row(self) -> tuple[str, str, str, str]:
        """Cells of the reviewed table, in the order of `COLUMNS`."""
        return self.department, self.name, self.code, self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCodes:
    """Codes by name.

    Attributes
    ----------
    listed : mapping of (department, name) to set of str
        Of the list of clusters, names without capitals and accents.
    spelled : mapping of (department, name) to set of str
        Of the files with codes, names exactly as they stand.
    """

    listed: Codes
    spelled: Codes

    @classmethod
    def of(cls, places: pd.DataFrame, coded: pd.DataFrame) -> "PlaceCodes":
        """Codes of a list of places and of rows with codes.

        Parameters
        ----------
        places, coded : DataFrame
            Columns ``department``, ``name`` and ``code``.
        """
        return cls(listed=_by_name(places, folded=True), spelled=_by_name(coded.drop_duplicates()))

    def codes(self, pair: Pair) -> frozenset[str]:
        """All codes that any step gives a pair: what a line of the table may say.

        A single row with another code is an error of that row, not of the table.
        """
        department, name = pair
        listed = self.listed.get((folded(department), folded(name)), frozenset())
        return listed | self.spelled.get(pair, frozenset())

    def resolve(self, pair: Pair) -> NamedPlace | None:
        """The place of a pair as delivered; None where no step, or more than one code, fits."""
        department, name = pair
        listed = self.listed.get((folded(department), folded(name)), frozenset())
        spelled = self.spelled.get(pair, frozenset())
        if len(listed) == 1 and (not spelled or listed <= spelled):
            code, reason = next(iter(listed)), DIVIPOLA
        elif not listed and len(spelled) == 1:
            code, reason = next(iter(spelled)), WORKBOOKS
        else:
            return None
        return NamedPlace(department=department, name=name, code=code, reason=reason)


def folded(text: str) -> str:
    """A name without capitals, accents and the mark of a capital city."""
    return " ".join(plain(text).replace(CAPITAL, " ").split())


def _by_name(places: pd.DataFrame, *, folded: bool = False) -> dict[Pair, frozenset[str]]:
    found: dict[Pair, set[str]] = {}
    rows = zip(places["department"], places["name"], places["code"], strict=True)
    for department, name, code in rows:
        pair = (_folded(department), _folded(name)) if folded else (department, name)
        found.setdefault(pair, set()).add(code)
    return {pair: frozenset(codes) for pair, codes in found.items()}


_folded = folded


def named_places(pairs: Iterable[Pair], known: PlaceCodes) -> tuple[list[NamedPlace], list[Pair]]:
    """Resolve pairs.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Department and name as delivered.
    known : PlaceCodes

    Returns
    -------
    list of NamedPlace, list of (str, str)
        What was resolved, and the pairs that were not; both in the order of the names.
    """
    found, left = [], []
    for pair in sorted(set(pairs)):
        place = known.resolve(pair)
        if place is None:
            left.append(pair)
        else:
            found.append(place)
    return found, left


def code_texts(parsed: Parsed, rows: EventRows) -> pd.DataFrame:
    """Department, name and code of the place of each row of a file of events.

    Parameters
    ----------
    parsed : Parsed
        A file of events; without codes the column is empty.
    rows : EventRows
        Variables of the places.
    """
    columns = parsed.columns
    table = pd.DataFrame({key: columns[name].values for key, name in _names(rows).items()})
    if rows.code not in columns:
        return table.assign(code=pd.Series([None] * len(table), dtype=object))
    codes = columns[rows.code]
    # no cell of a code is missing: what is none has a flaw
    first = np.array([f"{code}"[: rows.digits] for code in codes.meanings], dtype=object)
    return table.assign(code=first[codes.codes])


def _names(rows: EventRows) -> dict[str, str]:
    return {"department": rows.department, "name": rows.name}


def read_table(
    parsed: Parsed, rows: EventRows, cluster: str, known: PlaceCodes, clusters: frozenset[str]
) -> tuple[dict[Pair, str], list[Finding]]:
    """The reviewed table, each line held against the steps that it names.

    Parameters
    ----------
    parsed : Parsed
        The table.
    rows : EventRows
        Variables of the names.
    cluster : str
        Variable of the code.
    known : PlaceCodes
    clusters : frozenset of str
        Codes there are.

    Returns
    -------
    dict of (department, name) to code, list of Finding
    """
    findings: list[Finding] = []
    codes: dict[Pair, str] = {}
    for row, (pair, code) in enumerate(_lines(parsed, rows, cluster)):
        if pair in codes:
            findings.append(NAME_TWICE.at(parsed, rows.name, row))
        elif code not in clusters:
            findings.append(CODE_UNKNOWN.at(parsed, cluster, row))
        elif code not in known.codes(pair):
            findings.append(NOT_RESOLVED_SO.at(parsed, cluster, row))
        codes[pair] = code
    return codes, findings


def _lines(parsed: Parsed, rows: EventRows, cluster: str) -> Iterator[tuple[Pair, str]]:
    names = (rows.department, rows.name, cluster)
    cells = (parsed.columns[name].values.tolist() for name in names)
    for department, name, code in zip(*cells, strict=True):
        yield (department, name), code
