"""Fixed words of the exhibits, in English and Spanish: units, methods, short remarks."""

import re
from typing import Literal

from evaluation.report.worded import worded
from evaluation.spec.check_kinds import Theme
from evaluation.spec.load import Text
from evaluation.spec.records import Status
from evaluation.spec.study import BLINDED, SYNTHETIC

# By the study's mark. Short: beside a caption, on a card, in the head of a printed sheet.
MARKS = {
    SYNTHETIC: Text(
        en="SYNTHETIC DATA \N{EN DASH} DO NOT CITE", es="DATOS SINTÉTICOS \N{EN DASH} NO CITAR"
    ),
    BLINDED: Text(
        en="BLINDED \N{EN DASH} TREATMENT SCRAMBLED \N{EN DASH} DO NOT CITE",
        es="CEGADO \N{EN DASH} INTERVENCIÓN REVUELTA AL AZAR \N{EN DASH} NO CITAR",
    ),
}

BANNERS = {
    SYNTHETIC: Text(
        en="SYNTHETIC DATA: invented for demonstration; no statement about real people or places",
        es="DATOS SINTÉTICOS: inventados para demostración; nada dicen de personas o lugares"
        " reales",
    ),
    BLINDED: Text(
        en="BLINDED: treatment is scrambled between places until the plan is locked; no result",
        es="CEGADO: la intervención está revuelta al azar entre lugares hasta que se fije el plan;"
        " no es un resultado",
    ),
}

UNITS = {
    "SD": Text(en="SD", es="DE"),
    "percentage points": Text(en="percentage points", es="puntos porcentuales"),
    "points": Text(en="points", es="puntos"),
    "events per 100 adults": Text(en="events per 100 adults", es="hechos por 100 adultos"),
    "count": Text(en="count", es="conteo"),
    "minutes": Text(en="minutes", es="minutos"),
    # a ratio or a correlation is in no unit
    "number": Text(en="", es=""),
}

# Behind a number, where a column has no room for words. A count needs none.
SHORT_UNITS = {
    "SD": Text(en="SD", es="DE"),
    "percentage points": Text(en="pp", es="pp"),
    "points": Text(en="points", es="puntos"),
    "events per 100 adults": Text(en="per 100", es="por 100"),
    "count": Text(en="", es=""),
    "minutes": Text(en="min", es="min"),
    "log odds": Text(en="log odds", es="log-odds"),
    "%": Text(en="%", es="%"),
    "number": Text(en="", es=""),
}

# A level of an outcome whose effects are in percentage points is a percentage.
LEVEL_UNITS = {"percentage points": Text(en="%", es="%")}

# Units of an effect as they stand behind it in a sentence: one, and any other number.
UNITS_IN_SENTENCE = {
    "SD": Text(en="standard deviations", es="desviaciones estándar"),
    "percentage points": Text(en="percentage points", es="puntos porcentuales"),
    "points": Text(en="points", es="puntos"),
    "events per 100 adults": Text(en="events per 100 adults", es="hechos por 100 adultos"),
    "count": Text(en="on the count", es="en el conteo"),
    "minutes": Text(en="minutes", es="minutos"),
}
ONE_IN_SENTENCE = {
    "percentage points": Text(en="percentage point", es="punto porcentual"),
    "points": Text(en="point", es="punto"),
    "minutes": Text(en="minute", es="minuto"),
}

# An abbreviated unit where a page uses it first: written out.
FIRST_UNITS = {"SD": Text(en="standard deviations (SD)", es="desviaciones estándar (DE)")}
# A count behind a number of a table: the number alone would look like one in another unit.
COUNT_BEHIND = Text(en="(count)", es="(conteo)")

# Behind a label, the time that a question asks about.
IN_TIME = Text(en=r" in \1", es=r" en \1")

# Plan status of a row, by `records.Status`.
STATUSES: dict[Status, Text] = {
    "pre-specified": Text(en="pre-specified", es="preespecificado"),
    "specified after data collection": Text(
        en="specified after data collection", es="especificado después de recoger los datos"
    ),
    "deviation": Text(en="deviation", es="desviación"),
    "exploratory": Text(en="exploratory", es="exploratorio"),
    "blinded": Text(en="blinded", es="cegado"),
}
NO_REGISTRY = Text(en="none", es="ninguno")

# Short names of the inference methods, and what each is.
STEPS = {
    "cv1": Text(en="CV1", es="CV1"),
    "cv3": Text(en="CV3 jackknife", es="CV3 jackknife"),
    "cr2": Text(en="CR2", es="CR2"),
    "wcr": Text(en="WCR", es="WCR"),
    "wcr_s": Text(en="WCR-S", es="WCR-S"),
    "ri": Text(en="Permutation", es="Permutación"),
    "conley": Text(en="Conley", es="Conley"),
    "two_way": worded("step.two-way"),
}

STEPS_IN_WORDS = {
    "cv1": Text(en="cluster-robust, t(G − 1)", es="robusto por conglomerados, t(G − 1)"),
    "cv3": Text(en="cluster jackknife, t(G − 1)", es="jackknife por conglomerados, t(G − 1)"),
    "cr2": Text(
        en="bias-reduced, Satterthwaite degrees of freedom",
        es="sesgo reducido, grados de libertad de Satterthwaite",
    ),
    "wcr": Text(
        en="wild cluster bootstrap, null imposed",
        es="bootstrap salvaje por conglomerados, hipótesis nula impuesta",
    ),
    "wcr_s": Text(
        en="wild cluster bootstrap with jackknifed scores, null imposed",
        es="bootstrap salvaje por conglomerados con puntajes jackknife, hipótesis nula impuesta",
    ),
    "ri": Text(
        en="randomisation inference on the studentised statistic, as if treatment had been drawn"
        " inside strata",
        es="inferencia por aleatorización con el estadístico estudentizado, como si la intervención"
        " se hubiera sorteado dentro de los estratos",
    ),
    "conley": Text(
        en="errors alike over distance, t(G − 1)", es="errores parecidos según distancia, t(G − 1)"
    ),
    "two_way": worded("step.two-way-words"),
}

# What is doubted: headings of the robustness table, in this order.
THEMES: dict[Theme, Text] = {
    "trends": Text(en="Parallel trends", es="Tendencias paralelas"),
    "shocks": Text(en="Shocks and places", es="Choques y lugares"),
    "comparison": Text(en="Choice of the comparison", es="Elección de la comparación"),
    "composition": Text(en="Who was interviewed", es="Quiénes fueron entrevistados"),
    "attrition": Text(en="Panel attrition", es="Pérdida de muestra del panel"),
    "spillover": Text(en="Neighbours and distance", es="Vecinos y distancia"),
    "measurement": Text(en="Measurement", es="Medición"),
    "model": Text(en="Model", es="Modelo"),
    "for whom": Text(en="For whom", es="Para quiénes"),
}
PRIMARY_ROW = Text(en="Primary estimate", es="Estimación primaria")

ADJUSTMENTS = {
    "max_t": worded("adjustment.max-t"),
    "bonferroni": worded("adjustment.bonferroni"),
    "romano_wolf": Text(
        en="Romano–Wolf over the primary outcomes",
        es="Romano–Wolf sobre los resultados primarios",
    ),
    "holm": Text(en="Holm over the primary outcomes", es="Holm sobre los resultados primarios"),
    "benjamini_hochberg": worded("adjustment.benjamini-hochberg"),
    "benjamini_hochberg_across": Text(
        en="Benjamini–Hochberg over all secondary outcomes",
        es="Benjamini–Hochberg sobre todos los resultados secundarios",
    ),
    "sharpened_q_across": Text(
        en="sharpened q over all secondary outcomes",
        es="q afinado sobre todos los resultados secundarios",
    ),
    "none": Text(en="none", es="ninguno"),
}

ACTIONS = {
    "drop": Text(en="Row left out", es="Fila excluida"),
    "merge": Text(en="Two rows of one interview merged", es="Dos filas de una entrevista unidas"),
    "new_id": Text(en="Id changed", es="Identificador cambiado"),
    "set": Text(en="Value changed", es="Valor cambiado"),
}

KINDS = {
    "dont_know": Text(en="don't know", es="no sabe"),
    "refused": Text(en="refused", es="no responde"),
    "not_applicable": Text(en="not applicable", es="no aplica"),
    "not_asked": Text(en="not asked", es="no se preguntó"),
}


def mark(of_study: str, language: str) -> str:
    """The short mark of a study (``Study.mark``) in words; empty where it has none."""
    return "; ".join(MARKS[name][language] for name in of_study.split())


def banner(of_study: str, language: str) -> str:
    """The mark of a study as a sentence; empty where it has none."""
    return "; ".join(BANNERS[name][language] for name in of_study.split())


def unit(name: str, language: str) -> str:
    """Unit of an effect in words; an unknown unit (a series' own) stands as it is."""
    return UNITS[name][language] if name in UNITS else name


def first_unit(name: str, language: str) -> str:
    """Unit of an effect where a reader meets it first: an abbreviation is written out."""
    return FIRST_UNITS[name][language] if name in FIRST_UNITS else unit(name, language)


def short_unit(name: str, language: str) -> str:
    """Unit as it stands behind a number; empty where the number needs none."""
    return SHORT_UNITS[name][language] if name in SHORT_UNITS else name


def level_unit(name: str, language: str) -> str:
    """Unit of a level: a percentage where effects are in percentage points."""
    return LEVEL_UNITS[name][language] if name in LEVEL_UNITS else unit(name, language)


def status(name: Status, language: str) -> str:
    """Plan status of a row in words."""
    return STATUSES[name][language]


def registry(named: str | Text, language: str) -> str:
    """Registry or number of a lock: a name, or ``none`` with a remark.

    A remark that stands in one language is English: other languages have the bare word.
    """
    if isinstance(named, Text):
        return named[language]
    is_none = named.split(" ", maxsplit=1)[0] == NO_REGISTRY["en"]
    return NO_REGISTRY[language] if is_none and language != "en" else named


def unit_in_sentence(name: str, language: str, *, number: Literal["one", "other"]) -> str:
    """Unit of an effect spelt out behind its number; an unknown unit stands as it is."""
    if number == "one" and name in ONE_IN_SENTENCE:
        return ONE_IN_SENTENCE[name][language]
    return UNITS_IN_SENTENCE[name][language] if name in UNITS_IN_SENTENCE else name


def step(name: str, language: str) -> str:
    """Short name of an inference method."""
    return STEPS[name][language]


def step_in_words(name: str, language: str) -> str:
    """Inference method in words."""
    return STEPS_IN_WORDS[name][language]


def adjustment(name: str, language: str) -> str:
    """Multiplicity adjustment in words."""
    return ADJUSTMENTS[name][language] if name in ADJUSTMENTS else name


def labelled(label: str, *sentences: str) -> str:
    """A note: one or two words that say what it is about, then its sentences."""
    return " ".join((f"{label}.", *(sentence for sentence in sentences if sentence)))


def begun(text: str) -> str:
    """A text as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def spoken(label: str, language: str) -> str:
    """A label as it is said: without what stands in brackets, "12 months" behind "in"."""
    bare = label.split(" (", maxsplit=1)[0]
    return re.sub(r", (\d+ (?:months|meses|days|días))$", IN_TIME[language], bare)


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]
