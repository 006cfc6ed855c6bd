# Rendered by Oarlock from fleet acme; do not edit, render again.

output "role_arns" {
  description = "Role ARNs by role name."
  value = {
    oarlock-hub-controller                                   = aws_iam_role.oarlock_hub_controller.arn
    "oarlock-hub-sa-argocd.argocd-applicationset-controller" = aws_iam_role.oarlock_hub_sa_argocd_argocd_applicationset_controller.arn
    oarlock-hub-server                                       = aws_iam_role.oarlock_hub_server.arn
  }
}
