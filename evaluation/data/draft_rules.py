"""Skip rules and ranges of a drafted variable, from the form's simple expressions."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.data import form_words
from evaluation.data.draft_codes import DraftList, MissingLists
from evaluation.data.draft_columns import Column, conditions, exact_skip, repetitions
from evaluation.data.form_rules import Skip, bounds
from evaluation.data.xlsform import Form, Question
from evaluation.spec.dictionary import AskedIf, Kind

# wide enough to stop nothing, and plainly not a bound that somebody chose
NO_BOUND = 999_999_999.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all variables of a draft share.

    Attributes
    ----------
    names : mapping of raw column to variable name
    by_name : mapping of name in the form to question
    lists : mapping of choice list to its draft
    kinds : mapping of code to missing kind, as the form's own lists call it
    """

    form: Form
    round: str
    source: str
    names: Mapping[str, str]
    by_name: Mapping[str, Question]
    lists: Mapping[str, DraftList]
    chosen: DraftList
    kinds: Mapping[str, str]
    missing: MissingLists


def is_left_out(question: Question) -> bool:
    """Whether the choices are names of interviewers: the dictionary, which is public, has none."""
    return form_words.is_of_people(question.name, question.list_name)


def asked_if(column: Column, context: Context, notes: list[str]) -> AskedIf | None:
    """The skip rule that says when a column is asked, or None; then its conditions are noted."""
    question = column.question
    conditioned = conditions(question)
    if column.part == "other":
        notes.append(f"relevant: selected(${{{question.name}}}, 'other')")
    if not conditioned.all or column.part == "other":
        notes.extend(_repeat_note(column))
        return None
    found = exact_skip(question, context.by_name)
    rule = _rule(found, column, context) if found else None
    if rule is None:
        notes.extend(conditioned.comments())
    notes.extend(_repeat_note(column))
    return rule


def _repeat_note(column: Column) -> list[str]:
    repeats = [group for group in column.question.within if group.repeats]
    if not repeats or any(number > 1 for number in column.repetition):
        return []
    return [
        f"confirm: repeat {group.name}, count {group.repeat_count or 'not stated'}:"
        f" {repetitions(group)} written out"
        for group in repeats
    ]


def _rule(found: Skip, column: Column, context: Context) -> AskedIf | None:
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


def _values(found: Skip, gate: Question, context: Context) -> tuple[float | str, ...] | None:
    if gate.type == "select_one" and not is_left_out(gate) and gate.list_name in context.lists:
        return context.lists[gate.list_name].values_of(found.codes)
    if gate.type in ("integer", "decimal", "range") and not form_words.is_id(gate.name):
        return tuple(float(code) for code in found.codes if _is_number(code)) or None
    return found.codes if gate.type in ("select_one", "text", "calculate", "integer") else None


def _is_number(code: str) -> bool:
    return code.removeprefix("-").replace(".", "", 1).isdecimal()


def allowed_range(
    question: Question, kind: Kind, context: Context, notes: list[str]
) -> tuple[tuple[float, ...], dict[str, tuple[str, ...]]]:
    """Range and missing codes that a simple constraint gives; all others become a comment."""
    if not question.constraint:
        return (), {}
    found = bounds(question.constraint) if kind in ("count", "number") else None
    if found is None:
        notes.append(f"constraint: {question.constraint}")
        return (), {}
    low, high = found.low, found.high
    if kind == "count":
        low = low + 1 if low is not None and "low" in found.open_ends else low
        high = high - 1 if high is not None and "high" in found.open_ends else high
    elif found.open_ends:
        notes.append(f"confirm: the {' and '.join(found.open_ends)} end itself is not allowed")
    for end, bound in (("lower", low), ("upper", high)):
        if bound is None:
            notes.append(f"confirm: the form gives no {end} bound")
    if low is None:
        low = 0.0 if kind == "count" and (high is None or high >= 0) else -NO_BOUND
    ranged = (low, NO_BOUND if high is None else high)
    if ranged[0] > ranged[1]:
        notes.append(f"constraint: {question.constraint}")
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
            notes.append(f"confirm: the form also admits {code}; declare it in `missing`")
        else:
            kinds[kind] = (*kinds.get(kind, ()), code)
            notes.append(f"confirm: {code} is missing ({kind}), as in the form's choice lists")
    return kinds
