"""The layout of a survey server's export, as the form and the columns of the file show it.

What the reader will make of the file is what a draft describes: names without groups, one column
for each code of a question with several answers, repeats beside their interview.
"""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from evaluation.config.file_layout import Export, SelectMultiple
from evaluation.data.findings import LINE
from evaluation.data.readers import survey_export
from evaluation.data.readers.select_multiple import code_columns
from evaluation.fieldwork.drafting.dictionary_from_data import Left
from evaluation.fieldwork.drafting.form_columns import codes_of
from evaluation.fieldwork.drafting.manifest_draft import Facts, bare
from evaluation.fieldwork.drafting.xlsform import Form, FormGroup

GROUPS: Mapping[str, Literal["drop /", "drop -", "drop :"]] = {
    "/": "drop /",
    "-": "drop -",
    ":": "drop :",
}


# columns of which each server writes some into every export
MARKS: Mapping[str, frozenset[str]] = {
    "surveycto": frozenset({"formdef_version", "review_quality", "review_status"}),
    "odk": frozenset(
        {"SubmitterID", "SubmitterName", "ReviewState", "FormVersion", "AttachmentsPresent"}
        | {"AttachmentsExpected", "DeviceID", "Edits"}
    ),
    "kobo": frozenset(
        {"__version__", "_submission_time", "_validation_status", "_submitted_by", "_uuid", "_id"}
    ),
}


def server_of(names: Collection[str]) -> str:
    """The server whose own columns a file has most of; SurveyCTO where it has none.

    Parameters
    ----------
    names : collection of str
        Columns of the file, with or without groups in front.
    """
    found = {_bare(name) for name in names} | set(names)
    return max(MARKS, key=lambda server: len(MARKS[server] & found))


def arranged(facts: Facts, form: Form, *, path: str, source: str) -> tuple[Facts, list[Left]]:
    """The file as its reader will hand it over, with the layout that this needs.

    Parameters
    ----------
    facts : Facts
        What was found in the file.
    form : Form
        The form it was filled in with.
    path : str
        As the manifest names it.
    source : str
        Round id.

    Returns
    -------
    Facts, list of Left
        With its export declared; and columns of repeats that the server added for itself.
    """
    names = [str(name) for name in facts.table.frame.columns if name != LINE]
    rows = {member: list(map(str, frame.columns)) for member, frame in facts.repeats.items()}
    mark = _mark(names, form)
    export = facts.export or Export()
    if mark and export.groups == "keep":
        export = dataclasses.replace(export, groups=GROUPS[mark])
    everywhere = {*names, *(name for columns in rows.values() for name in columns)}
    several = tuple(_several(everywhere, form))
    export = dataclasses.replace(export, select_multiple=several)
    if export == Export():
        return facts, []
    file = bare(path, export=export)
    frame, _, _ = survey_export.arranged(facts.table.frame, file, facts.repeats)
    asked = {question.name for question in form.questions}
    spare = [
        Left(source=source, raw=name, reason="the server's own column of each repetition")
        for repeat in export.repeat
        for column in rows[repeat.member]
        if column not in (repeat.parent, LINE) and _bare(column) not in asked
        for name in (f"{_bare(column)}_{n}" for n in range(1, repeat.most + 1))
        if name in frame
    ]
    made = dataclasses.replace(
        facts,
        table=dataclasses.replace(facts.table, frame=frame),
        rows=facts.rows,
        export=export,
    )
    return made, spare


def _bare(name: str) -> str:
    """The last part of a name, whatever stands in front of it."""
    for mark in GROUPS:
        name = name.rpartition(mark)[2]
    return name


def _mark(names: Sequence[str], form: Form) -> str:
    """What stands between group and question where columns carry groups; empty where none does."""
    asked = {question.name for question in form.questions}
    counts = {
        mark: sum(mark in name and name.rpartition(mark)[2] in asked for name in names)
        for mark in GROUPS
    }
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ""


def _several(names: set[str], form: Form) -> Iterator[SelectMultiple]:
    """Questions with several answers that the export has, each in the layout of its columns."""
    # the last two parts of a name that are joined by `/`: crops/maize
    heads = {name: "/".join(name.split("/")[-2:]) for name in names}
    for question in form.questions:
        if question.type != "select_multiple" or question.list_name not in form.choices:
            continue
        whole = question.name in {_bare(name) for name in names}
        for join in ("_", "/"):
            multiple = SelectMultiple(
                column=question.name, layout="both", codes=codes_of(question, form), join=join
            )
            wanted = {column for code in multiple.codes for column in code_columns(multiple, code)}
            if not wanted.isdisjoint(set(heads.values()) if join == "/" else map(_bare, names)):
                yield dataclasses.replace(multiple, layout="both" if whole else "many columns")
                break
        else:
            if whole:
                yield dataclasses.replace(multiple, layout="one column", join="_")


def with_repetitions(form: Form, names: Mapping[str, Sequence[str]]) -> Form:
    """The form, whose repeats of unknown length have as many repetitions as the files show.

    Parameters
    ----------
    form : Form
    names : mapping of round id to columns
    """
    columns = {name for listed in names.values() for name in listed}
    seen: dict[int, int] = {}
    for question in form.questions:
        repeats = [group for group in question.within if group.repeats]
        if len(repeats) == 1:
            numbers = (int(end) for end in _endings(question.name, columns))
            seen[repeats[0].row] = max(seen.get(repeats[0].row, 0), *numbers, 0)

    def told(group: FormGroup) -> FormGroup:
        return dataclasses.replace(group, seen=seen.get(group.row, 0))

    questions = (
        dataclasses.replace(question, within=tuple(map(told, question.within)))
        for question in form.questions
    )
    return dataclasses.replace(form, questions=tuple(questions))


def _endings(name: str, columns: set[str]) -> Iterator[str]:
    for column in columns:
        stem, _, end = _bare(column).rpartition("_")
        if stem == name and end.isdecimal():
            yield end
