"""Mistakes in the reader's words, each once and at its place."""

import datetime as dt
from typing import Annotated, Literal

import pytest
from pydantic import Field

from generator.model.component import Strict
from generator.model.source import read
from generator.model.validation import listed, suggestion, validate


class Vpn(Strict):
    kind: Literal["vpn"]
    asn: int = Field(gt=0, lt=10, multiple_of=2)


class Transit(Strict):
    kind: Literal["transit"]
    gateway: str = Field(min_length=2, max_length=3, pattern="^[a-z]+$")


class Model(Strict):
    link: Annotated[Vpn | Transit, Field(discriminator="kind")] | None = None
    sizes: tuple[int, ...] = Field(default=(), max_length=2)
    ratio: float = 0.5
    flag: bool = False
    mode: Literal["one", "two", 3] = "one"
    modes: dict[str, Literal["a", "b"]] = Field(default_factory=dict)
    parts: tuple[Vpn, ...] = ()
    day: dt.date | None = None


@pytest.fixture
def mistakes(tmp_path):
    def check(text):
        path = tmp_path / "b.yaml"
        path.write_text(text)
        _, found = validate(Model, read(path, "b.yaml"))
        return [(".".join(map(str, each.loc)), each.message) for each in found]

    return check


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("link: {kind: vpn, asn: 20}", [("link.asn", "must be less than 10, not 20")]),
        ("link: {kind: vpn, asn: 0}", [("link.asn", "must be more than 0, not 0")]),
        ("link: {kind: vpn, asn: 3}", [("link.asn", "must be a multiple of 2, not 3")]),
        ("link: {kind: vpn}", [("link.asn", "required; add it")]),
        ("link: {kind: vpn, asm: 2}", [("link.asm", "unknown key; did you mean asn?")]),
        (
            "link: {kind: vpn, number: 2}",
            [
                ("link.asn", "required; add it"),
                ("link.number", "unknown key; known are asn, gateway and kind"),
            ],
        ),
        ("link: {kind: transit, gateway: A1}", [("link.gateway", 'must match ^[a-z]+$, not "A1"')]),
        (
            "link: {kind: transit, gateway: a}",
            [("link.gateway", "must have at least 2 characters")],
        ),
        (
            "link: {kind: transit, gateway: aaaa}",
            [("link.gateway", "must have at most 3 characters")],
        ),
        (
            "link: {kind: vnp}",
            [("link.kind", 'must be vpn or transit, not "vnp"; did you mean vpn?')],
        ),
        ("link: {}", [("link.kind", "required; add it")]),
        ("sizes: [1, 2, 3]", [("sizes", "must have at most 2 entries")]),
        ("sizes: [true]", [("sizes.0", "must be a whole number, not true")]),
        ("sizes: [1.5]", [("sizes.0", "must be a whole number, not 1.5")]),
        ("ratio: x", [("ratio", 'must be a number, not "x"')]),
        ("flag: 1", [("flag", "must be true or false, not 1")]),
        ("mode: three", [("mode", 'must be one, two or 3, not "three"')]),
        ("mode: on1", [("mode", 'must be one, two or 3, not "on1"; did you mean one?')]),
        ("mode: 4", [("mode", "must be one, two or 3, not 4")]),
        ("modes: {x: c}", [("modes.x", 'must be a or b, not "c"')]),
        (
            "parts: [{kind: vpn, asn: 2}, {kind: vpn, asn: 12}]",
            [("parts.1.asn", "must be less than 10, not 12")],
        ),
        (
            "parts: [{kind: vpn, asn: 2, x: 1}]",
            [("parts.0.x", "unknown key; known are asn and kind")],
        ),
        ("ratio: [1.50]", [("ratio", "must be a number, not a list")]),
        ("sizes: [1.50]", [("sizes.0", "must be a whole number, not 1.50")]),
        ("modes: {x: 14.20}", [("modes.x", "must be a or b, not 14.20")]),
        ("mode: True", [("mode", "must be one, two or 3, not True")]),
        (
            "link: {kind: transit, gateway: 14.20}",
            [("link.gateway", 'must be text; write "14.20" in quotes')],
        ),
        (
            "link: {kind: transit, gateway: 2027-06-30}",
            [("link.gateway", 'must be text; write "2027-06-30" in quotes')],
        ),
        ("link: {kind: transit, gateway: ~}", [("link.gateway", "must be text, not null")]),
        ('sizes: ["2"]', [("sizes.0", 'must be a whole number, not "2"; leave out the quotes')]),
        ('sizes: ["2.5"]', [("sizes.0", 'must be a whole number, not "2.5"')]),
        ('ratio: "0.10"', [("ratio", 'must be a number, not "0.10"; leave out the quotes')]),
        ('flag: "true"', [("flag", 'must be true or false, not "true"; leave out the quotes')]),
        ('ratio: "1"', [("ratio", 'must be a number, not "1"; leave out the quotes')]),
        ('sizes: ["true"]', [("sizes.0", 'must be a whole number, not "true"')]),
        ('flag: "on"', [("flag", 'must be true or false, not "on"')]),
        (
            'day: "2027-06-30"',
            [
                (
                    "day",
                    'must be a date such as 2027-06-30, not "2027-06-30"; leave out the quotes',
                )
            ],
        ),
        ('day: "2027-02-30"', [("day", 'must be a date such as 2027-06-30, not "2027-02-30"')]),
        ("modes: [a]", [("modes", "must be a mapping, not a list")]),
    ],
)
def test_mistake_is_said_once_at_its_place(text, expected, mistakes):
    assert mistakes(text) == expected


def test_names_are_listed_as_a_sentence_has_them():
    assert listed(["a"], "or") == "a"
    assert listed(["a", "b", "c"], "and") == "a, b and c"


def test_nothing_alike_lists_what_is_known():
    assert suggestion("zzz", ["network", "database"]) == "known are database and network"
    assert suggestion("netwrok", ["network", "database"]) == "did you mean network?"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ttl", "ttl_seconds"),
        ("rto", "rto_seconds"),
        ("VPN", "vpn"),
        ("rpos_econds", "rpo_seconds"),
        ("Readers", "readers"),
    ],
)
def test_what_was_meant_is_found_without_its_unit_or_its_case(given, meant):
    known = ["rpo_seconds", "rto_seconds", "ttl_seconds", "vpn", "readers"]

    assert suggestion(given, known) == f"did you mean {meant}?"
