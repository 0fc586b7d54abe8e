"""The sections of a blueprint against their types: what validates, and what is wrong."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from generator.components import REGISTRY
from generator.document import Document
from generator.model.component import Component
from generator.model.node import Loc, Node
from generator.model.unread import Unread
from generator.model.validation import Mistake, closest, suggestion, validate


class Noted(NamedTuple):
    """A mistake below *node*, which is the section of *component*."""

    component: str
    node: Node
    mistake: Mistake


def read_document(root: Node) -> tuple[Document | None, list[Mistake]]:
    """Return the document, with `Unread` for its parts that are wrong, and every mistake.

    It is `None` if a part is wrong that all the rest needs, such as the region.
    """
    document, mistakes = validate(Document, root)
    if document is not None:
        return document, mistakes
    # Of environments each is a part; what is there by a wrong name is not what it defaults to.
    wrong = {
        loc[: 2 if loc[0] == "environments" else 1]
        for mistake in mistakes
        for loc in (mistake.loc, mistake.meant)
        if loc
    }
    document, _ = validate(Document, _without(root, wrong))
    return (document and _with_unread(document, root, wrong)), mistakes


def read_components(section: Node, *, partial: bool = False) -> tuple[dict[str, Any], list[Noted]]:
    """Return the components of *section* that are on, `Unread` where wrong, and every mistake.

    Settings may be missing if it is *partial*.
    """
    found: dict[str, Any] = {}
    noted: list[Noted] = []
    for name, node in mapping(section).items():
        component, mistakes = _component(name, node)
        off = is_off(node)
        noted += (Noted(name, node, m) for m in mistakes if not (m.missing and (partial or off)))
        meant = name if name in REGISTRY else closest(name, REGISTRY)
        if meant and not off:
            found.setdefault(meant, component or Unread(meant))
    return found, noted


def mapping(node: Node | None) -> dict[str, Node]:
    """Return what *node* holds by key; nothing if it is no mapping."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def is_off(node: Node) -> bool:
    """Tell whether the component of the section *node* is switched off."""
    enabled = node.child("enabled")
    return enabled is not None and enabled.value is False


def _component(name: str, node: Node) -> tuple[Component | None, list[Mistake]]:
    if name not in REGISTRY:
        return None, [Mistake((), f"unknown component; {suggestion(name, REGISTRY)}")]
    if node.value is None:
        message = "is empty; write {} for its defaults, or enabled: false to leave it out"
        return None, [Mistake((), message)]
    return validate(REGISTRY[name], node)


def _without(root: Node, wrong: Iterable[Loc]) -> Node:
    """Return *root* without what is at *wrong*: entries, and environments."""
    children = dict(mapping(root))
    for first, *rest in wrong:
        if rest and "environments" in children:
            kept = {k: v for k, v in mapping(children["environments"]).items() if k != rest[0]}
            children["environments"] = children["environments"]._replace(value=kept)
        else:
            children.pop(str(first), None)
    return root._replace(value=children)


def _with_unread(document: Document, root: Node, wrong: Iterable[Loc]) -> Document:
    """Return *document*, which is what is left without *wrong*, with `Unread` in its place."""
    parts: dict[str, object] = {
        str(loc[0]): Unread(str(loc[0])) for loc in wrong if loc[0] in Document.model_fields
    }
    names = mapping(root.child("environments"))
    there = document.environments
    parts["environments"] = {name: there.get(name) or Unread(name) for name in names}
    return document.model_copy(update=parts)
