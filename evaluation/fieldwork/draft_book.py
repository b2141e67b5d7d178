"""A new study's list of exhibits and the pages of its book: the fewest that make a whole book."""

from evaluation.study.toml_writer import document

EXHIBITS_HEAD = (
    "Permanent ids and codes of tables and figures. An id is anchor and file name, a code is what",
    "one says aloud; neither is ever used again: a retired one goes to [[retired]] with its",
    "reason. A new exhibit takes the next code of its kind.",
)
# shown in the annex workbook, on no page
ANNEXED = ("tbl-methods",)
# id, builder, title and reading in English and Spanish, specification
MAIN = "did_main"
EXHIBITS = (
    (
        "tbl-did-main",
        "effects",
        "Effects on all outcomes",
        "Efectos sobre todos los resultados",
        "The change in the treatment group less the change in the comparison group.",
        "El cambio en el grupo de intervención menos el cambio en el de comparación.",
        MAIN,
    ),
    (
        "tbl-methods",
        "methods",
        "Outcomes by every inference method",
        "Resultados con todos los métodos de inferencia",
        "The estimate is the same in each row of an outcome; only its uncertainty differs.",
        "La estimación es la misma en cada fila de un resultado; solo cambia su incertidumbre.",
        MAIN,
    ),
    (
        "tbl-levels",
        "levels",
        "Levels of all outcomes by group and round",
        "Niveles de todos los resultados por grupo y ronda",
        "What each group answered in each round.",
        "Lo que respondió cada grupo en cada ronda.",
        MAIN,
    ),
    (
        "tbl-balance",
        "balance",
        "Groups at baseline, and who was interviewed again",
        "Los grupos en línea de base, y quiénes se entrevistaron de nuevo",
        "How alike the groups were before the programme, and the share seen again, by group.",
        "Qué tan parecidos eran los grupos antes del programa, y la proporción vista de nuevo.",
        "",
    ),
    (
        "tbl-flow",
        "flow",
        "Sample flow",
        "Flujo de la muestra",
        "From interviews delivered to interviews analysed, by group and round.",
        "De las entrevistas recibidas a las analizadas, por grupo y ronda.",
        "",
    ),
    (
        "tbl-findings",
        "findings",
        "Data-quality report",
        "Informe de calidad de datos",
        "What the checks of the delivered files found, by rule and variable.",
        "Lo que encontraron las revisiones de los archivos recibidos, por regla y variable.",
        "",
    ),
    (
        "tbl-corrections",
        "corrections",
        "Correction log",
        "Registro de correcciones",
        "How many cells or rows were changed, in which round and why.",
        "Cuántas celdas o filas se cambiaron, en qué ronda y por qué.",
        "",
    ),
    (
        "tbl-dictionary",
        "dictionary",
        "Data dictionary",
        "Diccionario de datos",
        "Every variable, as the pipeline reads and enforces it.",
        "Cada variable, tal como el procedimiento la lee y la exige.",
        "",
    ),
    (
        "tbl-deviations",
        "deviations",
        "The analysis plan and deviations from it",
        "El plan de análisis y sus desviaciones",
        "When the plan was locked, and every change since.",
        "Cuándo se cerró el plan, y cada cambio desde entonces.",
        "",
    ),
    (
        "fig-coefficients",
        "coefficient_plot",
        "Effects on all outcomes",
        "Efectos sobre todos los resultados",
        "The dot is the estimate, the line its interval.",
        "El punto es la estimación, la línea su intervalo.",
        MAIN,
    ),
    (
        "fig-levels",
        "levels_plot",
        "Outcomes by group and round",
        "Resultados por grupo y ronda",
        "Parallel lines mean that groups changed alike.",
        "Líneas paralelas significan que los grupos cambiaron igual.",
        MAIN,
    ),
    (
        "fig-flow",
        "flow_diagram",
        "Sample flow by group and round",
        "Flujo de la muestra por grupo y ronda",
        "Interviews delivered, left out and analysed.",
        "Entrevistas recibidas, excluidas y analizadas.",
        "",
    ),
    (
        "fig-timeline",
        "timeline",
        "Survey rounds and events",
        "Rondas de encuesta y hechos",
        "What struck both groups alike cancels out of the effect.",
        "Lo que afectó por igual a los dos grupos se cancela en el efecto.",
        "",
    ),
    (
        "fig-pipeline",
        "pipeline_map",
        "From the delivered files to this book",
        "De los archivos recibidos a este libro",
        "Each stage reads only what the stages above it made.",
        "Cada etapa lee solo lo que hicieron las anteriores.",
        "",
    ),
)
INDEX = """# Summary

*For everyone. A draft: replace these words by the study's own.*

## The question

{study}`question`

Population
: {study}`population`

## The answer

The effects stand in {doc}`notebooks/main_results`, with their intervals and conclusions.

```{exhibit} fig-coefficients
:repeat:
```

## How sure we are

{study}`lock_note` Read {doc}`design` for what is compared with what, {doc}`balance` for how alike
the groups were, and {doc}`limits` before you quote a number.
"""
DESIGN = """# Design and timeline

*For reviewers: what is compared with what. A draft: say how the groups came about.*

The {study}`cluster` is the unit of assignment, and so the unit of uncertainty.

Baseline
: {study}`round.baseline`

Endline
: {study}`round.endline`

```{exhibit} fig-timeline
```

## The plan and its deviations

Registration: {study}`registration`. Plan locked: {study}`lock_date`. {study}`lock_note`

```{exhibit} tbl-deviations
```
"""
BALANCE = """# Balance and attrition

*For reviewers: how alike the groups were at the start, and who was not seen again.*

```{exhibit} tbl-balance
```
"""
LIMITS = """# Limits

*For everyone who draws conclusions from this book. A draft: say what this study cannot show.*

**Answers.** Answers are reported, not observed.

**Comparison.** What else changed for one group and not for the other is part of the estimate.
"""
ASSUMPTION = (
    "An effect is a difference of two changes. It is the change from baseline to endline in the"
    " treatment\ngroup, minus the change in the comparison group.\n\n"
    "It is the effect of the programme if, without it, both groups would have changed alike.\n"
)
TOC = """format: jb-book
root: index
parts:
  - caption: For programme staff
    chapters:
      - file: notebooks/main_results
      - file: tables_to_cite
  - caption: For reviewers
    chapters:
      - file: design
      - file: data
      - file: balance
      - file: limits
  - caption: For evaluators
    chapters:
      - file: rerun
      - file: pipeline
      - file: checksums
      - file: adapting
      - file: dictionary
      - file: phrasebook
      - file: api
  - caption: Reference
    chapters:
      - file: how_to_cite
      - file: references
      - file: licence
      - file: ethics
      - file: errata
      - file: accessibility
"""
PAGES = {
    "index.md": INDEX,
    "design.md": DESIGN,
    "balance.md": BALANCE,
    "limits.md": LIMITS,
    "assumption.md": ASSUMPTION,
}


def exhibits_text(study: str) -> str:
    """Text of a new study's ``exhibits.toml``; every exhibit stands once in its book or annex."""
    listed: list[dict[str, object]] = []
    kinds = {"tbl": "T", "fig": "F"}
    for identifier, builder, title, titulo, reading, lectura, specification in EXHIBITS:
        kind = identifier.split("-", maxsplit=1)[0]
        before = sum(str(entry["id"]).startswith(kind) for entry in listed)
        table: dict[str, object] = {
            "id": identifier,
            "code": f"{study_letters(study)}-{kinds[kind]}{before + 1:02d}",
            **({"place": "annex"} if identifier in ANNEXED else {}),
            "builder": builder,
            "title": {"en": title, "es": titulo},
            "reading": {"en": reading, "es": lectura},
            "notes": {"en": "", "es": ""},
        }
        if specification:
            table["specifications"] = [specification]
        listed.append(table)
    return document({"exhibit": listed}, head=EXHIBITS_HEAD)


def study_letters(study: str) -> str:
    """Letters that the codes of a study begin with: ``SC`` for ``somos_comunidad``.

    Initials of its words; of a single word its first two letters.
    """
    initials = "".join(word[0] for word in study.split("_") if word[:1].isalpha())
    letters = initials if len(initials) > 1 else "".join(c for c in study if c.isalpha())[:2]
    return letters[:4].upper().ljust(2, "X")
