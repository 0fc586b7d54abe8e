"""The way back as it reaches AWS: who calls it, what it may do, and the state that it keeps."""

import json

import pytest

from terraform.roots import BLUEPRINT

NAME, PREFIX = "prod", "payments-prod"
ACCOUNT = BLUEPRINT.environments[NAME].account_id
ROUTING = BLUEPRINT.environments[NAME].components["routing"]
ALARM = f"arn:aws:cloudwatch:us-east-2:{ACCOUNT}:alarm:{PREFIX}-roll-back"
TASKS = [f"arn:aws:dms:us-east-2:{ACCOUNT}:task:{PREFIX}-{way}" for way in ("forward", "reverse")]
KEY = "route53:ChangeResourceRecordSets"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group(NAME)]


@pytest.fixture(scope="module")
def of_type(resources_of):
    """Return the values of the module's resources of a type, by their name in Terraform."""
    resources = resources_of(NAME, "main")

    def get(kind):
        return {
            r["name"]: r["values"]
            for r in resources
            if r["type"] == kind and r["address"].startswith("module.rollback.")
        }

    return get


@pytest.fixture(scope="module")
def statements(of_type):
    """Return the statements of a role, by their names."""

    def get(role):
        policy = json.loads(of_type("aws_iam_role_policy")[role]["policy"])
        return {each["Sid"]: each for each in policy["Statement"]}

    return get


def test_rollback_needs_no_vpc_and_runs_once_at_a_time(of_type):
    functions = of_type("aws_lambda_function")

    assert not functions["rollback"]["vpc_config"]
    assert functions["rollback"]["timeout"] == 240
    assert functions["cutover"]["vpc_config"]
    assert functions["cutover"]["timeout"] == 900
    for name in ("rollback", "cutover"):
        assert functions[name]["reserved_concurrent_executions"] == 1
    for function in functions.values():
        assert function["dead_letter_config"]


def test_probe_stands_outside_and_is_told_whom_to_ask(of_type, resources_of):
    probe = of_type("aws_lambda_function")["probe"]
    (balancer,) = [r["values"] for r in resources_of(NAME, "main") if r["type"] == "aws_lb"]

    assert not probe["vpc_config"]
    assert (probe["memory_size"], probe["timeout"]) == (128, 135)
    assert probe["reserved_concurrent_executions"] == 3
    variables = probe["environment"][0]["variables"]
    assert variables["PROBE_HOST"] == balancer["dns_name"]
    assert (variables["PROBE_NAME"], variables["PROBE_PORT"]) == (ROUTING.record, "443")


def test_probe_may_do_nothing_but_what_every_function_may(statements):
    assert statements("probe").keys() == {
        "WriteLog", "WriteTraces", "ReadVariables", "SendDeadLetters", "EncryptDeadLetters",
    }  # fmt: skip


def test_alarm_may_call_the_alias_and_nothing_else_may(of_type):
    (permission,) = of_type("aws_lambda_permission").values()

    assert permission["principal"] == "lambda.alarms.cloudwatch.amazonaws.com"
    assert permission["source_arn"] == ALARM
    assert permission["source_account"] == ACCOUNT
    assert permission["qualifier"] == "live"


def test_traffic_is_moved_in_one_record_of_one_zone(statements):
    may = statements("rollback")["MoveTraffic"]

    assert may["Action"] == KEY
    assert may["Resource"] == f"arn:aws:route53:::hostedzone/{ROUTING.zone_id}"
    assert may["Condition"] == {
        "ForAllValues:StringEquals": {
            f"{KEY}NormalizedRecordNames": [ROUTING.record],
            f"{KEY}RecordTypes": ["A"],
            f"{KEY}Actions": ["UPSERT"],
        }
    }


def test_who_moves_traffic_shuts_no_database_and_the_other_way_round(statements):
    traffic, writer = statements("rollback"), statements("cutover")

    assert {"SignInToAurora", "ReadSecrets", "RunTasks"} & traffic.keys() == set()
    assert {"MoveTraffic", "ReadKillSwitch", "CallCutover"} & writer.keys() == set()
    assert writer["SignInToAurora"]["Resource"].endswith("/payment_operator")
    assert writer["RunTasks"]["Action"] == [
        "dms:StartReplicationTask",
        "dms:StopReplicationTask",
    ]
    assert writer["RunTasks"]["Resource"] == TASKS


def test_who_moves_the_writer_tries_the_connections_of_dms_and_sees_what_a_gate_asks(statements):
    writer = statements("cutover")

    assert writer["TryConnections"]["Resource"] == [
        f"arn:aws:dms:us-east-2:{ACCOUNT}:{kind}:*" for kind in ("endpoint", "rep")
    ]
    assert writer["FindConnections"]["Resource"] == writer["ReadAlarms"]["Resource"] == "*"
    assert writer["ReadBackups"]["Resource"].endswith(f":cluster:{PREFIX}")


@pytest.mark.parametrize("role", ["rollback", "cutover"])
def test_state_is_read_and_written_and_never_deleted(statements, of_type, role):
    (table,) = of_type("aws_dynamodb_table").values()
    may = statements(role)["UseControlTable"]

    assert may["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    assert may["Resource"] == table["arn"]


def test_control_table_is_what_functions_expect_and_is_protected(of_type):
    (table,) = of_type("aws_dynamodb_table").values()

    assert table["name"] == f"{PREFIX}-control"
    assert (table["hash_key"], table["range_key"]) == ("id", "at")
    assert {each["name"]: each["type"] for each in table["attribute"]} == {"id": "S", "at": "S"}
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert table["deletion_protection_enabled"]
    assert table["point_in_time_recovery"][0]["enabled"]
    assert table["server_side_encryption"][0]["kms_key_arn"]


def test_kill_switch_starts_automatic(of_type):
    switch = of_type("aws_ssm_parameter")["mode"]

    assert switch["name"] == f"/payments/{NAME}/rollback/mode"
    assert switch["value"] == "auto"
    assert switch["type"] == "String"


@pytest.mark.parametrize("name", ["reconcile", "probe"])
def test_reconciler_and_probe_come_every_minute(of_type, name):
    schedule = of_type("aws_scheduler_schedule")[name]

    assert schedule["schedule_expression"] == "rate(1 minute)"
    assert json.loads(schedule["target"][0]["input"]) == {"action": name}
    assert schedule["target"][0]["retry_policy"][0]["maximum_retry_attempts"] == 0


def test_operations_find_all_of_it(of_type):
    described = json.loads(of_type("aws_ssm_parameter")["description"]["value"])

    assert described == {
        "function": f"{PREFIX}-rollback",
        "cutover_function": f"{PREFIX}-cutover",
        "control_table": f"{PREFIX}-control",
        "kill_switch": f"/payments/{NAME}/rollback/mode",
        "hand_back_seconds": 80,
    }
