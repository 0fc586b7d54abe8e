"""An account at moto with everything described, and stand-ins for what moto cannot do."""

import datetime as dt
import io
import json
from types import SimpleNamespace

import boto3

from generator.ops.control import Control
from migration import faults
from postgres.fixtures import SECRET

PATH = "/payments/test/describe"
SWITCH = "/payments/test/rollback/mode"
TABLE = "payments-test-control"
FORWARD, REVERSE = ({"arn": f"arn:aws:dms:::task:{name}", "id": name} for name in ("to", "back"))
ROLL_BACK = "payments-test-roll-back"
RINGS = {"StateValue": "ALARM"}
LIVE = "Table completed", "Validated"
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)
READY = {"statusCode": 200, "body": json.dumps({"status": "ready", "writer": "aurora"})}
WHO = {"actor": "anna", "reason": "tonight"}


class Cloud:
    """What the doors find; all but *documents* and *calls* is a test's to change."""

    def __init__(self, databases, link, routing):
        self.link = link
        self.tasks = {FORWARD["arn"]: "running", REVERSE["arn"]: "ready"}
        self.tables = {}
        self.alarms = {ROLL_BACK: {"StateValue": "OK"}}
        self.heard = ["arn:topic"]
        self.connections = {}
        self.functions = {}
        self.calls = []
        self.documents = _documents(databases, routing)
        self._describe(databases)
        boto3.setup_default_session(region_name="us-east-2")
        for operation, answer in self._answers().items():
            faults.everywhere(f"before-call.{operation}", _answering(answer))

    def _describe(self, databases):
        ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
        arns = {}
        for name, user in (
            ("operator_source", "payment_operator"), ("validation_source", "payment_validation")
        ):  # fmt: skip
            login = {
                "username": user, "password": SECRET, "host": "localhost",
                "port": databases.onprem.server.port, "dbname": databases.onprem.name,
            }  # fmt: skip
            arns[name] = secrets.create_secret(Name=name, SecretString=json.dumps(login))["ARN"]
        self.documents["security"] = {"rotation_function": "rotation", "secrets": arns}
        for name, document in self.documents.items():
            text = json.dumps(document)
            ssm.put_parameter(Name=f"{PATH}/{name}", Value=text, Type="String")
        ssm.put_parameter(Name=SWITCH, Value="auto", Type="String")

    def describe(self, component, **changes):
        """Describe a component differently."""
        text = json.dumps(self.documents[component] | changes)
        boto3.client("ssm").put_parameter(Name=f"{PATH}/{component}", Value=text, Overwrite=True)

    def arm(self, reverse="running"):
        """Let both directions run at the same time."""
        self.describe("migration", reverse_replication="armed")
        self.tasks[REVERSE["arn"]] = reverse

    @property
    def control(self):
        return Control(boto3.client("dynamodb"), TABLE)

    def _answers(self):
        return {
            "database-migration-service.DescribeReplicationTasks": self._task,
            "database-migration-service.DescribeTableStatistics": self._statistics,
            "database-migration-service.StartReplicationTask": self._start,
            "database-migration-service.StopReplicationTask": self._stop,
            "database-migration-service.TestConnection": self._test,
            "database-migration-service.DescribeConnections": self._connections,
            "rds.DescribeDBClusters": self._cluster,
            "cloudwatch.DescribeAlarms": self._ringing,
            "lambda.Invoke": self._invoke,
        }

    def _task(self, body):
        arn = body["Filters"][0]["Values"][0]
        if arn not in self.tasks:
            return {"ReplicationTasks": []}
        ends = "onprem-source", "aurora-target"
        if arn == REVERSE["arn"]:
            ends = "aurora-source", "onprem-target"
        keys = "SourceEndpointArn", "TargetEndpointArn"
        told = {"Status": self.tasks[arn], "ReplicationInstanceArn": "instance"}
        return {"ReplicationTasks": [told | dict(zip(keys, ends, strict=True))]}

    def _test(self, body):
        self.connections.setdefault(body["EndpointArn"], "successful")
        return {}

    def _connections(self, body):
        end = body["Filters"][0]["Values"][0]
        said = self.connections.get(end)
        told = {"Status": said, "LastFailureMessage": "no route", "EndpointIdentifier": end}
        return {"Connections": [told] if said else []}

    def _statistics(self, _):
        known = [table["name"] for table in self.documents["migration"]["tables"]]
        found = []
        for name in known:
            schema, table = name.split(".")
            state, validation = self.tables.get(name, LIVE)
            found.append({"SchemaName": schema, "TableName": table, "TableState": state,
                          "ValidationState": validation})  # fmt: skip
        return {"TableStatistics": found}

    def _start(self, body):
        arn = body["ReplicationTaskArn"]
        self.calls.append(body["StartReplicationTaskType"])
        self.tasks[arn] = "running"
        if arn == REVERSE["arn"]:
            self.link.reverse()
        else:
            self.link.onward()
        return {}

    def _stop(self, body):
        self.tasks[body["ReplicationTaskArn"]] = "stopped"
        self.link.stop()
        return {}

    def _cluster(self, _):
        return {"DBClusters": [{"LatestRestorableTime": dt.datetime.now(dt.UTC)}]}

    def _ringing(self, body):
        names = body.get("AlarmNames", self.alarms)
        wanted = {body["StateValue"]} if "StateValue" in body else {"OK", "ALARM"}
        found = [
            {"AlarmName": name, "AlarmActions": self.heard} | self.alarms[name]
            for name in names
            if self.alarms[name]["StateValue"] in wanted
            and name.startswith(body.get("AlarmNamePrefix", ""))
        ]
        return {"CompositeAlarms": found, "MetricAlarms": []}

    def _invoke(self, body):
        said = self.functions["called"](json.loads(body))
        return {"Payload": io.BytesIO(json.dumps(said).encode())}


def _answering(answer):
    def handle(params, **_):
        body = params["body"]
        if isinstance(body, (bytes, str)) and params.get("headers", {}).get("X-Amz-Target"):
            body = json.loads(body)
        return SimpleNamespace(status_code=200), answer(body)

    return handle


def _documents(databases, routing):
    old, new = databases.onprem, databases.aurora
    tables = [
        {"name": "public.payments", "key": ["id"], "money": ["amount"], "currency": "currency",
         "updated_at": "updated_at"},
        {"name": "public.refunds", "key": ["id"], "money": ["amount"], "currency": "currency",
         "updated_at": "updated_at"},
        {"name": "public.idempotency_keys", "key": ["key"], "updated_at": "updated_at"},
    ]  # fmt: skip
    return {
        "on_premises": {
            "host": "localhost", "port": old.server.port, "database": old.name,
            "ca": old.server.ca.read_text(),
        },
        "database": {
            "cluster_identifier": "payments-test", "endpoint": "localhost",
            "port": new.server.port, "database": new.name, "resource_id": "cluster-1",
            "master_user_secret_arn": "arn:master",
        },
        "compute": {"payment_function": "payments-test-payment", "alias": "live"},
        "routing": {
            "strategy": "route53_weighted", "zone_id": routing.zone_id, "record": routing.record,
            "ttl_seconds": 60, "phases": [0, 10, 50, 100], "bake_minutes": 30,
        },
        "migration": {
            "forward": FORWARD, "reverse": REVERSE, "reverse_replication": "at_cutover",
            "tables": tables, "sequences_gap": 1000,
        },
        "monitoring": {"topic_arn": "arn:topic", "rollback_alarm": ROLL_BACK},
        "rollback": {
            "function": "payments-test-rollback", "cutover_function": "payments-test-cutover",
            "control_table": TABLE, "kill_switch": SWITCH, "hand_back_seconds": 80,
        },
    }  # fmt: skip
