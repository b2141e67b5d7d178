"""What names and labels of a form suggest: missing codes, yes and no, personal data.

Suggestions only: each goes into the draft beside a ``# confirm:`` for a person. Words in English,
Spanish and Portuguese, compared in lower case without accents.
"""

import re
from collections.abc import Iterable
from typing import Literal

from evaluation.data.spelling import plain

Personal = Literal["none", "quasi", "sensitive", "direct"]
MISSING_WORDS = {
    "dont_know": (
        r"\bno (lo )?(sabe|se|sabria)\b|\bnao (sei|sabe)\b|\bdo(es)?( not|n'?t) know\b|\bdk\b"
        r"|^ns\b|^ns/nr$|\bunsure\b|\bnot sure\b|\bno recuerda\b"
    ),
    "refused": (
        r"\brefus|\brehus|\brecus|\bno (responde|contesta|quiere responder|desea responder)\b"
        r"|\bprefier[eo] no\b|\bprefer(s)? not\b|\bnao (quer|quis) responder\b|\bnao respond"
        r"|\bnao me sinto confortavel em responder\b|\bno answer\b|\bno response\b|^nr$"
    ),
    "not_applicable": r"\bno aplica\b|\bnot applicable\b|\bnao se aplica\b|^n/?a$",
}
# negative, or of the kind 88, 99, 98, 888, 999999, 988888: codes that forms keep for no answer
MISSING_LIKE = re.compile(r"-\d+|7{2,}|8{2,}|9{2,}|9[678]8*")
YES = re.compile(r"(yes|si|sim)\b")
NO = re.compile(r"(no|nao)\b")

# what a device writes down of itself: who carried it, and where it was
DEVICE_NAMES = r"gps[a-z]*|imsi|imei|deviceid|subscriberid|simid|simserial|[a-z]*phonenum(?:ber)?"
# words of names (split at _ and capitals) and phrases of labels
DIRECT_NAMES = (
    r"name|names|nombre|nombres|apellido|apellidos|nome|firstname|lastname|fullname|phone|phones"
    r"|phonenumber|telefono|telefone|celular|movil|whatsapp|cedula|documento|dni|passport|pasaporte"
    r"|email|correo|mail|address|direccion|endereco|latitude|longitude|latitud|longitud|lat|lon"
    r"|[a-z]+names?|coordenadas|coordinates|dob|birthdate|birthday|nacimiento|photo|foto|firma|signature"
    rf"|{DEVICE_NAMES}"
)
DIRECT_WORDS = (
    r"phone number|telephone|telefono|telefone|celular|whatsapp|cedula|documento de identidad"
    r"|numero de documento|passport|pasaporte|e-?mail|correo electronico|home address|direccion"
    r"|endereco|gps|coordenadas|coordinates|date of birth|birth ?date|fecha de nacimiento"
    r"|data de nascimento|first name|last name|full name|your name|name of the respondent"
    r"|su nombre|nombre completo|nombres y apellidos|seu nome|nombre de (la persona|usted)"
)
QUASI_NAMES = (
    r"sex|sexo|gender|genero|age|edad|idade|municipality|municipio|department"
    r"|departamento|village|vereda|barrio|neighborhood|neighbourhood|community|comunidad"
    r"|corregimiento|district|region|station|zona|zone|occupation|ocupacion|employment|empleo"
    r"|education|educacion|escolaridade|marital|civil|hhsize|household|hogar|income|ingreso"
    r"|enumerator|interviewer|encuestador|encuestadora|surveyor|supervisor|entrevistador|estrato"
)
QUASI_WORDS = (
    r"how old|years old|\bage\b|edad|anos cumplidos|idade|\bsex\b|\bsexo\b|gender|genero|municipio"
    r"|municipality|vereda|barrio|departamento|neighbou?rhood|education|educacion|educativo"
    r"|escolaridade|occupation|ocupacion|estado civil|marital|income|ingreso"
)
SENSITIVE = (
    r"ethnic|etnia|etnic|\braza\b|\brace\b|\bracial|indigen|afrodesc|afrocolomb|negr[oa]s?\b"
    r"|politic|partido|\bparty\b|\bvot(e|ed|o|ar|aste)\b|election|eleccion"
    r"|religi|iglesia|church|\bigreja\b"
    r"|health|salud|\bsaude\b|enfermedad|disease|disab|discapac|depress|depres|ansiedad|anxiety"
    r"|victim|desplaza|displaced|conflicto armado|armed conflict|armed group|grupo armado|guerrilla"
    r"|paramilit|extors|violen|harass|assedi|\bacoso|sexual|abus[eo]|grope"
    r"|leader\b|leaders\b|lider|sindica|\bunion\b|lgbt|orientacion sexual"
)
CONSENT_NAMES = r"consent|consented|consents|consiente|consintio|consentimiento\w*|consentimento"
CONSENT_WORDS = (
    r"\bconsent\b|\bconsents\b|consentimiento|consentimento"
    r"|\b(acepta|autoriza|desea|quiere|agree|willing)\b[^.;]{0,40}"
    r"\b(participar|participate|take part|(esta|la) (entrevista|encuesta)|this (interview|survey))"
)
AGREES = r"acepta|acepto|aceptacion|aceita|autoriza|autorizacion|agrees?|agreed"
# words that leave `acepta` a consent: an article, who and to what
ABOUT_CONSENT = (
    r"la|el|los|de|en|a|to|su|p|q|participar|participacion|participate|entrevista|interview"
    r"|encuesta|survey|datos|data|tratamiento|uso|informado"
)
NO_CONSENT = r"audio|grab\w*|record\w*|foto\w*|photos?|video|gps|recontact\w*|contact\w*|time|hora"
# names of columns that hold the name of a person or of a team of persons
PEOPLE_NAMES = r"name|names|nombre|nombres|apellido|apellidos|nome|[a-z]+names?"
PEOPLE_LISTS = r"enumerator|interviewer|encuestador|encuestadora|surveyor|supervisor|entrevistador"
# types that hold a person, a place or words as they were said, whatever they are called
OPEN_TYPES = {
    "geopoint": "a place",
    "image": "a picture",
    "audio": "a recording",
    "video": "a recording",
    "file": "a file",
    "text": "free text",
    "deviceid": "a device id",
    "subscriberid": "a device id",
    "simserial": "a device id",
    "phonenumber": "a phone number",
    "username": "an account",
    "email": "an e-mail address",
    "audit": "a file about the interview",
    "comments": "comments of the interviewer",
}
OPEN = ("text", "integer", "decimal", "date", "datetime", "calculate", "barcode")


def missing_kind(labels: Iterable[str]) -> str | None:
    """Kind of missing that one of a choice's labels reads like; None for an answer."""
    for label in labels:
        for kind, words in MISSING_WORDS.items():
            if re.search(words, plain(label)):
                return kind
    return None


def is_missing_like(code: str) -> bool:
    """Whether a code is of the kind that forms keep for no answer."""
    return MISSING_LIKE.fullmatch(code) is not None


def yes_or_no(labels: Iterable[str]) -> float | None:
    """1 for a choice that begins with yes, 0 for no; None for others."""
    plained = [plain(label) for label in labels]
    if any(YES.match(label) for label in plained):
        return 1.0
    return 0.0 if any(NO.match(label) for label in plained) else None


def is_of_people(*names: str) -> bool:
    """Whether a question or choice list is of interviewers: its labels are names of people."""
    words = [word for name in names for word in name_words(name)]
    return any(re.fullmatch(PEOPLE_LISTS, word) for word in words)


def is_name(name: str) -> bool:
    """Whether a column's name says that names stand in it: ``enum_name``, ``nombre_lider``."""
    return any(re.fullmatch(PEOPLE_NAMES, word) for word in name_words(name))


def is_of_device(name: str) -> bool:
    """Whether a column's name is that of a device, a SIM card or a place it noted."""
    return any(re.fullmatch(DEVICE_NAMES, word) for word in name_words(name))


def is_id(name: str) -> bool:
    """Whether a name is that of an identifier: ``hhid``, ``id_persona``, ``codigo_hogar``."""
    return any(
        re.fullmatch(r"id|uuid|hhid|hid|pid|codigo|folio|caseid", word) for word in name_words(name)
    )


def is_consent(name: str, labels: Iterable[str] = ()) -> bool:
    """Whether a name or a wording is that of consent to the interview: ``acepta``.

    Not of consent to a recording or to another call, nor of what somebody accepts in an answer.
    """
    words = name_words(name)
    texts = [plain(label) for label in labels]
    said = [*words, *(word for text in texts for word in re.split(r"\W+", text))]
    if any(re.fullmatch(NO_CONSENT, word) for word in said):
        return False
    if any(re.search(CONSENT_WORDS, text) for text in texts):
        return True
    asked = [word for word in words if not re.fullmatch(ABOUT_CONSENT, word)]
    return any(re.fullmatch(CONSENT_NAMES, word) for word in words) or (
        len(asked) == 1 and re.fullmatch(AGREES, asked[0]) is not None
    )


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
    if form_type in OPEN and any(re.fullmatch(DIRECT_NAMES, word) for word in words):
        return "direct", "its name"
    if form_type in OPEN and any(re.search(DIRECT_WORDS, text) for text in texts):
        return "direct", "its label"
    if form_type in OPEN_TYPES:
        return "direct", OPEN_TYPES[form_type]
    if re.search(SENSITIVE, " ".join(words)):
        return "sensitive", "its name"
    if any(re.search(SENSITIVE, text) for text in texts):
        return "sensitive", "its label"
    if any(re.fullmatch(QUASI_NAMES, word) for word in words):
        return "quasi", "its name"
    if any(re.search(QUASI_WORDS, text) for text in texts):
        return "quasi", "its label"
    return "none", ""
