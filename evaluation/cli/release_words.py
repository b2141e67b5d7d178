"""The page that says what a release holds and what it goes without, in its languages."""

from collections.abc import Mapping

from evaluation.locale.messages import wording
from evaluation.report.words import banner
from evaluation.spec.study import Study


def page(study: Study, prints: Mapping[str, str], *, public: str) -> str:
    """What a release holds, in each language of the study, in Markdown.

    Parameters
    ----------
    study : Study
        What is released; a mark of invented data stands below its title.
    prints : mapping
        State of the prints by language.
    public : str
        State of the public data.
    """
    return "\n".join(_part(study, language, state, public) for language, state in prints.items())


def _part(study: Study, language: str, prints: str, public: str) -> str:
    lines = (
        "release.site",
        "release.prints" if prints == "current" else "release.no-prints",
        "release.tables",
        "release.records",
        "release.data" if public == "current" else "release.no-data",
        "release.sums",
    )
    listed = "".join(f"- {wording(line, language, language=language)}\n" for line in lines)
    mark = f"> **{banner(study.mark, language)}**\n\n" if study.mark else ""
    return f"# {study.title[language]}\n\n{mark}{listed}"
