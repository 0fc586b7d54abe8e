"""What checks found, and what follows: a gate opens on proof alone, never on its absence."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Literal

Severity = Literal["error", "warning"]


class Status(StrEnum):
    """The answer of a check or of a gate."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Check:
    """One check's answer; *evidence* says where: table, range of keys, keys."""

    check: str
    status: Status
    severity: Severity = "error"
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answers of all checks that were made."""

    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """Return what a gate does; warnings hold nothing up, and no checks prove nothing."""
        weighty = [each.status for each in self.checks if each.severity == "error"]
        if Status.FAIL in weighty:
            return Status.FAIL
        if Status.INCONCLUSIVE in weighty or not weighty:
            return Status.INCONCLUSIVE
        return Status.PASS

    def having(self, status: Status) -> tuple[Check, ...]:
        """Return the checks that answered *status*."""
        return tuple(each for each in self.checks if each.status == status)

    def document(self) -> dict[str, object]:
        """Return the verdict for machines."""
        return {"status": str(self.status), "checks": [asdict(each) for each in self.checks]}
