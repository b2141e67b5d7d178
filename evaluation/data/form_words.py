"""What names and labels of a form suggest: missing codes, yes and no, personal data.

Suggestions only: each goes into the draft beside a ``# confirm:`` for a person. Words in English,
Spanish and Portuguese, compared in lower case without accents; the lists stand in
``form_words.toml``.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any, Literal

from evaluation.data.spelling import plain

Personal = Literal["none", "quasi", "sensitive", "direct"]
LISTS: dict[str, Any] = tomllib.loads(
    resources.files(__package__).joinpath("form_words.toml").read_text("utf-8")
)
MISSING = {kind: re.compile("|".join(words)) for kind, words in LISTS["missing"].items()}
# any of the words of a kind
ANY = {k: re.compile("|".join(words)) for k, words in LISTS.items() if isinstance(words, list)}
# types that hold a person, a place or words as they were said, whatever they are called
OPEN_TYPES: dict[str, str] = LISTS["open_types"]
OPEN = ("text", "integer", "decimal", "date", "datetime", "calculate", "barcode")


def _is(kind: str, words: Iterable[str]) -> bool:
    """Whether one of some words is of a kind."""
    return any(ANY[kind].fullmatch(word) for word in words)


def _holds(kind: str, texts: Iterable[str]) -> bool:
    """Whether words of a kind stand in one of some texts."""
    return any(ANY[kind].search(text) for text in texts)


def missing_kind(labels: Iterable[str]) -> str | None:
    """Kind of missing that one of a choice's labels reads like; None for an answer."""
    for label in labels:
        for kind, words in MISSING.items():
            if words.search(plain(label)):
                return kind
    return None


def is_missing_like(code: str) -> bool:
    """Whether a code is of the kind that forms keep for no answer."""
    return _is("missing_codes", [code])


def yes_or_no(labels: Iterable[str]) -> float | None:
    """1 for a choice that begins with yes, 0 for no; None for others."""
    plained = [plain(label) for label in labels]
    if any(ANY["yes"].match(label) for label in plained):
        return 1.0
    return 0.0 if any(ANY["no"].match(label) for label in plained) else None


def is_of_people(*names: str) -> bool:
    """Whether a question or choice list is of interviewers: its labels are names of people."""
    return any(_is("people_lists", name_words(name)) for name in names)


def is_name(name: str) -> bool:
    """Whether a column's name says that names stand in it: ``enum_name``, ``nombre_lider``."""
    return _is("people_names", name_words(name))


def is_of_device(name: str) -> bool:
    """Whether a column's name is that of a device, a SIM card or a place it noted."""
    return _is("device_names", name_words(name))


def is_of_place(*names: str) -> bool:
    """Whether a name is of a place, as those of clusters mostly are: ``village_code``, ``upp``."""
    return _holds("places", names)


def is_arm_name(name: str) -> bool:
    """Whether a name is that of a group of the design: ``treat``, ``brazo``."""
    return _is("arm_names", name_words(name))


def is_only_arm_name(name: str) -> bool:
    """Whether a name says nothing else: ``treatment_arm``, and not ``grupo_etnico``."""
    words = name_words(name)
    return bool(words) and all(_is("arm_names", [word]) for word in words)


def is_graded(labels: Iterable[str]) -> bool:
    """Whether a label is a step of a scale: ``a little``, ``de acuerdo``, ``never``."""
    return _holds("graded", map(plain, labels))


def is_id(name: str) -> bool:
    """Whether a name is that of an identifier: ``hhid``, ``id_persona``, ``codigo_hogar``."""
    return _is("ids", name_words(name))


def is_consent(name: str, labels: Iterable[str] = ()) -> bool:
    """Whether a name or a wording is that of consent to the interview: ``acepta``.

    Not of consent to a recording or to another call, nor of what somebody accepts in an answer.
    """
    words = name_words(name)
    texts = [plain(label) for label in labels]
    said = [*words, *(word for text in texts for word in re.split(r"\W+", text))]
    if _is("other_consent", said):
        return False
    if _holds("consent_words", texts) or _is("consent_names", words):
        return True
    asked = [word for word in words if not _is("about_consent", [word])]
    return len(asked) == 1 and _is("agrees", asked)


def name_words(name: str) -> list[str]:
    """Words of a name, split at underscores, digits and capitals."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[^a-z]+", plain(spaced)) if word]


def personal(name: str, form_type: str, labels: Iterable[str]) -> tuple[Personal, str]:
    """Class of personal data that a question suggests, and why.

    Parameters
    ----------
    name, form_type : str
        Name and type in the form. A question with choices cannot hold a name or a number.
    labels : iterable of str
        Its wording in any language.

    Returns
    -------
    class, reason : str
        ``none`` has an empty reason.
    """
    words = name_words(name)
    texts = [plain(label) for label in labels]
    if form_type in OPEN and (_is("direct_names", words) or _is("device_names", words)):
        return "direct", "its name"
    if form_type in OPEN and _holds("direct_words", texts):
        return "direct", "its label"
    if form_type in OPEN_TYPES:
        return "direct", OPEN_TYPES[form_type]
    if _holds("sensitive", [" ".join(words)]):
        return "sensitive", "its name"
    if _holds("sensitive", texts):
        return "sensitive", "its label"
    if _is("quasi_names", words):
        return "quasi", "its name"
    return ("quasi", "its label") if _holds("quasi_words", texts) else ("none", "")
