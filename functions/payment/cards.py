"""Card numbers: what looks like one is refused, wherever in a request it is, and never repeated."""

import re
from collections.abc import Iterable

# 13 to 19 digits, as people group them; what surrounds them is looked at below.
_DIGITS = re.compile(r"(?<!\d)\d(?:[ .-]?\d){12,18}(?!\d)")
# One identifier in hexadecimal of some thousand holds a passing run of digits; cards, no letters.
_IDENTIFIER = re.compile(r"(?=[0-9-]*[A-Fa-f])(?:[0-9A-Fa-f]-?){32,}(?![0-9A-Fa-f])")


def holds_card(value: object) -> bool:
    """Say whether *value*, or anything in it, looks like a card number."""
    return any(_looks_like_card(text) for text in _texts(value))


def _looks_like_card(text: str) -> bool:
    rest = _IDENTIFIER.sub("-", text)
    return any(_luhn(match[0]) for match in _DIGITS.finditer(rest))


def _luhn(text: str) -> bool:
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _texts(value: object) -> Iterable[str]:
    """Yield every text and number in a decoded JSON value, names included."""
    match value:
        case dict():
            for name, inner in value.items():
                yield name
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case str() | int() | float():
            yield str(value)
        case _:
            return
