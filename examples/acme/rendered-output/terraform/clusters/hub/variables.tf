# Rendered by Oarlock from fleet acme; do not edit, render again.

variable "tags" {
  description = "Tags to add to those that mark what is Oarlock's."
  type        = map(string)
  default     = {}
}

variable "argo_cd_by_helm" {
  description = "Whether Argo CD's Helm chart has the values of argo-cd-values.yaml, so that they are not set here."
  type        = bool
  default     = false
}
