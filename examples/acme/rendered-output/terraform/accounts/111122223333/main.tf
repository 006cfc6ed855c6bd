# Rendered by Oarlock from fleet acme; do not edit, render again.

# pods of service account argocd/argocd-application-controller on the hub use it to reach clusters
resource "aws_iam_role" "oarlock_hub_controller" {
  name                 = "oarlock-hub-controller"
  path                 = "/"
  description          = "Argo CD on hub: service account argocd/argocd-application-controller to reach clusters"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "PodIdentity"
        Effect = "Allow"
        Principal = {
          Service = "pods.eks.amazonaws.com"
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:eu-west-1:111122223333:cluster/hub"
            "aws:RequestTag/kubernetes-namespace"       = "argocd"
            "aws:RequestTag/kubernetes-service-account" = "argocd-application-controller"
          }
        }
      },
    ]
  })

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}

resource "aws_iam_role_policy" "oarlock_hub_controller_assume_spoke_roles" {
  name = "assume-spoke-roles"
  role = aws_iam_role.oarlock_hub_controller.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AssumeSpokeRoles"
        Effect = "Allow"
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Resource = [
          "arn:aws:iam::444455556666:role/oarlock-hub-eu-west-1-payments",
          "arn:aws:iam::444455556666:role/oarlock-hub-us-east-1-payments",
          "arn:aws:iam::777788889999:role/oarlock-hub-eu-west-1-analytics",
        ]
      },
    ]
  })
}

# pods of service account argocd/argocd-applicationset-controller on the hub use it to read sources
resource "aws_iam_role" "oarlock_hub_sa_argocd_argocd_applicationset_controller" {
  name                 = "oarlock-hub-sa-argocd.argocd-applicationset-controller"
  path                 = "/"
  description          = "Argo CD on hub: service account argocd/argocd-applicationset-controller to read sources"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "PodIdentity"
        Effect = "Allow"
        Principal = {
          Service = "pods.eks.amazonaws.com"
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:eu-west-1:111122223333:cluster/hub"
            "aws:RequestTag/kubernetes-namespace"       = "argocd"
            "aws:RequestTag/kubernetes-service-account" = "argocd-applicationset-controller"
          }
        }
      },
    ]
  })

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}

resource "aws_iam_role_policy" "oarlock_hub_sa_argocd_argocd_applicationset_controller_find_in_codecommit" {
  name = "find-in-codecommit"
  role = aws_iam_role.oarlock_hub_sa_argocd_argocd_applicationset_controller.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ListRepositories"
        Effect   = "Allow"
        Action   = ["codecommit:ListRepositories", "tag:GetResources"]
        Resource = "*"
      },
      {
        Sid      = "ReadRepositories"
        Effect   = "Allow"
        Action   = ["codecommit:GetFolder", "codecommit:GetRepository", "codecommit:ListBranches"]
        Resource = "arn:aws:codecommit:eu-west-1:111122223333:platform-services"
      },
    ]
  })
}

# pods of service account argocd/argocd-server on the hub use it to reach clusters
resource "aws_iam_role" "oarlock_hub_server" {
  name                 = "oarlock-hub-server"
  path                 = "/"
  description          = "Argo CD on hub: service account argocd/argocd-server to reach clusters"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "PodIdentity"
        Effect = "Allow"
        Principal = {
          Service = "pods.eks.amazonaws.com"
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          StringEquals = {
            "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:eu-west-1:111122223333:cluster/hub"
            "aws:RequestTag/kubernetes-namespace"       = "argocd"
            "aws:RequestTag/kubernetes-service-account" = "argocd-server"
          }
        }
      },
    ]
  })

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}

resource "aws_iam_role_policy" "oarlock_hub_server_assume_spoke_roles" {
  name = "assume-spoke-roles"
  role = aws_iam_role.oarlock_hub_server.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AssumeSpokeRoles"
        Effect = "Allow"
        Action = ["sts:AssumeRole", "sts:TagSession"]
        Resource = [
          "arn:aws:iam::444455556666:role/oarlock-hub-eu-west-1-payments",
          "arn:aws:iam::444455556666:role/oarlock-hub-us-east-1-payments",
          "arn:aws:iam::777788889999:role/oarlock-hub-eu-west-1-analytics",
        ]
      },
    ]
  })
}
