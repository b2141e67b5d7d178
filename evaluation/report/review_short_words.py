"""Short words for reviewers: names of doubts beside a conclusion, judgements in one line."""

from evaluation.spec.load import Text

# Names for a narrow place: "Not under: ...".
COUNTED = Text(en="{label} ({n} of {total})", es="{label} ({n} de {total})")
TRENDS_NAME = Text(
    en="trends that differ as much as elsewhere ({n} of {total} yardsticks)",
    es="tendencias que difieran tanto como en otras partes ({n} de {total} patrones)",
)
CLUSTER_NAME = Text(en="one {cluster} left out", es="un {cluster} excluido")
WORST_NAME = Text(
    en="worst case of people without an answer", es="peor caso de las personas sin respuesta"
)

# Judgements of a person, in one line each.
RISK_SENTENCE = Text(
    en="Overall risk of bias ({tool}): {judged}.",
    es="Riesgo de sesgo en conjunto ({tool}): {judged}.",
)
CERTAINTY_SENTENCE = Text(
    en="Certainty of the evidence (GRADE): {judged}.",
    es="Certeza de la evidencia (GRADE): {judged}.",
)
FOR_ALL = Text(
    en="{result} for every primary outcome", es="{result} en todos los resultados primarios"
)
FOR_SOME = Text(en="{result} for {outcomes}", es="{result} en {outcomes}")
WITHHELD = Text(
    en="withheld until somebody judges again", es="reservada hasta que alguien vuelva a juzgar"
)
