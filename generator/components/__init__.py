"""The registry: every component, in the order in which roots call their modules."""

from collections.abc import Mapping
from typing import get_args

from generator.components.bootstrap import Bootstrap
from generator.components.database import Database
from generator.components.monitoring import Monitoring
from generator.components.network import Network
from generator.components.security import Security
from generator.model.component import Component, Strict


class Components(Strict):
    """The `components` section, and that of `overrides`."""

    bootstrap: Bootstrap | None = None
    network: Network | None = None
    security: Security | None = None
    database: Database | None = None
    monitoring: Monitoring | None = None


REGISTRY: Mapping[str, type[Component]] = {
    name: get_args(field.annotation)[0] for name, field in Components.model_fields.items()
}
