"""What was left out for moto, and what it did not keep of the rest."""

import pytest
from botocore.exceptions import ClientError

from terraform.account.limits import (
    DEPENDENT,
    EXCLUDED,
    FAILS,
    FAILS_TOO,
    NOT_KEPT,
    NOT_KEPT_EITHER,
)


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
