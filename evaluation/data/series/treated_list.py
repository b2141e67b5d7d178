"""The list of treated clusters, public or private, and what is known of each cluster.

A public list may leave treated clusters out. Who they are is unknown: those among which they lie
have the status ``unknown`` and nothing is guessed. A private list names them; it is read in place,
and what it says goes into the private folder alone. No message about a list names a place.
"""

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.config.manifest import RawFile
from evaluation.config.panel_study import TreatedList
from evaluation.config.study import Study
from evaluation.data.cleaning.blinding import scrambled
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import Frame
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers import csv, delivered_files
from evaluation.data.series.place_names import folded
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

NO_COLUMN = Rule("treated-list", "error", "treated-without-column", "treated-columns")
NOT_FOUND = Rule("treated-list", "error", "treated-not-found", "treated-place")
CONTRADICTION = Rule("treated-list", "error", "treated-contradiction", "treated-place")
TWICE = Rule("treated-list", "error", "treated-twice", "treated-place")
UNDECLARED = Rule("treated-list", "error", "treated-cohort", "treated-cohort")
NOT_PUBLIC = Rule("treated-list", "error", "treated-lacks-public", "treated-place")
OTHER_NUMBER = Rule("treated-list", "warn", "treated-number", "treated-number")

# what the private list is called in messages: its own name may say what it is
GIVEN = "TREATMENT"
STATUS, FIRST_TREATED, AMONG = "status", "first_treated", "among"
TREATED, UNKNOWN, NEVER = "treated", "unknown", "never"
Places = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTreatedList:
    """Clusters of a list with their cohort, and what is wrong with its lines.

    Attributes
    ----------
    cohorts : dict of str to str
        Cohort by code.
    findings : tuple of Finding
    """

    cohorts: dict[str, str]
    findings: tuple[Finding, ...] = ()


def read_given(data: bytes, public: RawFile) -> tuple[RawFile, pd.DataFrame, list[Finding]]:
    """A private list as text, written as the public one is.

    Parameters
    ----------
    data : bytes
        CSV.
    public : RawFile
        The public list's entry, which says how a list is written.

    Returns
    -------
    RawFile, DataFrame, list of Finding
        An entry for messages, the cells, and what reading had to say.

    Raises
    ------
    DataError
        It is of another kind, or its rows cannot be told apart.
    """
    file = given_entry(public)
    delivered_files.check_kind(data, file)
    frame, findings = csv.read(data, file)
    return file, frame, findings


def given_entry(public: RawFile) -> RawFile:
    """Label of a private list's entry in messages: its number, never its name."""
    return dataclasses.replace(public, id="given", path=GIVEN)


def listed(
    frame: pd.DataFrame, file: RawFile, raw: Mapping[str, str], study: Study, places: Places
) -> ReadTreatedList:
    """Join a list to the clusters.

    Parameters
    ----------
    frame : DataFrame
        Cells of the list as text.
    file : RawFile
        Its entry.
    raw : mapping of str to str
        Column of the list by variable.
    study : Study
        With its panel.
    places : mapping of str to (str, str)
        Department and name of each cluster by code.
    """
    declared = _declared(study)
    columns = {key: raw[getattr(declared, key)] for key in ("code", "department", "name")}
    absent = [name for name in columns.values() if name not in frame.columns]
    if absent:
        return ReadTreatedList(
            cohorts={}, findings=tuple(NO_COLUMN.about(file, name) for name in absent)
        )
    by_name: dict[tuple[str, str], list[str]] = {}
    for code, place in places.items():
        by_name.setdefault(_folded(place), []).append(code)
    entered = frame[declared.entered] if declared.entered in frame.columns else None
    known = {cohort.id for cohort in study.cohort}
    cohorts: dict[str, str] = {}
    findings: list[Finding] = []
    for row, line in enumerate(frame[LINE].tolist()):
        cells = {key: frame[name].iloc[row].strip() for key, name in columns.items()}
        own = by_name.get(_folded((cells["department"], cells["name"])), [])
        code = cells["code"] or (own[0] if len(own) == 1 else "")
        cohort = (entered.iloc[row].strip() if entered is not None else "") or declared.cohort
        if code not in places:
            findings.append(NOT_FOUND.about(file, columns["name"], line))
        elif code not in own:
            findings.append(CONTRADICTION.about(file, columns["code"], line))
        elif code in cohorts:
            findings.append(TWICE.about(file, columns["code"], line))
        elif cohort not in known:
            names = ", ".join(sorted(known))
            findings.append(UNDECLARED.about(file, declared.entered, line, names=names))
        cohorts[code] = cohort
    return ReadTreatedList(cohorts=cohorts, findings=tuple(findings))


def public_list(
    frame: pd.DataFrame, cells: pd.DataFrame, parsed: Parsed, study: Study
) -> ReadTreatedList:
    """The study's own list, joined to the clusters.

    Parameters
    ----------
    frame : DataFrame
        Clusters with department and name.
    cells : DataFrame
        Cells of the list as text.
    parsed : Parsed
        The same list.
    study : Study
        With its panel.
    """
    raw = {name: column.raw for name, column in parsed.columns.items()}
    return listed(cells, parsed.file, raw, study, places_of(frame, study))


def places_of(frame: pd.DataFrame, study: Study) -> dict[str, tuple[str, str]]:
    """Department and name of each cluster by code.

    Parameters
    ----------
    frame : DataFrame
        Clusters with department and name.
    study : Study
        With its panel.
    """
    treated = _declared(study)
    keys = [study.columns.cluster, treated.department, treated.name]
    return {code: (department, name) for code, department, name in frame[keys].to_numpy()}


def as_assigned(frame: pd.DataFrame, treated: ReadTreatedList, study: Study) -> pd.DataFrame:
    """Arm, cohort and stratum of each cluster by the study's own list, never scrambled.

    Parameters
    ----------
    frame, treated, study
        As of `assignment`.
    """
    table = assignment(frame, treated, dataclasses.replace(study, blinded=False), complete=False)
    stratum = study.columns.stratum
    return table if stratum is None else table.assign(**{stratum: frame[stratum].to_numpy()})


def against_public(
    given: ReadTreatedList, public: ReadTreatedList, file: RawFile, study: Study
) -> Iterator[Finding]:
    """A private list names all of the public one, and as many more as the study says.

    Parameters
    ----------
    given, public : ReadTreatedList
    file : RawFile
        The private list's entry.
    study : Study
    """
    declared = _declared(study)
    lacking = [code for code, c in public.cohorts.items() if given.cohorts.get(code) != c]
    if lacking:
        yield NOT_PUBLIC.about(file, "", 0, n=Plain(len(lacking)))
    expected = len(public.cohorts) + declared.unnamed
    if len(given.cohorts) != expected:
        said = {"n": Plain(len(given.cohorts)), "expected": Plain(expected)}
        yield OTHER_NUMBER.about(file, "", 0, **said)


def telling_names(given: Collection[str], public: Collection[str], places: Places) -> pd.DataFrame:
    """Codes and names of clusters that only a private list names, for the search before a release.

    Parameters
    ----------
    given, public : collection of str
        Codes of the two lists; those that are none are passed over.
    places : mapping of str to (str, str)
        Department and name of each cluster by code.

    Returns
    -------
    DataFrame
        ``code`` and ``name``; the name is empty where a department or a cluster of the public list
        is called the same. That an unlisted cluster has the name too is no reason to let it pass.
    """
    common = {folded(department) for department, _ in places.values()}
    common |= {folded(places[code][1]) for code in public if code in places}
    rows = [(code, places[code][1]) for code in sorted({*given} - {*public}) if code in places]
    told = [(code, "" if folded(name) in common else name) for code, name in rows]
    return pd.DataFrame(told, columns=["code", "name"], dtype="str")


def assignment(
    frame: pd.DataFrame, treated: ReadTreatedList, study: Study, *, complete: bool
) -> pd.DataFrame:
    """Arm, cohort, first treated year and status of each cluster.

    Parameters
    ----------
    frame : DataFrame
        Clusters with the variables that ``among`` asks for.
    treated : ReadTreatedList
    study : Study
        Where its plan is not locked, treatment is scrambled: clusters among which treated ones lie
        exchange it inside their strata.
    complete : bool
        Whether the list names all treated clusters, so that no status is unknown.

    Returns
    -------
    DataFrame, one row a cluster
        The cluster, ``arm``, ``cohort``, ``first_treated`` (NaN where never, or unknown),
        ``status`` (``treated``, ``unknown`` or ``never``), and ``among``: whether the cluster is
        one of those among which treated ones lie, whatever is known of it.
    """
    declared, columns = _declared(study), study.columns
    arm, cohort = columns.arm, columns.cohort or "cohort"
    codes = frame[columns.cluster].tolist()
    possible = _among(frame, declared)
    table = pd.DataFrame({columns.cluster: pd.array(codes, dtype="str")})
    table[arm] = [declared.arm if code in treated.cohorts else declared.others for code in codes]
    table[cohort] = pd.array([treated.cohorts.get(code) for code in codes], dtype="str")
    if study.blinded:
        inside = possible | (table[arm] == declared.arm).to_numpy()
        table = _scrambled(table, frame, inside, study)
    years = {entry.id: float(entry.entry.year) for entry in study.cohort}
    table[FIRST_TREATED] = table[cohort].map(years).astype(float)
    status = np.where(possible & (not complete) & (declared.unnamed > 0), UNKNOWN, NEVER)
    table[STATUS] = np.where(table[arm] == declared.arm, TREATED, status)
    table[AMONG] = possible
    return table


def _scrambled(
    table: pd.DataFrame, frame: pd.DataFrame, inside: np.ndarray, study: Study
) -> pd.DataFrame:
    """The table with treatment exchanged inside strata, between clusters that may have it."""
    columns = study.columns
    strata = frame[columns.stratum].fillna("") if columns.stratum else ""
    made = Frame(
        table=table[inside].assign(stratum=strata),
        aliases={},
        cluster=columns.cluster,
        arm=columns.arm,
        cohort=columns.cohort or "",
    )
    dealt = scrambled(made, strata="stratum", key=study.id).table
    return pd.concat([dealt.drop(columns="stratum"), table[~inside]]).sort_index()


def _among(frame: pd.DataFrame, declared: TreatedList) -> np.ndarray:
    """Clusters among which those lie that a public list leaves out."""
    found = np.ones(len(frame), dtype=bool)
    for where in declared.among:
        column = frame[where.variable]
        held = column.isin(where.values) if where.values else column.notna()
        found &= held.to_numpy(dtype=bool)
    return found


def _declared(study: Study) -> TreatedList:
    if study.panel is None:
        raise TypeError(study.id)
    return study.panel.treated


def _folded(place: tuple[str, str]) -> tuple[str, str]:
    return folded(place[0]), folded(place[1])
