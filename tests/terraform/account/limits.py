"""What moto 5.2.5 cannot play of an AWS account, and what it does not keep."""

# Types of resources that it is known to fail on.
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
"""Not on that list; a test says why."""

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
