"""What DMS is told, what validation and the way back may do: as it reaches AWS."""

import json

import pytest

from terraform.roots import BLUEPRINT

NAME, PREFIX = "prod", "payments-prod"
ACCOUNT = BLUEPRINT.environments[NAME].account_id
TASKS = [f"arn:aws:dms:us-east-2:{ACCOUNT}:task:{PREFIX}-{way}" for way in ("forward", "reverse")]
ROTATED = ["dms_reverse", "dms_source", "dms_target", "validation_source"]
ROTATION = f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:{PREFIX}-rotation:live"

# What a task of payments is told; a default of DMS would lose rows in silence.
SETTINGS = {
    "TargetMetadata": {
        "SupportLobs": True,
        "FullLobMode": False,
        "LimitedSizeLobMode": True,
        "LobMaxSize": 1024,
        "BatchApplyEnabled": False,
        "TaskRecoveryTableEnabled": True,
    },
    "FullLoadSettings": {
        "TargetTablePrepMode": "DO_NOTHING",
        "MaxFullLoadSubTasks": 8,
        "CommitRate": 10000,
        "TransactionConsistencyTimeout": 600,
        "StopTaskCachedChangesApplied": False,
        "StopTaskCachedChangesNotApplied": False,
    },
    "ControlTablesSettings": {
        "ControlSchema": "awsdms_control",
        "StatusTableEnabled": True,
        "SuspendedTablesTableEnabled": True,
        "HistoryTableEnabled": True,
        "HistoryTimeslotInMinutes": 5,
    },
    "ChangeProcessingTuning": {
        "MinTransactionSize": 1000,
        "CommitTimeout": 1,
        "MemoryLimitTotal": 4096,
        "MemoryKeepTime": 60,
        "StatementCacheSize": 50,
    },
    "ChangeProcessingDdlHandlingPolicy": {
        "HandleSourceTableDropped": False,
        "HandleSourceTableTruncated": False,
        "HandleSourceTableAltered": False,
    },
    "ValidationSettings": {
        "EnableValidation": True,
        "ValidationMode": "ROW_LEVEL",
        "ThreadCount": 5,
        "HandleCollationDiff": True,
        "FailureMaxCount": 10000,
        "TableFailureMaxCount": 1000,
        "RecordFailureDelayLimitInMinutes": 5,
        "SkipLobColumns": False,
    },
    "ErrorBehavior": {
        "DataErrorPolicy": "STOP_TASK",
        "DataTruncationErrorPolicy": "STOP_TASK",
        "TableErrorPolicy": "STOP_TASK",
        "TableErrorEscalationPolicy": "STOP_TASK",
        "ApplyErrorInsertPolicy": "STOP_TASK",
        "ApplyErrorUpdatePolicy": "STOP_TASK",
        "ApplyErrorDeletePolicy": "STOP_TASK",
        "ApplyErrorFailOnTruncationDdl": True,
        "FailOnNoTablesCaptured": True,
        "FullLoadIgnoreConflicts": True,
        "RecoverableErrorCount": 5000,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorStopRetryAfterThrottlingMax": False,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 60,
    },
    "Logging": {
        "EnableLogging": True,
        "LogComponents": [
            {"Id": component, "Severity": "LOGGER_SEVERITY_DEFAULT"}
            for component in ("SOURCE_CAPTURE", "TARGET_APPLY", "VALIDATOR_EXT")
        ],
    },
}
LOOPS = {
    "forward": {"SourceSchema": "dms_loop_onprem", "TargetSchema": "dms_loop_aws"},
    "reverse": {"SourceSchema": "dms_loop_aws", "TargetSchema": "dms_loop_onprem"},
}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group(NAME)]


@pytest.fixture(scope="module")
def resources(resources_of):
    return resources_of(NAME, "main")


@pytest.fixture(scope="module")
def of_module(resources):
    """Return the values of a module's resources of a type, by their name in Terraform."""

    def get(module, kind):
        return {
            r["name"]: r["values"]
            for r in resources
            if r["type"] == kind and r["address"].startswith(f"module.{module}.")
        }

    return get


@pytest.fixture(scope="module")
def statements(of_module):
    """Return the statements of a function's own role, by their names."""

    def get(module, role):
        policy = json.loads(of_module(module, "aws_iam_role_policy")[role]["policy"])
        return {each["Sid"]: each for each in policy["Statement"]}

    return get


def test_instance_is_as_asked_for_and_upgraded_by_ticket(of_module):
    (instance,) = of_module("migration", "aws_dms_replication_instance").values()

    assert instance["replication_instance_class"] == "dms.r5.xlarge"
    assert instance["allocated_storage"] == 500
    assert instance["multi_az"]
    assert not instance["publicly_accessible"]
    assert not instance["auto_minor_version_upgrade"]
    assert instance["kms_key_arn"] == of_module("security", "aws_kms_key")["dms"]["arn"]
    assert of_module("migration", "aws_cloudwatch_log_group")["tasks"]["name"] == (
        f"dms-tasks-{instance['replication_instance_id']}"
    )


@pytest.mark.parametrize("way", ["forward", "reverse"])
def test_task_settings_lose_nothing_in_silence(of_module, way):
    task = of_module("migration", "aws_dms_replication_task")[way]
    loop = {"EnableLoopbackPrevention": True, **LOOPS[way]}

    assert json.loads(task["replication_task_settings"]) == {
        **SETTINGS,
        "LoopbackPreventionSettings": loop,
    }


@pytest.mark.parametrize("way", ["forward", "reverse"])
def test_an_outage_of_the_link_over_a_weekend_stops_no_task(of_module, way):
    task = of_module("migration", "aws_dms_replication_task")[way]
    told = json.loads(task["replication_task_settings"])["ErrorBehavior"]

    # Any negative count is DMS's own, which is nine for a connection that was lost.
    assert told["RecoverableErrorCount"] * told["RecoverableErrorThrottlingMax"] >= 3 * 86400
    assert told["RecoverableErrorStopRetryAfterThrottlingMax"] is False


def test_only_one_of_the_pair_loads_and_apply_starts_neither(of_module):
    tasks = of_module("migration", "aws_dms_replication_task")

    assert {way: task["migration_type"] for way, task in tasks.items()} == {
        "forward": "full-load-and-cdc",
        "reverse": "cdc",
    }
    for way, task in tasks.items():
        assert task["resource_identifier"] == task["replication_task_id"] == f"{PREFIX}-{way}"
        assert task["start_replication_task"] is False


def test_tables_are_named_one_by_one_and_nothing_of_dms_moves(of_module):
    tasks = of_module("migration", "aws_dms_replication_task").values()
    (rules,) = {task["table_mappings"] for task in tasks}
    selections = {"include": [], "exclude": []}
    for rule in json.loads(rules)["rules"]:
        where = rule["object-locator"]
        selections[rule["rule-action"]].append(f"{where['schema-name']}.{where['table-name']}")

    assert selections["include"] == [
        "public.payments",
        "public.refunds",
        "public.payment_events",
        "public.idempotency_keys",
        "migration_control.marker",
    ]
    assert selections["exclude"] == ["%.awsdms_%", "dms_heartbeat.%"]


def test_sources_keep_their_slots_moving_and_cut_no_value(of_module):
    endpoints = of_module("migration", "aws_dms_endpoint")

    for name in ("source", "reverse_source"):
        (settings,) = endpoints[name]["postgres_settings"]
        assert settings["plugin_name"] == "test-decoding"
        assert settings["heartbeat_enable"]
        assert settings["heartbeat_frequency"] == 1
        assert settings["heartbeat_schema"] == "dms_heartbeat"
        assert settings["capture_ddls"] is False
        assert settings["fail_tasks_on_lob_truncation"]
        assert settings["execute_timeout"] == 300


def test_targets_run_no_script_that_their_users_may_not(of_module):
    endpoints = of_module("migration", "aws_dms_endpoint")

    for name in ("target", "reverse_target"):
        (settings,) = endpoints[name]["postgres_settings"]
        assert not settings.get("after_connect_script")
        assert settings["execute_timeout"] == 300


def test_endpoints_sign_in_with_secrets_and_the_old_database_is_verified(of_module):
    endpoints = of_module("migration", "aws_dms_endpoint")
    secrets = {
        values["arn"]: name
        for name, values in of_module("security", "aws_secretsmanager_secret").items()
    }

    assert {
        name: (each["engine_name"], each["endpoint_type"], secrets[each["secrets_manager_arn"]])
        for name, each in endpoints.items()
    } == {
        "source": ("postgres", "source", "dms_source"),
        "target": ("aurora-postgresql", "target", "dms_target"),
        "reverse_source": ("aurora-postgresql", "source", "dms_reverse"),
        "reverse_target": ("postgres", "target", "dms_source"),
    }
    for each in endpoints.values():
        old = each["engine_name"] == "postgres"
        assert each["ssl_mode"] == ("verify-full" if old else "require")
        assert each["password"] is None
        assert each["database_name"] == "payments"


def test_secrets_are_read_by_the_regional_service_of_this_account(of_module):
    role = of_module("migration", "aws_iam_role")["secrets"]
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]

    assert trust["Principal"] == {"Service": "dms.us-east-2.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_description_of_the_migration_names_what_operations_run(of_module):
    described = of_module("migration", "aws_ssm_parameter")
    migration = json.loads(described["description"]["value"])
    old = json.loads(described["on_premises"]["value"])

    assert [migration[way]["id"] for way in LOOPS] == [f"{PREFIX}-{way}" for way in LOOPS]
    assert migration["tables"][0] == {
        "name": "public.payments",
        "key": ["id"],
        "money": ["amount", "refunded"],
        "currency": "currency",
        "updated_at": "updated_at",
    }
    assert described["on_premises"]["name"] == f"/payments/{NAME}/describe/on_premises"
    assert old.keys() == {"host", "port", "database", "ca"}
    assert all(len(each["value"].encode()) <= 4096 for each in described.values())


def test_passwords_rotate_every_thirty_days_and_not_at_once(of_module):
    rotations = of_module("security", "aws_secretsmanager_secret_rotation")
    (alias,) = of_module("security", "aws_lambda_alias").values()

    assert sorted(rotations) == ROTATED
    for each in rotations.values():
        assert each["rotate_immediately"] is False
        assert each["rotation_rules"][0]["automatically_after_days"] == 30
        assert each["rotation_lambda_arn"] == alias["arn"]


def test_rotation_changes_secrets_that_are_its_own(of_module, statements):
    may = statements("security", "rotation")
    secrets = of_module("security", "aws_secretsmanager_secret")

    assert may["RotateSecrets"]["Resource"] == [secrets[name]["arn"] for name in ROTATED]
    assert may["RotateSecrets"]["Condition"] == {
        "StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": ROTATION}
    }
    assert may["MakePasswords"]["Action"] == "secretsmanager:GetRandomPassword"
    (permission,) = of_module("security", "aws_lambda_permission").values()
    assert permission["principal"] == "secretsmanager.amazonaws.com"
    assert permission["source_account"] == ACCOUNT
    assert permission["qualifier"] == "live"


def test_validation_reads_and_changes_nothing(statements):
    may = statements("validation", "validation")

    assert may["SignInToAurora"]["Resource"].endswith("/payment_validation")
    assert may["ReadTables"] == {
        "Sid": "ReadTables",
        "Effect": "Allow",
        "Action": "dms:DescribeTableStatistics",
        "Resource": TASKS,
    }
    assert not any(
        action.split(":")[1].startswith(("Start", "Stop", "Put", "Create", "Delete", "Modify"))
        for each in may.values()
        if each["Effect"] == "Allow" and each["Sid"] not in ("WriteLog", "WriteTraces")
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    )


def test_clock_calls_without_a_second_try(of_module):
    schedules = of_module("validation", "aws_scheduler_schedule")

    assert {
        name: (each["schedule_expression"], json.loads(each["target"][0]["input"]))
        for name, each in schedules.items()
    } == {
        "marker": ("rate(1 minute)", {"action": "marker"}),
        "validate": ("rate(60 minutes)", {"action": "validate"}),
    }
    for each in schedules.values():
        (retry,) = each["target"][0]["retry_policy"]
        assert (retry["maximum_retry_attempts"], retry["maximum_event_age_in_seconds"]) == (0, 60)
        assert each["target"][0]["dead_letter_config"]
        assert each["kms_key_arn"]
