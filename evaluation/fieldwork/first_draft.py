"""Delivered files and a survey form, put together to the first draft of a study."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.data.form_words import is_id, name_words
from evaluation.data.readers import header_names
from evaluation.data.spelling import legal
from evaluation.errors import SpecError
from evaluation.fieldwork import column_profile as design
from evaluation.fieldwork.column_profile import FRAME, Candidate, Column, Source, columns_of
from evaluation.fieldwork.dictionary_draft import DraftFile, draft_dictionary
from evaluation.fieldwork.dictionary_from_data import Left, draft_from_data, left_out, without
from evaluation.fieldwork.draft_study import ROUNDS, DesignDraft
from evaluation.fieldwork.xlsform import Form
from evaluation.locale.messages import Message, message
from evaluation.study.dictionary import Variable
from evaluation.study.dictionary_text import head_of, module_text

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


DESIGN_COLUMNS = ("respondent", "cluster", "arm")
# ids that the server or the device gives
OF_DEVICES = re.compile(
    r"device|subscriber|sim|phone|username|instanceid|key$|uuid|enumerator|interviewer|encuestador"
)
OF_PLACES = re.compile(
    r"munic|villag|vereda|barrio|comuni|communit|cuadrante|distri|cluster|conglomer|upp|corregim"
)
AGE = {"age", "edad", "idade"}
NUMERIC = ("binary", "ordinal", "count", "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDraft:
    """The dictionary's files, what the study's files say of its design, and columns left out."""

    files: tuple[DraftFile, ...]
    design: DesignDraft
    left: tuple[Left, ...]


def draft_study(
    sources: Sequence[Source],
    form: Form | None,
    *,
    chosen: Mapping[str, str],
    server: str,
    language: str = "en",
) -> StudyDraft:
    """Draft dictionary and design.

    Parameters
    ----------
    sources : sequence of Source
        Baseline, endline and frame; empty where only the form is there.
    form : Form or None
        The survey form of both rounds.
    chosen : mapping of design column to raw column
        What a person named on the command line.
    server : str
        Whose columns the form's export has; see `draft_dictionary`.
    language : {"en", "es"}
        Of the open decisions.

    Raises
    ------
    SpecError
        A column that was named is in no file; the form cannot be drafted.
    """
    columns = columns_of(sources)
    named = _named(columns, chosen) if sources else dict(chosen)
    found = {
        "cluster": design.clusters(columns, ROUNDS),
        "respondent": design.respondents(columns, ROUNDS),
        "arm": design.arms(columns),
        "weight": design.weights(columns, ROUNDS),
    }
    clusters = _of("cluster", found, named)
    files = draft_form(form, columns, server=server) if form is not None else ()
    declared = {
        (source, raw) for f in files for v in f.module.variable for source, raw in v.raw.items()
    }
    left = tuple(
        entry for entry in left_out(columns, clusters) if (entry.source, entry.raw) not in declared
    )
    kept = without(columns, left)
    told = {name for file in files for v in file.module.variable for name in _names(v)}
    files += draft_from_data(
        [column for column in kept if column.name not in told],
        files={source.id: source.file for source in sources},
        clusters=clusters,
        respondents=_of("respondent", found, named),
        beside=files,
        language=language,
    )
    variables = tuple(v for file in files for v in file.module.variable)
    if not sources:
        found |= _of_variables(variables)
    return StudyDraft(
        files=files,
        design=replace(_design(columns, variables, found, named, files), language=language),
        left=left,
    )


def _named(columns: Sequence[Column], chosen: Mapping[str, str]) -> dict[str, str]:
    """Variables that a person named, by raw column or by legal name."""
    known = {raw: c.name for c in columns for raw in (c.name, *c.raw.values())}
    for key, raw in chosen.items():
        if raw not in known:
            raise SpecError.of(
                "no-file-column",
                "name-one-of",
                f"--{key}",
                raw=raw,
                known=", ".join(sorted(known)[:12]),
            )
    return {key: known[raw] for key, raw in chosen.items()}


def _of(
    key: str, found: Mapping[str, Sequence[Candidate]], named: Mapping[str, str]
) -> frozenset[str]:
    """Variables that are ids: the one that was named, else the best candidate and ids by name."""
    if key in named:
        return frozenset([named[key]])
    names = [candidate.name for candidate in found[key]]
    return frozenset([*names[:1], *(name for name in names if is_id(name))])


def _names(variable: Variable) -> set[str]:
    return {variable.name, *(legal(raw) for raw in variable.raw.values())}


def _of_variables(variables: Sequence[Variable]) -> dict[str, tuple[Candidate, ...]]:
    """Candidates where only the form is there: its ids, and its questions about places."""
    ids = tuple(
        Candidate(name=v.name, evidence=message("draft.form-id"))
        for v in variables
        if v.type == "id" and not OF_DEVICES.match(v.name)
    )
    places = tuple(
        Candidate(name=v.name, evidence=message("draft.form-place", label=repr(v.label.en)))
        for v in variables
        if OF_PLACES.search(v.name)
    )
    return {"respondent": ids, "cluster": places}


def _design(
    columns: Sequence[Column],
    variables: Sequence[Variable],
    found: Mapping[str, Sequence[Candidate]],
    named: Mapping[str, str],
    files: Sequence[DraftFile],
) -> DesignDraft:
    arm = named.get("arm") or next((c.name for c in found["arm"]), "")
    plain = [v for v in variables if v.personal in ("none", "quasi") and v.type in NUMERIC]
    return DesignDraft(
        chosen=named,
        choices={key: [c.choice for c in candidates] for key, candidates in found.items()},
        periods={r: [_period(c) for c in design.periods(columns, r)] for r in ROUNDS},
        groups=_groups(arm, variables, files),
        arm_of=arm,
        numbers=tuple(
            v.name
            for v in variables
            if v.type in NUMERIC and set(ROUNDS) <= set(v.raw) and v in plain
        ),
        frame_numbers=tuple(v.name for v in plain if set(v.raw) == {FRAME} and v.type == "count"),
        traits=tuple(v.name for v in variables if v.personal == "quasi" and _of_persons(v)),
        ages=tuple(v.name for v in variables if _of_persons(v) and AGE & set(name_words(v.name))),
    )


def _of_persons(variable: Variable) -> bool:
    """Whether the rounds ask it of persons; ids and dates are released in another form."""
    return bool(set(ROUNDS) & set(variable.raw)) and variable.type in (*NUMERIC, "nominal")


def _period(candidate: Candidate) -> Message:
    return message("draft.runs", name=candidate.name, span=candidate.evidence)


def _groups(arm: str, variables: Sequence[Variable], files: Sequence[DraftFile]) -> dict[str, str]:
    """Values of a variable of the frame, with their labels."""
    lists = {codes.id: codes for file in files for codes in file.module.codes}
    for variable in variables:
        if variable.name == arm and isinstance(variable.codes, str):
            return {str(c.value): c.en for c in lists[variable.codes].values}
    return {}
