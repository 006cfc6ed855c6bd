# Rendered by Oarlock from fleet acme; do not edit, render again.

output "role_arns" {
  description = "Role ARNs by role name."
  value = {
    oarlock-hub-eu-west-1-payments = aws_iam_role.oarlock_hub_eu_west_1_payments.arn
    oarlock-hub-us-east-1-payments = aws_iam_role.oarlock_hub_us_east_1_payments.arn
  }
}
