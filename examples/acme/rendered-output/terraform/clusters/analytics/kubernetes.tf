# Rendered by Oarlock from fleet acme; do not edit, render again.

# holds the 10 permissions cluster-wide for Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_cluster_role_v1" "oarlock_acme_argocd" {
  metadata {
    name = "oarlock-acme-argocd"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["ingest", "reports"]
    verbs          = ["get"]
  }

  rule {
    non_resource_urls = [
      "/api",
      "/api/*",
      "/apis",
      "/apis/*",
      "/openapi/v2",
      "/openapi/v3",
      "/openapi/v3/*",
      "/version",
    ]
    verbs = ["get"]
  }
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_cluster_role_binding_v1" "oarlock_acme_argocd" {
  metadata {
    name = "oarlock-acme-argocd"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "oarlock-acme-argocd"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd"
  }

  depends_on = [kubernetes_cluster_role_v1.oarlock_acme_argocd]
}

# holds the 41 permissions in namespace ingest for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "ingest_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "ingest"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups     = [""]
    resources      = ["configmaps"]
    resource_names = ["ingest-manifest"]
    verbs          = ["get"]
  }

  rule {
    api_groups = [""]
    resources  = ["persistentvolumeclaims", "pods"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/log"]
    verbs      = ["get"]
  }

  rule {
    api_groups = [""]
    resources  = ["services"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["*"]
    resources  = ["*"]
    verbs      = ["list", "watch"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["controllerrevisions"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["statefulsets"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["cronjobs", "jobs"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs/status"]
    verbs      = ["patch"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["networkpolicies"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }
}

# holds the 40 permissions in namespace reports for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "reports_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "reports"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "persistentvolumeclaims", "serviceaccounts", "services"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/log"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["*"]
    resources  = ["*"]
    verbs      = ["list", "watch"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["cronjobs", "jobs"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs/status"]
    verbs      = ["patch"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "ingest_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "ingest"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd"
  }

  depends_on = [kubernetes_role_v1.ingest_oarlock_acme_argocd]
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "reports_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "reports"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd"
  }

  depends_on = [kubernetes_role_v1.reports_oarlock_acme_argocd]
}
