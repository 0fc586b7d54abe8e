"""The replication instance: what DMS runs on, and for how long AWS supports it.

Versions and dates are those of the DMS release notes of November 2026.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from generator.components.logs import Retention
from generator.components.windows import DAY, WeeklyWindow, Window
from generator.model.component import Component
from generator.model.fields import matching
from generator.model.rule import Finding, rule
from generator.model.validation import listed

ENDS: Mapping[str, dt.date | None] = {
    "3.5.4": dt.date(2027, 3, 31),
    "3.6.0": dt.date(2026, 7, 27),
    "3.6.1": None,
}
"""Versions by their end of support; `None` where AWS has not named a day."""
NOTICE = dt.timedelta(days=90)
SHORTEST = 30
"""Minutes that AWS asks of a maintenance window."""

InstanceClass = Annotated[
    str,
    *matching(
        r"dms\.(c5|c6i|r5|r6i|r7i|t3)\.(medium|([0-9]{1,2}x|x)?large)",
        "a class such as dms.r5.xlarge",
    ),
]


class Replication(Component):
    """The replication instance, and how it is kept."""

    engine_version: str = Field(default="3.6.1", description="Version of DMS.")
    instance_class: InstanceClass = Field(
        default="dms.r5.xlarge", description="Class of the replication instance."
    )
    storage_gb: int = Field(
        default=500,
        ge=50,
        le=6144,
        description="Disk in GB, for changes that wait and for logs; 3 operations a second each.",
    )
    multi_az: bool = Field(default=True, description="Keep a standby in a second zone.")
    maintenance_window: WeeklyWindow = Field(
        default="sun:07:00-sun:08:00", description="Weekly time for maintenance, in UTC."
    )
    log_retention_days: Retention = Field(
        default=365, description="Days that the tasks' logs are kept."
    )
    deletion_protection: bool = Field(
        default=True,
        description="Refuse to destroy the tasks and with them their place in the changes.",
    )

    @rule("TAP601", "DMS makes instances of versions that it knows.")
    def _version_is_known(self) -> Iterator[Finding]:
        if self.engine_version not in ENDS:
            yield Finding(
                "engine_version", f"{self.engine_version} is not offered; take {listed(ENDS, 'or')}"
            )

    @rule("TAP602", "A version without support is upgraded by AWS, tasks stopped.", dated=True)
    def _version_is_supported(self, today: dt.date) -> Iterator[Finding]:
        end = ENDS.get(self.engine_version)
        if end and end < today:
            newest = max(ENDS)
            yield Finding(
                "engine_version",
                f"support of {self.engine_version} ended on {end}; take {newest}",
            )

    @rule("TAP603", "The end of a version's support is known.", severity="warning", dated=True)
    def _version_stays_supported(self, today: dt.date) -> Iterator[Finding]:
        end = ENDS.get(self.engine_version)
        if end and today <= end < today + NOTICE:
            yield Finding(
                "engine_version",
                f"support of {self.engine_version} ends on {end}; finish before, or upgrade now",
            )

    @rule("TAP604", "AWS takes windows of half an hour to a day.")
    def _window_has_a_length(self) -> Iterator[Finding]:
        minutes = Window.parse(self.maintenance_window).minutes
        if not SHORTEST <= minutes < DAY:
            yield Finding(
                "maintenance_window",
                f"lasts {minutes} minutes; give it at least {SHORTEST} and under a day",
            )
