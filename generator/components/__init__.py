"""The registry: every component, in the order in which roots call their modules."""

from collections.abc import Mapping
from typing import get_args

from generator.components.bootstrap import Bootstrap
from generator.components.compute import Compute
from generator.components.database import Database
from generator.components.load_balancer import LoadBalancer
from generator.components.migration import Migration
from generator.components.monitoring import Monitoring
from generator.components.network import Network
from generator.components.rollback import Rollback
from generator.components.routing import Routing
from generator.components.security import Security
from generator.components.validation import Validation
from generator.model.component import Component, Strict


class Components(Strict):
    """The `components` section, and that of `overrides`."""

    bootstrap: Bootstrap | None = None
    network: Network | None = None
    security: Security | None = None
    database: Database | None = None
    compute: Compute | None = None
    load_balancer: LoadBalancer | None = None
    migration: Migration | None = None
    routing: Routing | None = None
    monitoring: Monitoring | None = None
    validation: Validation | None = None
    rollback: Rollback | None = None


REGISTRY: Mapping[str, type[Component]] = {
    name: get_args(field.annotation)[0] for name, field in Components.model_fields.items()
}
