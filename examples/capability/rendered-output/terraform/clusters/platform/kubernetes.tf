# Rendered by Oarlock from fleet shop; do not edit, render again.

# closes project catalog to what its 2 Applications use
resource "kubernetes_manifest" "appproject_argocd_catalog" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "AppProject"
    metadata = {
      name      = "catalog"
      namespace = "argocd"
    }
    spec = {
      destinations = [
        {
          server    = "arn:aws:eks:eu-central-1:123456789012:cluster/platform"
          namespace = "catalog"
        },
        {
          server    = "arn:aws:eks:eu-central-1:123456789012:cluster/platform"
          namespace = "search"
        },
      ]
    }
  }

  field_manager {
    name            = "oarlock"
    force_conflicts = false
  }

  lifecycle {
    prevent_destroy = true
  }
}

# closes project orders to what its Application uses
resource "kubernetes_manifest" "appproject_argocd_orders" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "AppProject"
    metadata = {
      name      = "orders"
      namespace = "argocd"
    }
    spec = {
      destinations = [
        {
          server    = "arn:aws:eks:eu-central-1:444455556666:cluster/orders"
          namespace = "orders"
        },
      ]
      sourceRepos = [
        "https://codeconnections.eu-central-1.amazonaws.com/git-http/123456789012/eu-central-1/2b7c5d10-94ae-4c3f-8a61-0f5e3d9b7c42/shop/orders.git",
      ]
    }
  }

  field_manager {
    name            = "oarlock"
    force_conflicts = false
  }

  lifecycle {
    prevent_destroy = true
  }
}

# holds the 14 permissions cluster-wide for Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_cluster_role_v1" "oarlock_shop_argocd" {
  metadata {
    name = "oarlock-shop-argocd"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "shop"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["namespaces"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["catalog"]
    verbs          = ["get", "patch"]
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["search"]
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

# holds the 29 permissions in namespace catalog for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "catalog_oarlock_shop_argocd" {
  metadata {
    name      = "oarlock-shop-argocd"
    namespace = "catalog"
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
    api_groups = ["discovery.k8s.io"]
    resources  = ["endpointslices"]
    verbs      = ["get", "patch", "delete"]
  }
}

# holds the 28 permissions in namespace search for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "search_oarlock_shop_argocd" {
  metadata {
    name      = "oarlock-shop-argocd"
    namespace = "search"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "shop"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["endpoints", "persistentvolumeclaims", "pods"]
    verbs      = ["get", "patch", "delete"]
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
    api_groups = ["apps"]
    resources  = ["controllerrevisions"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["statefulsets"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["discovery.k8s.io"]
    resources  = ["endpointslices"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["policy"]
    resources  = ["poddisruptionbudgets"]
    verbs      = ["get", "create", "patch", "delete"]
  }
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "catalog_oarlock_shop_argocd" {
  metadata {
    name      = "oarlock-shop-argocd"
    namespace = "catalog"
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

  depends_on = [kubernetes_role_v1.catalog_oarlock_shop_argocd]
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "search_oarlock_shop_argocd" {
  metadata {
    name      = "oarlock-shop-argocd"
    namespace = "search"
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

  depends_on = [kubernetes_role_v1.search_oarlock_shop_argocd]
}

# Argo CD knows local by it and reaches it as the capability role
resource "kubernetes_secret_v1" "argocd_cluster_local" {
  metadata {
    name      = "cluster-local"
    namespace = "argocd"
    labels = {
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "shop"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name    = "local"
    server  = "arn:aws:eks:eu-central-1:123456789012:cluster/platform"
    project = "catalog"
  }

  depends_on = [
    aws_eks_access_entry.argocdcapabilityrole,
    kubernetes_cluster_role_binding_v1.oarlock_shop_argocd,
    kubernetes_role_binding_v1.catalog_oarlock_shop_argocd,
    kubernetes_role_binding_v1.search_oarlock_shop_argocd,
  ]
}

# Argo CD knows orders by it and reaches it as the capability role
resource "kubernetes_secret_v1" "argocd_cluster_orders" {
  metadata {
    name      = "cluster-orders"
    namespace = "argocd"
    labels = {
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "shop"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name    = "orders"
    server  = "arn:aws:eks:eu-central-1:444455556666:cluster/orders"
    project = "orders"
  }
}
