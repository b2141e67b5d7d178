"""The files of a new study and the pages of its book, as far as a machine may write them.

What the delivered files say is written, under ``# seen:`` with its evidence; what only a person can
decide is left open with the choices that were seen. The fixed text stands in the
folder ``new_study``, with names like ``$arm`` where something is put in.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from evaluation.config.decisions import marker, written
from evaluation.config.file_format import FORMAT
from evaluation.config.toml_reader import Text
from evaluation.config.toml_writer import comment, value_text
from evaluation.data.spelling import plain
from evaluation.estimation.records import Estimand
from evaluation.locale.messages import Message, entries, message, several

TEMPLATES = Path(__file__).parents[1] / "new_study"
CONTENTS = "_toc.yml"
ROUNDS = ("baseline", "endline")
ESTIMANDS: tuple[Estimand, ...] = ("respondents", "equal", "population")
DESIGN_COLUMNS = ("respondent", "cluster", "arm")
SHOWN, MOST_COMPARED = 12, 8
EXAMPLE_ITEMS = 40
EXAMPLE_DAYS = {
    "baseline": (datetime.date(2021, 2, 1), datetime.date(2021, 5, 31)),
    "endline": (datetime.date(2023, 2, 1), datetime.date(2023, 5, 31)),
}
# arms, the comparison included, up to which there is one treatment
MOST_WITH_ONE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignDraft:
    """What was seen in the files of a new study.

    Attributes
    ----------
    chosen : mapping of design column to variable
        What a person has named already: ``respondent``, ``cluster``, ``arm``.
    choices : mapping of design column to texts
        Candidates for the others, and for ``weight``, each with its evidence.
    strata : tuple of str
        Those of the stratum, by name.
    seen : mapping of design column to text
        Why the files leave no doubt about a column of ``chosen``.
    days : mapping of round id to (date, date)
        First and last day of the interviews, where the files say them.
    periods : mapping of round id to texts
        Date columns of the round with their first and last day.
    populations : tuple of str
        Variables of the frame named like a number of people.
    comparison : str
        Id of the arm whose name says that it is the comparison; empty where none does.
    groups : mapping of arm id to label
        Values of the arm, or of its first candidate.
    arm_of : str
        Variable whose values the groups are; empty where none was seen.
    without_id : mapping of round id to (int, int)
        Rows without a respondent id, of how many.
    numbers, balance, frame_numbers : tuple of str
        Numeric variables asked in both rounds, those of them that say who the respondent is, and
        those of the frame.
    traits, ages : tuple of str
        Variables of the rounds that others may know of a person, and those named like an age.
    language : {"en", "es"}
        Of the open decisions.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    strata: tuple[str, ...] = ()
    seen: Mapping[str, Message] = field(default_factory=dict)
    days: Mapping[str, tuple[datetime.date, datetime.date]] = field(default_factory=dict)
    periods: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    populations: tuple[str, ...] = ()
    comparison: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    arm_of: str = ""
    without_id: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    balance: tuple[str, ...] = ()
    frame_numbers: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()
    language: str = "en"

    def open(self, question: str, *choices: str | Message) -> str:
        """TOML of an open decision, in the language of the draft.

        Parameters
        ----------
        question : str
            Id of its message after ``draft.``.
        *choices : str or Message
        """
        return self.asked(message(f"draft.{question}"), *choices)

    def asked(self, question: Message, *choices: str | Message) -> str:
        """The same for a question that has parameters."""
        return written(marker(question, *choices, language=self.language))


def template(name: str) -> Template:
    """Fixed text of one file of a new study."""
    return Template((TEMPLATES / name).read_text(encoding="utf-8"))


def study_text(study: str, design: DesignDraft) -> str:
    """Text of a new study's ``study.toml``.

    Parameters
    ----------
    study : str
        Id: name of the folder under ``config/``.
    design : DesignDraft
        What was seen in its files.
    """
    return template("study.toml").substitute(
        format=FORMAT,
        study=study,
        comparison=_comparison(design),
        columns="\n".join(_columns(design)),
        arms=_arms(design),
        days="\n".join((*_days_seen(design), f"days = {_days(design)}")),
        keys=value_text(list(design.traits[:SHOWN])),
        age=next(iter(design.ages), ""),
    )


def _comparison(design: DesignDraft) -> str:
    """The group that received nothing: by its name, else open; once for all arms."""
    if design.comparison:
        return ""
    groups = design.groups or {"comparison": "comparison"}
    listed = [
        value_text(name)
        if name == label
        else message("draft.choice", name=name, evidence=message("draft.group-label", label=label))
        for name, label in groups.items()
    ]
    return f"comparison = {design.open('comparison', *listed)}\n"


def _columns(design: DesignDraft) -> Iterable[str]:
    """Design columns: as a person named them or the files say, else open."""
    none = (message("draft.none-seen"),)
    for key in (*DESIGN_COLUMNS, "date"):
        if key in design.seen:
            yield comment(f"seen: {design.seen[key].text('en')}")
        if design.chosen.get(key):
            yield f"{key} = {value_text(design.chosen[key])}"
        elif key in DESIGN_COLUMNS:
            yield f"{key} = {design.open(key, *(design.choices.get(key) or none))}"
    if strata := design.choices.get("stratum"):
        yield f"stratum = {design.open('stratum', *strata, message('draft.no-stratum'))}"
    for name in design.populations[:1]:
        yield comment(f'population = {value_text(name)}    # for the estimand "population"')


def _arms(design: DesignDraft) -> str:
    groups = design.groups or {"comparison": "Comparison", "treated": "Treated"}
    arms = []
    for identifier, label in groups.items():
        treated = [] if identifier == design.comparison else ["programme"]
        said = f"\ntreatments = {value_text(treated)}" if design.comparison else ""
        note = "" if _is_usual(label) else f"{comment('translate: label')}\n"
        arms.append(
            template("arm.toml").substitute(
                id=value_text(identifier),
                note=note,
                label=value_text(_arm_label(label)),
                treatments=said,
            )
        )
    of = (
        f"the values of `{design.arm_of}`" if design.arm_of else "two groups, until a frame is read"
    )
    head = comment(f"seen: {of}; with another arm variable its values stand here instead")
    return "\n".join((head, *_why_comparison(design), *arms))


def _why_comparison(design: DesignDraft) -> Iterable[str]:
    """What speaks for the group that is taken for the comparison; a bare code says little."""
    if not design.comparison:
        return
    if _is_bare(design.comparison):
        said = f"{design.comparison} is the comparison: its code is 0, and no label says it"
        # with several treatments plan.toml asks for both at once
        yield comment(
            f"confirm: {said}; the sign of every effect hangs on it"
            if _has_one_treatment(design)
            else f"seen: {said}; `treatment` of plan.toml asks about it"
        )
    else:
        why = f"the file calls it {value_text(design.groups[design.comparison])}"
        yield comment(f"seen: {design.comparison} is the comparison: {why}")


def _is_bare(comparison: str) -> bool:
    """Whether only a code says that a group is the comparison."""
    return comparison.endswith("_0")


def _has_one_treatment(design: DesignDraft) -> bool:
    return len(design.groups) <= MOST_WITH_ONE


def _is_usual(label: str) -> bool:
    """Whether a group's label is one of the words that both languages have."""
    return plain(label) in entries("draft.group")


def _arm_label(label: str) -> Mapping[str, str]:
    """A label in both languages, where it is one of the usual words; else as the file has it."""
    if not _is_usual(label):
        return {"en": label, "es": label}
    text = Text.of(f"draft.group.{plain(label)}")
    return {"en": text.en, "es": text.es}


def _days_seen(design: DesignDraft) -> Iterable[str]:
    """Where drafted days come from, and what follows from them for interviews of other days."""
    if design.days:
        spans = (f"from {first} to {last} in {r}" for r, (first, last) in design.days.items())
        yield comment(f"seen: {design.chosen['date']} runs {' and '.join(spans)}")
        yield comment(
            "interviews outside these days will be findings; write others if fieldwork had"
        )


def _days(design: DesignDraft) -> str:
    """First and last day of each round: as the files say, else open, once for all rounds."""
    if design.days:
        return value_text(design.days)
    seen = [
        message("draft.in-the-file", round=name, seen=one)
        for name, dated in design.periods.items()
        for one in dated
    ]
    return design.open(
        "days",
        message("draft.days-of-each", example=value_text(EXAMPLE_DAYS)),
        *(seen or [message("draft.no-dates")]),
    )


def plan_text(study: str, design: DesignDraft) -> str:
    """Text of a new study's ``plan.toml``.

    Parameters
    ----------
    study, design
        As for :func:`study_text`.
    """
    return template("plan.toml").substitute(
        study=study,
        strata=_strata(design),
        outcome=design.open("outcomes", message("draft.outcomes-below")),
        variables=value_text(list(design.balance[:MOST_COMPARED])),
        frame_variables=value_text(list(design.frame_numbers)),
        treatment=_treatment(design),
        estimand=design.open(
            "estimand", *(message(f"draft.estimand-{name}") for name in ESTIMANDS)
        ),
        weights="\n".join(_weights(design)),
        numbers="\n".join(_wrapped(design.numbers)),
    )


def _weights(design: DesignDraft) -> Iterable[str]:
    """By what interviews are weighted: open where a column may be meant, else none."""
    weights = design.choices.get("weight")
    if not weights:
        yield comment(
            "seen: no column of numbers in the rounds is called a weight or looks like one"
        )
    answer = design.open("weights", '"none"', *weights) if weights else value_text("none")
    yield f"weights = {answer}"


def _treatment(design: DesignDraft) -> str:
    """Whose effect is meant: with more than two arms a person says it, and against whom."""
    if _has_one_treatment(design):
        return value_text("programme")
    arms = several((name for name in design.groups if name != design.comparison), "and")
    answer = message("draft.treatment-id", arms=arms)
    if not _is_bare(design.comparison):
        return design.open("treatment", answer)
    comparison = design.comparison
    other = message("draft.treatment-other-comparison", comparison=comparison)
    return design.asked(message("draft.treatment-against", comparison=comparison), answer, other)


def _strata(design: DesignDraft) -> str:
    """Inside what treatment is scrambled and permuted: the answer that study.toml is asked for.

    Where several columns could be meant, the line waits in a comment, and reading asks for it.
    """
    if not design.strata:
        return ""
    said = "arms are scrambled and permuted inside the `stratum` of study.toml"
    line = f"permutation_strata = {value_text(design.strata[0])}"
    return f"{comment(said)}\n{line if len(design.strata) == 1 else comment(line)}\n"


def _wrapped(names: Sequence[str]) -> Iterable[str]:
    shown = names[:EXAMPLE_ITEMS] or ("none",)
    for i in range(0, len(shown), 6):
        yield comment(", ".join(shown[i : i + 6]))
    if len(names) > len(shown):
        yield comment(f"and {len(names) - len(shown)} more in dictionary/")


def exhibits_text(study: str, taken: Collection[str] = ()) -> str:
    """Text of a new study's ``exhibits.toml``; every exhibit stands once in its book or annex."""
    return template("exhibits.toml").substitute(letters=study_letters(study, taken))


def study_letters(study: str, taken: Collection[str] = ()) -> str:
    """Letters that the codes of a study begin with: ``SC`` for ``somos_comunidad``.

    Initials of its words; of a single word its first two letters.

    Parameters
    ----------
    study : str
    taken : collection of str
        Letters of other studies: a code that is said aloud is one study's. Then more letters of
        the name are taken, or later ones.
    """
    initials = "".join(word[0] for word in study.split("_") if word[:1].isalpha())[:4]
    name = "".join(c for c in study if c.isalpha())
    offered = [initials] if len(initials) > 1 else []
    offered += [name[:n].ljust(2, "x") for n in (2, 3, 4)]
    offered += [name[0] + other for other in name[2:]]
    found = [letters.upper() for letters in offered]
    return next((letters for letters in found if letters not in taken), found[0])


def book_translations() -> dict[str, str]:
    """The Spanish of what those pages say in a new study's book, by the path of its file."""
    folder = TEMPLATES / "es"
    paths = sorted(folder.rglob("*.po"))
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in paths}


def book_pages() -> dict[str, str]:
    """Text of the pages of a new study's book, by file name, and of its table of contents."""
    paths = (*sorted(TEMPLATES.glob("*.md")), TEMPLATES / CONTENTS)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}
