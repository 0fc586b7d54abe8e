"""What the way back may do: traffic by one role, the writer of the databases by another."""

from typing import NamedTuple

from generator.components import access
from generator.components.access import Statement, statement
from generator.model.component import Surroundings
from generator.model.hcl import Ref

OPERATOR = "payment_operator"
"""The user that opens and shuts databases, in both."""
# Composite alarms are described only to those who may describe all.
READ_ALARMS = statement("ReadAlarms", ("cloudwatch:DescribeAlarms",), ("*",))
TABLE = Ref("aws_dynamodb_table.control.arn")


class Weights(NamedTuple):
    """Where the weights of traffic are: in the records of a zone, or in a rule."""

    zone_id: str
    record: str
    in_rule: bool

    @property
    def service(self) -> str:
        """The AWS service that keeps them."""
        return "elasticloadbalancing" if self.in_rule else "route53"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Allow to move them, and nothing beside them."""
        if self.in_rule:
            return (
                statement(
                    "MoveTraffic",
                    ("elasticloadbalancing:ModifyRule",),
                    (Ref("var.load_balancer_rule_arn"),),
                ),
                # Reading a rule back knows no resource.
                statement("ReadTraffic", ("elasticloadbalancing:DescribeRules",), ("*",)),
            )
        zone = f"arn:aws:route53:::hostedzone/{self.zone_id}"
        return (
            statement(
                "MoveTraffic", ("route53:ChangeResourceRecordSets",), (zone,), self._one_record
            ),
            statement("ReadTraffic", ("route53:ListResourceRecordSets",), (zone,)),
            statement("AwaitTraffic", ("route53:GetChange",), ("arn:aws:route53:::change/*",)),
        )

    @property
    def _one_record(self) -> dict[str, object]:
        key = "route53:ChangeResourceRecordSets"
        return {
            "ForAllValues:StringEquals": {
                f"{key}NormalizedRecordNames": [self.record],
                f"{key}RecordTypes": ["A"],
                f"{key}Actions": ["UPSERT"],
            }
        }


def of_rollback(of: Surroundings, weights: Weights, mode: str) -> tuple[Statement, ...]:
    """Return what the function may do that takes traffic back; it signs in to no database."""
    switch = access.parameter(of, mode)
    return (
        *weights.statements,
        statement("ReadKillSwitch", ("ssm:GetParameter",), (switch,)),
        access.read_descriptions(of),
        *_control(of),
        READ_ALARMS,
        statement(
            "CallCutover", ("lambda:InvokeFunction",), (Ref("aws_lambda_alias.cutover.arn"),)
        ),
    )


def of_cutover(of: Surroundings, *tasks: str) -> tuple[Statement, ...]:
    """Return what the function may do that moves the writer; it moves no traffic."""
    cluster = f"arn:aws:rds:{of.region}:{of.account_id}:cluster:{of.prefix}"
    payment = f"arn:aws:lambda:{of.region}:{of.account_id}:function:{of.prefix}-payment:live"
    # DMS makes up the ends of these ARNs; whoever tries a connection learns that it stands.
    ends = tuple(
        f"arn:aws:dms:{of.region}:{of.account_id}:{kind}:*" for kind in ("endpoint", "rep")
    )
    return (
        access.sign_in(of, Ref("var.cluster_resource_id"), OPERATOR),
        access.read_secrets(Ref("var.operator_source_secret_arn")),
        access.use_secrets_key(of, Ref("var.secrets_key_arn"), "kms:Decrypt"),
        statement("RunTasks", ("dms:StartReplicationTask", "dms:StopReplicationTask"), tasks),
        *access.read_tasks(*tasks),
        statement("TryConnections", ("dms:TestConnection",), ends),
        # Which connections there are is asked of no connection, and alarms of none.
        statement("FindConnections", ("dms:DescribeConnections",), ("*",)),
        READ_ALARMS,
        statement("ReadBackups", ("rds:DescribeDBClusters",), (cluster,)),
        access.read_descriptions(of),
        *_control(of),
        # Whether payments work is asked before anybody is told that they do.
        statement("AskPayment", ("lambda:InvokeFunction",), (payment,)),
    )


def _control(of: Surroundings) -> tuple[Statement, ...]:
    """Allow to change the state, if it is still what was read, and to add to the audit."""
    actions = ("dynamodb:GetItem", "dynamodb:PutItem")
    return access.use_table(TABLE, *actions), access.use_table_key(of)
