"""What roles may do: statements of policies that several functions share."""

from collections.abc import Mapping, Sequence

from generator.model.component import Surroundings
from generator.model.hcl import Ref

Statement = Mapping[str, object]


def statement(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str | Ref],
    condition: Mapping[str, object] | None = None,
) -> Statement:
    """Return a statement that allows *actions* on *resources*."""
    allowed = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _one_or_all(actions),
        "Resource": _one_or_all(resources),
    }
    return allowed | ({"Condition": condition} if condition else {})


def read_descriptions(around: Surroundings) -> Statement:
    """Allow to look up what was built."""
    path = parameter(around, around.describe_path)
    actions = ("ssm:GetParameter", "ssm:GetParametersByPath")
    return statement("ReadDescriptions", actions, (path, f"{path}/*"))


def read_secrets(*secrets: Ref) -> Statement:
    """Allow to read *secrets*, which are encrypted: see `use_secrets_key`."""
    actions = ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")
    return statement("ReadSecrets", actions, secrets)


def use_secrets_key(around: Surroundings, key: Ref, *actions: str) -> Statement:
    """Allow *actions* with the secrets' key, through Secrets Manager."""
    via = {"kms:ViaService": f"secretsmanager.{around.region}.amazonaws.com"}
    return statement("UseSecretsKey", actions, (key,), {"StringEquals": via})


def sign_in(around: Surroundings, cluster: Ref, user: str) -> Statement:
    """Allow to sign in to the Aurora *cluster*, named by its resource id, as *user*."""
    home = f"{around.region}:{around.account_id}"
    name = Ref(f'"arn:aws:rds-db:{home}:dbuser:${{{cluster.expression}}}/{user}"')
    return statement("SignInToAurora", ("rds-db:connect",), (name,))


def read_tasks(*tasks: str) -> tuple[Statement, ...]:
    """Allow to see how DMS *tasks* are doing; which tasks there are is asked of no task."""
    return (
        statement("FindTasks", ("dms:DescribeReplicationTasks",), ("*",)),
        statement("ReadTables", ("dms:DescribeTableStatistics",), tasks),
    )


def use_table(table: Ref, *actions: str) -> Statement:
    """Allow *actions* on the control table, which is encrypted: see `use_table_key`."""
    return statement("UseControlTable", actions, (table,))


def use_table_key(around: Surroundings) -> Statement:
    """Allow what DynamoDB does with the table's key in the name of whoever asks it."""
    via = {"kms:ViaService": f"dynamodb.{around.region}.amazonaws.com"}
    key = Ref("var.lambda_key_arn")
    return statement("UseTableKey", ("kms:Decrypt",), (key,), {"StringEquals": via})


def parameter(around: Surroundings, name: str) -> str:
    """Return the ARN of the SSM parameter *name*, which begins with a slash."""
    return f"arn:aws:ssm:{around.region}:{around.account_id}:parameter{name}"


def _one_or_all(values: Sequence[str | Ref]) -> object:
    return values[0] if len(values) == 1 else list(values)
