# Rendered by Oarlock from fleet shop; do not edit, render again.

output "role_arns" {
  description = "Role ARNs by role name."
  value = {
    ArgoCDCapabilityRole = aws_iam_role.argocdcapabilityrole.arn
  }
}
