"""Code lists and missing codes of a dictionary, drafted from a form's choice lists."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.data.draft_names import bilingual, legal, legal_names
from evaluation.data.form_words import is_missing_like, missing_kind, yes_or_no
from evaluation.data.xlsform import Choice
from evaluation.spec.dictionary import MISSING_KINDS, Code, CodeList, MissingCodes
from evaluation.spec.load import Text

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
    binary: str = ""

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
    for choice in answers:
        text, said = bilingual(choice.label, otherwise=choice.code)
        translate.update(said)
        plain_value: float | str = float(choice.code) if numeric else choice.code
        codes.append(
            Code(
                code=choice.code,
                value=turned.get(choice.code, plain_value),
                en=text.en,
                es=text.es,
            )
        )
    if with_other and with_other not in {choice.code for choice in choices}:
        codes.append(Code(code=with_other, value=with_other, en="Other", es="Otro"))
    changed = [c for c in codes if c.code in turned and c.code != f"{c.value:g}"]
    if changed:
        said_so = ", ".join(f"{c.code} becomes {c.value:g}" for c in changed)
        notes.append(f"confirm: yes is 1 and no is 0 in the clean files, so {said_so}")
    return DraftList(
        codes=CodeList(id=identifier, values=tuple(codes)),
        missing=missing,
        notes=(*notes, *sorted(translate)),
        binary="yes" if turned else "",
    )


def _missing(choices: Sequence[Choice]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Missing codes by kind, and comments on choices that only look like one."""
    kinds: dict[str, list[str]] = {}
    notes = []
    for choice in choices:
        kind, alike = missing_kind(choice.label.values()), is_missing_like(choice.code)
        if kind and alike:
            kinds.setdefault(kind, []).append(choice.code)
            notes.append(f"confirm: {choice.code} is missing ({kind}), as its label says")
        elif kind:
            notes.append(f"confirm: {choice.code} reads like {kind} and is kept as an answer")
        elif alike and len(choices) < 70:
            notes.append(f"confirm: {choice.code} looks like a missing code and is kept")
    if sum(map(len, kinds.values())) == len(choices):
        return {}, ["confirm: all choices read like missing codes and are kept as answers"]
    return {kind: tuple(kinds[kind]) for kind in MISSING_KINDS if kind in kinds}, notes


def _yes_no(answers: Sequence[Choice]) -> dict[str, float]:
    """1 and 0 by code where a list holds yes and no and nothing else."""
    said = {choice.code: yes_or_no(choice.label.values()) for choice in answers}
    if sorted(value for value in said.values() if value is not None) != [0.0, 1.0]:
        return {}
    return {} if len(said) != 2 else {code: v for code, v in said.items() if v is not None}


def chosen_list() -> DraftList:
    """The 0/1 columns of a question with several answers."""
    no, yes = Text.of("draft.not-chosen"), Text.of("draft.chosen")
    values = (
        Code(code="1", value=1.0, en=yes.en, es=yes.es),
        Code(code="0", value=0.0, en=no.en, es=no.es),
    )
    codes = CodeList(id=CHOSEN, values=values)
    return DraftList(codes=codes, missing={}, notes=(), binary="yes")


@dataclass(slots=True)
class MissingLists:
    """Missing lists drafted so far, by id: equal ones are one."""

    lists: dict[str, MissingCodes] = field(default_factory=dict)

    def id_for(self, kinds: Mapping[str, tuple[str, ...]], blank: str) -> str | None:
        """Id of the list with these codes and this meaning of a blank; None needs no list."""
        if not kinds and blank == "error":
            return None
        parts = [f"{kind}_{'_'.join(map(_spelled, codes))}" for kind, codes in kinds.items()]
        stem = "_".join([*parts, *([f"blank_{blank}"] if blank != "error" else [])])
        # keys are kinds of missing, which a checker of types cannot follow through a dict
        made: dict[str, Any] = {"blank": blank, **kinds}
        identifier, number = stem, 1
        # codes that are spelled alike (-8 and m8) must not share a list
        while identifier in self.lists and self.lists[identifier] != MissingCodes(
            id=identifier,
            **made,
        ):
            number += 1
            identifier = f"{stem}_{number}"
        self.lists[identifier] = MissingCodes(id=identifier, **made)
        return identifier


def _spelled(code: str) -> str:
    return code.replace("-", "minus")
