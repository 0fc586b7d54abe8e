"""Aurora PostgreSQL: the versions AWS offers and until when, and the classes they run on.

Versions and classes are those of CloudFormation's published schemas (cfn-lint 1.58.0, November
2026), dates those of AWS's release calendar.
"""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple


class Major(NamedTuple):
    """A major version: its minor versions, oldest first, and the ends of its support."""

    offered: tuple[str, ...]
    deprecated: tuple[str, ...]
    long_term: str
    """The minor version that is offered for years, with critical fixes only."""
    supported_until: dt.date
    extended_until: dt.date
    missing_families: Mapping[str, tuple[str, ...]] = {}
    """Families of instances that a minor version does not run on."""


MAJORS: Mapping[str, Major] = {
    "14": Major(
        offered=("14.6", "14.17", "14.18", "14.19", "14.20", "14.22", "14.23", "14.24"),
        deprecated=(
            "14.3", "14.4", "14.5", "14.7", "14.8", "14.9", "14.10", "14.11", "14.12", "14.13",
            "14.15",
        ),
        long_term="14.6",
        supported_until=dt.date(2027, 2, 28),
        extended_until=dt.date(2030, 2, 28),
        missing_families={"14.6": ("r7g", "r7i", "r8g")},
    ),
}  # fmt: skip

_SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "r6g": _SIZES,
    "r6i": (*_SIZES, "24xlarge", "32xlarge"),
    "r7g": _SIZES,
    "r7i": (*_SIZES, "24xlarge", "48xlarge"),
    "r8g": (*_SIZES, "24xlarge", "48xlarge"),
}
"""The memory-optimised families with their sizes; burstable ones run out of credit under load."""
CLASS_PATTERN = "|".join(
    rf"db\.{family}\.({'|'.join(sizes)})" for family, sizes in FAMILIES.items()
)


def family(instance_class: str) -> str:
    """Return the family of *instance_class*: `r6g` of `db.r6g.xlarge`."""
    return instance_class.split(".")[1]


def virtual_cpus(instance_class: str) -> int:
    """Return how many virtual CPUs *instance_class* has: 2 for large, 4 for each unit of xlarge."""
    size = instance_class.split(".")[2]
    return 2 if size == "large" else 4 * int(size.removesuffix("xlarge") or 1)
