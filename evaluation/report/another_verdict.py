"""Under what the verdict of a primary outcome is another one, in names for a narrow place.

Read off the lines of the table of what would overturn a verdict, so that neither can say what the
other leaves out.
"""

from evaluation.report import check_records as records
from evaluation.report.overturn_case import Case, Doubt, called
from evaluation.report.overturn_lines import doubts
from evaluation.report.sources import Source
from evaluation.report.words import in_sentence
from evaluation.spec.records import Estimate


def not_under(source: Source, estimate: Estimate, *, given_trends: bool = False) -> tuple[str, ...]:
    """Names of what gives another verdict than the primary interval of an outcome.

    Every line that is enough to overturn is named, and so are other intervals with another verdict
    that does not overturn it; in the order of the table.

    Parameters
    ----------
    source : Source
        Records and plan.
    estimate : Estimate
        The primary one.
    given_trends : bool
        Leave out trends that differ: for phrases that have equal trends as their condition.

    Raises
    ------
    ReportError
        A check of the plan has neither a result nor a reason.
    """
    case = Case.of(source, estimate)
    if case is None or records.withheld(source, estimate):
        return ()
    asked = [d for d in doubts(case) if not (given_trends and d.name == "trends")]
    return tuple(name for doubt in asked for name in _names(case, doubt))


def _names(case: Case, doubt: Doubt) -> tuple[str, ...]:
    """Names that a line gives itself; a line that overturns and gives none goes by its label."""
    if doubt.others or doubt.enough is not True:
        return doubt.others
    return (in_sentence(called(case, doubt)),)
