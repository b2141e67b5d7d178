"""Delivered files and a survey form, put together to the first draft of a study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evaluation.config.dictionary import Variable
from evaluation.config.dictionary_text import head_of, module_text
from evaluation.config.manifest import SameAs
from evaluation.data.form_words import is_id, is_of_place, name_words
from evaluation.data.readers.read import meant
from evaluation.data.spelling import legal_names
from evaluation.fieldwork.drafting import design_candidates as design
from evaluation.fieldwork.drafting import lasting_traits as lasting
from evaluation.fieldwork.drafting import repeated_columns as repeats
from evaluation.fieldwork.drafting.column_profile import (
    FRAME,
    DraftColumn,
    DraftSource,
    columns_of,
    no_column,
)
from evaluation.fieldwork.drafting.design_candidates import Candidate
from evaluation.fieldwork.drafting.dictionary_draft import (
    DraftFile,
    draft_dictionary,
    with_questions,
)
from evaluation.fieldwork.drafting.dictionary_from_data import (
    Left,
    draft_from_data,
    left_out,
    without,
)
from evaluation.fieldwork.drafting.draft_study import DESIGN_COLUMNS, ROUNDS, DesignDraft
from evaluation.fieldwork.drafting.variable_draft import CONSENT
from evaluation.fieldwork.drafting.xlsform import Form
from evaluation.locale.messages import Message, message

NO_NOTES: Mapping[str, Sequence[str]] = {}


def draft_form(form: Form, columns: Sequence[DraftColumn], *, server: str) -> tuple[DraftFile, ...]:
    """Draft a form's dictionary for baseline and endline.

    Parameters
    ----------
    form : Form
        The form of both rounds.
    columns : sequence of DraftColumn
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


def _delivered(columns: Sequence[DraftColumn], asked: Sequence[str]) -> dict[str, dict[str, str]]:
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
    old, variables, notes_of = file.module, [], {}
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
            notes_of[variable.name] = notes
            variables.append(replace(variable, raw=dict(delivered[raw]), asked_if=rule))
    gone = [v.raw[ROUNDS[0]] for v in old.variable if v.raw[ROUNDS[0]] not in delivered]
    said = f"Columns of the form in no delivered file, or left out in the manifest: {len(gone)}"
    said += f" ({', '.join(gone)})."
    return with_variables(file, variables, used, notes_of, said if gone else "")


def with_variables(
    file: DraftFile,
    variables: Sequence[Variable],
    used: set[str],
    notes: Mapping[str, Sequence[str]] = NO_NOTES,
    head: str = "",
) -> DraftFile:
    """A drafted module with other variables, and with those of its lists that are used.

    Parameters
    ----------
    file : DraftFile
    variables : sequence of Variable
    used : set of str
        Ids of lists that variables use, of this module or another.
    notes : mapping of name to comments
        Of variables whose comments are others than before.
    head : str
        One more comment above all.
    """
    old, before = file.module, {v.name: i for i, v in enumerate(file.module.variable)}
    codes = [i for i, listed in enumerate(old.codes) if listed.id in used]
    notes_of = {("codes", n): file.notes.get(("codes", i), ()) for n, i in enumerate(codes)}
    for n, variable in enumerate(variables):
        kept = file.notes.get(("variable", before[variable.name]), ())
        notes_of["variable", n] = notes.get(variable.name, kept)
    module = replace(
        old,
        codes=tuple(old.codes[i] for i in codes),
        missing=tuple(entry for entry in old.missing if entry.id in used),
        variable=tuple(variables),
    )
    above = [*head_of(file.text), *([head] if head else [])]
    text = module_text(module, head=above, notes=notes_of)
    return DraftFile(name=file.name, module=module, notes=notes_of, text=text)


AGE = {"age", "edad", "idade"}
NUMERIC = ("binary", "ordinal", "count", "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDraft:
    """The dictionary's files, what the study's files say of its design, and columns left out.

    ``same_as`` are, by source, its columns that tell the groups of the frame once more.
    """

    files: tuple[DraftFile, ...]
    design: DesignDraft
    left: tuple[Left, ...]
    same_as: Mapping[str, tuple[SameAs, ...]] = field(default_factory=dict)


def draft_study(
    sources: Sequence[DraftSource],
    form: Form | None,
    *,
    chosen: Mapping[str, str],
    server: str,
    spare: Sequence[Left] = (),
    language: str = "en",
) -> StudyDraft:
    """Draft dictionary and design.

    Parameters
    ----------
    sources : sequence of DraftSource
        Baseline, endline and frame; empty where only the form is there.
    form : Form or None
        The survey form of both rounds.
    chosen : mapping of design column to raw column
        What a person named on the command line.
    server : str
        Whose columns the form's export has; see `draft_dictionary`.
    spare : sequence of Left
        Columns of which it is known already that nobody uses them.
    language : {"en", "es"}
        Of the open decisions.

    Raises
    ------
    SpecError
        A column that was named is in no file; the form cannot be drafted.
    """
    columns = columns_of(sources)
    found = {
        "cluster": design.ranked(design.clusters(columns, ROUNDS)),
        "respondent": design.ranked(design.respondents(columns, ROUNDS)),
        "arm": design.ranked(design.arms(columns)),
        "weight": design.weights(columns, ROUNDS),
    }
    named = _named(columns, chosen) if sources else dict(chosen)
    sure = {key: design.answered(found[key]) for key in DESIGN_COLUMNS if key not in named}
    read = {key: candidate for key, candidate in sure.items() if candidate is not None}
    named |= {key: candidate.name for key, candidate in read.items()}
    frame = next((source for source in sources if source.id == FRAME), None)
    arm = named.get("arm") or next((c.name for c in found["arm"]), "")
    found["stratum"] = design.strata(columns, frame, arm) if frame is not None else ()
    clusters = _of("cluster", found, named)
    others = repeats.other_arms(sources, columns, named)
    read_from = repeats.without_arms(columns, others)
    files = draft_form(form, read_from, server=server) if form is not None else ()
    traits = lasting.lasting_traits(sources, columns, named.get("respondent", ""))
    files = _with_traits(_with_frame(files, columns, clusters), traits)
    described = {variable.name for file in files for variable in file.module.variable}
    left = [*spare, *repeats.asked_too(columns, files), *left_out(columns, clusters)]
    left += [other.left for other in others]
    declared = {
        (source, raw) for f in files for v in f.module.variable for source, raw in v.raw.items()
    }
    facts = repeats.repeated(sources, columns, {**named, "arm": arm})
    unread = (entry for entry in left if (entry.source, entry.raw) not in declared)
    left = repeats.with_differences([*unread], facts)
    kept = without(columns, [*left, *(Left(source=s, raw=r, reason="") for s, r in declared)])
    files += draft_from_data(
        [replace(c, name=legal_names([*described, c.name])[-1]) for c in kept],
        files={source.id: source.file for source in sources},
        clusters=clusters,
        respondents=_of("respondent", found, named),
        beside=files,
        traits=traits,
        language=language,
    )
    files = with_questions(files, columns)
    variables = tuple(v for file in files for v in file.module.variable)
    if not sources:
        found |= _of_variables(variables)
    return StudyDraft(
        files=files,
        design=replace(
            _design(columns, variables, found, named, files),
            seen=_evidence(found, named),
            language=language,
        ),
        left=tuple(left),
        same_as=repeats.compared(columns, left, arm, files=files, others=others, facts=facts),
    )


def _with_frame(
    files: Sequence[DraftFile], columns: Sequence[DraftColumn], clusters: frozenset[str]
) -> tuple[DraftFile, ...]:
    """The modules with the frame's own column beside the form's question about the cluster.

    Its codes are those of places: they stand in the frame, and labels are not published.
    """
    frame = {c.name: c.raw[FRAME] for c in columns if FRAME in c.raw and c.name in clusters}
    made = [tuple(_of_frame(v, frame) for v in file.module.variable) for file in files]
    used = {i for vs in made for v in vs for i in (v.codes, v.missing) if isinstance(i, str)}
    pairs = zip(files, made, strict=True)
    return tuple(
        file if file.module.variable == vs else with_variables(file, vs, used) for file, vs in pairs
    )


def _with_traits(files: Sequence[DraftFile], traits: lasting.Traits) -> tuple[DraftFile, ...]:
    """The form's modules with what people of both rounds say of sex and age."""
    made = [
        [
            lasting.with_traits(v, file.notes.get(("variable", i), ()), traits)
            for i, v in enumerate(file.module.variable)
        ]
        for file in files
    ]
    used = {x for told in made for v, _ in told for x in (v.codes, v.missing) if isinstance(x, str)}
    return tuple(
        with_variables(file, [v for v, _ in told], used, {v.name: kept for v, kept in told})
        if any(v.raw.get(ROUNDS[0]) in traits for v, _ in told)
        else file
        for file, told in zip(files, made, strict=True)
    )


def _of_frame(variable: Variable, frame: Mapping[str, str]) -> Variable:
    if variable.name not in frame:
        return variable
    raw = {**variable.raw, FRAME: frame[variable.name]}
    return replace(variable, type="id", codes=None, raw=raw, personal="quasi")


def _evidence(
    found: Mapping[str, Sequence[Candidate]], named: Mapping[str, str]
) -> dict[str, Message]:
    """What the files say of the columns that are named."""
    return {
        key: candidate.choice
        for key, name in named.items()
        for candidate in found.get(key, ())
        if candidate.name == name
    }


def _named(columns: Sequence[DraftColumn], chosen: Mapping[str, str]) -> dict[str, str]:
    """Variables that a person named, by raw column or by legal name."""
    known = {raw: c.name for c in columns for raw in (c.name, *c.raw.values())}
    for key, raw in chosen.items():
        if raw not in known:
            raise no_column(f"--{key}", raw, known)
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
    """Candidates where only the form is there: ids, questions about places, and weights by name."""
    ids = tuple(
        Candidate(name=v.name, evidence=message("draft.form-id"))
        for v in variables
        if v.type == "id" and not design.OF_DEVICES.search(v.name)
    )
    places = tuple(_of_form(v) for v in variables if is_of_place(v.name))
    numbers = [v for v in variables if v.type in ("count", "number")]
    weights = tuple(_of_form(v) for v in numbers if design.is_weight_name(v.name))
    return {"respondent": ids, "cluster": places, "weight": weights}


def _of_form(variable: Variable) -> Candidate:
    label = message("draft.form-place", label=repr(variable.label.en))
    return Candidate(name=variable.name, evidence=label)


def _design(
    columns: Sequence[DraftColumn],
    variables: Sequence[Variable],
    found: Mapping[str, Sequence[Candidate]],
    named: Mapping[str, str],
    files: Sequence[DraftFile],
) -> DesignDraft:
    arm = named.get("arm") or next((c.name for c in found["arm"]), "")
    groups, dated = _groups(arm, variables, files), design.interview_days(columns, ROUNDS)
    no_quantity = (c.name for key in ("weight", "stratum") for c in found.get(key, ()))
    apart = {CONSENT, *named.values(), *no_quantity}
    plain = [
        v
        for v in variables
        if v.personal in ("none", "quasi") and v.type in NUMERIC and v.name not in apart
    ]
    both = [v for v in plain if set(ROUNDS) <= set(v.raw)]
    once = [v for v in both if v.name not in lasting.of_several(variables)]
    return DesignDraft(
        chosen={**named, **({"date": dated.name} if dated else {})},
        choices={key: [c.choice for c in candidates] for key, candidates in found.items()},
        strata=tuple(c.name for c in found.get("stratum", ())),
        days=dict(zip(ROUNDS, dated.spans, strict=True)) if dated else {},
        periods={
            round_id: [
                message("draft.runs", name=c.name, span=c.evidence)
                for c in design.periods(columns, round_id)
            ]
            for round_id in ROUNDS
        },
        populations=design.populations(columns),
        without_id={
            source: (seen.blank, seen.rows)
            for column in columns
            if column.name == named.get("respondent")
            for source, seen in column.seen.items()
            if source != FRAME and seen.blank
        },
        groups=groups,
        arm_of=arm,
        comparison=design.comparison_of(groups),
        numbers=tuple(v.name for v in both),
        balance=tuple(v.name for v in once if v.personal == "quasi"),
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
            groups = {str(c.value): c.en for c in lists[variable.codes].values}
            # without labels 0 is taken for the comparison, which the draft has confirmed
            bare = list(groups.values()) == ["0", "1"]
            return dict(zip(groups, ("Comparison", "Treated"), strict=True)) if bare else groups
    return {}
