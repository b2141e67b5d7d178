"""Diagnostics of the primary estimates: a quantity and what it says per row, outcomes across."""

import csv
import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.locale.messages import entries
from evaluation.report import check_rows as records
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.prose import model_notes, notes, table_frame
from evaluation.report.sources import Source, diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One diagnostic; the catalogue has its label and what it means, by its name.

    Attributes
    ----------
    name : str
        As recorded; ``*`` stands for a group, a round or a level of places.
    section : str
        Part of the table.
    form : str
        How it is printed: in the outcome's unit with a sign (``effect``) or without (``size``), as
        a count, a p-value, a share in percent, yes or no, or with so many decimals.
    """

    name: str
    section: str
    form: str


SECTIONS = ("sample", "weights", "few", "without", "alike", "power", "methods", "other")
LISTED = resources.files(__package__).joinpath("diagnostics.csv").read_text("utf-8")
QUANTITIES = tuple(Quantity(**row) for row in csv.DictReader(LISTED.splitlines()))


MDE = "mde"
OF_ONE_CLUSTER = ("respondents_min_*_*", "respondents_median_*_*")
IN_SENTENCE = ("loo_q1", "loo_q3", "loo_sign_changes")
Described = tuple[str, Quantity, tuple[str, ...]]


@table.builds
def diagnostics(exhibit: Exhibit, source: Source) -> Table:
    """Every diagnostic of the primary specification, for the primary outcomes.

    Raises
    ------
    ReportError
        An outcome has neither an estimate nor a reason.
    """
    outcomes = source.outcomes_of(exhibit)
    described = [_described(name, source) for name in _names(source, outcomes)]
    found = [records.base(source, o) for o in outcomes]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            "quantity",
            *(Column(id=o.id, label=o.label[source.language], shown="with unit") for o in outcomes),
            "meaning",
        ),
        rows=(_row(source, outcomes, *one) for one in sorted(described, key=_position)),
        generated=(
            *model_notes.models(source, (source.plan.primary_specification(),)),
            source.note("diagnostic.reading", "diagnostic.no-test"),
            *notes.icc(source, [e for e in found if isinstance(e, Estimate)]),
            source.note("diagnostic.effective", "diagnostic.two-measures"),
            source.note("diagnostic.disagree", "diagnostic.all-alike"),
        ),
        found=found,
        sentences=((o.id, _sentence(source, o)) for o in outcomes),
    )


def _names(source: Source, outcomes: Sequence[Outcome]) -> list[str]:
    """Names that any of the outcomes has, or was refused, in recorded order."""
    primary = source.plan.primary_specification().id
    wanted = {(o.id, primary) for o in outcomes}
    recorded = [
        d.name for d in source.records.diagnostics if (d.outcome, d.specification) in wanted
    ]
    refused = [
        u.step
        for u in source.records.unavailable
        if (u.outcome, u.specification) in wanted
        and any(fnmatch.fnmatchcase(u.step, q.name) for q in QUANTITIES)
    ]
    return list(dict.fromkeys((*recorded, *refused, MDE)))


def _described(name: str, source: Source) -> Described:
    """The quantity of a recorded name, and what its stars stand for; unknown names stand bare."""
    for quantity in QUANTITIES:
        if quantity.name == name:
            return name, quantity, ()
    for quantity in QUANTITIES:
        if "*" in quantity.name and fnmatch.fnmatchcase(name, quantity.name):
            return name, quantity, _parts(name, quantity.name, source)
    return name, Quantity(name=name, section="other", form="3"), ()


def _parts(name: str, pattern: str, source: Source) -> tuple[str, ...]:
    """What the stars of a pattern stand for, in words."""
    study, variables = source.configuration.study, source.configuration.dictionary.variables
    arms = {a.id: words.in_sentence(source.arm(a.id)) for a in study.arm}
    if pattern.count("*") > 1:
        lead = pattern.split("*", 1)[0]
        for arm, label in arms.items():
            for round_ in study.rounds:
                if name == f"{lead}{arm}_{round_}":
                    return label, words.in_sentence(source.round_name(round_))
    found = re.fullmatch(re.escape(pattern).replace(r"\*", "(.+)"), name)
    labels = {v: words.in_sentence(x.label[source.language]) for v, x in variables.items()} | arms
    return tuple(labels.get(part, part) for part in (found.groups() if found else ()))


def _position(described: Described) -> tuple[int, int]:
    _, quantity, _ = described
    position = QUANTITIES.index(quantity) if quantity in QUANTITIES else len(QUANTITIES)
    return SECTIONS.index(quantity.section), position


def _row(
    source: Source,
    outcomes: Sequence[Outcome],
    name: str,
    quantity: Quantity,
    parts: tuple[str, ...],
) -> Row:
    label, meaning = name.replace("_", " "), ""
    if quantity.name in entries("diagnostic-label"):
        holes = dict(zip(("first", "second"), parts, strict=False))
        label = source.wording(f"diagnostic-label.{quantity.name}", **holes)
        meaning = source.wording(f"diagnostic-meaning.{quantity.name}", **holes)
    cells = (_cell(source, o, name, quantity) for o in outcomes)
    group = source.wording(f"diagnostic.section.{quantity.section}")
    return table.row(name, words.begun(label), *cells, words.begun(meaning), group=group)


def _cell(source: Source, outcome: Outcome, name: str, quantity: Quantity) -> Cell:
    primary = records.base(source, outcome)
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
            if quantity.name in OF_ONE_CLUSTER
            else table.unavailable(found.reason, source.language)
        )
    return _printed(source, outcome, quantity, found.value)


def _printed(source: Source, outcome: Outcome, quantity: Quantity, value: float) -> Cell:
    unit, decimals = words.unit(outcome.unit, "en"), outcome.decimals
    match quantity.form:
        case "effect":
            return table.effect(value, decimals=decimals, unit=unit)
        case "size":
            return table.number(value, decimals=decimals, unit=unit)
        case "count":
            return table.count(int(value))
        case "p":
            return table.p_value(value)
        case "percent":
            return table.number(100 * value, decimals=1, unit="%")
        case "yes":
            return table.text(source.wording("yes" if value else "no"))
    return table.number(value, decimals=int(quantity.form))


def _sentence(source: Source, outcome: Outcome) -> str | None:
    """The quantities that readers ask for first, in a sentence."""
    primary = records.base(source, outcome)
    if not isinstance(primary, Estimate):
        return None
    asked = (diagnostic(source, primary, name) for name in IN_SENTENCE)
    found = [x for x in asked if isinstance(x, Diagnostic)]
    if len(found) < len(IN_SENTENCE):
        return None
    language, number = source.language, int(found[2].value)
    low, high = (number_format.signed(x.value, outcome.decimals, language) for x in found[:2])
    return source.wording(
        "diagnostic.sign-changes" if number else "diagnostic.sign-kept",
        label=outcome.label[language],
        low=low,
        high=high,
        unit=words.short_unit(outcome.unit, language),
        n=number,
    )
