"""Regression to the mean: how places changed by where they began, and the effect among alike."""

import itertools
from collections.abc import Sequence

from evaluation.report import check_records as records
from evaluation.report import doubt_notes, doubt_words, formats, heads, notes, table, words
from evaluation.report.check_lines import CheckLine, lines_of
from evaluation.report.disclosure import gives_away
from evaluation.report.level_rule import is_certain_level
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.thirds import Hidden, Part, withheld_thirds
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate, Unavailable

GROUPS = ("treated", "comparison")
EVERYWHERE = "comparison:all"
CORRELATION = "level_change_correlation"
CORRELATIONS = {
    "correlation": CORRELATION,
    "correlation_without_noise": f"{CORRELATION}_without_noise",
}
MATCHED = "matched:"
EFFECT_CELLS = 6
LEVEL_NAMES = ("clusters", "baseline_level", "change")


def reversion(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: levels and changes by third of the baseline level, then effects among alike.

    Raises
    ------
    ReportError
        The plan has no check of regression to the mean, or one has neither result nor reason.
    """
    checks = records.checks_of(source, "reversion")
    pairs = [(c, o) for c in checks for o in records.outcomes_of(exhibit, source, c)]
    rows = tuple(row for check, outcome in pairs for row in _rows(source, check, outcome))
    found = [x.found for check, outcome in pairs for x in lines_of(source, check, outcome)]
    return heads.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=rows,
        generated=(
            records.answers(source, checks),
            *_notes(source, found),
            _correlation_note(source, pairs),
            *notes.suppressed(source, rows),
        ),
        status=records.statuses(found),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in pairs),
    )


def _columns(source: Source) -> tuple[Column, ...]:
    word = doubt_words.column
    return (
        word(source, "began"),
        word(source, "clusters_treated"),
        word(source, "clusters_comparison", joined="brackets"),
        *(
            column
            for group in GROUPS
            for column in (
                word(source, f"baseline_of_{group}", shown="with unit"),
                word(source, f"change_of_{group}", joined="brackets"),
            )
        ),
        word(source, "effect", shown="with unit"),
        heads.column(source, "ci_low"),
        heads.column(source, "ci_high", joined="to"),
        heads.column(source, "p_value", shown="download"),
        heads.column(source, "step", shown="download"),
        heads.column(source, "n", shown="download"),
        *(word(source, name, shown="download") for name in CORRELATIONS),
    )


def _rows(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    language, group = source.language, outcome.label[source.language]
    lines = {x.sample: x for x in lines_of(source, check, outcome)}
    top = records.primary(source, outcome)
    whole = lines.get("all")
    if whole is not None and isinstance(whole.found, Unavailable):
        cells = (table.text(check.label[language]), *_reason(source, whole.found))
        return [Row(id=f"{outcome.id}-all", group=group, cells=cells)]
    rows = []
    hidden = _withheld_thirds(source, check, outcome)
    for name, label in doubt_words.TERCILES.items():
        both = [_levels(source, check, outcome, (g, name), hidden=hidden) for g in GROUPS]
        levels = [*(cells[0] for cells in both), *(cell for cells in both for cell in cells[1:])]
        effect = _effect(source, outcome, top) if name == "all" else _none(EFFECT_CELLS)
        own = _correlations(source, check, outcome) if name == "all" else _none(len(CORRELATIONS))
        cells = (table.text(label[language]), *levels, *effect, *own)
        rows.append(Row(id=f"{outcome.id}-{name}", group=group, cells=cells))
    for sample, label in doubt_words.HALVES.items():
        if sample not in lines:
            raise records.missing(source, check, outcome)
        cells = (table.text(label[language]), *_of_alike(source, lines[sample], top))
        rows.append(Row(id=f"{outcome.id}-{slug(sample)}", group=group, cells=cells))
    return rows


def _none(number: int) -> tuple[Cell, ...]:
    return (table.none(),) * number


def _reason(source: Source, found: Unavailable) -> tuple[Cell, ...]:
    absent = table.unavailable(found.reason, source.language)
    return (*_none(6), absent, *_none(EFFECT_CELLS - 1 + len(CORRELATIONS)))


def _withheld_thirds(source: Source, check: Check, outcome: Outcome) -> Hidden:
    """Thirds of both groups to withhold, so that none is given away by what stands beside it."""
    counts, secret = {}, []
    for part in itertools.product(GROUPS, (t for t in doubt_words.TERCILES if t != "all")):
        found = {
            name: records.quantity(source, check, outcome, name, sample=":".join(part))
            for name in LEVEL_NAMES
        }
        clusters, *ends = (x if isinstance(x, float) else None for x in found.values())
        counts[part] = round(clusters or 0.0)
        if any(is_certain_level(outcome, x) for x in _ends(*ends)):
            secret.append(part)
    least = source.configuration.study.minimum_clusters
    return withheld_thirds(counts, secret=secret, minimum=least)


def _ends(level: float | None, change: float | None) -> tuple[float, ...]:
    return () if level is None or change is None else (level, level + change)


def _levels(
    source: Source, check: Check, outcome: Outcome, part: Part, *, hidden: Hidden
) -> tuple[Cell, ...]:
    """Clusters, level and change of a third of a group, or why they are not given.

    Raises
    ------
    ReportError
        There is neither a number nor a reason.
    """
    sample = ":".join(part)
    found = [records.quantity(source, check, outcome, name, sample=sample) for name in LEVEL_NAMES]
    absent = records.absent(source, check, outcome, sample=sample, step="levels")
    clusters, level, change = found
    few = isinstance(clusters, float) and 0 < clusters < source.configuration.study.minimum_clusters
    # the reason names the number of places, which is withheld too
    if absent is not None and not few:
        return (table.none(), table.unavailable(absent.reason, source.language), table.none())
    if absent is not None:
        return (table.none(), table.suppressed(source.language), table.none())
    if not (isinstance(clusters, float) and isinstance(level, float) and isinstance(change, float)):
        raise records.missing(source, check, outcome)
    if part in hidden.levels or any(is_certain_level(outcome, x) for x in (level, level + change)):
        return (table.none(), table.suppressed(source.language), table.none())
    unit = words.unit(outcome.unit, "en")
    return (
        table.suppressed(source.language)
        if part in hidden.counts
        else table.count(round(clusters)),
        table.number(level, decimals=outcome.decimals, unit=words.level_unit(outcome.unit, "en")),
        table.effect(change, decimals=outcome.decimals, unit=unit),
    )


def _effect(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *_none(EFFECT_CELLS - 1))
    if records.withheld(source, found):
        return (table.suppressed(source.language), *_none(EFFECT_CELLS - 1))
    unit = words.unit(outcome.unit, "en")
    return (
        *(
            table.effect(x, decimals=outcome.decimals, unit=unit)
            for x in (found.estimate, found.ci_low, found.ci_high)
        ),
        table.p_value(found.p_value),
        table.text(words.step(found.step, source.language)),
        table.count(found.n),
    )


def _of_alike(source: Source, line: CheckLine, top: Estimate | Unavailable) -> tuple[Cell, ...]:
    """The effect among places that began alike, and how many places it rests on."""
    found = line.found
    if isinstance(found, Unavailable):
        return _reason(source, found)
    if _hidden(source, line, found, top):
        rest = _none(EFFECT_CELLS - 1 + len(CORRELATIONS))
        return (*_none(6), table.suppressed(source.language), *rest)
    sizes = (table.count(found.n_clusters_treated), table.count(found.n_clusters_comparison))
    return (*sizes, *_none(4), *_effect(source, line.outcome, found), *_none(len(CORRELATIONS)))


def _hidden(source: Source, line: CheckLine, found: Estimate, top: Estimate | Unavailable) -> bool:
    """Whether few places or people stand behind a row, or behind what a half leaves out."""
    study = source.configuration.study
    if line.small(study) or isinstance(top, Unavailable):
        return line.small(study)
    return not line.sample.startswith(MATCHED) and gives_away(found, top, study=study)


def _correlations(source: Source, check: Check, outcome: Outcome) -> tuple[Cell, ...]:
    found = [
        records.quantity(source, check, outcome, name, sample=EVERYWHERE)
        for name in CORRELATIONS.values()
    ]
    return tuple(_correlation(source, value) for value in found)


def _correlation(source: Source, value: float | Unavailable | None) -> Cell:
    if isinstance(value, Unavailable):
        return table.unavailable(value.reason, source.language)
    return table.none() if value is None else table.effect(value, decimals=2)


def _notes(source: Source, found: Sequence[Estimate | Unavailable]) -> tuple[str, ...]:
    linear = [e for e in found if isinstance(e, Estimate) and e.step in ("wcr", "wcr_s")]
    clusters = source.configuration.study.names.clusters[source.language]
    return (
        doubt_notes.THIRDS[source.language].format(clusters=clusters),
        doubt_notes.ALIKE[source.language],
        *((notes.inference(source, linear),) if linear else ()),
        *(
            (doubt_notes.MATCHED_AGAIN[source.language],)
            if any(isinstance(e, Estimate) and e.step == "cv3" for e in found)
            else ()
        ),
        notes.signs(source.language),
    )


def _correlation_note(source: Source, pairs: Sequence[tuple[Check, Outcome]]) -> str:
    said, language = [], source.language
    for check, outcome in pairs:
        raw, clean = (table.printed(c, language) for c in _correlations(source, check, outcome))
        if raw.kind != "none":
            template = doubt_notes.CORRELATION_OF[language]
            name = outcome.label[language]
            said.append(template.format(outcome=name, raw=raw.text, clean=clean.text))
    return labelled(doubt_notes.CORRELATION[language], doubt_notes.CORRELATION_IS[language], *said)


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """How comparison places moved by where they began, and how that correlates with the level."""
    name, language = outcome.label[source.language], source.language
    ends = [
        records.quantity(source, check, outcome, "change", sample=f"comparison:{third}")
        for third in ("low", "high")
    ]
    unit = words.short_unit(outcome.unit, language)
    moved = [
        f"{formats.signed(x, outcome.decimals, language)} {unit}".rstrip()
        for x in ends
        if isinstance(x, float)
    ]
    raw, clean = (
        records.quantity(source, check, outcome, n, sample=EVERYWHERE)
        for n in CORRELATIONS.values()
    )
    if len(moved) < len(ends) or not isinstance(raw, float):
        return doubt_notes.NOT_DESCRIBED[language].format(outcome=name)
    known = isinstance(clean, float)
    said = doubt_notes.MOVED_CLEAN if known else doubt_notes.MOVED
    return said[language].format(
        outcome=name,
        low=moved[0],
        high=moved[1],
        raw=formats.signed(raw, 2, language),
        clean=formats.signed(clean, 2, language) if isinstance(clean, float) else "",
    )
