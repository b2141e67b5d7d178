"""Which question each row of the robustness table asks, and how many agree with the primary one.

Rows that ask another question, or repeat an estimate, are no votes for or against the primary
estimate, however close they lie.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.report import formats, words
from evaluation.report.agreement_words import (
    ABSENT,
    ABSENT_ONE,
    ALL_AGREE,
    ENDS,
    NONE_AGREES,
    ONE_AGREES,
    OTHERS,
    OTHERS_ONE,
    PRIMARY,
    SAME,
    SAME_ONE,
    SOME_AGREE,
)
from evaluation.report.check_lines import CheckLine, same_question
from evaluation.report.conclusions import CONCLUSIONS, Conclusion, conclusion
from evaluation.report.disclosure import gives_away
from evaluation.report.sources import Source, find, primary_step
from evaluation.spec.plan import CheckKind, Outcome
from evaluation.spec.records import Estimate, Unavailable

Asks = Literal["same", "other weights", "other people", "some places", "repeats"]

# Samples that weight people anew, or leave out people by what happened to them.
OTHER_WEIGHTS: dict[CheckKind, str] = {"composition": "target:baseline"}
OTHER_PEOPLE: dict[CheckKind, str] = {"attrition_weights": "panel:"}
# Rows that are the primary regression without some rows of the data: the primary estimate less
# such a row is a statement about what was left out. Reweighted and matched rows are not.
SUBTRACTS: tuple[CheckKind, ...] = (
    "leave_out",
    "leave_one_out",
    "before_date",
    "leave_exposed",
    "spillover",
    "reversion",
)
MATCHED = "matched:"
# Two estimates nearer to each other than this, relative to their size, are one: what is left of
# the order of additions in double precision.
ONE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row of the robustness table with what it asks.

    Attributes
    ----------
    hidden : bool
        Whether the disclosure rule withholds it, for its own size or for what it leaves out.
    """

    line: CheckLine
    asks: Asks
    hidden: bool

    @property
    def shown(self) -> Estimate | None:
        """The estimate, where there is one that may be published."""
        found = self.line.found
        return found if isinstance(found, Estimate) and not self.hidden else None


def primary_of(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The primary estimate of an outcome, or why it cannot be had."""
    primary = source.plan.primary_specification()
    return find(source, outcome.id, specification=primary, step=primary_step(source, primary))


def judged(source: Source, outcome: Outcome) -> tuple[Judged, ...]:
    """Rows of the checks under the primary estimate, by what is doubted, and what each asks."""
    top = primary_of(source, outcome)
    order = list(words.THEMES)
    rows: list[Judged] = []
    lines = same_question(source, outcome)
    for line in sorted(lines, key=lambda x: order.index(x.check.theme)):
        made = [x.shown for x in rows if x.shown is not None]
        made += [top] if isinstance(top, Estimate) else []
        asks = _asks(source, line, top, made)
        rows.append(Judged(line=line, asks=asks, hidden=_hidden(source, line, top)))
    return tuple(rows)


def _asks(
    source: Source, line: CheckLine, top: Estimate | Unavailable, made: Sequence[Estimate]
) -> Asks:
    found = line.found
    estimand = source.plan.primary_specification().estimand
    if found.estimand != estimand or _named(line, OTHER_WEIGHTS):
        return "other weights"
    if _named(line, OTHER_PEOPLE):
        return "other people"
    if isinstance(found, Unavailable) or isinstance(top, Unavailable):
        return "same"
    if any(math.isclose(found.estimate, e.estimate, rel_tol=ONE) for e in made):
        return "repeats"
    return "some places" if found.n_clusters_treated < top.n_clusters_treated else "same"


def _named(line: CheckLine, samples: dict[CheckKind, str]) -> bool:
    lead = samples.get(line.check.kind)
    return lead is not None and line.sample.startswith(lead)


def _hidden(source: Source, line: CheckLine, top: Estimate | Unavailable) -> bool:
    found, study = line.found, source.configuration.study
    if isinstance(found, Unavailable):
        return False
    if line.small(study):
        return True
    if isinstance(top, Unavailable) or line.check.kind not in SUBTRACTS:
        return False
    return not line.sample.startswith(MATCHED) and gives_away(found, top, study=study)


def sentence(source: Source, outcome: Outcome, rows: Sequence[Judged]) -> str | None:
    """How many rows of the primary question agree with its verdict, how many others do."""
    top, smallest = primary_of(source, outcome), outcome.smallest_effect
    shown = [(x.asks, x.shown) for x in rows if x.shown is not None]
    if isinstance(top, Unavailable) or smallest is None or not shown:
        return None
    ruling = conclusion((top.ci_low, top.ci_high), None, smallest_effect=smallest)
    same = [e for asks, e in shown if asks == "same"]
    others = [e for asks, e in shown if asks != "same"]
    language = source.language
    parts = [
        PRIMARY[language].format(
            label=outcome.label[language], verdict=CONCLUSIONS[ruling][language]
        )
    ]
    if same:
        parts.append(
            (SAME_ONE if len(same) == 1 else SAME)[language].format(
                n=len(same),
                agree=_agree(same, outcome, ruling, language=language),
                ends=_ends(same, outcome, language),
            )
        )
    if others:
        agree = _agree(others, outcome, ruling, language=language)
        template = OTHERS_ONE if len(others) == 1 else OTHERS
        parts.append(template[language].format(n=len(others), agree=agree))
    absent = len(rows) - len(shown)
    if absent:
        parts.append((ABSENT_ONE if absent == 1 else ABSENT)[language].format(n=absent))
    return " ".join(parts)


def _agree(
    found: Sequence[Estimate], outcome: Outcome, ruling: Conclusion, *, language: str
) -> str:
    smallest = outcome.smallest_effect or 0.0
    agree = sum(
        conclusion((e.ci_low, e.ci_high), None, smallest_effect=smallest) == ruling for e in found
    )
    if agree in (0, len(found)):
        return (ALL_AGREE if agree else NONE_AGREES)[language]
    return (ONE_AGREES if agree == 1 else SOME_AGREE)[language].format(n=agree)


def _ends(found: Sequence[Estimate], outcome: Outcome, language: str) -> str:
    low, high = (
        formats.signed(f(e.estimate for e in found), outcome.decimals, language) for f in (min, max)
    )
    unit = words.short_unit(outcome.unit, language)
    return ENDS[language].format(low=low, high=high, unit=unit).rstrip()
