"""Engine: the version of Aurora PostgreSQL, and the instances it runs on."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from generator.components import aurora
from generator.model.component import Component
from generator.model.fields import matching
from generator.model.hcl import Identifier
from generator.model.rule import Finding, rule
from generator.model.validation import listed

EngineVersion = Annotated[str, *matching(r"[0-9]{2}\.[0-9]{1,2}", 'a version such as "14.24"')]
InstanceClass = Annotated[
    str, *matching(aurora.CLASS_PATTERN, "a memory-optimised class such as db.r6g.xlarge")
]
NOTICE = dt.timedelta(days=90)
"""How long before the end of support a blueprint is warned about it."""


class Engine(Component):
    """A cluster's version, its writer and its readers."""

    engine_version: EngineVersion = Field(
        default=aurora.MAJORS["14"].offered[-1], description="Version of Aurora PostgreSQL, quoted."
    )
    extended_support: bool = Field(
        default=False,
        description="Pay to stay on a major version after its standard support; "
        "otherwise AWS upgrades it.",
    )
    instance_class: InstanceClass = Field(
        default="db.r6g.xlarge", description="Class of the writer."
    )
    readers: int = Field(
        default=2, ge=0, le=15, description="Readers; the first takes over when the writer fails."
    )
    reader_instance_class: InstanceClass = Field(
        default="db.r6g.large", description="Class of every reader."
    )
    deletion_protection: bool = Field(
        default=True, description="Have AWS and Terraform refuse to destroy the data."
    )

    @property
    def major(self) -> Identifier:
        """The major version: `14` of `14.24`."""
        return Identifier(self.engine_version.split(".")[0])

    @rule("TAP301", "AWS makes clusters only of the versions it offers.")
    def _version_is_offered(self) -> Iterator[Finding]:
        known = aurora.MAJORS.get(self.major)
        if known is None:
            yield Finding(
                "engine_version",
                f"Aurora PostgreSQL {self.major} is not known here; take a version of "
                f"{listed(sorted(aurora.MAJORS), 'or')}",
            )
        elif self.engine_version not in known.offered:
            fate = "deprecated" if self.engine_version in known.deprecated else "not offered"
            choice = listed(known.offered, "or")
            yield Finding("engine_version", f"{self.engine_version} is {fate}; take {choice}")

    @rule("TAP302", "PCI DSS 6.3.3 wants patches, not critical fixes only.", severity="warning")
    def _version_is_patched(self) -> Iterator[Finding]:
        known = aurora.MAJORS.get(self.major)
        if known and self.engine_version == known.long_term:
            yield Finding(
                "engine_version",
                f"{self.engine_version} is a long-term version, which gets critical fixes only; "
                f"{known.offered[-1]} is the newest",
            )

    @rule(
        "TAP303",
        "A major version that leaves standard support costs more or moves by itself.",
        severity="warning",
        dated=True,
    )
    def _version_stays_supported(self, today: dt.date) -> Iterator[Finding]:
        known = aurora.MAJORS.get(self.major)
        if known is None or today < known.supported_until - NOTICE:
            return
        tense = "leaves" if today <= known.supported_until else "left"
        processors = aurora.virtual_cpus(self.instance_class) + self.readers * aurora.virtual_cpus(
            self.reader_instance_class
        )
        fate = (
            f"Extended Support for {processors} vCPUs is billed until {known.extended_until}; "
            "plan the next major version"
            if self.extended_support
            else "AWS then upgrades it in a maintenance window, which ends replication from it; "
            "upgrade before, or set extended_support"
        )
        yield Finding(
            "engine_version",
            f"{self.major} {tense} standard support on {known.supported_until}: {fate}",
        )

    @rule("TAP304", "An instance class runs the versions that AWS built for it.")
    def _classes_run_the_version(self) -> Iterator[Finding]:
        known = aurora.MAJORS.get(self.major)
        missing = known.missing_families.get(self.engine_version, ()) if known else ()
        for setting in ("instance_class", "reader_instance_class"):
            family = aurora.family(getattr(self, setting))
            if family in missing:
                others = listed([f for f in aurora.FAMILIES if f not in missing], "or")
                yield Finding(
                    setting, f"{self.engine_version} does not run on {family}; take {others}"
                )

    @rule("TAP305", "The reader that takes over has to carry the load.", severity="warning")
    def _first_reader_can_take_over(self) -> Iterator[Finding]:
        here, there = map(aurora.virtual_cpus, (self.reader_instance_class, self.instance_class))
        if self.readers and here < there:
            yield Finding(
                "reader_instance_class",
                f"after a failover {here} vCPUs do what {there} did; {self.instance_class} "
                "would keep the pace",
            )

    @rule("TAP306", "Without a reader, a failure waits for a new instance.", severity="warning")
    def _protected_cluster_has_a_reader(self) -> Iterator[Finding]:
        if self.deletion_protection and not self.readers:
            yield Finding(
                "readers",
                "nobody takes over from a failed writer, so an outage lasts minutes; have one",
            )
