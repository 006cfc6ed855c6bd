# Rendered by Oarlock from fleet acme; do not edit, render again.

# holds the 65 permissions cluster-wide for Argo CD's controller (group oarlock:argocd-controller)
resource "kubernetes_cluster_role_v1" "oarlock_acme_argocd_controller" {
  metadata {
    name = "oarlock-acme-argocd-controller"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["endpoints", "nodes", "nodes/metrics", "pods", "services"]
    verbs      = ["get"]
  }

  rule {
    api_groups = [""]
    resources  = ["namespaces"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["ci"]
    verbs          = ["get"]
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["monitoring"]
    verbs          = ["get", "patch"]
  }

  rule {
    api_groups = ["*"]
    resources  = ["*"]
    verbs      = ["list", "watch"]
  }

  rule {
    api_groups = ["apiextensions.k8s.io"]
    resources  = ["customresourcedefinitions"]
    resource_names = [
      "alertmanagers.monitoring.coreos.com",
      "podmonitors.monitoring.coreos.com",
      "prometheuses.monitoring.coreos.com",
      "prometheusrules.monitoring.coreos.com",
      "servicemonitors.monitoring.coreos.com",
    ]
    verbs = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["discovery.k8s.io"]
    resources  = ["endpointslices"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["ingresses"]
    verbs      = ["get"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterrolebindings"]
    resource_names = ["ci-runner-cluster-admin"]
    verbs          = ["get", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterrolebindings", "clusterroles"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterrolebindings", "clusterroles"]
    resource_names = ["monitoring-operator", "monitoring-prometheus"]
    verbs          = ["get", "patch", "delete"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterroles"]
    resource_names = ["ci-runner-pods"]
    verbs          = ["get", "update", "patch", "delete"]
  }

  rule {
    non_resource_urls = [
      "/api",
      "/api/*",
      "/apis",
      "/apis/*",
      "/metrics",
      "/metrics/cadvisor",
      "/openapi/v2",
      "/openapi/v3",
      "/openapi/v3/*",
      "/version",
    ]
    verbs = ["get"]
  }
}

# holds the 28 permissions cluster-wide for Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_cluster_role_v1" "oarlock_acme_argocd_server" {
  metadata {
    name = "oarlock-acme-argocd-server"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["events"]
    verbs      = ["list"]
  }

  rule {
    api_groups = ["apiextensions.k8s.io"]
    resources  = ["customresourcedefinitions"]
    resource_names = [
      "alertmanagers.monitoring.coreos.com",
      "podmonitors.monitoring.coreos.com",
      "prometheuses.monitoring.coreos.com",
      "prometheusrules.monitoring.coreos.com",
      "servicemonitors.monitoring.coreos.com",
    ]
    verbs = ["get", "delete"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterrolebindings"]
    resource_names = ["ci-runner-cluster-admin", "monitoring-operator", "monitoring-prometheus"]
    verbs          = ["get", "delete"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterroles"]
    resource_names = ["ci-runner-pods", "monitoring-operator", "monitoring-prometheus"]
    verbs          = ["get", "delete"]
  }

  rule {
    non_resource_urls = ["/api", "/api/*", "/apis", "/apis/*", "/version"]
    verbs             = ["get"]
  }
}

# gives them to Argo CD's controller (group oarlock:argocd-controller)
resource "kubernetes_cluster_role_binding_v1" "oarlock_acme_argocd_controller" {
  metadata {
    name = "oarlock-acme-argocd-controller"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "oarlock-acme-argocd-controller"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-controller"
  }

  depends_on = [kubernetes_cluster_role_v1.oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_cluster_role_binding_v1" "oarlock_acme_argocd_server" {
  metadata {
    name = "oarlock-acme-argocd-server"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "oarlock-acme-argocd-server"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-server"
  }

  depends_on = [kubernetes_cluster_role_v1.oarlock_acme_argocd_server]
}

# holds the 17 permissions in namespace ci for Argo CD's controller (group
# oarlock:argocd-controller)
resource "kubernetes_role_v1" "ci_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "ci"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "serviceaccounts"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }
}

# holds the 14 permissions in namespace ci for Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_v1" "ci_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "ci"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "pods", "serviceaccounts"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/log"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["replicasets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings"]
    verbs      = ["get", "delete"]
  }
}

# holds the 3 permissions in namespace kube-system for Argo CD's controller (group
# oarlock:argocd-controller)
resource "kubernetes_role_v1" "kube_system_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "kube-system"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["services"]
    verbs      = ["create", "patch", "delete"]
  }
}

# holds the 2 permissions in namespace kube-system for Argo CD's server (group
# oarlock:argocd-server)
resource "kubernetes_role_v1" "kube_system_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "kube-system"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["services"]
    verbs      = ["get", "delete"]
  }
}

# holds the 63 permissions in namespace monitoring for Argo CD's controller (group
# oarlock:argocd-controller)
resource "kubernetes_role_v1" "monitoring_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "monitoring"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources = [
      "configmaps",
      "endpoints",
      "pods",
      "secrets",
      "serviceaccounts",
      "services",
      "services/finalizers",
    ]
    verbs = ["delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "endpoints", "secrets", "services", "services/finalizers"]
    verbs      = ["create", "update"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "events", "secrets", "serviceaccounts", "services"]
    verbs      = ["create", "patch"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "secrets", "serviceaccounts", "services/finalizers"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments", "statefulsets"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["statefulsets"]
    verbs      = ["update"]
  }

  rule {
    api_groups = ["events.k8s.io"]
    resources  = ["events"]
    verbs      = ["create", "patch"]
  }

  rule {
    api_groups = ["monitoring.coreos.com"]
    resources  = ["alertmanagers", "prometheuses", "prometheusrules", "servicemonitors"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "create", "patch", "delete"]
  }
}

# holds the 35 permissions in namespace monitoring for Argo CD's server (group
# oarlock:argocd-server)
resource "kubernetes_role_v1" "monitoring_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "monitoring"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources = [
      "configmaps",
      "persistentvolumeclaims",
      "pods",
      "secrets",
      "serviceaccounts",
      "services",
    ]
    verbs = ["get", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/log"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["controllerrevisions", "replicasets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments", "statefulsets"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["monitoring.coreos.com"]
    resources  = ["alertmanagers", "prometheuses", "prometheusrules", "servicemonitors"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "delete"]
  }
}

# gives them to Argo CD's controller (group oarlock:argocd-controller)
resource "kubernetes_role_binding_v1" "ci_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "ci"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd-controller"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-controller"
  }

  depends_on = [kubernetes_role_v1.ci_oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_binding_v1" "ci_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "ci"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd-server"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-server"
  }

  depends_on = [kubernetes_role_v1.ci_oarlock_acme_argocd_server]
}

# gives them to Argo CD's controller (group oarlock:argocd-controller)
resource "kubernetes_role_binding_v1" "kube_system_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "kube-system"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd-controller"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-controller"
  }

  depends_on = [kubernetes_role_v1.kube_system_oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_binding_v1" "kube_system_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "kube-system"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd-server"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-server"
  }

  depends_on = [kubernetes_role_v1.kube_system_oarlock_acme_argocd_server]
}

# gives them to Argo CD's controller (group oarlock:argocd-controller)
resource "kubernetes_role_binding_v1" "monitoring_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "monitoring"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd-controller"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-controller"
  }

  depends_on = [kubernetes_role_v1.monitoring_oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_binding_v1" "monitoring_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "monitoring"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "oarlock-acme-argocd-server"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = "oarlock:argocd-server"
  }

  depends_on = [kubernetes_role_v1.monitoring_oarlock_acme_argocd_server]
}
