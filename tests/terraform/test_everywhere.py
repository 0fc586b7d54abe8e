"""What holds for all resources of an environment, whichever component they belong to."""

import pytest

from terraform.roots import each

pytestmark = pytest.mark.slow


def of_type(resources, kind):
    """Return the values of the resources of a type, by address."""
    return {r["address"]: r["values"] for r in resources if r["type"] == kind}


@pytest.fixture
def resources(resources_of, environment, root):
    return resources_of(environment, root)


@each()
def test_all_that_is_there_was_made_here(resources):
    assert {resource["mode"] for resource in resources} == {"managed"}


@each()
def test_log_groups_are_encrypted_with_our_keys_and_kept_for_a_year(resources):
    for address, group in of_type(resources, "aws_cloudwatch_log_group").items():
        assert group["kms_key_id"].startswith("arn:aws:kms:"), address
        assert group["retention_in_days"] >= 365, address


@each()
def test_buckets_are_shut_and_encrypted(resources):
    buckets = {bucket["bucket"] for bucket in of_type(resources, "aws_s3_bucket").values()}
    blocks = of_type(resources, "aws_s3_bucket_public_access_block").values()
    encrypted = of_type(resources, "aws_s3_bucket_server_side_encryption_configuration").values()

    assert len(blocks) == len(encrypted) == len(buckets)
    for block in blocks:
        assert block["block_public_acls"]
        assert block["block_public_policy"]
        assert block["ignore_public_acls"]
        assert block["restrict_public_buckets"]


@each("main")
def test_security_groups_have_no_rules_of_their_own(resources):
    for address, group in of_type(resources, "aws_security_group").items():
        assert not group["ingress"], address
        assert not group["egress"], address


@each("main")
def test_security_group_rules_name_a_peer_and_a_purpose(resources):
    rules = of_type(resources, "aws_vpc_security_group_ingress_rule")
    rules |= of_type(resources, "aws_vpc_security_group_egress_rule")

    for address, rule in rules.items():
        assert rule["description"], address
        if not address.startswith("module.load_balancer."):  # which clients call, from anywhere
            assert rule["cidr_ipv4"] != "0.0.0.0/0", address


@each("main")
def test_nothing_gets_a_public_address_by_itself(resources):
    for address, subnet in of_type(resources, "aws_subnet").items():
        assert not subnet["map_public_ip_on_launch"], address
    for address, instance in of_type(resources, "aws_rds_cluster_instance").items():
        assert not instance["publicly_accessible"], address


@each("main")
def test_the_state_holds_no_password(resources):
    for address, cluster in of_type(resources, "aws_rds_cluster").items():
        assert cluster["master_password"] is None, address
        assert cluster["manage_master_user_password"], address
    assert of_type(resources, "aws_secretsmanager_secret_version") == {}
