"""Who belongs to the sample: consent, age, and interviews before a cluster's entry."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import CONSENT, Parsed, answered_without_consent, is_numeric
from evaluation.data.form_words import is_consent
from evaluation.data.rules.rule import Rule, of_round
from evaluation.data.rules.rule_context import Declared
from evaluation.data.timing import interview_dates, row_clusters
from evaluation.locale.messages import Count, Plain, message
from evaluation.study.dictionary import CODED, Dictionary, Variable
from evaluation.study.records import Finding
from evaluation.study.study import Study

REFUSED_ANSWERED = Rule(
    "skip-violation", "error", "consent", problem="consent-refused-answered.problem"
)
MISSING_ANSWERED = Rule(
    "skip-violation", "error", "consent", problem="consent-missing-answered.problem"
)
NO_CONSENT_VARIABLE = Rule("no-consent-variable", "warn", "consent")
INTERVIEW_BEFORE_ENTRY = Rule("interview-before-entry", "warn", "date")
UNDER_AGE = Rule("under-age", "warn", "age")
AGE_UNKNOWN = Rule("age-unknown", "error", "age")


# more such interviews than this, and more than half of a round, are one fault of the column
MANY = 20


def consent_answered(parsed: Parsed, dictionary: Dictionary) -> list[Finding]:
    """Interviews that would leave without a word: no consent, but questions are answered.

    Where most of a round is so, that is one finding, at the first: the column or its codes are
    wrong.
    """
    if CONSENT not in parsed.columns:
        return []
    counts = answered_without_consent(parsed, dictionary)
    column = parsed.columns[CONSENT]
    rows = np.flatnonzero(counts)
    many = len(rows) > MANY and 2 * len(rows) > len(counts)
    findings = []
    for row in rows[:1] if many else rows:
        rule = REFUSED_ANSWERED if column.observed[row] else MISSING_ANSWERED
        raw = dictionary.variables[CONSENT].raw[parsed.file.source]
        found = rule.about(parsed.file, raw, parsed.lines[row], n=Plain(counts[row]))
        if many:
            shares = {"rows": Plain(f"{len(rows):,}"), "of": Plain(f"{len(counts):,}")}
            problem = message("of-interviews.problem", problem=found.problem, **shares)
            found = replace(found, problem=problem)
        findings.append(found)
    return findings


@of_round
def consent_variable(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Rounds without a variable of consent that have a column which looks like one."""
    if CONSENT in parsed.columns:
        return []
    variables = [declared.dictionary.variables[name] for name in parsed.columns]
    alike = [declared.raw(parsed, v.name) for v in variables if _is_consent(v, parsed)]
    alike += [raw for raw in parsed.file.ignore_columns if is_consent(raw)]
    return [NO_CONSENT_VARIABLE.about(parsed.file, raw) for raw in alike[:1]]


def _is_consent(variable: Variable, parsed: Parsed) -> bool:
    raw = variable.raw[parsed.file.source]
    texts = (variable.label, *([variable.question] if variable.question else []))
    wordings = [text[language] for text in texts for language in ("en", "es")]
    coded = variable.type in CODED
    return is_consent(raw, wordings if coded else ()) or is_consent(variable.name)


def early_interviews(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """One finding for each later round and cohort whose interviews began before the entry.

    Such interviews are held as treated and measure no programme. Interviews soon after the entry,
    and baseline interviews after it, are found by other rules.
    """
    study, frame = declared.study, declared.frame
    findings: list[Finding] = []
    for parsed in rounds[1:]:
        days, name = interview_dates(parsed, study), study.columns.date
        if days is None or name is None or not frame.cohort:
            continue
        cohorts = frame.lookup(frame.cohort, row_clusters(parsed, frame))
        for cohort in study.cohort:
            early = (cohorts == cohort.id) & (days < np.datetime64(cohort.entry))
            number = int((early & parsed.consented).sum())
            if number:
                findings.append(
                    INTERVIEW_BEFORE_ENTRY.about(
                        parsed.file,
                        declared.raw(parsed, name),
                        n=Count(number, "interviews"),
                        cohort=cohort.id,
                        entry=Plain(f"{cohort.entry}"),
                    )
                )
    return findings


def under_age(parsed: Parsed, study: Study) -> NDArray[np.bool_]:
    """Interviews that consented with a person below the youngest age; a missing age is not."""
    name = study.columns.age
    if study.minimum_age is None or name is None or name not in parsed.columns:
        return np.zeros(len(parsed.lines), dtype=bool)
    ages = parsed.columns[name].values
    if not np.issubdtype(ages.dtype, np.number):
        return np.zeros(len(parsed.lines), dtype=bool)
    return np.asarray((ages.astype(float) < study.minimum_age) & parsed.consented)


def age_findings(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Interviews below the youngest age, which are left out, and rounds that nobody can check."""
    study, name = declared.study, declared.study.columns.age
    if study.minimum_age is None or name is None:
        return []
    findings = []
    for parsed in rounds:
        if name not in parsed.columns or not is_numeric(
            declared.dictionary.variables[name], declared.dictionary
        ):
            findings.append(AGE_UNKNOWN.about(parsed.file, name=name))
            continue
        column = declared.raw(parsed, name)
        findings += UNDER_AGE.rows(
            parsed, under_age(parsed, study), column, minimum_age=Plain(f"{study.minimum_age:g}")
        )
    return findings
