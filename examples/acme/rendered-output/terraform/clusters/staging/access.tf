# Rendered by Oarlock from fleet acme; do not edit, render again.

# oarlock-hub-controller is group oarlock:argocd-controller on staging-us
resource "aws_eks_access_entry" "oarlock_hub_controller" {
  cluster_name      = "staging"
  principal_arn     = "arn:aws:iam::111122223333:role/oarlock-hub-controller"
  kubernetes_groups = ["oarlock:argocd-controller"]
  type              = "STANDARD"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}

# oarlock-hub-server is group oarlock:argocd-server on staging-us
resource "aws_eks_access_entry" "oarlock_hub_server" {
  cluster_name      = "staging"
  principal_arn     = "arn:aws:iam::111122223333:role/oarlock-hub-server"
  kubernetes_groups = ["oarlock:argocd-server"]
  type              = "STANDARD"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}
