# What holds in every environment. `modules/this` leads to the modules of the one under test.

mock_provider "aws" {
  source = "./tests"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests"
}

run "security" {
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
    condition = alltrue([
      for secret in [
        aws_secretsmanager_secret.dms_reverse,
        aws_secretsmanager_secret.dms_source,
        aws_secretsmanager_secret.dms_target,
      ] : secret.kms_key_id == aws_kms_key.secrets.arn
    ])
    error_message = "A secret would be encrypted with a key that any account holder may use."
  }
}

run "network" {
  module {
    source = "../../modules/this/network"
  }

  variables {
    endpoint_client_security_group_ids = { client = "sg-0123456789abcdef0" }
    logs_key_arn                       = run.security.logs_key_arn
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
  module {
    source = "../../modules/this/database"
  }

  variables {
    client_security_group_ids = { client = "sg-0123456789abcdef0" }
    database_key_arn          = run.security.database_key_arn
    logs_key_arn              = run.security.logs_key_arn
    private_subnet_ids        = run.network.private_subnet_ids
    secrets_key_arn           = run.security.secrets_key_arn
    vpc_id                    = run.network.vpc_id
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
