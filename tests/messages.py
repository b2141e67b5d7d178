"""Messages of invented findings and reasons, by the English that a test reads best.

A text of the catalogue becomes the message that says it, so that it can be stored and put into
Spanish; any other text says itself in both languages and cannot be stored.
"""

import functools
import re

from evaluation.locale.messages import HOLE, Message, Plain, catalogue, holes, message
from evaluation.locale.typed_commands import TYPED

NUMBERED = re.compile(r"\d")
# Entries that code keeps as messages; all others are words of exhibits and commands.
KEPT = re.compile(
    r"[^.]*|.*\.(?:problem|fix|reason|part|text|note|p-kind|ci-kind|people)|(?:another-file|backcheck"
    r"|draft|file-kind|found-again|interval|outside|record|release|same-as|silence|study-unknown"
    r"|ties|unknown-key|unread|word|workbook-change)\..*|statement\.no-conclusion|power\.not-planned"
)


class Literal(Message):
    """A text that is in no catalogue: its id is what it says."""

    def __post_init__(self) -> None:
        """Hold no entry of the catalogue against it."""

    def text(self, language: str) -> str:  # noqa: ARG002
        """The same in both languages."""
        return self.id


@functools.cache
def said(text: str) -> Message:
    """The message of the catalogue that reads so in English, else a text that says itself.

    Its numbers are those of the rule, the file or the questionnaire.
    """
    for identifier, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            values = dict.fromkeys(holes(identifier), "1") | found.groupdict()
            return message(
                identifier,
                **{n: Plain(v) if NUMBERED.search(v) else v for n, v in values.items()},
            )
    return Literal(text)


def in_spanish(text: str) -> str:
    """What the catalogue says for an English text in Spanish."""
    return said(text).text("es")


def is_known(text: str) -> bool:
    """Whether the catalogue says so in English."""
    return not isinstance(said(text), Literal)


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Entries as patterns, those with most letters outside their holes first."""
    made = []
    for identifier, texts in catalogue("en").items():
        for text in texts:
            # what is typed differs with the folder
            parts = HOLE.split(TYPED.sub("\0", text))
            literal = parts[::2]
            if not KEPT.fullmatch(identifier) or not any(re.search(r"\w", x) for x in literal):
                continue
            seen: set[str] = set()
            pattern = ""
            for i, part in enumerate(parts):
                if i % 2 == 0:
                    pattern += ".+?".join(map(re.escape, part.split("\0")))
                else:
                    pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
                    seen.add(part)
            made.append((-sum(map(len, literal)), identifier, re.compile(pattern, re.DOTALL)))
    return [(identifier, pattern) for _, identifier, pattern in sorted(made, key=lambda m: m[:2])]
