"""What a row is about: the part of the data, or the variant of a check, that its number is of."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RowKey:
    """One key: ``word`` stands before the colon of its text, ``value`` behind it."""

    word: ClassVar[str] = ""
    value: str

    def text(self) -> str:
        """The key as it stands in a CSV."""
        return f"{self.word}:{self.value}" if self.word else self.value

    def __str__(self) -> str:
        return self.text()

    @staticmethod
    def from_text(text: str) -> "RowKey":
        """The key that has this text; see `parse`."""
        return parse(text)

    @classmethod
    def read(cls, rest: str) -> "RowKey":
        """The key whose text has its word and this behind it."""
        return cls(rest)


class Part(RowKey):
    """Rows or a quantity by name: all, a group of the plan, people who were silent."""


class LeaveOut(RowKey):
    """Everything without a place, or without some clusters."""

    word = "without"


class Only(RowKey):
    """One place, or one cohort."""

    word = "only"


class Before(RowKey):
    """Interviews before a date."""

    word = "before"


class Within(RowKey):
    """Errors that are alike within so many km."""

    word = "within"


class Coded(RowKey):
    """Missing answers counted as another."""

    word = "dont_know"


class Assumed(RowKey):
    """Silent people at so many times the share among people who answered."""

    word = "assumed"


class MixOf(RowKey):
    """Other people reweighted to the mix of these."""

    word = "target"


class Panel(RowKey):
    """People interviewed at both rounds, in one of several ways."""

    word = "panel"


class Rate(RowKey):
    """A share of people: interviewed again, without an answer."""

    word = "rate"


class Again(RowKey):
    """People asked for the second time against people asked for the first."""

    word = "again"


class Invariance(RowKey):
    """How much of a measurement is held equal between groups and rounds."""

    word = "invariance"


class InRound(RowKey):
    """One round."""

    word = "round"


class Widened(RowKey):
    """The interval widened by a benchmark of unequal trends."""

    word = "m"


class FixedLength(RowKey):
    """The interval of fixed length under a benchmark of unequal trends."""

    word = "flci"


class Covariates(RowKey):
    """Covariates together."""

    word = "covariates"


class Question(RowKey):
    """One question of an outcome."""

    word = "item"

    @classmethod
    def read(cls, rest: str) -> RowKey:
        """A question, or one of its cells, or what is implied for it."""
        item, *place = rest.split(":")
        if place == ["implied"]:
            return Implied(item)
        return ArmRound(place[0], place[1], item) if len(place) == 2 else cls(rest)


class Ring(RowKey):
    """Comparison clusters near treated ones: those that border one, or lie in a band of km."""

    word = "ring"

    @classmethod
    def read(cls, rest: str) -> RowKey:
        """A ring, or what the bordering ring leaves outside."""
        return Outside() if rest == "effect" else cls(rest)


@dataclass(frozen=True, slots=True)
class Outside(RowKey):
    """The effect against the comparison clusters beyond so many km, or those that border none."""

    word = "beyond"
    value: str = ""

    def text(self) -> str:
        """``beyond:<km>``, or ``ring:effect``."""
        return f"beyond:{self.value}" if self.value else "ring:effect"


class Lagged(RowKey):
    """The regression on the baseline mean, ``corrected`` for the sampling error in that mean."""

    word = "lagged"


@dataclass(frozen=True, slots=True)
class Implied(RowKey):
    """What parallel trends imply for an outcome, or for one question of it."""

    value: str = ""

    def text(self) -> str:
        """``implied``, or ``item:<question>:implied``."""
        return f"item:{self.value}:implied" if self.value else "implied"


@dataclass(frozen=True, slots=True)
class ArmRound(RowKey):
    """One arm at one round, of an outcome or of one question of it."""

    round: str
    item: str = ""

    def text(self) -> str:
        """``<arm>:<round>``, or ``item:<question>:<arm>:<round>``."""
        own = f"{self.value}:{self.round}"
        return f"item:{self.item}:{own}" if self.item else own


@dataclass(frozen=True, slots=True)
class Covariate(RowKey):
    """A covariate, or one of its answers."""

    word = "covariate"
    answer: str = ""

    def text(self) -> str:
        """``covariate:<name>``, or ``covariate:<name>=<answer>``."""
        return f"covariate:{self.value}" + (f"={self.answer}" if self.answer else "")

    @classmethod
    def read(cls, rest: str) -> RowKey:
        """The name and the answer."""
        name, _, answer = rest.partition("=")
        return cls(name, answer)


@dataclass(frozen=True, slots=True)
class Pair(RowKey):
    """The effect on a first group less that on a ``second``."""

    word = "difference"
    second: str

    def text(self) -> str:
        """``difference:<first>-<second>``; an id holds no hyphen."""
        return f"difference:{self.value}-{self.second}"

    @classmethod
    def read(cls, rest: str) -> RowKey:
        """The two groups."""
        first, _, second = rest.partition("-")
        return cls(first, second)


WHOLE = Part("all")
BORDERING = Ring("bordering")
WORDS = {kind.word: kind for kind in RowKey.__subclasses__() if kind.word}


def parse(text: str) -> RowKey:
    """The key of a text; a text that no kind of key makes is a name."""
    word, colon, rest = text.partition(":")
    if not colon:
        return Implied() if text == "implied" else Part(text)
    key = WORDS[word].read(rest) if word in WORDS else ArmRound(word, rest)
    return key if key.text() == text else Part(text)
