# Rendered by Oarlock from fleet acme; do not edit, render again.

provider "aws" {
  alias               = "account_111122223333"
  profile             = lookup(var.profiles, "111122223333", null)
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias               = "account_444455556666"
  profile             = lookup(var.profiles, "444455556666", null)
  allowed_account_ids = ["444455556666"]
}

provider "aws" {
  alias               = "account_777788889999"
  profile             = lookup(var.profiles, "777788889999", null)
  allowed_account_ids = ["777788889999"]
}

provider "aws" {
  alias               = "account_111122223333_eu_west_1"
  region              = "eu-west-1"
  profile             = lookup(var.profiles, "111122223333", null)
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias               = "account_444455556666_eu_west_1"
  region              = "eu-west-1"
  profile             = lookup(var.profiles, "444455556666", null)
  allowed_account_ids = ["444455556666"]
}

provider "aws" {
  alias               = "account_777788889999_eu_west_1"
  region              = "eu-west-1"
  profile             = lookup(var.profiles, "777788889999", null)
  allowed_account_ids = ["777788889999"]
}

provider "aws" {
  alias               = "account_444455556666_us_east_1"
  region              = "us-east-1"
  profile             = lookup(var.profiles, "444455556666", null)
  allowed_account_ids = ["444455556666"]
}

provider "aws" {
  alias               = "account_777788889999_us_east_1"
  region              = "us-east-1"
  profile             = lookup(var.profiles, "777788889999", null)
  allowed_account_ids = ["777788889999"]
}

data "aws_eks_cluster" "cluster_tools" {
  provider = aws.account_111122223333_eu_west_1
  name     = "tools"
}

provider "kubernetes" {
  alias                  = "cluster_tools"
  host                   = data.aws_eks_cluster.cluster_tools.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_tools.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "eu-west-1", "--cluster-name", "tools"], flatten([for profile in [lookup(var.profiles, "111122223333", null)] : ["--profile", profile] if profile != null]))
  }
}

data "aws_eks_cluster" "cluster_444455556666_eu_west_1_payments" {
  provider = aws.account_444455556666_eu_west_1
  name     = "payments"
}

provider "kubernetes" {
  alias                  = "cluster_444455556666_eu_west_1_payments"
  host                   = data.aws_eks_cluster.cluster_444455556666_eu_west_1_payments.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_444455556666_eu_west_1_payments.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "eu-west-1", "--cluster-name", "payments"], flatten([for profile in [lookup(var.profiles, "444455556666", null)] : ["--profile", profile] if profile != null]))
  }
}

data "aws_eks_cluster" "cluster_analytics" {
  provider = aws.account_777788889999_eu_west_1
  name     = "analytics"
}

provider "kubernetes" {
  alias                  = "cluster_analytics"
  host                   = data.aws_eks_cluster.cluster_analytics.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_analytics.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "eu-west-1", "--cluster-name", "analytics"], flatten([for profile in [lookup(var.profiles, "777788889999", null)] : ["--profile", profile] if profile != null]))
  }
}

data "aws_eks_cluster" "cluster_444455556666_us_east_1_payments" {
  provider = aws.account_444455556666_us_east_1
  name     = "payments"
}

provider "kubernetes" {
  alias                  = "cluster_444455556666_us_east_1_payments"
  host                   = data.aws_eks_cluster.cluster_444455556666_us_east_1_payments.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_444455556666_us_east_1_payments.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "us-east-1", "--cluster-name", "payments"], flatten([for profile in [lookup(var.profiles, "444455556666", null)] : ["--profile", profile] if profile != null]))
  }
}

data "aws_eks_cluster" "cluster_staging" {
  provider = aws.account_777788889999_us_east_1
  name     = "staging"
}

provider "kubernetes" {
  alias                  = "cluster_staging"
  host                   = data.aws_eks_cluster.cluster_staging.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_staging.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "us-east-1", "--cluster-name", "staging"], flatten([for profile in [lookup(var.profiles, "777788889999", null)] : ["--profile", profile] if profile != null]))
  }
}

data "aws_eks_cluster" "cluster_hub" {
  provider = aws.account_111122223333_eu_west_1
  name     = "hub"
}

provider "kubernetes" {
  alias                  = "cluster_hub"
  host                   = data.aws_eks_cluster.cluster_hub.endpoint
  cluster_ca_certificate = base64decode(data.aws_eks_cluster.cluster_hub.certificate_authority[0].data)

  exec {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = concat(["eks", "get-token", "--region", "eu-west-1", "--cluster-name", "hub"], flatten([for profile in [lookup(var.profiles, "111122223333", null)] : ["--profile", profile] if profile != null]))
  }
}
