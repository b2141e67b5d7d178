"""All rules for raw data, in order: cells, ids, clusters, dates, quality, rounds together.

Every rule has an id, a severity and a mend, and makes findings and nothing else. A further rule is
one function ``(parsed, declared) -> findings`` in the room where it belongs, named in ``RULES``, or
in ``ACROSS`` where it compares rounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evaluation.data import (
    clock_rules,
    consent_rules,
    copies,
    design_rules,
    identity_rules,
    interviewer_rules,
    outlier_rules,
    panel_rules,
    place_rules,
    progress,
    quality,
    series_rules,
    series_shape_rules,
    shape_rules,
    shifted_rules,
    summary_rows,
    table_rules,
    tie_rules,
    trait_rules,
    turned_rules,
)
from evaluation.data.clusters import Frame
from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import arranged, shown
from evaluation.data.parse import CONSENT, Flaw, Parsed
from evaluation.locale.messages import Plain, message
from evaluation.spec.dictionary import Dictionary, Problem, Variable
from evaluation.spec.records import Finding
from evaluation.spec.study import Study

# more flawed cells than this, and more than half of a column, are one flaw of the column
MANY = 20


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
    for across in ACROSS:
        findings += across(rounds, declared)
    findings = place_rules.without_consequences(findings, rounds, declared)
    return arranged(summary_rows.without_consequences(findings))


def check_other(
    parsed: Parsed,
    dictionary: Dictionary,
    study: Study,
    *,
    frame: Frame,
    periods: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Check a file that is no survey round (analysis, series): its cells and its clusters.

    Parameters
    ----------
    parsed, dictionary, study, frame
        As for :func:`check`.
    periods : sequence of str
        Variables that the plan's series take as their period.
    """
    declared = Declared(dictionary, study, frame)
    findings = cells(parsed, dictionary)
    if frame.cluster in parsed.columns:
        findings += identity_rules.clusters(parsed, declared)
        for period in periods:
            if period in parsed.columns:
                findings += series_rules.periods(parsed, declared, period)
                findings += series_shape_rules.rules(parsed, declared, period)
    return arranged(summary_rows.without_consequences(findings))


def cells(parsed: Parsed, dictionary: Dictionary) -> list[Finding]:
    """Cells that the dictionary does not allow, skip rules and consent included.

    Where most cells of a column break the same rule, that is one finding, at the first of them:
    the column, the dialect or the dictionary is wrong, not hundreds of answers.
    """
    findings = consent_rules.answered(parsed, dictionary)
    consented = int(parsed.consented.sum())
    flaws: dict[tuple[str, Problem], list[Flaw]] = {}
    for name, flaw in parsed.flaws():
        flaws.setdefault((name, flaw.problem), []).append(flaw)
    for (name, problem), found in flaws.items():
        variable = dictionary.variables[name]
        rows = np.sort(np.concatenate([flaw.rows for flaw in found]))
        if len(rows) > MANY and 2 * len(rows) > consented:
            of = len(parsed.lines) if name == CONSENT else consented
            findings += _column_finding(parsed, found, (rows, of), problem, variable)
            continue
        for flaw in found:
            findings += _cell_findings(parsed, flaw, problem, variable)
    return summary_rows.without_consequences([*summary_rows.summary_rows(parsed), *findings])


def _column_finding(
    parsed: Parsed,
    found: Sequence[Flaw],
    share_of: tuple[NDArray[np.intp], int],
    problem: Problem,
    variable: Variable,
) -> list[Finding]:
    rows, of = share_of
    first = next(flaw for flaw in found if rows[0] in flaw.rows)
    whole = Problem(
        problem.rule,
        message(
            "of-cells.problem",
            problem=problem.problem,
            n=Plain(f"{len(rows):,}"),
            of=Plain(f"{of:,}"),
        ),
        message("check-column.problem", mend=problem.mend),
    )
    return _cell_findings(parsed, replace(first, rows=rows[:1]), whole, variable)


def _cell_findings(
    parsed: Parsed, flaw: Flaw, problem: Problem, variable: Variable
) -> list[Finding]:
    where = np.zeros(len(parsed.lines), dtype=bool)
    where[flaw.rows] = True
    verdict = Verdict(
        rule=problem.rule,
        severity="error",
        problem=problem.problem,
        mend=problem.mend,
        value=shown(variable, flaw.text),
    )
    # whoever's consent cannot be read has not consented, and it is this cell that is to be mended
    judged = (
        replace(parsed, consented=parsed.consented | where) if variable.name == CONSENT else parsed
    )
    return row_findings(judged, where, column=variable.raw[parsed.file.source], verdict=verdict)


def _cells(parsed: Parsed, declared: Declared) -> list[Finding]:
    return cells(parsed, declared.dictionary)


# how a round was interviewed: these warn or inform, and never stop a build
OF_FIELDWORK: tuple[Callable[[Parsed, Declared], list[Finding]], ...] = (
    copies.near_identical,
    copies.straight_lines,
    outlier_rules.outliers,
    outlier_rules.long_interviews,
    clock_rules.night,
    clock_rules.overlaps,
    interviewer_rules.nonresponse,
    interviewer_rules.effects,
    interviewer_rules.variance,
    progress.open_targets,
)
RULES: tuple[Callable[[Parsed, Declared], list[Finding]], ...] = (
    _cells,
    consent_rules.variable,
    identity_rules.duplicate_ids,
    identity_rules.padded_ids,
    identity_rules.lookalike_ids,
    identity_rules.placeholder_ids,
    identity_rules.odd_ids,
    identity_rules.clusters,
    identity_rules.frame_agreement,
    design_rules.weights,
    design_rules.fieldwork,
    design_rules.form_versions,
    design_rules.start_days,
    design_rules.events,
    design_rules.entries,
    quality.duplicate_interviews,
    quality.short_interviews,
    quality.heaping,
    quality.missing_codes,
    quality.exposure,
    table_rules.filled_down,
    shifted_rules.rules,
    turned_rules.rules,
    *OF_FIELDWORK,
)
ACROSS: tuple[Callable[[Sequence[Parsed], Declared], list[Finding]], ...] = (
    design_rules.across_rounds,
    panel_rules.rules,
    trait_rules.rules,
    shape_rules.rules,
    tie_rules.rules,
    place_rules.rules,
    table_rules.across_rounds,
)
