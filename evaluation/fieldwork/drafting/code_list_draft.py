"""Code lists and missing codes of a dictionary, drafted from a form, or from cells and labels."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.config.dictionary import MISSING_KINDS, Code, CodeList, Kind, MissingCodes
from evaluation.config.toml_reader import Text
from evaluation.data.form_words import is_missing_like, missing_kind, yes_or_no
from evaluation.data.spelling import LONGEST, bilingual, legal, legal_names
from evaluation.fieldwork.drafting.column_profile import DraftColumn, missing_of
from evaluation.fieldwork.drafting.xlsform import Choice
from evaluation.locale.messages import Message, message

# a number that text gives back exactly: no leading zero, no sign but minus
WHOLE = re.compile(r"0|-?[1-9]\d{0,14}")
CHOSEN = "chosen_codes"
OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftList:
    """A code list with its missing codes by kind and the comments of its block."""

    codes: CodeList
    missing: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    binary: bool = False

    def values_of(self, codes: Iterable[str]) -> tuple[float | str, ...] | None:
        """Harmonised values of raw codes; None where one is no answer of the list."""
        values = {code.code: code.value for code in self.codes.values}
        wanted = list(codes)
        return tuple(values[c] for c in wanted) if all(c in values for c in wanted) else None


def draft_lists(
    choices: Mapping[str, Sequence[Choice]], with_other: Iterable[str]
) -> dict[str, DraftList]:
    """Draft each choice list once, by its name in the form.

    Parameters
    ----------
    choices : mapping of list name to choices
    with_other : iterable of str
        Lists that a question uses with ``or_other``: the server adds a choice ``other``.
    """
    others = set(with_other)
    _, *ids = legal_names([CHOSEN, *(f"{legal(name)[:26]}_codes" for name in choices)])
    return {
        name: draft_list(identifier, listed, with_other=OTHER if name in others else "")
        for (name, listed), identifier in zip(choices.items(), ids, strict=True)
    }


def draft_list(identifier: str, choices: Sequence[Choice], *, with_other: str = "") -> DraftList:
    """Draft one list: answers, missing codes by what their labels say, comments."""
    missing, notes = _missing(choices)
    gone = {code for codes in missing.values() for code in codes}
    answers = [choice for choice in choices if choice.code not in gone]
    numeric = all(WHOLE.fullmatch(choice.code) for choice in answers) and not with_other
    turned = _yes_no(answers) if not with_other else {}
    codes: list[Code] = []
    translate: set[str] = set()
    for code, label in ((choice.code, choice.label) for choice in answers):
        text, notes_of = bilingual(label, otherwise=code)
        translate.update(notes_of)
        value = turned.get(code, float(code) if numeric else code)
        codes.append(Code(code=code, value=value, en=text.en, es=text.es))
    if with_other and with_other not in {choice.code for choice in choices}:
        codes.append(Code(code=with_other, value=with_other, en="Other", es="Otro"))
    changed = [c for c in codes if c.code in turned and c.code != f"{c.value:g}"]
    if changed:
        values = ", ".join(f"{c.code} becomes {c.value:g}" for c in changed)
        notes.append(f"seen: yes is 1 and no is 0 in the clean files, so {values}")
    return DraftList(
        codes=CodeList(id=identifier, values=tuple(codes)),
        missing=missing,
        notes=(*notes, *sorted(translate)),
        binary=bool(turned),
    )


def _missing(choices: Sequence[Choice]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Missing codes by kind, and comments on choices that only look like one."""
    kinds: dict[str, list[str]] = {}
    notes = []
    for choice in choices:
        kind, alike = missing_kind(choice.label.values()), is_missing_like(choice.code)
        if kind and alike:
            kinds.setdefault(kind, []).append(choice.code)
            notes.append(f"seen: {choice.code} is missing ({kind}), as its label says")
        elif kind:
            notes.append(f"seen: {choice.code} reads like {kind} and is kept as an answer")
        elif alike and len(choices) < 70:
            notes.append(f"seen: {choice.code} looks like a missing code and is kept")
    if sum(map(len, kinds.values())) == len(choices):
        return {}, ["seen: all choices read like missing codes and are kept as answers"]
    return {kind: tuple(kinds[kind]) for kind in MISSING_KINDS if kind in kinds}, notes


def _yes_no(answers: Sequence[Choice]) -> dict[str, float]:
    """1 and 0 by code where a list holds yes and no and nothing else."""
    found = {choice.code: yes_or_no(choice.label.values()) for choice in answers}
    known = {code: value for code, value in found.items() if value is not None}
    return known if len(found) == 2 and sorted(known.values()) == [0.0, 1.0] else {}


def chosen_list() -> DraftList:
    """The 0/1 columns of a question with several answers."""
    labels = {"1": Text.of("draft.chosen"), "0": Text.of("draft.not-chosen")}
    values = (Code(code=c, value=float(c), en=text.en, es=text.es) for c, text in labels.items())
    codes = CodeList(id=CHOSEN, values=tuple(values))
    return DraftList(codes=codes, missing={}, notes=(), binary=True)


@dataclass(slots=True)
class MissingLists:
    """Missing lists drafted so far, by id: equal ones are one."""

    lists: dict[str, MissingCodes] = field(default_factory=dict)

    def id_for(
        self, kinds: Mapping[str, tuple[str, ...]], blank: str, named: str = ""
    ) -> str | None:
        """Id of the list with these codes and this meaning of a blank; None needs no list.

        Parameters
        ----------
        kinds : mapping of kind to codes
        blank : str
        named : str
            Id of a list that is to be its own; otherwise equal ones share one.
        """
        if not kinds and blank == "error":
            return None
        parts = [f"{kind}_{'_'.join(codes)}" for kind, codes in kinds.items()]
        stem = "_".join([*parts, *([f"blank_{blank}"] if blank != "error" else [])])
        stem = named or stem.replace("-", "minus").replace(".", "")
        # keys are kinds of missing, which a checker of types cannot follow through a dict
        kept: dict[str, Any] = {"blank": blank, **kinds}
        # codes that are spelled alike (-8 and m8) must not share a list
        names = itertools.chain([stem], (f"{stem}_{number}" for number in itertools.count(2)))
        lists = (MissingCodes(id=name, **kept) for name in names)
        return next(one.id for one in lists if self.lists.setdefault(one.id, one) == one)


ROOM = LONGEST - len("_codes")
BINARY = "zero_one_codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Codes of one variable by source, and counts of their cells; empty where it has none."""

    codes: Mapping[str, tuple[Code, ...]]
    origin: Mapping[str, str]

    def merged(self) -> tuple[Code, ...]:
        """Codes of all sources; those of the same code are the same, or one has no label."""
        ordered = sorted(self.codes.values(), key=_is_labelled)
        codes = {c.code: c for codes in ordered for c in codes}
        return tuple(codes[code] for code in sorted(codes, key=_rank))


def _is_labelled(codes: tuple[Code, ...]) -> bool:
    return any(code.en != code.code for code in codes)


def _rank(code: str) -> tuple[bool, float, str]:
    """Whole numbers by size, then texts."""
    number = WHOLE.fullmatch(code) is not None
    return not number, float(code) if number else 0.0, code


def lists_of(column: DraftColumn, kind: Kind, *, arm: bool) -> Lists:
    """Codes of a variable in each file, where it is coded.

    Parameters
    ----------
    column : DraftColumn
        Its cells.
    kind : str
        Type that was drafted.
    arm : bool
        Whether values are groups of clusters: these are texts, legal names.
    """
    scale, labelled = kind in ("binary", "ordinal"), any(s.labels for s in column.seen.values())
    if not scale and not (kind == "nominal" and (arm or labelled or column.every("is_coded"))):
        return Lists(codes={}, origin={})
    answers = {
        source: sorted(
            {*seen.counts, *seen.labels} - set(missing_of(seen)) - set(seen.missing), key=_rank
        )
        for source, seen in column.seen.items()
    }
    whole = all(WHOLE.fullmatch(code) for listed in answers.values() for code in listed)
    names = _group_names(column, answers) if arm else {}
    codes, origin = {}, {}
    for source, listed in answers.items():
        seen, made = column.seen[source], []
        for code in listed:
            value = float(code) if scale or (whole and not arm) else names.get(code, code)
            label = seen.labels.get(code, code)
            made.append(Code(code=code, value=value, en=label, es=label))
        codes[source] = tuple(made)
        # codes are few and stand in many rows
        counts = ", ".join(f"{code}: {seen.counts[code]:,}" for code in listed)
        origin[source] = f"{source} {counts}"
    return Lists(codes=codes, origin=origin)


def _group_names(column: DraftColumn, answers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Names for groups of clusters: of their label, else of their code."""
    labels: dict[str, str] = {}
    for source, listed in answers.items():
        for code in sorted(listed):
            stem = column.seen[source].labels.get(code, code)
            labels.setdefault(code, stem if stem[:1].isalpha() else f"{column.name}_{stem}")
    return dict(zip(labels, legal_names(labels.values()), strict=True))


def differ(lists: Lists) -> Message | None:
    """How codes or labels of one variable differ between its files; None where one list fits.

    A code that only one file has may be rare. Codes that each file has and the other lacks, or one
    code under two labels, are another scale. A file that has no labels at all contradicts none.
    """
    for first, second in itertools.combinations(lists.codes, 2):
        one, two = ({c.code: c.en for c in lists.codes[source]} for source in (first, second))
        if not (set(one) <= set(two) or set(two) <= set(one)):
            listed = {"one": ", ".join(one), "two": ", ".join(two)}
            return message("draft.codes-differ", first=first, second=second, **listed)
        alike = _is_labelled(lists.codes[first]) == _is_labelled(lists.codes[second])
        for code in one if alike else ():
            if code in two and legal(one[code]) != legal(two[code]):
                labels = {"one": repr(one[code]), "two": repr(two[code])}
                return message(
                    "draft.labels-differ", code=code, first=first, second=second, **labels
                )
    return None


@dataclass(slots=True)
class CodeLists:
    """Code lists drafted so far: the 0/1 list and lists with equal labels are shared.

    ``taken`` are ids that stand elsewhere in the dictionary.
    """

    lists: dict[str, tuple[CodeList, list[str]]] = field(default_factory=dict)
    taken: tuple[str, ...] = ()

    def id_for(self, stem: str, codes: tuple[Code, ...], evidence: str) -> str:
        """Id of a list with these codes; counts of each variable that uses it are noted."""
        labelled = _is_labelled(codes)
        values = {(code.code, code.value) for code in codes}
        binary = not labelled and values <= {("0", 0.0), ("1", 1.0)}
        same = (i for i, (listed, _) in self.lists.items() if listed.values == codes)
        identifier = next(same, "") if labelled else ""
        if binary:
            identifier = legal_names([*self.taken, BINARY])[-1]
            codes = tuple(Code(code=c, value=float(c), en=c, es=c) for c in ("0", "1"))
        wanted = f"{stem[:ROOM].rstrip('_')}_codes"
        identifier = identifier or legal_names([*self.taken, *self.lists, wanted])[-1]
        if identifier not in self.lists:
            first = "translate: labels" if labelled else "translate: labels, the file has none"
            self.lists[identifier] = CodeList(id=identifier, values=codes), [first]
        self.lists[identifier][1].append(f"cells of {stem}: {evidence}")
        return identifier
