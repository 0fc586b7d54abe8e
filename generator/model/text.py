"""What text a blueprint may hold, whoever wrote it."""

import re
import unicodedata
from functools import lru_cache

SHOWN = 60  # characters of a value that a message repeats

# What reorders the text that a reviewer sees of a line ("Trojan Source", CVE-2021-42574).
_REORDERING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
# Scanners read their orders anywhere in a block, inside strings too.
_SCANNER_ORDER = re.compile(
    r"(checkov|bridgecrew|cortex|tfsec|trivy|tflint|kics|terrascan|snyk|semgrep|nosemgrep)"
    r"(-|\s*:\s*)(skip|ignore)|kics-scan|\bnosemgrep\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|://[^/\s:@]+:[^/\s@]+@"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10}"
)


def normal(text: str) -> str:
    """Return *text* in Unicode's composed form (NFC), which is what Terraform keeps."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=4096)  # half of what a blueprint says, it says twice
def objection(text: str) -> str | None:
    """Say why *text* may stand nowhere in a blueprint, or return `None`; never repeats the text."""
    for character in text if not text.isprintable() else "":
        name = f"U+{ord(character):04X}"
        if ord(character) in _REORDERING:
            return f"holds {name}, which reorders the text that reviewers see; remove it"
        if character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs"):
            return f"holds the control character {name}; remove it"
    if _SECRET.search(text):
        return "looks like a secret; keep it in Secrets Manager, never in the blueprint"
    if _SCANNER_ORDER.search(text):
        return "holds an order to a scanner; accept a finding under exceptions instead"
    return None


class Plain(str):
    """What was written without quotes, and is no text."""

    __slots__ = ()


def shown(value: object) -> str:
    """Return *value* as one short line for a message."""
    match value:
        case Plain():
            text = str(value)
        case str():
            text = f'"{value}"' if value.isprintable() else ascii(value)
        case bool():
            text = str(value).lower()
        case None:
            text = "null"
        case tuple():
            text = "a list"
        case dict():
            text = "a mapping"
        case _:
            text = str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
