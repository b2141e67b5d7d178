"""Comparison places near treated ones: how they changed themselves, and the effect without them."""

from collections.abc import Iterator

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check
from evaluation.estimation.records import Estimate
from evaluation.estimation.row_keys import BORDERING, Outside, Ring
from evaluation.locale.messages import entries
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, CheckResult, answers, checks_of, results
from evaluation.report.disclosure import is_shown
from evaluation.report.formats import table
from evaluation.report.formats.table import Row, Table, slug
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source

BORDERING_MEMBERS = "comparison_clusters"
COLUMNS = (
    *table.columns("places"),
    *table.columns("change_or_effect", shown="with unit"),
    *table.columns("ci_low", "ci_high", "p_value", "step", "clusters_of", "clusters_against"),
    *table.columns("n", "std_error", shown="download"),
)
FIELDS = (
    "estimate", "ci_low", "ci_high", "p_value", "step", "n_clusters_treated",
    "n_clusters_comparison", "n", "std_error",
)  # fmt: skip


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
    study, outcome = source.configuration.study, source.plan.outcomes_of_check(check)[0]
    result = CheckResult(source=source, check=check, outcome=outcome)
    near, rest = (result.quantity(BORDERING_MEMBERS, sample) for sample in (BORDERING, Outside()))
    if not isinstance(near, float) or not isinstance(rest, float):
        return source.wording("estimand.neighbours-unknown")
    if near == 0.0 or not is_shown(near, "clusters", study):
        entry = "estimand.neighbours-none"
    elif rest == 0.0:
        entry = "estimand.neighbours-all"
    elif not is_shown(rest, "clusters", study):
        entry = "estimand.neighbours-few"
    else:
        entry = "estimand.neighbours"
    total, least = round(near + rest), study.minimum_clusters
    return source.wording(entry, near=round(near), total=total, minimum=least)


@table.builds
def spillover(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the primary estimate, each ring's own change, the effect against the rest.

    Raises
    ------
    ReportError
        The plan has no check of spillover, or one has neither a result nor a reason.
    """
    checks = checks_of(source, "spillover")
    chosen = results(exhibit, source, checks)
    found = [line.found for result in chosen for line in result.some_lines()]
    shown = (*(result.base for result in chosen), *found)
    return table_frame.table(
        exhibit,
        source,
        columns=COLUMNS,
        rows=(row for result in chosen for row in _rows(result)),
        generated=(
            answers(source, checks),
            *(source.wording(f"spillover.{note}") for note in ("rings", "rule", "not-covered")),
            *estimate_rows.linear_inference(source, shown),
            notes.signs(source.language),
        ),
        found=found,
        sentences=(
            *((result.outcome.id, _sentence(result)) for result in chosen),
            ("neighbours", neighbours_sentence(source, checks[0])),
        ),
    )


def _rows(result: CheckResult) -> Iterator[Row]:
    top = result.source.wording("spillover.row.primary")
    yield result.row("primary", top, result.cells(result.base, FIELDS))
    for line in result.some_lines():
        against = _against(result, line)
        given = {} if against is None else {"n_clusters_comparison": table.count(against)}
        cells = result.cells(line.found, FIELDS, **given)
        yield result.row(slug(line.sample.text()), label(line), cells)


def label(line: CheckLine) -> str:
    """A ring or a rest of the comparison group in words."""
    key, source = line.sample, line.source
    if key.text() in entries("spillover.row"):
        return source.wording(f"spillover.row.{key.text()}")
    match key:
        case Outside():
            return source.wording("spillover.beyond", distance=key.value)
        case Ring():
            low, high = key.value.split("-")
            return source.wording("spillover.band", low=low, high=high)
    return line.label


def _against(result: CheckResult, line: CheckLine) -> int | None:
    """How many comparison clusters an effect is read against; None: as its record says."""
    if not isinstance(line.sample, Outside):
        return None
    value = result.quantity(BORDERING_MEMBERS, line.sample)
    return round(value) if isinstance(value, float) else None


def _sentence(result: CheckResult) -> str:
    """What the rings say of an outcome, and how few places the effect is then read against."""
    source, outcome = result.source, result.outcome
    name = outcome.label[source.language]
    found = [(x, x.found) for x in result.some_lines() if isinstance(x.found, Estimate)]
    rings = [e for x, e in found if isinstance(x.sample, Ring)]
    rest = [(x, e) for x, e in found if isinstance(x.sample, Outside)]
    if not rings or not rest:
        return source.wording("spillover.not-told", outcome=name)
    moved = sum(e.ci_low > 0 or e.ci_high < 0 for e in rings)
    line, effect = rest[-1]
    return source.verdict(
        "spillover.one-ring-moved" if moved == 1 else "spillover.rings-moved",
        outcome=name,
        moved=moved,
        n=len(rings),
        against=_against(result, line) or effect.n_clusters_comparison,
        **estimate_rows.readings(source, outcome, effect),
    )
