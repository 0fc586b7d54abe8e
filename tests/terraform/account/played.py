"""An environment that was applied to an AWS account, which moto plays."""

from dataclasses import dataclass

from terraform.moto_server import client
from terraform.roots import BLUEPRINT, Tree


@dataclass(frozen=True)
class Account:
    """An environment, as rendered but for what moto cannot do, and the account that it is in."""

    environment: str
    url: str
    tree: Tree
    roots: dict
    left_out: set

    @property
    def prefix(self):
        return f"payments-{self.environment}"

    def api(self, service):
        return client(service, self.url, BLUEPRINT.document.region)


def paged(api, call, key):
    """Return all that a call lists, page by page."""
    return [item for page in api.get_paginator(call).paginate() for item in page[key]]
