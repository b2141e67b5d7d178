"""How many interviews or clusters a finding is about, as far as the disclosure rule lets it say.

Some findings stand once for each interview and are counted, others hold the number in their words
and as a field.
Findings about columns, files, codes of a form and rows of the public frame are about nobody.
"""

import re
from collections.abc import Sequence

from evaluation.locale.messages import message
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
# Rules whose sentences hold numbers of the questionnaire, the files or the rule, and count nobody.
# A sentence with a number of any other rule is told only where the finding carries its count.
COUNTS_NOBODY = frozenset(
    {
        *("age-unknown", "baseline-after-entry", "checksum", "cohort-contradiction"),
        *("date-after-event", "date-mismatch", "dialect", "end-code-unused", "garbled-text"),
        *("exposure-in-comparison", "heaping", "interviewer-variance", "label-mismatch"),
        *("label-missing", "lonely-date", "long-interview", "missing-code-as-number"),
        *("missing-column", "missing-mismatch", "missing-period", "night-interview", "no-link"),
        # these name another row, for which the table says that it differs
        *("cluster-changed", "duplicate-id", "duplicate-interview", "near-identical-interview"),
        *("odd-id", "out-of-range", "period", "ragged-row", "repeated-header", "rescaled"),
        *("reversed-scale", "scale-differs", "short-interview", "skip-violation", "under-age"),
        *("undeclared-form", "unlisted-code", "weight-above-frame", "weight-extreme"),
        *("weight-ratio", "weight-spread", "wrong-round", "yes-coded-as-no"),
    }
)
NAME = re.compile(r"`[^`]*`")
# a number in digits, or one in words at the head: "a cluster has", "in one interview"
NUMBERED = re.compile(
    r"\d|\A(?:in |of )?(?:an?|one|two|three|the only) (?!same|declared|spreadsheet)\w+",
    re.IGNORECASE,
)


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
    """The sentence of a finding in English, its count withheld by the rule of the tables.

    A sentence with a number that its finding does not declare is not told at all.
    """
    study = source.configuration.study
    for n, least in (
        (found.n_interviews, study.minimum_cell),
        (found.n_clusters, study.minimum_clusters),
    ):
        if n >= 0:
            return found.few.format(few=below(least)) if is_below(n, least) else found.problem
    told = NUMBERED.search(NAME.sub("", found.problem)) is None
    return found.problem if told or found.rule in COUNTS_NOBODY else message("finding-not-told")


def _of_interviews(source: Source, found: Finding) -> bool:
    """Whether a finding names a row of a file of respondents."""
    return found.line > 0 and found.round in (*source.configuration.study.rounds, "analysis")


def _withheld_by_flow(source: Source, found: Finding) -> bool:
    """Whether the sample flow withholds these interviews in a group, or the others would tell."""
    row = (found.round, FLOW_STEPS.get(found.rule))
    return any(n.n is None for key, n in shown_counts(source).items() if key[:2] == row)
