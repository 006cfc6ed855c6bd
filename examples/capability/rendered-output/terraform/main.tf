# Rendered by Oarlock from fleet shop; do not edit, render again.

module "account_123456789012" {
  source = "./accounts/123456789012"

  providers = {
    aws = aws.account_123456789012
  }
}

module "cluster_orders" {
  source = "./clusters/orders"

  providers = {
    aws        = aws.account_444455556666_eu_central_1
    kubernetes = kubernetes.cluster_orders
  }

  depends_on = [module.account_123456789012]
}

module "cluster_platform" {
  source = "./clusters/platform"

  providers = {
    aws        = aws.account_123456789012_eu_central_1
    kubernetes = kubernetes.cluster_platform
  }

  depends_on = [module.account_123456789012, module.cluster_orders]
}
