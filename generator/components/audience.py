"""Audience: who hears of alarms."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from generator.model.component import Component, Strict
from generator.model.fields import Text
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

ENDPOINTS = {
    "email": (
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
        "an address such as on-call@example.com",
    ),
    "https": (
        r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[!-~]*)?",
        "a URL such as https://hooks.example.com/alarms",
    ),
}

PUBLISHERS = (
    "cloudwatch.amazonaws.com",
    "dms.amazonaws.com",
    "events.rds.amazonaws.com",
)
"""Services that say on the topic for whom they come; in another region, only the first.

Rules of EventBridge publish too, and do not say it: conditions would shut them out.
"""


class Subscriber(Strict):
    """Somebody who hears of alarms."""

    protocol: Literal["email", "https"] = Field(description="How; each has to confirm it once.")
    endpoint: Text = Field(description="The address, or where to post to.")


class Topic(NamedTuple):
    """A topic, its publishers and its key; *alias* is the provider of another region."""

    label: Identifier
    publishers: tuple[str, ...]
    key: Ref
    has_rules: bool = False
    alias: Identifier | None = None


class Audience(Component):
    """The subscribers of a topic."""

    subscribers: tuple[Subscriber, ...] = Field(default=(), description="Who hears of alarms.")

    @property
    def endpoints(self) -> dict[str, str]:
        """How each subscriber is told, by its address."""
        return {each.endpoint: each.protocol for each in self.subscribers}

    @rule("TAP701", "An alarm that nobody hears might as well not ring.", severity="warning")
    def _somebody_hears(self) -> Iterator[Finding]:
        if not self.subscribers:
            yield Finding("subscribers", "nobody hears of an alarm; name an address or a service")

    @rule("TAP702", "SNS writes to an address, or posts over TLS.")
    def _endpoints_fit_their_protocol(self) -> Iterator[Finding]:
        for index, each in enumerate(self.subscribers):
            pattern, wanted = ENDPOINTS[each.protocol]
            if not re.fullmatch(pattern, each.endpoint):
                yield Finding(f"subscribers.{index}.endpoint", f"must be {wanted}")

    @rule("TAP703", "Whoever is listed twice hears everything twice.")
    def _subscribers_are_listed_once(self) -> Iterator[Finding]:
        for index, each in enumerate(self.subscribers):
            if each.endpoint in {other.endpoint for other in self.subscribers[:index]}:
                yield Finding(f"subscribers.{index}", f"{each.endpoint} is listed twice; keep one")
