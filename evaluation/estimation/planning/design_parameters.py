"""How alike answers are within clusters and over time in real surveys, for a plan without data.

`python -m tools.design_parameters` makes the table from public data of a trial in Medellín (Blair
et al. 2021, Science 374, eabd3446) and of the AmericasBarometer (LAPOP Lab).
"""

import csv
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from evaluation.errors import EstimationError


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundedParameter:
    """A parameter with the bounds of its 95 % bootstrap interval; not numbers where unknown."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignParameters:
    """What is known of one question of one survey.

    Attributes
    ----------
    id : str
        Such as ``medellin_trust_police``; the catalogue has its label.
    icc, cac, individual_correlation : BoundedParameter
        As of `planned_design.Spread`; the last two where the same clusters were visited twice.
    clusters, respondents : int
        Behind the intraclass correlation.
    """

    id: str
    source: str
    year: str
    icc: BoundedParameter
    cac: BoundedParameter
    individual_correlation: BoundedParameter
    clusters: int
    respondents: int


@functools.cache
def shelf() -> tuple[DesignParameters, ...]:
    """All questions, in the order of the table."""
    text = resources.files(__package__).joinpath("design_parameters.csv").read_text("utf-8")
    return tuple(
        DesignParameters(
            id=row["id"],
            source=row["source"],
            year=row["year"],
            icc=_known(row, "icc"),
            cac=_known(row, "cac"),
            individual_correlation=_known(row, "individual_correlation"),
            clusters=int(row["clusters"]),
            respondents=int(row["respondents"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def _known(row: Mapping[str, str], name: str) -> BoundedParameter:
    value, low, high = (float(row[f"{name}{end}"] or math.nan) for end in ("", "_low", "_high"))
    return BoundedParameter(value=value, low=low, high=high)


def like(identifier: str) -> DesignParameters:
    """What is known of a question, by its id.

    Raises
    ------
    EstimationError
        The table has no such question.
    """
    by_id = {one.id: one for one in shelf()}
    if identifier not in by_id:
        raise EstimationError.of(
            "no-design-parameters", "no-design-parameters", "power", id=identifier,
            known=", ".join(f"{k} (ICC {one.icc.value:g})" for k, one in by_id.items()),
        )  # fmt: skip
    return by_id[identifier]
