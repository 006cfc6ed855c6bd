# Rendered by Oarlock from fleet acme; do not edit, render again.

variable "profiles" {
  description = "AWS CLI profile by account id; accounts without one use the credentials of the environment."
  type        = map(string)
  default     = {}
}

variable "argo_cd_by_helm" {
  description = "Whether Argo CD's Helm chart has the values of argo-cd-values.yaml, so that they are not set here."
  type        = bool
  default     = false
}
