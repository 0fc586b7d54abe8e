"""Where clients come in: records, load balancer, listeners and web ACL."""

from terraform.roots import BLUEPRINT


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
