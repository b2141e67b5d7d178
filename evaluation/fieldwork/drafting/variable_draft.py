"""One variable of a dictionary, drafted from a column of a form: kind, codes, skips and ranges."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from evaluation.config.dictionary import AskedIf, Kind, Variable
from evaluation.config.toml_reader import Text
from evaluation.data import form_words
from evaluation.data.spelling import bilingual, plain, short
from evaluation.fieldwork.drafting.code_list_draft import DraftList, MissingLists
from evaluation.fieldwork.drafting.form_columns import (
    FormColumn,
    Skip,
    bounds,
    conditions,
    exact_skip,
    has_other,
    repetitions,
)
from evaluation.fieldwork.drafting.lasting_traits import numbered
from evaluation.fieldwork.drafting.xlsform import YES, Form, FormQuestion
from evaluation.locale.messages import entries

# wide enough to stop nothing, and plainly not a bound that somebody chose
NO_BOUND = 999_999_999.0
# a longer list of places is not published; so many labels that are steps make a scale
MOST_PLACES, GRADED = 12, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all variables of a draft share.

    Attributes
    ----------
    names : mapping of raw column to variable name
    by_name : mapping of name in the form to question
    lists : mapping of choice list to its draft
    kinds : mapping of code to missing kind, as the form's own lists call it
    before_consent : frozenset of str
        Raw columns of questions in front of that of consent, which depend on nothing.
    """

    form: Form
    round: str
    source: str
    names: Mapping[str, str]
    by_name: Mapping[str, FormQuestion]
    lists: Mapping[str, DraftList]
    chosen: DraftList
    kinds: Mapping[str, str]
    missing: MissingLists
    before_consent: frozenset[str] = frozenset()


def is_left_out(question: FormQuestion, form: Form) -> bool:
    """Whether the choices are names of interviewers, or a long list of places.

    The dictionary is public and has neither.
    """
    if form_words.is_of_people(question.name, question.list_name):
        return True
    places = form_words.is_of_place(question.name, question.list_name)
    return places and len(form.choices.get(question.list_name, ())) > MOST_PLACES


def asked_if(column: FormColumn, context: Context, notes: list[str]) -> AskedIf | None:
    """The skip rule that says when a column is asked, or None; then its conditions are noted."""
    question, rule = column.question, None
    conditioned = conditions(question)
    if column.part == "other":
        notes.append(f"relevant: selected(${{{question.name}}}, 'other')")
    elif conditioned.all:
        found = exact_skip(question, context.by_name)
        rule = _rule(found, column, context) if found else None
        notes += conditioned.comments() if rule is None else ()
    if all(number == 1 for number in column.repetition):
        notes += (
            f"seen: repeat {group.name}, count {group.repeat_count or 'not stated'}:"
            f" {repetitions(group)} written out"
            for group in question.within
            if group.repeats
        )
    return rule


def _rule(found: Skip, column: FormColumn, context: Context) -> AskedIf | None:
    """The form's skip in terms of variables and harmonised values; None where it has none."""
    gate = context.by_name[found.gate]
    depth = sum(group.repeats for group in gate.within)
    ending = "".join(f"_{number}" for number in column.repetition[:depth])
    if gate.type == "select_multiple" and gate.list_name in context.lists:
        raw = f"{gate.name}_{found.codes[0]}{ending}"
        if found.how != "selected" or len(found.codes) > 1 or raw not in context.names:
            return None
        return AskedIf(variable=context.names[raw], values=(1.0,))
    raw = f"{gate.name}{ending}"
    if raw not in context.names:
        return None
    values = _values(found, gate, context)
    return None if values is None else AskedIf(variable=context.names[raw], values=values)


def _values(found: Skip, gate: FormQuestion, context: Context) -> tuple[float | str, ...] | None:
    if (
        gate.type == "select_one"
        and not is_left_out(gate, context.form)
        and gate.list_name in context.lists
    ):
        return context.lists[gate.list_name].values_of(found.codes)
    if gate.type in ("integer", "decimal", "range") and not form_words.is_id(gate.name):
        numbers = (c for c in found.codes if c.removeprefix("-").replace(".", "", 1).isdecimal())
        return tuple(map(float, numbers)) or None
    return found.codes if gate.type in ("select_one", "text", "calculate", "integer") else None


def allowed_range(
    question: FormQuestion, kind: Kind, context: Context, notes: list[str]
) -> tuple[tuple[float, ...], dict[str, tuple[str, ...]]]:
    """Range and missing codes that a simple constraint gives; all others become a comment."""
    written = question.constraint
    found = bounds(written) if written and kind in ("count", "number") else None
    if found is None:
        notes += [f"constraint: {written}"] if written else []
        return (), {}
    low, high = found.low, found.high
    if kind == "count":
        low = low + 1 if low is not None and "low" in found.open_ends else low
        high = high - 1 if high is not None and "high" in found.open_ends else high
    elif found.open_ends:
        notes.append(f"seen: the {' and '.join(found.open_ends)} end itself is not allowed")
    open_ends = [end for end, bound in (("lower", low), ("upper", high)) if bound is None]
    notes += (f"seen: the form gives no {end} bound" for end in open_ends)
    if low is None:
        low = 0.0 if kind == "count" and (high is None or high >= 0) else -NO_BOUND
    ranged = (low, NO_BOUND if high is None else high)
    if ranged[0] > ranged[1]:
        notes.append(f"constraint: {written}")
        return (), {}
    return ranged, _admitted(found.admitted, ranged, context, notes)


def _admitted(
    codes: tuple[str, ...], ranged: tuple[float, ...], context: Context, notes: list[str]
) -> dict[str, tuple[str, ...]]:
    kinds: dict[str, tuple[str, ...]] = {}
    for code in codes:
        if ranged[0] <= float(code) <= ranged[1]:
            continue
        kind = context.kinds.get(code)
        if kind is None:
            notes.append(f"seen: the form also admits {code}; declare it in `missing`")
        else:
            kinds[kind] = (*kinds.get(kind, ()), code)
            notes.append(f"seen: {code} is missing ({kind}), as in the form's choice lists")
    return kinds


DEVICE = ("deviceid", "subscriberid", "simserial", "phonenumber")
TYPES: dict[str, Kind] = {
    "integer": "count",
    **dict.fromkeys(("decimal", "range"), "number"),
    **dict.fromkeys(("date", "today"), "date"),
    **dict.fromkeys(("datetime", "start", "end"), "datetime"),
    **dict.fromkeys(("barcode", *DEVICE, "username", "caseid"), "id"),
}
CONSENT = "consent"
CONSENT_TYPES = ("select_one", "acknowledge", "trigger", "integer", "calculate")
NAMED_CONSENT = "seen: the variable of consent must be named consent"
OF_CLOCK = ("start", "end", "today")
METADATA = (*OF_CLOCK, *DEVICE, "username", "email", "caseid", "audit", "comments")


def draft_variable(column: FormColumn, context: Context) -> tuple[Variable, tuple[str, ...]]:
    """A variable and its comments.

    Parameters
    ----------
    column : FormColumn
        Column of the export.
    context : Context
        Names and lists of the whole draft. Missing lists that the variable needs are added to it.
    """
    notes: list[str] = []
    name = context.names[column.raw]
    if name != column.raw:
        notes.append(f"raw name: {column.raw}")
    if name == CONSENT or is_consent(column):
        notes.append(NAMED_CONSENT + "; 1 is consent, all else is none" * (name == CONSENT))
    question, kind = column.question, _type(column, context, notes)
    label, asked = _texts(column, context, notes)
    if column.raw in context.before_consent:
        # what stands before consent is filled in by who visits: no answer
        asked = None
    coded = _coded(column, context)
    ranged, admitted = allowed_range(question, kind, context, notes)
    rule = asked_if(column, context, notes)
    if rule is not None and plain(question.required) not in YES:
        rule = replace(rule, skipped="refused")
        notes.append("seen: no answer is required: left empty by somebody asked is refused")
    missing = {**(coded.missing if coded else {}), **admitted}
    personal, why = _personal(column, kind, context.form)
    gate = sensitive_gate(question, context.by_name) if personal == "none" else ""
    if gate:
        personal, why = "sensitive", f"`{gate}`, after which it is asked"
    if why:
        notes.append(f"seen: personal is {personal} because of {why}")
    if question.calculation and column.part == "whole":
        notes.append(f"calculation: {question.calculation}")
    variable = Variable(
        name=name,
        type=kind,
        label=label,
        question=asked,
        raw={context.round: column.raw},
        codes=coded.codes.id if coded else None,
        missing=context.missing.id_for(missing, _blank(column, notes)),
        range=ranged,
        asked_if=rule,
        personal=personal,
        source=context.source,
    )
    return variable, tuple(notes)


def is_consent(column: FormColumn) -> bool:
    """Whether a column looks like consent to the interview; one answer, asked once, can be it."""
    question = column.question
    return (
        question.type in CONSENT_TYPES
        and not column.repetition
        and column.part == "whole"
        and form_words.is_consent(column.raw, question.label.values())
    )


def _coded(column: FormColumn, context: Context) -> DraftList | None:
    question = column.question
    if column.part == "choice":
        return context.chosen
    if (
        question.type != "select_one"
        or column.part == "other"
        or is_left_out(question, context.form)
    ):
        return None
    return context.lists.get(question.list_name)


def _type(column: FormColumn, context: Context, notes: list[str]) -> Kind:
    question = column.question
    if column.part == "other":
        return "text"
    if column.part == "choice":
        if column.code == context.form.choices[question.list_name][0].code:
            notes.append(_layout(question, context))
        return "binary"
    if question.type == "select_one":
        return _select_type(question, context, notes)
    if question.type in ("integer", "text", "calculate") and form_words.is_id(question.name):
        notes.append("seen: type is id because of its name; an id keeps its leading zeros")
        return "id"
    if question.type in ("select_multiple", "rank"):
        notes.append(f"seen: one text for `{question.written_type}`")
    if question.type in ("geopoint", "time", "rank"):
        notes.append(f"seen: the form's type is {question.type}; exports may split it")
    return TYPES.get(question.type, "text")


def _layout(question: FormQuestion, context: Context) -> str:
    codes = ", ".join(f'"{choice.code}"' for choice in context.form.choices[question.list_name])
    other = ', "other"' if has_other(question) else ""
    return (
        f'manifest: select_multiple column = "{question.name}", codes = [{codes}{other}]; one'
        " variable for each code, whatever the layout of the export"
    )


def _select_type(question: FormQuestion, context: Context, notes: list[str]) -> Kind:
    if is_left_out(question, context.form):
        notes.append(
            f"seen: codes of list {question.list_name} are left out, they name people or places"
        )
        return "id"
    drafted = context.lists.get(question.list_name)
    if drafted is None or "(" in question.appearance:
        notes.append(f"seen: choices come from elsewhere: {question.written_type}")
    if drafted is None:
        return "nominal"
    if drafted.binary:
        return "binary"
    graded = sum(form_words.is_graded((code.en, code.es)) for code in drafted.codes.values)
    if graded >= GRADED and all(isinstance(code.value, float) for code in drafted.codes.values):
        notes.append(f"seen: type is ordinal: {graded} labels are steps of a scale")
        return "ordinal"
    if len(drafted.codes.values) > 2:
        notes.append("seen: type is nominal; ordinal if the codes have an order")
    return "nominal"


def _texts(column: FormColumn, context: Context, notes: list[str]) -> tuple[Text, Text | None]:
    question = column.question
    if question.type in entries("draft.known") and not question.label:
        return Text.of(f"draft.known.{question.type}"), None
    text, said = bilingual(question.label, otherwise=column.raw)
    if not question.label:
        notes.append("seen: label, the form has none")
        return text, None
    notes.extend(said)
    label = short(text)
    if column.part == "choice":
        labels = {c.code: c.label for c in context.form.choices[question.list_name]}
        choice, _ = bilingual(labels.get(column.code, {}), otherwise=column.code)
        label = short(Text(f"{choice.en}: {label.en}", f"{choice.es}: {label.es}"))
    if column.part == "other":
        label = short(Text.of("draft.other", label=label))
    if any(repetitions(group) > 1 for group in question.within if group.repeats):
        end = numbered(column.repetition)
        label = Text(f"{label.en}{end}", f"{label.es}{end}")
    return label, text


def _blank(column: FormColumn, notes: list[str]) -> str:
    """What an empty cell means."""
    question = column.question
    if question.type in METADATA:
        return "error" if question.type in OF_CLOCK else "not_asked"
    repeated = any(group.repeats for group in question.within)
    if conditions(question).all or repeated or column.part == "other":
        return "not_applicable"
    if plain(question.required) in YES:
        return "error"
    if question.type != "calculate":
        notes.append("seen: a blank is not_asked; the form does not require an answer")
    return "not_asked"


NAMED = re.compile(r"\$\{\s*([^}\s]+)\s*\}")


def sensitive_gate(
    question: FormQuestion, by_name: Mapping[str, FormQuestion], seen: frozenset[str] = frozenset()
) -> str:
    """The sensitive question whose answer decides whether this one is asked; empty without one.

    Parameters
    ----------
    question : FormQuestion
    by_name : mapping of name in the form to question
    seen : frozenset of str
        Names that were looked at on the way.
    """
    told = NAMED.findall(" ".join(conditions(question).all))
    for name in (n for n in told if n in by_name and n not in seen):
        gate = by_name[name]
        found = form_words.personal(gate.name, gate.type, gate.label.values())[0]
        if found == "sensitive":
            return name
        further = sensitive_gate(gate, by_name, seen | {name, question.name})
        if further:
            return further
    return ""


def _personal(column: FormColumn, kind: Kind, form: Form) -> tuple[form_words.Personal, str]:
    question = column.question
    if question.type in OF_CLOCK:
        return "quasi", ""
    if is_left_out(question, form):
        return "quasi", "the interviewers or places that it lists"
    if kind == "id":
        return "direct", "its type, id"
    form_type = "text" if column.part == "other" else question.type
    return form_words.personal(question.name, form_type, question.label.values())
