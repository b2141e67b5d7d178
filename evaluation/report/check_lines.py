"""Rows of the plan's checks for one outcome, and which of them answer the primary question."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from evaluation.report.disclosure import is_small
from evaluation.report.sources import Source
from evaluation.report.variants import variant
from evaluation.spec.plan import Check, CheckKind, Outcome
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.study import Study

# Steps a row is read by, the first that it has; the plan's primary one comes before them.
READ_BY = ("cv3", "conley", "cr2", "reml")

# Rows that estimate the primary effect under another choice. The other rows of a check (a ring's
# own change, the rate of a missing answer, one question of an index) answer something else.
SAME_QUESTION: Mapping[CheckKind, Callable[[str], bool]] = {
    "first_differences": lambda _: True,
    "strata_round": lambda _: True,
    "controls": lambda _: True,
    "leave_out": lambda _: True,
    "leave_one_out": lambda _: True,
    "before_date": lambda _: True,
    "leave_exposed": lambda _: True,
    "conley": lambda _: True,
    "entropy_balancing": lambda _: True,
    "matching": lambda _: True,
    "doubly_robust": lambda _: True,
    "coding": lambda _: True,
    "equal_weight_index": lambda _: True,
    "spillover": lambda sample: sample == "ring:effect" or not sample.startswith("ring:"),
    "composition": lambda sample: sample.startswith("target:"),
    "attrition_weights": lambda sample: sample.startswith("panel:"),
    "bracket": lambda sample: sample.startswith("lagged"),
    "reversion": lambda sample: sample.startswith(("only:", "matched:")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One row of a check: the estimate it is read by, or why it cannot be had.

    ``alone`` is the check's only row: its name says all.
    """

    source: Source
    check: Check
    outcome: Outcome
    sample: str
    found: Estimate | Unavailable
    alone: bool = False

    @property
    def id(self) -> str:
        """Row id: the check's, and what tells its rows apart."""
        if self.sample == "all":
            return self.check.id
        kept = "".join(c if c.isalnum() and c.isascii() else "_" for c in self.sample)
        return f"{self.check.id}-{kept}"

    @property
    def label(self) -> str:
        """The check's name, and what tells its rows apart, in words."""
        name = self.check.label[self.source.language]
        if self.alone:
            return name
        said = variant(self.sample, self.check, self.source)
        return f"{name}: {said}" if said else name

    def small(self, study: Study) -> bool:
        """Whether its estimate rests on too few people or clusters to be published."""
        if isinstance(self.found, Unavailable):
            return False
        fewest = min(self.found.n_clusters_treated, self.found.n_clusters_comparison)
        return is_small(self.found.n, fewest, study=study)


def same_question(source: Source, outcome: Outcome) -> tuple[CheckLine, ...]:
    """Rows that estimate the primary effect on an outcome under another choice, in plan order."""
    return tuple(
        line
        for check in source.plan.check
        if check.kind in SAME_QUESTION and outcome in source.plan.outcomes_of_check(check)
        for line in lines_of(source, check, outcome)
        if SAME_QUESTION[check.kind](line.sample)
    )


def lines_of(source: Source, check: Check, outcome: Outcome) -> Iterator[CheckLine]:
    """Every row of a check for an outcome, in recorded order."""
    place = (outcome.id, check.id)
    estimates = [e for e in source.records.check_estimates if (e.outcome, e.specification) == place]
    absent = [
        u
        for u in source.records.check_unavailable
        if (u.outcome, u.specification) == place and u.step in (*_order(source), "all")
    ]
    samples = dict.fromkeys((*(e.sample for e in estimates), *(u.sample for u in absent)))
    for sample in samples:
        found = _read(source, [e for e in estimates if e.sample == sample])
        reasons = [u for u in absent if u.sample == sample]
        if found is not None or reasons:
            yield CheckLine(
                source=source,
                check=check,
                outcome=outcome,
                sample=sample,
                found=found or reasons[-1],
                alone=len(samples) == 1,
            )


def _order(source: Source) -> tuple[str, ...]:
    return (source.plan.inference.primary_step, *READ_BY)


def _read(source: Source, estimates: list[Estimate]) -> Estimate | None:
    for step in _order(source):
        for estimate in estimates:
            if estimate.step == step:
                return estimate
    return None
