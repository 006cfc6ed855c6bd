# Rendered by Oarlock from fleet acme; do not edit, render again.

# closes project analytics to what its 2 Applications use
resource "kubernetes_manifest" "appproject_argocd_analytics" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "AppProject"
    metadata = {
      name      = "analytics"
      namespace = "argocd"
    }
    spec = {
      destinations = [
        {
          server    = "https://5C27F9A041E8B36D7D42A6F80C935EB1.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "ingest"
        },
        {
          server    = "https://5C27F9A041E8B36D7D42A6F80C935EB1.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "reports"
        },
      ]
      sourceRepos = [
        "https://git.example.com/analytics/ingest.git",
        "https://git.example.com/analytics/reports.git",
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

# closes project payments to what its 3 Applications use
resource "kubernetes_manifest" "appproject_argocd_payments" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "AppProject"
    metadata = {
      name      = "payments"
      namespace = "argocd"
    }
    spec = {
      destinations = [
        {
          server    = "https://3F7C1A9E5B2D48609C1E7A4B6D80F235.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "checkout"
        },
        {
          server    = "https://8B04D6E2A1C97F35E6082B4D91CA7F13.gr7.us-east-1.eks.amazonaws.com"
          namespace = "checkout"
        },
        {
          server    = "https://D15E90B7C34A2F68B70D4E81A6392C5F.gr7.us-east-1.eks.amazonaws.com"
          namespace = "checkout"
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

# closes project platform to what its 10 Applications use
resource "kubernetes_manifest" "appproject_argocd_platform" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "AppProject"
    metadata = {
      name      = "platform"
      namespace = "argocd"
    }
    spec = {
      destinations = [
        {
          server    = "https://3F7C1A9E5B2D48609C1E7A4B6D80F235.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "checkout"
        },
        {
          server    = "https://3F7C1A9E5B2D48609C1E7A4B6D80F235.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "ingress"
        },
        {
          server    = "https://3F7C1A9E5B2D48609C1E7A4B6D80F235.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "kube-system"
        },
        {
          server    = "https://3F7C1A9E5B2D48609C1E7A4B6D80F235.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "monitoring"
        },
        {
          server    = "https://8B04D6E2A1C97F35E6082B4D91CA7F13.gr7.us-east-1.eks.amazonaws.com"
          namespace = "checkout"
        },
        {
          server    = "https://8B04D6E2A1C97F35E6082B4D91CA7F13.gr7.us-east-1.eks.amazonaws.com"
          namespace = "ingress"
        },
        {
          server    = "https://A2C46E8013579BDF02468ACE13579BDF.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "kube-system"
        },
        {
          server    = "https://A2C46E8013579BDF02468ACE13579BDF.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "monitoring"
        },
        {
          server    = "https://D15E90B7C34A2F68B70D4E81A6392C5F.gr7.us-east-1.eks.amazonaws.com"
          namespace = "checkout"
        },
        {
          server    = "https://D15E90B7C34A2F68B70D4E81A6392C5F.gr7.us-east-1.eks.amazonaws.com"
          namespace = "ingress"
        },
        {
          server    = "https://D15E90B7C34A2F68B70D4E81A6392C5F.gr7.us-east-1.eks.amazonaws.com"
          namespace = "kube-system"
        },
        {
          server    = "https://D15E90B7C34A2F68B70D4E81A6392C5F.gr7.us-east-1.eks.amazonaws.com"
          namespace = "monitoring"
        },
      ]
      sourceRepos = [
        "https://charts.example.com/edge",
        "https://charts.example.com/monitoring",
        "https://git.example.com/platform/baseline.git",
        "https://git.example.com/platform/certificates.git",
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

# closes project tooling to what its 2 Applications use
resource "kubernetes_manifest" "appproject_argocd_tooling" {
  manifest = {
    apiVersion = "argoproj.io/v1alpha1"
    kind       = "AppProject"
    metadata = {
      name      = "tooling"
      namespace = "argocd"
    }
    spec = {
      destinations = [
        {
          server    = "https://A2C46E8013579BDF02468ACE13579BDF.gr7.eu-west-1.eks.amazonaws.com"
          namespace = "ci"
        },
        {
          server    = "https://kubernetes.default.svc"
          namespace = "monitoring"
        },
      ]
      sourceRepos = [
        "https://git.example.com/tooling/ci-runner.git",
        "https://git.example.com/tooling/dashboards.git",
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

# holds the 10 permissions cluster-wide for Argo CD's controller
resource "kubernetes_cluster_role_v1" "oarlock_acme_argocd_controller" {
  metadata {
    name = "oarlock-acme-argocd-controller"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
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

# holds the 5 permissions cluster-wide for Argo CD's server
resource "kubernetes_cluster_role_v1" "oarlock_acme_argocd_server" {
  metadata {
    name = "oarlock-acme-argocd-server"
    labels = {
      "app.kubernetes.io/managed-by" = "oarlock"
      "oarlock.dev/fleet"            = "acme"
    }
  }

  rule {
    non_resource_urls = ["/api", "/api/*", "/apis", "/apis/*", "/version"]
    verbs             = ["get"]
  }
}

# gives them to Argo CD's controller
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
    kind      = "ServiceAccount"
    name      = "argocd-application-controller"
    namespace = "argocd"
  }

  depends_on = [kubernetes_cluster_role_v1.oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server
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
    kind      = "ServiceAccount"
    name      = "argocd-server"
    namespace = "argocd"
  }

  depends_on = [kubernetes_cluster_role_v1.oarlock_acme_argocd_server]
}

# holds the 7 permissions in namespace monitoring for Argo CD's controller
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
    resources  = ["configmaps"]
    verbs      = ["get", "create", "update", "delete"]
  }

  rule {
    api_groups = ["batch"]
    resources  = ["jobs"]
    verbs      = ["get", "create", "delete"]
  }
}

# holds the 10 permissions in namespace monitoring for Argo CD's server
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
    resources  = ["configmaps", "pods"]
    verbs      = ["get", "delete"]
  }

  rule {
    api_groups = [""]
    resources  = ["events"]
    verbs      = ["list"]
  }

  rule {
    api_groups = [""]
    resources  = ["pods/log"]
    verbs      = ["get"]
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
}

# gives them to Argo CD's controller
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
    kind      = "ServiceAccount"
    name      = "argocd-application-controller"
    namespace = "argocd"
  }

  depends_on = [kubernetes_role_v1.monitoring_oarlock_acme_argocd_controller]
}

# gives them to Argo CD's server
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
    kind      = "ServiceAccount"
    name      = "argocd-server"
    namespace = "argocd"
  }

  depends_on = [kubernetes_role_v1.monitoring_oarlock_acme_argocd_server]
}

# the needs rest on resource.exclusions
resource "kubernetes_config_map_v1_data" "argocd_argocd_cm" {
  count = var.argo_cd_by_helm ? 0 : 1

  metadata {
    name      = "argocd-cm"
    namespace = "argocd"
  }

  data = {
    "resource.exclusions" = join("\n", [
      "- apiGroups:",
      "  - ''",
      "  - discovery.k8s.io",
      "  kinds:",
      "  - Endpoints",
      "  - EndpointSlice",
      "- apiGroups:",
      "  - coordination.k8s.io",
      "  kinds:",
      "  - Lease",
      "- apiGroups:",
      "  - authentication.k8s.io",
      "  - authorization.k8s.io",
      "  kinds:",
      "  - SelfSubjectReview",
      "  - TokenReview",
      "  - LocalSubjectAccessReview",
      "  - SelfSubjectAccessReview",
      "  - SelfSubjectRulesReview",
      "  - SubjectAccessReview",
      "- apiGroups:",
      "  - certificates.k8s.io",
      "  kinds:",
      "  - CertificateSigningRequest",
      "- apiGroups:",
      "  - cert-manager.io",
      "  kinds:",
      "  - CertificateRequest",
      "- apiGroups:",
      "  - cilium.io",
      "  kinds:",
      "  - CiliumIdentity",
      "  - CiliumEndpoint",
      "  - CiliumEndpointSlice",
      "- apiGroups:",
      "  - kyverno.io",
      "  - reports.kyverno.io",
      "  - wgpolicyk8s.io",
      "  kinds:",
      "  - PolicyReport",
      "  - ClusterPolicyReport",
      "  - EphemeralReport",
      "  - ClusterEphemeralReport",
      "  - AdmissionReport",
      "  - ClusterAdmissionReport",
      "  - BackgroundScanReport",
      "  - ClusterBackgroundScanReport",
      "  - UpdateRequest",
      "",
    ])
  }

  field_manager = "oarlock"
  force         = false

  depends_on = [
    kubernetes_cluster_role_binding_v1.oarlock_acme_argocd_controller,
    kubernetes_cluster_role_binding_v1.oarlock_acme_argocd_server,
    kubernetes_role_binding_v1.monitoring_oarlock_acme_argocd_controller,
    kubernetes_role_binding_v1.monitoring_oarlock_acme_argocd_server,
  ]
}

# Argo CD knows analytics-eu by it and reaches it as the spoke role
resource "kubernetes_secret_v1" "argocd_cluster_analytics_eu" {
  metadata {
    name      = "cluster-analytics-eu"
    namespace = "argocd"
    labels = {
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "acme"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name       = "analytics-eu"
    server     = "https://5C27F9A041E8B36D7D42A6F80C935EB1.gr7.eu-west-1.eks.amazonaws.com"
    config     = "{\"awsAuthConfig\":{\"clusterName\":\"analytics\",\"roleARN\":\"arn:aws:iam::777788889999:role/oarlock-hub-eu-west-1-analytics\"},\"tlsClientConfig\":{\"insecure\":false,\"caData\":\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJmekNDQVNXZ0F3SUJBZ0lVZWd5M0xlTHM3TEUrcGVpVC9aTjJ6b01JVzBvd0NnWUlLb1pJemowRUF3SXcKRlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QWVGdzB5TmpFeE1qTXlNVEkyTkROYUZ3MHpOakV4TWpBeQpNVEkyTkROYU1CVXhFekFSQmdOVkJBTU1DbXQxWW1WeWJtVjBaWE13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPClBRTUJCd05DQUFRdTV0TXB3U2NTZ3Zaa21TeFNhS1FNRmRWNEdRM0hFUTJsTk1JT2U2RHB2b1VpZ3U3b1NnL3gKVEU1SmZ3QW9kZGdMTWZLaURyclY5VG5id29RbVE3bEVvMU13VVRBZEJnTlZIUTRFRmdRVTB1ZnZtRjZmUHBwdwowVnM0bzV5bjEyeklRVGt3SHdZRFZSMGpCQmd3Rm9BVTB1ZnZtRjZmUHBwdzBWczRvNXluMTJ6SVFUa3dEd1lEClZSMFRBUUgvQkFVd0F3RUIvekFLQmdncWhrak9QUVFEQWdOSUFEQkZBaUVBOThGT3FKa3hrNUVHTUlJN0REZUQKNXc5T2MvMHBTQlMzT2M2dk1xM1ZWU01DSUQxdFdBQTB0a3RxZnl1aGcwcHBSaW1Ccys4L3czcEdXMFB6TVhLaQoranF6Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K\"}}"
    namespaces = "reports,ingest"
    project    = "analytics"
  }

  depends_on = [kubernetes_config_map_v1_data.argocd_argocd_cm]
}

# Argo CD knows payments-prod-eu by it and reaches it as the spoke role
resource "kubernetes_secret_v1" "argocd_cluster_payments_prod_eu" {
  metadata {
    name      = "cluster-payments-prod-eu"
    namespace = "argocd"
    labels = {
      tier                             = "production"
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "acme"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name   = "payments-prod-eu"
    server = "https://3F7C1A9E5B2D48609C1E7A4B6D80F235.gr7.eu-west-1.eks.amazonaws.com"
    config = "{\"awsAuthConfig\":{\"clusterName\":\"payments\",\"roleARN\":\"arn:aws:iam::444455556666:role/oarlock-hub-eu-west-1-payments\"},\"tlsClientConfig\":{\"insecure\":false,\"caData\":\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJmakNDQVNXZ0F3SUJBZ0lVTE80bEs0Nng5VnpGWjVkSTRhTXVnTDRpOWdZd0NnWUlLb1pJemowRUF3SXcKRlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QWVGdzB5TmpFeE1qTXlNVEkyTkROYUZ3MHpOakV4TWpBeQpNVEkyTkROYU1CVXhFekFSQmdOVkJBTU1DbXQxWW1WeWJtVjBaWE13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPClBRTUJCd05DQUFUYjJKU3phdnQ0M0laU3NJNkRDWk96UnEwRnBSUC9TdEJ4WXo3YW9ibG9CZDdVNERkNUsraTUKYlh5Wm9wbGxGdmtkZ3haZ0hVaWNOMTZMNkh5TjRoNnJvMU13VVRBZEJnTlZIUTRFRmdRVTVzM1BMMVRlV2ExUAo4U3NFLzJpVHJNTEk4Lzh3SHdZRFZSMGpCQmd3Rm9BVTVzM1BMMVRlV2ExUDhTc0UvMmlUck1MSTgvOHdEd1lEClZSMFRBUUgvQkFVd0F3RUIvekFLQmdncWhrak9QUVFEQWdOSEFEQkVBaUJWQ1p6SUcvZXQ1dS9RdFlQNlBjY04KUjI2bkNLcEI2b3dCeFlrNEx5bVFYd0lnRnQ1UmNzMGRYaUEvczRaVnlzTlJxUzVpSDZtSHFJUHR5NUtMUGVPdwphc289Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K\"}}"
  }

  depends_on = [kubernetes_config_map_v1_data.argocd_argocd_cm]
}

# Argo CD knows payments-prod-us by it and reaches it as the spoke role
resource "kubernetes_secret_v1" "argocd_cluster_payments_prod_us" {
  metadata {
    name      = "cluster-payments-prod-us"
    namespace = "argocd"
    labels = {
      tier                             = "production"
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "acme"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name   = "payments-prod-us"
    server = "https://8B04D6E2A1C97F35E6082B4D91CA7F13.gr7.us-east-1.eks.amazonaws.com"
    config = "{\"awsAuthConfig\":{\"clusterName\":\"payments\",\"roleARN\":\"arn:aws:iam::444455556666:role/oarlock-hub-us-east-1-payments\"},\"tlsClientConfig\":{\"insecure\":false,\"caData\":\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJmekNDQVNXZ0F3SUJBZ0lVRExDYzZsQ0ZmazAvMHdzY29sOFZ3S3dPaVZBd0NnWUlLb1pJemowRUF3SXcKRlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QWVGdzB5TmpFeE1qTXlNVEkyTkROYUZ3MHpOakV4TWpBeQpNVEkyTkROYU1CVXhFekFSQmdOVkJBTU1DbXQxWW1WeWJtVjBaWE13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPClBRTUJCd05DQUFTaWhpMlo1a2szS0h2alR0UzBXeVh4NVFWc2d0TEw0MlpPM1FvOHlsSHMwSE9rdDNXdmZWQUsKdzh0NW9ETnMrSTVnOWV3WktDRlowbUhYMCtQSnI0TXVvMU13VVRBZEJnTlZIUTRFRmdRVXIrZ0NPZGN1OHAzWgpGTnpTWG1rYzRhWEVUL2t3SHdZRFZSMGpCQmd3Rm9BVXIrZ0NPZGN1OHAzWkZOelNYbWtjNGFYRVQva3dEd1lEClZSMFRBUUgvQkFVd0F3RUIvekFLQmdncWhrak9QUVFEQWdOSUFEQkZBaUJYSXlGeFk2ZnZVVUJoN1B2WUdZaXAKcTExY3dWbnlZeXhwV3pSWHhJbGlFQUloQUlxZWtLU0p0NUpRUnhLZ2lHby80YzBlMVM5VzNkSWFqQVFETGtuWApxYWw0Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K\"}}"
  }

  depends_on = [kubernetes_config_map_v1_data.argocd_argocd_cm]
}

# Argo CD knows staging-us by it and reaches it as the hub roles themselves
resource "kubernetes_secret_v1" "argocd_cluster_staging_us" {
  metadata {
    name      = "cluster-staging-us"
    namespace = "argocd"
    labels = {
      tier                             = "staging"
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "acme"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name   = "staging-us"
    server = "https://D15E90B7C34A2F68B70D4E81A6392C5F.gr7.us-east-1.eks.amazonaws.com"
    config = "{\"awsAuthConfig\":{\"clusterName\":\"staging\"},\"tlsClientConfig\":{\"insecure\":false,\"caData\":\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJnRENDQVNXZ0F3SUJBZ0lVYkJjVW4vUEJSQzhwT2E0VVMrNmhoenFsOWRFd0NnWUlLb1pJemowRUF3SXcKRlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QWVGdzB5TmpFeE1qTXlNVEkyTkROYUZ3MHpOakV4TWpBeQpNVEkyTkROYU1CVXhFekFSQmdOVkJBTU1DbXQxWW1WeWJtVjBaWE13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPClBRTUJCd05DQUFST1d6eGlYV1I4cis1dGZVbmJHVHM1WFhhenp3UXRmci83bnNHTkYzcnZFZlBxZU1YNUFENVgKWG9MbXA4L0UxWGNrYWlGS095RG9CNEc1QmlVbEd1b1JvMU13VVRBZEJnTlZIUTRFRmdRVVJMYkNLK3IzZVJaOQpsdkRCVE1IUS9UR3RuSE13SHdZRFZSMGpCQmd3Rm9BVVJMYkNLK3IzZVJaOWx2REJUTUhRL1RHdG5ITXdEd1lEClZSMFRBUUgvQkFVd0F3RUIvekFLQmdncWhrak9QUVFEQWdOSkFEQkdBaUVBMWdqRGVGeDNMSWFDTVhlWjEzSDQKQXlwR1VIUzVvZkVnV1cwSmtSbXdmWVFDSVFEditXTXZoZ01XM0VVYjVyTjBHYldZQ0VYeURDeHlFdWp5aUxWeQo5Umh1Q3c9PQotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==\"}}"
  }

  depends_on = [kubernetes_config_map_v1_data.argocd_argocd_cm]
}

# Argo CD knows tools-eu by it and reaches it as the hub roles themselves
resource "kubernetes_secret_v1" "argocd_cluster_tools_eu" {
  metadata {
    name      = "cluster-tools-eu"
    namespace = "argocd"
    labels = {
      "app.kubernetes.io/managed-by"   = "oarlock"
      "oarlock.dev/fleet"              = "acme"
      "argocd.argoproj.io/secret-type" = "cluster"
    }
  }

  type = "Opaque"

  data = {
    name   = "tools-eu"
    server = "https://A2C46E8013579BDF02468ACE13579BDF.gr7.eu-west-1.eks.amazonaws.com"
    config = "{\"awsAuthConfig\":{\"clusterName\":\"tools\"},\"tlsClientConfig\":{\"insecure\":false,\"caData\":\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJmakNDQVNXZ0F3SUJBZ0lVQzV4a29NU3Z6OUxYbWVKQTRJcnVwSFhtcHF3d0NnWUlLb1pJemowRUF3SXcKRlRFVE1CRUdBMVVFQXd3S2EzVmlaWEp1WlhSbGN6QWVGdzB5TmpFeE1qTXlNVEkyTkROYUZ3MHpOakV4TWpBeQpNVEkyTkROYU1CVXhFekFSQmdOVkJBTU1DbXQxWW1WeWJtVjBaWE13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPClBRTUJCd05DQUFRd0p2YW5HRCt1Q1lpZVdFc3VSeHJYT1dRb1IwL2VwMlY4d25ZMGdpaDVWSTlROXdXcmpGR2QKRXAwRGE4YXRDT3dka21yWTUvYTlBZzVTUFZlb2dicWtvMU13VVRBZEJnTlZIUTRFRmdRVXpFNjk3bnZLdU5FVQorK0FEcThxVGJvYWV0aGt3SHdZRFZSMGpCQmd3Rm9BVXpFNjk3bnZLdU5FVSsrQURxOHFUYm9hZXRoa3dEd1lEClZSMFRBUUgvQkFVd0F3RUIvekFLQmdncWhrak9QUVFEQWdOSEFEQkVBaUJCVWVCSnVuTDExTmdzcUQrUWNYWVMKaSsvVGdEemJDd2pTNXlWYWxkQ0hCZ0lnQ2xMVHB2U2lQWTg2MXI4UkIrYzJKbmpWdlRPL0J5RkxvK0psTmdDTwo1MjQ9Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K\"}}"
  }

  depends_on = [kubernetes_config_map_v1_data.argocd_argocd_cm]
}

# pods get the credentials of their service account only when they start
resource "kubernetes_annotations" "restart_argocd_application_controller" {
  api_version = "apps/v1"
  kind        = "StatefulSet"

  metadata {
    name      = "argocd-application-controller"
    namespace = "argocd"
  }

  template_annotations = {
    "oarlock.dev/restarted-for" = "00f48a7f"
  }

  field_manager = "oarlock"
  force         = false

  depends_on = [
    aws_eks_pod_identity_association.argocd_argocd_application_controller,
    aws_eks_pod_identity_association.argocd_argocd_applicationset_controller,
    aws_eks_pod_identity_association.argocd_argocd_server,
    kubernetes_config_map_v1_data.argocd_argocd_cm,
  ]
}

resource "kubernetes_annotations" "restart_argocd_server" {
  api_version = "apps/v1"
  kind        = "Deployment"

  metadata {
    name      = "argocd-server"
    namespace = "argocd"
  }

  template_annotations = {
    "oarlock.dev/restarted-for" = "00f48a7f"
  }

  field_manager = "oarlock"
  force         = false

  depends_on = [
    aws_eks_pod_identity_association.argocd_argocd_application_controller,
    aws_eks_pod_identity_association.argocd_argocd_applicationset_controller,
    aws_eks_pod_identity_association.argocd_argocd_server,
    kubernetes_config_map_v1_data.argocd_argocd_cm,
  ]
}
