"""What the clean data are called, and under which terms they may be used, in both languages."""

from evaluation.spec.load import Text
from evaluation.spec.study import BLINDED, SYNTHETIC, Study

DESCRIPTIONS = {
    SYNTHETIC: Text(
        en="SYNTHETIC DATA, invented for demonstration: they say nothing about real people or"
        " places and are not to be cited.",
        es="DATOS SINTÉTICOS, inventados para demostración: nada dicen de personas o lugares"
        " reales y no se deben citar.",
    ),
    BLINDED: Text(
        en="BLINDED: treatment is scrambled between places until the plan is locked, so no result"
        " can be read from these data.",
        es="CEGADO: la intervención está revuelta al azar entre lugares hasta que se fije el plan;"
        " de estos datos no se puede leer ningún resultado.",
    ),
}
FREE = Text(
    en="Invented data, free to use under CC BY 4.0; not to be cited as results.",
    es="Datos inventados, de uso libre bajo CC BY 4.0; no se deben citar como resultados.",
)
CLOSED = Text(
    en="Answers of single persons: no licence is granted. The data's owners decide on access and"
    " terms.",
    es="Respuestas de personas individuales: no se otorga licencia. Quienes son titulares de los"
    " datos deciden sobre el acceso y las condiciones.",
)


def title(study: Study) -> Text:
    """Title of the study with its mark before it."""
    before = f"{study.mark}: " if study.mark else ""
    return Text(en=f"{before}{study.title.en}", es=f"{before}{study.title.es}")


def description(study: Study) -> Text:
    """What the marks say, if there are any, and the question of the study."""
    said = [text for mark, text in DESCRIPTIONS.items() if mark in study.mark.split()]
    return Text(
        en=" ".join([*(text.en for text in said), study.question.en]),
        es=" ".join([*(text.es for text in said), study.question.es]),
    )


def access(study: Study) -> Text:
    """Who may use the clean data: as declared, or what holds where nothing is declared."""
    if study.archive is not None and study.archive.access is not None:
        return study.archive.access
    return FREE if study.synthetic else CLOSED


def licence(study: Study) -> dict[str, str]:
    """Licence of the clean data as Data Package writes one: an id, a title, an address."""
    if study.synthetic:
        return {
            "name": "CC-BY-4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
            "title": FREE.en,
            "title_es": FREE.es,
        }
    # ids of the Open Definition's list: terms are declared in words, or nothing is granted
    declared = study.archive is not None and study.archive.access is not None
    name = "notspecified" if declared else "other-closed"
    return {"name": name, "title": access(study).en, "title_es": access(study).es}
