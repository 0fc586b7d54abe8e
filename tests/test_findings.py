"""One mistake is one message: what follows from it is not said, nor the same thing twice."""

import re

import pytest

from conftest import ROOT, TODAY
from generator.blueprint import load
from generator.errors import BlueprintError

OURS = (ROOT / "blueprint.yaml").read_text(encoding="utf-8")


@pytest.fixture
def said(tmp_path):
    """Return what is said about our blueprint after some texts in it were replaced."""

    def check(*changes):
        text = OURS
        for old, new in changes:
            assert re.search(old, text, re.MULTILINE | re.DOTALL), old
            text = re.sub(old, new, text, count=1, flags=re.MULTILINE | re.DOTALL)
        path = tmp_path / "blueprint.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BlueprintError) as caught:
            load(path, today=TODAY)
        return [
            re.sub(r"^blueprint.yaml:\d+:\d+: ", "", each) for each in str(caught.value).split("\n")
        ]

    return check


NETWORK = "^  network:.*?^  security:"
COMPONENTS = "^components:.*?^environments:"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"333333333333"', "333333333333", "environments.prod.account_id: must be text; write"),
        ("(2{12}.*?)overrides:", r"\1override:", "environments.staging.override: unknown key; did"),
        ("^  prod:$", "  Prod:", "environments.Prod: must be lower-case words joined by hyphens"),
        ("asn: 65010", "asn: 0", "on_premises.gateway.asn: must be at least 1, not 0"),
        ("^on_premises:", "onpremises:", "onpremises: unknown key; did you mean on_premises?"),
        ("rto_seconds: 300", "rto_seconds: 3", "slo.rto_seconds: must be at least 60, not 3"),
        ("rto_seconds: 300", "rto: 300", "slo.rto: unknown key; did you mean rto_seconds?"),
        ("subscribers: ", "subscriber: ", "components.monitoring.subscriber: unknown key; did"),
        ("^  monitoring:", "  monitring:", "components.monitring: unknown component; did you mean"),
        ("record: api.payments", "record: api_", "components.routing.record: must be a lower-case"),
        ("domain: payments", "domain: P", "components.bootstrap.hosted_zone.domain: must be a"),
        (COMPONENTS, "environments:", "components: required; add it"),
        (COMPONENTS, "components: []\nenvironments:", "components: must be a mapping, not a list"),
        ("^components:", "component:", "component: unknown key; did you mean components?"),
        (
            NETWORK,
            "  security:",
            "components.network: is missing, and what dev and staging override",
        ),
        (NETWORK, "  network:\n  security:", "components.network: is empty; write {} for its"),
        ("expires: 2027-06-30", "expires: soon", "exceptions.0.expires: must be a date such as"),
    ],
)
def test_one_mistake_is_one_message(said, old, new, message):
    [only] = said((old, new))

    assert only.startswith(message)


def test_what_every_environment_says_is_said_once(said):
    [message] = said(("rto_seconds: 300", "rto_seconds: 200"))

    assert message.startswith("slo.rto_seconds: recovery time: going back takes 210 s, and 200 ")
    # Dev has nothing to go back to.
    assert message.endswith("; shorten one, or promise less (in staging and prod) [TAP020]")


def test_environments_without_a_component_are_no_exception_to_what_it_says(said):
    [message] = said(("validation_interval_minutes: 60", "validation_interval_minutes: 5"))

    assert message.startswith("components.validation.validation_interval_minutes: is shorter than")
    assert message.endswith("; lengthen it [TAP642]")  # dev has no validation


def test_environment_whose_override_is_at_odds_with_the_rest_is_named(said):
    [message] = said(("bake_minutes: 60", "bake_minutes: 60\n    existing_record: simple"))

    assert message.startswith("components.routing.existing_record: simple is for route53_weighted;")
    assert message.endswith(" (in dev) [TAP546]")


def test_what_an_environment_says_itself_needs_no_name(said):
    [message] = said(("strategy: aws_only", "strategy: aws_only, existing_record: simple"))

    assert message.startswith("environments.dev.overrides.routing.existing_record: simple is for")
    assert message.endswith("by hand and write none [TAP546]")


def test_what_is_switched_off_is_told_who_needs_it(said):
    off = "Takes real payments.\n    overrides: {network: {enabled: false}}"
    [message] = [each for each in said(("Takes real payments.", off)) if "TAP001" in each]

    assert message == (
        "environments.prod.overrides.network.enabled: is off, and security, database, compute, "
        "load_balancer, migration, validation and rollback need it; enable it, or switch off what "
        "needs it [TAP001]"
    )


def test_place_is_that_of_the_environments_own_data_centre(said):
    ranges = ", ".join(f"192.168.{number}.0/24" for number in range(17))
    [message] = said((r"^      cidrs: \[192.168.0.0/16\]", f"      cidrs: [{ranges}]"))

    assert message.startswith(
        "environments.staging.on_premises.cidrs: 17 ranges and 2 name servers"
    )
    assert message.endswith("; join some ranges [TAP113]")
