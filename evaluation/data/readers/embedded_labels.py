"""What a file says of its own columns, held against the dictionary: labels, missing, numbers."""

from collections.abc import Iterator, Mapping

import pandas as pd

from evaluation.config.dictionary import MISSING_KINDS, Dictionary, ParsedCell, Variable
from evaluation.config.manifest import RawFile
from evaluation.data.findings import Rule
from evaluation.data.readers.raw_table import Delivered, UserMissing
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

NO_LABELS = Rule("label-missing", "warn", "no-labels", "no-labels")
LABEL_MISSING = Rule("label-missing", "warn")
LABELS_MISSING = Rule("label-missing", "warn", "labels-missing", "label-missing")
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


def check(file: RawFile, found: Delivered, dictionary: Dictionary) -> Iterator[Finding]:
    """What a file says of its own columns and the dictionary does not.

    A value label, in either language, that the dictionary gives to another code of the list is an
    error: the scale is turned. Other words are a warning, and so is a coded column without labels,
    or a file without any. A column that is called what the dictionary calls another one is an
    error. A code that the file calls missing and the dictionary an answer would enter a mean: an
    error; the other way round is a warning, for codes that occur, in files that say of some column
    what is missing. Ids and texts that a workbook holds as numbers may have lost leading zeros: an
    error where other cells of the column are text, since some cells kept what others lost.

    Parameters
    ----------
    file : RawFile
    found : Delivered
        What its reader handed over.
    dictionary : Dictionary
        Labels, questions and codes in both languages.
    """
    variables = dictionary.in_source(file.source)
    owners: dict[str, set[str]] = {}
    for variable in variables:
        for text in filter(None, (variable.label, variable.question)):
            for words in (text.en, text.es):
                owners.setdefault(_plain(words), set()).add(variable.name)
    coded = {v.raw[file.source] for v in variables if dictionary.code_list(v.name, file.source)}
    yield from _without_labels(file, coded.intersection(found.unlabelled), found)
    for variable in variables:
        raw = variable.raw[file.source]
        yield from _other_labels(file, variable, found.labels.get(raw, {}), dictionary)
        named = owners.get(_plain(found.variable_labels.get(raw, "")), set())
        if named and variable.name not in named:
            yield VARIABLE_LABEL.about(file, raw, item=variable.name, other=min(named))
        if found.user_missing and raw in found.frame.columns:
            occurring = [str(text) for text in pd.unique(found.frame[raw]) if text != ""]
            declared = found.user_missing.get(raw, UserMissing())
            yield from _missing(file, variable, declared, occurring, dictionary)
        cells = found.numbers.get(raw)
        if variable.type in TEXTUAL and cells is not None:
            rule = Rule("number-in-text-column", "error" if cells.count < cells.of else "warn")
            said = {"count": cells.count, "of": cells.of, "type": variable.type}
            yield rule.about(file, raw, cells.line, **said)


def _without_labels(file: RawFile, bare: set[str], found: Delivered) -> Iterator[Finding]:
    """One finding for all coded columns of a file that have no labels."""
    if not bare:
        return
    if not found.labels:
        yield NO_LABELS.about(file, n=Plain(len(bare)))
    elif len(bare) == 1:
        yield LABEL_MISSING.about(file, min(bare))
    else:
        names = ", ".join(sorted(bare)[:SHOWN]) + " ..." * (len(bare) > SHOWN)
        yield LABELS_MISSING.about(file, n=Plain(len(bare)), names=Plain(names))


def _other_labels(
    file: RawFile, variable: Variable, labels: Mapping[str, str], dictionary: Dictionary
) -> Iterator[Finding]:
    codes = dictionary.code_list(variable.name, file.source)
    declared = {c.code: (_plain(c.en), _plain(c.es)) for c in codes.values} if codes else {}
    for code, label in sorted(labels.items()):
        if code not in declared or _plain(label) in declared[code]:
            continue
        owner = next((other for other, words in declared.items() if _plain(label) in words), None)
        raw, words = variable.raw[file.source], " / ".join(declared[code])
        said = {"code": code, "label": repr(label), "declared": repr(words)}
        plain = {name: Plain(text) for name, text in said.items()}
        if owner is None:
            yield OTHER_WORDS.about(file, raw, **plain)
        else:
            yield OF_ANOTHER_CODE.about(file, raw, **plain, owner=Plain(owner))


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def _missing(
    file: RawFile,
    variable: Variable,
    declared: UserMissing,
    occurring: list[str],
    dictionary: Dictionary,
) -> Iterator[Finding]:
    """The file calls missing what the dictionary reads as an answer; and the other way round."""
    raw, codes = variable.raw[file.source], dictionary.code_list(variable.name, file.source)
    listed = (*declared.codes, *(code.code for code in (codes.values if codes else ())))
    answers = set()
    for text in filter(declared.holds, (*listed, *occurring)):
        cell = dictionary.parse(variable.name, text, source=file.source)
        if isinstance(cell, ParsedCell) and cell.missing is None:
            answers.add(text)
    if answers:
        # only codes that the file or the dictionary lists are shown: others are answers of persons
        shown = sorted(answers.intersection(listed))[:SHOWN]
        ranges = [f"{low:g} to {high:g}" for low, high in declared.ranges]
        rule = MISSING_FOR_FILE if len(answers) == 1 else SEVERAL_MISSING_FOR_FILE
        yield rule.about(file, raw, codes=Plain(", ".join(shown or ranges)))
    missing = dictionary.missing_codes(variable.name, file.source)
    known = {code for kind in MISSING_KINDS for code in getattr(missing, kind)} if missing else ()
    wrong = sorted(text for text in occurring if text in known and not declared.holds(text))
    if wrong:
        rule = MISSING_FOR_DICTIONARY if len(wrong) == 1 else SEVERAL_MISSING_FOR_DICTIONARY
        yield rule.about(file, raw, codes=Plain(", ".join(wrong)))
