"""Tables about the delivered data: what the checks found and what was corrected."""

import math
import re

from evaluation.locale import outside
from evaluation.locale.messages import Message, leaves, term, text_of, wording
from evaluation.report import formats, heads, table, words
from evaluation.report.finding_counts import number, problem
from evaluation.report.findings import plain, severity
from evaluation.report.linked_corrections import by_row, is_cured
from evaluation.report.sources import Source
from evaluation.report.suppression import Key
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.table_flow import arm_label
from evaluation.spec.counts import FEW, WITHHELD
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Finding

ROW_KEY = re.compile(r"\w\.\w+:\d+")


@table.builds
def findings(exhibit: Exhibit, source: Source) -> Table:
    """What the checks found, counted by rule, round and variable; never a row or a value."""
    said: dict[tuple[str, str, str, str], list[Finding]] = {}
    for found in source.records.findings:
        key = (found.severity, found.rule, found.round, found.column)
        said.setdefault(key, []).append(found)
    names = ["rule", "severity", "round", "column", "n_findings", "problem", "mend"]
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
                table.text(_same(source, [f.mend for f in alike], alike[0].mend)),
            ),
        )
        for key, alike in said.items()
    )
    columns = tuple(heads.column(source, name) for name in names)
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
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=(note, *empty))


def round_or_file(source: Source, name: str) -> str:
    """Short label of a round, or words for a file that belongs to none."""
    if name in source.configuration.study.rounds:
        return source.round_name(name)
    return term("quality.file", name, source.language)


def _same(source: Source, texts: list[Message], shown: Message) -> str:
    """What may be shown where all texts are alike and none names a row; else that they differ."""
    if len(set(texts)) > 1 or any(ROW_KEY.search(text_of(v, "en")) for v in leaves(texts[0])):
        return wording("quality.differs", source.language)
    said = formats.in_message(shown.text(source.language), source.language)
    study = source.configuration.study
    names = {event.id: event.label[source.language] for event in study.event}
    names |= {name: source.round_name(name) for name in study.rounds}
    for name, label in names.items():
        said = said.replace(f"`{name}`", formats.quoted(label, source.language))
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
        *(heads.column(source, name) for name in names),
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
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


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
