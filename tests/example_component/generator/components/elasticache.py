"""ElastiCache: the Redis cache in front of the payment API."""

from pydantic import Field

from generator.model.component import Component, wired, wired_each


class ElastiCache(Component):
    """A replication group that keeps sessions warm."""

    engine_version: str = Field(default="7.1", pattern=r"^\d+\.\d+$", description="Redis version.")
    node_type: str = Field(pattern=r"^cache\.", description="Class of every node.")
    replicas: int = Field(default=1, ge=0, le=5, description="Read replicas behind the primary.")
    clients: tuple[str, ...] = Field(default=(), description="Components that connect.")
    snapshots: bool = Field(default=True, description="Keep a week of daily snapshots.")

    subnet_ids = wired("network.private_subnet_ids", "list(string)", "Private subnets it lies in.")
    vpc_id = wired("network.vpc_id", "string", "VPC that holds the cache.")
    client_security_group_ids = wired_each(
        "clients", "{client}.security_group_id", "Who may connect."
    )
