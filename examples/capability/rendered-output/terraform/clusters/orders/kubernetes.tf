# Rendered by Oarlock from fleet shop; do not edit, render again.

# holds the 11 permissions cluster-wide for Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_cluster_role_v1" "oarlock_shop_argocd" {
  metadata {
    name = "oarlock-shop-argocd"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "shop"
    }
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["orders"]
    verbs          = ["get"]
  }

  rule {
    api_groups = ["*"]
    resources  = ["*"]
    verbs      = ["list", "watch"]
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
resource "kubernetes_cluster_role_binding_v1" "oarlock_shop_argocd" {
  metadata {
    name = "oarlock-shop-argocd"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "shop"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "oarlock-shop-argocd"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd"
  }

  depends_on = [kubernetes_cluster_role_v1.oarlock_shop_argocd]
}

# holds the 42 permissions in namespace orders for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "orders_oarlock_shop_argocd" {
  metadata {
    name      = "oarlock-shop-argocd"
    namespace = "orders"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "shop"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "serviceaccounts", "services"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["endpoints", "pods"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/log"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["replicasets"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["coordination.k8s.io"]
    resources  = ["leases"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["coordination.k8s.io"]
    resources      = ["leases"]
    resource_names = ["orders-leader"]
    verbs          = ["get", "update"]
  }

  rule {
    api_groups = ["discovery.k8s.io"]
    resources  = ["endpointslices"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "orders_oarlock_shop_argocd" {
  metadata {
    name      = "oarlock-shop-argocd"
    namespace = "orders"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "shop"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-shop-argocd"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd"
  }

  depends_on = [kubernetes_role_v1.orders_oarlock_shop_argocd]
}
