# Rendered by Oarlock from fleet acme; do not edit, render again.

# holds the 119 permissions cluster-wide for Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_cluster_role_v1" "oarlock_acme_argocd" {
  metadata {
    name = "oarlock-acme-argocd"
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
    resources  = ["events"]
    verbs      = ["create", "patch"]
  }

  rule {
    api_groups = [""]
    resources  = ["namespaces"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["checkout", "monitoring"]
    verbs          = ["get", "patch"]
  }

  rule {
    api_groups     = [""]
    resources      = ["namespaces"]
    resource_names = ["ingress"]
    verbs          = ["get"]
  }

  rule {
    api_groups = ["*"]
    resources  = ["*"]
    verbs      = ["list", "watch"]
  }

  rule {
    api_groups = ["admissionregistration.k8s.io"]
    resources  = ["validatingwebhookconfigurations"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["admissionregistration.k8s.io"]
    resources      = ["validatingwebhookconfigurations"]
    resource_names = ["breakwater-admission"]
    verbs          = ["get", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["apiextensions.k8s.io"]
    resources  = ["customresourcedefinitions"]
    verbs      = ["create"]
  }

  rule {
    api_groups = ["apiextensions.k8s.io"]
    resources  = ["customresourcedefinitions"]
    resource_names = [
      "alertmanagers.monitoring.coreos.com",
      "edgecertificates.breakwater.example",
      "podmonitors.monitoring.coreos.com",
      "prometheuses.monitoring.coreos.com",
      "prometheusrules.monitoring.coreos.com",
      "servicemonitors.monitoring.coreos.com",
      "trafficpolicies.breakwater.example",
    ]
    verbs = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["edgecertificates"]
    verbs      = ["get", "create"]
  }

  rule {
    api_groups     = ["breakwater.example"]
    resources      = ["edgecertificates"]
    resource_names = ["edge-wildcard"]
    verbs          = ["patch", "delete"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["trafficpolicies"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["trafficpolicies/status"]
    verbs      = ["update", "patch"]
  }

  rule {
    api_groups = ["cert-manager.io"]
    resources  = ["clusterissuers"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["cert-manager.io"]
    resources      = ["clusterissuers"]
    resource_names = ["acme-internal"]
    verbs          = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["discovery.k8s.io"]
    resources  = ["endpointslices"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["external-secrets.io"]
    resources  = ["externalsecrets"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["metrics.k8s.io"]
    resources  = ["nodes", "pods"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["ingressclasses"]
    verbs      = ["get", "create"]
  }

  rule {
    api_groups     = ["networking.k8s.io"]
    resources      = ["ingressclasses"]
    resource_names = ["breakwater"]
    verbs          = ["patch", "delete"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["ingresses"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["ingresses/status"]
    verbs      = ["update"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterrolebindings", "clusterroles"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterrolebindings", "clusterroles"]
    resource_names = ["acme-node-reader", "breakwater", "breakwater-admission"]
    verbs          = ["get", "update", "patch", "delete"]
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
    resource_names = ["acme-view-custom-resources"]
    verbs          = ["get", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["scheduling.k8s.io"]
    resources  = ["priorityclasses"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["scheduling.k8s.io"]
    resources      = ["priorityclasses"]
    resource_names = ["acme-business-critical"]
    verbs          = ["get", "patch", "delete"]
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

# holds the 70 permissions in namespace checkout for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "checkout_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "checkout"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "limitranges", "pods", "resourcequotas", "secrets", "serviceaccounts"]
    verbs      = ["delete"]
  }

  rule {
    api_groups = [""]
    resources = [
      "configmaps",
      "limitranges",
      "pods/log",
      "resourcequotas",
      "secrets",
      "serviceaccounts",
    ]
    verbs = ["get"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "limitranges", "resourcequotas", "serviceaccounts", "services"]
    verbs      = ["create", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments/scale"]
    verbs      = ["get", "update", "patch"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["replicasets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["autoscaling"]
    resources  = ["horizontalpodautoscalers"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs/status"]
    verbs      = ["patch"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["trafficpolicies"]
    verbs      = ["create", "patch", "delete"]
  }

  rule {
    api_groups = ["external-secrets.io"]
    resources  = ["externalsecrets"]
    verbs      = ["create", "patch", "delete"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["ingresses"]
    verbs      = ["create", "patch", "delete"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["networkpolicies"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["policy"]
    resources  = ["poddisruptionbudgets"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterroles"]
    resource_names = ["view"]
    verbs          = ["bind"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }
}

# holds the 58 permissions in namespace ingress for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "ingress_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "ingress"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "pods"]
    verbs      = ["delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "pods/log"]
    verbs      = ["get"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "secrets"]
    verbs      = ["get", "create", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "services"]
    verbs      = ["create", "patch", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["serviceaccounts"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["replicasets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["autoscaling"]
    resources  = ["horizontalpodautoscalers"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs/status"]
    verbs      = ["patch"]
  }

  rule {
    api_groups = ["cert-manager.io"]
    resources  = ["certificates", "issuers"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["coordination.k8s.io"]
    resources  = ["leases"]
    verbs      = ["create"]
  }

  rule {
    api_groups     = ["coordination.k8s.io"]
    resources      = ["leases"]
    resource_names = ["breakwater-leader"]
    verbs          = ["get", "update"]
  }

  rule {
    api_groups = ["policy"]
    resources  = ["poddisruptionbudgets"]
    verbs      = ["get", "create", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }
}

# holds the 3 permissions in namespace kube-system for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "kube_system_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
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

# holds the 68 permissions in namespace monitoring for Argo CD's controller and server (group
# oarlock:argocd)
resource "kubernetes_role_v1" "monitoring_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
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
      "persistentvolumeclaims",
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
    resources = [
      "configmaps",
      "persistentvolumeclaims",
      "pods/log",
      "secrets",
      "serviceaccounts",
      "services/finalizers",
    ]
    verbs = ["get"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "secrets", "serviceaccounts", "services"]
    verbs      = ["create", "patch"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["controllerrevisions", "deployments", "replicasets", "statefulsets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments", "statefulsets"]
    verbs      = ["create", "patch"]
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

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "checkout_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "checkout"
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

  depends_on = [kubernetes_role_v1.checkout_oarlock_acme_argocd]
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "ingress_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "ingress"
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

  depends_on = [kubernetes_role_v1.ingress_oarlock_acme_argocd]
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "kube_system_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "kube-system"
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

  depends_on = [kubernetes_role_v1.kube_system_oarlock_acme_argocd]
}

# gives them to Argo CD's controller and server (group oarlock:argocd)
resource "kubernetes_role_binding_v1" "monitoring_oarlock_acme_argocd" {
  metadata {
    name      = "oarlock-acme-argocd"
    namespace = "monitoring"
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

  depends_on = [kubernetes_role_v1.monitoring_oarlock_acme_argocd]
}
