"""Interviews of a later round that came before their cluster's entry into the programme."""

from collections.abc import Sequence

import numpy as np

from evaluation.data.declared import Declared
from evaluation.data.finding import about_file
from evaluation.data.parse import Parsed
from evaluation.data.timing import interview_dates, row_clusters
from evaluation.locale.messages import Count, Plain, message
from evaluation.spec.records import Finding


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
                    about_file(
                        parsed.file,
                        rule="interview-before-entry",
                        severity="warn",
                        column=declared.raw(parsed, name),
                        problem=message(
                            "interview-before-entry.problem",
                            n=Count(number, "interviews"),
                            cohort=cohort.id,
                            entry=Plain(f"{cohort.entry}"),
                        ),
                        mend=message("interview-before-entry.mend"),
                    )
                )
    return findings
