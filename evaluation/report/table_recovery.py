"""What an invented study put in, beside what the analysis found."""

from collections.abc import Mapping

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.effect_lines import Line, lines
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.spec.design_records import TrueEffect
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate


@table.builds
def recovery(exhibit: Exhibit, source: Source) -> Table:
    """One row for each outcome: true effect, estimate, interval, and whether it holds the truth.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes (empty: all with a true effect) and one specification.
    source : Source
        Records with ``true_effects``, configuration and language.

    Raises
    ------
    ReportError
        The study is not synthetic or has no true effects, an outcome of the exhibit has none, or
        there is neither an estimate nor a reason.
    """
    truths = _truths(exhibit, source)
    chosen = [line for line in lines(exhibit, source) if line.outcome.id in truths]
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    rows = tuple(
        Row(
            id=line.outcome.id,
            group=source.family(line.outcome.id),
            cells=(
                table.text(line.outcome.label[source.language]),
                table.text(words.unit(line.outcome.unit, source.language)),
                _effect(line, truths[line.outcome.id].average),
                *_estimated(line, truths[line.outcome.id]),
            ),
        )
        for line in chosen
    )
    return heads.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=rows,
        generated=(*((notes.inference(source, found),) if found else ()),),
        status=tuple(e.status for e in found),
        said=(("held", _held(source, chosen, truths)),),
    )


def _truths(exhibit: Exhibit, source: Source) -> Mapping[str, TrueEffect]:
    truths = {e.outcome: e for e in source.records.true_effects}
    without = sorted(set(exhibit.outcomes) - set(truths))
    if not (source.configuration.study.synthetic and truths) or without:
        raise ReportError(
            message("recovery-no-truth.problem", outcome=", ".join(without) or exhibit.id),
            where="truth.toml",
            mend=message("recovery-no-truth.mend"),
        )
    return truths


def _columns(source: Source) -> tuple[Column, ...]:
    language = source.language
    return (
        heads.column(source, "outcome"),
        heads.column(source, "unit", shown="download"),
        Column(id="true", label=wording("recovery.true", language), shown="with unit"),
        heads.column(source, "estimate", shown="with unit"),
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        Column(id="inside", label=wording("recovery.held", language)),
    )


def _effect(line: Line, value: float) -> Cell:
    unit = words.unit(line.outcome.unit, "en")
    return table.effect(value, decimals=line.outcome.decimals, unit=unit)


def _estimated(line: Line, truth: TrueEffect) -> tuple[Cell, ...]:
    """Estimate, both bounds, and whether they hold the truth; or why there are none."""
    found, language = line.found, line.source.language
    if not isinstance(found, Estimate):
        return (table.unavailable(found.reason, language), *(table.none(),) * 3)
    where = "recovery.inside" if _holds(found, truth) else "recovery.outside"
    return (
        *(_effect(line, value) for value in (found.estimate, found.ci_low, found.ci_high)),
        table.text(wording(where, language)),
    )


def _holds(found: Estimate, truth: TrueEffect) -> bool:
    return found.ci_low <= truth.average <= found.ci_high


def _held(source: Source, chosen: list[Line], truths: Mapping[str, TrueEffect]) -> str:
    """How many of the intervals hold the true effect, beside how many are expected to."""
    held = [
        _holds(line.found, truths[line.outcome.id])
        for line in chosen
        if isinstance(line.found, Estimate)
    ]
    return wording(
        "recovery.sentence",
        source.language,
        held=formats.count(sum(held), source.language),
        all=formats.count(len(held), source.language),
        level=formats.percent(source.plan.inference.level, source.language),
    )
