# Rendered by Oarlock from fleet acme; do not edit, render again.

# holds the 109 permissions cluster-wide for Argo CD's controller (group oarlock:argocd-controller)
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
    verbs          = ["get", "update", "patch"]
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
      "podmonitors.monitoring.coreos.com",
      "prometheuses.monitoring.coreos.com",
      "prometheusrules.monitoring.coreos.com",
      "servicemonitors.monitoring.coreos.com",
    ]
    verbs = ["get", "patch", "delete"]
  }

  rule {
    api_groups     = ["apiextensions.k8s.io"]
    resources      = ["customresourcedefinitions"]
    resource_names = ["edgecertificates.breakwater.example", "trafficpolicies.breakwater.example"]
    verbs          = ["get", "patch"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["edgecertificates", "trafficpolicies"]
    verbs      = ["get"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["trafficpolicies/status"]
    verbs      = ["update", "patch"]
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
    verbs          = ["patch"]
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
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterrolebindings"]
    resource_names = ["acme-auditor", "acme-node-reader", "breakwater", "breakwater-admission"]
    verbs          = ["update", "patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterrolebindings", "clusterroles"]
    verbs      = ["get", "create"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterrolebindings", "clusterroles"]
    resource_names = [
      "acme-auditor",
      "acme-node-reader",
      "breakwater-admission",
      "monitoring-operator",
      "monitoring-prometheus",
    ]
    verbs = ["patch", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterroles"]
    resource_names = [
      "acme-auditor",
      "acme-auditor-rbac",
      "acme-node-reader",
      "acme-view-custom-resources",
      "breakwater-admission",
    ]
    verbs = ["update", "patch", "delete"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterroles"]
    resource_names = ["breakwater"]
    verbs          = ["update", "patch"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get"]
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

# holds the 54 permissions cluster-wide for Argo CD's server (group oarlock:argocd-server)
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
    api_groups     = ["admissionregistration.k8s.io"]
    resources      = ["validatingwebhookconfigurations"]
    resource_names = ["breakwater-admission"]
    verbs          = ["get", "delete"]
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
    verbs = ["get", "delete"]
  }

  rule {
    api_groups     = ["networking.k8s.io"]
    resources      = ["ingressclasses"]
    resource_names = ["breakwater"]
    verbs          = ["get", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["clusterrolebindings", "clusterroles"]
    resource_names = [
      "acme-auditor",
      "acme-node-reader",
      "breakwater",
      "breakwater-admission",
      "monitoring-operator",
      "monitoring-prometheus",
    ]
    verbs = ["get", "delete"]
  }

  rule {
    api_groups     = ["rbac.authorization.k8s.io"]
    resources      = ["clusterroles"]
    resource_names = ["acme-auditor-rbac", "acme-view-custom-resources"]
    verbs          = ["get", "delete"]
  }

  rule {
    api_groups     = ["scheduling.k8s.io"]
    resources      = ["priorityclasses"]
    resource_names = ["acme-business-critical"]
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

# holds the 63 permissions in namespace checkout for Argo CD's controller (group
# oarlock:argocd-controller)
resource "kubernetes_role_v1" "checkout_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "checkout"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "limitranges", "pods", "resourcequotas", "serviceaccounts"]
    verbs      = ["delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "limitranges", "pods/log", "resourcequotas", "serviceaccounts"]
    verbs      = ["get"]
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
    verbs      = ["create", "update", "patch", "delete"]
  }
}

# holds the 41 permissions in namespace checkout for Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_v1" "checkout_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "checkout"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources = [
      "configmaps",
      "limitranges",
      "pods",
      "resourcequotas",
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
    resources  = ["deployments"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["replicasets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["autoscaling"]
    resources  = ["horizontalpodautoscalers"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs/status"]
    verbs      = ["patch"]
  }

  rule {
    api_groups = ["breakwater.example"]
    resources  = ["trafficpolicies"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["external-secrets.io"]
    resources  = ["externalsecrets"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["networking.k8s.io"]
    resources  = ["ingresses", "networkpolicies"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["policy"]
    resources  = ["poddisruptionbudgets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["get", "delete"]
  }
}

# holds the 36 permissions in namespace ingress for Argo CD's controller (group
# oarlock:argocd-controller)
resource "kubernetes_role_v1" "ingress_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "ingress"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "secrets"]
    verbs      = ["get", "create"]
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "services"]
    verbs      = ["create", "patch"]
  }

  rule {
    api_groups = [""]
    resources  = ["serviceaccounts"]
    verbs      = ["get", "create", "update", "patch", "delete"]
  }

  rule {
    api_groups = ["apps"]
    resources  = ["deployments"]
    verbs      = ["get", "create", "patch"]
  }

  rule {
    api_groups = ["autoscaling"]
    resources  = ["horizontalpodautoscalers"]
    verbs      = ["get", "create", "patch"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs"]
    verbs      = ["get", "create", "update", "delete"]
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
    verbs      = ["get", "create", "patch"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
    verbs      = ["create", "update", "patch", "delete"]
  }
}

# holds the 26 permissions in namespace ingress for Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_v1" "ingress_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "ingress"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    api_groups = [""]
    resources  = ["configmaps", "pods", "serviceaccounts", "services"]
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
    api_groups = ["autoscaling"]
    resources  = ["horizontalpodautoscalers"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs"]
    verbs      = ["get", "patch", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs/status"]
    verbs      = ["patch"]
  }

  rule {
    api_groups = ["policy"]
    resources  = ["poddisruptionbudgets"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = ["rbac.authorization.k8s.io"]
    resources  = ["rolebindings", "roles"]
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

# holds the 59 permissions in namespace monitoring for Argo CD's controller (group
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
    resources  = ["configmaps", "secrets", "serviceaccounts", "services"]
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
    verbs      = ["create", "patch", "delete"]
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
resource "kubernetes_role_binding_v1" "checkout_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "checkout"
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

  depends_on = [kubernetes_role_v1.checkout_oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_binding_v1" "checkout_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "checkout"
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

  depends_on = [kubernetes_role_v1.checkout_oarlock_acme_argocd_server]
}

# gives them to Argo CD's controller (group oarlock:argocd-controller)
resource "kubernetes_role_binding_v1" "ingress_oarlock_acme_argocd_controller" {
  metadata {
    name      = "oarlock-acme-argocd-controller"
    namespace = "ingress"
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

  depends_on = [kubernetes_role_v1.ingress_oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server (group oarlock:argocd-server)
resource "kubernetes_role_binding_v1" "ingress_oarlock_acme_argocd_server" {
  metadata {
    name      = "oarlock-acme-argocd-server"
    namespace = "ingress"
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

  depends_on = [kubernetes_role_v1.ingress_oarlock_acme_argocd_server]
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
