"""The files of a new study and the pages of its book, as far as a machine may write them.

What follows from the delivered files is written, under ``# confirm:`` where it is a guess; what
only a person can decide is left open with the choices that were seen. The fixed text stands in the
folder ``new_study``, with names like ``$arm`` where something is put in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from evaluation.locale.messages import Message, message
from evaluation.study.decisions import marker, written
from evaluation.study.records import Estimand
from evaluation.study.toml_writer import comment, value_text

TEMPLATES = Path(__file__).with_name("new_study")
CONTENTS = "_toc.yml"
ROUNDS = ("baseline", "endline")
ESTIMANDS: tuple[Estimand, ...] = ("respondents", "equal", "population")
SHOWN = 12
EXAMPLE_ITEMS = 40
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
    periods : mapping of round id to texts
        Date columns of the round with their first and last day.
    groups : mapping of arm id to label
        Values of the arm, or of its first candidate.
    arm_of : str
        Variable whose values the groups are; empty where none was seen.
    numbers, frame_numbers : tuple of str
        Numeric variables asked in both rounds, and those of the frame.
    traits, ages : tuple of str
        Variables of the rounds that others may know of a person, and those named like an age.
    language : {"en", "es"}
        Of the open decisions.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    periods: Mapping[str, Sequence[Message]] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    arm_of: str = ""
    numbers: tuple[str, ...] = ()
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
    seen = design.periods.get(ROUNDS[0], ())
    dates = (comment(f"fill in: date, if it is the interview's: {column}") for column in seen)
    return template("study.toml").substitute(
        study=study,
        dates="".join(f"\n{line}" for line in dates),
        arms=_arms(design),
        **_columns(design),
        **_days(design),
        **_release(design),
    )


def _columns(design: DesignDraft) -> dict[str, str]:
    """Design columns: as a person named them, else open."""
    none = (message("draft.none-seen"),)
    return {
        key: value_text(design.chosen[key])
        if design.chosen.get(key)
        else design.open(key, *(design.choices.get(key) or none))
        for key in ("respondent", "cluster", "arm")
    }


def _arms(design: DesignDraft) -> str:
    groups = design.groups or {"comparison": "Comparison", "treated": "Treated"}
    of = (
        f"the values of `{design.arm_of}`" if design.arm_of else "two groups, until a frame is read"
    )
    arms = [
        template("arm.toml").substitute(
            id=value_text(identifier),
            label=value_text({"en": label, "es": label}),
            treatments=design.asked(
                message("draft.treatments", arm=identifier),
                message("draft.treatments-none"),
                message("draft.treatments-some"),
            ),
        )
        for identifier, label in groups.items()
    ]
    head = comment(f"confirm: {of}; with another arm variable its values stand here instead")
    return "\n".join((head, *arms))


def _days(design: DesignDraft) -> dict[str, str]:
    """First and last day of both rounds, open."""
    days = {}
    for round_id in ROUNDS:
        dated = design.periods.get(round_id, ())
        seen = [message("draft.in-the-file", seen=one) for one in dated]
        for key in ("start", "end"):
            days[f"{round_id}_{key}"] = design.asked(
                message(f"draft.{key}", round=round_id),
                message("draft.day"),
                *(seen or [message("draft.no-dates")]),
            )
    return days


def _release(design: DesignDraft) -> dict[str, str]:
    """Decisions on the de-identified release: they stop ``public-data`` and no stage."""
    seen = message("draft.keys-seen", names=value_text(list(design.traits[:SHOWN])))
    return {
        "keys": design.open(
            "keys",
            message("draft.keys-list"),
            seen if design.traits else message("draft.keys-none"),
        ),
        "age": design.open(
            "age", *(value_text(name) for name in design.ages), message("draft.age-none")
        ),
        "drop": design.open("drop", message("draft.drop-list"), message("draft.drop-think")),
    }


def plan_text(study: str, design: DesignDraft) -> str:
    """Text of a new study's ``plan.toml``.

    Parameters
    ----------
    study, design
        As for :func:`study_text`.
    """
    weights = design.choices.get("weight") or (message("draft.weights-inverse"),)
    # with more than two arms, a person says whose effect is meant
    one = len(design.groups) <= MOST_WITH_ONE
    return template("plan.toml").substitute(
        study=study,
        outcome=design.open("outcomes", message("draft.outcomes-below")),
        variables=value_text(list(design.numbers[:8])),
        frame_variables=value_text(list(design.frame_numbers)),
        treatment=value_text("programme")
        if one
        else design.open("treatment", message("draft.treatment-id")),
        estimand=design.open(
            "estimand", *(message(f"draft.estimand-{name}") for name in ESTIMANDS)
        ),
        weights=design.open("weights", '"none"', *weights),
        numbers="\n".join(_wrapped(design.numbers)),
    )


def _wrapped(names: Sequence[str]) -> Iterable[str]:
    shown = names[:EXAMPLE_ITEMS] or ("none",)
    for i in range(0, len(shown), 6):
        yield comment(", ".join(shown[i : i + 6]))
    if len(names) > len(shown):
        yield comment(f"and {len(names) - len(shown)} more in dictionary/")


def exhibits_text(study: str) -> str:
    """Text of a new study's ``exhibits.toml``; every exhibit stands once in its book or annex."""
    return template("exhibits.toml").substitute(letters=study_letters(study))


def study_letters(study: str) -> str:
    """Letters that the codes of a study begin with: ``SC`` for ``somos_comunidad``.

    Initials of its words; of a single word its first two letters.
    """
    initials = "".join(word[0] for word in study.split("_") if word[:1].isalpha())
    letters = initials if len(initials) > 1 else "".join(c for c in study if c.isalpha())[:2]
    return letters[:4].upper().ljust(2, "X")


def book_pages() -> dict[str, str]:
    """Text of the pages of a new study's book, by file name, and of its table of contents."""
    paths = (*sorted(TEMPLATES.glob("*.md")), TEMPLATES / CONTENTS)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}
