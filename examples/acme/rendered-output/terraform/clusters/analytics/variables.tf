# Rendered by Oarlock from fleet acme; do not edit, render again.

variable "tags" {
  description = "Tags to add to those that mark what is Oarlock's."
  type        = map(string)
  default     = {}
}
