"""Words of the table of statements, in English and Spanish: phrases, answers and reasons."""

from collections.abc import Mapping
from typing import Literal

from evaluation.report.conclusions import Conclusion, Direction
from evaluation.report.statements import Answer, Claim, Reason
from evaluation.report.worded import worded
from evaluation.spec.load import Text

ZeroInside = Literal["inconclusive", "meaningful effect ruled out", "unbounded"]
ANSWERS: Mapping[Answer, Text] = {
    "yes": Text(en="Yes", es="Sí"),
    "care": Text(en="With care", es="Con cuidado"),
    "no": Text(en="No", es="No"),
}
# {name} is the outcome inside a sentence, {Name} at the beginning of one.
PHRASES: Mapping[Claim, Text] = {
    "in_full": Text(en="{reading}", es="{reading}"),
    "range": Text(
        en="{Name}: the data are compatible with effects from {bounds} ({level} interval).",
        es="{Name}: los datos son compatibles con efectos de {bounds} (intervalo del {level}).",
    ),
    "estimate_alone": Text(
        en="{Name}: the estimated effect is {amount}.",
        es="{Name}: el efecto estimado es de {amount}.",
    ),
    "changed": Text(
        en="{If}, the programme {moved} this outcome: {name}.",
        es="{If}, el programa {moved} este resultado: {name}.",
    ),
    "improved": Text(
        en="{If}, things are better thanks to the programme in this outcome: {name}.",
        es="{If}, este resultado mejoró gracias al programa: {name}.",
    ),
    "matters": Text(
        en="{If}, the effect on this outcome is large enough to matter: {name}.",
        es="{If}, el efecto sobre este resultado es lo bastante grande para importar: {name}.",
    ),
    "ruled_out": worded(
        "statement.ruled-out",
        if_alike="{If}",
        smallest="{smallest}",
        equivalence="{equivalence}",
        name="{name}",
    ),
    "would_have_seen": Text(
        en="If there were an effect that matters, this survey would have found it: {name}.",
        es="Si hubiera un efecto que importara, esta encuesta lo habría encontrado: {name}.",
    ),
    "nothing": Text(
        en="It was shown that the programme changes nothing in this outcome: {name}.",
        es="Quedó demostrado que el programa no cambia nada en este resultado: {name}.",
    ),
    "before_after": Text(
        en="{Name}: what changed in the places with the programme between the two rounds is due to"
        " the programme.",
        es="{Name}: lo que cambió entre las dos rondas en los lugares con el programa se debe al"
        " programa.",
    ),
    "percent": Text(
        en="{Name}: the effect is {bare} percent.", es="{Name}: el efecto es de {bare} por ciento."
    ),
    "percent_of_deviations": Text(
        en="{Name}: {rose} by {hundredfold} percent, or by {bare} points.",
        es="{Name}: {rose} un {hundredfold} por ciento, o {bare} puntos.",
    ),
    "percent_of_scale": Text(
        en="{Name}: {rose} by {hundredfold} percent.",
        es="{Name}: {rose} un {hundredfold} por ciento.",
    ),
    "participants": Text(
        en="This is what those who took part in the programme gained: {amount} ({name}).",
        es="Así cambió para quienes participaron en el programa: {amount} ({name}).",
    ),
}
# What an effect rests on, at the beginning of a phrase and behind one. Groups drawn by lot differ
# by chance alone; what a lottery does not protect is who is interviewed at endline.
IF_ALIKE = Text(
    en="If, without the programme, both groups would have changed alike",
    es="Si, sin el programa, ambos grupos habrían cambiado igual",
)
IF_BY_LOT = Text(
    en="If those interviewed at endline stand for their group",
    es="Si las personas entrevistadas en la línea final representan a su grupo",
)
BY_LOT_CONDITION = Text(
    en="Groups were drawn by lot. An effect here is the effect of the programme only if those"
    " interviewed at endline stand for the residents of their group.",
    es="Los grupos se sortearon. Un efecto de esta tabla es el efecto del programa solo si las"
    " personas entrevistadas en la línea final representan a las residentes de su grupo.",
)
HOLDS = Text(en="This holds {condition}.", es="Esto vale {condition}.")
STATUS = Text(en="Plan status: {status}.", es="Estado en el plan: {status}.")
# The short sentence of an interval that includes zero: the conclusion first, so that "no detectable
# effect" is never copied without it.
NOT_DETECTED: Mapping[ZeroInside, Text] = {
    "inconclusive": Text(
        en="{Name}: inconclusive (no detectable effect, and no proof that there is none). The study"
        " cannot tell; the data are not compatible with effects below {low} or above {high}"
        " ({level} interval).",
        es="{Name}: no concluyente (ningún efecto detectable, ni prueba de que no lo haya). El"
        " estudio no puede saberlo; los datos no son compatibles con efectos por debajo de {low} ni"
        " por encima de {high} (intervalo del {level}).",
    ),
    "meaningful effect ruled out": worded(
        "statement.ruled-out-range",
        begun="{Name}",
        equivalence="{equivalence}",
        low="{low}",
        high="{high}",
        level="{level}",
    ),
    # the conclusion of an interval without an end is always this one
    "unbounded": Text(
        en="{Name}: inconclusive (no detectable effect, and no proof that there is none). The study"
        " cannot tell; the data rule out no size of effect on at least one side.",
        es="{Name}: no concluyente (ningún efecto detectable, ni prueba de que no lo haya). El"
        " estudio no puede saberlo; los datos no descartan ningún tamaño de efecto en al menos un"
        " sentido.",
    ),
}
# The conclusion as an answer to "did it change more where the programme worked?", to be read aloud.
PLAIN: Mapping[Conclusion, Text] = {
    "effect detected": Text(en="Yes{direction}.", es="Sí{direction}."),
    "detected but smaller than matters": worded(
        "statement.plain-smaller", direction="{direction}", equivalence="{equivalence}"
    ),
    "meaningful effect ruled out": worded("statement.plain-ruled-out", equivalence="{equivalence}"),
    "inconclusive": Text(
        en="We cannot tell. That does not mean that nothing changed.",
        es="No lo sabemos. Eso no quiere decir que nada haya cambiado.",
    ),
}
PLAIN_DIRECTIONS: Mapping[Direction, Text] = {
    "desired": Text(en=", for the better", es=", para bien"),
    "not desired": Text(en=", for the worse", es=", para mal"),
    "no desired direction": Text(en="", es=""),
}
RAISED = Text(en="raised", es="aumentó")
LOWERED = Text(en="lowered", es="redujo")
ROSE = Text(en="it rose", es="subió")
FELL = Text(en="it fell", es="bajó")
REASONS: Mapping[Reason, Text] = {
    "names_all": Text(
        en="It names the conclusion, the estimate, the interval and the smallest effect that"
        " matters.",
        es="Nombra la conclusión, la estimación, el intervalo y el efecto mínimo de interés.",
    ),
    "names_interval": Text(
        en="It says what the data leave possible, and no more.",
        es="Dice lo que los datos dejan posible, y nada más.",
    ),
    "only_with_interval": Text(
        en="Only with the interval in the same sentence: {bounds} ({level}).",
        es="Solo con el intervalo en la misma frase: {bounds} ({level}).",
    ),
    "all_adjustments": Text(
        en="The interval excludes zero by both methods, also after adjustment for the number of"
        " outcomes.",
        es="El intervalo excluye el cero con ambos métodos, también con el ajuste por el número de"
        " resultados.",
    ),
    "not_adjusted": Text(
        en="Say too that the interval no longer excludes zero after adjustment for the number of"
        " outcomes.",
        es="Diga también que, con el ajuste por el número de resultados, ya no se excluye el cero.",
    ),
    "no_adjustment": Text(
        en="Say too that it is not adjusted for the number of outcomes.",
        es="Diga también que no está ajustado por el número de resultados.",
    ),
    "methods_disagree": Text(
        en="Say too that the second inference method does not exclude zero.",
        es="Diga también que el segundo método de inferencia no excluye el cero.",
    ),
    "one_method": Text(
        en="Say too that only one inference method was available.",
        es="Diga también que solo hubo un método de inferencia disponible.",
    ),
    "zero_inside": Text(
        en="The interval includes zero: the data do not tell this effect from none.",
        es="El intervalo incluye el cero: los datos no distinguen este efecto de uno nulo.",
    ),
    "wrong_way": Text(
        en="The effect goes against the direction that the programme wanted, and that must be"
        " said.",
        es="El efecto va en contra de la dirección que el programa buscaba, y hay que decirlo.",
    ),
    "all_matter": Text(
        en="Every effect in the interval is larger than {smallest}.",
        es="Todos los efectos del intervalo son mayores que {smallest}.",
    ),
    "may_matter": Text(
        en="Say too that the interval holds smaller effects as well: less than {smallest}.",
        es="Diga también que el intervalo contiene efectos menores: de menos de {smallest}.",
    ),
    "cannot_tell": Text(
        en="The study is inconclusive: the interval holds zero and effects that matter.",
        es="El estudio no es concluyente: el intervalo contiene el cero y efectos que importan.",
    ),
    "too_small": worded("statement.too-small", equivalence="{equivalence}", smallest="{smallest}"),
    "all_small": worded("statement.all-small", equivalence="{equivalence}"),
    "matters_inside": worded("statement.matters-inside", equivalence="{equivalence}"),
    "four_in_five": Text(
        en="Only as: more likely than not. A test of this outcome alone would have found {mde} four"
        " times in five (the smallest effect that matters is {smallest}); the simultaneous interval"
        " finds less.",
        es="Solo como: más probable que no. Una prueba de este solo resultado habría"
        " encontrado {mde}"
        " cuatro de cada cinco veces (el efecto mínimo de interés es de {smallest}); el intervalo"
        " simultáneo encuentra menos.",
    ),
    "too_weak": Text(
        en="The realised minimum detectable effect is {mde}, more than the smallest effect that"
        " matters ({smallest}): such an effect can stay undetected.",
        es="El efecto mínimo detectable realizado es de {mde}, mayor que el efecto mínimo de"
        " interés ({smallest}): un efecto así puede quedar sin detectarse.",
    ),
    "absence_of_evidence": Text(
        en="The study cannot tell. That is not proof that nothing changed.",
        es="El estudio no puede saberlo. Eso no prueba que nada haya cambiado.",
    ),
    "small_remain": worded("statement.small-remain", equivalence="{equivalence}"),
    "contrary": Text(en="The interval excludes zero.", es="El intervalo excluye el cero."),
    "change_is_not_impact": Text(
        en="Change is not impact: the comparison group changed too. The effect is what differs"
        " between the groups.",
        es="Cambio no es impacto: el grupo de comparación también cambió. El efecto es lo que"
        " difiere entre los grupos.",
    ),
    "points_not_percent": Text(
        en="A difference of two percentages is in percentage points: {amount}.",
        es="La diferencia entre dos porcentajes va en puntos porcentuales: {amount}.",
    ),
    "deviations_not_percent": Text(
        en="An index has no percentages and no points of its own. The effect is in standard"
        " deviations: {amount}.",
        es="Un índice no tiene porcentajes ni puntos propios. El efecto va en desviaciones"
        " estándar: {amount}.",
    ),
    "scale_not_percent": Text(
        en="The effect is in points of the scale of answers, not in percent: {amount}.",
        es="El efecto va en puntos de la escala de respuestas, no en porcentaje: {amount}.",
    ),
    "residents_asked": Text(
        en="The survey asked residents, whether or not they took part. It says nothing about those"
        " who took part alone.",
        es="La encuesta preguntó a residentes, hayan participado o no. Nada dice solo de quienes"
        " participaron.",
    ),
    "blinded": Text(
        en="The plan is not locked: treatment is scrambled, and nothing here is a result.",
        es="El plan no está fijado: la intervención está revuelta al azar, y nada aquí es un"
        " resultado.",
    ),
}
RULE = Text(
    en="Each answer follows by rule from the interval, the smallest effect that matters, the level"
    " of evidence, the minimum detectable effect and the desired direction; nobody chose it.",
    es="Cada respuesta sale de una regla que mira el intervalo, el efecto mínimo de interés, el"
    " nivel de evidencia, el efecto mínimo detectable y la dirección deseada; nadie la eligió.",
)
ANSWERED = Text(en="Answers", es="Respuestas")
HOW = Text(
    en="Yes: as it stands, with its condition. With care: only together with what the reason adds."
    " No: the study does not say it.",
    es="Sí: tal como está, con su condición. Con cuidado: solo junto con lo que añade el motivo."
    " No: el estudio no lo dice.",
)
