"""From a form's questions and simple expressions to the columns of an export and their skips.

A form's expressions are a language of their own. Only shapes whose meaning is certain are taken;
everything else is None and stays as it is written, for a person.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.fieldwork.drafting.xlsform import Form, FormGroup, FormQuestion

VALUE = r"(?:'([^']*)'|\"([^\"]*)\"|(-?\d+(?:\.\d+)?))"
FIELD = r"\$\{\s*([^{}\s]+)\s*\}"
EQUALS = re.compile(rf"{FIELD}\s*=\s*{VALUE}")
SELECTED = re.compile(rf"selected\(\s*{FIELD}\s*,\s*{VALUE}\s*\)")
NUMBER = r"(-?\d+(?:\.\d+)?)"
BOUND = re.compile(rf"\.\s*(>=|<=|>|<)\s*{NUMBER}")
TURNED = re.compile(rf"{NUMBER}\s*(>=|<=|>|<)\s*\.")
ADMITTED = re.compile(rf"\.\s*=\s*(?:'({NUMBER})'|{NUMBER})")
MIRROR = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
QUOTES = str.maketrans("‘’“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class Skip:
    """Asked where the answer to ``gate`` (a name in the form) is one of ``codes``.

    ``how`` is what the form compares: the whole answer, or one choice among several.
    """

    gate: str
    codes: tuple[str, ...]
    how: Literal["equals", "selected"] = "equals"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers a constraint lets through; None where it does not say.

    ``admitted`` are single numbers outside the range that it also lets through, mostly codes for
    don't know and refused. ``open_ends`` names bounds that are themselves not allowed (``>``).
    """

    low: float | None
    high: float | None
    admitted: tuple[str, ...] = ()
    open_ends: tuple[str, ...] = ()


def skip(expression: str) -> Skip | None:
    """A skip that is equality with codes of one question, joined by ``or``; else None.

    ``!=`` is not simple: in a form it also holds where the question was not answered.
    """
    gates, codes, how = [], [], set()
    for part in _split(_bare(expression), "or"):
        equals, selected = EQUALS.fullmatch(_bare(part)), SELECTED.fullmatch(_bare(part))
        found = equals or selected
        if found is None:
            return None
        gates.append(found[1])
        codes.append(next(group for group in found.groups()[1:] if group is not None))
        how.add("equals" if equals else "selected")
    if len(set(gates)) != 1 or len(how) != 1 or "" in codes:
        return None
    compared: Literal["equals", "selected"] = "equals" if "equals" in how else "selected"
    return Skip(gates[0], tuple(dict.fromkeys(codes)), compared)


def bounds(expression: str) -> Bounds | None:
    """A constraint of the kind ``. >= 0 and . <= 120 or . = 999``; else None."""
    admitted: list[str] = []
    limits: dict[str, tuple[float, bool]] = {}
    for part in _split(_bare(expression), "or"):
        code = ADMITTED.fullmatch(_bare(part))
        if code is not None:
            admitted.append(code[1] or code[3])
        elif limits or not _take_limits(_bare(part), limits):
            return None
    low, high = limits.get("low"), limits.get("high")
    if not limits or (low and high and low[0] > high[0]):
        return None
    return Bounds(
        low=low[0] if low else None,
        high=high[0] if high else None,
        admitted=tuple(admitted),
        open_ends=tuple(end for end, (_, is_open) in sorted(limits.items()) if is_open),
    )


def _take_limits(part: str, limits: dict[str, tuple[float, bool]]) -> bool:
    """Put the bounds of ``. >= 0 and . <= 120`` into ``limits``; False where it is not simple."""
    for piece in _split(part, "and"):
        bare = _bare(piece)
        if found := BOUND.fullmatch(bare):
            sign, number = found[1], found[2]
        elif found := TURNED.fullmatch(bare):
            sign, number = MIRROR[found[2]], found[1]
        else:
            return False
        end = "low" if sign.startswith(">") else "high"
        if end in limits:
            return False
        limits[end] = (float(number), len(sign) == 1)
    return True


def _split(text: str, word: str) -> list[str]:
    """Parts between ``word`` outside of brackets and quotes."""
    parts, depth, quote, start, position = [], 0, "", 0, 0
    joint = re.compile(rf"(?<![\w$]){word}(?![\w-])", re.IGNORECASE)
    while position < len(text):
        letter = text[position]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "({":
            depth += 1
        elif letter in ")}":
            depth -= 1
        elif depth == 0 and (found := joint.match(text, position)):
            parts.append(text[start:position])
            start = position = found.end()
            continue
        position += 1
    return [*parts, text[start:]]


def _bare(text: str) -> str:
    """Without blanks at the ends and brackets around the whole; typographic quotes made plain."""
    bare = " ".join(text.translate(QUOTES).split())
    while bare.startswith("(") and bare.endswith(")") and _is_enclosed(bare):
        bare = bare[1:-1].strip()
    return bare


def _is_enclosed(text: str) -> bool:
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return position == len(text) - 1
    return False


NO_DATA = ("note", "xml_external")
# a repeat of a stated length is written out; one of unknown length has its first repetition
MOST_WRITTEN_OUT = 30
OTHER_WORDS = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn:
    """One column of an export in which repeats are wide and group names are dropped.

    Attributes
    ----------
    raw : str
        Name in the export: ``age``, ``age_2`` in a repeat, ``crops_3`` of a select-multiple.
    part : {"whole", "choice", "other"}
        The answer, one choice of several, or the words for ``other``.
    code : str
        Of the choice.
    repetition : tuple of int
        Number in each repeat around the question, the outermost first.
    """

    question: FormQuestion
    raw: str
    part: str
    code: str
    repetition: tuple[int, ...]


def columns(form: Form) -> list[FormColumn]:
    """All columns of a form in its order; notes have none."""
    return [
        column
        for question in form.questions
        if question.type not in NO_DATA
        for column in _of_question(question, form)
    ]


def _of_question(question: FormQuestion, form: Form) -> Iterator[FormColumn]:
    several = question.type == "select_multiple"
    # part, code, and what follows the question's name
    parts = [("whole", "", "")]
    if several and question.list_name in form.choices:
        parts = [("choice", code, f"_{code}") for code in codes_of(question, form)]
    if has_other(question):
        parts.append(("other", "", f"_{OTHER_WORDS}{'_text' * several}"))
    counts = (repetitions(group) for group in question.within if group.repeats)
    for repetition in itertools.product(*(range(1, count + 1) for count in counts)):
        ending = "".join(f"_{number}" for number in repetition)
        for part, code, added in parts:
            yield FormColumn(
                question=question,
                raw=f"{question.name}{added}{ending}",
                part=part,
                code=code,
                repetition=repetition,
            )


def codes_of(question: FormQuestion, form: Form) -> tuple[str, ...]:
    """Codes of a question with several answers, with the one that the server adds."""
    codes = [choice.code for choice in form.choices[question.list_name]]
    if has_other(question) and OTHER_WORDS not in codes:
        codes.append(OTHER_WORDS)
    return tuple(codes)


def has_other(question: FormQuestion) -> bool:
    """Whether the server adds a choice ``other`` and a field for its words."""
    return question.rest.replace(" ", "_").casefold() == "or_other"


def repetitions(group: FormGroup) -> int:
    """Written-out repetitions of a repeat: its stated number, else those of the files, else 1."""
    count = group.repeat_count
    stated = int(count) if count.isdecimal() else 0
    return min(stated or group.seen or 1, MOST_WRITTEN_OUT)


@dataclass(frozen=True, slots=True)
class Conditions:
    """When a question is asked: its own expression and those of the groups around it."""

    own: str
    groups: tuple[tuple[str, str], ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Expressions, the question's own first, then groups from the nearest outwards."""
        outwards = [expression for _, expression in reversed(self.groups)]
        return tuple(e for e in (self.own, *outwards) if e)

    def comments(self) -> tuple[str, ...]:
        """Comments that keep them for a person."""
        own = [f"relevant: {self.own}"] if self.own else []
        return (*own, *(f"relevant (group {name}): {said}" for name, said in self.groups))


def conditions(question: FormQuestion) -> Conditions:
    """Conditions of a question."""
    groups = tuple((g.name, g.relevant) for g in question.within if g.relevant)
    return Conditions(question.relevant, groups)


def exact_skip(question: FormQuestion, by_name: Mapping[str, FormQuestion]) -> Skip | None:
    """The one skip rule that says when a question is asked, or None where none says it all.

    A dictionary's rule looks at one variable. It says it all where every other condition on the
    question also stands on that variable, which then is itself not answered unless they hold.
    """
    mine = conditions(question).all
    for expression in mine:
        found = skip(expression)
        if found is None or found.gate not in by_name or found.gate == question.name:
            continue
        gate = by_name[found.gate]
        others = set(mine) - {expression}
        if others <= set(conditions(gate).all) and _same_repeats(gate, question):
            return found
    return None


def _same_repeats(gate: FormQuestion, question: FormQuestion) -> bool:
    """Whether a gate is asked once for each repetition of the question, and each is there.

    Under a gate outside of its repeat, a repetition may be empty because there is no third child.
    """
    repeats = [group for group in question.within if group.repeats]
    of_gate = [group.row for group in gate.within if group.repeats]
    inner = repeats[len(of_gate) :]
    return of_gate == [group.row for group in repeats[: len(of_gate)]] and all(
        group.repeat_count.isdecimal() for group in inner
    )
