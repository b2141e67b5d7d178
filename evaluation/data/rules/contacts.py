"""Contacts: every sampled unit's final disposition, held against the interviews delivered.

REQUIRES the parsed file with role ``contacts``. CREATES one row per round and sampled unit, from
which the sample flow starts and the outcome rates come.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.sampling import CONTACTS_ROLE, DISPOSITIONS, MARGINS_ROLE, Contacts
from evaluation.config.study import Study
from evaluation.data.cleaning.panel import arm_counts, attach_codes
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import Frame, row_clusters
from evaluation.data.rules.eligibility import under_age
from evaluation.data.rules.rule import DataRule, Declared
from evaluation.estimation.records import Finding, Flow

CONTACT_COLUMN = DataRule("contact-column", "error")
NO_ROUND = DataRule("contact-value", "error", "round-none-study")
NO_DISPOSITION = DataRule("contact-value", "error", "disposition-none")
NO_VALUE = DataRule("contact-value", "error", fix="complete.fix")
REPEATED_ATTEMPT = DataRule("contact-repeated", "error", "contact-repeated-attempt")
REPEATED_UNIT = DataRule("contact-repeated", "error", "contact-repeated-unit")
REPLACES_NOT_SAMPLED = DataRule("contact-replacement", "warn", "unit-replaces-one-not")
REPLACES_INTERVIEWED = DataRule("contact-replacement", "warn", "unit-replaces-one")
REPLACES_AGAIN = DataRule("contact-replacement", "warn", "unit-replaces")
COMPLETED_WITHOUT_ID = DataRule(
    "contact-without-interview", "error", "completed-contact-no", "find-interview"
)
COMPLETED_TWICE = DataRule("contact-repeated", "error", "respondent-completed", "find-interview")
COMPLETED_ALONE = DataRule(
    "contact-without-interview", "error", "completed-contact", "find-interview"
)
CONTACT_CLUSTER = DataRule("contact-cluster", "warn", "interview-another", "find-interview")
INTERVIEW_WITHOUT_CONTACT = DataRule("interview-without-contact", "error")


COMPLETED = ("I", "P")
# Which attempt decides where there are several: the last of the first group that occurs. A later
# fruitless visit does not undo an interview, a refusal, or what is known of eligibility.
PRECEDENCE = (("I",), ("P",), ("R", "NE"), ("NC", "O"), ("UH", "UO"))


def contact_findings(
    parsed: Parsed, rounds: Sequence[Parsed], declared: Declared, *, left: Mapping[str, set[str]]
) -> tuple[Finding, ...]:
    """Check the contacts by themselves, and against the interviews, in both directions.

    Parameters
    ----------
    parsed : Parsed
        The file of contacts.
    rounds : sequence of Parsed
        Survey rounds after corrections.
    declared : Declared
    left : mapping of round id to set of str
        Respondents whose interview a correction dropped: their contact may stay.

    Returns
    -------
    tuple of Finding
        Empty where every completed interview has one completed contact and the reverse.
    """
    contacts, study = declared.study.contacts, declared.study
    if contacts is None:
        return ()
    needed = (*contacts.variables, study.columns.respondent, study.columns.cluster)
    absent = [name for name in needed if name not in parsed.columns]
    if absent:
        return tuple(CONTACT_COLUMN.about(parsed.file, name) for name in absent)
    own = [*_values(parsed, declared, contacts), *_repeated(parsed, contacts)]
    if any(finding.severity == "error" for finding in own):
        return tuple(own)
    units = sampled_units(parsed, declared)
    own += _replacements(parsed, contacts, units)
    for interviews in rounds:
        here = units[units["round"] == interviews.file.source]
        gone = left.get(interviews.file.source, set())
        own += _against_interviews(parsed, interviews, declared, here, gone)
    return tuple(own)


def sampled_units(parsed: Parsed, declared: Declared) -> pd.DataFrame:
    """One row per round and sampled unit, with its final disposition.

    Parameters
    ----------
    parsed : Parsed
        The file of contacts without errors.
    declared : Declared
        Of a study that declares contacts.

    Returns
    -------
    DataFrame
        ``round``, ``unit``, ``cluster`` (code), ``disposition``, ``respondent`` and ``replaces``
        (missing where there is none), and ``row``, the position of the unit's row in the file.
    """
    contacts, study = declared.study.contacts, declared.study
    if contacts is None:
        return pd.DataFrame()
    columns = parsed.columns
    table = pd.DataFrame(
        {
            "round": columns[contacts.round].values,
            "unit": columns[contacts.unit].values,
            "cluster": row_clusters(parsed, declared.frame),
            "disposition": columns[contacts.disposition].values,
            "respondent": columns[study.columns.respondent].values,
            "replaces": columns[contacts.replaces].values if contacts.replaces else None,
            "row": np.arange(len(parsed.lines)),
        }
    )
    if contacts.attempt:
        rank = {code: place for place, group in enumerate(PRECEDENCE) for code in group}
        table["rank"] = table["disposition"].map(rank)
        table["attempt"] = columns[contacts.attempt].values.astype(float)
        table = table.sort_values(
            ["round", "unit", "rank", "attempt"], ascending=[True, True, True, False], kind="stable"
        )
        table = table.drop_duplicates(["round", "unit"]).drop(columns=["rank", "attempt"])
    return table.sort_values("row", kind="stable", ignore_index=True)


def sampled_flow(units: pd.DataFrame, study: Study, frame: Frame) -> tuple[Flow, ...]:
    """The first step of the sample flow: sampled units that are or may be eligible, by arm."""
    counted = units[units["disposition"] != "NE"]
    records: list[Flow] = []
    for round_id in study.rounds:
        clusters = counted.loc[counted["round"] == round_id, "cluster"].to_numpy(dtype=object)
        records += arm_counts(round_id, "sampled", "", clusters, study, frame)
    return tuple(records)


def eligible(units: pd.DataFrame, study: Study) -> NDArray[np.float64]:
    """1 for eligible units, 0 for others, AAPOR's e for unknown ones (1 where none is declared)."""
    share = study.contacts.eligible_share if study.contacts is not None else None
    counted = dict.fromkeys(DISPOSITIONS, 1.0) | {"NE": 0.0}
    if share is not None:
        counted |= {"UH": share, "UO": share}
    return np.array([counted[code] for code in units["disposition"]], dtype=np.float64)


def _values(parsed: Parsed, declared: Declared, contacts: Contacts) -> Iterator[Finding]:
    """Rounds and dispositions that are not among the declared ones; units without an id."""
    columns, rounds = parsed.columns, declared.study.rounds
    for name, allowed, rule, said in (
        (contacts.round, rounds, NO_ROUND, {"rounds": ", ".join(rounds)}),
        (contacts.disposition, DISPOSITIONS, NO_DISPOSITION, {"listed": ", ".join(DISPOSITIONS)}),
    ):
        for row in np.flatnonzero([value not in allowed for value in columns[name].values]):
            yield rule.at(parsed, name, row, **said)
    for name in (contacts.unit, *filter(None, (contacts.attempt,))):
        for row in np.flatnonzero(~columns[name].observed):
            yield NO_VALUE.at(parsed, name, row)


def _repeated(parsed: Parsed, contacts: Contacts) -> Iterator[Finding]:
    names = [contacts.round, contacts.unit, *filter(None, (contacts.attempt,))]
    table = pd.DataFrame({name: parsed.columns[name].values for name in names})
    rule = REPEATED_ATTEMPT if contacts.attempt else REPEATED_UNIT
    for row in np.flatnonzero(table.duplicated()):
        yield rule.at(parsed, contacts.unit, row)


def _replacements(parsed: Parsed, contacts: Contacts, units: pd.DataFrame) -> Iterator[Finding]:
    """Replacements of units that were not sampled, were interviewed, or were replaced before."""
    if not contacts.replaces:
        return
    state = units.set_index(["round", "unit"])["disposition"].to_dict()
    seen: set[tuple[str, str]] = set()
    for row in units[units["replaces"].notna()].itertuples():
        place = (row.round, row.replaces)
        rule = None
        if place not in state or row.replaces == row.unit:
            rule = REPLACES_NOT_SAMPLED
        elif state[place] in COMPLETED:
            rule = REPLACES_INTERVIEWED
        elif place in seen:
            rule = REPLACES_AGAIN
        seen.add(place)
        if rule:
            yield rule.at(parsed, contacts.replaces, row.row)


def _against_interviews(
    parsed: Parsed, interviews: Parsed, declared: Declared, units: pd.DataFrame, gone: set[str]
) -> Iterator[Finding]:
    """Completed contacts without an interview, interviews without one, and other clusters."""
    name = declared.study.columns.respondent
    done = units[units["disposition"].isin(COMPLETED)]
    people = interviews.columns[name].values
    clusters = row_clusters(interviews, declared.frame)
    agreed = interviews.consented
    place = dict(zip(people[agreed], clusters[agreed], strict=True))
    place.pop(None, None)
    seen = set()
    for row in done.itertuples():
        rule, said = None, {}
        if row.respondent is None or row.respondent != row.respondent:
            rule = COMPLETED_WITHOUT_ID
        elif row.respondent in seen:
            rule = COMPLETED_TWICE
        elif row.respondent not in place and row.respondent not in gone:
            rule, said = COMPLETED_ALONE, {"path": interviews.file.path}
        elif place.get(row.respondent, row.cluster) != row.cluster:
            rule = CONTACT_CLUSTER
        seen.add(row.respondent)
        if rule:
            yield rule.at(parsed, name, row.row, **said)
    for row in np.flatnonzero(agreed & ~under_age(interviews, declared.study)):
        if people[row] not in seen:
            yield INTERVIEW_WITHOUT_CONTACT.at(interviews, name, row, path=parsed.file.path)


def sampled_rows(
    round_id: str,
    parsed: Mapping[str, Parsed],
    frames: Mapping[str, pd.DataFrame],
    declared: Declared,
) -> tuple[pd.DataFrame, NDArray[np.float64]] | None:
    """Sampled units of a round with the clusters' facts, and how eligible each is.

    Parameters
    ----------
    round_id : str
    parsed, frames : mapping
        Files by round or role, parsed and as clean values.
    declared : Declared

    Returns
    -------
    DataFrame and array of float, shape (n,), or None
        None where the study has no contacts.
    """
    if CONTACTS_ROLE not in parsed:
        return None
    units = sampled_units(parsed[CONTACTS_ROLE], declared)
    units = units[units["round"] == round_id]
    rows = attach_codes(frames[CONTACTS_ROLE].iloc[units["row"].to_numpy()], declared.frame)
    return rows.reset_index(drop=True), eligible(units, declared.study)


def population_rows(
    round_id: str, frames: Mapping[str, pd.DataFrame], declared: Declared
) -> pd.DataFrame | None:
    """Counts of people that a round's weights are raked to; None where none are delivered.

    Parameters
    ----------
    round_id : str
    frames : mapping
        Clean values by round or role.
    declared : Declared
    """
    weights = declared.study.weights
    if MARGINS_ROLE not in frames or weights is None:
        return None
    people = frames[MARGINS_ROLE]
    if weights.round:
        people = people[people[weights.round] == round_id]
    has_clusters = declared.frame.cluster in people.columns
    return attach_codes(people, declared.frame) if has_clusters else people
