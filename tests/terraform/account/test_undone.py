"""The account is given up: nothing goes that holds payments, then everything does."""

import pytest
from botocore.exceptions import ClientError


def test_destroy_is_refused_where_payments_are(account):
    cluster = "module.database.aws_rds_cluster.this"

    assert (cluster in account.roots["main"].refusals()) == (account.environment == "prod")
    if account.environment == "prod":
        with pytest.raises(ClientError, match="deletion protection"):
            account.api("rds").delete_db_cluster(DBClusterIdentifier=account.prefix)


def test_destroy_goes_through_once_nothing_is_protected(account):
    main, bootstrap = account.roots["main"], account.roots["bootstrap"]
    if account.environment == "prod":
        account.tree.unprotect()
        # Only these protections are in AWS. More would be what moto does not keep.
        protected = (
            "database.aws_rds_cluster.this",
            "load_balancer.aws_lb.this",
            "rollback.aws_dynamodb_table.control",
        )
        main.terraform("apply", "-auto-approve", *(f"-target=module.{each}" for each in protected))
    main.destroy()

    # The home of the state is protected everywhere, and never empty.
    account.tree.unprotect()
    empty(account.api("s3"))
    bootstrap.destroy()

    assert main.resources() == bootstrap.resources() == []
    assert account.api("rds").describe_db_clusters()["DBClusters"] == []
    assert account.api("s3").list_buckets()["Buckets"] == []


def empty(s3):
    """Delete every version of every object, and first of all what forbids it or adds more."""
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    for name in names:  # until it is off, each call to one bucket is logged in the other
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
    for name in names:
        s3.delete_bucket_policy(Bucket=name)
        listed = s3.list_object_versions(Bucket=name)
        for version in listed.get("Versions", []) + listed.get("DeleteMarkers", []):
            s3.delete_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])
