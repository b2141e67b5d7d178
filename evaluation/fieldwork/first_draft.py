"""Delivered files and a survey form, put together to the first draft of a study."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.data.form_words import is_id, name_words
from evaluation.data.readers.read import meant
from evaluation.data.spelling import legal
from evaluation.errors import SpecError
from evaluation.fieldwork import column_profile as design
from evaluation.fieldwork.column_profile import FRAME, Candidate, Column, Source, columns_of
from evaluation.fieldwork.dictionary_draft import DraftFile, draft_dictionary
from evaluation.fieldwork.dictionary_from_data import Left, draft_from_data, left_out, without
from evaluation.fieldwork.draft_study import ROUNDS, DesignDraft
from evaluation.fieldwork.xlsform import Form
from evaluation.locale.messages import message
from evaluation.study.dictionary import Variable
from evaluation.study.dictionary_text import head_of, module_text


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
    asked = [variable.raw[ROUNDS[0]] for variable in draft.variables]
    delivered = _delivered(columns, asked)
    if not columns:
        delivered = {raw: dict.fromkeys(ROUNDS, raw) for raw in asked}
    kept = [v for v in draft.variables if v.raw[ROUNDS[0]] in delivered]
    used = {i for v in kept for i in (v.codes, v.missing) if isinstance(i, str)}
    files = (_cut(file, delivered, {v.name for v in kept}, used) for file in draft.files)
    return tuple(f for f in files if f.module.variable or f.module.codes or f.module.missing)


def _delivered(columns: Sequence[Column], asked: Sequence[str]) -> dict[str, dict[str, str]]:
    """Raw column by round, for each question that a round has, with or without its group's name."""
    found: dict[str, dict[str, str]] = {}
    for source in ROUNDS:
        raws = [column.raw[source] for column in columns if source in column.raw]
        names = {pair.delivered: pair.expected for pair in meant(raws, asked)}
        for raw in raws:
            found.setdefault(names.get(raw, raw), {})[source] = raw
    return found


def _cut(
    file: DraftFile, delivered: Mapping[str, dict[str, str]], names: set[str], used: set[str]
) -> DraftFile:
    """The module with the questions that are delivered and the lists they use, with comments."""
    old, codes, variables = file.module, [], []
    for i, listed in enumerate(old.codes):
        if listed.id in used:
            codes.append((listed, file.notes.get(("codes", i), ())))
    for i, variable in enumerate(old.variable):
        raw, rule, notes = variable.raw[ROUNDS[0]], variable.asked_if, file.notes["variable", i]
        if rule is not None and rule.variable not in names:
            # what no file has cannot be enforced
            notes = (
                *notes,
                f"relevant: asked only if {rule.variable} is {rule.values}, which no file has",
            )
            rule = None
        if raw in delivered:
            variables.append((replace(variable, raw=dict(delivered[raw]), asked_if=rule), notes))
    notes_of = {("codes", i): notes for i, (_, notes) in enumerate(codes)}
    notes_of |= {("variable", i): notes for i, (_, notes) in enumerate(variables)}
    module = replace(
        old,
        codes=tuple(listed for listed, _ in codes),
        missing=tuple(entry for entry in old.missing if entry.id in used),
        variable=tuple(variable for variable, _ in variables),
    )
    head, gone = list(head_of(file.text)), len(old.variable) - len(variables)
    if gone:
        head.append(f"{gone} columns of the form are in no delivered file and are left out.")
    text = module_text(module, head=head, notes=notes_of)
    return DraftFile(name=file.name, module=module, notes=notes_of, text=text)


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
        "cluster": design.ranked(design.clusters(columns, ROUNDS)),
        "respondent": design.ranked(design.respondents(columns, ROUNDS)),
        "arm": design.ranked(design.arms(columns)),
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
    described = {
        name
        for file in files
        for v in file.module.variable
        for name in (v.name, *(legal(raw) for raw in v.raw.values()))
    }
    files += draft_from_data(
        [column for column in kept if column.name not in described],
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
        periods={
            round_id: [
                message("draft.runs", name=c.name, span=c.evidence)
                for c in design.periods(columns, round_id)
            ]
            for round_id in ROUNDS
        },
        groups=_groups(arm, variables, files),
        arm_of=arm,
        numbers=tuple(v.name for v in plain if set(ROUNDS) <= set(v.raw)),
        frame_numbers=tuple(v.name for v in plain if set(v.raw) == {FRAME} and v.type == "count"),
        traits=tuple(v.name for v in variables if v.personal == "quasi" and _of_persons(v)),
        ages=tuple(v.name for v in variables if _of_persons(v) and AGE & set(name_words(v.name))),
    )


def _of_persons(variable: Variable) -> bool:
    """Whether the rounds ask it of persons; ids and dates are released in another form."""
    return bool(set(ROUNDS) & set(variable.raw)) and variable.type in (*NUMERIC, "nominal")


def _groups(arm: str, variables: Sequence[Variable], files: Sequence[DraftFile]) -> dict[str, str]:
    """Values of a variable of the frame, with their labels."""
    lists = {codes.id: codes for file in files for codes in file.module.codes}
    for variable in variables:
        if variable.name == arm and isinstance(variable.codes, str):
            return {str(c.value): c.en for c in lists[variable.codes].values}
    return {}
