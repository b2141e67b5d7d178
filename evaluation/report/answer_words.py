"""Notes and sentences of the tables of answers, models and scales, in English and Spanish."""

from evaluation.spec.load import Text

# Shares of answers
PLACE_HEAD = Text(en="{arm}, {round}, %", es="{arm}, {round}, %")
VALUE = Text(en="{value}: {label}", es="{value}: {label}")
SHARES = Text(
    en="Shares. Weighted as the difference-in-differences; those of one question, group and"
    " round sum to"
    " 100.",
    es="Porcentajes. Ponderados como las diferencias en diferencias; los de una pregunta,"
    " grupo y ronda"
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

# Scales
RELIABILITY = Text(
    en="Reliability. Cronbach's alpha and McDonald's omega (one factor) of the standardised"
    " questions, unweighted, over people who answered all of them: they describe answers."
    " Differences between groups and rounds are not tested. Events that need not go together have"
    " none; of two questions their correlation says as much.",
    es="Confiabilidad. Alfa de Cronbach y omega de McDonald (un factor) de las preguntas"
    " estandarizadas, sin ponderar, entre las personas que las respondieron todas: describen las"
    " respuestas. Las diferencias entre grupos y rondas no se someten a prueba. Los hechos que no"
    " tienen que ir juntos no tienen ninguna; de dos preguntas, su correlación dice lo mismo.",
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
