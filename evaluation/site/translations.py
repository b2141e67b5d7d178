"""The ``.po`` files as they shall be: of the book's pages, and of what the package says."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from evaluation.locale.messages import LANGUAGES
from evaluation.site.translated_pairs import FUZZY
from evaluation.storage import disk
from evaluation.storage.folders import SOFTWARE
from evaluation.storage.packaged import patterns, read_beside

PATTERN = patterns(read_beside(__file__))

LANGUAGE = "es"

COMMON = "common"

WIDTH = 100

# From this share of equal letters on, a new text is taken for a changed one.
ALIKE = 0.6


# babel writes the time of the run where none is given
NEVER = datetime(2000, 1, 1, tzinfo=UTC)

Messages = Mapping[str, Sequence[str]]

# By id, comments of translators and the text, or those of one and of several.
Entries = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

PACKAGE = Path("evaluation") / "locale"

HEADER = """\
# What the package says: one entry an id. Add an id to both files;
# `python -m evaluation translations write` puts them in order.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def package(folder: Path = PACKAGE) -> tuple[dict[Path, bytes], list[tuple[Path, str]]]:
    """The catalogues of the package as they shall be, and the entries that lack a text.

    An entry of one language stands empty in the others; one in doubt (fuzzy) counts as lacking.
    """
    found = {folder / f"{x}.po": package_entries(folder / f"{x}.po") for x in LANGUAGES}
    known = {identifier for entries in found.values() for identifier in entries}
    whole = {
        path: {identifier: entries.get(identifier, ((), ("",))) for identifier in sorted(known)}
        for path, entries in found.items()
    }
    lacking = [
        (path, i)
        for path, entries in whole.items()
        for i, (_, texts) in entries.items()
        if not all(texts)
    ]
    return {path: package_bytes(entries, path.stem) for path, entries in whole.items()}, lacking


def package_entries(path: Path) -> Entries:
    """Comments and text of each entry of a catalogue of the package; empty where it is fuzzy."""
    catalogue = read_po(BytesIO(disk.read_bytes(path)), abort_invalid=True)
    found = {}
    for entry in catalogue:
        texts = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ("",))
        identifier = entry.id if isinstance(entry.id, str) else entry.id[0]
        if identifier:
            lacks = entry.fuzzy or not all(texts)
            found[identifier] = tuple(entry.user_comments), ("",) if lacks else texts
    return found


def package_bytes(entries: Entries, language: str) -> bytes:
    """A catalogue of the package, its entries in the order of the alphabet.

    Parameters
    ----------
    entries : Entries
    language : {"en", "es"}
    """
    catalogue = Catalog(locale=language)
    for identifier, (comments, texts) in entries.items():
        several = len(texts) > 1
        catalogue.add(
            (identifier, identifier) if several else identifier,
            texts if several else texts[0],
            user_comments=comments,
        )
    buffer = BytesIO()
    write_po(buffer, catalogue, width=0, no_location=True, sort_output=True, omit_header=True)
    return HEADER.format(language=language).encode() + buffer.getvalue().rstrip() + b"\n"


def studies(book: Path) -> tuple[str, ...]:
    """Studies that have a book, by their tables of contents; the software's site is English."""
    named = {p.suffixes[0].removeprefix(".") for p in book.glob("_toc.*.yml")}
    return tuple(sorted(named - {SOFTWARE}))


def layered(
    book: Path, shared: Path, found: Mapping[str, Messages]
) -> dict[tuple[str, str], list[str]]:
    """Texts by layer (the study's own pages, or those of all) and page, each once, in order.

    Of a common page a study may have a file of its own, for the parts that it writes: it has what
    the common file lacks. Where the common pages are the installed package's, every study does, and
    their layer is left out.

    Parameters
    ----------
    book, shared : Path
        Folder of the studies' pages, and of the common ones.
    found : mapping
        By study and page, the texts.
    """
    texts: dict[tuple[str, str], list[str]] = {}
    installed = shared != book
    for study, pages in sorted(found.items()):
        for page, messages in pages.items():
            own = any((book / study / f"{page}{end}").is_file() for end in (".md", ".ipynb"))
            file = Path("locale", LANGUAGE, study, f"{page}.po")
            parts = installed or ((book / file).is_file() and not own)
            known = dict(_translations(shared / "locale" / LANGUAGE / COMMON / f"{page}.po"))
            texts.setdefault((study if own else COMMON, page), [])
            for text in dict.fromkeys(messages):
                mine = own or (parts and text not in known and needs_words(text))
                kept = texts.setdefault((study if mine else COMMON, page), [])
                kept += [text] if text not in kept else []
    return {key: kept for key, kept in texts.items() if not (installed and key[0] == COMMON)}


def together(common: Catalog, own: Catalog) -> Catalog:
    """The translations of a common page with a study's own, which go first.

    Parameters
    ----------
    common, own : Catalog
    """
    merged = Catalog(locale=LANGUAGE, fuzzy=False, creation_date=NEVER, revision_date=NEVER)
    for text, entry in (_given(common) | _given(own)).items():
        merged.add(text, entry.string, flags=entry.flags)
    return merged


def updated(path: Path, messages: Sequence[str], *, kept: bool = False) -> Catalog:
    """The catalogue of a page: its texts in order, with the translations that there are.

    A text of roles, code and figures only is its own translation, with the numbers of the language.
    A text in which nothing but figures in code marks changed, as after a new measurement, keeps its
    translation with the new figures. One whose words changed keeps that of the text it was, open
    (``fuzzy``) until somebody has looked at it. Texts that the page no longer has are dropped.

    Parameters
    ----------
    path : Path
        File of the catalogue.
    messages : sequence of str
        Texts of the page, in order.
    kept : bool
        Whether all texts of the file stay where they are: another study's book may have them.
    """
    entries = _entries(path)
    before = {text: str(entry.string) for text, entry in entries.items()}
    measured = {_unmeasured(text): text for text in before}
    taken = {*messages, *(measured.get(_unmeasured(text)) for text in messages)}
    gone = [text for text in before if text not in taken]
    if kept:
        messages = list(dict.fromkeys((*before, *messages)))
    catalogue = Catalog(
        locale=LANGUAGE,
        header_comment="# Translation of one page of the book.",
        # babel fills these with addresses where nothing is given
        msgid_bugs_address="see the README",
        last_translator="the authors",
        language_team="Spanish",
        creation_date=NEVER,
        revision_date=NEVER,
        fuzzy=False,
    )
    for text in messages:
        old = measured.get(_unmeasured(text))
        if not needs_words(text):
            catalogue.add(text, localised(text))
        elif text in before:
            said = remeasured(text, before[text], text) or before[text]
            # what an open one was is there to compare with
            comments = entries[text].user_comments if entries[text].fuzzy else ()
            catalogue.add(text, said, flags=entries[text].flags, user_comments=comments)
        elif old:
            catalogue.add(text, remeasured(old, before[old], text))
        elif was := difflib.get_close_matches(text, gone, n=1, cutoff=ALIKE):
            catalogue.add(text, before[was[0]], flags=[FUZZY], user_comments=[f"was: {was[0]}"])
        else:
            catalogue.add(text, "")
    return catalogue


def remeasured(old: str, translation: str, text: str) -> str:
    """A translation with the figures of a text that differs from the old one in figures alone.

    The figures of a translation are those of the text as the language writes them; one that has
    them as English does gets them so. Empty where the translation has another order or number of
    figures than the old text: which of the new ones goes where is then for a person to say.

    Parameters
    ----------
    old : str
        The text that was translated.
    translation : str
    text : str
        With the new figures.
    """
    if _figures(translation) not in (_figures(localised(old)), _figures(old)):
        return ""
    figures = iter(_figures(localised(text)))
    return PATTERN["code"].sub(
        lambda code: next(figures) if _measured(code[0]) else code[0], translation
    )


def localised(text: str) -> str:
    """An English text with a decimal comma and thousands points in its numbers in code marks.

    Only a number with an optional unit is one. Versions, dates, paths, ids and code stay as they
    are, and so does the number of a table or section.
    """

    def said(found: re.Match[str]) -> str:
        if PATTERN["parts"].search(text, 0, found.start()):
            return found[0]
        whole, part = found["whole"].replace(",", "."), (found["part"] or "").replace(".", ",")
        return f"`{found['sign']}{whole}{part}{found['unit']}`"

    return PATTERN["number"].sub(said, text)


def _measured(code: str) -> bool:
    return any(map(str.isdigit, code))


def _figures(text: str) -> list[str]:
    return [code for code in PATTERN["code"].findall(text) if _measured(code)]


def _unmeasured(text: str) -> str:
    return PATTERN["code"].sub(lambda code: "" if _measured(code[0]) else code[0], text)


def _translations(path: Path) -> Iterator[tuple[str, str]]:
    yield from ((text, str(entry.string)) for text, entry in _entries(path).items())


def _entries(path: Path) -> dict[str, Message]:
    return _given(read(path)) if path.is_file() else {}


def _given(catalogue: Catalog) -> dict[str, Message]:
    """What a catalogue has of each text, open ones among them."""
    return {str(m.id): m for m in catalogue if m.id and m.string}


def read(path: Path) -> Catalog:
    """A catalogue of a page; one that does not parse is refused.

    Parameters
    ----------
    path : Path
    """
    return read_po(BytesIO(disk.read_bytes(path)), abort_invalid=True)


def needs_words(text: str) -> bool:
    """Whether a text has words of its own beside roles, code and figures."""
    return bool(PATTERN["word"].search(PATTERN["same"].sub(" ", text)))


def as_bytes(catalogue: Catalog) -> bytes:
    """The file: one text after the other, no places, no times."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=WIDTH, no_location=True, sort_output=False)
    return buffer.getvalue()
