"""What was delivered and what was promised: findings, corrections, dictionary, lock, deviations."""

import dataclasses
import math
import re
from collections.abc import Callable, Collection, Sequence
from datetime import date

from evaluation.config.confidentiality import FEW, WITHHELD
from evaluation.config.dictionary import MISSING_KINDS, Variable
from evaluation.config.exhibits import Exhibit
from evaluation.config.preregistration import Lock
from evaluation.estimation.records import Finding
from evaluation.locale import messages, numbers
from evaluation.locale.messages import Message, Plain, Value, leaves, term, text_of, wording
from evaluation.report import estimate_rows
from evaluation.report.complementary_suppression import Key
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.findings_page import plain, severity
from evaluation.report.formats.table import Cell, Column, Row, Shown, Table, slug
from evaluation.report.linked_corrections import by_row, is_cured
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.report.table_disclosure import number, problem
from evaluation.report.tables.sample_flow import arm_label

ROW_KEY = re.compile(r"\w\.\w+:\d+")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@table.builds
def findings(exhibit: Exhibit, source: Source) -> Table:
    """What the checks found, counted by rule, round and variable; never a row or a value."""
    alike: dict[tuple[str, str, str, str], list[Finding]] = {}
    for found in source.records.findings:
        key = (found.severity, found.rule, found.round, found.column)
        alike.setdefault(key, []).append(found)
    study = source.configuration.study
    return table_frame.table(
        exhibit,
        source,
        columns=("rule", "severity", "round", "column", "n_findings", "problem", "fix"),
        rows=(_finding_row(source, key, these) for key, these in alike.items()),
        generated=(
            source.note(
                "quality.counts",
                "quality.note" if study.round else "quality.note-panel",
                respondents=study.minimum_cell,
                least=study.minimum_clusters,
            ),
            "" if alike else source.note("quality.result", "quality.nothing"),
        ),
    )


def _finding_row(source: Source, key: tuple[str, str, str, str], alike: Sequence[Finding]) -> Row:
    severity_, rule, round_, column = key
    cured = any(map(is_cured, alike))
    return table.row(
        "-".join(slug(part) for part in (rule, round_, column, severity_) if part),
        plain(term("rule", rule, source.language).replace("-", " ")),
        severity(severity_, source.language),
        round_or_file(source, round_),
        column,
        _count(source, ("cured", key)) if cured else number(source, alike),
        _same(source, [f.problem for f in alike], problem(source, alike[0])),
        _same(source, [f.fix for f in alike], alike[0].fix),
    )


def round_or_file(source: Source, name: str) -> str:
    """Short label of a round, or words for a file that belongs to none.

    Parameters
    ----------
    source : Source
    name : str
    """
    if name in source.configuration.study.rounds:
        return source.round_name(name)
    return term("quality.file", name, source.language)


def _same(source: Source, texts: list[Message], shown: Message) -> str:
    """What may be shown where all texts are alike and none names a row; else that they differ."""
    if len(set(texts)) > 1 or any(ROW_KEY.search(text_of(v, "en")) for v in leaves(texts[0])):
        return source.wording("quality.differs")
    text = _dated(shown, source.language).text(source.language)
    study = source.configuration.study
    names = {event.id: event.label[source.language] for event in study.event}
    names |= {name: source.round_name(name) for name in study.rounds}
    for name, label in names.items():
        text = text.replace(f"`{name}`", number_format.quoted(label, source.language))
    return plain(text)


def _dated(said: Message, language: str) -> Message:
    """A message whose days are written as the language writes them."""

    def shown(value: Value) -> Value:
        day = value.shown if isinstance(value, Plain) else ""
        if not isinstance(day, str) or not DAY.fullmatch(day):
            return value
        return Plain(number_format.date(date.fromisoformat(day), language))

    parameters = tuple((name, shown(value)) for name, value in said.parameters)
    return dataclasses.replace(said, parameters=parameters)


@table.builds
def corrections(exhibit: Exhibit, source: Source) -> Table:
    """Corrections applied, counted by round, action and reason, and by group where rows have one.

    What is withheld in a group of the sample flow is not given away here: the total of a row that
    left goes where the flow's other groups would leave one.
    """
    arms, found = _arms(source), by_row(source.records.corrections)
    limit = table.below(source.configuration.study.minimum_cell, source.language).text
    withheld = (
        source.wording("quality.below", limit=limit),
        source.wording("quality.by-arm") if arms else "",
        source.wording("quality.beside") if source.records.beyond else "",
    )
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *("round", "action", "reason", "n_corrections"),
            *(Column(id=f"n_{slug(arm)}", label=arm_label(source, arm)) for arm in arms),
        ),
        rows=(
            table.row(
                "-".join(slug(part) for part in key),
                round_or_file(source, key[0]),
                term("correction-action", key[1], source.language),
                messages.outside_in(key[2], source.language),
                *_counts(source, key, arms, of_row),
            )
            for key, of_row in found.items()
        ),
        generated=(
            source.note("quality.ledger", "quality.in-ledger"),
            words.labelled(source.wording("quality.suppressed"), "".join(withheld)),
        )
        if found
        else (source.note("quality.result", "quality.no-correction"),),
    )


def _arms(source: Source) -> tuple[str, ...]:
    """Groups that corrections were counted by, in the study's order; none where they were not."""
    present = {f.arm for f in source.records.corrections} - {""}
    declared = [a.id for a in source.configuration.study.arm if present]
    return (*declared, *sorted(present - set(declared)))


def _counts(
    source: Source, key: tuple[str, str, str], arms: Sequence[str], found: Collection[str]
) -> tuple[Cell, ...]:
    """The total of a row of the table, then its groups."""
    total = _count(source, ("row", key))
    if not any(found):
        return estimate_rows.padded(1 + len(arms), total)
    cells = (_count(source, ("arm", key, arm)) if arm in found else table.count(0) for arm in arms)
    return (total, *cells)


def _count(source: Source, key: Key) -> Cell:
    """A count, or in its place the limit that it is under where that alone may be said."""
    n = source.records.counts.get(key, WITHHELD)
    if n is FEW:
        return table.below(source.configuration.study.minimum_cell, source.language)
    return table.count(int(n) if math.isfinite(n) else WITHHELD)


@table.builds
def dictionary(exhibit: Exhibit, source: Source) -> Table:
    """The data dictionary: what is enforced when the files are read."""
    language, modules = source.language, source.configuration.dictionary.modules
    asked = any(v.question for m in modules for v in m.variable)
    shown: dict[str, Shown] = {"missing": "download", "origin": "download"}
    shown |= {} if asked else {"question": "download"}
    names = ("variable", "label", "question", "type", "codes", "missing", "rounds", "origin")
    kept = [source.wording("plan.missing-codes"), source.wording("plan.origin")]
    return table_frame.table(
        exhibit,
        source,
        columns=(Column(id=name, shown=shown.get(name, "print")) for name in names),
        rows=(
            table.row(v.name, *_variable_cells(source, v), group=m.title[language])
            for m in modules
            for v in m.variable
        ),
        generated=notes.in_downloads(kept, language),
    )


def _variable_cells(source: Source, variable: Variable) -> tuple[str, ...]:
    language = source.language
    return (
        variable.name,
        variable.label[language],
        variable.question[language] if variable.question else "",
        _type(variable, source),
        _by_source(source, variable, _allowed),
        _by_source(source, variable, _missing),
        ", ".join(round_or_file(source, name) for name in variable.raw),
        source.configuration.study.source_in(variable.source, language),
    )


def _type(variable: Variable, source: Source) -> str:
    """Type and unit; one that is not among the usual ones is the study's, or as it is written."""
    language = source.language
    name, unit = wording(f"variable-type.{variable.type}", language), variable.unit
    if not unit:
        return name
    own = source.configuration.study.source_in(unit, language)
    shown = own if own != unit else term("variable-unit", unit, language)
    return wording("plan.type-with-unit", language, type=name, unit=shown)


def _by_source(
    source: Source, variable: Variable, describe: Callable[[Source, Variable, str], str]
) -> str:
    """One description, or one per round where rounds differ."""
    made = {name: text for name in variable.raw if (text := describe(source, variable, name))}
    if len(set(made.values())) <= 1:
        return next(iter(made.values()), "")
    return " | ".join(f"{round_or_file(source, name)}: {text}" for name, text in made.items())


def _allowed(source: Source, variable: Variable, name: str) -> str:
    """Allowed values in words: codes with their labels, a range, or anything of the type."""
    dictionary, language = source.configuration.dictionary, source.language
    described = dictionary.describe(variable.name, language, source=name)
    if variable.range and dictionary.code_list(variable.name, name) is None:
        return numbers.marks(described, language)
    return described


def _missing(source: Source, variable: Variable, name: str) -> str:
    codes = source.configuration.dictionary.missing_codes(variable.name, name)
    if codes is None:
        return ""
    parts = [
        f"{source.wording(f'missing-kind.{kind}')}: {', '.join(getattr(codes, kind))}"
        for kind in MISSING_KINDS
        if getattr(codes, kind)
    ]
    if codes.blank != "error":
        kind = source.wording(f"missing-kind.{codes.blank}")
        parts.append(source.wording("plan.blank", kind=kind))
    return "; ".join(parts)


def _first(source: Source, lock: Lock | None) -> tuple[str, str, str, str]:
    """The lock: when it was written, with its registry, number and address as far as it has any."""
    if lock is None:
        reason, no_hash = source.wording("plan.not-locked"), source.wording("plan.no-hash")
        return source.wording("plan.not-yet"), "plan.lock", reason, no_hash
    language = source.language
    registry = words.registry(lock.registry, language)
    rest = (("plan.number", lock.registration), ("plan.address", lock.url))
    registered = " ".join(
        (
            source.wording("plan.registry", registry=registry),
            *(
                source.wording(entry, value=words.registry(given, language))
                for entry, given in rest
                if given not in ("", "none", lock.registry)
            ),
        )
    )
    of_panel = "-panel" if source.configuration.study.panel is not None else ""
    entry = f"plan.written-{'after' if lock.endline_data_seen else 'before'}{of_panel}"
    reason = source.wording(entry, registered=registered, note=lock.note[language])
    day = number_format.date(lock.date, source.language)
    return day, "plan.lock", reason, lock.plan_hash


@table.builds
def deviations(exhibit: Exhibit, source: Source) -> Table:
    """The plan's lock and every change after it, oldest first."""
    preregistration = source.configuration.preregistration
    lines = [
        _first(source, preregistration.lock),
        *(
            (
                number_format.date(d.date, source.language),
                ", ".join(d.entries),
                d.reason[source.language],
                d.plan_hash,
            )
            for d in preregistration.deviations
        ),
    ]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("date", "entries", "reason"),
            *table.columns("entry_plan_hash", shown="download"),
            *table.columns("plan_hash_short"),
        ),
        rows=(
            table.row(
                f"deviation_{number}" if number else "lock",
                *line,
                number_format.short_hash(line[-1]),
            )
            for number, line in enumerate(lines)
        ),
        generated=("" if lines[1:] else source.note("plan.result", "plan.no-deviation"),),
    )
