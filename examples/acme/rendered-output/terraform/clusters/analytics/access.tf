# Rendered by Oarlock from fleet acme; do not edit, render again.

# oarlock-hub-eu-west-1-analytics is group oarlock:argocd on analytics-eu
resource "aws_eks_access_entry" "oarlock_hub_eu_west_1_analytics" {
  cluster_name      = "analytics"
  principal_arn     = "arn:aws:iam::777788889999:role/oarlock-hub-eu-west-1-analytics"
  kubernetes_groups = ["oarlock:argocd"]
  type              = "STANDARD"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}
