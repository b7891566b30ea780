"""Amounts as people type them: 1.234,56 and 1,234.56 and 1 234."""
import re
from decimal import Decimal

LONGEST = 20
_WHOLE = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(?:[,.][0-9]{3}){1,3}")
_DECIMALS = re.compile(r"[0-9]{1,3}")


def parse_amount(text: str) -> Decimal | None:
    """The amount, or None where the text is none. The last of comma and point parts the decimals,
    of which there are three at most; a mark that comes more than once, or alone before three
    digits, parts thousands."""
    bare = re.sub(r"[\s'’€$£]", "", text[: LONGEST + 1])
    comma, point = bare.rfind(","), bare.rfind(".")
    mark = "," if comma > point else "."
    whole, _mark, decimals = bare.rpartition(mark)
    if bare.count(mark) != 1 or (len(decimals) == 3 and min(comma, point) < 0):
        whole, decimals = bare, "0"
    is_amount = _WHOLE.fullmatch(whole) and _DECIMALS.fullmatch(decimals)
    if not is_amount or len(bare) > LONGEST:
        return None
    return Decimal(f"{re.sub('[,.]', '', whole)}.{decimals}")
