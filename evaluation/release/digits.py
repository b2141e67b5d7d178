"""When two machines have the same number: rounded to the digits that a release holds.

Linear algebra differs in the last bits between processors. What was rebuilt is rounded as the
release is. Where the two differ then, they are neighbours and what was rebuilt lies on the boundary
between them; any other last digit is another number.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

# Significant digits of a release: of one of persons, and of any other.
FEW, MANY = 4, 9
# How near to the boundary, as a share of it; and what counts as zero.
NEAR, ZERO = Decimal("1e-9"), Decimal("1e-12")


def digits_held(cells: Iterable[str]) -> int:
    """How many significant digits the decimals of a release have: four or nine.

    Parameters
    ----------
    cells : iterable of str
        Of its tables.
    """
    held = max((_length(cell) for cell in cells if "." in cell), default=MANY)
    return MANY if held > FEW else FEW


def _length(cell: str) -> int:
    number = _number(cell)
    return 0 if number is None else len(number.normalize().as_tuple().digits)


def same_number(
    ours: str, theirs: str, digits: int = MANY, counted: Counter[str] | None = None
) -> bool:
    """Whether two cells say the same: the same text, or the same number.

    Parameters
    ----------
    ours, theirs : str
        What was rebuilt, and what a release has.
    digits : int
        Significant digits that the release holds.
    counted : Counter or None
        Counts under ``rounded`` and ``boundary`` how often texts differed and why they agree.
    """
    if ours == theirs:
        return True
    left, right = _number(ours), _number(theirs)
    if left is None or right is None:
        return False
    why = _agreement(left, right, Context(prec=digits, rounding=ROUND_HALF_EVEN))
    if why and counted is not None:
        counted[why] += 1
    return bool(why)


def _agreement(ours: Decimal, theirs: Decimal, context: Context) -> str:
    one, other = context.plus(ours), context.plus(theirs)
    if one == other or max(abs(ours), abs(theirs)) <= ZERO:
        return "rounded"
    boundary = (one + other) / 2
    near = abs(ours - boundary) <= NEAR * abs(boundary)
    return "boundary" if near and other in (context.next_plus(one), context.next_minus(one)) else ""


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
