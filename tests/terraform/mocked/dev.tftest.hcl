# What developers do without.

mock_provider "aws" {
  source = "./tests"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./tests"
}

variables {
  key_arn = "arn:aws:kms:us-east-2:333333333333:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
}

run "dev" {
  assert {
    condition     = length(module.network.nat_gateway_ids) == 1
    error_message = "One way out is enough for developers, and costs a third."
  }

  assert {
    condition     = length(module.network.private_route_table_ids) == 1
    error_message = "Zones that share a NAT gateway share its route table."
  }
}

run "database" {
  command = plan

  module {
    source = "../../modules/dev/database"
  }

  variables {
    client_security_group_ids = {}
    database_key_arn          = var.key_arn
    logs_key_arn              = var.key_arn
    private_subnet_ids        = ["subnet-a", "subnet-b", "subnet-c"]
    secrets_key_arn           = var.key_arn
    vpc_id                    = "vpc-0123456789abcdef0"
  }

  assert {
    condition     = !aws_rds_cluster.this.deletion_protection && aws_rds_cluster.this.skip_final_snapshot
    error_message = "dev is made and destroyed at will."
  }
}

run "monitoring" {
  command = plan

  module {
    source = "../../modules/dev/monitoring"
  }

  override_resource {
    target          = aws_sns_topic.this
    override_during = plan
    values          = { arn = "arn:aws:sns:us-east-2:111111111111:mocked" }
  }

  variables {
    certificate_arn          = "arn:aws:acm:us-east-2:111111111111:certificate/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
    cluster_identifier       = "payments-dev"
    load_balancer_arn_suffix = "app/payments-dev/0123456789abcdef"
    notifications_key_arn    = var.key_arn
    target_group_arn_suffix  = "targetgroup/payments-dev-aws/0123456789abcdef"
  }

  assert {
    condition     = aws_cloudwatch_composite_alarm.roll_back.alarm_actions == toset([aws_sns_topic.this.arn])
    error_message = "dev has no old side that traffic could go back to; its alarm is for people."
  }
}
