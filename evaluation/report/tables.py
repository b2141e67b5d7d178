"""Build a table of the registry from result records."""

from collections.abc import Callable, Mapping

from evaluation.errors import ReportError
from evaluation.locale.messages import Message, message
from evaluation.report.disclosure_pass import protected
from evaluation.report.sources import Source
from evaluation.report.table import Table, localised
from evaluation.report.table_answer_shares import answer_shares
from evaluation.report.table_backcheck import backcheck
from evaluation.report.table_balance import balance
from evaluation.report.table_bounds import bounds
from evaluation.report.table_breakdown import breakdown
from evaluation.report.table_calibration import calibration
from evaluation.report.table_claims import claims
from evaluation.report.table_comparison import covariate_balance
from evaluation.report.table_composition import composition
from evaluation.report.table_costs import costs
from evaluation.report.table_data import corrections, findings
from evaluation.report.table_diagnostics import diagnostics
from evaluation.report.table_effects import effects
from evaluation.report.table_erratum import erratum
from evaluation.report.table_exposure import exposure
from evaluation.report.table_flow import flow
from evaluation.report.table_functional_form import functional_form
from evaluation.report.table_indicators import indicators
from evaluation.report.table_interviewers import conditioning, interviewers
from evaluation.report.table_invariance import invariance
from evaluation.report.table_ledger import assumptions, certainty, risk_of_bias
from evaluation.report.table_levels import levels
from evaluation.report.table_lost import attrition_map
from evaluation.report.table_methods import methods
from evaluation.report.table_overturn import overturn
from evaluation.report.table_places import places
from evaluation.report.table_plan import deviations, dictionary
from evaluation.report.table_power import conclusion_chances
from evaluation.report.table_published import published, trend_tests
from evaluation.report.table_recovery import recovery
from evaluation.report.table_reliability import reliability
from evaluation.report.table_response import response
from evaluation.report.table_robustness import robustness
from evaluation.report.table_silence import silence
from evaluation.report.table_spillover import spillover
from evaluation.report.table_statements import statements
from evaluation.report.table_subgroups import subgroups
from evaluation.report.table_weights import weights
from evaluation.spec.exhibits import Exhibit

BUILDERS: Mapping[str, Callable[[Exhibit, Source], Table]] = {
    "effects": effects,
    "levels": levels,
    "methods": methods,
    "balance": balance,
    "flow": flow,
    "findings": findings,
    "corrections": corrections,
    "published": published,
    "trend_tests": trend_tests,
    "dictionary": dictionary,
    "deviations": deviations,
    "robustness": robustness,
    "subgroups": subgroups,
    "places": places,
    "exposure": exposure,
    "diagnostics": diagnostics,
    "calibration": calibration,
    "conclusion_chances": conclusion_chances,
    "breakdown": breakdown,
    "bounds": bounds,
    "covariate_balance": covariate_balance,
    "reliability": reliability,
    "invariance": invariance,
    "interviewers": interviewers,
    "conditioning": conditioning,
    "functional_form": functional_form,
    "answer_shares": answer_shares,
    "silence": silence,
    "spillover": spillover,
    "composition": composition,
    "response": response,
    "weights": weights,
    "attrition_map": attrition_map,
    "backcheck": backcheck,
    "overturn": overturn,
    "assumptions": assumptions,
    "risk_of_bias": risk_of_bias,
    "certainty": certainty,
    "claims": claims,
    "erratum": erratum,
    "statements": statements,
    "indicators": indicators,
    "costs": costs,
    "recovery": recovery,
}


def build(exhibit: Exhibit, source: Source) -> Table:
    """The table of an exhibit.

    Parameters
    ----------
    exhibit : Exhibit
        Entry of exhibits.toml whose builder makes a table.
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        A record that the exhibit asks for is missing; the builder makes figures; two rows have
        one id.
    """
    if exhibit.builder not in BUILDERS:
        raise _wrong(
            exhibit,
            message("builder-makes-no.problem", builder=exhibit.builder),
            message("name-table-builder.mend"),
        )
    table = BUILDERS[exhibit.builder](exhibit, source)
    ids = [row.id for row in table.rows]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise _wrong(
            exhibit, message("row-id-twice.problem", row=twice[0]), message("make-rows-tell.mend")
        )
    if any(len(row.cells) != len(table.columns) for row in table.rows):
        raise _wrong(exhibit, message("row-not-one-cell.problem"), message("correct-builder.mend"))
    return localised(protected(table, source, builder=exhibit.builder))


def _wrong(exhibit: Exhibit, problem: Message, mend: Message) -> ReportError:
    return ReportError(problem, where=f"exhibit `{exhibit.id}`", mend=mend)
