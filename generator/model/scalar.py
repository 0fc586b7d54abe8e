"""Unquoted YAML scalars: YAML 1.2's core types, minus what YAML 1.1 tools read differently.

A blueprint is read by editors and other tools too. A word whose type depends on the tool is
refused, with both ways to say what was meant.
"""

import datetime as dt
import re
from collections.abc import Callable

Scalar = str | int | float | bool | dt.date | None


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a day of the calendar") from None


_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TYPES: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (re.compile(r"[-+]?(0|[1-9][0-9]{0,17})"), int),
    (re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}"), float),
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), _date),
)
_SOMETIMES_BOOL = frozenset(("y", "n", "yes", "no", "on", "off"))
_STARTS_OF_NUMBERS = frozenset("+-.0123456789")
_SOMETIMES_NUMBER = re.compile(
    r"[-+]?0[0-9_]+|[-+]?0[xob][0-9a-f_]+"  # 012, 0o17, 0x1F
    r"|[-+]?[0-9][0-9_,]*(\.[0-9_]*)?(e[-+]?[0-9]+)?"  # 1_000, 1e3
    r"|[-+]?\.[0-9_]+(e[-+]?[0-9]+)?|[-+]?\.(inf|nan)"  # .5
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"  # 1:30, in base 60
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9:.+Z -]+",  # a time of day
    re.IGNORECASE,
)


def plain(text: str) -> Scalar:
    """Return the value of the unquoted *text*; raise `ValueError` if readers disagree about it."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _STARTS_OF_NUMBERS:
        for pattern, value in _TYPES:
            if pattern.fullmatch(text):
                return value(text)
        if _SOMETIMES_NUMBER.fullmatch(text):
            raise ValueError(
                f"{text[:40]} is not the same to all readers; write a number in digits, such as "
                f'0.001, and text in quotes, "{text[:40]}"'
            )
    elif text.lower() in _SOMETIMES_BOOL:
        raise ValueError(
            f'{text} is not the same to all readers; write a word in quotes, "{text}", and a '
            "switch as true or false"
        )
    elif text in ("<<", "="):
        raise ValueError(f"{text} is not used here; repeat the values, or use overrides")
    return text
