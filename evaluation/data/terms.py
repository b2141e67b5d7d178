"""What the clean data are called, and under which terms they may be used, in both languages."""

from evaluation.locale.messages import wording
from evaluation.spec.load import Text
from evaluation.spec.study import BLINDED, SYNTHETIC, Study


def title(study: Study) -> Text:
    """Title of the study with its mark before it."""
    before = f"{study.mark}: " if study.mark else ""
    return Text(en=f"{before}{study.title.en}", es=f"{before}{study.title.es}")


def description(study: Study) -> Text:
    """What the marks say, if there are any, and the question of the study."""
    said = [
        Text.of(f"terms.description.{mark}")
        for mark in (SYNTHETIC, BLINDED)
        if mark in study.mark.split()
    ]
    return Text(
        en=" ".join([*(text.en for text in said), study.question.en]),
        es=" ".join([*(text.es for text in said), study.question.es]),
    )


def access(study: Study) -> Text:
    """Who may use the clean data: as declared, or what holds where nothing is declared."""
    if study.archive is not None and study.archive.access is not None:
        return study.archive.access
    return Text.of("terms.free" if study.synthetic else "terms.closed")


def licence(study: Study) -> dict[str, str]:
    """Licence of the clean data as Data Package writes one: an id, a title, an address."""
    if study.synthetic:
        return {
            "name": "CC-BY-4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
            "title": wording("terms.free", "en"),
            "title_es": wording("terms.free", "es"),
        }
    # ids of the Open Definition's list: terms are declared in words, or nothing is granted
    declared = study.archive is not None and study.archive.access is not None
    name = "notspecified" if declared else "other-closed"
    return {"name": name, "title": access(study).en, "title_es": access(study).es}
