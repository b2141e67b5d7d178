"""Letters that were lost or decoded in another encoding than their own, told by their place.

Signs that are no text at all give a file away wherever they stand. Others do only inside a word: a
DOS code page read as Windows-1252 turns ``Nariño`` into ``Nari¤o``, that of an old Macintosh into
``Nari–o``; a lossy export writes ``Nari?o``, a web page ``Nari&ntilde;o``. Quotes, ranges,
questions and amounts of money stand between words, so they raise no alarm.
"""

import re

# the bytes 80 to BF, which follow the first byte of a UTF-8 letter, as both encodings show them
FOLLOWING = "\x80-\xbf" + "".join(
    bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xA0)
)
# letters decoded twice, the replacement character, and bytes that are no letter in Latin-1
GARBLED = re.compile(f"[\x80-\x9f\ufffd]|Ã[{FOLLOWING}]|Â[\xa0-\xbf]|â€")

LETTER, SMALL = r"[^\W\d_]", "[a-zà-öø-ÿ]"
VOWEL, HARD = "[aeiouAEIOU]", "[b-df-hj-np-tv-zñB-DF-HJ-NP-TV-ZÑ]"
NO_LETTER = r"(?![^\W_])"
# pairs of consonants that begin a syllable, but for common abbreviations (`cr`, `dr`, `br`, `cl`)
ONSET = "bl|fl|fr|gl|gr|pl|pr|tr"
CELL_ENDS = r'(?=[",;\t\r\n]|\Z)'
# Every pattern begins with its sign, so that a search runs from one sign to the next.
IN_WORD: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (pattern[0] if pattern[0] != "\\" else pattern[1], re.compile(pattern))
    for pattern in (
        # ñ ó ú Ñ á é of DOS code pages, á é É Ñ of the Macintosh, as Windows-1252 shows them
        *(f"{sign}(?<={LETTER}{sign})(?={LETTER})" for sign in "¤¢£¥‡‚„ƒ"),
        # á, ó and ú at the end of a word follow a consonant or, of ó, a weak vowel
        *(f"{sign}(?<=[b-df-hj-np-tv-z]{sign}){NO_LETTER}" for sign in "¢£‡"),
        f"¢(?<=[iu]¢){NO_LETTER}",
        f"Ž(?<={SMALL}Ž)",
        # í of DOS code pages: an exclamation begins at a blank
        f"¡(?<={LETTER}¡)(?={SMALL})",
        # Á between capitals
        "µ(?<=[A-Z]µ)(?=[A-Z])",
        # ñ of the Macintosh stands between vowels, with few letters before or after it;
        # `amigo–a` names both sexes
        f"–(?<={VOWEL}–)(?<=\\b.–)(?={VOWEL}[a-z])",
        f"–(?<={VOWEL}–)(?<=\\b..–)(?={VOWEL})(?!as?{NO_LETTER})",
        f"–(?<={LETTER}{VOWEL}–)(?={VOWEL}[a-z]{{0,2}}{NO_LETTER})(?!(?<=o–)as?{NO_LETTER})",
        # í of the Macintosh after a consonant: what is left out (`don’t`, `l’eau`, `pa’lante`)
        # leaves fewer letters behind it, or fewer or a vowel before it
        (
            f"’(?<={LETTER}{HARD}’)(?<!jourd’)(?<!ntr’)(?<!ng’)(?<!ll’)"
            f"(?=(?:as?|os?|amos){NO_LETTER}|[a-zñ]{{3}})"
        ),
        f"’(?<=\\b[dr]’)(?=(?:as?|os){NO_LETTER})",
        # ó of the Macintosh at its most frequent: `-ción`
        f"—(?<={SMALL}—)n{NO_LETTER}",
        # á of DOS code pages is the blank that does not break: `m s`, `r pido`
        f"\xa0(?<={SMALL}\xa0)(?:s|n){NO_LETTER}(?!\\s*[.°º#\\d])",
        f"\xa0(?:(?<=\\b[fhjprvb]\xa0)|(?<=\\b(?:{ONSET})\xa0))(?={SMALL}{{2}})",
        # lost letters: what is left of the word on one side is no word
        r"\?(?i:(?<=[a-z]\?)[ns](?![\w=]))",
        (
            rf"\?(?i:(?:(?<=(?<![\w./?&=])[bcdfghjlmnprstvz]\?)|(?<=(?<![\w./?&=])(?:{ONSET})\?))"
            r"(?=[a-z]{2})(?!\w+=))"
        ),
        r"\?(?i:(?<=[aeiou]\?)(?:os|or|oras?|ores|eros?|itos?|itas?|oles|oz)(?![\w=]))",
        rf"\?(?i:(?<=[a-z]\?)[ao]s?){CELL_ENDS}",
        # letters as a web page writes them
        (
            "&(?:[A-Za-z](?:acute|grave|tilde|uml|circ|cedil)|iquest|iexcl|nbsp|ord[fm]"
            r"|#(?:[xX][0-9A-Fa-f]{1,5}|\d{2,5}));"
        ),
    )
)


def first(text: str, *, beyond: str | None = None) -> int | None:
    """Place of the first letter that was lost or decoded in another encoding; None without one.

    Parameters
    ----------
    text : str
        A cell, or a whole file of delimited text.
    beyond : str, optional
        What of a large text is beyond ASCII, runs as they stand: the text itself is searched only
        for signs that it holds.
    """
    foreign = ("" if text.isascii() else text) if beyond is None else beyond
    found = [GARBLED.search(text)] if foreign and GARBLED.search(foreign) else []
    found += [
        pattern.search(text)
        for sign, pattern in IN_WORD
        if sign in (text if sign.isascii() else foreign)
    ]
    return min((match.start() for match in found if match), default=None)
