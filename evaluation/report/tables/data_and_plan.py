"""What was delivered and what was promised: findings, corrections, dictionary, lock, deviations."""

import math
import re
from collections.abc import Callable

from evaluation.locale import outside
from evaluation.locale.messages import Message, leaves, term, text_of, wording
from evaluation.report.complementary_suppression import Key
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.findings_page import plain, severity
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.linked_corrections import by_row, is_cured
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import number, problem
from evaluation.report.tables.sample_flow import arm_label
from evaluation.study.confidentiality import FEW, WITHHELD
from evaluation.study.dictionary import MISSING_KINDS, Variable
from evaluation.study.exhibits import Exhibit
from evaluation.study.preregistration import Lock
from evaluation.study.records import Finding

ROW_KEY = re.compile(r"\w\.\w+:\d+")


@table.builds
def findings(exhibit: Exhibit, source: Source) -> Table:
    """What the checks found, counted by rule, round and variable; never a row or a value."""
    said: dict[tuple[str, str, str, str], list[Finding]] = {}
    for found in source.records.findings:
        key = (found.severity, found.rule, found.round, found.column)
        said.setdefault(key, []).append(found)
    names = ["rule", "severity", "round", "column", "n_findings", "problem", "fix"]
    rows = tuple(
        Row(
            id="-".join(slug(part) for part in (key[1], key[2], key[3], key[0]) if part),
            cells=(
                table.text(plain(term("rule", key[1], source.language).replace("-", " "))),
                table.text(severity(key[0], source.language)),
                table.text(round_or_file(source, key[2])),
                table.text(key[3]),
                _count(source, ("cured", key))
                if any(map(is_cured, alike))
                else number(source, alike),
                table.text(_same(source, [f.problem for f in alike], problem(source, alike[0]))),
                table.text(_same(source, [f.fix for f in alike], alike[0].fix)),
            ),
        )
        for key, alike in said.items()
    )
    columns = tuple(table_frame.column(source, name) for name in names)
    language, study = source.language, source.configuration.study
    note = wording(
        "quality.note",
        language,
        respondents=study.minimum_cell,
        least=study.minimum_clusters,
        clusters=study.names.clusters[language],
    )
    note = words.labelled(wording("quality.counts", language), note)
    empty = (
        ()
        if rows
        else (
            words.labelled(
                wording("quality.result", language), wording("quality.nothing", language)
            ),
        )
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=(note, *empty))


def round_or_file(source: Source, name: str) -> str:
    """Short label of a round, or words for a file that belongs to none."""
    if name in source.configuration.study.rounds:
        return source.round_name(name)
    return term("quality.file", name, source.language)


def _same(source: Source, texts: list[Message], shown: Message) -> str:
    """What may be shown where all texts are alike and none names a row; else that they differ."""
    if len(set(texts)) > 1 or any(ROW_KEY.search(text_of(v, "en")) for v in leaves(texts[0])):
        return wording("quality.differs", source.language)
    said = shown.text(source.language)
    study = source.configuration.study
    names = {event.id: event.label[source.language] for event in study.event}
    names |= {name: source.round_name(name) for name in study.rounds}
    for name, label in names.items():
        said = said.replace(f"`{name}`", number_format.quoted(label, source.language))
    return plain(said)


@table.builds
def corrections(exhibit: Exhibit, source: Source) -> Table:
    """Corrections applied, counted by round, action and reason, and by group where rows have one.

    What is withheld in a group of the sample flow is not given away here: the total of a row that
    left goes where the flow's other groups would leave one.
    """
    arms = _arms(source)
    rows = tuple(
        Row(
            id="-".join(slug(part) for part in key),
            cells=(
                table.text(round_or_file(source, key[0])),
                table.text(_action(source, key[1])),
                table.text(outside.in_language(key[2], source.language)),
                *_counts(source, key, arms),
            ),
        )
        for key in by_row(source.records.corrections)
    )
    names = ("round", "action", "reason", "n_corrections")
    columns = (
        *(table_frame.column(source, name) for name in names),
        *(Column(id=f"n_{slug(arm)}", label=arm_label(source, arm)) for arm in arms),
    )
    language = source.language
    note = words.labelled(
        wording("quality.ledger", language), wording("quality.in-ledger", language)
    )
    generated = (
        (note, words.labelled(wording("quality.suppressed", language), _suppressed(source, arms)))
        if rows
        else (
            words.labelled(
                wording("quality.result", language), wording("quality.no-correction", language)
            ),
        )
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _suppressed(source: Source, arms: tuple[str, ...]) -> str:
    limit = table.below(source.configuration.study.minimum_cell, source.language).text
    by_arm = wording("quality.by-arm", source.language) if arms else ""
    beside = wording("quality.beside", source.language) if source.records.beyond else ""
    return wording("quality.below", source.language, limit=limit) + by_arm + beside


def _arms(source: Source) -> tuple[str, ...]:
    """Groups that corrections were counted by, in the study's order; none where they were not."""
    present = {f.arm for f in source.records.corrections} - {""}
    declared = [a.id for a in source.configuration.study.arm if present]
    return (*declared, *sorted(present - set(declared)))


def _counts(source: Source, key: tuple[str, str, str], arms: tuple[str, ...]) -> tuple[Cell, ...]:
    """The total of a row of the table, then its groups."""
    found = by_row(source.records.corrections)[key]
    total = _count(source, ("row", key))
    if not any(found):
        return (total, *(table.none() for _ in arms))
    cells = (_count(source, ("arm", key, arm)) if arm in found else table.count(0) for arm in arms)
    return (total, *cells)


def _count(source: Source, key: Key) -> Cell:
    """A count, or in its place the limit that it is under where that alone may be said."""
    n = source.records.counts.get(key, WITHHELD)
    if n is FEW:
        return table.below(source.configuration.study.minimum_cell, source.language)
    return table.count(int(n) if math.isfinite(n) else WITHHELD)


def _action(source: Source, name: str) -> str:
    return term("correction-action", name, source.language)


@table.builds
def dictionary(exhibit: Exhibit, source: Source) -> Table:
    """The data dictionary: what is enforced when the files are read."""
    language = source.language
    modules = source.configuration.dictionary.modules
    rows = tuple(
        Row(id=v.name, cells=_variable_cells(source, v), group=m.title[language])
        for m in modules
        for v in m.variable
    )
    names = ("variable", "label", "question", "type", "codes", "missing", "rounds", "origin")
    asked = any(v.question for m in modules for v in m.variable)
    hidden = ("missing", "origin", *(() if asked else ("question",)))
    columns = tuple(
        table_frame.column(source, name, shown="download" if name in hidden else "print")
        for name in names
    )
    kept = notes.in_downloads(
        [wording("plan.missing-codes", language), wording("plan.origin", language)], language
    )
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=kept)


def _variable_cells(source: Source, variable: Variable) -> tuple[Cell, ...]:
    language = source.language
    question = variable.question[language] if variable.question else ""
    return tuple(
        table.text(content)
        for content in (
            variable.name,
            variable.label[language],
            question,
            _type(variable, language),
            _by_source(source, variable, lambda s: _allowed(source, variable, s)),
            _by_source(source, variable, lambda s: _missing(source, variable, s)),
            ", ".join(round_or_file(source, name) for name in variable.raw),
            source.configuration.study.source_in(variable.source, language),
        )
    )


def _type(variable: Variable, language: str) -> str:
    """Type and unit; a unit that is not among the usual ones stands as it is written."""
    name, unit = wording(f"variable-type.{variable.type}", language), variable.unit
    if not unit:
        return name
    shown = term("variable-unit", unit, language)
    return wording("plan.type-with-unit", language, type=name, unit=shown)


def _by_source(source: Source, variable: Variable, describe: Callable[[str], str]) -> str:
    """One description, or one per round where rounds differ."""
    said = {name: text for name in variable.raw if (text := describe(name))}
    if len(set(said.values())) <= 1:
        return next(iter(said.values()), "")
    return " | ".join(f"{round_or_file(source, name)}: {text}" for name, text in said.items())


def _allowed(source: Source, variable: Variable, name: str) -> str:
    """Allowed values in words: codes with their labels, a range, or anything of the type."""
    dictionary, language = source.configuration.dictionary, source.language
    if dictionary.code_list(variable.name, name) is not None:
        return dictionary.describe(variable.name, language, source=name)
    if variable.range:
        return number_format.marks(
            dictionary.describe(variable.name, language, source=name), language
        )
    return wording(
        "plan.any-value", language, type=wording(f"variable-type.{variable.type}", language)
    )


def _missing(source: Source, variable: Variable, name: str) -> str:
    codes = source.configuration.dictionary.missing_codes(variable.name, name)
    if codes is None:
        return ""
    parts = [
        f"{wording(f'missing-kind.{kind}', source.language)}: {', '.join(getattr(codes, kind))}"
        for kind in MISSING_KINDS
        if getattr(codes, kind)
    ]
    if codes.blank != "error":
        kind = wording(f"missing-kind.{codes.blank}", source.language)
        parts.append(wording("plan.blank", source.language, kind=kind))
    return "; ".join(parts)


def _registered(lock: Lock, language: str) -> str:
    """Registry, number and address, as far as there are any."""
    rest = (("plan.number", lock.registration), ("plan.address", lock.url))
    given = [
        wording(template, language, value=words.registry(said, language))
        for template, said in rest
        if said not in ("", "none", lock.registry)
    ]
    return " ".join(
        [
            wording("plan.registry", language, registry=words.registry(lock.registry, language)),
            *given,
        ]
    )


def _first(lock: Lock, language: str) -> tuple[str, str, str, str]:
    template = "plan.written-after" if lock.endline_data_seen else "plan.written-before"
    registered = _registered(lock, language)
    said = wording(template, language, registered=registered, note=lock.note[language])
    return (lock.date.isoformat(), "plan.lock", said, lock.plan_hash)


@table.builds
def deviations(exhibit: Exhibit, source: Source) -> Table:
    """The plan's lock and every change after it, oldest first."""
    preregistration, language = source.configuration.preregistration, source.language
    lock = preregistration.lock
    absent = (
        wording("plan.not-yet", language),
        "plan.lock",
        wording("plan.not-locked", language),
        wording("plan.no-hash", language),
    )
    first = _first(lock, language) if lock else absent
    changes = [
        (d.date.isoformat(), ", ".join(d.entries), d.reason[language], d.plan_hash)
        for d in preregistration.deviations
    ]
    rows = tuple(
        Row(
            id="lock" if number == 0 else f"deviation_{number}",
            cells=(
                *(table.text(content) for content in line),
                table.text(number_format.short_hash(line[-1])),
            ),
        )
        for number, line in enumerate([first, *changes])
    )
    columns = (
        *(table_frame.column(source, name) for name in ("date", "entries", "reason")),
        table_frame.column(source, "entry_plan_hash", shown="download"),
        table_frame.column(source, "plan_hash_short"),
    )
    said = words.labelled(wording("plan.result", language), wording("plan.no-deviation", language))
    none = () if changes else (said,)
    return table_frame.table(exhibit, source, columns=columns, rows=rows, generated=none)
