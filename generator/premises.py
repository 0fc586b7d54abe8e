"""What the blueprint states once: the old data centre, and what the service promises."""

from ipaddress import IPv4Address
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from generator.model.component import Strict
from generator.model.fields import Certificate, Cidr, DomainName, Ipv4Address, matching

TransitGatewayId = Annotated[
    str, *matching(r"tgw-[0-9a-f]{17}", "a transit gateway's id such as tgw-0123456789abcdef0")
]
_HOST = "a lower-case name such as db.example.com, or an IPv4 address"


def _host(text: str) -> str:
    """Refuse what ends like an address and is none."""
    if text[-1].isdigit():
        try:
            IPv4Address(text)
        except ValueError:
            raise PydanticCustomError("text", "", {"wanted": _HOST}) from None
    return text


HostName = Annotated[
    str,
    Field(max_length=253),
    *matching(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|[0-9]{1,3})", _HOST),
    AfterValidator(_host),
]
DatabaseName = Annotated[
    str,
    Field(max_length=63),
    *matching(r"[a-z_][a-z0-9_]*", "lower-case letters, digits and underscores, such as payments"),
]


class CustomerGateway(Strict):
    """The device at the other end of the VPN."""

    ip: Ipv4Address = Field(description="Public address of the device.")
    asn: int = Field(ge=1, le=4294967294, description="BGP number of the old network.")


class OldDatabase(Strict):
    """The PostgreSQL server that payments move away from."""

    host: HostName = Field(
        description="Name or address, as its certificate states it; see on_premises.dns."
    )
    port: int = Field(default=5432, ge=1, le=65535, description="Port it listens on.")
    name: DatabaseName = Field(default="payments", description="Database that holds the payments.")
    ca: Certificate = Field(
        description="CA that signed its certificate, in PEM: public, and no secret."
    )


class OldApi(Strict):
    """The payment API in the old data centre."""

    addresses: tuple[Ipv4Address, ...] = Field(
        min_length=1, description="Public addresses that clients are sent to today."
    )
    private_addresses: tuple[Ipv4Address, ...] = Field(
        default=(), description="Addresses over the link, for a load balancer that shares traffic."
    )
    port: int = Field(default=443, ge=1, le=65535, description="Port it serves HTTPS on.")


class OldNames(Strict):
    """The name servers of the old data centre."""

    servers: tuple[Ipv4Address, ...] = Field(
        min_length=1, max_length=6, description="Their addresses over the link."
    )
    domains: tuple[DomainName, ...] = Field(
        min_length=1, description="Domains of which they know the names."
    )


class OnPremises(Strict):
    """Facts about the old data centre, stated once."""

    cidrs: tuple[Cidr, ...] = Field(default=(), description="Ranges reached over the link.")
    gateway: CustomerGateway | None = Field(default=None, description="The VPN's far end.")
    transit_gateway_id: TransitGatewayId | None = Field(
        default=None, description="Transit gateway that reaches the data centre."
    )
    dns: OldNames | None = Field(
        default=None,
        description="Who knows its names, if public DNS does not; to ask them from the VPC costs "
        "about $182 a month.",
    )
    database: OldDatabase | None = Field(
        default=None, description="The database that payments move away from."
    )
    api: OldApi | None = Field(default=None, description="The payment API that runs there.")


class Slo(Strict):
    """What the service promises; alarms, gates and budgets follow from it."""

    rpo_seconds: int = Field(
        default=60, ge=10, le=3600, description="Seconds of payments that a disaster may cost."
    )
    rto_seconds: int = Field(
        default=300, ge=60, le=86400, description="Seconds from a fault on AWS to the way back."
    )
    latency_p99_ms: int = Field(
        default=200, ge=10, le=10000, description="Milliseconds in which 99 % of requests end."
    )
    error_rate: float = Field(
        default=0.001, gt=0, le=0.1, description="Share of requests that may fail."
    )
    availability: float = Field(
        default=0.9999, ge=0.9, lt=1, description="Share of a month in which the API answers."
    )
