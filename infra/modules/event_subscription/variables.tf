variable "dead_letter_container" {
  type        = string
  description = "Container for events that could not be delivered."
}

variable "enabled" {
  type        = bool
  description = "Create the event subscription; the function must have been published."
}

variable "function_id" {
  type        = string
  description = "Resource id of the Event Grid triggered function (.../sites/APP/functions/NAME)."
}

variable "name" {
  type        = string
  description = "Name token."
}

variable "resource_group_name" {
  type        = string
  description = "Resource group of the system topic."
}

variable "source_id" {
  type        = string
  description = "Subscription to watch (/subscriptions/ID)."
}

variable "storage_account_id" {
  type        = string
  description = "Account with the container of dead letters."
}

variable "system_topic_name" {
  type        = string
  description = "Existing system topic of the source; null creates one."
  default     = null
}

variable "tags" {
  type        = map(string)
  description = "Tags put on every resource."
  default     = {}
  nullable    = false
}
