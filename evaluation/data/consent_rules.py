"""Whether people consented: a variable that says so, and answers of those who did not."""

import numpy as np

from evaluation.data.declared import Declared
from evaluation.data.finding import about_file
from evaluation.data.form_words import is_consent
from evaluation.data.parse import CONSENT, Parsed, answered_without_consent
from evaluation.locale.messages import Plain, message
from evaluation.spec.dictionary import CODED, Dictionary, Variable
from evaluation.spec.records import Finding

# more such interviews than this, and more than half of a round, are one fault of the column
MANY = 20


def answered(parsed: Parsed, dictionary: Dictionary) -> list[Finding]:
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
        said = "refused" if column.observed[row] else "missing"
        problem = message(f"consent-{said}-answered.problem", n=Plain(counts[row]))
        if many:
            shares = {"rows": Plain(f"{len(rows):,}"), "of": Plain(f"{len(counts):,}")}
            problem = message("of-interviews.problem", problem=problem, **shares)
        findings.append(
            about_file(
                parsed.file,
                rule="skip-violation",
                severity="error",
                line=int(parsed.lines[row]),
                column=dictionary.variables[CONSENT].raw[parsed.file.source],
                problem=problem,
                mend=message("skip-violation.mend"),
            )
        )
    return findings


def variable(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Rounds without a variable of consent that have a column which looks like one."""
    if CONSENT in parsed.columns:
        return []
    variables = [declared.dictionary.variables[name] for name in parsed.columns]
    alike = [declared.raw(parsed, v.name) for v in variables if _is_consent(v, parsed)]
    alike += [raw for raw in parsed.file.ignore_columns if is_consent(raw)]
    return [
        about_file(
            parsed.file,
            rule="no-consent-variable",
            severity="warn",
            column=raw,
            problem=message("no-consent-variable.problem"),
            mend=message("no-consent-variable.mend"),
        )
        for raw in alike[:1]
    ]


def _is_consent(variable: Variable, parsed: Parsed) -> bool:
    raw = variable.raw[parsed.file.source]
    texts = (variable.label, *([variable.question] if variable.question else []))
    wordings = [text[language] for text in texts for language in ("en", "es")]
    coded = variable.type in CODED
    return is_consent(raw, wordings if coded else ()) or is_consent(variable.name)
