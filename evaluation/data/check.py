"""All rules for raw data, in order: cells, ids, clusters, dates, quality, rounds together.

Every rule has an id, a severity and a mend, and makes findings and nothing else. A further rule is
one function ``(parsed, declared) -> findings`` in the room where it belongs, named in ``RULES``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.data import design_rules, identity_rules, quality
from evaluation.data.clusters import Frame
from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import arranged, shown
from evaluation.data.parse import Parsed
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.records import Finding
from evaluation.spec.study import Study


def check(
    rounds: Sequence[Parsed], dictionary: Dictionary, study: Study, *, frame: Frame
) -> tuple[Finding, ...]:
    """Check all survey rounds against the dictionary, the study and each other.

    Parameters
    ----------
    rounds : sequence of Parsed
        Survey rounds in the study's order.
    dictionary, study
        What was declared.
    frame : Frame
        The clusters.

    Returns
    -------
    tuple of Finding
        In their one order; empty for clean files.
    """
    declared = Declared(dictionary, study, frame)
    findings = [
        finding for parsed in rounds for rule in RULES for finding in rule(parsed, declared)
    ]
    findings += design_rules.across_rounds(rounds, declared)
    return arranged(findings)


def check_other(
    parsed: Parsed, dictionary: Dictionary, study: Study, *, frame: Frame
) -> tuple[Finding, ...]:
    """Check a file that is no survey round (analysis, series): its cells and its clusters."""
    declared = Declared(dictionary, study, frame)
    findings = cells(parsed, dictionary)
    if frame.cluster in parsed.columns:
        findings += identity_rules.clusters(parsed, declared)
    return arranged(findings)


def cells(parsed: Parsed, dictionary: Dictionary) -> list[Finding]:
    """Cells that the dictionary does not allow, skip rules included."""
    findings: list[Finding] = []
    for name, flaw in parsed.flaws():
        variable = dictionary.variables[name]
        where = np.zeros(len(parsed.lines), dtype=bool)
        where[flaw.rows] = True
        verdict = Verdict(
            rule=flaw.problem.rule,
            severity="error",
            problem=flaw.problem.problem,
            mend=flaw.problem.mend,
            value=shown(variable, flaw.text),
        )
        column = variable.raw[parsed.file.source]
        findings += row_findings(parsed, where, column=column, verdict=verdict)
    return findings


def _cells(parsed: Parsed, declared: Declared) -> list[Finding]:
    return cells(parsed, declared.dictionary)


RULES: tuple[Callable[[Parsed, Declared], list[Finding]], ...] = (
    _cells,
    identity_rules.duplicate_ids,
    identity_rules.padded_ids,
    identity_rules.clusters,
    identity_rules.frame_agreement,
    design_rules.weights,
    design_rules.fieldwork,
    design_rules.form_versions,
    design_rules.events,
    design_rules.entries,
    quality.duplicate_interviews,
    quality.short_interviews,
    quality.heaping,
    quality.exposure,
)
