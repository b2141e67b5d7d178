"""A first dictionary from a survey form: what a person confirms instead of typing it.

Whatever is a guess carries a ``confirm:`` comment, a text in another language ``translate:``, an
expression that is not simple ``relevant:`` or ``constraint:``. Nothing that the form says is lost
without a word, and nothing is enforced that the form does not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.form_words import Personal
from evaluation.data.spelling import bilingual, legal_names
from evaluation.errors import SpecError
from evaluation.fieldwork.code_list_draft import DraftList, MissingLists, chosen_list, draft_lists
from evaluation.fieldwork.form_columns import Column, columns, has_other
from evaluation.fieldwork.variable_draft import (
    CONSENT,
    Context,
    draft_variable,
    is_consent,
    is_left_out,
)
from evaluation.fieldwork.xlsform import Form, Question
from evaluation.locale.messages import message
from evaluation.study.dictionary import Kind, Module, Variable
from evaluation.study.dictionary_text import module_text
from evaluation.study.toml_reader import Text

ROOT = ""
OF_GROUP = "relevant (group "
Server = tuple[tuple[str, Kind, str, Personal], ...]
# columns that the server adds to an export; no form names them
SERVERS: dict[str, Server] = {
    "surveycto": (
        ("SubmissionDate", "datetime", "draft.submitted", "quasi"),
        ("instanceID", "id", "draft.instance", "direct"),
        ("formdef_version", "text", "draft.version", "none"),
        ("KEY", "id", "draft.instance", "direct"),
    ),
    "odk": (
        ("SubmissionDate", "text", "draft.submitted", "quasi"),
        ("instanceID", "id", "draft.instance", "direct"),
        ("FormVersion", "text", "draft.version", "none"),
        ("KEY", "id", "draft.instance", "direct"),
    ),
    "kobo": (
        ("_submission_time", "text", "draft.submitted", "quasi"),
        ("_uuid", "id", "draft.instance", "direct"),
        ("__version__", "text", "draft.version", "none"),
        ("_id", "id", "draft.instance", "direct"),
    ),
    "none": (),
}
LEGEND = (
    "confirm: a guess; translate: a text in another language; relevant, constraint, calculation:",
    "what the form says and nothing here enforces; manifest: what the file's entry has to say.",
    "Take each comment away once it is settled. Every `personal` is a proposal, `none` included.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFile:
    """A module, its file name, its comments, and its text."""

    name: str
    module: Module
    notes: Mapping[tuple[str, int], Sequence[str]]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The files of a draft, and the choice lists of the form that no question uses."""

    files: tuple[DraftFile, ...]
    unused_lists: tuple[str, ...]
    skipped_notes: int

    def count(self, word: str) -> int:
        """Number of blocks with a comment that begins with a word: ``confirm``, ``relevant``."""
        return sum(
            any(note.startswith(word) for note in notes)
            for file in self.files
            for notes in file.notes.values()
        )

    @property
    def variables(self) -> tuple[Variable, ...]:
        """All variables in order."""
        return tuple(v for file in self.files for v in file.module.variable)


def draft_dictionary(form: Form, *, round_id: str, server: str) -> Draft:
    """Draft a dictionary: one module for each group at the top of the form.

    Parameters
    ----------
    form : Form
        What the form says.
    round_id : str
        Round whose export has the form's columns.
    server : {"surveycto", "odk", "kobo", "none"}
        Whose columns are added.

    Raises
    ------
    SpecError
        The form holds no question, or two of its questions give one raw column.
    """
    found = columns(form)
    added = SERVERS[server]
    _check_raw(form, [column.raw for column in found])
    if not found:
        raise SpecError(
            message("form-asks-nothing.problem"),
            where=f"{form.file}: sheet survey",
            mend=message("add-questions.mend"),
        )
    raws = [column.raw for column in found]
    extra = [entry for entry in added if entry[0] not in raws]
    names = _names([*raws, *(raw for raw, *_ in extra)], consent=consent_of(found))
    context = _context(form, round_id, names)
    made = [(_group(column.question), *draft_variable(column, context)) for column in found]
    made += [(ROOT, *_of_server(entry, context)) for entry in extra]
    return _draft(form, made, context)


def consent_of(found: Sequence[Column]) -> str:
    """Raw column of consent, empty without one; a column of that very name goes first."""
    alike = [column.raw for column in found if is_consent(column)]
    return CONSENT if CONSENT in alike else next(iter(alike), "")


def _names(raws: Sequence[str], *, consent: str) -> dict[str, str]:
    """Legal name of each raw column; that of consent is named as the pipeline reads it."""
    others = [raw for raw in raws if raw != consent]
    wanted = [CONSENT, *others] if consent else others
    made = dict(zip([consent, *others] if consent else others, legal_names(wanted), strict=True))
    return {raw: made[raw] for raw in raws}


def _check_raw(form: Form, raws: Sequence[str]) -> None:
    seen: set[str] = set()
    for raw in raws:
        if raw in seen:
            raise SpecError(
                message("two-questions.problem", raw=raw),
                where=f"{form.file}: sheet survey",
                mend=message("rename-one-choice.mend"),
            )
        seen.add(raw)


def _context(form: Form, round_id: str, names: Mapping[str, str]) -> Context:
    used = [q for q in form.questions if q.type == "select_one" and not is_left_out(q)]
    listed = {q.list_name for q in used} & set(form.choices)
    lists = draft_lists(
        {name: choices for name, choices in form.choices.items() if name in _all_lists(form)},
        (q.list_name for q in used if has_other(q)),
    )
    kinds = {
        code: kind
        for name in listed
        for kind, codes in lists[name].missing.items()
        for code in codes
    }
    source = " ".join(part for part in (form.id or form.file, form.version) if part)
    return Context(
        form=form,
        round=round_id,
        source=source,
        names=names,
        by_name={question.name: question for question in form.questions},
        lists=lists,
        chosen=chosen_list(),
        kinds=kinds,
        missing=MissingLists(),
    )


def _all_lists(form: Form) -> set[str]:
    return {question.list_name for question in form.questions if question.list_name}


def _of_server(
    entry: tuple[str, Kind, str, Personal], context: Context
) -> tuple[Variable, tuple[str, ...]]:
    raw, kind, label, personal = entry
    name = context.names[raw]
    variable = Variable(
        name=name,
        type=kind,
        label=Text.of(label),
        raw={context.round: raw},
        personal=personal,
        source="survey server",
    )
    renamed = (f"raw name: {raw}",) if name != raw else ()
    return variable, (*renamed, "confirm: added by the server; take it away if the export lacks it")


def _group(question: Question) -> str:
    return question.within[0].name if question.within else ROOT


def _draft(
    form: Form, made: Sequence[tuple[str, Variable, tuple[str, ...]]], context: Context
) -> Draft:
    by_id = {drafted.codes.id: drafted for drafted in context.lists.values()}
    by_id[context.chosen.codes.id] = context.chosen
    groups = sorted({group for group, *_ in made}, key=lambda name: name != ROOT)
    order = [name for name in dict.fromkeys(g for g, *_ in made) if name in groups]
    if ROOT in order:
        order = [ROOT, *(name for name in order if name != ROOT)]
    modules = legal_names(name or "form" for name in order)
    placed: set[str] = set()
    files = []
    for position, (group, module_id) in enumerate(zip(order, modules, strict=True)):
        mine = [(variable, notes) for name, variable, notes in made if name == group]
        title, said = _title(form, group)
        mine = _once(mine, said)
        module, notes = _module(module_id, title, mine, (by_id, context.missing, placed))
        name = f"{position:02d}_{module_id}.toml"
        head = [f"Draft from the form {context.source} ({form.file}).", *LEGEND, *said]
        text = module_text(module, head=head, notes=notes)
        files.append(DraftFile(name=name, module=module, notes=notes, text=text))
    unused = tuple(sorted(set(form.choices) - _all_lists(form)))
    skipped = sum(question.type == "note" for question in form.questions)
    return Draft(files=tuple(files), unused_lists=unused, skipped_notes=skipped)


def _title(form: Form, group: str) -> tuple[Text, tuple[str, ...]]:
    if group == ROOT:
        return Text.of("draft.root-title"), ()
    outer = next(q.within[0] for q in form.questions if q.within and q.within[0].name == group)
    title, said = bilingual(outer.label, otherwise=group)
    condition = (f"relevant (group {group}): {outer.relevant}",) if outer.relevant else ()
    return title, (*said, *condition)


def _once(
    mine: Sequence[tuple[Variable, tuple[str, ...]]], head: Sequence[str]
) -> list[tuple[Variable, tuple[str, ...]]]:
    """Write the condition of a group out once in a file: where its first question stands."""
    told, short = set(head), []
    for variable, notes in mine:
        again = [note for note in notes if note in told and note.startswith(OF_GROUP)]
        names = ", ".join(note.removeprefix(OF_GROUP).split(")")[0] for note in again)
        kept = [note for note in notes if note not in again]
        also = [f"relevant: as written above for {names}"] if names else []
        short.append((variable, (*kept, *also)))
        told.update(notes)
    return short


def _module(
    module_id: str,
    title: Text,
    mine: Sequence[tuple[Variable, tuple[str, ...]]],
    lists: tuple[Mapping[str, DraftList], MissingLists, set[str]],
) -> tuple[Module, dict[tuple[str, int], Sequence[str]]]:
    """A module with the lists that its variables are the first to use; ``placed`` grows."""
    by_id, missing, placed = lists
    codes = [i for i in dict.fromkeys(v.codes for v, _ in mine) if isinstance(i, str)]
    gaps = [i for i in dict.fromkeys(v.missing for v, _ in mine) if isinstance(i, str)]
    codes = [identifier for identifier in codes if f"codes {identifier}" not in placed]
    gaps = [identifier for identifier in gaps if f"missing {identifier}" not in placed]
    placed.update([*(f"codes {i}" for i in codes), *(f"missing {i}" for i in gaps)])
    notes: dict[tuple[str, int], Sequence[str]] = {}
    for position, identifier in enumerate(codes):
        notes["codes", position] = by_id[identifier].notes
    for position, (_, said) in enumerate(mine):
        notes["variable", position] = said
    module = Module(
        module=module_id,
        title=title,
        codes=tuple(by_id[identifier].codes for identifier in codes),
        missing=tuple(missing.lists[identifier] for identifier in gaps),
        variable=tuple(variable for variable, _ in mine),
    )
    return module, notes
