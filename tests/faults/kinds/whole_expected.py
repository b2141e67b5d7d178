"""What a finding must say for the plausible kinds to count as reported; written after their rules.

The damages were written first and have not changed. A kind that the data cannot show has its
reason here.
"""

from dataclasses import replace

from tests.faults.damage import EXPECTED
from tests.faults.kinds import whole_design, whole_kinds
from tests.faults.whole import TRIAL, Plausible

RULES: dict[str, list[str]] = EXPECTED["whole"]
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
        rules=tuple(RULES[kind.id.partition(":")[0]]),
        undecidable=UNDECIDABLE.get(kind.id, UNDECIDABLE.get(kind.id.partition(":")[0], "")),
    )
    for kind in (*whole_kinds.KINDS, *whole_design.KINDS)
)
