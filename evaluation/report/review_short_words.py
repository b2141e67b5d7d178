"""Short words for reviewers: judgements in one line."""

from evaluation.spec.load import Text

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
