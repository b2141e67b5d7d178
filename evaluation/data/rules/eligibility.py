"""Who belongs to the sample: consent, age, and interviews before a cluster's entry."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.config.dictionary import CODED, Dictionary, Variable
from evaluation.config.study import Study
from evaluation.data.cleaning.parse import CONSENT, Parsed, answered_without_consent, is_numeric
from evaluation.data.clusters import interview_dates, row_clusters
from evaluation.data.form_words import is_consent
from evaluation.data.rules.rule import DataRule, Declared, of_round
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Count, Plain, message

REFUSED_ANSWERED = DataRule("skip-violation", "error", "consent-refused-answered")
MISSING_ANSWERED = DataRule("skip-violation", "error", "consent-missing-answered")
NO_CONSENT_VARIABLE = DataRule("no-consent-variable", "warn")
INTERVIEW_BEFORE_ENTRY = DataRule("interview-before-entry", "warn")
UNDER_AGE = DataRule("under-age", "warn")
AGE_UNKNOWN = DataRule("age-unknown", "error")


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
        found = rule.at(parsed, CONSENT, row, n=Plain(counts[row]))
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
    alike = [parsed.raw(v.name) for v in variables if _is_consent(v, parsed)]
    alike += [raw for raw in parsed.file.ignore_columns if is_consent(raw)]
    return [NO_CONSENT_VARIABLE.about(parsed.file, raw) for raw in alike[:1]]


def _is_consent(variable: Variable, parsed: Parsed) -> bool:
    raw = parsed.raw(variable.name)
    texts = (variable.label, *([variable.question] if variable.question else []))
    wordings = [text[language] for text in texts for language in ("en", "es")]
    coded = variable.type in CODED
    return is_consent(raw, wordings if coded else ()) or is_consent(variable.name)


def early_interviews(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """One finding for each later round and cohort whose interviews began before the entry.

    Such interviews are held as treated and measure no programme. Interviews soon after the entry,
    and baseline interviews after it, are found by other rules.
    """
    study, frame = declared.study, declared.frame
    for parsed in rounds[1:]:
        days, name = interview_dates(parsed, study), study.columns.date
        if days is None or name is None or not frame.cohort:
            continue
        cohorts = frame.lookup(frame.cohort, row_clusters(parsed, frame))
        for cohort in study.cohort:
            early = (cohorts == cohort.id) & (days < np.datetime64(cohort.entry))
            n = Count((early & parsed.consented).sum(), "interviews")
            if n.n:
                said = {"n": n, "cohort": cohort.id, "entry": Plain(cohort.entry)}
                yield INTERVIEW_BEFORE_ENTRY.at(parsed, name, **said)


def under_age(parsed: Parsed, study: Study) -> NDArray[np.bool_]:
    """Interviews that consented with a person below the youngest age; a missing age is not."""
    name = study.columns.age
    if study.minimum_age is None or name is None or name not in parsed.columns:
        return parsed.mask([])
    ages = parsed.columns[name].values
    if not np.issubdtype(ages.dtype, np.number):
        return parsed.mask([])
    return np.asarray((ages.astype(float) < study.minimum_age) & parsed.consented)


def age_findings(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Interviews below the youngest age, which are left out, and rounds that nobody can check."""
    study, dictionary = declared.study, declared.dictionary
    name, youngest = study.columns.age, study.minimum_age
    for parsed in rounds if name is not None and youngest is not None else ():
        if name in parsed.columns and is_numeric(dictionary.variables[name], dictionary):
            where = under_age(parsed, study)
            yield from UNDER_AGE.rows(parsed, where, name, minimum_age=Plain(f"{youngest:g}"))
        else:
            yield AGE_UNKNOWN.about(parsed.file, name=name)
