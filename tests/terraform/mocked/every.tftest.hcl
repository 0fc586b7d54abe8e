# What holds in every environment. `modules/this` leads to the modules of the one under test. A plan
# is enough where nothing is asked that AWS makes up; every apply would start the provider four
# times more.

mock_provider "aws" {
  source = "./tests"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests"
}

# What modules are given, each that which it asks for. Keys differ, so that one in another's place is
# noticed.
variables {
  cluster_resource_id       = "cluster-MOCKED"
  database_endpoint         = "payments.cluster-mocked.us-east-2.rds.amazonaws.com"
  database_key_arn          = "arn:aws:kms:us-east-2:333333333333:key/00000000-0000-4000-8000-00000000000d"
  lambda_key_arn            = "arn:aws:kms:us-east-2:333333333333:key/00000000-0000-4000-8000-00000000000a"
  logs_key_arn              = "arn:aws:kms:us-east-2:333333333333:key/00000000-0000-4000-8000-00000000000c"
  master_user_secret_arn    = "arn:aws:secretsmanager:us-east-2:333333333333:secret:rds-mocked"
  payment_alias_arn         = "arn:aws:lambda:us-east-2:333333333333:function:mocked:live"
  payment_function_name     = "mocked"
  payment_source_secret_arn = "arn:aws:secretsmanager:us-east-2:333333333333:secret:mocked"
  private_subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
  public_subnet_ids         = ["subnet-d", "subnet-e", "subnet-f"]
  secrets_key_arn           = "arn:aws:kms:us-east-2:333333333333:key/00000000-0000-4000-8000-00000000000e"
  vpc_id                    = "vpc-0123456789abcdef0"
  web_acl_arn               = "arn:aws:wafv2:us-east-2:333333333333:regional/webacl/mocked/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"

  client_security_group_ids          = { client = "sg-0123456789abcdef0" }
  endpoint_client_security_group_ids = { client = "sg-0123456789abcdef0" }
  link_client_security_group_ids = {
    for client in ["compute", "migration", "rollback", "security", "validation"] : client => "sg-0123456789abcdef0"
  }
}

run "security" {
  command = plan

  module {
    source = "../../modules/this/security"
  }

  assert {
    condition = alltrue([
      for key in [
        aws_kms_key.database, aws_kms_key.dms, aws_kms_key.lambda,
        aws_kms_key.logs, aws_kms_key.notifications, aws_kms_key.secrets,
      ] : key.enable_key_rotation && key.rotation_period_in_days <= 365
    ])
    error_message = "Key material that never changes is a finding of every audit."
  }

  assert {
    condition     = strcontains(aws_kms_key.logs.policy, "\"logs.us-east-2.amazonaws.com\"")
    error_message = "CloudWatch Logs could not use its key, and making a log group would fail."
  }

  assert {
    condition = alltrue([
      for service in ["cloudwatch", "dms", "events", "events.rds", "sns"] :
      strcontains(aws_kms_key.notifications.policy, "\"${service}.amazonaws.com\"")
    ])
    error_message = "A publisher that may not use the key says nothing: no alarm would be heard."
  }

  assert {
    condition = alltrue([
      for service, key in {
        dms            = aws_kms_key.dms
        lambda         = aws_kms_key.lambda
        rds            = aws_kms_key.database
        secretsmanager = aws_kms_key.secrets
      } : strcontains(key.policy, "\"${service}.us-east-2.amazonaws.com\"")
    ])
    error_message = "A service could not use the key that its data is encrypted with."
  }

  assert {
    condition = [
      for rule in aws_wafv2_web_acl.this.rule : rule.name if rule.priority == 0
    ] == ["rate-limit"]
    error_message = "What comes too often is refused before anything else is looked at."
  }

  assert {
    condition = length(distinct([
      for rule in aws_wafv2_web_acl.this.rule : rule.priority
    ])) == 6
    error_message = "Two rules of one priority are refused, and one that is missing is not noticed."
  }

  assert {
    condition = contains(flatten([
      for rule in aws_wafv2_web_acl.this.rule : [
        for group in rule.statement[0].managed_rule_group_statement : group.rule_action_override[*].name
      ] if rule.name == "common"
    ]), "NoUserAgent_HEADER")
    error_message = "Clients are servers, and some send no User-Agent."
  }

  assert {
    condition = toset(flatten([
      for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : concat(
        field.single_header[*].name,
        [for _ in field.query_string : "?"],
        [for _ in field.uri_path : "/"],
      )
    ])) == toset(["authorization", "cookie", "idempotency-key", "?", "/"])
    error_message = "The log of refused requests would name clients' secrets, or payments."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.web_acl.name, "aws-waf-logs-")
    error_message = "WAF refuses log groups of other names."
  }
}

run "network" {
  module {
    source = "../../modules/this/network"
  }

  assert {
    condition = !anytrue([
      for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) :
      subnet.map_public_ip_on_launch
    ])
    error_message = "What starts in a subnet would be reachable from the internet at once."
  }

  assert {
    condition = alltrue([
      for zone, association in aws_route_table_association.private :
      association.subnet_id == aws_subnet.private[zone].id
    ])
    error_message = "A private subnet without its route table reaches nothing."
  }

  assert {
    condition = alltrue([
      for zone, gateway in aws_nat_gateway.this : gateway.subnet_id == aws_subnet.public[zone].id
    ])
    error_message = "A NAT gateway belongs into the public subnet of its own zone."
  }

  assert {
    condition     = aws_route.internet.route_table_id == aws_route_table.public.id
    error_message = "Only public subnets have a way in from the internet."
  }

  assert {
    condition     = length(aws_default_route_table.this.route) == 0
    error_message = "A subnet that lost its route table would quietly get routes that nobody chose."
  }

  assert {
    condition = (
      length(aws_default_security_group.this.ingress) == 0 &&
      length(aws_default_security_group.this.egress) == 0
    )
    error_message = "What names no security group gets the default one, which must allow nothing."
  }

  assert {
    condition = alltrue([
      for endpoint in values(aws_vpc_endpoint.interface) :
      strcontains(endpoint.policy, "aws:PrincipalAccount")
    ])
    error_message = "Through an open endpoint, data leaves with the credentials of another account."
  }

  assert {
    condition = (
      aws_cloudwatch_log_group.flow_logs.kms_key_id == var.logs_key_arn &&
      aws_cloudwatch_log_group.flow_logs.retention_in_days >= 365
    )
    error_message = "PCI DSS asks for a year of logs, and they name every peer of the system."
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL"
    error_message = "Refused traffic is what an investigation looks for first."
  }
}

run "database" {
  command = plan

  module {
    source = "../../modules/this/database"
  }

  assert {
    condition = {
      for parameter in aws_rds_cluster_parameter_group.this.parameter :
      parameter.name => parameter.value
    }["rds.force_ssl"] == "1"
    error_message = "Without force_ssl a client may send card data and passwords in the clear."
  }

  assert {
    condition = one([
      for parameter in aws_rds_cluster_parameter_group.this.parameter :
      parameter.apply_method if parameter.name == "rds.logical_replication" && parameter.value == "1"
    ]) == "pending-reboot"
    error_message = "Without logical replication there is no way back after the cutover."
  }

  assert {
    condition = (
      aws_rds_cluster.this.storage_encrypted &&
      aws_rds_cluster.this.kms_key_id == var.database_key_arn
    )
    error_message = "The data at rest is to be readable with our key only."
  }

  assert {
    condition = (
      aws_rds_cluster.this.manage_master_user_password &&
      aws_rds_cluster.this.master_user_secret_kms_key_id == var.secrets_key_arn
    )
    error_message = "A password that Terraform knew would be in the state."
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.master.rotation_rules[0].automatically_after_days == 30
    error_message = "Passwords change every 30 days; RDS's own default is another."
  }

  assert {
    condition     = aws_rds_cluster.this.iam_database_authentication_enabled
    error_message = "The payment API signs in with its role, without a password."
  }

  assert {
    condition     = !aws_rds_cluster_instance.writer.publicly_accessible
    error_message = "The database has no address on the internet."
  }

  assert {
    condition     = aws_rds_cluster_instance.writer.ca_cert_identifier == "rds-ca-rsa2048-g1"
    error_message = "Clients verify the certificate against this CA; another one locks them out."
  }

  assert {
    condition     = aws_rds_cluster_instance.writer.promotion_tier == 0
    error_message = "After a failover and back, the largest instance is to be the writer."
  }

  assert {
    condition = alltrue([
      for log in aws_rds_cluster.this.enabled_cloudwatch_logs_exports :
      aws_cloudwatch_log_group.this[log].kms_key_id == var.logs_key_arn &&
      aws_cloudwatch_log_group.this[log].retention_in_days >= 365
    ])
    error_message = "RDS makes missing log groups itself, in the clear and for ever."
  }

  assert {
    condition = alltrue([
      for rule in values(aws_vpc_security_group_ingress_rule.clients) :
      rule.from_port == 5432 && rule.to_port == 5432 && rule.cidr_ipv4 == null
    ])
    error_message = "Only named components reach the database, and only its port."
  }
}

run "compute" {
  command = plan

  module {
    source = "../../modules/this/compute"
  }

  assert {
    condition     = aws_lambda_function.payment.memory_size == 3008
    error_message = "The payment API has the memory that it was measured with."
  }

  assert {
    condition     = aws_lambda_function.payment.package_type == "Image" && strcontains(aws_lambda_function.payment.image_uri, "@sha256:")
    error_message = "A tag can be moved; what runs is named by its digest."
  }

  assert {
    condition = (
      aws_lambda_function.payment.kms_key_arn == var.lambda_key_arn &&
      aws_lambda_function.schema.kms_key_arn == var.lambda_key_arn
    )
    error_message = "Environment variables are encrypted with the key for them."
  }

  assert {
    condition = (
      aws_appautoscaling_target.payment.min_capacity == 2 &&
      aws_appautoscaling_target.payment.max_capacity == 10 &&
      aws_lambda_function.payment.reserved_concurrent_executions >= 2 * aws_appautoscaling_target.payment.max_capacity
    )
    error_message = "Two to ten executions are warm, and a deploy has room to warm as many again."
  }

  assert {
    condition     = aws_appautoscaling_policy.payment.target_tracking_scaling_policy_configuration[0].target_value == 0.7
    error_message = "Utilisation is a share here: 70 would never be reached."
  }

  assert {
    condition     = aws_lambda_alias.payment.name == "live" && aws_lambda_provisioned_concurrency_config.payment.qualifier == "live"
    error_message = "Executions that are warm for another version answer nobody."
  }

  assert {
    condition     = aws_cloudwatch_log_group.payment.kms_key_id == var.logs_key_arn
    error_message = "What Lambda logs is encrypted with our key."
  }
}

run "load_balancer" {
  command = plan

  module {
    source = "../../modules/this/load_balancer"
  }

  override_resource {
    target          = aws_s3_bucket.logs
    override_during = plan
    values          = { arn = "arn:aws:s3:::mocked" }
  }

  assert {
    condition     = !aws_lb.this.internal && aws_lb.this.load_balancer_type == "application"
    error_message = "Clients call from the internet."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.desync_mitigation_mode == "strictest"
    error_message = "Requests that two servers read in two ways are smuggled past the web ACL."
  }

  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    error_message = "The provider's own default still offers TLS 1.0."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "404"
    error_message = "Whoever asks for another name gets no payment API."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "Nothing is answered in the clear."
  }

  assert {
    condition = (
      aws_lb_target_group.aws.target_type == "lambda" &&
      aws_lb_target_group.aws.lambda_multi_value_headers_enabled &&
      aws_lb_target_group.aws.health_check[0].enabled &&
      aws_lb_target_group.aws.health_check[0].path == "/health" &&
      aws_lb_target_group.aws.health_check[0].interval == 30 &&
      aws_lb_target_group.aws.health_check[0].timeout == 25
    )
    error_message = "Health checks of functions are off unless they are asked for."
  }

  assert {
    condition     = aws_lambda_permission.load_balancer.qualifier == "live"
    error_message = "The load balancer may call the version that takes requests, and calls that one."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.logs.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "A load balancer cannot write where S3 encrypts with a key of KMS."
  }

  assert {
    condition     = strcontains(aws_s3_bucket_policy.logs.policy, "logdelivery.elasticloadbalancing.amazonaws.com")
    error_message = "Without leave to write logs, the load balancer is not made."
  }
}
