# The vault, and what is kept in it.

variable "key_vault_id" {
  type        = string
  description = "Existing vault with Azure RBAC; its secrets are then called fluxwatch-…, and the app may read every secret there. null creates one of its own."
  default     = null

  validation {
    condition     = var.key_vault_id == null || can(regex("(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\\.KeyVault/vaults/[^/]+$", var.key_vault_id))
    error_message = "Give the resource id of a Key Vault."
  }
}

variable "optional_secrets" {
  type        = set(string)
  description = "Settings kept in the vault besides FLUX_HMAC_KEY, TEAMS_WEBHOOK_URL and the webhooks of routes."
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.optional_secrets, local.vault_settings.optional)) == 0
    error_message = "Known are ${join(" and ", local.vault_settings.optional)}."
  }
}

variable "secrets" {
  type        = map(string)
  description = "Values by setting name (FLUX_HMAC_KEY, TEAMS_WEBHOOK_URL, the optional ones, webhooks of routes); not kept in the state."
  default     = {}
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.secrets_version == 0 || length(setsubtract(local.secret_settings, keys(var.secrets))) == 0
    error_message = "Give a value for each of ${join(", ", local.secret_settings)}, or leave secrets_version at 0."
  }

  validation {
    condition     = length(setsubtract(keys(var.secrets), local.secret_settings)) == 0
    error_message = "Only for ${join(", ", local.secret_settings)}: name others in optional_secrets or routes."
  }

  validation {
    condition     = length(lookup(var.secrets, "FLUX_HMAC_KEY", "sixteen letters.")) >= 16
    error_message = "FLUX_HMAC_KEY has 16 characters at least."
  }

  validation {
    condition     = alltrue([for name, value in var.secrets : startswith(name, "FLUX_HMAC_KEY") || startswith(value, "https://")])
    error_message = "A webhook is an https address."
  }
}

variable "secrets_version" {
  type        = number
  description = "Above 0 writes secrets to the vault, and again whenever it is raised; 0 leaves the vault alone."
  default     = 0
  nullable    = false

  validation {
    condition     = var.secrets_version >= 0 && floor(var.secrets_version) == var.secrets_version
    error_message = "Give a whole number, 0 or more."
  }
}
