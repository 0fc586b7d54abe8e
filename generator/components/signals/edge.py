"""Alarms on the way in and out: the web ACL, the certificate, the VPN, and health from outside."""

from collections.abc import Iterator
from typing import NamedTuple

from generator.components.signals.alarm import Alarm
from generator.components.signals.metric import Metric
from generator.components.signals.watched import Watched
from generator.model.hcl import Identifier, Ref

DAY = 86400
HEALTH_REGION = Identifier("us-east-1")
"""The only region that has the metrics of Route 53."""


class HealthCheck(NamedTuple):
    """What Route 53 asks for from outside, for an alarm only: DNS itself never moves traffic."""

    label: Identifier
    summary: str
    target: dict[str, object]


def alarms(of: Watched) -> Iterator[Alarm]:
    """Yield the alarms on what stands between clients, the old data centre and the system."""
    if of.has("load_balancer"):
        yield from _entrance(of)
    if has_vpn(of):
        yield from _tunnels()


def has_vpn(of: Watched) -> bool:
    """Tell whether a VPN leads to the old data centre."""
    return of.has("network") and bool(of.component("network").link == "vpn")


def health_checks(of: Watched) -> tuple[HealthCheck, ...]:
    """Return what is asked for: the service by its name, and each address of the old side."""
    if not of.has("load_balancer", "routing"):
        return ()
    name = of.component("routing").record
    service = HealthCheck(
        Identifier("service"),
        f"{name} answers nobody, or with errors, whichever side it leads to.",
        {"fqdn": name, "port": 443, "enable_sni": True},
    )
    return service, *(_old_sides(of, name) if of.both_sides and of.old_api else ())


def health_regions(of: Watched) -> tuple[str, ...]:
    """Return the region of the health checks' metrics, if it is another one and there are any."""
    away = of.environment.region != HEALTH_REGION
    return (HEALTH_REGION,) if away and health_checks(of) else ()


def health_alarms(of: Watched) -> Iterator[Alarm]:
    """Yield an alarm for each health check, in the region that has their metrics."""
    elsewhere = health_regions(of)
    for check in health_checks(of):
        at = {"HealthCheckId": Ref(f"aws_route53_health_check.{check.label}.id")}
        yield Alarm(
            Identifier(f"health-{check.label.replace('_', '-')}"),
            check.summary,
            {"status": Metric("AWS/Route53", "HealthCheckStatus", at, "Minimum")},
            ("<", 1),
            periods=3,
            missing="breaching",
            alias=Identifier(HEALTH_REGION.replace("-", "_")) if elsewhere else None,
        )


def _old_sides(of: Watched, name: str) -> Iterator[HealthCheck]:
    for number, address in enumerate(of.old_api.addresses, start=1):
        yield HealthCheck(
            Identifier(f"onprem_{number}"),
            f"The old side does not answer at {address}, where traffic may have to go back to.",
            {"ip_address": address, "fqdn": name, "port": of.old_api.port, "enable_sni": True},
        )


def _entrance(of: Watched) -> Iterator[Alarm]:
    at = {
        "WebACL": str(of.environment.prefix),
        "Region": str(of.environment.region),
        "Rule": "ALL",
    }
    yield Alarm(
        Identifier("blocked-requests"),
        "The web ACL refuses many requests: an attack, or a rule that hits customers.",
        {"blocked": Metric("AWS/WAFV2", "BlockedRequests", at, "Sum", 300)},
        (">", of.thresholds.blocked_requests),
    )
    certificate = {"CertificateArn": Ref("var.certificate_arn")}
    yield Alarm(
        Identifier("certificate"),
        "The certificate ends soon and has not renewed itself: is its DNS record still there?",
        {"days": Metric("AWS/CertificateManager", "DaysToExpiry", certificate, "Minimum", DAY)},
        ("<", of.thresholds.certificate_days),
        # It is measured twice a day, and not at all once it has ended.
        missing="ignore",
    )


def _tunnels() -> Iterator[Alarm]:
    at = {"VpnId": Ref("var.vpn_connection_id")}
    yield Alarm(
        Identifier("vpn-tunnel"),
        "One of the VPN's two tunnels is down; the next failure cuts the old data centre off.",
        {"state": Metric("AWS/VPN", "TunnelState", at, "Average", 300)},
        ("<", 1),
        periods=3,
    )
    yield Alarm(
        Identifier("vpn"),
        "The VPN is down: replication stands still, and writes to the old database fail.",
        {"state": Metric("AWS/VPN", "TunnelState", at, "Maximum", 300)},
        ("<", 0.5),
        periods=3,
        missing="breaching",
    )
