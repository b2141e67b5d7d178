"""Everything that is found in the corrected files of a study, and what the ledger cured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluation.data.cleaning.corrections import Corrected
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.rules.contacts import contact_findings
from evaluation.data.rules.eligibility import age_findings, early_interviews
from evaluation.data.rules.registry import cells, check, check_other
from evaluation.data.rules.reversed_scales import reversed_scales
from evaluation.data.rules.rule import Declared
from evaluation.data.rules.scales import declared_scales
from evaluation.locale.messages import message
from evaluation.study import sampling
from evaluation.study.plan import Plan
from evaluation.study.records import Finding


def all_findings(
    parsed: Mapping[str, Parsed], corrected: Mapping[str, Corrected], declared: Declared, plan: Plan
) -> tuple[Finding, ...]:
    """Findings about all rounds and all other files.

    Parameters
    ----------
    parsed, corrected : mapping
        Files by round or role, parsed and as the ledger corrected them.
    declared : Declared
    plan : Plan
        Its outcomes and the periods of its series.
    """
    dictionary, study, frame = declared.dictionary, declared.study, declared.frame
    rounds = [parsed[round_id] for round_id in study.rounds]
    found = [
        *check(rounds, dictionary, study, frame=frame),
        *reversed_scales(rounds, plan.outcome, dictionary),
        *declared_scales(rounds, dictionary),
        *sample_findings(parsed, corrected, declared),
    ]
    periods = {"series": sorted({series.period for series in plan.series})}
    for role in ("analysis", "series"):
        if role in parsed:
            of_role = periods.get(role, ())
            found += check_other(parsed[role], dictionary, study, frame=frame, periods=of_role)
    return tuple(found)


def sample_findings(
    parsed: Mapping[str, Parsed], corrected: Mapping[str, Corrected], declared: Declared
) -> tuple[Finding, ...]:
    """Findings about ages, entries, contacts and margins.

    Parameters
    ----------
    parsed, corrected : mapping
        As for :func:`all_findings`.
    declared : Declared
    """
    study, dictionary = declared.study, declared.dictionary
    rounds = [parsed[round_id] for round_id in study.rounds]
    found = [*age_findings(rounds, declared), *early_interviews(rounds, declared)]
    if sampling.CONTACTS_ROLE in parsed:
        file = parsed[sampling.CONTACTS_ROLE]
        found += check_other(file, dictionary, study, frame=declared.frame)
        left = {r: _dropped(corrected[r], declared) for r in study.rounds}
        found += contact_findings(file, rounds, declared, left=left)
    if sampling.MARGINS_ROLE in parsed:
        found += cells(parsed[sampling.MARGINS_ROLE], dictionary)
    return tuple(found)


def _dropped(result: Corrected, declared: Declared) -> set[str]:
    rows = parse(result.dropped, declared.dictionary)
    values = rows.columns[declared.study.columns.respondent].values
    return {str(person) for person in values if person is not None}


def cured(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Flaws of rows that the ledger cured: information, no longer errors or warnings.

    Parameters
    ----------
    before, after : sequence of Finding
        Of the files as delivered, and as corrected.
    """
    left = set(after)
    return tuple(
        replace(finding, severity="info", fix=message("cured-corrections.problem"))
        for finding in before
        if finding.line and finding not in left
    )
