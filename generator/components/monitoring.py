"""Monitoring: alarms and who hears of them, the one that takes traffic back, and dashboards."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from generator.components.audience import PUBLISHERS, Audience, Topic
from generator.components.signals import api, data, edge, functions, pages, replication, roll_back
from generator.components.signals.alarm import Alarm, Composite
from generator.components.signals.dashboard import Dashboard
from generator.components.signals.edge import HealthCheck
from generator.components.signals.roll_back import Fault
from generator.components.signals.thresholds import RollBack, Thresholds
from generator.components.signals.watched import Watched
from generator.model.component import read, wired
from generator.model.fields import matching
from generator.model.hcl import Identifier, Ref
from generator.model.rule import Finding, rule

HealthPath = Annotated[str, *matching(r"/[A-Za-z0-9/._-]{0,254}", "a path such as /health")]


def _has(*names: str) -> Any:  # noqa: ANN401 - a condition of a wiring
    return lambda component: component.watched.has(*names)


class Monitoring(Audience):
    """Alarms, their topic, and dashboards; each part is there if what it watches is."""

    thresholds: Thresholds = Field(
        default_factory=Thresholds, description="Limits that page people."
    )
    roll_back: RollBack = Field(
        default_factory=RollBack, description="Limits that take traffic back to the old side."
    )
    health_path: HealthPath = Field(
        default="/health",
        description="Path that both sides answer with 200; asked for from outside.",
    )

    deletion_window_days = read("security.deletion_window_days")
    rotation_period_days = read("security.rotation_period_days")
    slo = read("slo")
    old_api = read("on_premises.api")

    certificate_arn = wired(
        "load_balancer.certificate_arn",
        "string",
        "Certificate of the API.",
        when=_has("load_balancer"),
    )
    cluster_identifier = wired(
        "database.cluster_identifier",
        "string",
        "The Aurora cluster whose events people hear of.",
        when=_has("database"),
    )
    load_balancer_arn_suffix = wired(
        "load_balancer.arn_suffix",
        "string",
        "The load balancer, as its metrics name it.",
        when=_has("load_balancer"),
    )
    notifications_key_arn = wired(
        "security.notifications_key_arn", "string", "Key that encrypts what alarms say."
    )
    rollback_function_arn = wired(
        "rollback.function_arn",
        "string",
        "What an alarm calls to take traffic back: the alias.",
        when=_has("rollback"),
    )
    replication_instance = wired(
        "migration.replication_instance_id",
        "string",
        "The replication instance, as its metrics name it.",
        when=_has("migration"),
    )
    target_group_arn_suffix = wired(
        "load_balancer.aws_target_group_arn_suffix",
        "string",
        "The payment function behind the load balancer, as metrics name it.",
        when=_has("load_balancer"),
    )
    vpn_connection_id = wired(
        "network.vpn_connection_id",
        "string",
        "The VPN, as its metrics name it.",
        when=lambda component: edge.has_vpn(component.watched),
    )

    @cached_property
    def watched(self) -> Watched:
        """What there is to watch, and the limits it is held to."""
        return Watched(self.environment, self.slo, self.old_api, self.thresholds, self.roll_back)

    @property
    def regions(self) -> tuple[str, ...]:
        """Route 53 has its metrics in one region only, and an alarm stands beside its metric."""
        return edge.health_regions(self.watched)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topic, and another in each further region with alarms."""
        key = Ref("var.notifications_key_arn")
        near = Topic(Identifier("this"), PUBLISHERS, key, has_rules=True)
        if not self.regions:
            return (near,)
        far, key = Identifier("us_east_1"), Ref("aws_kms_key.us_east_1.arn")
        return near, Topic(far, PUBLISHERS[:1], key, alias=far)

    @cached_property
    def alarms(self) -> dict[str, tuple[Alarm, ...]]:
        """Every alarm, by what it is about: the file that holds it."""
        of = self.watched
        fence = roll_back.suppressor(of)
        members = self.roll_back_alarm.members if self.roll_back_alarm else ()
        return {
            "api": tuple(api.alarms(of)),
            "database": tuple(data.alarms(of)),
            "edge": tuple(edge.alarms(of)),
            "functions": tuple(functions.alarms(of)),
            "health": tuple(edge.health_alarms(of)),
            "replication": tuple(replication.alarms(of)),
            "roll_back": (*members, *((fence,) if fence else ())),
        }

    @property
    def burns(self) -> tuple[Composite, ...]:
        """The alarms that ring when errors use the SLO up."""
        return tuple(api.composites(self.watched))

    @cached_property
    def roll_back_alarm(self) -> Composite | None:
        """The alarm that means: roll back."""
        return roll_back.composite(self.watched)

    @property
    def slowest_fault(self) -> Fault:
        """The kind of fault that the alarm sees last, of those that a time is promised for."""
        return roll_back.slowest(self.watched)

    @property
    def roll_back_actions(self) -> tuple[Ref, ...]:
        """Whom that alarm calls: people, and the function that does it, if there is one."""
        people = Ref("aws_sns_topic.this.arn")
        has_function = self.watched.has("rollback")
        return (people, Ref("var.rollback_function_arn")) if has_function else (people,)

    @property
    def suppression(self) -> dict[str, int]:
        """Seconds that alarm waits for the one that holds it back, and after it."""
        return {"wait": roll_back.WAIT_SECONDS, "extension": roll_back.EXTENSION_SECONDS}

    @property
    def health_checks(self) -> tuple[HealthCheck, ...]:
        """What is asked for from outside."""
        return edge.health_checks(self.watched)

    @property
    def dashboards(self) -> tuple[Dashboard, ...]:
        """The pages for people."""
        return tuple(pages.pages(self.watched))

    @property
    def description(self) -> dict[str, object]:
        """The topic, and the alarm that operations ask whether it is safe to go on."""
        found: dict[str, object] = {"topic_arn": Ref("aws_sns_topic.this.arn")}
        if self.roll_back_alarm:
            found |= {
                "rollback_alarm": Ref("aws_cloudwatch_composite_alarm.roll_back.alarm_name"),
                "members": [
                    Ref(f"aws_cloudwatch_metric_alarm.{member.label}.alarm_name")
                    for member in self.roll_back_alarm.members
                ],
                "suppressor": Ref("aws_cloudwatch_metric_alarm.fenced.alarm_name"),
            }
        return found

    @rule("TAP704", "Traffic must not move for what the SLO allows.")
    def _the_slo_moves_nothing(self) -> Iterator[Finding]:
        if self.roll_back.slow_ms < self.slo.latency_p99_ms:
            yield Finding(
                "roll_back.slow_ms",
                f"must be at least slo.latency_p99_ms, {self.slo.latency_p99_ms}",
            )
        if self.roll_back.failed_percent < self.slo.error_rate * 100:
            yield Finding(
                "roll_back.failed_percent",
                f"must be at least the {self.slo.error_rate * 100:g} % of slo.error_rate",
            )
