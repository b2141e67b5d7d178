"""The items an outcome is made of, down to the questions asked."""

import dataclasses

import pandas as pd

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.spec.plan import Item, Outcome, Plan
from evaluation.stats import design
from evaluation.stats.design import Design
from evaluation.stats.robustness.case import Case


def questions(outcome: Outcome, plan: Plan) -> tuple[Item, ...]:
    """Variables of the dictionary behind an outcome, with the sign they enter it with.

    Parameters
    ----------
    outcome : Outcome
    plan : Plan
        An item may be an outcome of the plan, whose own items are then taken.
    """
    made = {o.id: o for o in plan.outcome}
    found: list[Item] = []
    for item in outcome.items:
        inner = made.get(item.name)
        if inner is None or inner.id == outcome.id:
            found.append(item)
        else:
            found.extend(
                Item(name=i.name, sign=1 if i.sign == item.sign else -1)
                for i in questions(inner, plan)
            )
    return tuple(found)


def observed_questions(case: Case) -> tuple[Item, ...]:
    """The questions behind a check's outcome, all of them in the panel.

    Raises
    ------
    EstimationError
        The panel lacks one.
    """
    found = questions(case.outcome, case.plan)
    absent = sorted({item.name for item in found} - set(case.frames.panel.columns))
    if absent:
        raise EstimationError(
            message("interviewer-column.problem", column=", ".join(absent)),
            where=f"check {case.check.id}, outcome {case.outcome.id}",
            mend=message("correct-outcome.mend"),
            rule="sample",
        )
    return found


def in_unit(case: Case, unit: str) -> Case:
    """The same case, its records in another unit."""
    # a unit of records, not one of the plan's, which the field's type lists
    outcome = dataclasses.replace(case.outcome, unit=unit)  # type: ignore[arg-type]
    return dataclasses.replace(case, outcome=outcome)


def regression(case: Case, panel: pd.DataFrame, column: str) -> Design:
    """The primary regression with another column of the panel as its outcome.

    Raises
    ------
    EstimationError
        See `design.build`.
    """
    outcome = dataclasses.replace(case.outcome, id=column)
    return design.build(panel, case.specification, outcome=outcome, study=case.study)


def require(case: Case, column: str) -> None:
    """Stop where an alternative outcome of the check was not made.

    Raises
    ------
    EstimationError
        The panel lacks the column.
    """
    if column not in case.frames.panel.columns:
        raise EstimationError(
            message("alternative-outcome.problem", column=column),
            where=f"check {case.check.id}, outcome {case.outcome.id}",
            mend=message("alternative-outcome.mend"),
            rule="sample",
        )
