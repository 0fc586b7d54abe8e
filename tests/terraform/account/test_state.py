"""Where the account keeps its logs and the state of Terraform."""

from terraform.roots import BLUEPRINT


def test_log_groups_are_encrypted_and_kept_for_a_year(account):
    groups = account.api("logs").describe_log_groups()["logGroups"]

    assert {group["logGroupName"] for group in groups} >= {
        f"/aws/rds/cluster/{account.prefix}/postgresql",
        f"/payments/{account.environment}/flow-logs",
    }
    for group in groups:
        assert group["retentionInDays"] >= 365
        assert group["kmsKeyId"].startswith("arn:aws:kms:")


def test_state_has_a_home(account):
    s3 = account.api("s3")
    bucket = BLUEPRINT.environments[account.environment].components["bootstrap"].state_bucket

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
