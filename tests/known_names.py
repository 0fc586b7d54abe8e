"""What AWS takes as names, and as other short texts that hold one: by resource type and argument.

What is too long, or of other characters, is refused when it is applied, long after everybody has
approved it. Lengths and alphabets are those of each service's API reference and of its model in
botocore; where neither names a limit, that of its neighbours stands. The provider adds 26
characters to a prefix.
"""

ADDED = 26

HYPHENATED = r"(?=.{1,%d}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*"
"""What RDS and DMS ask: letters, digits and single hyphens, the first a letter."""
PLAIN = r"[A-Za-z0-9_-]{1,%d}"
RESOLVER = r"(?!\d+$)[A-Za-z0-9_ -]{1,64}"
TEXT = r"[ -~]{1,%d}"

KNOWN = {
    "aws_appautoscaling_policy": {"name": r"[ -~]{1,256}"},
    "aws_backup_plan": {"name": r"[A-Za-z0-9._-]{1,50}"},
    "aws_backup_selection": {"name": r"[A-Za-z0-9._-]{1,50}"},
    "aws_backup_vault": {"name": r"[A-Za-z0-9_-]{2,50}"},
    "aws_cloudwatch_composite_alarm": {"alarm_name": TEXT % 255},
    "aws_cloudwatch_dashboard": {"dashboard_name": PLAIN % 255},
    "aws_cloudwatch_event_rule": {"name": r"[A-Za-z0-9._-]{1,64}"},
    "aws_cloudwatch_log_group": {"name": r"[A-Za-z0-9._/#-]{1,512}"},
    "aws_cloudwatch_log_resource_policy": {"policy_name": TEXT % 255},
    "aws_cloudwatch_metric_alarm": {"alarm_name": TEXT % 255},
    "aws_db_event_subscription": {"name": HYPHENATED % 254},
    "aws_db_parameter_group": {"name_prefix": HYPHENATED % 255, "description": TEXT % 255},
    "aws_db_subnet_group": {"name": r"(?!default$)[a-z0-9 ._-]{1,255}"},
    "aws_dms_certificate": {"certificate_id": HYPHENATED % 255},
    "aws_dms_endpoint": {"endpoint_id": HYPHENATED % 255},
    "aws_dms_event_subscription": {"name": HYPHENATED % 254},
    "aws_dms_replication_instance": {"replication_instance_id": HYPHENATED % 63},
    "aws_dms_replication_subnet_group": {
        "replication_subnet_group_id": r"(?!default$)[a-z0-9 ._-]{1,255}",
        "replication_subnet_group_description": TEXT % 255,
    },
    "aws_dms_replication_task": {
        "replication_task_id": HYPHENATED % 255,
        "resource_identifier": HYPHENATED % 31,
    },
    "aws_dynamodb_table": {"name": r"[A-Za-z0-9._-]{3,255}"},
    "aws_ecr_repository": {
        "name": r"(?=.{2,256}$)([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*"
    },
    "aws_iam_policy": {"name": r"[\w+=,.@-]{1,128}", "description": TEXT % 1000},
    "aws_iam_role": {"name": r"[\w+=,.@-]{1,64}"},
    "aws_kms_alias": {"name": r"(?=.{1,256}$)alias/(?!aws/)[A-Za-z0-9/_-]+"},
    "aws_kms_key": {"description": TEXT % 8192},
    "aws_lambda_function": {"function_name": PLAIN % 64, "description": TEXT % 256},
    "aws_lb": {"name": r"(?!internal-)(?=.{1,32}$)[A-Za-z0-9]+(-+[A-Za-z0-9]+)*"},
    "aws_lb_target_group": {"name": r"(?=.{1,32}$)[A-Za-z0-9]+(-+[A-Za-z0-9]+)*"},
    "aws_rds_cluster": {
        "cluster_identifier": HYPHENATED % 63,
        "final_snapshot_identifier": HYPHENATED % 255,
    },
    "aws_rds_cluster_instance": {"identifier": HYPHENATED % 63},
    "aws_rds_cluster_parameter_group": {
        "name_prefix": HYPHENATED % 255,
        "description": TEXT % 255,
    },
    "aws_route53_resolver_endpoint": {"name": RESOLVER},
    "aws_route53_resolver_rule": {"name": RESOLVER},
    "aws_route53_resolver_rule_association": {"name": RESOLVER},
    "aws_route53_zone": {"comment": TEXT % 256},
    "aws_s3_bucket": {
        "bucket": r"(?!xn--|sthree-|amzn-s3-demo-)(?=.{3,63}$)[a-z0-9]+([.-]+[a-z0-9]+)*"
    },
    "aws_scheduler_schedule": {"name": r"[A-Za-z0-9._-]{1,64}"},
    "aws_scheduler_schedule_group": {"name": r"[A-Za-z0-9._-]{1,64}"},
    # Secrets Manager takes a hyphen and six characters at the end for its own.
    "aws_secretsmanager_secret": {"name": r"(?!.*-.{6}$)[A-Za-z0-9/_+=.@-]{1,512}"},
    "aws_security_group": {
        "name_prefix": r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
        "description": r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}",
    },
    "aws_sns_topic": {"name": PLAIN % 256, "display_name": TEXT % 100},
    "aws_sqs_queue": {"name": PLAIN % 80},
    # Of the 1011 characters, the ARN takes up to 51 before the name.
    "aws_ssm_parameter": {"name": r"(?!/?(?i:aws|ssm))[A-Za-z0-9_./-]{1,960}"},
    "aws_wafv2_web_acl": {
        "name": r"[\w-]{1,128}",
        "description": r"[\w+=:#@/,.-][\w+=:#@/,.\s-]{0,254}[\w+=:#@/,.-]",
        "metric_name": r"[\w#:./-]{1,255}",
    },
}

TAG = r"[A-Za-z0-9 _.:/=+@-]{1,256}"
"""What the tag `Name` may be, of whichever resource."""

DERIVED = {
    "aws_iam_role": {"permissions_boundary"},
    "aws_lambda_function": {"image_uri"},
    "aws_lambda_permission": {"source_arn"},
}
"""Arguments that hold the name of something else, which is looked at where it is given."""
