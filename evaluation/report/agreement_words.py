"""Templates of the robustness table: its notes, and the sentence that counts its rows."""

from evaluation.spec.load import Text

PRIMARY = Text(
    en="{label}: the primary verdict is {verdict}.",
    es="{label}: el veredicto primario es «{verdict}».",
)
SAME = Text(
    en="{n} rows ask the primary question with an estimate of their own: {agree}, and their"
    " estimates lie between {ends}.",
    es="{n} filas hacen la pregunta primaria con una estimación propia: {agree}, y sus estimaciones"
    " están entre {ends}.",
)
SAME_ONE = Text(
    en="{n} row asks the primary question with an estimate of its own: {agree}, and their estimates"
    " lie between {ends}.",
    es="{n} fila hace la pregunta primaria con una estimación propia: {agree}, y su estimación está"
    " entre {ends}.",
)
OTHERS = Text(
    en="Of {n} other rows (other weights, some of the people or of the treated places only, or an"
    " estimate that stands in another row already) {agree}.",
    es="De otras {n} filas (otras ponderaciones, solo algunas de las personas o de los lugares de"
    " intervención, o una estimación que ya está en otra fila) {agree}.",
)
OTHERS_ONE = Text(
    en="Of {n} other row (other weights, some of the people or of the treated places only, or an"
    " estimate that stands in another row already) {agree}.",
    es="De {n} fila más (otras ponderaciones, solo algunas de las personas o de los lugares de"
    " intervención, o una estimación que ya está en otra fila) {agree}.",
)
ABSENT = Text(
    en="{n} rows cannot be shown; their reasons stand in the table.",
    es="{n} filas no se pueden mostrar; sus motivos están en la tabla.",
)
ABSENT_ONE = Text(
    en="{n} row cannot be shown; its reason stands in the table.",
    es="{n} fila no se puede mostrar; su motivo está en la tabla.",
)
NONE_AGREES = Text(en="none gives the same verdict", es="ninguna da el mismo veredicto")
ALL_AGREE = Text(en="all give the same verdict", es="todas dan el mismo veredicto")
ONE_AGREES = Text(en="{n} give the same verdict", es="{n} da el mismo veredicto")
SOME_AGREE = Text(en="{n} give the same verdict", es="{n} dan el mismo veredicto")
ENDS = Text(en="{low} and {high} {unit}", es="{low} y {high} {unit}")

AGREEMENT = Text(en="Agreement", es="Coincidencia")
COUNTED = Text(
    en="Only rows of the primary question are counted for or against the primary verdict: the same"
    " estimand, every treated place of the primary estimate, all people interviewed, and an"
    " estimate that no other row has. The downloads say of each row what it asks.",
    es="Solo cuentan a favor o en contra del veredicto primario las filas de la pregunta primaria:"
    " el mismo efecto que se busca estimar, todos los lugares de intervención de la estimación"
    " primaria, todas las personas entrevistadas y una estimación que no tenga ninguna otra fila."
    " Los archivos para descargar dicen qué pregunta cada fila.",
)
WHAT_IS_LEFT_OUT = Text(en="what each row leaves out", es="lo que excluye cada fila")
JACKKNIFE = Text(en="Jackknife", es="Jackknife")
REPEATED = Text(
    en="Where weights are estimated or the model is not linear, the whole estimator is repeated"
    " without each cluster, with t(G \N{MINUS SIGN} 1): {checks}.",
    es="Donde las ponderaciones se estiman o el modelo no es lineal, se repite todo el estimador"
    " sin cada conglomerado, con t(G \N{MINUS SIGN} 1): {checks}.",
)
HELD_FIXED = Text(en="Weights held fixed", es="Ponderaciones fijas")
MADE_ONCE = Text(
    en="{checks}: the weights that give each stratum of the comparison group the treatment group's"
    " share are made once and not again in each bootstrap draw and jackknife repetition.",
    es="{checks}: las ponderaciones que dan a cada estrato del grupo de comparación la proporción"
    " del grupo de intervención se calculan una vez y no de nuevo en cada réplica del bootstrap ni"
    " en cada repetición del jackknife.",
)
SUPPRESSED_TOO = Text(en="Suppressed too", es="También suprimido")
GIVEN_AWAY = Text(
    en="Rows that leave out so few {clusters} of a group, or so few respondents: the primary"
    " estimate and such a row together would give their answers away.",
    es="Filas que excluyen tan pocos {clusters} de un grupo, o tan pocas personas, que junto con la"
    " estimación primaria revelarían sus respuestas.",
)
