"""What a finding must say for the plausible kinds to count as reported; written after their rules.

The damages were written first and have not changed. A kind that the data cannot show has its
reason here.
"""

from dataclasses import replace

from tests.faults.kinds import whole_design, whole_kinds
from tests.faults.whole import TRIAL, Plausible

TIES = ("loose-item", "exchanged-items", "reversed-scale")
MOVED = ("shifted-columns", "loose-item", "skip-violation", "codes-exchanged", "changed-over-time")
PEOPLE = ("changed-over-time", "codes-exchanged", "unrelated-people", "duplicate-id",
          "cluster-changed")  # fmt: skip
RULES: dict[str, tuple[str, ...]] = {
    "item-empty": ("empty-item",),
    "item-half-empty": ("silent-stretch",),
    "item-fifth-empty": ("silent-stretch",),
    "item-third-lost": ("more-silence",),
    "neighbour-copied": ("copied-item",),
    "item-sorted": ("sorted-item",),
    "item-end-sorted": ("sorted-item",),
    "item-mixed": TIES,
    "item-one-down": MOVED,
    "item-constant-end": ("constant-stretch", "sorted-item", "filled-down"),
    "headers-exchanged": TIES,
    # where a skip rule breaks, the stage stops with its errors, which name the question that it
    # looks at: one of the two
    "yes-no-exchanged": (*TIES, "skip-violation"),
    "three-rotated": TIES,
    "headers-exchanged-half": TIES,
    "block-one-down": (*MOVED, "unrelated-people"),
    "block-of-five-down": MOVED,
    "interviewer-turned": ("turned-by-interviewer", "interviewer-effect"),
    "battery-turned": ("turned-by-interviewer", "interviewer-effect"),
    "one-age": ("one-answer", "changed-over-time"),
    "one-answer": ("one-answer", "end-code-unused"),
    "weights-sorted": ("sorted-item",),
    "ids-within-place": PEOPLE,
    "ids-within-place-half": PEOPLE,
    "ids-thirty-pairs": PEOPLE,
    "sex-turned-398": ("changed-over-time",),
    "sex-turned-all": ("codes-exchanged", "changed-over-time"),
    "ethnicity-exchanged": ("codes-exchanged",),
    "ten-years-older": ("changed-over-time",),
    "traits-one-down": ("codes-exchanged", "changed-over-time", "out-of-range"),
    "places-exchanged": ("cluster-changed",),
    "ids-fullwidth": ("lookalike-id",),
    "ids-one-fullwidth": ("lookalike-id",),
    "ids-arabic-digits": ("lookalike-id",),
    "ids-cyrillic": ("lookalike-id",),
    "labels-missing": ("label-missing",),
    "variable-labels-exchanged": ("variable-label",),
    "arms-exchanged": ("same-as", "cohort-contradiction"),
    "arms-rotated": ("same-as",),
    "arm-flipped": ("same-as", "cohort-contradiction", "block-composition"),
    "arms-mixed": ("same-as", "block-composition"),
    "arms-within-blocks": ("same-as",),
    "arms-sorted": ("same-as", "block-composition"),
    "arm-code-flipped": ("same-as",),
    "blocks-mixed": ("same-as", "block-composition"),
    "blocks-exchanged": ("same-as", "block-composition"),
    "analysis-arm-flipped": ("same-as",),
    "analysis-blocks-mixed": ("same-as",),
    "arm-and-cohort": ("odd-block",),
    "survey-arm-differs": ("arm-contradiction",),
    "survey-arm-exchanged": ("tells-arm",),
    "series-cumulative": ("series-cumulative",),
    "series-cumulative-year": ("series-cumulative",),
    "series-last-year-zero": ("series-zeros",),
    "series-last-half-zero": ("series-zeros",),
    "series-population-x10": ("series-denominator", "out-of-range"),
    "series-population-x10-place": ("series-denominator", "out-of-range"),
    "series-population-x10-quarter": ("series-denominator", "out-of-range"),
    "series-counts-x10-quarter": ("series-level-break",),
    "series-headers": ("series-exchanged",),
    "series-headers-late": ("series-level-break",),
    "series-sorted": ("sorted-item",),
    "series-one-down": (),
    "series-mixed": ("series-without-places",),
    "series-places": ("series-denominator",),
}
# by kind, or by kind and study
UNDECIDABLE = {
    "series-one-down": "a series a quarter late is a possible series; of each place only the first"
    " cell is another's",
    f"ids-within-place-half:{TRIAL}": "the public files hold no trait, and half of the people still"
    " answer as before: that a panel's answers go together less is no contradiction",
    f"ids-thirty-pairs:{TRIAL}": "the public files hold no trait by which sixty people would show",
}
# Seeds that draw two items which the data hardly tell apart, by kind.
TWINS = {
    (f"headers-exchanged-half:{TRIAL}", 1): "good service of the police, and that it takes a case"
    " seriously: one scale, means a tenth apart, a correlation of 0.6, and the same ones with all"
    " others; the log odds of an exchange are 17 against the other round and 7 against the rest of"
    " the file, where 30 are needed",
}
KINDS: tuple[Plausible, ...] = tuple(
    replace(
        kind,
        rules=RULES[kind.id.partition(":")[0]],
        undecidable=UNDECIDABLE.get(kind.id, UNDECIDABLE.get(kind.id.partition(":")[0], "")),
    )
    for kind in (*whole_kinds.KINDS, *whole_design.KINDS)
)
