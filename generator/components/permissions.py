"""What the functions of compute may do beyond their own logs, as statements of IAM policies."""

from typing import NamedTuple

from generator.components import access
from generator.components.access import Statement, statement
from generator.model.component import Surroundings
from generator.model.hcl import Ref

# What `schema` writes first values of; a person writes that of operator_source.
WRITTEN = ("dms_reverse", "dms_source", "dms_target", "payment_source", "validation_source")
_KEY = Ref("var.secrets_key_arn")


class Permissions(NamedTuple):
    """The statements for one environment; *moves* says that its payments move to Aurora."""

    of: Surroundings
    moves: bool

    def of_payment(self, user: str) -> tuple[Statement, ...]:
        """Return what the payment API may do: sign in on both sides, and learn who writes."""
        own = access.sign_in(self.of, Ref("var.cluster_resource_id"), user)
        if not self.moves:
            return (own,)
        password = Ref("var.payment_source_secret_arn")
        document = access.parameter(self.of, f"{self.of.describe_path}/on_premises")
        return (
            own,
            statement("ReadPassword", ("secretsmanager:GetSecretValue",), (password,)),
            access.use_secrets_key(self.of, _KEY, "kms:Decrypt"),
            statement("ReadWriter", ("dynamodb:GetItem",), (self._control_table,)),
            access.use_table_key(self.of),
            statement("ReadOldDatabase", ("ssm:GetParameter",), (document,)),
        )

    def of_schema(self) -> tuple[Statement, ...]:
        """Return what `schema` may do: be the first user, and write first values."""
        master = Ref("var.master_user_secret_arn")
        found = (
            access.read_descriptions(self.of),
            statement("ReadMasterPassword", ("secretsmanager:GetSecretValue",), (master,)),
        )
        if not self.moves:
            return (*found, access.use_secrets_key(self.of, _KEY, "kms:Decrypt"))
        first_values = (
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
        )
        operators = self._secret("operator_source")
        state = ("dynamodb:GetItem", "dynamodb:PutItem")
        return (
            *found,
            statement("WriteFirstPasswords", first_values, [*map(self._secret, WRITTEN)]),
            statement("ReadOperatorsPassword", ("secretsmanager:GetSecretValue",), (operators,)),
            access.use_secrets_key(self.of, _KEY, "kms:Decrypt", "kms:GenerateDataKey"),
            statement("WriteFirstState", state, (self._control_table,)),
            access.use_table_key(self.of),
        )

    @property
    def _control_table(self) -> str:
        home = f"{self.of.region}:{self.of.account_id}"
        return f"arn:aws:dynamodb:{home}:table/{self.of.prefix}-control"

    def _secret(self, name: str) -> str:
        # Secrets Manager adds a hyphen and six characters of its own.
        home = f"{self.of.region}:{self.of.account_id}"
        return f"arn:aws:secretsmanager:{home}:secret:{self.of.prefix}/{name}-??????"
