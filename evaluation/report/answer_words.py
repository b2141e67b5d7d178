"""Notes and sentences of the tables of answers, models and scales, in English and Spanish."""

from evaluation.spec.load import Text

# Shares of answers
MANY_ANSWERS = Text(
    en="more different answers than a table of shares holds",
    es="más respuestas distintas de las que caben en una tabla de porcentajes",
)
PLACE_HEAD = Text(en="{arm}, {round}, %", es="{arm}, {round}, %")
VALUE = Text(en="{value}: {label}", es="{value}: {label}")
SHARES = Text(
    en="Shares. Weighted as the primary estimate; those of one question, group and round sum to"
    " 100.",
    es="Porcentajes. Ponderados como la estimación primaria; los de una pregunta, grupo y ronda"
    " suman 100.",
)
IMPLIED = Text(en="Implied", es="Implicado")
IMPLIED_IS = Text(
    en="The treatment group's endline distribution without the programme if every share had"
    " parallel trends: its baseline share plus the comparison group's change. A share below zero"
    " cannot be (Roth and Sant'Anna 2023); the table of other models has its standard error.",
    es="La distribución del grupo de intervención en línea final sin el programa si cada porcentaje"
    " tuviera tendencias paralelas: su porcentaje en línea de base más el cambio del grupo de"
    " comparación. Un porcentaje bajo cero no puede ser (Roth y Sant'Anna 2023); la tabla de otros"
    " modelos tiene su error estándar.",
)
IMPLIED_ESTIMATE = Text(
    en="The treatment group's endline minus the implied share is the estimate for that answer.",
    es="El porcentaje del grupo de intervención en línea final menos el implicado es la estimación"
    " para esa respuesta.",
)
IMPLIED_SEVERAL = Text(
    en="It is that of everybody who got the treatment, alone or with another, with what other"
    " treatments change held fixed.",
    es="Es el de todas las personas que recibieron la intervención, sola o con otra, manteniendo"
    " fijo lo que cambian las otras intervenciones.",
)
NO_SHARES = Text(
    en="{outcome}: no shares can be shown; the reasons stand in the table.",
    es="{outcome}: no se puede mostrar ningún porcentaje; los motivos están en la tabla.",
)
NONE_BELOW = Text(
    en="{outcome}: parallel trends of every answer imply no share below zero for the treatment"
    " group at endline; the smallest is {smallest}.",
    es="{outcome}: las tendencias paralelas de cada respuesta no implican ningún porcentaje bajo"
    " cero para el grupo de intervención en línea final; el menor es {smallest}.",
)
ONE_BELOW = Text(
    en="{outcome}: parallel trends of every answer imply a share below zero for the treatment group"
    " at endline; the smallest is {smallest}.",
    es="{outcome}: las tendencias paralelas de cada respuesta implican un porcentaje bajo cero para"
    " el grupo de intervención en línea final; el menor es {smallest}.",
)

# Models
MODELS = Text(
    en="Models. With groups in the place of fixed effects. The effect is the mean that the model"
    " gives the treatment group at endline, less the mean that it gives without the interaction of"
    " treatment and endline (Puhani 2012). If trends are parallel on one scale they are not on"
    " another unless the groups begin alike: where rows differ, the scale decides, and the plan"
    " chose the means. Not adjusted for their number.",
    es="Modelos. Con grupos en lugar de efectos fijos. El efecto es la media que el modelo le da al"
    " grupo de intervención en línea final, menos la que le da sin la interacción de intervención y"
    " línea final (Puhani 2012). Si las tendencias son paralelas en una escala, no lo son en otra,"
    " salvo que los grupos empiecen iguales: donde las filas difieren, decide la escala, y el plan"
    " eligió las medias. Sin ajustar por su número.",
)
IMPLIED_SHARES = Text(
    en="Implied shares. Parallel trends on every scale at once imply the treatment group's endline"
    " distribution without the programme: its baseline shares plus the comparison group's changes."
    " A share below zero by more than chance (SE: standard error, jackknife) speaks against that"
    " (Roth and Sant'Anna 2023); none below zero proves nothing.",
    es="Porcentajes implicados. Las tendencias paralelas en todas las escalas a la vez implican la"
    " distribución del grupo de intervención en línea final sin el programa: sus porcentajes en"
    " línea de base más los cambios del grupo de comparación. Un porcentaje bajo cero por más que"
    " el azar (EE: error estándar, jackknife) habla en contra de eso (Roth y Sant'Anna 2023); que"
    " ninguno esté bajo cero no prueba nada.",
)
FITTED_AGAIN = Text(
    en="CV3 jackknife. The whole model is fitted again without each cluster, with t(G"
    " \N{MINUS SIGN} 1).",
    es="CV3 jackknife. El modelo entero se ajusta de nuevo sin cada conglomerado, con t(G"
    " \N{MINUS SIGN} 1).",
)
NO_MODEL = Text(
    en="{outcome}: no model can be had; the reasons stand in the table.",
    es="{outcome}: no se puede tener ningún modelo; los motivos están en la tabla.",
)
MODELS_SENTENCE = Text(
    en="{outcome}: {apart}; {shares} below zero.", es="{outcome}: {apart}; {shares} bajo cero."
)
APART = Text(
    en="estimates under other models differ from the linear ones by at most {largest} {unit}",
    es="las estimaciones con otros modelos difieren de las lineales en {largest} {unit} como"
    " máximo",
)
NO_OTHER_MODEL = Text(
    en="there is no other model in the unit of the linear one",
    es="no hay otro modelo en la unidad del lineal",
)
NO_SHARE_IS = Text(en="no implied share is", es="ningún porcentaje implicado está")
ONE_SHARE_IS = Text(en="1 implied share is", es="1 porcentaje implicado está")
SHARES_ARE = Text(en="{n} implied shares are", es="{n} porcentajes implicados están")

# Scales
RELIABILITY = Text(
    en="Reliability. Cronbach's alpha and McDonald's omega (one factor) of the standardised"
    " questions, unweighted, over people who answered all of them: they describe answers."
    " Differences between groups and rounds are not tested. Events that need not go together have"
    " none.",
    es="Confiabilidad. Alfa de Cronbach y omega de McDonald (un factor) de las preguntas"
    " estandarizadas, sin ponderar, entre las personas que las respondieron todas: describen las"
    " respuestas. Las diferencias entre grupos y rondas no se someten a prueba. Los hechos que no"
    " tienen que ir juntos no tienen ninguna.",
)
QUESTIONS = Text(
    en="Questions. Each standardised at the comparison group's baseline and turned in the direction"
    " in which it enters the outcome. Under groups and rounds stands its correlation with the sum"
    " of the others, of the same people as the reliabilities. Effects are not adjusted for their"
    " number: read them together, as the index does. One question that moves alone is a change of"
    " that question.",
    es="Preguntas. Cada una estandarizada en la línea de base del grupo de comparación y puesta en"
    " la dirección en que entra al resultado. Bajo grupos y rondas está su correlación con la suma"
    " de las demás, entre las mismas personas que las confiabilidades. Los efectos no se ajustan"
    " por su número: léalos juntos, como lo hace el índice. Una pregunta que se mueve sola es un"
    " cambio de esa pregunta.",
)
SCALE_IS = Text(
    en="{coefficient} is {value} over groups and rounds",
    es="{coefficient} es {value} en los grupos y rondas",
)
SCALE_BETWEEN = Text(
    en="{coefficient} lies between {low} and {high} over groups and rounds",
    es="{coefficient} está entre {low} y {high} en los grupos y rondas",
)
EFFECTS_BETWEEN = Text(
    en="estimates for its {n} questions lie between {low} and {high} SD",
    es="las estimaciones de sus {n} preguntas están entre {low} y {high} DE",
)
ONE_EFFECT = Text(
    en="the estimate for its one question is {low} SD",
    es="la estimación de su única pregunta es {low} DE",
)
NOTHING = Text(
    en="nothing can be had; the reasons stand in the table",
    es="no se puede tener nada; los motivos están en la tabla",
)
