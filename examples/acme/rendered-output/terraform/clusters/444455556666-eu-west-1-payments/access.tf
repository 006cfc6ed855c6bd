# Rendered by Oarlock from fleet acme; do not edit, render again.

# oarlock-hub-eu-west-1-payments is group oarlock:argocd on payments-prod-eu
resource "aws_eks_access_entry" "oarlock_hub_eu_west_1_payments" {
  cluster_name      = "payments"
  principal_arn     = "arn:aws:iam::444455556666:role/oarlock-hub-eu-west-1-payments"
  kubernetes_groups = ["oarlock:argocd"]
  type              = "STANDARD"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}
