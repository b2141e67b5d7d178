"""A new study's ``study.toml`` and ``plan.toml`` as far as a machine may write them.

What follows from the files is written, under ``# confirm:`` where it is a guess; what only a
person can decide is left open with the choices that were seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.locale.messages import Message, message
from evaluation.study.decisions import marker, written
from evaluation.study.records import Estimand
from evaluation.study.toml_writer import comment, value_text

SHOWN = 12


def release_lines(traits: Sequence[str], ages: Sequence[str], language: str) -> list[str]:
    """Lines of ``study.toml``; its decisions stop ``public-data`` and no stage.

    Parameters
    ----------
    traits : sequence of str
        Variables of the rounds that others may know of a person.
    ages : sequence of str
        Variables that are named like years of age.
    language : {"en", "es"}
        Of the open decisions.
    """
    seen = message("draft.keys-seen", names=value_text(list(traits[:SHOWN])))
    keys = marker(
        message("draft.keys"),
        message("draft.keys-list"),
        seen if traits else message("draft.keys-none"),
        language=language,
    )
    age = marker(
        message("draft.age"),
        *(f'"{name}"' for name in ages),
        message("draft.age-none"),
        language=language,
    )
    drop = marker(
        message("draft.drop"),
        message("draft.drop-list"),
        message("draft.drop-think"),
        language=language,
    )
    return [
        "# The de-identified release: `public-data` asks for these decisions, no stage does.",
        "# It needs subregion and weight under [columns]. Take the table away if nothing is to be",
        "# released.",
        "[release]",
        f"keys = {written(keys)}",
        f"age = {written(age)}",
        f"drop = {written(drop)}",
        "# confirm: persons that share a combination, and different sensitive answers among them",
        "k = 5",
        "l = 2",
        "# confirm: clusters of each arm in a released subregion; share that may be blanked singly",
        "places_per_arm = 5",
        "most_below = 0.2",
        "",
    ]


ROUNDS = ("baseline", "endline")
EXAMPLE_ITEMS = 40
# arms, the comparison included, up to which there is one treatment
MOST_WITH_ONE = 2
ROUND_LABELS = {"baseline": ("Baseline", "Línea de base"), "endline": ("Endline", "Línea final")}
STUDY_HEAD = (
    "Draft of a study. DECIDE: only a person can say; the run stops there and says so.",
    "confirm: a guess; take the comment away when it is right, or correct the line below it.",
)
PLAN_HEAD = (
    "Draft of a plan. No outcome, sign, weight or estimand is chosen by the machine: each is left",
    "open as DECIDE. As long as there is no plan.lock, treatment is scrambled and all is marked",
    "BLINDED; `python -m evaluation lock` ends that, once, when the plan is final.",
)
ESTIMANDS: tuple[Estimand, ...] = ("respondents", "equal", "population")
EXAMPLE = """
[[outcome]]
id = "trust"
family = "main"
label = { en = "Trust (0 to 3)", es = "Confianza (0 a 3)" }
function = "value"          # value, mean, sum, any, all, at_least, at_most, index
items = [{ name = "a_variable_of_the_dictionary" }]
minimum_items = 1
unit = "points"             # SD, percentage points, points, events per 100 adults, count, minutes
# scale = 100               # with percentage points: a share of 0 to 1 becomes one of 0 to 100
desired = "up"              # up, down, none: which direction is better
primary = true
smallest_effect = 0.1       # smallest effect that matters, in the unit above
assumed_effect = 0.15       # effect assumed when the study was planned
"""


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

    def marker(self, question: Message, *choices: str | Message) -> str:
        """An open decision in the language of the draft."""
        return marker(question, *choices, language=self.language)


def study_text(study: str, design: DesignDraft) -> str:
    """Text of a new study's ``study.toml``.

    Parameters
    ----------
    study : str
        Id: name of the folder under ``config/``.
    design : DesignDraft
        What was seen in its files.
    """
    lines = [comment(line) for line in STUDY_HEAD]
    lines += [f"id = {value_text(study)}", "synthetic = false"]
    cited = value_text({"en": study, "es": study})
    lines += ["# confirm: how the study is cited, in both languages", f"citation = {cited}"]
    lines += ["minimum_cell = 10", "minimum_clusters = 3", ""]
    lines += [
        "# Variables of the dictionary. Others that may be named here: weight, date, population,",
        "# stratum, department, subregion, cohort, enumerator, duration, exposure.",
        "[columns]",
        *_columns(design),
        "",
        *_words(study),
        *_arms(design),
        *_rounds(design),
        *release_lines(design.traits, design.ages, design.language),
    ]
    return "\n".join(lines)


def _columns(design: DesignDraft) -> list[str]:
    lines = []
    for key in ("respondent", "cluster", "arm"):
        choices = design.choices.get(key) or (message("draft.none-seen"),)
        named = design.chosen.get(key)
        asked = written(design.marker(message(f"draft.{key}"), *choices))
        lines.append(f"{key} = {value_text(named) if named else asked}")
    dates = design.periods.get(ROUNDS[0], ())
    return [
        *lines,
        *(comment(f"fill in: date, if it is the interview's: {seen}") for seen in dates),
    ]


def _words(study: str) -> list[str]:
    lines: list[str] = []
    texts = {
        "title": (study, study, "title of the study, in both languages"),
        "question": (
            f"What did the programme of the study {study} change?",
            f"¿Qué cambió el programa del estudio {study}?",
            "the question in one sentence, in both languages",
        ),
        "population": (
            "Persons interviewed in the study",
            "Personas entrevistadas en el estudio",
            "of whom the results speak",
        ),
    }
    for key, (english, spanish, what) in texts.items():
        lines += [comment(f"confirm: {what}"), f"[{key}]"]
        lines += [f"en = {value_text(english)}", f"es = {value_text(spanish)}", ""]
    return [
        *lines,
        "# confirm: how prose calls the unit of assignment",
        "[names]",
        'cluster = { en = "cluster", es = "conglomerado" }',
        'clusters = { en = "clusters", es = "conglomerados" }',
        "",
    ]


def _arms(design: DesignDraft) -> list[str]:
    groups = design.groups or {"comparison": "Comparison", "treated": "Treated"}
    of = (
        f"the values of `{design.arm_of}`" if design.arm_of else "two groups, until a frame is read"
    )
    lines = [comment(f"confirm: {of}; with another arm variable its values stand here instead")]
    for identifier, label in groups.items():
        treatments = design.marker(
            message("draft.treatments", arm=identifier),
            message("draft.treatments-none"),
            message("draft.treatments-some"),
        )
        lines += [
            "[[arm]]",
            f"id = {value_text(identifier)}",
            "# translate: es",
            f"label = {value_text({'en': label, 'es': label})}",
            f"treatments = {written(treatments)}",
            "",
        ]
    return [
        *lines,
        "# confirm: one treatment; with several, one block for each, such as cash and training",
        "[[treatment]]",
        'id = "programme"',
        'label = { en = "Programme", es = "Programa" }',
        "",
    ]


def _rounds(design: DesignDraft) -> list[str]:
    lines: list[str] = []
    for round_id, (english, spanish) in ROUND_LABELS.items():
        dated = design.periods.get(round_id, ())
        periods = [message("draft.in-the-file", seen=seen) for seen in dated]
        seen = periods or [message("draft.no-dates")]
        lines += [
            "[[round]]",
            f"id = {value_text(round_id)}",
            f"kind = {value_text(round_id)}",
            f"label = {value_text({'en': english, 'es': spanish})}",
        ]
        for key in ("start", "end"):
            question = message(f"draft.{key}", round=round_id)
            asked = design.marker(question, message("draft.day"), *seen)
            lines.append(f"{key} = {written(asked)}")
        lines.append("")
    return lines


def plan_text(study: str, design: DesignDraft) -> str:
    """Text of a new study's ``plan.toml``."""
    outcome = design.marker(message("draft.outcomes"), message("draft.outcomes-below"))
    weights = design.marker(
        message("draft.weights"),
        '"none"',
        *(design.choices.get("weight") or (message("draft.weights-inverse"),)),
    )
    estimand = design.marker(
        message("draft.estimand"), *(message(f"draft.estimand-{name}") for name in ESTIMANDS)
    )
    lines = [comment(line) for line in PLAN_HEAD]
    lines += [f"outcome = {written(outcome)}", 'standardise = "baseline comparison group"', ""]
    lines += [
        *_inference(study),
        "# confirm: traits compared at baseline; answers that the programme cannot have moved yet",
        "[balance]",
        f"variables = {value_text(list(design.numbers[:8]))}",
        f"frame_variables = {value_text(list(design.frame_numbers))}",
        "",
        "# confirm: one family of primary outcomes, corrected together",
        "[[family]]",
        'id = "main"',
        'label = { en = "Main outcomes", es = "Resultados principales" }',
        'question = { en = "Did the outcomes change?", es = "¿Cambiaron los resultados?" }',
        'tier = "primary"',
        'correction = "family_wise"',
        "",
        "# confirm: treatment, sample and contrast",
        "[[specification]]",
        'id = "did_main"',
        'label = { en = "Difference-in-differences", es = "Diferencias en diferencias" }',
        'method = "did"',
        'data = "panel"',
        'sample = "all"',
        f"treatment = {_treatment(design)}",
        f"contrast = {value_text(list(ROUNDS))}",
        f"estimand = {written(estimand)}",
        f"weights = {written(weights)}",
        'steps = ["cv1", "cr2", "cv3", "wcr", "wcr_s"]',
        'status = "primary"',
        'families = ["main"]',
        "",
        "# Numeric variables that both rounds asked, for the outcomes' items:",
        *_wrapped(design.numbers),
        "#",
        *(comment(line) for line in EXAMPLE.strip().splitlines()),
    ]
    return "\n".join(lines) + "\n"


def _inference(study: str) -> tuple[str, ...]:
    return (
        "# confirm: the methods of inference; wcr_s is the wild cluster bootstrap with jackknifed",
        "# scores, the default for few clusters",
        "[inference]",
        'primary_step = "wcr_s"',
        "level = 0.95",
        "draws = 99999",
        'weights_kind = "rademacher"',
        f"seed_entry = {value_text(study)}",
        'family_wise = "max_t"',
        'family_wise_check = ["romano_wolf", "holm"]',
        'false_discovery = "benjamini_hochberg"',
        "",
    )


def _treatment(design: DesignDraft) -> str:
    """The one treatment of two arms; with more arms, a person says whose effect is meant."""
    if len(design.groups) <= MOST_WITH_ONE:
        return value_text("programme")
    return written(design.marker(message("draft.treatment"), message("draft.treatment-id")))


def _wrapped(names: Iterable[str]) -> list[str]:
    listed = list(names)
    shown = listed[:EXAMPLE_ITEMS]
    lines = [comment(", ".join(shown[i : i + 6])) for i in range(0, len(shown), 6)]
    more = len(listed) - len(shown)
    return [*lines, *([comment(f"and {more} more in dictionary/")] if more > 0 else [])] or [
        "# none"
    ]
