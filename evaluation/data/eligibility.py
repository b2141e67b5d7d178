"""Who belongs to the sample by age: the study's ``minimum_age`` against what the interview says."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import about_file
from evaluation.data.parse import Parsed, is_numeric
from evaluation.locale.messages import Plain, message
from evaluation.spec.records import Finding
from evaluation.spec.study import Study


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
    verdict = Verdict(
        rule="under-age",
        severity="warn",
        problem=message("under-age.problem", minimum_age=Plain(f"{study.minimum_age:g}")),
        mend=message("under-age.mend"),
    )
    findings = []
    for parsed in rounds:
        if name not in parsed.columns or not is_numeric(
            declared.dictionary.variables[name], declared.dictionary
        ):
            findings.append(
                about_file(
                    parsed.file,
                    rule="age-unknown",
                    severity="error",
                    problem=message("age-unknown.problem", name=name),
                    mend=message("age-unknown.mend"),
                )
            )
            continue
        column = declared.raw(parsed, name)
        findings += row_findings(parsed, under_age(parsed, study), column=column, verdict=verdict)
    return findings
