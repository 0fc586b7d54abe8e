"""What the functions of compute may do beyond their own logs, as statements of IAM policies."""

from dataclasses import dataclass

from generator.model.component import Surroundings
from generator.model.hcl import Ref

Statement = dict[str, object]

# What `schema` writes first values of; a person writes that of operator_source.
WRITTEN = ("dms_reverse", "dms_source", "dms_target", "payment_source", "validation_source")


@dataclass(frozen=True, slots=True)
class Permissions:
    """The statements for one environment; *moves* says that its payments move to Aurora."""

    of: Surroundings
    moves: bool

    def of_payment(self, user: str) -> tuple[Statement, ...]:
        """Return what the payment API may do: sign in on both sides, and learn who writes."""
        own = self._allow("SignInToAurora", "rds-db:connect", self._database_user(user))
        if not self.moves:
            return (own,)
        return (
            own,
            self._allow(
                "ReadPassword",
                "secretsmanager:GetSecretValue",
                Ref("var.payment_source_secret_arn"),
            ),
            self._through("DecryptPassword", ["kms:Decrypt"], "secretsmanager"),
            self._allow("ReadWriter", "dynamodb:GetItem", self._control_table),
            self._through("DecryptWriter", ["kms:Decrypt"], "dynamodb"),
            self._allow("ReadOldDatabase", "ssm:GetParameter", self._parameter("/on_premises")),
        )

    def of_schema(self) -> tuple[Statement, ...]:
        """Return what `schema` may do: be the first user, and write first values."""
        master = Ref("var.master_user_secret_arn")
        found = (
            self._allow(
                "ReadDescription",
                ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
                [self._parameter(""), self._parameter("/*")],
            ),
            self._allow("ReadMasterPassword", "secretsmanager:GetSecretValue", master),
        )
        if not self.moves:
            return (*found, self._through("DecryptPassword", ["kms:Decrypt"], "secretsmanager"))
        return (
            *found,
            self._allow(
                "WriteFirstPasswords",
                [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                ],
                [self._secret(name) for name in WRITTEN],
            ),
            self._allow(
                "ReadOperatorsPassword",
                "secretsmanager:GetSecretValue",
                self._secret("operator_source"),
            ),
            self._through("UsePasswords", ["kms:Decrypt", "kms:GenerateDataKey"], "secretsmanager"),
            self._allow(
                "WriteFirstState", ["dynamodb:GetItem", "dynamodb:PutItem"], self._control_table
            ),
            self._through("UseStateKey", ["kms:Decrypt"], "dynamodb"),
        )

    @property
    def _control_table(self) -> str:
        return self._arn("dynamodb", f"table/{self.of.prefix}-control")

    def _database_user(self, user: str) -> Ref:
        cluster = self._arn("rds-db", "dbuser:${var.cluster_resource_id}")
        return Ref(f'"{cluster}/{user}"')

    def _parameter(self, rest: str) -> str:
        return self._arn("ssm", f"parameter{self.of.describe_path}{rest}")

    def _secret(self, name: str) -> str:
        # Secrets Manager adds a hyphen and six characters of its own.
        return self._arn("secretsmanager", f"secret:{self.of.prefix}/{name}-??????")

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.of.region}:{self.of.account_id}:{resource}"

    def _allow(self, sid: str, actions: object, resources: object) -> Statement:
        return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}

    def _through(self, sid: str, actions: list[str], service: str) -> Statement:
        """Return leave to use a key, though only through *service*."""
        host = f"{service}.{self.of.region}.amazonaws.com"
        key = {"secretsmanager": "var.secrets_key_arn", "dynamodb": "var.lambda_key_arn"}[service]
        return self._allow(sid, actions, Ref(key)) | {
            "Condition": {"StringEquals": {"kms:ViaService": host}}
        }
