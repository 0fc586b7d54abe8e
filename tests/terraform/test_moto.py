"""prod and dev are applied to an AWS account that moto plays, looked over, and destroyed.

The tests of an environment share its account, and run in this order.
"""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from known_metrics import is_known
from terraform.blocks import without
from terraform.moto_server import client, serving
from terraform.roots import BLUEPRINT, FOLDERS, Tree

# Types of resources that moto 5.2.5 is known to fail on.
FAILS = {
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_cloudwatch_composite_alarm",
    "aws_dms_certificate",
    "aws_dms_event_subscription",
    "aws_dms_replication_instance",
    "aws_dms_replication_task",
    "aws_lambda_provisioned_concurrency_config",
    "aws_secretsmanager_secret_rotation",
}
FAILS_TOO = {"aws_backup_selection", "aws_backup_vault"}
"""Not on that list; a test below says why."""

EVERYWHERE = {
    "aws_appautoscaling_policy",
    "aws_appautoscaling_target",
    "aws_backup_selection",
    "aws_cloudwatch_composite_alarm",
    "aws_lambda_provisioned_concurrency_config",
    "aws_secretsmanager_secret_rotation",
}
EXCLUDED = {
    "prod": EVERYWHERE | {kind for kind in FAILS if kind.startswith("aws_dms_")},
    "dev": EVERYWHERE | {"aws_backup_vault"},
}
DEPENDENT = {
    "prod": {"aws_dms_endpoint", "aws_ssm_parameter"},
    "dev": {"aws_backup_plan", "aws_ssm_parameter"},
}
"""What names something that is left out; of descriptions, those alone."""

# What moto takes and does not keep, so that the next plan sets it again.
NOT_KEPT = {
    "aws_dms_replication_subnet_group": {"subnet_ids", "tags_all"},
    "aws_kms_key": {"rotation_period_in_days"},
    "aws_lambda_function": {"dead_letter_config", "image_config", "logging_config"},
    "aws_rds_cluster": {"engine_lifecycle_support", "performance_insights_enabled"},
    "aws_rds_cluster_instance": {"performance_insights_enabled"},
}
NOT_KEPT_EITHER = {
    "aws_backup_plan": {"tags_all"},
    "aws_backup_vault": {"tags_all"},
    "aws_dms_replication_subnet_group": {"tags_all"},
    # A function that is to be changed will have a new version, and its alias will name that.
    "aws_lambda_alias": {"function_version"},
    "aws_lambda_function": {"qualified_arn", "qualified_invoke_arn", "version"},
    "aws_rds_cluster": {
        "database_insights_mode",
        "performance_insights_kms_key_id",
        "performance_insights_retention_period",
        "scaling_configuration",  # read as an empty block, where there is none
    },
    "aws_rds_cluster_instance": {
        "performance_insights_kms_key_id",
        "performance_insights_retention_period",
    },
    # Of rules that name a group or a list, not of those that name a range.
    "aws_vpc_security_group_egress_rule": {"description"},
    "aws_vpc_security_group_ingress_rule": {"description"},
    "aws_vpn_connection": {"preshared_key_storage"},
}
"""Not on that list; most belong to what is."""

ZONES = ("us-east-2a", "us-east-2b", "us-east-2c")
PUBLIC = ("10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24")
PRIVATE = ("10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24")
ON_PREMISES = {"prod": {"192.168.0.0/16"}, "dev": set()}
NAT_GATEWAYS = {"prod": dict(zip(ZONES, ZONES, strict=True)), "dev": dict.fromkeys(ZONES, ZONES[0])}
"""The zone of the NAT gateway through which each zone leaves."""
INSTANCES = {
    "prod": {
        "payments-prod-writer": ("db.r6g.xlarge", "us-east-2a", 0),
        "payments-prod-reader-1": ("db.r6g.large", "us-east-2b", 1),
        "payments-prod-reader-2": ("db.r6g.large", "us-east-2c", 15),
    },
    "dev": {"payments-dev-writer": ("db.r6g.large", "us-east-2a", 0)},
}
KEYS = {"database", "dms", "images", "lambda", "logs", "notifications", "secrets", "state"}

pytestmark = pytest.mark.slow


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


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"moto-{name}")) for name in EXCLUDED],
)
def account(request, real, tmp_path_factory):
    """An account with both roots of an environment applied."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    tree = Tree(folder, name)
    texts, left_out = without(tree.texts(), EXCLUDED[name])
    tree.rewrite(texts)
    with serving(BLUEPRINT.environments[name].account_id, folder / "moto.log") as url:
        roots = {root: tree.open(root, real, AWS_ENDPOINT_URL=url) for root in FOLDERS}
        write_zone(tree, roots["bootstrap"])
        with ThreadPoolExecutor() as pool:  # they wait for moto most of the time
            list(pool.map(lambda root: root.apply(), roots.values()))
        yield Account(name, url, tree, roots, left_out)


def write_zone(tree, bootstrap):
    """Make the zone first, and write its id where the blueprint would have it from then on."""
    bootstrap.terraform("apply", "-auto-approve", "-target=module.bootstrap.aws_route53_zone.this")
    (zone,) = (r for r in bootstrap.resources() if r["type"] == "aws_route53_zone")
    example = BLUEPRINT.environments[tree.environment].components["routing"].zone_id
    tree.rewrite(
        {
            path: text.replace(example, zone["values"]["zone_id"])
            for path, text in tree.texts().items()
        }
    )


def named(resource):
    """Return the name that a resource of EC2 is tagged with."""
    return next(tag["Value"] for tag in resource["Tags"] if tag["Key"] == "Name")


def test_what_is_left_out_is_known_to_fail_or_depends_on_it(account):
    left_out = {address.split(".")[0] for _, address in account.left_out}

    assert left_out == EXCLUDED[account.environment] | DEPENDENT[account.environment]
    assert EXCLUDED[account.environment] <= FAILS | FAILS_TOO


def test_what_is_left_out_still_fails(account):
    secrets, backup = account.api("secretsmanager"), account.api("backup")
    secrets.create_secret(Name="test", SecretString="test")
    rules = {"AutomaticallyAfterDays": 30}
    secrets.rotate_secret(SecretId="test", RotationRules=rules, RotateImmediately=False)
    backup.create_backup_vault(BackupVaultName="test")

    # A rotation is made, but does not end; a vault is made, but cannot be emptied.
    with pytest.raises(ClientError):
        secrets.cancel_rotate_secret(SecretId="test")
    with pytest.raises(ClientError):
        backup.list_recovery_points_by_backup_vault(BackupVaultName="test")
    with pytest.raises(ClientError):
        backup.create_backup_selection(
            BackupPlanId="test",
            BackupSelection={"SelectionName": "test", "IamRoleArn": "arn:aws:iam::1:role/test"},
        )
    backup.delete_backup_vault(BackupVaultName="test")
    secrets.delete_secret(SecretId="test", ForceDeleteWithoutRecovery=True)


def test_second_plan_changes_only_what_moto_does_not_keep(account):
    known = {
        (kind, name)
        for table in (NOT_KEPT, NOT_KEPT_EITHER)
        for kind, names in table.items()
        for name in names
    }
    found, asked = set(), set()
    for root in account.roots.values():
        for address, change in root.changes().items():
            assert change["actions"] == ["update"], address
            kind = address.split(".")[2]
            found |= {(kind, name) for name in changed(change)}
            asked |= {(kind, name) for name, value in change["after"].items() if value}

    assert found <= known
    # What moto has learnt to keep leaves the tables again.
    assert known & asked <= found


def changed(change):
    """Return the names of the attributes that differ before and after *change*."""
    before, after, unknown = change["before"], change["after"], change["after_unknown"]
    return {
        name
        for name in before | after | unknown
        if is_unknown(unknown.get(name)) or before.get(name) != after.get(name)
    }


def is_unknown(value):
    """Tell whether any part of a value will be known only after the apply."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return any(map(is_unknown, parts))
    return bool(value)


def vpc_of(account):
    ec2 = account.api("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    return vpc, [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]


def test_vpc_has_its_range_and_its_names(account):
    vpc, _ = vpc_of(account)
    ec2 = account.api("ec2")

    assert vpc["CidrBlock"] == "10.0.0.0/16"
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]] == {"Value": True}


def test_six_subnets_have_their_ranges_and_zones(account):
    _, within = vpc_of(account)
    subnets = account.api("ec2").describe_subnets(Filters=within)["Subnets"]

    assert {(s["CidrBlock"], s["AvailabilityZone"]) for s in subnets} == {
        *zip(PUBLIC, ZONES, strict=True),
        *zip(PRIVATE, ZONES, strict=True),
    }
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)


def test_each_zone_leaves_through_its_nat_gateway(account):
    _, within = vpc_of(account)
    ec2 = account.api("ec2")
    subnets = {s["SubnetId"]: s for s in ec2.describe_subnets(Filters=within)["Subnets"]}
    gateways = {
        gateway["NatGatewayId"]: subnets[gateway["SubnetId"]]
        for gateway in ec2.describe_nat_gateways(Filters=within)["NatGateways"]
    }
    ways = {}
    for table in ec2.describe_route_tables(Filters=within)["RouteTables"]:
        routes = {
            r["DestinationCidrBlock"]: r for r in table["Routes"] if "DestinationCidrBlock" in r
        }
        for association in table["Associations"]:
            if "SubnetId" in association:
                ways[subnets[association["SubnetId"]]["CidrBlock"]] = routes

    assert {gateway["CidrBlock"] for gateway in gateways.values()} <= set(PUBLIC)
    for cidr in PUBLIC:
        assert ways[cidr]["0.0.0.0/0"]["GatewayId"].startswith("igw-")
    for zone, cidr in zip(ZONES, PRIVATE, strict=True):
        gateway = gateways[ways[cidr]["0.0.0.0/0"]["NatGatewayId"]]
        assert gateway["AvailabilityZone"] == NAT_GATEWAYS[account.environment][zone]
        assert ways[cidr].keys() == {"10.0.0.0/16", "0.0.0.0/0"} | ON_PREMISES[account.environment]


def test_each_nat_gateway_has_its_table(account):
    _, within = vpc_of(account)
    tables = account.api("ec2").describe_route_tables(Filters=within)["RouteTables"]
    private = Counter(
        named(table).rsplit("-private-", 1)[-1] for table in tables if "-private-" in named(table)
    )

    assert private == Counter(set(NAT_GATEWAYS[account.environment].values()))


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


def test_traffic_begins_on_premises(account):
    route53 = account.api("route53")
    routing = BLUEPRINT.environments[account.environment].components["routing"]
    (zone,) = route53.list_hosted_zones()["HostedZones"]
    listed = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    records = {
        record.get("SetIdentifier"): record
        for record in listed
        if record["Name"].rstrip(".") == routing.record
    }

    if account.environment == "dev":
        assert records.keys() == {"aws"}
    else:
        assert {name: record["Weight"] for name, record in records.items()} == {
            "onprem": 100,
            "aws": 0,
        }
        assert records["onprem"]["TTL"] == 60
        addresses = [each["Value"] for each in records["onprem"]["ResourceRecords"]]
        assert set(addresses) == {"203.0.113.10", "203.0.113.11"}
    assert not records["aws"]["AliasTarget"]["EvaluateTargetHealth"]
    assert not any("HealthCheckId" in record for record in records.values())


def balancer_of(account):
    elb = account.api("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listed = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    return elb, balancer, {listener["Port"]: listener for listener in listed}


def test_load_balancer_faces_the_internet_and_takes_no_chances(account):
    elb, balancer, _ = balancer_of(account)
    listed = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"])
    attributes = {each["Key"]: each["Value"] for each in listed["Attributes"]}
    bucket = f"{account.prefix}-lb-logs-{BLUEPRINT.environments[account.environment].account_id}"

    assert balancer["Type"] == "application"  # moto does not say which scheme it has
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "strictest"
    assert attributes["deletion_protection.enabled"] == str(account.environment == "prod").lower()
    for kind in ("access", "connection"):
        assert attributes[f"{kind}_logs.s3.enabled"] == "true"
        assert attributes[f"{kind}_logs.s3.bucket"] == bucket


def test_listeners_encrypt_redirect_and_know_no_other_name(account):
    _, _, listeners = balancer_of(account)
    (redirect,) = listeners[80]["DefaultActions"]
    (otherwise,) = listeners[443]["DefaultActions"]

    assert listeners.keys() == {80, 443}
    assert listeners[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert redirect["RedirectConfig"]["StatusCode"] == "HTTP_301"
    assert redirect["RedirectConfig"]["Protocol"] == "HTTPS"
    assert otherwise["FixedResponseConfig"]["StatusCode"] == "404"


def test_one_rule_forwards_payments_to_the_function(account):
    elb, _, listeners = balancer_of(account)
    rules = elb.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"]
    (rule,) = (rule for rule in rules if not rule["IsDefault"])
    (group,) = elb.describe_target_groups()["TargetGroups"]
    health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
    routing = BLUEPRINT.environments[account.environment].components["routing"]

    assert rule["Conditions"][0]["HostHeaderConfig"]["Values"] == [routing.record]
    assert [action["TargetGroupArn"] for action in rule["Actions"]] == [group["TargetGroupArn"]]
    assert group["TargetType"] == "lambda"
    assert (group["HealthCheckPath"], group["HealthCheckIntervalSeconds"]) == ("/health", 30)
    (target,) = health["TargetHealthDescriptions"]
    assert target["Target"]["Id"].endswith(f":function:{account.prefix}-payment:live")


def test_web_acl_asks_its_rules_in_order(account):
    waf = account.api("wafv2")
    (summary,) = waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
    acl = waf.get_web_acl(Scope="REGIONAL", Name=summary["Name"], Id=summary["Id"])["WebACL"]
    rules = {rule["Priority"]: rule for rule in acl["Rules"]}
    ordered = [rules[priority] for priority in sorted(rules)]
    limit = ordered[0]["Statement"]["RateBasedStatement"]
    groups = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]: rule["OverrideAction"]
        for rule in ordered[1:]
    }

    assert (limit["Limit"], limit["EvaluationWindowSec"]) == (1000, 60)
    assert list(groups) == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesAnonymousIpList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesSQLiRuleSet",
    ]
    assert [name for name, action in groups.items() if "Count" in action] == [
        "AWSManagedRulesAnonymousIpList"
    ]
    _, balancer, _ = balancer_of(account)
    guard = waf.get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])
    assert guard["WebACL"]["ARN"] == summary["ARN"]


def test_secrets_are_empty_containers(account):
    secrets = account.api("secretsmanager")
    security = BLUEPRINT.environments[account.environment].components["security"]
    listed = [
        each
        for page in secrets.get_paginator("list_secrets").paginate()
        for each in page["SecretList"]
        if each["Name"].startswith(f"{account.prefix}/")
    ]

    assert {each["Name"].split("/")[1] for each in listed} == set(security.containers)
    for each in listed:
        assert each["KmsKeyId"].startswith("arn:aws:kms:")
        with pytest.raises(ClientError, match="ResourceNotFound"):
            secrets.get_secret_value(SecretId=each["ARN"])


def test_functions_are_what_was_asked_for(account):
    functions = account.api("lambda")
    compute = BLUEPRINT.environments[account.environment].components["compute"]
    for name, settings in (
        ("payment", compute.payment_function),
        ("schema", compute.schema_function),
    ):
        found = functions.get_function(FunctionName=f"{account.prefix}-{name}")
        configuration = found["Configuration"]
        alias = functions.get_alias(FunctionName=f"{account.prefix}-{name}", Name="live")

        assert found["Code"]["ImageUri"].endswith(f"/{account.prefix}/{name}@{settings.digest}")
        assert configuration["MemorySize"] == settings.memory_mb
        assert configuration["Timeout"] == settings.timeout_seconds
        assert found["Concurrency"] == {
            "ReservedConcurrentExecutions": settings.reserved_concurrency
        }
        assert len(configuration["VpcConfig"]["SubnetIds"]) == len(PRIVATE)
        assert alias["FunctionVersion"] == "1"


def test_payment_function_knows_where_it_may_write(account):
    functions = account.api("lambda")
    found = functions.get_function(FunctionName=f"{account.prefix}-payment")["Configuration"]
    variables = found["Environment"]["Variables"]
    moves = account.environment == "prod"

    assert (found["MemorySize"], found["Timeout"]) == (3008, 10)
    assert variables["AURORA_USER"] == "payment_app"
    assert ("CONTROL_TABLE" in variables) == moves
    assert variables.get("ONPREM_HOST") == ("payments-db.dc.example.com" if moves else None)


def test_alarms_have_their_limits_and_somebody_who_hears(account):
    told = account.api("sns").list_topics()["Topics"]
    alarms = paged(account.api("cloudwatch"), "describe_alarms", "MetricAlarms")
    found = {alarm["AlarmName"].removeprefix(f"{account.prefix}-"): alarm for alarm in alarms}

    assert found["latency"]["Threshold"] == 1
    assert {q["Id"] for q in found["latency"]["Metrics"]} == {"every", "slow", "value"}
    assert found["database-cpu"]["Threshold"] == 80
    assert {q["Id"] for q in found["roll-back-errors"]["Metrics"]} == {"bad", "total", "value"}
    for name in ("latency", "database-cpu", "payment-errors"):
        assert set(found[name]["AlarmActions"]) <= {topic["TopicArn"] for topic in told}
        assert found[name]["AlarmActions"]


def test_dashboards_are_json_about_metrics_that_exist(account):
    api = account.api("cloudwatch")
    names = {page["DashboardName"] for page in api.list_dashboards()["DashboardEntries"]}

    assert names >= {f"{account.prefix}-{name}" for name in ("api", "business", "database")}
    for name in names:
        body = json.loads(api.get_dashboard(DashboardName=name)["DashboardBody"])
        for widget in body["widgets"]:
            for namespace, metric, *rest in filter(lambda row: len(row) > 1, rows(widget)):
                assert is_known(namespace, metric, rest[:-1:2]), (name, metric)


def rows(widget):
    """Return what a graph draws: metrics, and expressions over them."""
    return widget["properties"]["metrics"]


def paged(api, call, key):
    """Return all that a call lists, page by page."""
    return [item for page in api.get_paginator(call).paginate() for item in page[key]]


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
