"""Rules about functions, whichever component runs them."""

import datetime as dt
from collections.abc import Iterator

from generator.components.bootstrap import Bootstrap
from generator.components.function import Functions, FunctionSettings
from generator.components.images import is_example, is_example_account
from generator.document import Environment
from generator.model.rule import Finding, rule
from generator.model.unread import Unread


@rule("TAP402", "An image is pushed to a repository before a function runs it.")
def _images_have_repositories(environment: Environment) -> Iterator[Finding]:
    bootstrap = environment.components.get("bootstrap")
    if not isinstance(bootstrap, Bootstrap):
        return
    for label, component in environment.components.items():
        for function in component.functions if isinstance(component, Functions) else ():
            if function.name not in bootstrap.image_repositories:
                yield Finding(
                    "bootstrap.image_repositories",
                    f"lacks {function.name}, which {label} runs; add it",
                )


@rule("TAP506", "The way back leads to another image.")
def _previous_image_is_another(environment: Environment) -> Iterator[Finding]:
    for path, settings in _functions(environment):
        if settings.previous_digest == settings.digest:
            yield Finding(
                f"{path}.previous_digest",
                "is the digest that runs; name the one that ran before, or leave it out",
            )


@rule("TAP507", "An example is no image, and what cannot run is not applied.")
def _images_are_real(environment: Environment) -> Iterator[Finding]:
    if not is_example_account(environment.account_id):
        for path in _examples(environment):
            yield Finding(
                path,
                f"is an example, and account {environment.account_id} is none; push the image and "
                "write its digest",
            )


@rule(
    "TAP508", "An example shows where a digest belongs.", severity="warning", dated=True
)  # dated, so that only `check` asks: to render an example is what examples are for
def _images_will_be_real(environment: Environment, _today: dt.date) -> Iterator[Finding]:
    if is_example_account(environment.account_id):
        for path in _examples(environment):
            yield Finding(path, "is an example; write the digest of the image that was pushed")


def _examples(environment: Environment) -> Iterator[str]:
    for path, settings in _functions(environment):
        for name in ("digest", "previous_digest"):
            digest = getattr(settings, name)
            if digest and is_example(digest):
                yield f"{path}.{name}"


def _functions(environment: Environment) -> Iterator[tuple[str, FunctionSettings]]:
    """Yield the settings of every function, by their paths."""
    for label, component in environment.components.items():
        if isinstance(component, Unread):
            continue
        for name in type(component).model_fields:
            settings = getattr(component, name)
            if isinstance(settings, FunctionSettings):
                yield f"{label}.{name}", settings
