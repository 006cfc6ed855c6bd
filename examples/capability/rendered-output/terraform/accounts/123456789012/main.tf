# Rendered by Oarlock from fleet shop; do not edit, render again.

# the EKS capability for Argo CD on platform acts as it on every cluster
resource "aws_iam_role" "argocdcapabilityrole" {
  name                 = "ArgoCDCapabilityRole"
  path                 = "/"
  description          = "EKS capability for Argo CD on platform"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Capability"
        Effect = "Allow"
        Principal = {
          Service = "capabilities.eks.amazonaws.com"
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
      },
    ]
  })

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "shop"
  })
}

resource "aws_iam_role_policy" "argocdcapabilityrole_repository_access" {
  name = "repository-access"
  role = aws_iam_role.argocdcapabilityrole.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "UseConnections"
        Effect   = "Allow"
        Action   = ["codeconnections:GetConnection", "codeconnections:UseConnection"]
        Resource = "arn:aws:codeconnections:eu-central-1:123456789012:connection/2b7c5d10-94ae-4c3f-8a61-0f5e3d9b7c42"
      },
      {
        Sid      = "PullCommits"
        Effect   = "Allow"
        Action   = "codecommit:GitPull"
        Resource = "arn:aws:codecommit:eu-central-1:123456789012:catalog"
      },
      {
        Sid      = "ReadCredentials"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:argocd/charts-Zt4LqX"
      },
      {
        Sid      = "DecryptCredentials"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:eu-central-1:123456789012:key/7d1f0a52-3c8b-4f0e-9b0a-2f6f0e1c4d77"
        Condition = {
          StringEquals = {
            "kms:EncryptionContext:SecretARN" = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:argocd/charts-Zt4LqX"
            "kms:ViaService"                  = "secretsmanager.eu-central-1.amazonaws.com"
          }
        }
      },
      {
        Sid      = "LogIn"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:aws:ecr:eu-central-1:123456789012:repository/charts/search"
      },
      {
        Sid      = "ListTags"
        Effect   = "Allow"
        Action   = "ecr:ListImages"
        Resource = "arn:aws:ecr:eu-central-1:123456789012:repository/charts/search"
      },
    ]
  })
}
