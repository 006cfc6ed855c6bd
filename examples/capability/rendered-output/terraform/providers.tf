# Rendered by Oarlock from fleet shop; do not edit, render again.

provider "aws" {
  alias               = "account_123456789012"
  profile             = lookup(var.profiles, "123456789012", null)
  allowed_account_ids = ["123456789012"]
}

provider "aws" {
  alias               = "account_444455556666_eu_central_1"
  region              = "eu-central-1"
  profile             = lookup(var.profiles, "444455556666", null)
  allowed_account_ids = ["444455556666"]
}

provider "aws" {
  alias               = "account_123456789012_eu_central_1"
  region              = "eu-central-1"
  profile             = lookup(var.profiles, "123456789012", null)
  allowed_account_ids = ["123456789012"]
}

data "aws_eks_cluster" "cluster_orders" {
  provider = aws.account_444455556666_eu_central_1
  name     = "orders"
}

provider "kubernetes" {
  alias                  = "cluster_orders"
  host                   = data.aws_eks_cluster.cluster_orders.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_orders.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "eu-central-1", "--cluster-name", "orders"], flatten([for profile in [lookup(var.profiles, "444455556666", null)] : ["--profile", profile] if profile != null]))
  }
}

data "aws_eks_cluster" "cluster_platform" {
  provider = aws.account_123456789012_eu_central_1
  name     = "platform"
}

provider "kubernetes" {
  alias                  = "cluster_platform"
  host                   = data.aws_eks_cluster.cluster_platform.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_platform.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "eu-central-1", "--cluster-name", "platform"], flatten([for profile in [lookup(var.profiles, "123456789012", null)] : ["--profile", profile] if profile != null]))
  }
}
