"""Against whom the effect is read: how many comparison clusters border a treated one."""

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report.disclosure import is_shown
from evaluation.report.sources import Source
from evaluation.spec.plan import Check
from evaluation.spec.row_keys import BORDERING, Outside

MEMBERS = "comparison_clusters"


def neighbours_sentence(source: Source, check: Check) -> str:
    """How many comparison clusters border a treated one, in one sentence.

    Parameters
    ----------
    source : Source
    check : Check
        Of kind ``spillover``.

    Returns
    -------
    str
        A number below the study's minimum of clusters, of those that border or of those that do
        not, stands as "fewer than".
    """
    language, study = source.language, source.configuration.study
    clusters = study.names.clusters[language]
    outcome = source.plan.outcomes_of_check(check)[0]
    near, rest = (
        records.quantity(source, check, outcome, MEMBERS, sample=sample)
        for sample in (BORDERING, Outside())
    )
    if not isinstance(near, float) or not isinstance(rest, float):
        return wording("estimand.neighbours-unknown", language, clusters=clusters)
    shown = {"total": round(near + rest), "clusters": clusters}
    minimum = study.minimum_clusters
    if near == 0.0 or not is_shown(near, "clusters", study):
        return wording("estimand.neighbours-none", language, minimum=minimum, **shown)
    if rest == 0.0:
        return wording("estimand.neighbours-all", language, **shown)
    if not is_shown(rest, "clusters", study):
        return wording("estimand.neighbours-few", language, minimum=minimum, **shown)
    return wording("estimand.neighbours", language, near=round(near), **shown)
