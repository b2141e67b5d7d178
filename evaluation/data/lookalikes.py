"""Signs that look like a keyboard's letters and digits and are others: fullwidth, Cyrillic, Greek.

To a person an id with a Cyrillic first letter is the same id; to a program it is somebody else.
"""

import unicodedata

# Capital and small letters of Cyrillic and Greek that are drawn as Latin ones (Unicode Technical
# Standard 39, confusables.txt, the single letters of these two scripts), in pairs.
CONFUSABLE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухӀԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαρνυιкт",
    "ABESIJKMHOPCTYXaesijopcyxIdqwhABEZHIKMNOPTYXoapvuikt",
)
# look like letters, and no normalisation takes them for these
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"), "-")


def plain_signs(text: str) -> str:
    """The text in the signs that it looks to be written in: NFKC, then letters drawn alike."""
    compatible = unicodedata.normalize("NFKC", text).translate(CONFUSABLE).translate(DASHES)
    return "".join(_digit(sign) for sign in compatible)


def is_lookalike(text: str) -> bool:
    """Whether a text has signs that only look like a keyboard's.

    A text all in another script (a name in Cyrillic letters) is not meant: some of its letters
    must be Latin or stay no letter at all once these signs are plain.
    """
    if text.isascii():
        return False
    plain = plain_signs(text)
    return plain != unicodedata.normalize("NFC", text) and plain.isascii()


def _digit(sign: str) -> str:
    """A digit of any script as one of 0 to 9."""
    return str(unicodedata.digit(sign)) if sign.isdecimal() else sign
