"""Who was interviewed again, in a sentence."""

import math

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import formats
from evaluation.report.sources import Source
from evaluation.spec.records import Balance

AGAIN = ("panel_members", "linked")


def again_sentence(record: Balance | None, source: Source) -> str:
    """Shares interviewed again in both groups and their difference; None is a withheld row.

    The one wording of the loss, for every page: the record is the row ``reinterviewed`` of the
    table of attrition, weighted as the primary specification.
    """
    language = source.language
    if record is None or not math.isfinite(record.difference):
        return wording("attrition.again-none", language)
    primary = source.plan.checked().primary_specification()
    plain = (primary.weights, primary.estimand) == ("none", "respondents")
    shown = formats.p_value(record.p_value, language)
    return wording(
        "attrition.again-plain" if plain else "attrition.again",
        language,
        treated=formats.share(record.mean_treated, 1, language),
        comparison=formats.share(record.mean_comparison, 1, language),
        difference=formats.signed(100.0 * record.difference, 1, language),
        error=formats.plain(100.0 * record.std_error, 1, language),
        p=f"p {shown}" if shown[0] in "<>" else f"p = {shown}",
    )


def without_attrition(source: Source) -> str:
    """What is said where all or none were interviewed again.

    Raises
    ------
    ReportError
        The sample flow says that some were interviewed again and some were not: then the records
        are missing.
    """
    first = source.configuration.study.rounds[0]
    here = [f for f in source.records.flow if f.round == first]
    everybody = sum(f.n for f in here if f.step == "valid")
    again = sum(f.n for f in here if f.step in AGAIN)
    if everybody and again == everybody:
        return wording("attrition.nobody-lost", source.language)
    if everybody and again == 0 and any(f.step in AGAIN for f in here):
        return wording("attrition.nobody-again", source.language)
    raise ReportError(
        message("missing-record.problem"),
        where="balance.csv",
        mend=message("missing-record.mend"),
        rule="missing-record",
    )
