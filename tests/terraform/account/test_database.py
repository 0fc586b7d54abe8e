"""The cluster of the account, its instances, and the keys of everything."""

INSTANCES = {
    "prod": {
        "payments-prod-writer": ("db.r6g.xlarge", "us-east-2a", 0),
        "payments-prod-reader-1": ("db.r6g.large", "us-east-2b", 1),
        "payments-prod-reader-2": ("db.r6g.large", "us-east-2c", 15),
    },
    "dev": {"payments-dev-writer": ("db.r6g.large", "us-east-2a", 0)},
}
KEYS = {"database", "dms", "images", "lambda", "logs", "notifications", "secrets", "state"}


def test_keys_have_aliases_and_rotate(account):
    kms = account.api("kms")
    aliases = {
        alias["AliasName"].removeprefix(f"alias/{account.prefix}-"): alias["TargetKeyId"]
        for page in kms.get_paginator("list_aliases").paginate()
        for alias in page["Aliases"]
        if alias["AliasName"].startswith(f"alias/{account.prefix}-")
    }

    assert aliases.keys() >= KEYS
    for key in aliases.values():
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "CUSTOMER"


def test_cluster_is_what_was_asked_for(account):
    (cluster,) = account.api("rds").describe_db_clusters()["DBClusters"]

    assert cluster["DBClusterIdentifier"] == account.prefix
    assert (cluster["Engine"], cluster["EngineVersion"]) == ("aurora-postgresql", "14.24")
    assert cluster["DatabaseName"] == "payments"
    assert cluster["BackupRetentionPeriod"] == 7
    assert cluster["StorageEncrypted"]
    assert cluster["IAMDatabaseAuthenticationEnabled"]
    assert cluster["MasterUserSecret"]["SecretArn"]
    assert set(cluster["EnabledCloudwatchLogsExports"]) == {"iam-db-auth-error", "postgresql"}
    assert cluster["DeletionProtection"] == (account.environment == "prod")


def test_cluster_is_encrypted_with_the_key_for_it(account):
    (cluster,) = account.api("rds").describe_db_clusters()["DBClusters"]
    alias = f"alias/{account.prefix}-database"
    key = account.api("kms").describe_key(KeyId=alias)["KeyMetadata"]

    assert cluster["KmsKeyId"] == key["Arn"]


def test_instances_have_their_classes_zones_and_tiers(account):
    instances = account.api("rds").describe_db_instances()["DBInstances"]

    assert INSTANCES[account.environment] == {
        i["DBInstanceIdentifier"]: (i["DBInstanceClass"], i["AvailabilityZone"], i["PromotionTier"])
        for i in instances
    }
    for instance in instances:
        assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
        assert not instance["PubliclyAccessible"]
        assert not instance["AutoMinorVersionUpgrade"]


def test_cluster_speaks_only_tls_and_can_be_replicated(account):
    rds = account.api("rds")
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    group = cluster["DBClusterParameterGroup"]
    listed = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=group)["Parameters"]
    parameters = {each["ParameterName"]: each["ParameterValue"] for each in listed}

    assert parameters["rds.force_ssl"] == "1"
    assert parameters["ssl_min_protocol_version"] == "TLSv1.2"
    assert parameters["rds.logical_replication"] == "1"
