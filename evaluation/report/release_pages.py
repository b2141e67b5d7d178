"""Words of a de-identified release: its README and its risk report, in Markdown."""

from collections.abc import Mapping, Sequence

from evaluation.report import words
from evaluation.spec.release import Release, RiskRow
from evaluation.spec.study import Study

MEASURES = {
    "k_required": "Persons per combination that the rule asks for",
    "persons": "Persons",
    "combinations": "Different combinations",
    "smallest": "Persons in the smallest combination (k)",
    "below": "Persons in combinations of fewer than k",
    "unique": "Persons alone in their combination",
    "in_pairs": "Combinations of two persons",
    "correct_match": "Chance that a unique match is the right person (Skinner and Elliot 2002)",
    "values_blanked": "Persons whose value was blanked",
    "recoded_to": "Recoding: number of wider categories it made",
    "fewest_answers": "Fewest different answers in a group (l)",
    "groups_with_one_answer": "Groups with a single answer",
    "places_found": "Clusters that the comparison finds",
    "places_found_by_guessing": "Clusters that guessing would find",
    "places_with_their_own_number_of_interviews": "Clusters whose number of interviews is their"
    " own (they can be followed between the two files)",
    "estimate": "Primary estimate on these data",
    "std_error": "Its CR1 standard error",
}


def readme(
    study: Study, release: Release, *, files: Mapping[str, int], areas: Sequence[str]
) -> str:
    """What the release is, how it was made and what it must not be used for.

    Parameters
    ----------
    study, release
        The study and its rules.
    files : mapping of str to int
        Rows by file name.
    areas : sequence of str
        Released subregions.
    """
    clusters = study.names.clusters["en"]
    listed = "\n".join(f"- `{name}`: {rows:,} rows" for name, rows in files.items())
    return f"""{_banner(study)}# {study.title["en"]}: de-identified data

{listed}
- `codebook.csv`: variables and outcomes; `risk_report.md` and `risk_report.csv`: what was measured
  of the risk that remains

How the files were made:

- **Ids.** Persons and {clusters} have new ids made by a keyed hash (HMAC-SHA256); the key is not
  here. The two files have different ids, so that their rows cannot be joined. Rows stand in an
  order that the key draws.
- **Left out.** Names, ids, exact dates and times, text, interviewers, positions, everything that
  describes a {study.names.cluster["en"]}, and the variables that the study names.
- **Traits.** {", ".join(f"`{key}`" for key in release.keys)}: as first observed of a person, so
  that they do not change between rounds. At least {release.k} persons share every combination of
  them and of the rounds a person was seen in; a blank counts as a value. Age in bands. Categories
  were widened in declared steps, then as few single values as possible were blanked
  (never the subregion: the rest of a {study.names.cluster["en"]} would show it).
- **Subregions** are joined until each has at least {release.places_per_arm} {clusters} in every
  arm: {", ".join(areas)}.
- **Sensitive items**, and outcomes made of them, stand in the file `sensitive.csv` with arm and
  round only.
- **Weights.** Within arm and subregion, groups of at least {release.places_per_arm} {clusters} of
  similar size share their mean weight; then mean one within arm and round, noise of up to 5%, two
  decimals. Totals of the population cannot be computed from them.
- **Outcomes** and indices are those of the study, not made again from the released items.

What remains: somebody who knows the arm, or which `place` a person lives in, sees smaller groups
than {release.k}; and the released mix of traits points to some of the {clusters}.
`risk_report.md` says how many.

Do not try to find out who or where somebody is, and do not join these files with others to that
end. Nothing here describes a single {study.names.cluster["en"]}: estimates by `place` mean nothing.

{_banner(study)}"""


def risk_page(rows: Sequence[RiskRow], study: Study) -> str:
    """The risk report as one Markdown table: each measure before and after protection."""
    values: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in rows:
        values.setdefault((row.file, row.measure, row.subject), {})[row.stage] = row.value
    lines = [
        f"| {file} | {MEASURES[measure]} | {subject} | {_number(found.get('before'))} |"
        f" {_number(found.get('after'))} |"
        for (file, measure, subject), found in values.items()
    ]
    head = "| file | measure | of | before | after |\n| --- | --- | --- | ---: | ---: |\n"
    return f"""{_banner(study)}# Risk report: {study.title["en"]}

Before: all variables in one file, age in five-year bands, subregions already joined. After: as
released. A combination is what is shown of a person's key variables and the rounds seen; "keys in"
a round leaves the other round aside, "keys and arm" is for somebody who knows the person's arm as
well: there k is reported, not promised.

The chance of a correct match is f n1 / (f n1 + 2 (1 - f) n2), with n1 persons alone in their
combination, n2 combinations of two and the sampling fraction f; zero where nobody is alone.

A comparison orders the {study.names.clusters["en"]} of one arm and subregion by a released mean and
by what is known of them, and matches the nearest.

{head}{chr(10).join(lines)}

{_banner(study)}"""


def _banner(study: Study) -> str:
    return f"> **{words.banner(study.mark, 'en')}**\n\n" if study.mark else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}" if value % 1 else f"{value:,.0f}"
