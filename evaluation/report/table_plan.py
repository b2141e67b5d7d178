"""Tables of what was promised: the data dictionary, the plan's lock and its deviations."""

from collections.abc import Callable

from evaluation.locale.messages import term, wording
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Row, Table
from evaluation.report.table_data import round_or_file
from evaluation.spec.dictionary import MISSING_KINDS, Variable
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.promise import Lock


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
        heads.column(source, name, shown="download" if name in hidden else "print")
        for name in names
    )
    kept = notes.in_downloads(
        [wording("plan.missing-codes", language), wording("plan.origin", language)], language
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=kept)


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
        return formats.marks(dictionary.describe(variable.name, language, source=name), language)
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
    promise, language = source.configuration.promise, source.language
    lock = promise.lock
    absent = (
        wording("plan.not-yet", language),
        "plan.lock",
        wording("plan.not-locked", language),
        wording("plan.no-hash", language),
    )
    first = _first(lock, language) if lock else absent
    changes = [
        (d.date.isoformat(), ", ".join(d.entries), d.reason[language], d.plan_hash)
        for d in promise.deviations
    ]
    rows = tuple(
        Row(
            id="lock" if number == 0 else f"deviation_{number}",
            cells=(
                *(table.text(content) for content in line),
                table.text(formats.short_hash(line[-1])),
            ),
        )
        for number, line in enumerate([first, *changes])
    )
    columns = (
        *(heads.column(source, name) for name in ("date", "entries", "reason")),
        heads.column(source, "entry_plan_hash", shown="download"),
        heads.column(source, "plan_hash_short"),
    )
    said = words.labelled(wording("plan.result", language), wording("plan.no-deviation", language))
    none = () if changes else (said,)
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=none)
