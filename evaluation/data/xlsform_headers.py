"""Headers and types of survey forms under all the names that survey servers accept."""

import re
import unicodedata

# base name of a column -> the spellings that SurveyCTO, ODK, KoBo and older forms use
HEADERS = {
    "relevant": ("relevance",),
    "list_name": ("listname",),
    "constraint_message": ("constraintmsg", "constraint_msg"),
    "calculation": ("calculate",),
    "label": ("caption",),
    "repeat_count": ("count",),
}
SPELLINGS = {spelled: base for base, others in HEADERS.items() for spelled in others}
# prefixes that say where a column lands in the form's XML, not what it holds
PREFIXES = ("bind", "control", "body", "jr")
LANGUAGES = {
    "en": ("english", "ingles", "anglais", "eng", "en"),
    "es": ("spanish", "espanol", "castellano", "espagnol", "esp", "spa", "es"),
}

# type as the package calls it -> spellings in forms, blanks, hyphens and underscores being equal
TYPES = {
    "select_one": ("select1", "select_one_from", "select_one_from_file", "select_one_external"),
    "select_multiple": ("select", "select_multiple_from", "select_multiple_from_file"),
    "rank": (),
    "integer": ("int",),
    "decimal": (),
    "text": ("string",),
    "date": (),
    "datetime": ("date_time",),
    "time": (),
    "calculate": ("calculate_here", "calculation", "hidden"),
    "note": (),
    "acknowledge": ("trigger",),
    "geopoint": ("location", "start_geopoint", "geotrace", "geoshape"),
    "barcode": (),
    "range": (),
    "image": ("photo",),
    "audio": ("background_audio",),
    "video": (),
    "file": (),
    "begin_group": ("group",),
    "end_group": (),
    "begin_repeat": ("repeat",),
    "end_repeat": (),
    "start": (),
    "end": (),
    "today": (),
    "deviceid": ("imei",),
    "subscriberid": (),
    "simserial": ("simid",),
    "phonenumber": (),
    "username": (),
    "email": (),
    "caseid": (),
    "comments": (),
    "audit": (
        "text_audit",
        "audio_audit",
        "speed_violations_count",
        "speed_violations_list",
        "speed_violations_audit",
        "sensor_statistic",
        "sensor_stream",
    ),
    "xml_external": ("csv_external",),
}
TYPE_SPELLINGS = {s: known for known, others in TYPES.items() for s in (known, *others)}
SELECTS = ("select_one", "select_multiple", "rank")


def plain(text: str) -> str:
    """Lower case without accents, blanks at the ends removed and inner ones made single."""
    folded = unicodedata.normalize("NFKD", text.replace("’", "'"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def header(text: str, *, code_column: str = "name") -> tuple[str, str]:
    """Base name and language of a column.

    Parameters
    ----------
    text : str
        As in the form: ``label::English (en)``, ``label:portuguese``, ``relevance``.
    code_column : str
        What a column ``value`` is called: the choices sheet of some servers names codes so.

    Returns
    -------
    base, language : str
        Language is "en", "es", another name in lower case, or empty.
    """
    parts = [part.strip() for part in re.split(r"::?", text.strip())]
    if len(parts) > 1 and plain(parts[0]) in PREFIXES:
        parts = parts[1:]
    base = re.sub(r"[\s-]+", "_", plain(parts[0]))
    base = code_column if base == "value" else SPELLINGS.get(base, base)
    if base == "media" and len(parts) > 1:
        return f"media:{plain(parts[1])}", language(":".join(parts[2:]))
    return base, language(":".join(parts[1:]))


def language(text: str) -> str:
    """Two-letter code for English and Spanish by name or code, else the name in lower case."""
    named = plain(text)
    code = re.search(r"\(([a-z]{2,3})(?:[-_][a-z0-9]+)?\)$", named)
    names = (code[1] if code else "", re.sub(r"\s*\(.*\)$", "", named), named.split("-")[0])
    for known, spellings in LANGUAGES.items():
        if any(name in spellings for name in names):
            return known
    return named


def split_type(text: str) -> tuple[str, str, str]:
    """Type, list name and the rest of a type cell; the type is empty where it is unknown.

    ``select_one yesno or_other`` gives ``("select_one", "yesno", "or_other")``.
    """
    words = text.split()
    for length in range(min(4, len(words)), 0, -1):
        spelled = re.sub(r"[\s-]+", "_", plain(" ".join(words[:length])))
        if spelled in TYPE_SPELLINGS:
            known = TYPE_SPELLINGS[spelled]
            if known not in SELECTS:
                # further words are parameters of some servers
                return known, "", " ".join(words[length:])
            rest = words[length:]
            return known, rest[0] if rest else "", " ".join(rest[1:])
    return "", "", ""
