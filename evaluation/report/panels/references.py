"""Numbers in judgements: a reference such as ``{placebo_2018.change}`` is read from the records."""

import math
import re

from evaluation.errors import ReportError
from evaluation.estimation.records import Diagnostic, Estimate
from evaluation.estimation.row_keys import WHOLE
from evaluation.report.formats import number_format
from evaluation.report.panels.lines import RATIO, SpecificationLine, line
from evaluation.report.panels.sentences import sized
from evaluation.report.sources import Source

REFERENCE = re.compile(r"\{([a-z0-9_]+)\.([a-z0-9_]+)\}")


def filled(source: Source, text: str) -> str:
    """A text with its references replaced by numbers of the study.

    Parameters
    ----------
    source : Source
    text : str
        ``{specification.change}``, ``.interval``, ``.p``, ``.p_studentised``, ``.treated`` and
        ``.comparison`` are of its estimate, ``.listed`` is how many clusters a whole list has; any
        other name is of a quantity beside the estimate.

    Raises
    ------
    ReportError
        A reference to what the records do not have.
    """
    return REFERENCE.sub(lambda found: _number(source, found[1], found[2]), text)


def _number(source: Source, specification: str, name: str) -> str:
    if not any(s.id == specification for s in source.plan.specification):
        raise _absent(source, specification, name)
    if name == "listed" and source.plan.panel_power is not None:
        return str(source.plan.panel_power.listed)
    if name in ESTIMATED:
        one = line(source, specification, "ri" if name == "p_studentised" else "")
        if not isinstance(one.found, Estimate):
            return one.source.wording("panel.review-none")
        return _of_estimate(one, one.found, name)
    for row in source.records.diagnostics:
        if (row.specification, row.name, row.sample) == (specification, name, WHOLE):
            return _of_quantity(source, row)
    if any(u.specification == specification for u in source.records.unavailable):
        return source.wording("panel.review-none")
    raise _absent(source, specification, name)


ESTIMATED = ("change", "interval", "p", "p_studentised", "treated", "comparison")


def _of_estimate(one: SpecificationLine, found: Estimate, name: str) -> str:
    language = one.source.language
    if name in ("p", "p_studentised"):
        return number_format.p_value(found.p_value, language)
    if name in ("treated", "comparison"):
        return str(getattr(found, f"n_clusters_{name}"))
    change, low, high = (sized(x, language) for x in one.percent())
    both = one.source.wording("format.range", low=low, high=high)
    return {"change": change, "interval": both}[name]


def _of_quantity(source: Source, row: Diagnostic) -> str:
    language = source.language
    if row.unit == "percent":
        return number_format.share(row.value / 100.0, 0, language)
    if row.unit == "clusters":
        return number_format.plain(row.value, 0, language)
    if row.unit == RATIO:
        return sized(100.0 * math.expm1(row.value), language)
    return number_format.plain(row.value, 1, language)


def _absent(source: Source, specification: str, name: str) -> ReportError:
    where = f"config/{source.configuration.study.id}/review.toml"
    return ReportError.of(
        "review-reference", "review-reference", where, name=f"{specification}.{name}"
    )
