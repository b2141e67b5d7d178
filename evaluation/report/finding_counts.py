"""How many interviews or clusters a finding is about, as far as the disclosure rule lets it say.

Some findings stand once for each interview and are counted, others hold the number in their words.
Findings about columns, files, codes of a form and rows of the public frame are about nobody.
"""

import re
from collections.abc import Sequence

from evaluation.report import table
from evaluation.report.sources import Source
from evaluation.report.table import Cell
from evaluation.report.table_flow import shown_counts
from evaluation.spec.counts import below, is_below
from evaluation.spec.records import Finding

# rules that stand once for each cluster
OF_CLUSTERS = ("exposure-in-comparison",)
# steps of the sample flow that are the interviews of a finding
FLOW_STEPS = {"under-age": "under_age", "date-after-event": "excluded"}
# findings whose words begin with a count, and the words where it may not be said, by rule
PEOPLE_SAID = {
    "interview-before-entry": (r"(\d+|an) interviews?(?= of)", "{few} interviews"),
    "near-id": (r"(\d+)(?= respondent ids)", "{few}"),
    "outlier": (r"(\d+)(?= numbers)", "{few}"),
    "recall-crosses-entry": (r"in (\d+)(?= interviews)", "in {few}"),
    "recall-crosses-event": (r"in (\d+)(?= interviews)", "in {few}"),
    "set-aside": (
        r"(\d+|a) submissions? rejected by the office (?:was|were)",
        "{few} submissions rejected by the office were",
    ),
}
PLACES_SAID = {
    "few-interviews": (r"(\d+|a) clusters? ha(?:s|ve)", "{few} clusters have"),
    "weight-share-change": (r"in (\d+)(?= of)", "in {few}"),
    "weight-total": (r"in (\d+)(?= of)", "in {few}"),
}


def number(source: Source, alike: Sequence[Finding]) -> Cell:
    """How many findings are alike: withheld where they are of few, or the sample flow does so."""
    study, language = source.configuration.study, source.language
    first, n = alike[0], len(alike)
    if first.rule in OF_CLUSTERS:
        return table.count_or_below(n, study.minimum_clusters, language)
    if not _of_interviews(source, first):
        return table.count(n)
    if _withheld_by_flow(source, first):
        return table.suppressed(language)
    return table.count_or_below(n, study.minimum_cell, language)


def problem(source: Source, found: Finding) -> str:
    """The words of a finding in English, the count in them withheld by the same rule."""
    study = source.configuration.study
    for said, least in ((PEOPLE_SAID, study.minimum_cell), (PLACES_SAID, study.minimum_clusters)):
        if found.rule not in said:
            continue
        pattern, words = said[found.rule]
        match = re.match(pattern, found.problem)
        if match and is_below(int(match[1]) if match[1].isdigit() else 1, least):
            return words.format(few=below(least)) + found.problem[match.end() :]
    return found.problem


def _of_interviews(source: Source, found: Finding) -> bool:
    """Whether a finding names a row of a file of respondents."""
    return found.line > 0 and found.round in (*source.configuration.study.rounds, "analysis")


def _withheld_by_flow(source: Source, found: Finding) -> bool:
    """Whether the sample flow withholds these interviews in a group, or the others would tell."""
    row = (found.round, FLOW_STEPS.get(found.rule))
    return any(n.n is None for key, n in shown_counts(source).items() if key[:2] == row)
