"""What a file says of its own columns, held against the dictionary: labels, missing, numbers."""

from collections.abc import Mapping

import pandas as pd

from evaluation.data.findings import Rule
from evaluation.data.readers.raw_table import NumberCells, UserMissing
from evaluation.locale.messages import Plain
from evaluation.study.dictionary import MISSING_KINDS, Cell, Dictionary, Variable
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding

NO_LABELS = Rule("label-missing", "warn", "no-labels", "no-labels")
LABEL_MISSING = Rule("label-missing", "warn")
OTHER_WORDS = Rule("label-mismatch", "warn")
OF_ANOTHER_CODE = Rule("label-mismatch", "error", "label-of-another-code")
MISSING_FOR_FILE = Rule("missing-mismatch", "error", "missing-for-the-file")
SEVERAL_MISSING_FOR_FILE = Rule("missing-mismatch", "error", "several-missing-for-the-file")
MISSING_FOR_DICTIONARY = Rule(
    "missing-mismatch", "warn", "missing-for-the-dictionary", "check-no-answer"
)
SEVERAL_MISSING_FOR_DICTIONARY = Rule(
    "missing-mismatch", "warn", "several-missing-for-the-dictionary", "check-no-answer"
)
VARIABLE_LABEL = Rule("variable-label", "error")

# types whose cells are texts: a workbook that holds them as numbers drops leading zeros
TEXTUAL = ("id", "text")
# codes shown in one message
SHOWN = 5


def label_findings(
    file: RawFile,
    labels: Mapping[str, Mapping[str, str]],
    unlabelled: tuple[str, ...],
    dictionary: Dictionary,
) -> list[Finding]:
    """Value labels that are not the dictionary's, in either language.

    A label that the dictionary gives to another code of the list is an error: the scale is turned.
    Other words are a warning, and so is a coded column without labels, or a file without any.
    """
    findings: list[Finding] = []
    coded_columns = [
        v.raw[file.source]
        for v in dictionary.in_source(file.source)
        if dictionary.code_list(v.name, file.source) is not None
    ]
    if not labels and set(coded_columns) & set(unlabelled):
        return [NO_LABELS.about(file, n=Plain(len(set(coded_columns) & set(unlabelled))))]
    for variable in dictionary.in_source(file.source):
        raw = variable.raw[file.source]
        coded = raw in coded_columns
        if labels and coded and raw in unlabelled:
            findings.append(LABEL_MISSING.about(file, raw))
        findings.extend(_label_findings(file, variable, labels.get(raw, {}), dictionary))
    return findings


def variable_label_findings(
    file: RawFile, labels: Mapping[str, str], dictionary: Dictionary
) -> list[Finding]:
    """Columns that the file calls what the dictionary calls another one.

    Parameters
    ----------
    file : RawFile
        The delivered file.
    labels : mapping of column to str
        What it calls its columns; other words than the dictionary's say nothing.
    dictionary : Dictionary
        Labels and questions in both languages.
    """
    owners: dict[str, set[str]] = {}
    for variable in dictionary.in_source(file.source):
        for text in filter(None, (variable.label, variable.question)):
            for words in (text.en, text.es):
                owners.setdefault(_plain(words), set()).add(variable.name)
    findings = []
    for variable in dictionary.in_source(file.source):
        column = variable.raw[file.source]
        named = owners.get(_plain(labels.get(column, "")), set())
        if named and variable.name not in named:
            other = min(named)
            findings.append(VARIABLE_LABEL.about(file, column, item=variable.name, other=other))
    return findings


def _label_findings(
    file: RawFile, variable: Variable, labels: Mapping[str, str], dictionary: Dictionary
) -> list[Finding]:
    codes = dictionary.code_list(variable.name, file.source)
    if codes is None:
        return []
    declared = {code.code: (_plain(code.en), _plain(code.es)) for code in codes.values}
    return [
        _mismatch(file, variable.raw[file.source], code, label, declared)
        for code, label in sorted(labels.items())
        if code in declared and _plain(label) not in declared[code]
    ]


def _mismatch(
    file: RawFile, column: str, code: str, label: str, declared: Mapping[str, tuple[str, str]]
) -> Finding:
    owner = next((other for other, words in declared.items() if _plain(label) in words), None)
    declared_words = " / ".join(declared[code])
    said = {"code": code, "label": repr(label), "declared": repr(declared_words)}
    plain = {name: Plain(text) for name, text in said.items()}
    if owner is None:
        return OTHER_WORDS.about(file, column, **plain)
    return OF_ANOTHER_CODE.about(file, column, **plain, owner=Plain(owner))


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def missing_findings(
    file: RawFile,
    user_missing: Mapping[str, UserMissing],
    frame: pd.DataFrame,
    dictionary: Dictionary,
) -> list[Finding]:
    """Codes that the file calls missing and the dictionary an answer, and the other way round.

    The first would enter a mean: an error. The second is a warning, for codes that occur, in files
    that say of some column what is missing.
    """
    findings: list[Finding] = []
    for variable in dictionary.in_source(file.source):
        raw = variable.raw[file.source]
        if not user_missing or raw not in frame.columns:
            continue
        declared = user_missing.get(raw, UserMissing())
        occurring = [str(text) for text in pd.unique(frame[raw]) if text != ""]
        findings += _answers(file, variable, declared, occurring, dictionary)
        findings += _not_missing(file, variable, declared, occurring, dictionary)
    return findings


def _answers(
    file: RawFile,
    variable: Variable,
    declared: UserMissing,
    occurring: list[str],
    dictionary: Dictionary,
) -> list[Finding]:
    """The file calls it missing, the dictionary reads it as an answer."""
    codes = dictionary.code_list(variable.name, file.source)
    listed = [code.code for code in codes.values] if codes else []
    wrong = set()
    for text in filter(declared.holds, (*declared.codes, *listed, *occurring)):
        cell = dictionary.parse(variable.name, text, source=file.source)
        if isinstance(cell, Cell) and cell.missing is None:
            wrong.add(text)
    if not wrong:
        return []
    # only codes that the file or the dictionary lists are shown: others are answers of persons
    shown = sorted(wrong.intersection((*declared.codes, *listed)))[:SHOWN]
    ranges = [f"{low:g} to {high:g}" for low, high in declared.ranges]
    rule = MISSING_FOR_FILE if len(wrong) == 1 else SEVERAL_MISSING_FOR_FILE
    named = Plain(", ".join(shown or ranges))
    return [rule.about(file, variable.raw[file.source], codes=named)]


def _not_missing(
    file: RawFile,
    variable: Variable,
    declared: UserMissing,
    occurring: list[str],
    dictionary: Dictionary,
) -> list[Finding]:
    """The dictionary calls it missing, the file does not."""
    missing = dictionary.missing_codes(variable.name, file.source)
    known = {code for kind in MISSING_KINDS for code in getattr(missing, kind)} if missing else ()
    wrong = sorted(text for text in occurring if text in known and not declared.holds(text))
    if not wrong:
        return []
    rule = MISSING_FOR_DICTIONARY if len(wrong) == 1 else SEVERAL_MISSING_FOR_DICTIONARY
    return [rule.about(file, variable.raw[file.source], codes=Plain(", ".join(wrong)))]


def number_findings(
    file: RawFile, numbers: Mapping[str, NumberCells], dictionary: Dictionary
) -> list[Finding]:
    """Ids and texts that a workbook holds as numbers: leading zeros may be lost.

    An error where other cells of the column are text: then some cells kept what others lost.
    """
    findings = []
    for variable in dictionary.in_source(file.source):
        cells = numbers.get(variable.raw[file.source])
        if variable.type not in TEXTUAL or cells is None:
            continue
        rule = Rule("number-in-text-column", "error" if cells.count < cells.of else "warn")
        said = {"count": cells.count, "of": cells.of, "type": variable.type}
        findings.append(rule.about(file, variable.raw[file.source], cells.line, **said))
    return findings
