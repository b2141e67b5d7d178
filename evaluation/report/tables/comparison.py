"""Covariates before and after the comparison group was reweighted."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report.check_rows import some_lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable

SIZES = ("n_clusters_treated", "n_clusters_comparison")
QUANTITIES = ("effective_comparison_clusters", "largest_comparison_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reweighted:
    """One check: differences of covariates by variable, and per outcome what was estimated."""

    check: Check
    label: str
    gaps: Mapping[str, tuple[float, float]]
    found: Mapping[str, Estimate | Unavailable]


def reweighted(exhibit: Exhibit, source: Source) -> tuple[Reweighted, ...]:
    """Every check that reweights the comparison group, in plan order.

    Raises
    ------
    ReportError
        The plan has none, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "entropy_balancing")
    return tuple(_of_check(exhibit, source, check) for check in checks)


def _of_check(exhibit: Exhibit, source: Source, check: Check) -> Reweighted:
    found = {}
    for outcome in records.outcomes_of(exhibit, source, check):
        found[outcome.id] = some_lines(source, check, outcome)[0].found
    shown = any(isinstance(e, Estimate) for e in found.values())
    return Reweighted(
        check=check,
        label=check.label[source.language],
        gaps={
            c.variable: (c.before, c.after)
            for c in source.records.covariates
            if c.specification == check.id and shown
        },
        found=found,
    )


def variable_label(source: Source, name: str) -> str:
    """Label of a variable of the frame."""
    known = source.configuration.dictionary.variables
    return known[name].label[source.language] if name in known else name


def variables(checks: tuple[Reweighted, ...]) -> list[str]:
    """All covariates: those that the checks name, in their order, then those left as they are."""
    named = (v for one in checks for v in one.check.variables)
    return list(dict.fromkeys([*named, *(v for one in checks for v in one.gaps)]))


def before(checks: tuple[Reweighted, ...], variable: str) -> float | None:
    """Difference of a covariate before any reweighting; one number for all checks."""
    return next((one.gaps[variable][0] for one in checks if variable in one.gaps), None)


@table.builds
def covariate_balance(exhibit: Exhibit, source: Source) -> Table:
    """Differences of covariates before and after each check, then what its weights rest on.

    Raises
    ------
    ReportError
        As `reweighted`.
    """
    checks = reweighted(exhibit, source)
    rows = (*_covariates(source, checks), *_counts(exhibit, source, checks))
    columns = (
        table_frame.column(source, "covariate"),
        table_frame.column(source, "before"),
        *(Column(id=f"after_{slug(one.check.id)}", label=one.label) for one in checks),
    )
    estimates = [e for one in checks for e in one.found.values()]
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, [one.check for one in checks]),
            *balance_notes(source),
        ),
        status=records.statuses(estimates),
        said=tuple((slug(one.check.id), sentence(source, one)) for one in checks),
    )


def _covariates(source: Source, checks: tuple[Reweighted, ...]) -> tuple[Row, ...]:
    return tuple(
        Row(
            id=slug(name),
            group=wording("comparison.covariates", source.language),
            cells=(
                table.text(variable_label(source, name)),
                _gap(before(checks, name)),
                *(_after(source, one, name) for one in checks),
            ),
        )
        for name in variables(checks)
    )


def _gap(value: float | None) -> Cell:
    return table.none() if value is None else table.effect(value, decimals=2, unit="SD")


def _after(source: Source, one: Reweighted, name: str) -> Cell:
    if name in one.gaps:
        return _gap(one.gaps[name][1])
    if name not in one.check.variables:
        return table.none()
    found = next(iter(one.found.values()))
    reason = found.reason if isinstance(found, Unavailable) else None
    return table.unavailable(reason, source.language)


def _counts(exhibit: Exhibit, source: Source, checks: tuple[Reweighted, ...]) -> tuple[Row, ...]:
    """What weights rest on: one row where all outcomes agree, else one per outcome."""
    shown = dict.fromkeys(
        o for one in checks for o in records.outcomes_of(exhibit, source, one.check)
    )
    rows = []
    for name in (*SIZES, *QUANTITIES):
        by_outcome = [(o, _count_cells(source, checks, o, name)) for o in shown]
        alike = len({tuple(c.text for c in cells) for _, cells in by_outcome}) == 1
        for outcome, cells in by_outcome[:1] if alike else by_outcome:
            label = _named(source, name)
            if not alike:
                label = f"{label}: {words.in_sentence(outcome.label[source.language])}"
            rows.append(
                Row(
                    id=name if alike else f"{name}-{outcome.id}",
                    group=wording("comparison.counts", source.language),
                    cells=(table.text(label), *cells),
                )
            )
    return tuple(rows)


def _named(source: Source, name: str) -> str:
    names, language = source.configuration.study.names, source.language
    return words.begun(
        wording(
            f"comparison.row.{name}",
            language,
            clusters=names.clusters[language],
            cluster=names.cluster[language],
        )
    )


def _count_cells(
    source: Source, checks: tuple[Reweighted, ...], outcome: Outcome, name: str
) -> tuple[Cell, ...]:
    first = records.primary(source, outcome)
    usual = table.none()
    if name in SIZES and isinstance(first, Estimate):
        usual = table.count(getattr(first, name))
    return (usual, *(_count_cell(source, one, outcome, name) for one in checks))


def _count_cell(source: Source, one: Reweighted, outcome: Outcome, name: str) -> Cell:
    if outcome.id not in one.found:
        return table.none()
    found = one.found[outcome.id]
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, source.language)
    if name in SIZES:
        return table.count(getattr(found, name))
    value = records.quantity(source, one.check, outcome, name)
    if value is None:
        raise records.missing(source, one.check, outcome)
    if isinstance(value, Unavailable):
        return table.unavailable(value.reason, source.language)
    if name.endswith("_share"):
        return table.number(100 * value, decimals=0, unit="%")
    return table.number(value, decimals=1)


def balance_notes(source: Source) -> tuple[str, ...]:
    """What the differences are, how intervals were made, and who is not covered."""
    clusters = source.configuration.study.names.clusters[source.language]
    said = ("comparison.covariates-note", "comparison.rests-on", "comparison.intervals")
    return tuple(wording(note, source.language, clusters=clusters) for note in said)


def sentence(source: Source, one: Reweighted) -> str:
    """What one check did to the largest difference, and what its weights rest on."""
    outcomes, language = {o.id: o for o in source.plan.outcome}, source.language
    held = [(outcomes[o], e) for o, e in one.found.items() if isinstance(e, Estimate)]
    if not held or not one.gaps:
        return wording("comparison.not-had", language, check=one.label)
    largest = max(one.gaps, key=lambda name: abs(one.gaps[name][0]))
    left = max(one.gaps, key=lambda name: abs(one.gaps[name][1]))
    outcome, estimate = held[0]
    return wording(
        "comparison.largest",
        language,
        check=one.label,
        covariate=words.in_sentence(variable_label(source, largest)),
        before=number_format.signed(one.gaps[largest][0], 2, language),
        left=words.in_sentence(variable_label(source, left)),
        after=number_format.signed(one.gaps[left][1], 2, language),
        rest=_rest(source, one, outcome, estimate),
    )


def _rest(source: Source, one: Reweighted, outcome: Outcome, estimate: Estimate) -> str:
    """How many comparison clusters the weights rest on."""
    effective = records.quantity(source, one.check, outcome, QUANTITIES[0])
    if not isinstance(effective, float):
        return ""
    language = source.language
    return wording(
        "comparison.equivalent",
        language,
        effective=number_format.plain(effective, 1, language),
        clusters=source.configuration.study.names.clusters[language],
        used=estimate.n_clusters_comparison,
    )
