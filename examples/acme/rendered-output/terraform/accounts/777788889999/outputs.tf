# Rendered by Oarlock from fleet acme; do not edit, render again.

output "role_arns" {
  description = "Role ARNs by role name."
  value = {
    oarlock-hub-eu-west-1-analytics = aws_iam_role.oarlock_hub_eu_west_1_analytics.arn
  }
}
