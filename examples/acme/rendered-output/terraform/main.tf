# Rendered by Oarlock from fleet acme; do not edit, render again.

module "account_111122223333" {
  source = "./accounts/111122223333"

  providers = {
    aws = aws.account_111122223333
  }
}

module "account_444455556666" {
  source = "./accounts/444455556666"

  providers = {
    aws = aws.account_444455556666
  }

  depends_on = [module.account_111122223333]
}

module "account_777788889999" {
  source = "./accounts/777788889999"

  providers = {
    aws = aws.account_777788889999
  }

  depends_on = [module.account_111122223333]
}

module "cluster_tools" {
  source = "./clusters/tools"

  providers = {
    aws        = aws.account_111122223333_eu_west_1
    kubernetes = kubernetes.cluster_tools
  }

  depends_on = [module.account_111122223333]
}

module "cluster_444455556666_eu_west_1_payments" {
  source = "./clusters/444455556666-eu-west-1-payments"

  providers = {
    aws        = aws.account_444455556666_eu_west_1
    kubernetes = kubernetes.cluster_444455556666_eu_west_1_payments
  }

  depends_on = [module.account_444455556666]
}

module "cluster_analytics" {
  source = "./clusters/analytics"

  providers = {
    aws        = aws.account_777788889999_eu_west_1
    kubernetes = kubernetes.cluster_analytics
  }

  depends_on = [module.account_777788889999]
}

module "cluster_444455556666_us_east_1_payments" {
  source = "./clusters/444455556666-us-east-1-payments"

  providers = {
    aws        = aws.account_444455556666_us_east_1
    kubernetes = kubernetes.cluster_444455556666_us_east_1_payments
  }

  depends_on = [module.account_444455556666]
}

module "cluster_staging" {
  source = "./clusters/staging"

  providers = {
    aws        = aws.account_777788889999_us_east_1
    kubernetes = kubernetes.cluster_staging
  }

  depends_on = [module.account_111122223333]
}

module "cluster_hub" {
  source = "./clusters/hub"

  providers = {
    aws        = aws.account_111122223333_eu_west_1
    kubernetes = kubernetes.cluster_hub
  }

  argo_cd_by_helm = var.argo_cd_by_helm

  depends_on = [
    module.account_111122223333,
    module.cluster_tools,
    module.cluster_444455556666_eu_west_1_payments,
    module.cluster_analytics,
    module.cluster_444455556666_us_east_1_payments,
    module.cluster_staging,
  ]
}
