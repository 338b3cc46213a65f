# Every setting of the app, by who sets it. Literals only: tests/infra compares them with what the app reads.
locals {
  # References to Key Vault. The first two always, the others when optional_secrets names them.
  vault_settings = {
    required = ["FLUX_HMAC_KEY", "TEAMS_WEBHOOK_URL"]
    optional = ["FLUX_HMAC_KEY_PREVIOUS", "TEAMS_FALLBACK_WEBHOOK_URL"]
  }

  # Of an entry of ROUTES.
  route_fields   = ["subscription", "resource_group", "cluster", "namespace", "kind", "severity"]
  taken_channels = ["default", "fallback"]

  # Setting → the variable that it comes from, or what else sets it. Not to be given in app_settings.
  derived_settings = {
    ACTION_GROUP             = "the action group that is made here"
    ALERT_ENTRA_APP          = "alert_entra"
    ALERT_ENTRA_AUTHORITY    = "alert_entra"
    ALERT_ENTRA_OBJECT       = "alert_entra"
    ALERT_ENTRA_TENANT       = "alert_entra"
    ALERT_KEY                = "nothing: the action group that is made here has the key of receive_azure_alert"
    ALERT_RESOURCE_GROUP     = "alert_rules_managed"
    AZURE_CLIENT_ID          = "the identity that is made here"
    AZURE_MONITOR_WORKSPACE  = "monitor_workspace_ids"
    AzureWebJobsStorage      = "the storage account that is made here"
    FLEET_SCOPES             = "fleet_scopes"
    FLUXWATCH_URL            = "public_url"
    LOG_ANALYTICS_WORKSPACES = "log_analytics_workspace_ids"
    ROUTES                   = "routes"
    RUNBOOK_URL              = "runbook_url"
  }

  # Setting → its default where the Functions host needs one; null: the app has its own. These are given in app_settings.
  free_settings = {
    AGENT_LIMIT                     = null
    AZURE_PORTAL_URL                = null
    AZURE_RESOURCE_MANAGER_ENDPOINT = null
    COMPLIANCE_SCHEDULE             = "0 */5 * * * *"
    CONFIGURATION_LIMIT             = null
    COVERAGE_OFF                    = null
    ERRORS_SCHEDULE                 = "30 */10 * * * *"
    EVENT_WINDOW                    = null
    EXPECT_FLUX                     = null
    FLAP_COUNT                      = null
    FLAP_WINDOW                     = null
    FLEET_SIGN_IN                   = null
    FOLD_GRACE                      = null
    GIT_HOSTS                       = null
    GROUP_WAITS                     = null
    KEEP_RESOLVED                   = null
    LOG_ANALYTICS_ENDPOINT          = null
    LOG_LAG                         = null
    NOTIFY_SCHEDULE                 = "*/10 * * * * *"
    REPEAT_CRITICAL                 = null
    REPEAT_WARNING                  = null
    RULES_SCHEDULE                  = "0 7 * * * *"
    SYNC_LIMIT                      = null
    TEAMS_POSTS_PER_5_MIN           = null
  }
}
