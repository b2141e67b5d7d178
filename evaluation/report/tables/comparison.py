"""Covariates before and after the comparison group was reweighted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckResult
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source

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

    Parameters
    ----------
    exhibit : Exhibit
    source : Source

    Raises
    ------
    ReportError
        The plan has none, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "entropy_balancing")
    return tuple(_of_check(exhibit, source, check) for check in checks)


def _of_check(exhibit: Exhibit, source: Source, check: Check) -> Reweighted:
    results = records.results(exhibit, source, (check,))
    found = {result.outcome.id: result.some_lines()[0].found for result in results}
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
    """Label of a variable of the frame.

    Parameters
    ----------
    source : Source
    name : str
    """
    known = source.configuration.dictionary.variables
    return known[name].label[source.language] if name in known else name


def variables(checks: Sequence[Reweighted]) -> list[str]:
    """All covariates: those that the checks name, in their order, then those left as they are."""
    named = (v for one in checks for v in one.check.variables)
    return list(dict.fromkeys([*named, *(v for one in checks for v in one.gaps)]))


def before(checks: Sequence[Reweighted], variable: str) -> float | None:
    """Difference of a covariate before any reweighting; one number for all checks.

    Parameters
    ----------
    checks : sequence of Reweighted
    variable : str
    """
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
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *("covariate", "before"),
            *(Column(id=f"after_{slug(one.check.id)}", label=one.label) for one in checks),
        ),
        rows=(*_covariates(source, checks), *_counts(exhibit, source, checks)),
        generated=(records.answers(source, [one.check for one in checks]), *balance_notes(source)),
        found=[e for one in checks for e in one.found.values()],
        sentences=((slug(one.check.id), sentence(source, one)) for one in checks),
    )


def _covariates(source: Source, checks: Sequence[Reweighted]) -> Iterator[Row]:
    group = source.wording("comparison.covariates")
    for name in variables(checks):
        label = variable_label(source, name)
        after = (_after(source, one, name) for one in checks)
        yield table.row(slug(name), label, _gap(before(checks, name)), *after, group=group)


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


def _counts(exhibit: Exhibit, source: Source, checks: Sequence[Reweighted]) -> Iterator[Row]:
    """What weights rest on: one row where all outcomes agree, else one per outcome."""
    outcomes = dict.fromkeys(
        o for one in checks for o in records.outcomes_of(exhibit, source, one.check)
    )
    group = source.wording("comparison.counts")
    for name in (*SIZES, *QUANTITIES):
        by_outcome = [(o, _count_cells(source, checks, o, name)) for o in outcomes]
        alike = len({tuple(c.text for c in cells) for _, cells in by_outcome}) == 1
        label = words.begun(source.wording(f"comparison.row.{name}"))
        if alike:
            yield table.row(name, label, *by_outcome[0][1], group=group)
            continue
        for o, cells in by_outcome:
            of_outcome = f"{label}: {words.in_sentence(o.label[source.language])}"
            yield table.row(f"{name}-{o.id}", of_outcome, *cells, group=group)


def _count_cells(
    source: Source, checks: Sequence[Reweighted], outcome: Outcome, name: str
) -> tuple[Cell, ...]:
    first = records.base(source, outcome)
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
    result = CheckResult(source=source, check=one.check, outcome=outcome)
    value = result.quantity(name)
    if value is None:
        raise result.missing()
    if name.endswith("_share"):
        return estimate_rows.percent_cell(source, value, decimals=0)
    return estimate_rows.quantity_cell(source, value, lambda x: table.number(x, decimals=1))


def balance_notes(source: Source) -> tuple[str, ...]:
    """What the differences are, how intervals were made, and who is not covered."""
    ids = ("comparison.covariates-note", "comparison.rests-on", "comparison.intervals")
    return tuple(map(source.wording, ids))


def sentence(source: Source, one: Reweighted) -> str:
    """What one check did to the largest difference, and what its weights rest on.

    Parameters
    ----------
    source : Source
    one : Reweighted
    """
    language = source.language
    estimates = [(o, e) for o, e in one.found.items() if isinstance(e, Estimate)]
    if not estimates or not one.gaps:
        return source.wording("comparison.not-had", check=one.label)
    largest = max(one.gaps, key=lambda name: abs(one.gaps[name][0]))
    left = max(one.gaps, key=lambda name: abs(one.gaps[name][1]))
    outcome, estimate = estimates[0]
    return source.wording(
        "comparison.largest",
        check=one.label,
        covariate=words.in_sentence(variable_label(source, largest)),
        before=number_format.signed(one.gaps[largest][0], 2, language),
        left=words.in_sentence(variable_label(source, left)),
        after=number_format.signed(one.gaps[left][1], 2, language),
        rest=_rest(source, one, source.outcome(outcome), estimate),
    )


def _rest(source: Source, one: Reweighted, outcome: Outcome, estimate: Estimate) -> str:
    """How many comparison clusters the weights rest on."""
    result = CheckResult(source=source, check=one.check, outcome=outcome)
    effective = result.quantity(QUANTITIES[0])
    if not isinstance(effective, float):
        return ""
    return source.wording(
        "comparison.equivalent",
        effective=number_format.plain(effective, 1, source.language),
        used=estimate.n_clusters_comparison,
    )
