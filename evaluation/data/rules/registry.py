"""The checks of raw data: all rules over all rounds, or over one other file, and single cells.

Every rule has an id, a severity and a fix, and makes findings and nothing else. A further rule is
one function marked ``@of_round`` in the module where it belongs, named in ``ROUND_RULES``.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from evaluation.config.dictionary import Dictionary, Problem, Variable
from evaluation.config.study import Study
from evaluation.data.cleaning.parse import CONSENT, Flaw, Parsed
from evaluation.data.clusters import Frame
from evaluation.data.findings import arranged, shown
from evaluation.data.rules import eligibility, identity, spreadsheet_damage
from evaluation.data.rules.rule import DataRule, Declared, across_rounds, at_rows, of_round
from evaluation.data.series import series_rules
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain, message

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
    findings: list[Finding] = []
    for parsed in rounds:
        for rule in of_round.values():
            findings += rule(parsed, declared)
    for across in across_rounds.values():
        findings += across(rounds, declared)
    findings = identity.without_consequences(findings, rounds, declared)
    return arranged(spreadsheet_damage.without_totals(findings))


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
        findings += identity.clusters(parsed, declared)
        for period in periods:
            if period in parsed.columns:
                findings += series_rules.periods(parsed, declared, period)
                findings += series_rules.rules(parsed, declared, period)
    return arranged(spreadsheet_damage.without_totals(findings))


def cells(parsed: Parsed, dictionary: Dictionary) -> list[Finding]:
    """Cells that the dictionary does not allow, skip rules and consent included.

    Where most cells of a column break the same rule, that is one finding, at the first of them:
    the column, the dialect or the dictionary is wrong, not hundreds of answers.
    """
    findings = eligibility.consent_answered(parsed, dictionary)
    consented = int(parsed.consented.sum())
    flaws: dict[tuple[str, Problem], list[Flaw]] = {}
    for name, flaw in parsed.flaws():
        flaws.setdefault((name, flaw.problem), []).append(flaw)
    for (name, problem), found in flaws.items():
        variable = dictionary.variables[name]
        rows = np.sort(np.concatenate([flaw.rows for flaw in found]))
        if len(rows) > MANY and 2 * len(rows) > consented:
            of = len(parsed.lines) if name == CONSENT else consented
            first = next(flaw for flaw in found if rows[0] in flaw.rows)
            whole = _of_column(problem, n=len(rows), of=of)
            findings += _cell_findings(parsed, replace(first, rows=rows[:1]), whole, variable)
            continue
        for flaw in found:
            findings += _cell_findings(parsed, flaw, problem, variable)
    return spreadsheet_damage.without_totals([*spreadsheet_damage.summary_rows(parsed), *findings])


def _of_column(problem: Problem, *, n: int, of: int) -> Problem:
    cells = message(
        "of-cells.problem", problem=problem.problem, n=Plain(f"{n:,}"), of=Plain(f"{of:,}")
    )
    return Problem(problem.rule, cells, message("check-column.problem", fix=problem.fix))


def _cell_findings(
    parsed: Parsed, flaw: Flaw, problem: Problem, variable: Variable
) -> list[Finding]:
    where = parsed.mask(flaw.rows)
    finding = DataRule(problem.rule, "error", problem.problem, problem.fix).at(
        parsed, variable.name
    )
    if variable.name == CONSENT:
        # whoever's consent cannot be read has not consented, and this cell is what is to be fixed
        parsed = replace(parsed, consented=parsed.consented | where)
    return at_rows(parsed, where, replace(finding, value=shown(variable, flaw.text)))


@of_round.named("cells")
def _cells(parsed: Parsed, declared: Declared) -> list[Finding]:
    return cells(parsed, declared.dictionary)
