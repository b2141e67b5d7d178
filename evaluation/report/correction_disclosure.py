"""Which counts of findings and corrections to withhold, held against each other.

Some findings stand once for each interview and are counted, others hold the number in their words
and as a field.
Findings about columns, files, codes of a form and rows of the public frame are about nobody.

Two tables print numbers of the same rows: corrections by reason and group, and findings by rule,
those that a correction cured among them. A count that one of them withholds must not follow from
what the other shows.
"""

from collections.abc import Sequence

from evaluation.locale.messages import (
    Count,
    Figure,
    Message,
    Plain,
    Several,
    Value,
    message,
    named,
    several,
)
from evaluation.report.disclosure import Of, is_shown, least_of
from evaluation.report.formats import table
from evaluation.report.formats.table import Cell
from evaluation.report.sources import Source
from evaluation.report.tables.sample_flow import shown_counts
from evaluation.study.confidentiality import is_withheld
from evaluation.study.records import Finding
from evaluation.study.study import Study

# rules that stand once for each cluster
OF_CLUSTERS = ("exposure-in-comparison",)
# steps of the sample flow that are the interviews of a finding
FLOW_STEPS = {"under-age": "under_age", "date-after-event": "excluded"}


def number(source: Source, alike: Sequence[Finding]) -> Cell:
    """How many findings are alike: withheld where they are of few, or the sample flow does so."""
    study, language = source.configuration.study, source.language
    first, n = alike[0], len(alike)
    of: Of = "clusters" if first.rule in OF_CLUSTERS else "interviews"
    if of == "interviews" and not _of_interviews(source, first):
        return table.count(n)
    if of == "interviews" and _withheld_by_flow(source, first):
        return table.suppressed(language)
    if is_shown(n, of, study):
        return table.count(n)
    return table.below(least_of(of, study), language)


def problem(source: Source, found: Finding) -> Message:
    """What a finding says, its counts withheld by the rule of the tables.

    A sentence with a number that is neither a count nor one of the rule, the file or the
    questionnaire is not told at all.
    """
    shown = _withheld(found.problem, source.configuration.study)
    return shown if isinstance(shown, Message) else message("finding-not-told")


def _withheld(value: Value, study: Study) -> Value | None:
    """A parameter as it may be published; None where nobody said what its number counts."""
    if isinstance(value, Count):
        few = message("fewer-than", least=Plain(least_of(value.of, study)))
        return value if is_shown(value.n, value.of, study) else few
    if isinstance(value, Several):
        parts = [_withheld(part, study) for part in value.values]
        return None if None in parts else several(parts, value.between)
    if isinstance(value, Message):
        names = named(value.id)
        shown = {n: v if n in names else _withheld(v, study) for n, v in value.parameters}
        return None if None in shown.values() else message(value.id, **shown)
    numbered = isinstance(value, Figure) or (
        isinstance(value, str) and any(letter.isdigit() for letter in value)
    )
    return None if numbered else value


def _of_interviews(source: Source, found: Finding) -> bool:
    """Whether a finding names a row of a file of respondents."""
    return found.line > 0 and found.round in (*source.configuration.study.rounds, "analysis")


def _withheld_by_flow(source: Source, found: Finding) -> bool:
    """Whether the sample flow withholds these interviews in a group, or the others would tell."""
    row = (found.round, FLOW_STEPS.get(found.rule))
    return any(is_withheld(f.n) for key, f in shown_counts(source).items() if key[:2] == row)
