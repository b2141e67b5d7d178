"""From questions to the columns of an export, and from skips of the form to those of columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluation.data.form_rules import Skip, skip
from evaluation.data.xlsform import Form, Group, Question

NO_DATA = ("note", "xml_external")
# a repeat of a stated length is written out; one of unknown length has its first repetition
MOST_WRITTEN_OUT = 30
OTHER_WORDS = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
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

    question: Question
    raw: str
    part: str
    code: str
    repetition: tuple[int, ...]


def columns(form: Form) -> list[Column]:
    """All columns of a form in its order; notes have none."""
    return [
        column
        for question in form.questions
        if question.type not in NO_DATA
        for column in _of_question(question, form)
    ]


def _of_question(question: Question, form: Form) -> Iterator[Column]:
    for repetition in _repetitions(question.within):
        ending = "".join(f"_{number}" for number in repetition)
        if question.type == "select_multiple" and question.list_name in form.choices:
            codes = [choice.code for choice in form.choices[question.list_name]]
            if has_other(question) and OTHER_WORDS not in codes:
                codes.append(OTHER_WORDS)
            for code in codes:
                yield Column(
                    question=question,
                    raw=f"{question.name}_{code}{ending}",
                    part="choice",
                    code=code,
                    repetition=repetition,
                )
        else:
            yield Column(
                question=question,
                raw=f"{question.name}{ending}",
                part="whole",
                code="",
                repetition=repetition,
            )
        if has_other(question):
            yield Column(
                question=question,
                raw=f"{question.name}_{OTHER_WORDS}{'_text' * _is_several(question)}{ending}",
                part="other",
                code="",
                repetition=repetition,
            )


def has_other(question: Question) -> bool:
    """Whether the server adds a choice ``other`` and a field for its words."""
    return question.rest.replace(" ", "_").casefold() == "or_other"


def _is_several(question: Question) -> bool:
    return question.type == "select_multiple"


def _repetitions(within: Sequence[Group]) -> Iterator[tuple[int, ...]]:
    counts = [repetitions(group) for group in within if group.repeats]
    found: list[tuple[int, ...]] = [()]
    for count in counts:
        found = [(*before, number) for before in found for number in range(1, count + 1)]
    yield from found


def repetitions(group: Group) -> int:
    """Written-out repetitions of a repeat: its stated number, else 1."""
    count = group.repeat_count
    return min(int(count), MOST_WRITTEN_OUT) if count.isdecimal() and int(count) > 0 else 1


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


def conditions(question: Question) -> Conditions:
    """Conditions of a question."""
    groups = tuple((g.name, g.relevant) for g in question.within if g.relevant)
    return Conditions(question.relevant, groups)


def exact_skip(question: Question, by_name: Mapping[str, Question]) -> Skip | None:
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


def _same_repeats(gate: Question, question: Question) -> bool:
    """Whether a gate is asked once for each repetition of the question, and each is there.

    Under a gate outside of its repeat, a repetition may be empty because there is no third child.
    """
    repeats = [group for group in question.within if group.repeats]
    of_gate = [group.row for group in gate.within if group.repeats]
    inner = repeats[len(of_gate) :]
    return of_gate == [group.row for group in repeats[: len(of_gate)]] and all(
        group.repeat_count.isdecimal() for group in inner
    )
