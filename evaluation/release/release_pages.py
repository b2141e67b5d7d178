"""Words of a de-identified release: its README and its risk report, in Markdown."""

from collections.abc import Mapping, Sequence

from evaluation.report.formats import words
from evaluation.study.release_rules import Release, RiskRow
from evaluation.study.study import Study

MEASURES = {
    "k_required": "Persons per combination that the rule asks for",
    "persons": "Persons",
    "combinations": "Different combinations",
    "smallest": "Persons in the smallest combination (k)",
    "below": "Persons in combinations of fewer than k",
    "unique": "Persons alone in their combination",
    "in_pairs": "Combinations of two persons",
    "correct_match": "Chance that a unique match is the right person (Skinner and Elliot 2002)",
    "expected_matches": "Persons whom somebody who knows everybody's traits is expected to find"
    " (Benedetti and Franconi 1998)",
    "population_uniques": "Persons expected to be alone in the population with their combination",
    "values_blanked": "Persons whose value was blanked",
    "recoded_to": "Recoding: number of wider categories it made",
    "fewest_answers": "Fewest different answers in a group (l)",
    "groups_with_one_answer": "Groups with a single answer",
    "combinations_of_one_place": "Combinations whose persons all live in one cluster",
    "fewest_respondents": "Fewest respondents behind a number",
    "places_found": "Clusters that the comparison would find if rows told them apart",
    "places_found_by_guessing": "Clusters that guessing would find",
    "estimate": "Primary estimate on these data",
    "std_error": "Its CR1 standard error by cluster",
    "std_error_by_arm_and_subregion": "Its CR1 standard error by arm and subregion",
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

- **Ids and order.** Persons have new ids made by a keyed hash (HMAC-SHA256); the key is not here.
  Rows stand in an order that the key draws. No file names a {study.names.cluster["en"]}, not by a
  new id either.
- **Left out.** Names, ids, dates, months and times, text, interviewers, positions, everything that
  describes a {study.names.cluster["en"]}, and the variables that the study names.
- **Traits.** {", ".join(f"`{key}`" for key in release.keys)}: as first observed of a person, so
  that they do not change between rounds. Age in bands. Categories were widened in declared steps,
  then single values were blanked. At least {release.k} persons share everything that `panel.csv`
  shows of a person beside answers: traits, arm, the rounds a person was seen in, and weights. A
  blank counts as a value.
- **Subregions** are joined until each has at least {release.places_per_arm} {clusters} in every
  arm: {", ".join(areas)}.
- **Sensitive items**, and outcomes made of them, are not released by person. `sensitive.csv` holds
  one weighted percentage or mean by arm and round, of at least 30 respondents; never 0% or 100%,
  and none where fewer than {release.k} respondents answered otherwise than most. An item of which
  one number fails is left out as a whole.
- **Weights.** Every {study.names.cluster["en"]} counts the same; then all persons who show the same
  share their mean, to one decimal. Totals of the population cannot be computed from them.
- **Outcomes** and indices are those of the study, not made again from the released items.

What cannot be done: standard errors by {study.names.cluster["en"]}. The smallest groups of clusters
are arm by subregion; `risk_report.md` compares the primary estimates.

What remains: k counts traits, arm, rounds and weights, not answers. Somebody who knows how a person
answered other questions, or what befell them, sees smaller groups. Persons who share a combination
may all live in one {study.names.cluster["en"]}, and a mix of traits may tell which;
`risk_report.md` says how many combinations that is.

Do not try to find out who or where somebody is, and do not join these files with others to that
end.

{_banner(study)}"""


def risk_page(rows: Sequence[RiskRow], study: Study) -> str:
    """The risk report as one Markdown table: each measure before and after protection."""
    values: dict[tuple[str, str, str], dict[str, RiskRow]] = {}
    for row in rows:
        values.setdefault((row.file, row.measure, row.subject), {})[row.stage] = row
    lines = [
        f"| {file} | {MEASURES[measure]} | {subject} | {_value(found.get('before'))} |"
        f" {_value(found.get('after'))} |"
        for (file, measure, subject), found in values.items()
    ]
    head = "| file | measure | of | before | after |\n| --- | --- | --- | ---: | ---: |\n"
    return f"""{_banner(study)}# Risk report: {study.title["en"]}

Before: all variables in one file, age in five-year bands, subregions already joined. After: as
released. A combination is what is shown of a person's key variables, arm and rounds seen; weights
add nothing, since they are the same within a combination. "In" a round leaves the other aside.

The chance of a correct match is f n1 / (f n1 + 2 (1 - f) n2), with n1 persons alone in their
combination, n2 combinations of two and the sampling fraction f; zero where nobody is alone.

The persons expected to be found use the weights of each combination: of f persons whose weights
sum to W, the population holds f plus a negative binomial number with p = f / W, and a guess is
right once in as many as there are. Where the weights do not count people, the reason stands there.

A comparison orders the {study.names.clusters["en"]} of one arm and subregion by a mean of their
rows and by what is known of them, and matches the nearest: why no row says which
{study.names.cluster["en"]} it belongs to.

The sensitive table is one number by arm, round and item, without rows of persons. Its answers are
those behind the numbers.

Two releases of the same people under two keys cannot be joined by their ids, but they can by their
answers, since a hundred answers are as unique as a name: a second release must be made from the
rows of the first, or not at all.

{head}{chr(10).join(lines)}

{_banner(study)}"""


def _banner(study: Study) -> str:
    return f"> **{words.banner(study.mark, 'en')}**\n\n" if study.mark else ""


def _value(row: RiskRow | None) -> str:
    if row is None:
        return ""
    return f"not estimated: {row.reason}" if row.reason else _number(row.value)


def _number(value: float) -> str:
    return f"{value:,.4g}" if value % 1 else f"{value:,.0f}"
