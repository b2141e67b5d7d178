"""One variable of a dictionary, drafted from a column of a form."""

from evaluation.data import form_words
from evaluation.data.draft_codes import DraftList
from evaluation.data.draft_columns import (
    Column,
    Conditions,
    conditions,
    has_other,
)
from evaluation.data.draft_names import bilingual, short
from evaluation.data.draft_rules import Context, allowed_range, asked_if, is_left_out
from evaluation.data.xlsform import YES, Question
from evaluation.data.xlsform_headers import plain
from evaluation.locale.messages import entries
from evaluation.spec.dictionary import Kind, Variable
from evaluation.spec.load import Text

TYPES: dict[str, Kind] = {
    "integer": "count",
    "decimal": "number",
    "range": "number",
    "date": "date",
    "today": "date",
    "datetime": "datetime",
    "start": "datetime",
    "end": "datetime",
    "barcode": "id",
    "deviceid": "id",
    "subscriberid": "id",
    "simserial": "id",
    "phonenumber": "id",
    "username": "id",
    "caseid": "id",
}
CONSENT = "consent"
CONSENT_TYPES = ("select_one", "acknowledge", "trigger", "integer", "calculate")
NAMED_CONSENT = "confirm: the variable of consent must be named consent"
METADATA = (
    *("start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber"),
    *("username", "email", "caseid", "audit", "comments"),
)


def draft_variable(column: Column, context: Context) -> tuple[Variable, tuple[str, ...]]:
    """A variable and its comments.

    Parameters
    ----------
    column : Column
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
    coded = _coded(column, context)
    ranged, admitted = allowed_range(question, kind, context, notes)
    rule = asked_if(column, context, notes)
    missing = {**(coded.missing if coded else {}), **admitted}
    personal, why = _personal(column, kind)
    if why:
        notes.append(f"confirm: personal is {personal} because of {why}")
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


def is_consent(column: Column) -> bool:
    """Whether a column looks like consent to the interview; one answer, asked once, can be it."""
    question = column.question
    return (
        question.type in CONSENT_TYPES
        and not column.repetition
        and column.part == "whole"
        and form_words.is_consent(column.raw, question.label.values())
    )


def _coded(column: Column, context: Context) -> DraftList | None:
    question = column.question
    if column.part == "choice":
        return context.chosen
    if question.type != "select_one" or column.part == "other" or is_left_out(question):
        return None
    return context.lists.get(question.list_name)


def _type(column: Column, context: Context, notes: list[str]) -> Kind:
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
        notes.append("confirm: type is id because of its name; an id keeps its leading zeros")
        return "id"
    if question.type in ("select_multiple", "rank"):
        notes.append(f"confirm: one text for `{question.written_type}`")
    if question.type in ("geopoint", "time", "rank"):
        notes.append(f"confirm: the form's type is {question.type}; exports may split it")
    return TYPES.get(question.type, "text")


def _layout(question: Question, context: Context) -> str:
    codes = ", ".join(f'"{choice.code}"' for choice in context.form.choices[question.list_name])
    other = ', "other"' if has_other(question) else ""
    return (
        f'manifest: select_multiple column = "{question.name}", codes = [{codes}{other}]; one'
        " variable for each code, whatever the layout of the export"
    )


def _select_type(question: Question, context: Context, notes: list[str]) -> Kind:
    if is_left_out(question):
        notes.append(
            f"confirm: codes of list {question.list_name} are left out, their labels name people"
        )
        return "id"
    drafted = context.lists.get(question.list_name)
    if drafted is None or "(" in question.appearance:
        notes.append(f"confirm: choices come from elsewhere: {question.written_type}")
    if drafted is None:
        return "nominal"
    if drafted.binary:
        return "binary"
    if len(drafted.codes.values) > 2:
        notes.append("confirm: type is nominal; ordinal if the codes have an order")
    return "nominal"


def _texts(column: Column, context: Context, notes: list[str]) -> tuple[Text, Text | None]:
    question = column.question
    if question.type in entries("draft.known") and not question.label:
        return Text.of(f"draft.known.{question.type}"), None
    text, said = bilingual(question.label, otherwise=column.raw)
    if not question.label:
        notes.append("confirm: label, the form has none")
        return text, None
    notes.extend(said)
    label = short(text)
    if column.part == "choice":
        chosen = next(
            (c for c in context.form.choices[question.list_name] if c.code == column.code), None
        )
        choice, _ = bilingual(chosen.label if chosen else {}, otherwise=column.code)
        label = short(Text(f"{choice.en}: {label.en}", f"{choice.es}: {label.es}"))
    if column.part == "other":
        label = short(Text.of("draft.other", label=label))
    return label, text


def _blank(column: Column, notes: list[str]) -> str:
    """What an empty cell means."""
    question = column.question
    if question.type in METADATA:
        return "error" if question.type in ("start", "end", "today") else "not_asked"
    repeated = any(group.repeats for group in question.within)
    if _conditioned(question) or repeated or column.part == "other":
        return "not_applicable"
    if plain(question.required) in YES:
        return "error"
    if question.type != "calculate":
        notes.append("confirm: a blank is not_asked; the form does not require an answer")
    return "not_asked"


def _conditioned(question: Question) -> bool:
    found: Conditions = conditions(question)
    return bool(found.all)


def _personal(column: Column, kind: Kind) -> tuple[form_words.Personal, str]:
    question = column.question
    if question.type in ("start", "end", "today"):
        return "quasi", ""
    if is_left_out(question):
        return "quasi", "the interviewers it lists"
    if kind == "id":
        return "direct", "its type, id"
    form_type = "text" if column.part == "other" else question.type
    return form_words.personal(question.name, form_type, question.label.values())
