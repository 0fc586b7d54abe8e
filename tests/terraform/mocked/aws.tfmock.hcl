# What the provider looks at before it accepts a value: the shape of an ARN. All else is made up.

mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:us-east-2:333333333333:certificate/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
    domain_validation_options = [
      for domain in ["api.payments.example.com", "api.dev.payments.example.com", "api.staging.payments.example.com"] : {
        domain_name           = domain
        resource_record_name  = "_x.${domain}."
        resource_record_type  = "CNAME"
        resource_record_value = "_y.acm-validations.aws."
      }
    ]
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-2:333333333333:log-group:mocked"
  }
}

mock_resource "aws_dms_certificate" {
  defaults = {
    certificate_arn = "arn:aws:dms:us-east-2:333333333333:cert:MOCKED"
  }
}

mock_resource "aws_dms_endpoint" {
  defaults = {
    endpoint_arn = "arn:aws:dms:us-east-2:333333333333:endpoint:MOCKED"
  }
}

mock_resource "aws_dms_replication_instance" {
  defaults = {
    replication_instance_arn = "arn:aws:dms:us-east-2:333333333333:rep:MOCKED"
  }
}

mock_resource "aws_dms_replication_task" {
  defaults = {
    replication_task_arn = "arn:aws:dms:us-east-2:333333333333:task:mocked"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = {
    arn = "arn:aws:dynamodb:us-east-2:333333333333:table/mocked"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::333333333333:role/mocked"
  }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn = "arn:aws:kms:us-east-2:333333333333:key/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
  }
}

mock_resource "aws_lambda_alias" {
  defaults = {
    arn = "arn:aws:lambda:us-east-2:333333333333:function:mocked:live"
  }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn = "arn:aws:lambda:us-east-2:333333333333:function:mocked"
  }
}

mock_resource "aws_lb" {
  defaults = {
    arn     = "arn:aws:elasticloadbalancing:us-east-2:333333333333:loadbalancer/app/mocked/0123456789abcdef"
    zone_id = "Z3AADJGX6KTTL2"
  }
}

mock_resource "aws_lb_listener" {
  defaults = {
    arn = "arn:aws:elasticloadbalancing:us-east-2:333333333333:listener/app/mocked/0123456789abcdef/0123456789abcdef"
  }
}

mock_resource "aws_lb_listener_rule" {
  defaults = {
    arn = "arn:aws:elasticloadbalancing:us-east-2:333333333333:listener-rule/app/mocked/0123456789abcdef/0123456789abcdef/0123456789abcdef"
  }
}

mock_resource "aws_lb_target_group" {
  defaults = {
    arn = "arn:aws:elasticloadbalancing:us-east-2:333333333333:targetgroup/mocked/0123456789abcdef"
  }
}

mock_resource "aws_rds_cluster" {
  defaults = {
    arn = "arn:aws:rds:us-east-2:333333333333:cluster:mocked"
    master_user_secret = [
      {
        secret_arn = "arn:aws:secretsmanager:us-east-2:333333333333:secret:rds-mocked"
      },
    ]
  }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = {
    arn = "arn:aws:secretsmanager:us-east-2:333333333333:secret:mocked"
  }
}

mock_resource "aws_sns_topic" {
  defaults = {
    arn = "arn:aws:sns:us-east-2:333333333333:mocked"
  }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:us-east-2:333333333333:mocked"
  }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = {
    arn = "arn:aws:wafv2:us-east-2:333333333333:regional/webacl/mocked/0f4c7f6e-8a3f-4b6b-9d53-6c7a3f0b1d2e"
  }
}
