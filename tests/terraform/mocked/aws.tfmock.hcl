# What the provider looks at before it accepts a value: the shape of an ARN. All else is made up.

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-2:333333333333:log-group:mocked"
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
