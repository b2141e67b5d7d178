"""Diagnostics of the primary estimates: a quantity and what it says per row, outcomes across."""

import fnmatch
import re
from collections.abc import Sequence

from evaluation.locale.messages import entries, wording
from evaluation.report import check_rows as records
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.formats.words import begun, labelled
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.prose.diagnostic_words import QUANTITIES, SECTIONS, Quantity
from evaluation.report.sources import Source, diagnostic
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Diagnostic, Estimate, Unavailable

MDE = "mde"
FEWEST = "respondents_min_*_*"
SAID = ("loo_q1", "loo_q3", "loo_sign_changes")


@table.builds
def diagnostics(exhibit: Exhibit, source: Source) -> Table:
    """Every diagnostic of the primary specification, for the primary outcomes.

    Raises
    ------
    ReportError
        An outcome has neither an estimate nor a reason.
    """
    outcomes = source.outcomes_of(exhibit)
    names = _names(source, outcomes)
    rows = tuple(
        _row(source, outcomes, name, quantity, parts)
        for name, quantity, parts in sorted(
            (found for name in names for found in _described(name, source)), key=_place
        )
    )
    columns = (
        Column(id="quantity", label=wording("subgroups.head.quantity", source.language)),
        *(Column(id=o.id, label=o.label[source.language], shown="with unit") for o in outcomes),
        Column(id="meaning", label=wording("subgroups.head.meaning", source.language)),
    )
    found = [records.primary(source, o) for o in outcomes]
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=_notes(source, found),
        status=records.statuses(found),
        said=tuple((o.id, said) for o in outcomes if (said := _sentence(source, o)) is not None),
    )


def _names(source: Source, outcomes: Sequence[Outcome]) -> list[str]:
    """Names that any of the outcomes has, or was refused, in recorded order."""
    wanted, primary = {o.id for o in outcomes}, source.plan.primary_specification()
    recorded = [
        d.name
        for d in source.records.diagnostics
        if d.outcome in wanted and d.specification == primary.id
    ]
    refused = [
        u.step
        for u in source.records.unavailable
        if u.outcome in wanted
        and u.specification == primary.id
        and any(fnmatch.fnmatchcase(u.step, q.name) for q in QUANTITIES)
    ]
    return list(dict.fromkeys((*recorded, *refused, MDE)))


def _described(name: str, source: Source) -> list[tuple[str, Quantity, tuple[str, ...]]]:
    """The quantity of a recorded name, and what its stars stand for; unknown names stand bare."""
    for quantity in QUANTITIES:
        if quantity.name == name:
            return [(name, quantity, ())]
    for quantity in QUANTITIES:
        if "*" in quantity.name and fnmatch.fnmatchcase(name, quantity.name):
            return [(name, quantity, _parts(name, quantity.name, source))]
    return [(name, Quantity(name=name, section="other", form="3"), ())]


def _parts(name: str, pattern: str, source: Source) -> tuple[str, ...]:
    """What the stars of a pattern stand for, in words."""
    study = source.configuration.study
    if pattern.count("*") > 1:
        lead = pattern.split("*", 1)[0]
        pairs = {f"{lead}{a.id}_{r.id}": (a.id, r.id) for a in study.arm for r in study.round}
        if name in pairs:
            arm, round_ = pairs[name]
            return _arm(arm, source), words.in_sentence(source.round_name(round_))
    expression = re.escape(pattern).replace(r"\*", "(.+)")
    found = re.fullmatch(expression, name)
    parts = found.groups() if found else ()
    arms = {a.id for a in study.arm}
    return tuple(_arm(p, source) if p in arms else _level(p, source) for p in parts)


def _arm(name: str, source: Source) -> str:
    return words.in_sentence(source.arm(name))


def _level(name: str, source: Source) -> str:
    variable = source.configuration.dictionary.variables.get(name)
    return words.in_sentence(variable.label[source.language]) if variable else name


def _place(found: tuple[str, Quantity, tuple[str, ...]]) -> tuple[int, int]:
    _, quantity, _ = found
    position = QUANTITIES.index(quantity) if quantity in QUANTITIES else len(QUANTITIES)
    return SECTIONS.index(quantity.section), position


def _row(
    source: Source,
    outcomes: Sequence[Outcome],
    name: str,
    quantity: Quantity,
    parts: tuple[str, ...],
) -> Row:
    language, names = source.language, source.configuration.study.names

    said = quantity.name
    label, meaning = name.replace("_", " "), ""
    if said in entries("diagnostic-label"):
        holes = dict(zip(("first", "second"), parts, strict=False))
        holes |= {"cluster": names.cluster[language], "clusters": names.clusters[language]}
        label = wording(f"diagnostic-label.{said}", language, **holes)
        meaning = wording(f"diagnostic-meaning.{said}", language, **holes)
    return Row(
        id=name,
        group=wording(f"diagnostic.section.{quantity.section}", language),
        cells=(
            table.text(begun(label)),
            *(_cell(source, o, name, quantity) for o in outcomes),
            table.text(begun(meaning)),
        ),
    )


def _cell(source: Source, outcome: Outcome, name: str, quantity: Quantity) -> Cell:
    primary = records.primary(source, outcome)
    if isinstance(primary, Unavailable):
        return table.unavailable(primary.reason, source.language)
    if name == MDE:
        return _printed(source, outcome, quantity, primary.mde)
    found = diagnostic(source, primary, name)
    if found is None:
        return table.none()
    if isinstance(found, Unavailable):
        # a cluster's own count is withheld for being small, not missing
        return (
            table.below(source.configuration.study.minimum_cell, source.language)
            if quantity.name == FEWEST
            else table.unavailable(found.reason, source.language)
        )
    return _printed(source, outcome, quantity, found.value)


def _printed(source: Source, outcome: Outcome, quantity: Quantity, value: float) -> Cell:
    unit = words.unit(outcome.unit, "en")
    if quantity.form == "effect":
        return table.effect(value, decimals=outcome.decimals, unit=unit)
    if quantity.form == "size":
        return table.number(value, decimals=outcome.decimals, unit=unit)
    if quantity.form == "count":
        return table.count(int(value))
    if quantity.form == "p":
        return table.p_value(value)
    if quantity.form == "percent":
        return table.number(100 * value, decimals=1, unit="%")
    if quantity.form == "yes":
        return table.text(wording("yes" if value else "no", source.language))
    return table.number(value, decimals=int(quantity.form))


def _notes(source: Source, found: Sequence[Estimate | Unavailable]) -> tuple[str, ...]:
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    return (
        *model_notes.models(source, (source.plan.primary_specification(),)),
        labelled(
            wording("diagnostic.reading", language),
            wording("diagnostic.no-test", language, clusters=clusters),
        ),
        *notes.icc(source, [e for e in found if isinstance(e, Estimate)]),
        labelled(
            wording("diagnostic.effective", language), wording("diagnostic.two-measures", language)
        ),
        labelled(
            wording("diagnostic.disagree", language), wording("diagnostic.all-alike", language)
        ),
    )


def _sentence(source: Source, outcome: Outcome) -> str | None:
    """The quantities that readers ask for first, in a sentence."""
    primary = records.primary(source, outcome)
    if not isinstance(primary, Estimate):
        return None
    asked = (diagnostic(source, primary, name) for name in SAID)
    found = [x for x in asked if isinstance(x, Diagnostic)]
    if len(found) < len(SAID):
        return None
    language, number = source.language, int(found[2].value)
    low, high = (number_format.signed(x.value, outcome.decimals, language) for x in found[:2])
    return wording(
        "diagnostic.sign-changes" if number else "diagnostic.sign-kept",
        language,
        label=outcome.label[language],
        cluster=source.configuration.study.names.cluster[language],
        low=low,
        high=high,
        unit=words.short_unit(outcome.unit, language),
        n=number,
    )
