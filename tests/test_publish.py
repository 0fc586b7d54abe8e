"""What tapgen refuses to write, and what the blueprint has to say first."""

import pytest

from conftest import CASES
from generator.blueprint import load
from generator.errors import BlueprintError, DiskError
from generator.render import disk
from generator.render.publish import publish

SMALLEST = (CASES / "valid" / "smallest.yaml").read_text()
PROTECTED = 'resource "aws_kms_key" "old" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'


@pytest.fixture
def blueprint(tmp_path):
    """Write a blueprint and load it."""

    def write(text=SMALLEST):
        path = tmp_path / "blueprint.yaml"
        path.write_text(text)
        return load(path)

    return write


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


def put(root, environment, files):
    """Write *files* as if an older tapgen had."""
    disk.write(root, [disk.plan(root, environment, files)])


def test_hand_edit_is_refused_until_forced(root, blueprint):
    publish(root, blueprint())
    edited = root / "envs/prod/main.tf"
    edited.write_text("mine\n")
    foreign = root / "modules/prod/security/main.tf"

    with pytest.raises(DiskError, match=r"^envs/prod/main.tf: edited by hand; .* --force$"):
        publish(root, blueprint())

    assert edited.read_text() == "mine\n"
    assert foreign.exists()
    publish(root, blueprint(), force=True)
    assert edited.read_text() != "mine\n"


def test_file_that_tapgen_did_not_write_is_refused(root, blueprint):
    (root / "envs/prod").mkdir(parents=True)
    (root / "envs/prod/main.tf").write_text("older than tapgen\n")

    with pytest.raises(DiskError, match=r"^envs/prod/main.tf: not written by tapgen;"):
        publish(root, blueprint())


def test_file_beside_the_rendered_ones_is_left_alone(root, blueprint):
    publish(root, blueprint())
    extra = root / "modules/prod/security/extra.tf"
    extra.write_text("mine\n")

    [plan] = publish(root, blueprint(), ["prod"])

    assert plan.of("foreign") == ["modules/prod/security/extra.tf"]
    assert extra.read_text() == "mine\n"


def test_check_writes_nothing(root, blueprint):
    plan, _ = publish(root, blueprint(), check=True)

    assert plan.of("missing")
    assert list(root.iterdir()) == []


def test_only_named_environments_are_written(root, blueprint):
    text = SMALLEST + '  dev: {account_id: "111111111111"}\n'
    publish(root, blueprint(text), ["dev"])

    assert disk.environments_on_disk(root) == ["dev"]


def test_environment_that_left_the_blueprint_is_cleared_away(root, blueprint):
    put(root, "test", {"modules/test/network/main.tf": "gone\n"})

    publish(root, blueprint())

    assert disk.environments_on_disk(root) == ["prod"]


def test_environment_that_left_with_protected_data_needs_force(root, blueprint):
    put(root, "test", {"modules/test/security/main.tf": PROTECTED})

    with pytest.raises(
        DiskError, match=r"module.security.aws_kms_key.old is protected and test is"
    ):
        publish(root, blueprint())

    publish(root, blueprint(), force=True)
    assert disk.environments_on_disk(root) == ["prod"]


def test_protection_is_not_lost_in_silence(root, blueprint):
    put(root, "prod", {"modules/prod/security/old.tf": PROTECTED})

    with pytest.raises(DiskError) as caught:
        publish(root, blueprint(), force=True)

    assert str(caught.value) == (
        "modules/prod/security: module.security.aws_kms_key.old would lose prevent_destroy; "
        "say so in blueprint.yaml, environments.prod.retire: "
        "[{component: security, reason: ..., approver: ...}]"
    )
    assert (root / "modules/prod/security/old.tf").exists()


RETIRED = SMALLEST.replace("security: {}", "security: {enabled: false}").replace(
    '"333333333333"',
    '"333333333333", retire: [{component: security, reason: done, approver: cto%s}]',
)


def test_retired_component_is_forgotten_and_stays_in_aws(root, blueprint):
    publish(root, blueprint())

    publish(root, blueprint(RETIRED % ""))

    main = (root / "envs/prod/main.tf").read_text()
    assert (
        "removed {\n  from = module.security\n\n  lifecycle {\n    destroy = false\n  }\n}" in main
    )
    assert not (root / "modules/prod/security").exists()


def test_retired_component_is_destroyed_if_that_is_said(root, blueprint):
    publish(root, blueprint())

    publish(root, blueprint(RETIRED % ", destroy: true"))

    assert "removed" not in "".join(path.read_text() for path in root.glob("envs/prod/*.tf"))


def test_exception_that_matches_no_resource_is_an_error(root, blueprint):
    text = SMALLEST + (
        "exceptions:\n  - {check: CKV_AWS_7, environments: [prod], "
        "resource: module.security.aws_kms_key.nothing, reason: r, owner: o, expires: 2027-01-01}\n"
    )

    with pytest.raises(BlueprintError) as caught:
        publish(root, blueprint(text))

    assert str(caught.value) == (
        "blueprint.yaml:10:46: exceptions.0.resource: module.security.aws_kms_key.nothing is not "
        "rendered in prod; mend the address, or take the exception out"
    )
    assert list(root.iterdir()) == []


ROUTED = (CASES / "valid" / "routing-alb-weighted.yaml").read_text()
"""Traffic divided by the load balancer."""


def divided_by(strategy, said=""):
    return ROUTED.replace("strategy: alb_weighted", f"{said}strategy: {strategy}")


def leaving(strategy):
    return f"leaving: {{strategy: {strategy}, reason: finer weights, approver: cto}}, "


def test_traffic_is_not_divided_in_another_way_in_silence(root, blueprint):
    publish(root, blueprint(divided_by("route53_weighted")))

    with pytest.raises(DiskError) as caught:
        publish(root, blueprint(divided_by("alb_weighted")), force=True)

    assert str(caught.value) == (
        "modules/prod/routing: route53_weighted divides traffic, and alb_weighted would send "
        "everybody on premises at first, whatever the weights are now; read docs/operations.md, "
        "then say so in blueprint.yaml, routing.leaving: {strategy: route53_weighted, reason: ..., "
        "approver: ...}"
    )
    assert "onprem" in (root / "modules/prod/routing/main.tf").read_text()


def test_leave_to_divide_traffic_in_another_way_is_for_one_way_only(root, blueprint):
    publish(root, blueprint(divided_by("route53_weighted")))

    with pytest.raises(DiskError, match=r"leaving: {strategy: route53_weighted"):
        publish(root, blueprint(divided_by("alb_weighted", leaving("aws_only"))))

    publish(root, blueprint(divided_by("alb_weighted", leaving("route53_weighted"))))
    publish(root, blueprint(divided_by("alb_weighted")))
    assert "onprem" not in (root / "modules/prod/routing/main.tf").read_text()
