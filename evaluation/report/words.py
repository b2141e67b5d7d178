"""Fixed words of the exhibits, in English and Spanish: column heads, units, short remarks."""

from evaluation.spec.load import Text
from evaluation.spec.plan import Theme
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
}

# Behind a number, where a column has no room for words. A count needs none.
SHORT_UNITS = {
    "SD": Text(en="SD", es="DE"),
    "percentage points": Text(en="pp", es="pp"),
    "points": Text(en="points", es="puntos"),
    "events per 100 adults": Text(en="per 100", es="por 100"),
    "count": Text(en="", es=""),
    "minutes": Text(en="min", es="min"),
    "%": Text(en="%", es="%"),
}

# A level of an outcome whose effects are in percentage points is a percentage.
LEVEL_UNITS = {"percentage points": Text(en="%", es="%")}

COLUMNS = {
    "outcome": Text(en="Outcome", es="Resultado"),
    "specification": Text(en="Specification", es="Especificación"),
    "check": Text(en="Check", es="Comprobación"),
    "unit": Text(en="Unit", es="Unidad"),
    "baseline_mean": Text(
        en="Comparison group at baseline: mean", es="Grupo de comparación en línea de base: media"
    ),
    "baseline_sd": Text(en="(SD)", es="(DE)"),
    "estimate": Text(en="Effect", es="Efecto"),
    "ci_low": Text(en="{level} interval", es="Intervalo de {level}"),
    "ci_high": Text(en="{level} interval, upper", es="Intervalo de {level}, superior"),
    "p_value": Text(en="p", es="p"),
    "p_adjusted": Text(en="Adjusted p", es="p ajustado"),
    "adjustment": Text(en="Adjustment", es="Ajuste"),
    "estimate_sd": Text(en="Effect in SD", es="Efecto en DE"),
    "ci_low_sd": Text(en="Lower bound in SD", es="Límite inferior en DE"),
    "ci_high_sd": Text(en="Upper bound in SD", es="Límite superior en DE"),
    "smallest_effect_sd": Text(
        en="Smallest effect that matters, in SD", es="Efecto mínimo de interés, en DE"
    ),
    "cv3_std_error": Text(en="CV3 SE", es="EE CV3"),
    "cv3_ci_low": Text(en="CV3 {level} interval", es="Intervalo CV3 de {level}"),
    "cv3_ci_high": Text(en="CV3 {level} interval, upper", es="Intervalo CV3 de {level}, superior"),
    "simultaneous_ci_low": Text(
        en="Simultaneous {level} interval", es="Intervalo simultáneo de {level}"
    ),
    "simultaneous_ci_high": Text(
        en="Simultaneous {level} interval, upper", es="Intervalo simultáneo de {level}, superior"
    ),
    "p_check": Text(en="Adjusted p by Holm, as a check", es="p ajustado por Holm, como control"),
    "q_sharpened": Text(en="Sharpened q", es="q afinado"),
    "p_across": Text(en="Adjusted p across all families", es="p ajustado sobre todas las familias"),
    "q_across": Text(en="Sharpened q across all families", es="q afinado sobre todas las familias"),
    "mde": Text(en="Realised MDE", es="EMD realizado"),
    "design_mde": Text(en="Design MDE", es="EMD de diseño"),
    "icc": Text(en="ICC", es="CCI"),
    "type_s": Text(en="Type S error", es="Error tipo S"),
    "type_m": Text(en="Type M error", es="Error tipo M"),
    "n_arm_round": Text(en="Interviews: {arm}, {round}", es="Entrevistas: {arm}, {round}"),
    "mean_round": Text(en="{round}: mean", es="{round}: media"),
    "std_error_round": Text(en="(SE)", es="(EE)"),
    "n_round": Text(en="{round}: interviews", es="{round}: entrevistas"),
    "clusters_round": Text(en="{round}: {clusters}", es="{round}: {clusters}"),
    "n": Text(en="Interviews", es="Entrevistas"),
    "n_clusters_treated": Text(en="Treatment {clusters}", es="{clusters} de intervención"),
    "n_clusters_comparison": Text(en="Comparison {clusters}", es="{clusters} de comparación"),
    "smallest_effect": Text(en="Smallest effect that matters", es="Efecto mínimo de interés"),
    "assumed_effect": Text(en="Assumed effect in planning", es="Efecto supuesto en la planeación"),
    "verdict": Text(en="Verdict", es="Veredicto"),
    "not_under": Text(en="Another verdict under", es="Otro veredicto con"),
    "evidence": Text(en="Level of evidence", es="Nivel de evidencia"),
    "status": Text(en="Plan status", es="Estado en el plan"),
    "reading": Text(en="In words", es="En palabras"),
    "short_reading": Text(en="Reading", es="Lectura"),
    "step": Text(en="Method", es="Método"),
    "method": Text(en="Inference method in words", es="Método de inferencia en palabras"),
    "std_error": Text(en="Standard error", es="Error estándar"),
    "df": Text(en="df", es="gl"),
    "statistic": Text(en="Statistic", es="Estadístico"),
    "mc_error": Text(en="Monte Carlo error of p", es="Error de Monte Carlo de p"),
    "ci_low_mc_error": Text(
        en="Monte Carlo error of lower bound", es="Error de Monte Carlo del límite inferior"
    ),
    "ci_high_mc_error": Text(
        en="Monte Carlo error of upper bound", es="Error de Monte Carlo del límite superior"
    ),
    "p_kind": Text(en="How p was computed", es="Cómo se calculó p"),
    "arm": Text(en="Group", es="Grupo"),
    "variable": Text(en="Variable", es="Variable"),
    "sample": Text(en="Sample", es="Muestra"),
    "round": Text(en="Round", es="Ronda"),
    "mean": Text(en="Mean", es="Media"),
    "mean_treated": Text(en="Treatment group: mean", es="Grupo de intervención: media"),
    "mean_comparison": Text(en="Comparison group: mean", es="Grupo de comparación: media"),
    "sd_comparison": Text(en="(SD)", es="(DE)"),
    "difference": Text(en="Difference", es="Diferencia"),
    "normalised_difference": Text(en="Normalised difference", es="Diferencia normalizada"),
    "n_clusters": Text(en="{clusters}", es="{clusters}"),
    "reason": Text(en="Reason", es="Motivo"),
    "rule": Text(en="Rule", es="Regla"),
    "severity": Text(en="Severity", es="Gravedad"),
    "n_findings": Text(en="Findings", es="Hallazgos"),
    "n_corrections": Text(en="Cells or rows", es="Celdas o filas"),
    "column": Text(en="Variable in the file", es="Variable en el archivo"),
    "problem": Text(en="What was found", es="Qué se encontró"),
    "mend": Text(en="What was or can be done", es="Qué se hizo o puede hacerse"),
    "action": Text(en="Action", es="Acción"),
    "ours": Text(en="Ours: estimate", es="Nuestro: estimación"),
    "ours_std_error": Text(en="(CR2 standard error)", es="(error estándar CR2)"),
    "ours_df": Text(en="Ours: df", es="Nuestro: gl"),
    "published": Text(en="Published: estimate", es="Publicado: estimación"),
    "published_std_error": Text(en="(standard error)", es="(error estándar)"),
    "published_df": Text(en="Published: df", es="Publicado: gl"),
    "difference_std_error": Text(
        en="Difference of standard errors", es="Diferencia de errores estándar"
    ),
    "difference_df": Text(en="Difference of df", es="Diferencia de gl"),
    "max_difference": Text(en="Largest absolute difference", es="Mayor diferencia absoluta"),
    "test": Text(en="Test", es="Prueba"),
    "component": Text(en="Component or expected result", es="Componente o resultado esperado"),
    "family": Text(en="Family", es="Familia"),
    "question": Text(en="Question", es="Pregunta"),
    "type": Text(en="Type", es="Tipo"),
    "codes": Text(en="Values", es="Valores"),
    "rounds": Text(en="Asked in", es="Se preguntó en"),
    "missing": Text(en="Missing codes by kind", es="Códigos de faltante por tipo"),
    "origin": Text(en="Source of the question", es="Fuente de la pregunta"),
    "date": Text(en="Date", es="Fecha"),
    "entries": Text(en="Plan entries", es="Entradas del plan"),
    "entry_plan_hash": Text(en="Plan hash", es="Huella del plan"),
    "plan_hash_short": Text(en="Plan hash", es="Huella del plan"),
    "event": Text(en="What happened", es="Qué ocurrió"),
    "start": Text(en="From", es="Desde"),
    "end": Text(en="To", es="Hasta"),
    "affects": Text(en="Affects", es="Afecta a"),
    "period": Text(en="Period", es="Periodo"),
    "series": Text(en="Series", es="Serie"),
    "label": Text(en="Label", es="Etiqueta"),
    "department": Text(en="Department", es="Departamento"),
    "x_km": Text(en="East, km", es="Este, km"),
    "y_km": Text(en="North, km", es="Norte, km"),
}

# Short names of the inference methods, and what each is.
STEPS = {
    "cv1": Text(en="CV1", es="CV1"),
    "cv3": Text(en="CV3 jackknife", es="CV3 jackknife"),
    "cr2": Text(en="CR2", es="CR2"),
    "wcr": Text(en="WCR", es="WCR"),
    "wcr_s": Text(en="WCR-S", es="WCR-S"),
    "ri": Text(en="Permutation", es="Permutación"),
    "conley": Text(en="Conley", es="Conley"),
    "reml": Text(en="REML", es="REML"),
}

STEPS_IN_WORDS = {
    "cv1": Text(en="cluster-robust, t(G − 1)", es="robusto por conglomerado, t(G − 1)"),
    "cv3": Text(en="cluster jackknife, t(G − 1)", es="jackknife por conglomerado, t(G − 1)"),
    "cr2": Text(
        en="bias-reduced, Satterthwaite degrees of freedom",
        es="sesgo reducido, grados de libertad de Satterthwaite",
    ),
    "wcr": Text(
        en="wild cluster bootstrap, null imposed",
        es="bootstrap salvaje por conglomerado, nula impuesta",
    ),
    "wcr_s": Text(
        en="wild cluster bootstrap with jackknifed scores, null imposed",
        es="bootstrap salvaje por conglomerado con puntajes jackknife, nula impuesta",
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
    "reml": Text(
        en="random effects by REML, Knapp–Hartung interval",
        es="efectos aleatorios por REML, intervalo de Knapp–Hartung",
    ),
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
OTHER_WEIGHTS = Text(en="Other weights: another question", es="Otras ponderaciones: otra pregunta")
PRIMARY_ROW = Text(en="Primary estimate", es="Estimación primaria")

ADJUSTMENTS = {
    "romano_wolf": Text(
        en="Romano–Wolf over the primary outcomes",
        es="Romano–Wolf sobre los resultados primarios",
    ),
    "holm": Text(en="Holm over the primary outcomes", es="Holm sobre los resultados primarios"),
    "benjamini_hochberg": Text(
        en="Benjamini–Hochberg inside the family", es="Benjamini–Hochberg dentro de la familia"
    ),
    "sharpened_q": Text(
        en="sharpened q inside the family (Anderson 2008)",
        es="q afinado dentro de la familia (Anderson 2008)",
    ),
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


def short_unit(name: str, language: str) -> str:
    """Unit as it stands behind a number; empty where the number needs none."""
    return SHORT_UNITS[name][language] if name in SHORT_UNITS else name


def level_unit(name: str, language: str) -> str:
    """Unit of a level: a percentage where effects are in percentage points."""
    return LEVEL_UNITS[name][language] if name in LEVEL_UNITS else unit(name, language)


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


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]
