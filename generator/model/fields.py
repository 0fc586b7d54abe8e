"""Types of settings that several components share; each says in words what it wants."""

import binascii
import ipaddress
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from generator.model.regions import ELSEWHERE, REGIONS


def _matching(pattern: str, wanted: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        # `re` keeps what it compiled; most patterns are not needed in most runs.
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("text", "", {"wanted": wanted})
        return text

    return check


def matching(pattern: str, wanted: str) -> tuple[object, object]:
    """Return what `Annotated[str, *matching(…)]` needs: the check, and the pattern for editors."""
    return (
        AfterValidator(_matching(pattern, wanted)),
        Field(json_schema_extra={"pattern": f"^(?:{pattern})$"}),
    )


def _in_any_case(word: str) -> str:
    """Return a pattern for *word*; editors know no flag for that."""
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)


def _canonical(text: str) -> str:
    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        network = None
    if network is None or "/" not in text:
        raise PydanticCustomError("text", "", {"wanted": "an IPv4 range such as 10.0.0.0/16"})
    if str(network) != text:
        raise PydanticCustomError("alignment", "", {"network": str(network)})
    return text


def _address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise PydanticCustomError(
            "text", "", {"wanted": "an IPv4 address such as 198.51.100.10"}
        ) from None


def _known_region(text: str) -> str:
    if text not in REGIONS:
        wanted = "a region of the partition aws, such as us-east-2"
        known = () if text.startswith(ELSEWHERE) else REGIONS
        raise PydanticCustomError("text", "", {"wanted": wanted, "known": known})
    return text


Cidr = Annotated[
    str,
    AfterValidator(_canonical),
    Field(json_schema_extra={"pattern": r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$"}),
]
Ipv4Address = Annotated[
    str,
    AfterValidator(_address),
    Field(json_schema_extra={"pattern": r"^\d{1,3}(\.\d{1,3}){3}$"}),
]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
AccountId = Annotated[
    str, *matching(r"[0-9]{12}", 'an account id of 12 digits, quoted: "111111111111"')
]
Region = Annotated[
    str,
    AfterValidator(_known_region),
    Field(json_schema_extra={"pattern": "^[a-z]{2}-[a-z]+-[0-9]$"}),
]
ProjectName = Annotated[
    str,
    *matching(
        r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "lower-case words joined by hyphens, such as payments"
    ),
]
EnvironmentName = Annotated[
    str,
    Field(max_length=12),
    *matching(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "lower-case words joined by hyphens, such as prod"),
]
DomainName = Annotated[
    str,
    Field(max_length=253),
    *matching(
        r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "a lower-case domain name such as example.com",
    ),
]
# What AWS allows in a tag, in ASCII. RDS and DMS have beginnings of their own, as AWS has.
_FREE = f"(?!({'|'.join(map(_in_any_case, ('aws', 'dms', 'rds')))}):)"
_OURS = f"(?!({'|'.join(map(_in_any_case, ('environment', 'managedby', 'project')))})$)"
_BEGINS_FREELY = AfterValidator(
    _matching(f"(?s){_FREE}.*", "text that does not begin as AWS's own tags do (aws:, dms:, rds:)")
)
TagKey = Annotated[
    str,
    _BEGINS_FREELY,
    AfterValidator(
        _matching(f"(?s){_OURS}.*", "a tag other than Environment, ManagedBy and Project")
    ),
    *matching(
        rf"{_FREE}{_OURS}[A-Za-z0-9 _.:/=+@-]{{1,128}}",
        "a tag of at most 128 letters, digits, spaces and _.:/=+-@",
    ),
]
TagValue = Annotated[
    str,
    _BEGINS_FREELY,
    *matching(
        rf"{_FREE}[A-Za-z0-9 _.:/=+@-]{{0,256}}",
        "a tag value of at most 256 letters, digits, spaces and _.:/=+-@",
    ),
]


def _certificates(text: str) -> str:
    """Refuse what was cut off or altered on its way here: each says how long it is."""
    for body in text.split("-----BEGIN CERTIFICATE-----")[1:]:
        try:
            der = binascii.a2b_base64(body.partition("-----END")[0])
        except binascii.Error:
            der = b""
        if der[:2] != b"\x30\x82" or len(der) != 4 + int.from_bytes(der[2:4], "big"):
            wanted = "whole certificates: one of these was cut off or altered"
            raise PydanticCustomError("text", "", {"wanted": wanted})
    return text


# Public, and no secret: what a server shows is signed by it.
Certificate = Annotated[
    str,
    Field(max_length=3000),
    *matching(
        r"(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]+\n)+-----END CERTIFICATE-----\n?)+",
        "a certificate in PEM, from -----BEGIN CERTIFICATE----- on; write it behind a |",
    ),
    AfterValidator(_certificates),
]
