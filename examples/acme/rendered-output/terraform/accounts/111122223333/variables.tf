# Rendered by Oarlock from fleet acme; do not edit, render again.

variable "permissions_boundary" {
  description = "ARN of a permissions boundary for every role, where the account demands one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags to add to those that mark what is Oarlock's."
  type        = map(string)
  default     = {}
}
