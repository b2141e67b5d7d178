"""A first dictionary from a survey form: what a person confirms instead of typing it.

Whatever is a guess carries a ``seen:`` comment, a text in another language ``translate:``, an
expression that is not simple ``relevant:`` or ``constraint:``. Nothing that the form says is lost
without a word, and nothing is enforced that the form does not say. What a person has to look at is
asked once for each kind of guess, as ``confirm:`` comments above all modules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.config.dictionary import MISSING_KINDS, CodeList, Kind, Module, Variable
from evaluation.config.dictionary_text import module_text
from evaluation.config.toml_reader import Text, TomlFile
from evaluation.config.toml_writer import comment
from evaluation.data.form_words import Personal
from evaluation.data.readers.sheets import place_in
from evaluation.data.spelling import bilingual, legal_names
from evaluation.fieldwork.drafting.code_list_draft import MissingLists, chosen_list, draft_lists
from evaluation.fieldwork.drafting.column_profile import DraftColumn as Delivered
from evaluation.fieldwork.drafting.form_columns import FormColumn, columns, conditions, has_other
from evaluation.fieldwork.drafting.variable_draft import (
    CONSENT,
    Context,
    draft_variable,
    is_consent,
    is_left_out,
)
from evaluation.fieldwork.drafting.xlsform import Form, FormQuestion

ROOT = ""
# a variable and its comments
Made = tuple[Variable, tuple[str, ...]]
OF_GROUP = "relevant (group "
Server = tuple[tuple[str, Kind, str, Personal], ...]
MOST_NAMED = 12


def _own(sent: str, kind: Kind, instance: str, version: str, key: str) -> Server:
    return (
        (sent, kind, "draft.submitted", "quasi"),
        (instance, "id", "draft.instance", "direct"),
        (version, "text", "draft.version", "none"),
        (key, "id", "draft.instance", "direct"),
    )


# columns that the server adds to an export; no form names them. ODK stamps them in the time of
# Greenwich (``Z``): no clock of the place, so kept as it is written
SERVERS: dict[str, Server] = {
    "surveycto": _own("SubmissionDate", "datetime", "instanceID", "formdef_version", "KEY"),
    "odk": _own("SubmissionDate", "text", "instanceID", "FormVersion", "KEY"),
    "kobo": _own("_submission_time", "datetime", "_uuid", "__version__", "_id"),
    "none": (),
}
LEGEND = (
    "seen: a guess; translate: a text in another language; relevant, constraint, calculation:",
    "what the form says and nothing here enforces; manifest: what the file's entry has to say.",
    "Every `personal` is a proposal, `none` included.",
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
        """Number of blocks with a comment that begins with a word: ``seen``, ``relevant``."""
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
    found, survey = columns(form), TomlFile(place_in(form.file, "survey"))
    raws = [column.raw for column in found]
    for position, raw in enumerate(raws):
        survey.refuse(raw in raws[:position], "two-questions", "rename-one-choice", raw=raw)
    survey.refuse(not found, "form-asks-nothing", "add-questions")
    extra = [entry for entry in SERVERS[server] if entry[0] not in raws]
    names = _names([*raws, *(raw for raw, *_ in extra)], consent=consent_of(found))
    context = _context(form, round_id, names, before=_before_consent(found))
    made = [(_group(column.question), *draft_variable(column, context)) for column in found]
    made += [(ROOT, *_of_server(entry, context)) for entry in extra]
    return _draft(form, made, context)


def consent_of(found: Sequence[FormColumn]) -> str:
    """Raw column of consent, empty without one; a column of that very name goes first."""
    alike = [column.raw for column in found if is_consent(column)]
    return CONSENT if CONSENT in alike else next(iter(alike), "")


def _before_consent(found: Sequence[FormColumn]) -> frozenset[str]:
    """Raw columns in front of that of consent which are filled in whatever is answered."""
    raws, consent = [column.raw for column in found], consent_of(found)
    first = raws.index(consent) if consent else 0
    return frozenset(c.raw for c in found[:first] if not conditions(c.question).all)


def _names(raws: Sequence[str], *, consent: str) -> dict[str, str]:
    """Legal name of each raw column; that of consent is named as the pipeline reads it."""
    # consent is named first: whoever comes later gets a number
    order = sorted(raws, key=lambda raw: raw != consent)
    wanted = (CONSENT if raw == consent else raw for raw in order)
    made = dict(zip(order, legal_names(wanted), strict=True))
    return {raw: made[raw] for raw in raws}


def _context(
    form: Form, round_id: str, names: Mapping[str, str], *, before: frozenset[str]
) -> Context:
    used = [q for q in form.questions if q.type == "select_one" and not is_left_out(q, form)]
    listed = {q.list_name for q in used} & set(form.choices)
    lists = draft_lists(
        {name: choices for name, choices in form.choices.items() if name in _all_lists(form)},
        (q.list_name for q in used if has_other(q)),
    )
    missing = [entry for name in listed for entry in lists[name].missing.items()]
    kinds = {code: kind for kind, codes in missing for code in codes}
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
        before_consent=before,
    )


def _all_lists(form: Form) -> set[str]:
    return {question.list_name for question in form.questions if question.list_name}


def _of_server(entry: tuple[str, Kind, str, Personal], context: Context) -> Made:
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
    return variable, (*renamed, "seen: added by the server; take it away if the export lacks it")


def _group(question: FormQuestion) -> str:
    return question.within[0].name if question.within else ROOT


def _draft(
    form: Form, made: Sequence[tuple[str, Variable, tuple[str, ...]]], context: Context
) -> Draft:
    drafted = (*context.lists.values(), context.chosen)
    codes = {one.codes.id: (one.codes, one.notes) for one in drafted}
    order = list(dict.fromkeys(group for group, *_ in made))
    order.sort(key=lambda name: name != ROOT)
    modules = legal_names(name or "form" for name in order)
    placed: set[str] = set()
    files = []
    for position, (group, module_id) in enumerate(zip(order, modules, strict=True)):
        title, said = _title(form, group)
        file = draft_file(
            f"{position:02d}_{module_id}",
            title,
            _once([(variable, notes) for name, variable, notes in made if name == group], said),
            codes=codes,
            missing=context.missing,
            placed=placed,
            head=[f"Draft from the form {context.source} ({form.file}).", *LEGEND, *said],
        )
        files.append(file)
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


def _once(mine: Sequence[Made], head: Sequence[str]) -> list[Made]:
    """Write the condition of a group out once in a file: where its first question stands."""
    above, short = set(head), []
    for variable, notes in mine:
        again = [note for note in notes if note in above and note.startswith(OF_GROUP)]
        names = ", ".join(note.removeprefix(OF_GROUP).split(")")[0] for note in again)
        kept = [note for note in notes if note not in again]
        also = [f"relevant: as written above for {names}"] if names else []
        short.append((variable, (*kept, *also)))
        above.update(notes)
    return short


def draft_file(
    stem: str,
    title: Text,
    made: Sequence[Made],
    *,
    codes: Mapping[str, tuple[CodeList, Sequence[str]]],
    missing: MissingLists,
    placed: set[str],
    head: Sequence[str],
) -> DraftFile:
    """A module with the lists that its variables are the first to use.

    Parameters
    ----------
    stem : str
        Name of the file without its ending: a number, ``_`` and the id of the module.
    title : Text
    made : sequence of (Variable, comments)
    codes : mapping of id to (CodeList, comments)
    missing : MissingLists
    placed : set of str
        Lists that stand in some file already; it grows.
    head : sequence of str
        Comments above all.
    """
    listed = [i for i in _ids(v.codes for v, _ in made) if f"codes {i}" not in placed]
    gaps = [i for i in _ids(v.missing for v, _ in made) if f"missing {i}" not in placed]
    placed.update([*(f"codes {i}" for i in listed), *(f"missing {i}" for i in gaps)])
    notes = {("codes", position): codes[i][1] for position, i in enumerate(listed)}
    notes |= {("variable", position): said for position, (_, said) in enumerate(made)}
    module = Module(
        module=stem.partition("_")[2],
        title=title,
        codes=tuple(codes[i][0] for i in listed),
        missing=tuple(missing.lists[i] for i in gaps),
        variable=tuple(variable for variable, _ in made),
    )
    text = module_text(module, head=head, notes=notes)
    return DraftFile(name=f"{stem}.toml", module=module, notes=notes, text=text)


def _ids(chosen: Iterable[str | dict[str, str] | None]) -> list[str]:
    """Ids of lists that variables name, in the order of their first use."""
    found: list[str] = []
    for entry in chosen:
        found += entry.values() if isinstance(entry, dict) else [entry] if entry else []
    return list(dict.fromkeys(found))


def with_questions(
    files: Sequence[DraftFile], columns: Sequence[Delivered]
) -> tuple[DraftFile, ...]:
    """The modules, above the first of which stands what is to be confirmed of all.

    Parameters
    ----------
    files : sequence of DraftFile
    columns : sequence of Delivered
        Columns of the delivered files.
    """
    if not files:
        return ()
    first, *others = files
    asked = "".join(f"{comment(line)}\n" for line in _questions(files, columns))
    return (replace(first, text=asked + first.text), *others)


def _questions(files: Sequence[DraftFile], columns: Sequence[Delivered]) -> Iterator[str]:
    variables = [v for file in files for v in file.module.variable]
    missing = [
        f"{code} {kind}"
        for kind in MISSING_KINDS
        for code in sorted({c for f in files for m in f.module.missing for c in getattr(m, kind)})
    ]
    classes = [
        f"{kind} {_listed(names)}"
        for kind in ("direct", "sensitive", "quasi")
        if (names := [v.name for v in variables if v.personal == kind])
    ]
    yield (
        f"confirm: the {len(variables)} variables, which"
        " `python -m evaluation dictionary to-xlsx` writes as one table: type, codes and labels"
        " (the evidence is under `seen:`), codes for no answer"
        f" ({', '.join(missing) or 'none'}), and personal data:"
        f" {'; '.join([*classes, 'all others none'])}"
    )
    for lent_by in sorted({p.lent_by for c in columns for p in c.seen.values() if p.lent_by}):
        names = [c.name for c in columns if any(p.lent_by == lent_by for p in c.seen.values())]
        yield (
            f"confirm: value labels of {lent_by} hold for the other files, which have none, in"
            f" {_listed(names)}: the codes mean the same there"
        )


def _listed(names: Sequence[str]) -> str:
    """How many, and the first of them."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(names)} ({', '.join(names[:MOST_NAMED])}{more})"
