"""A first dictionary from delivered files, where no survey form says what the columns are.

Types, codes and missing codes are proposed by what the columns hold and by the labels that came
with them. Every proposal carries ``seen:``; a scale that differs between rounds is left open.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evaluation.config.decisions import marker, written
from evaluation.config.dictionary import Kind, Variable
from evaluation.config.toml_reader import Text
from evaluation.data import form_words
from evaluation.data.spelling import ZERO_LED, legal_names, short
from evaluation.fieldwork.drafting.code_list_draft import (
    CodeLists,
    Lists,
    MissingLists,
    differ,
    lists_of,
)
from evaluation.fieldwork.drafting.column_profile import (
    FRAME,
    DraftColumn,
    Profile,
    can_be_arm,
    missing_of,
    thins_out,
)
from evaluation.fieldwork.drafting.dictionary_draft import DraftFile, Made, draft_file
from evaluation.fieldwork.drafting.lasting_traits import Traits, numbered, with_traits
from evaluation.locale.messages import Message, message

COUNTED = ("num", "number", "n", "count", "freq", "veces", "cantidad", "numero", "times")
# rows from which on answers of people would stand twice
FEWEST_NUMBERED = 100
# names of codes of places, in the two languages of the offices
NO_ID = "no_respondent_id"
NO_TRAITS: Traits = {}
PLACE_WORDS = re.compile(r"depart|depto|dpto|munic|mpio|mcpio|divipola|dane|vereda|corregim|barrio")
LEGEND = (
    "seen: a guess from the cells, with its evidence; translate: a text in one language.",
    "Every `personal` is a proposal, `none` included.",
    "A label is the file's own, or the column's name until somebody writes one.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A column that the draft leaves out of the dictionary, and why."""

    source: str
    raw: str
    reason: str


@dataclass(slots=True, kw_only=True)
class DraftContext:
    """What all variables of a draft share; it grows as they are drafted.

    Attributes
    ----------
    clusters, respondents : frozenset of str
        Candidates for the design: they are ids, whatever they look like.
    scales : dict of variable name to question
        Variables whose codes or labels differ between files: left for a person to decide.
    """

    clusters: frozenset[str]
    respondents: frozenset[str]
    codes: CodeLists = field(default_factory=CodeLists)
    missing: MissingLists = field(default_factory=MissingLists)
    scales: dict[str, Message] = field(default_factory=dict)
    traits: Traits = field(default_factory=dict)
    language: str = "en"


def left_out(columns: Sequence[DraftColumn], clusters: frozenset[str]) -> tuple[Left, ...]:
    """Columns to ignore: those without any or with one value, and survey copies of the frame's."""
    found = []
    for column in (column for column in columns if column.name not in clusters):
        for source, seen in column.seen.items():
            reason = ""
            if source != FRAME and FRAME in column.seen:
                reason = "the frame has it too"
            elif not seen.counts and not seen.missing:
                reason = "no cell has a value"
            elif len(seen.counts) == 1 and not seen.blank and not seen.missing:
                reason = "all cells are alike"
            if reason:
                found.append(Left(source=source, raw=seen.raw, reason=reason))
    return tuple(found)


def without(columns: Sequence[DraftColumn], left: Sequence[Left]) -> tuple[DraftColumn, ...]:
    """Columns that stay when some are left out."""
    gone = {(entry.source, entry.raw) for entry in left}
    kept = []
    for column in columns:
        files = {s: seen for s, seen in column.seen.items() if (s, seen.raw) not in gone}
        kept += [DraftColumn(name=column.name, seen=files)] if files else []
    return tuple(kept)


def draft_from_data(
    columns: Sequence[DraftColumn],
    *,
    files: Mapping[str, str],
    clusters: frozenset[str],
    respondents: frozenset[str],
    beside: Sequence[DraftFile] = (),
    traits: Traits = NO_TRAITS,
    language: str = "en",
) -> tuple[DraftFile, ...]:
    """Draft two modules: columns that tell who and where, and answers.

    Parameters
    ----------
    columns : sequence of DraftColumn
        What is to be described.
    files : mapping of source to file name
        For the variables' ``source``.
    clusters, respondents : frozenset of str
        Names of variables that may identify clusters and respondents.
    beside : sequence of DraftFile
        Modules of the same dictionary that are drafted already: their missing lists are shared,
        and their ids are not given again.
    traits : mapping of raw column to Trait
        What people of both rounds say of sex and age.
    language : {"en", "es"}
        Of the open decisions.
    """
    shared = DraftContext(
        clusters=clusters,
        respondents=respondents,
        codes=CodeLists(taken=tuple(c.id for file in beside for c in file.module.codes)),
        missing=MissingLists({m.id: m for file in beside for m in file.module.missing}),
        traits=traits,
        language=language,
    )
    made = _numbered([_variable(column, files, shared) for column in columns])
    placed = {f"missing {missing.id}" for file in beside for missing in file.module.missing}
    taken = [file.module.module for file in beside]
    drafted = []
    for number, module, title in (
        ("00", "design", Text.of("draft.ids-and-design")),
        ("10", "answers", Text.of("draft.answers")),
    ):
        of_design = module == "design"
        entries = [m for m in made if of_design == (FRAME in m[0].raw or m[0].type == "id")]
        if not entries:
            continue
        file = draft_file(
            f"{number}_{legal_names([*taken, module])[-1]}",
            title,
            entries,
            codes=shared.codes.lists,
            missing=shared.missing,
            placed=placed,
            head=["Draft from the delivered files.", *LEGEND],
        )
        drafted.append(replace(file, text=_open(file.text, entries, shared)))
    return tuple(drafted)


def _variable(column: DraftColumn, files: Mapping[str, str], shared: DraftContext) -> Made:
    kind, why = _kind(column, shared)
    personal = _personal(column, kind, shared)
    notes = [f'seen: type {kind} ({why}), personal "{personal}"']
    if kind in ("count", "number"):
        notes.append("no range; write `range = [low, high]` where the form has one")
    lists = lists_of(column, kind, arm=_groups(column))
    codes = _codes(column, lists, shared)
    notes += [
        f"seen: labels of {seen.lent_by} for the codes of {source}, which has none"
        for source, seen in column.seen.items()
        if seen.lent_by
    ]
    label = short(Text(column.label or column.name, column.label or column.name))
    # a column's name is no label in any language
    notes.append("translate: label")
    missing = _missing(column, shared, notes)
    variable = Variable(
        name=column.name,
        type=kind,
        label=label,
        raw=column.raw,
        personal=personal,
        source=", ".join(file for source, file in files.items() if source in column.seen),
        codes=codes,
        missing=missing,
    )
    return with_traits(variable, notes, shared.traits)


def _numbered(made: Sequence[Made]) -> list[Made]:
    """Variables with labels that tell them apart: equal ones are numbered."""
    counts = Counter(variable.label.en for variable, _ in made)
    found: Counter[str] = Counter()
    apart = []
    for variable, notes in made:
        label = variable.label
        if counts[label.en] > 1:
            found[label.en] += 1
            end = numbered([found[label.en]])
            label = Text(f"{label.en}{end}", f"{label.es}{end}")
        apart.append((replace(variable, label=label), notes))
    return apart


def _groups(column: DraftColumn) -> bool:
    """Whether values name groups of clusters, so that they are texts: an arm is one."""
    return FRAME in column.seen and can_be_arm(column.seen[FRAME])


def _kind(column: DraftColumn, shared: DraftContext) -> tuple[Kind, str]:
    """Type by what the cells hold, and the evidence."""
    values = f"{len(column.values):,} different values"
    if column.name in shared.clusters | shared.respondents:
        return "id", f"{values}; it may carry the design"
    if _groups(column):
        return "nominal", f"{values} in the frame"
    labelled = any(_answers(seen) for seen in column.seen.values())
    places = set(column.seen) == {FRAME}
    if form_words.is_id(column.name) and not (labelled or column.every("is_coded")):
        return ("nominal" if places else "id"), f"by its name; {values}"
    if not places and _identifies(column):
        # few values may still be names, of interviewers: a code list would publish them
        return "text", f"names or devices, by its name; {values}"
    if not places and _is_numbering(column):
        return "id", f"another value in every row; {values}"
    if labelled or (column.every("is_coded") and not _is_counted(column)):
        kind, why = _coded(column)
        return kind, "labels of the file" if labelled else why
    if column.every("is_whole") and (why := _code_of_place(column)):
        return ("nominal" if places else "id"), why
    kind = _plain(column)
    if kind == "count" and thins_out(column):
        values = f"{values}, from 0 on ever fewer; ordinal if they are answers on a scale"
    return kind, "its cells are written so" if kind in ("date", "datetime") else values


def _is_numbering(column: DraftColumn) -> bool:
    """Whether whole numbers number the rows: none stands twice, and few are left out between."""
    if not column.every("is_whole"):
        return False
    return all(seen.is_unique() and _is_dense(seen) for seen in column.seen.values())


def _is_dense(seen: Profile) -> bool:
    numbers = [float(text) for text in seen.counts]
    return FEWEST_NUMBERED <= len(numbers) > (max(numbers) - min(numbers)) / 2


def _code_of_place(column: DraftColumn) -> str:
    """Why whole numbers are codes and no counts, whose zeros in front must stay; empty if not."""
    if any(ZERO_LED.fullmatch(text) for text in column.values):
        return "cells begin with 0: codes, not counts"
    if _names_place(column):
        return "codes of places, not counts; look whether zeros in front are lost (5 for 05)"
    return ""


def _identifies(column: DraftColumn) -> bool:
    """Whether a column's name says that names of people or marks of devices stand in it."""
    named = form_words.is_name(column.name) and not _names_place(column)
    return form_words.is_of_device(column.name) or (named and not column.every("is_whole"))


def _names_place(column: DraftColumn) -> bool:
    words = form_words.name_words(column.name)
    return not form_words.is_id(column.name) and any(PLACE_WORDS.match(word) for word in words)


def _answers(seen: Profile) -> bool:
    """Whether labels name answers of a column, not only its codes for no answer."""
    named = set(seen.labels) - set(missing_of(seen))
    return bool(named) and len(set(seen.counts) - set(seen.labels)) <= len(named)


def _is_counted(column: DraftColumn) -> bool:
    """Whether whole numbers count something: by the column's name, or because they thin out."""
    if not column.every("is_whole") or len(column.values) <= 2:
        return False
    named = not set(COUNTED).isdisjoint(form_words.name_words(column.name))
    return named or thins_out(column)


def _coded(column: DraftColumn) -> tuple[Kind, str]:
    """Type of a coded column, and what its codes are."""
    numeric = column.every("is_whole")
    labels = (seen.labels for seen in column.seen.values())
    codes = column.values.union(*labels) - _missing_codes(column)
    if not numeric:
        return "nominal", "few texts"
    if {float(code) for code in codes} <= {0.0, 1.0}:
        return "binary", "whole numbers 0 and 1"
    if len(codes) <= 2:
        return "nominal", "two whole numbers"
    return "ordinal", "few whole numbers; nominal if they have no order, count if they count"


def _plain(column: DraftColumn) -> Kind:
    if column.every("is_date"):
        return "date"
    if column.every("is_datetime"):
        return "datetime"
    if column.every("is_whole"):
        negative = any(float(text) < 0 for text in column.values - _missing_codes(column))
        return "number" if negative else "count"
    if column.every("is_number"):
        return "number"
    return "nominal" if set(column.seen) == {FRAME} else "text"


def _missing_codes(column: DraftColumn) -> set[str]:
    return set().union(*(missing_of(seen) for seen in column.seen.values()))


def _personal(column: DraftColumn, kind: Kind, shared: DraftContext) -> form_words.Personal:
    if column.name in shared.clusters:
        return "quasi"
    if column.name in shared.respondents or (kind == "id" and not _names_place(column)):
        return "direct"
    if kind == "id":
        return "quasi"
    form_type = {"number": "decimal", "count": "integer"} | {
        kind: kind for kind in ("text", "date", "datetime")
    }
    found, _ = form_words.personal(column.name, form_type.get(kind, "select_one"), ())
    # the frame lists places, not people
    return "quasi" if found == "direct" and set(column.seen) == {FRAME} else found


def _codes(column: DraftColumn, lists: Lists, shared: DraftContext) -> str | dict[str, str] | None:
    if not lists.codes:
        return None
    difference = differ(lists)
    if difference:
        shared.scales[column.name] = difference
        return {
            source: shared.codes.id_for(f"{column.name}_{source}", codes, lists.origin[source])
            for source, codes in lists.codes.items()
        }
    return shared.codes.id_for(column.name, lists.merged(), "; ".join(lists.origin.values()))


def _missing(
    column: DraftColumn, shared: DraftContext, notes: list[str]
) -> str | dict[str, str] | None:
    ids: dict[str, str] = {}
    for source, seen in column.seen.items():
        kinds: dict[str, tuple[str, ...]] = {}
        for code, (kind, why) in missing_of(seen).items():
            kinds[kind] = (*kinds.get(kind, ()), code)
            cells = seen.counts[code] + seen.missing[code]
            notes.append(f"seen: {code} is missing ({kind}), {why}; {cells:,} in {source}")
        stem = ""
        if seen.blank and column.name in shared.respondents and source != FRAME:
            stem = NO_ID
            notes.append(
                f"confirm: {seen.blank:,} of {seen.rows:,} rows of {source} have no id and link to"
                " no other round; if they are people interviewed for the first time, write"
                f' blank = "not_applicable" in {NO_ID}'
            )
        elif seen.blank:
            notes.append(f"seen: a blank is not_asked; {seen.blank:,} in {source}")
        found = shared.missing.id_for(kinds, "not_asked" if seen.blank else "error", stem)
        if found is not None:
            ids[source] = found
    same = len(set(ids.values())) == 1 and set(ids) == set(column.seen)
    return next(iter(ids.values())) if same else ids or None


def _open(text: str, made: Sequence[Made], shared: DraftContext) -> str:
    """The text with an open decision in place of codes that differ between files."""
    for variable, _ in made:
        if variable.name not in shared.scales or not isinstance(variable.codes, dict):
            continue
        chosen = ", ".join(f'{source} = "{i}"' for source, i in variable.codes.items())
        question = marker(
            message("draft.scale", difference=shared.scales[variable.name]),
            message("draft.scale-one", chosen=f"{{ {chosen} }}"),
            message("draft.scale-two"),
            language=shared.language,
        )
        text = text.replace(f"codes = {{ {chosen} }}", f"codes = {written(question)}", 1)
    return text
