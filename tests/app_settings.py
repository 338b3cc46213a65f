"""App settings that differ from good ones in; what Fluxwatch reads from them, or what it finds wrong, out.

Law: every secret has s3cr3t in it, so that one that is said is found.
"""

from __future__ import annotations

import pytest

from shared.settings import Settings, SettingsError

HOOK = "https://env.01.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/0/invoke?sig=s3cr3t-hook"
STORE = "DefaultEndpointsProtocol=https;AccountName=fluxwatch;AccountKey=s3cr3t-account"
KEYVAULT = "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/s3cr3t)"
GOOD = {"FLUX_HMAC_KEY": "s3cr3t-key-of-the-tests", "AzureWebJobsStorage": STORE, "TEAMS_WEBHOOK_URL": HOOK}
UNUSABLE = "is an unresolved Key Vault reference: the app's identity may not read the secret"


def read(**env: str) -> Settings:
    """The settings of GOOD, but for these."""
    return Settings.from_env(GOOD | env)


def faults(**env: str) -> list[str]:
    """What is wrong with GOOD, but for these: something is, and no secret is said."""
    with pytest.raises(SettingsError) as wrong:
        read(**env)
    assert "s3cr3t" not in f"{wrong.value!r} {wrong.value} {wrong.value.settings!r} {wrong.value.faults}"
    return wrong.value.faults
