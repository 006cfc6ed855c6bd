# Rendered by Oarlock from fleet shop; do not edit, render again.

# ArgoCDCapabilityRole is group oarlock:argocd on local
resource "aws_eks_access_entry" "argocdcapabilityrole" {
  cluster_name      = "platform"
  principal_arn     = "arn:aws:iam::123456789012:role/ArgoCDCapabilityRole"
  kubernetes_groups = ["oarlock:argocd"]
  type              = "STANDARD"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "shop"
  })
}
