"""Notes and sentences of the tables of spillover and composition, in two languages."""

from evaluation.spec.load import Text

# Spillover
RINGS = Text(
    en="Rings. Comparison places by their distance to the nearest treated place. Each ring gets a"
    " change of its own against comparison places outside all rings; a change that is not zero may"
    " be spillover, or a shock of those places. The effect is then read against the places outside"
    " the rings only, which are assumed not to have been reached (Butts 2021).",
    es="Anillos. Lugares de comparación por su distancia al lugar de intervención más cercano. Cada"
    " anillo tiene un cambio propio frente a los lugares de comparación fuera de todos los anillos;"
    " un cambio distinto de cero puede ser un efecto de derrame, o un choque de esos lugares. El"
    " efecto se lee entonces solo frente a los lugares fuera de los anillos, a los que se supone"
    " que no se llegó (Butts 2021).",
)
RULE = Text(
    en="Rule. Where fewer than six comparison places stay outside, or all of them in one subregion,"
    " rows are not informative by rule: a shock of so few places would be read as the programme's"
    " effect.",
    es="Regla. Donde quedan fuera menos de seis lugares de comparación, o todos en una misma"
    " subregión, las filas no son informativas por regla: un choque de tan pocos lugares se leería"
    " como efecto del programa.",
)
NOT_COVERED = Text(
    en="Not covered. Spillover between treated places, and to places beyond the last ring. Rows are"
    " not adjusted for their number.",
    es="Lo que no cubre. Efectos de derrame entre lugares de intervención, y hacia lugares más"
    " allá del último anillo. Las filas no están ajustadas por su número.",
)
NOT_TOLD = Text(
    en="{outcome}: spillover cannot be told from shocks here; the reasons stand in the table.",
    es="{outcome}: aquí un efecto de derrame no se puede distinguir de un choque; los motivos"
    " están en la tabla.",
)
ONE_RING_MOVED = Text(
    en="{outcome}: {moved} of {n} intervals for a ring's own change excludes zero; against the"
    " {against} comparison {clusters} outside the rings the effect is {effect} ({level} interval"
    " {interval}).",
    es="{outcome}: de {n} intervalos del cambio propio de un anillo, {moved} excluye el cero;"
    " frente a los {against} {clusters} de comparación fuera de los anillos el efecto es de"
    " {effect} (intervalo del {level}: {interval}).",
)
RINGS_MOVED = Text(
    en="{outcome}: {moved} of {n} intervals for a ring's own change exclude zero; against the"
    " {against} comparison {clusters} outside the rings the effect is {effect} ({level} interval"
    " {interval}).",
    es="{outcome}: de {n} intervalos del cambio propio de un anillo, {moved} excluyen el cero;"
    " frente a los {against} {clusters} de comparación fuera de los anillos el efecto es de"
    " {effect} (intervalo del {level}: {interval}).",
)

# Composition
COVARIATES = Text(
    en="Covariates. The primary regression with a covariate in the place of the outcome: its change"
    " in the treatment group less that in the comparison group, among the people interviewed."
    " Intervals by the cluster jackknife, not adjusted for their number; the joint test leaves one"
    " answer of each question out, and what the design holds fixed in every cluster.",
    es="Covariables. La regresión primaria con una covariable en lugar del resultado: su cambio en"
    " el grupo de intervención menos su cambio en el de comparación, entre las personas"
    " entrevistadas. Intervalos por jackknife de conglomerados, sin ajustar por su número; la"
    " prueba conjunta deja por fuera una respuesta de cada pregunta y lo que el diseño mantiene"
    " fijo en cada conglomerado.",
)
READING = Text(
    en="Reading. A difference is no mistake of the interviews by itself: the programme, or the war,"
    " may have moved people. That no covariate moved does not say that nothing unmeasured did.",
    es="Lectura. Una diferencia no es por sí misma un error de las entrevistas: el programa, o la"
    " guerra, pueden haber movido a las personas. Que ninguna covariable se haya movido no dice que"
    " no se moviera algo que no se midió.",
)
MIX = Text(en="Mix held fixed", es="Composición fija")
MIX_IS = Text(
    en="Composition of the treatment group at endline: the other groups and rounds are reweighted"
    " to it (Sant'Anna and Xu 2023). Composition of the baseline: another question, the effect on"
    " people as they were then. The jackknife balances again without each cluster.",
    es="Composición del grupo de intervención en línea final: los otros grupos y rondas se"
    " reponderan a ella (Sant'Anna y Xu 2023). Composición de la línea de base: otra pregunta, el"
    " efecto en las personas como eran entonces. El jackknife repondera de nuevo sin cada"
    " conglomerado.",
)
MIX_COSTS = Text(
    en="After it the interviews of each group and round count like at least {share} of their number"
    " with equal weights.",
    es="Después, las entrevistas de cada grupo y ronda cuentan como al menos el {share} de su"
    " número con pesos iguales.",
)
NOT_TESTED = Text(
    en="Whether the people interviewed changed differently cannot be tested here.",
    es="Aquí no se puede probar si las personas entrevistadas cambiaron de forma distinta.",
)
CHANGED = Text(
    en="The people interviewed changed differently in the two groups: all covariates at once, p ="
    " {p}; {away} of {n} intervals of single covariates exclude zero{named}.",
    es="Las personas entrevistadas cambiaron de forma distinta en los dos grupos: todas las"
    " covariables a la vez, p = {p}; intervalos de covariables sueltas que excluyen el cero: {away}"
    " de {n}{named}.",
)
NOT_CHANGED = Text(
    en="No difference between the groups' changes in who was interviewed stands out from chance:"
    " all covariates at once, p = {p}; {away} of {n} intervals of single covariates exclude"
    " zero{named}.",
    es="Ninguna diferencia entre los cambios de los grupos en quiénes fueron entrevistados"
    " sobresale del azar: todas las covariables a la vez, p = {p}; intervalos de covariables"
    " sueltas que excluyen el cero: {away} de {n}{named}.",
)
