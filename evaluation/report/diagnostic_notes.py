"""Templates of the notes and sentences of the table of diagnostics, in English and Spanish."""

from evaluation.spec.load import Text

READING = Text(en="Reading", es="Lectura")
NO_TEST = Text(
    en="None of these numbers is a test of the result. They say on how many {clusters} it rests,"
    " how unequally, and what it would have been without some of them. No place is named, and of"
    " estimates without a place the quartiles only are told: an extreme would give back what one"
    " place alone answered.",
    es="Ninguno de estos números es una prueba del resultado. Dicen en cuántos {clusters} se apoya,"
    " qué tan desigual es ese apoyo y cuál habría sido el resultado sin algunos de ellos. No se"
    " nombra ningún lugar, y de las estimaciones sin un lugar solo se dan los cuartiles: un extremo"
    " revelaría lo que respondió un solo lugar.",
)
EFFECTIVE = Text(en="Effective clusters", es="Conglomerados efectivos")
TWO_MEASURES = Text(
    en="Two measures, and CR2's degrees of freedom a third; they answer different questions and"
    " need not agree.",
    es="Dos medidas, y los grados de libertad de CR2 son una tercera; responden preguntas distintas"
    " y no tienen que coincidir.",
)
DISAGREE = Text(en="Disagree", es="Discrepancia")
ALL_ALIKE = Text(
    en="All inference methods with a p-value count alike, randomisation inference too; adjusted p"
    " does not enter.",
    es="Todos los métodos de inferencia que dan un valor p cuentan igual, también la inferencia por"
    " aleatorización; el p ajustado no entra.",
)
SIGN_KEPT = Text(
    en="{label}: with one {cluster} left out at a time the middle half of the estimates lies"
    " between {low} and {high} {unit}; its sign never changes.",
    es="{label}: al excluir un {cluster} a la vez, la mitad central de las estimaciones está entre"
    " {low} y {high} {unit}; el signo nunca cambia.",
)
SIGN_CHANGES = Text(
    en="{label}: with one {cluster} left out at a time the middle half of the estimates lies"
    " between {low} and {high} {unit}; its sign changes without {n} of them.",
    es="{label}: al excluir un {cluster} a la vez, la mitad central de las estimaciones está entre"
    " {low} y {high} {unit}; el signo cambia sin {n} de ellos.",
)
