# Rendered by Oarlock from fleet shop; do not edit, render again.

variable "profiles" {
  description = "AWS CLI profile by account id; accounts without one use the credentials of the environment."
  type        = map(string)
  default     = {}
}
