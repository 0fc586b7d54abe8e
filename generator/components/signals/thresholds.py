"""Where alarms ring, beside what `slo` promises."""

from pydantic import Field

from generator.model.component import Strict


class Thresholds(Strict):
    """Limits of single parts, beyond which somebody has to look."""

    minimum_requests: int = Field(
        default=30,
        ge=1,
        description="Requests in a quarter of an hour, or in the longer windows, below which a "
        "share says nothing.",
    )
    database_connections: int = Field(
        default=100, ge=10, le=5000, description="Connections to the writer."
    )
    database_cpu_percent: int = Field(
        default=80, ge=10, le=99, description="Processor of the writer, for five minutes."
    )
    replica_lag_ms: int = Field(
        default=1000, ge=20, le=60000, description="How far Aurora's readers are behind its writer."
    )
    slot_lag_mb: int = Field(
        default=1024,
        ge=64,
        le=1048576,
        description="Changes, in MB, that a replication slot may hold back from being deleted.",
    )
    transaction_ids: int = Field(
        default=1000000000,
        ge=200000000,
        le=1800000000,
        description="Age of the oldest transaction; at 2,100,000,000 PostgreSQL stops writing.",
    )
    replication_lag_seconds: int | None = Field(
        default=None,
        ge=1,
        le=3600,
        description="Replication lag that pages; slo.rpo_seconds unless it is to page earlier.",
    )
    blocked_requests: int = Field(
        default=500, ge=10, description="Requests in five minutes that the web ACL refuses."
    )
    certificate_days: int = Field(
        default=30, ge=7, le=60, description="Days before the end of the certificate."
    )


class RollBack(Strict):
    """What takes traffic back to the old side: failures or slowness on AWS, again and again."""

    periods: int = Field(
        default=3,
        ge=2,
        le=6,
        description="Periods of ten seconds, of the last twelve, in which requests failed or were "
        "slow.",
    )
    failed_percent: float = Field(
        default=5, gt=0, le=50, description="Share of a period's requests that fail."
    )
    slow_percent: float = Field(
        default=25, gt=0, le=50, description="Share of a period's requests that are slow."
    )
    slow_ms: int = Field(
        default=1000, ge=100, le=30000, description="Milliseconds after which a request is slow."
    )
