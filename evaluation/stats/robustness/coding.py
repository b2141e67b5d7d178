"""The primary estimate with the outcome made another way; see the data layer's recodings."""

from collections.abc import Iterable

from evaluation.spec.row_keys import Coded, RowKey
from evaluation.stats.robustness.case import Case, Row, computes
from evaluation.stats.robustness.differences import compared
from evaluation.stats.robustness.items import regression, require

DEFAULT_CODINGS = ("lowest", "highest")


@computes
def coding(case: Case) -> Iterable[Row]:
    """Rows ``dont_know:<coding>``: don't know and refused counted as an answer.

    Parameters
    ----------
    case : Case
        ``check.values`` names the codings; the panel holds ``<outcome>__<check>_<coding>``.

    Raises
    ------
    EstimationError
        The panel has no such column.

    Notes
    -----
    The effect's SD is that of the recoded outcome at the baseline comparison group, except for an
    index, whose scale the main run fixed.
    """
    for value in case.check.values or DEFAULT_CODINGS:
        column = f"{case.outcome.id}__{case.check.id}_{value}"
        yield from _row(case, column, Coded(value))


def _row(case: Case, column: str, sample: RowKey) -> Iterable[Row]:
    require(case, column)
    return compared(case, regression(case, case.frames.panel, column), sample=sample)
