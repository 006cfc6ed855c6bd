# Rendered by Oarlock from fleet acme; do not edit, render again.

# gives pods of service account argocd/argocd-applicationset-controller the role
# oarlock-hub-sa-argocd.argocd-applicationset-controller
resource "aws_eks_pod_identity_association" "argocd_argocd_applicationset_controller" {
  cluster_name    = "hub"
  namespace       = "argocd"
  service_account = "argocd-applicationset-controller"
  role_arn        = "arn:aws:iam::111122223333:role/oarlock-hub-sa-argocd.argocd-applicationset-controller"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}

# gives pods of service account argocd/argocd-application-controller the role oarlock-hub-controller
resource "aws_eks_pod_identity_association" "argocd_argocd_application_controller" {
  cluster_name    = "hub"
  namespace       = "argocd"
  service_account = "argocd-application-controller"
  role_arn        = "arn:aws:iam::111122223333:role/oarlock-hub-controller"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })

  depends_on = [
    kubernetes_secret_v1.argocd_cluster_analytics_eu,
    kubernetes_secret_v1.argocd_cluster_payments_prod_eu,
    kubernetes_secret_v1.argocd_cluster_payments_prod_us,
    kubernetes_secret_v1.argocd_cluster_staging_us,
    kubernetes_secret_v1.argocd_cluster_tools_eu,
  ]
}

# gives pods of service account argocd/argocd-server the role oarlock-hub-server
resource "aws_eks_pod_identity_association" "argocd_argocd_server" {
  cluster_name    = "hub"
  namespace       = "argocd"
  service_account = "argocd-server"
  role_arn        = "arn:aws:iam::111122223333:role/oarlock-hub-server"

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })

  depends_on = [
    kubernetes_secret_v1.argocd_cluster_analytics_eu,
    kubernetes_secret_v1.argocd_cluster_payments_prod_eu,
    kubernetes_secret_v1.argocd_cluster_payments_prod_us,
    kubernetes_secret_v1.argocd_cluster_staging_us,
    kubernetes_secret_v1.argocd_cluster_tools_eu,
  ]
}
