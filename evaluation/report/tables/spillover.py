"""Comparison places near treated ones: how they changed themselves, and the effect without them."""

from collections.abc import Sequence

from evaluation.locale.messages import entries, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, some_lines
from evaluation.report.disclosure import is_shown
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Row, Shown, Table, slug
from evaluation.report.prose import check_words, notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import BORDERING, Outside, Ring

BORDERING_MEMBERS = "comparison_clusters"


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
        records.quantity(source, check, outcome, BORDERING_MEMBERS, sample=sample)
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


NUMBERS: tuple[tuple[str, Shown], ...] = (
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("step", "print"),
)
DOWNLOADS: tuple[tuple[str, Shown], ...] = (("n", "download"), ("std_error", "download"))
FIELDS = (
    "estimate", "ci_low", "ci_high", "p_value", "step", "n_clusters_treated",
    "n_clusters_comparison", "n", "std_error",
)  # fmt: skip


@table.builds
def spillover(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the primary estimate, each ring's own change, the effect against the rest.

    Raises
    ------
    ReportError
        The plan has no check of spillover, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "spillover")
    pairs = records.asked(exhibit, source, checks)
    rows = tuple(row for check, outcome in pairs for row in _rows(source, check, outcome))
    found = [x.found for c, o in pairs for x in some_lines(source, c, o)]
    columns = (
        check_words.column(source, "places"),
        check_words.column(source, "change_or_effect", shown="with unit"),
        *estimate_rows.columns(source, NUMBERS),
        check_words.column(source, "clusters_of"),
        check_words.column(source, "clusters_against"),
        *estimate_rows.columns(source, DOWNLOADS),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            *_notes(source, found),
        ),
        status=records.statuses(found),
        said=(
            *((o.id, _sentence(source, c, o)) for c, o in pairs),
            ("neighbours", neighbours_sentence(source, checks[0])),
        ),
    )


def _rows(source: Source, check: Check, outcome: Outcome) -> tuple[Row, ...]:
    def row(name: str, said: str, found: Estimate | Unavailable, against: int | None) -> Row:
        given = {} if against is None else {"n_clusters_comparison": table.count(against)}
        cells = estimate_rows.cells(source, found, FIELDS, decimals=outcome.decimals, given=given)
        return estimate_rows.row(source, outcome, name, said, cells)

    top = wording("spillover.row.primary", source.language)
    return (
        row("primary", top, records.primary(source, outcome), None),
        *(
            row(slug(line.sample.text()), label(line), line.found, _against(source, line))
            for line in some_lines(source, check, outcome)
        ),
    )


def label(line: CheckLine) -> str:
    """A ring or a rest of the comparison group in words."""
    key, language = line.sample, line.source.language
    if key.text() in entries("spillover.row"):
        return wording(f"spillover.row.{key.text()}", language)
    match key:
        case Outside():
            return wording("spillover.beyond", language, distance=key.value)
        case Ring():
            low, high = key.value.split("-")
            return wording("spillover.band", language, low=low, high=high)
    return line.label


def _against(source: Source, line: CheckLine) -> int | None:
    """How many comparison clusters an effect is read against; None: as its record says."""
    if not isinstance(line.sample, Outside):
        return None
    value = records.quantity(
        source, line.check, line.outcome, BORDERING_MEMBERS, sample=line.sample
    )
    return round(value) if isinstance(value, float) else None


def _notes(source: Source, found: Sequence[Estimate | Unavailable]) -> tuple[str, ...]:
    return (
        wording("spillover.rings", source.language),
        wording("spillover.rule", source.language),
        wording("spillover.not-covered", source.language),
        *estimate_rows.linear_inference(source, found),
        notes.signs(source.language),
    )


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """What the rings say of an outcome, and how few places the effect is then read against."""
    name, language = outcome.label[source.language], source.language
    lines = {x.sample: x for x in some_lines(source, check, outcome)}
    rings = [
        x.found for s, x in lines.items() if isinstance(s, Ring) and isinstance(x.found, Estimate)
    ]
    rest = [
        (x, x.found)
        for s, x in lines.items()
        if isinstance(s, Outside) and isinstance(x.found, Estimate)
    ]
    if not rings or not rest:
        return wording("spillover.not-told", language, outcome=name)
    moved = sum(e.ci_low > 0 or e.ci_high < 0 for e in rings)
    line, effect = rest[-1]
    unit = words.short_unit(outcome.unit, language)
    said = "spillover.one-ring-moved" if moved == 1 else "spillover.rings-moved"
    return wording(
        said,
        language,
        outcome=name,
        moved=moved,
        n=len(rings),
        against=_against(source, line) or effect.n_clusters_comparison,
        clusters=source.configuration.study.names.clusters[language],
        effect=(
            f"{number_format.signed(effect.estimate, outcome.decimals, language)} {unit}".rstrip()
        ),
        level=number_format.percent(effect.level, language),
        interval=number_format.interval(effect.ci_low, effect.ci_high, outcome.decimals, language),
    )
