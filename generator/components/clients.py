"""Clients: a server opens both ends of an edge for those that its settings name."""

from collections.abc import Iterable, Iterator

from generator.model.component import Surroundings
from generator.model.rule import Finding


def unnamed(client: str, servers: Iterable[str], around: Surroundings) -> Iterator[Finding]:
    """Yield a finding for each of *servers*, such as `database.clients`, that lacks *client*."""
    for setting in servers:
        server, _, name = setting.partition(".")
        component = around.components.get(server)
        if component is not None and client not in getattr(component, name):
            yield Finding("", f"{setting} does not name {client}, so nothing lets it in; add it")
