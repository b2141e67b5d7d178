"""Rules about how a round was interviewed, in order; they warn or inform and never stop a build.

Same signature as the rules of ``check.py``: ``(parsed, declared) -> findings``.
"""

from collections.abc import Callable

from evaluation.data import clock_rules, copies, interviewer_rules, outlier_rules, progress
from evaluation.data.declared import Declared
from evaluation.data.parse import Parsed
from evaluation.spec.records import Finding

RULES: tuple[Callable[[Parsed, Declared], list[Finding]], ...] = (
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
