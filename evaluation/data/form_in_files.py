"""A form's draft for two rounds: the questions that the delivered files have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.data import header_names
from evaluation.data.dictionary_draft import DraftFile, draft_dictionary
from evaluation.data.seen import Column
from evaluation.data.xlsform import Form
from evaluation.spec.dictionary import Variable
from evaluation.spec.dictionary_text import head_of, module_text
from evaluation.spec.study_draft import ROUNDS

Notes = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A module's variables that stay, each with its comments, and how many were left out."""

    file: DraftFile
    variables: tuple[tuple[Variable, Notes], ...]
    gone: int


def draft_form(form: Form, columns: Sequence[Column], *, server: str) -> tuple[DraftFile, ...]:
    """Draft a form's dictionary for baseline and endline.

    Parameters
    ----------
    form : Form
        The form of both rounds.
    columns : sequence of Column
        Columns of the delivered files; where there are none, both rounds have all questions.
    server : str
        Whose columns the export has; see `draft_dictionary`.

    Raises
    ------
    SpecError
        The form cannot be drafted.
    """
    draft = draft_dictionary(form, round_id=ROUNDS[0], server=server)
    asked = [v.raw[ROUNDS[0]] for file in draft.files for v in file.module.variable]
    found = _found(columns, asked)
    kept = [_kept(file, found, everything=not columns) for file in draft.files]
    variables = [v for module in kept for v, _ in module.variables]
    names = {v.name for v in variables}
    lists = {i for v in variables for i in (v.codes, v.missing) if isinstance(i, str)}
    made = (_cut(module, names, lists) for module in kept)
    return tuple(f for f in made if f.module.variable or f.module.codes or f.module.missing)


def _found(columns: Sequence[Column], asked: Sequence[str]) -> dict[str, dict[str, str]]:
    """Raw column by round, for each question that a round has, with or without its group's name."""
    found: dict[str, dict[str, str]] = {}
    for source in ROUNDS:
        raws = [column.raw[source] for column in columns if source in column.raw]
        names = {pair.delivered: pair.expected for pair in header_names.meant(raws, asked)}
        for raw in raws:
            found.setdefault(names.get(raw, raw), {})[source] = raw
    return found


def _kept(file: DraftFile, found: Mapping[str, Mapping[str, str]], *, everything: bool) -> _Kept:
    kept = []
    for position, variable in enumerate(file.module.variable):
        raw = variable.raw[ROUNDS[0]]
        sources = dict.fromkeys(ROUNDS, raw) if everything else dict(found.get(raw, {}))
        if sources:
            notes = file.notes.get(("variable", position), ())
            kept.append((replace(variable, raw=sources), notes))
    return _Kept(file, tuple(kept), len(file.module.variable) - len(kept))


def _cut(kept: _Kept, names: set[str], lists: set[str]) -> DraftFile:
    """The module with what is still used, and the comments of what stays."""
    old, notes = kept.file.module, dict[tuple[str, int], Notes]()
    codes = [(c, kept.file.notes.get(("codes", i), ())) for i, c in enumerate(old.codes)]
    codes = [(listed, said) for listed, said in codes if listed.id in lists]
    variables = [_asked(variable, said, names) for variable, said in kept.variables]
    notes |= {("codes", i): said for i, (_, said) in enumerate(codes)}
    notes |= {("variable", i): said for i, (_, said) in enumerate(variables)}
    module = replace(
        old,
        codes=tuple(listed for listed, _ in codes),
        missing=tuple(entry for entry in old.missing if entry.id in lists),
        variable=tuple(variable for variable, _ in variables),
    )
    head = list(head_of(kept.file.text))
    if kept.gone:
        head.append(f"{kept.gone} columns of the form are in no delivered file and are left out.")
    text = module_text(module, head=head, notes=notes)
    return DraftFile(name=kept.file.name, module=module, notes=notes, text=text)


def _asked(variable: Variable, notes: Notes, names: set[str]) -> tuple[Variable, Notes]:
    """A skip rule by a question that no file has cannot be enforced: it becomes a comment."""
    rule = variable.asked_if
    if rule is None or rule.variable in names:
        return variable, notes
    said = f"relevant: asked only if {rule.variable} is {rule.values}, which no file has"
    return replace(variable, asked_if=None), (*notes, said)
