# Rendered by Oarlock from fleet acme; do not edit, render again.

# controller and server of the hub assume it to be known to analytics-eu; bridge: it also trusts
# `arn:aws:iam::111122223333:role/argocd-management`, as which Argo CD's pods come until they are
# restarted, and the next plan takes that out
resource "aws_iam_role" "oarlock_hub_eu_west_1_analytics" {
  name                 = "oarlock-hub-eu-west-1-analytics"
  path                 = "/"
  description          = "Argo CD on hub: identity on analytics-eu; no permissions"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Hub"
        Effect = "Allow"
        Principal = {
          AWS = [
            "arn:aws:iam::111122223333:role/oarlock-hub-controller",
            "arn:aws:iam::111122223333:role/oarlock-hub-server",
          ]
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
      },
      {
        Sid    = "Bridge"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::111122223333:role/argocd-management"
        }
        Action = ["sts:AssumeRole", "sts:TagSession"]
      },
    ]
  })

  tags = merge(var.tags, {
    "app.kubernetes.io/managed-by" = "oarlock"
    "oarlock.dev/fleet"            = "acme"
  })
}
