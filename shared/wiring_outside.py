"""App settings in; the adapters to everything outside, ready to be asked, out.

Law: nothing happens at import; each is made once, when it is first wanted, however many threads want it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Set
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.once import once
from shared.settings import STORE, TELLS_WITHOUT, Settings, SettingsError

if TYPE_CHECKING:
    from shared.adapters.azure_client import AzureClient
    from shared.adapters.azure_monitor import MonitorClient
    from shared.adapters.log_analytics import LogsClient
    from shared.adapters.pages import Pages
    from shared.adapters.resource_graph import GraphClient
    from shared.adapters.resource_manager import ArmClient
    from shared.adapters.tables import TableStore
    from shared.adapters.teams import TeamsChannel


class SystemClock:
    """Fits the port Clock."""

    def now(self) -> datetime:
        """See the port."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """See the port."""
        time.sleep(seconds)


class Outside:
    """The adapters. Their modules are imported when they are wanted: a cold start pays only for the function that runs."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env, self.clock = env, SystemClock()

    @once
    def settings(self) -> Settings:
        """Raises `SettingsError`, each time, until the settings are right."""
        return Settings.from_env(self._env)

    def needing(self, names: Set[str]) -> Settings:
        """The settings, if nothing is wrong with these; what is wrong with others has its default. Raises `SettingsError`."""
        try:
            return self.settings
        except SettingsError as wrong:
            if wrong.names & names:
                raise
            return wrong.settings

    def without(self, names: Set[str]) -> Settings:
        """The settings, if nothing is wrong but with these. Raises `SettingsError`."""
        try:
            return self.settings
        except SettingsError as wrong:
            if wrong.names - names:
                raise
            return wrong.settings

    @once
    def store(self) -> TableStore:
        """One client for all functions. Raises `SettingsError` if it cannot be made."""
        from shared.adapters.table_client import Storage, table_client
        from shared.adapters.tables import TableStore

        settings = self.needing(STORE)
        try:
            return TableStore(table_client(Storage(**settings.storage)))
        except ValueError:  # whose text may quote the setting, and with it the key
            raise SettingsError(["AzureWebJobsStorage is not a connection string"], settings) from None

    @once
    def channels(self) -> Mapping[str, TeamsChannel]:
        """By name."""
        from shared.adapters.teams import TeamsChannel

        return {name: TeamsChannel(name, url, self.clock.now) for name, url in self.without(TELLS_WITHOUT).webhooks.items()}

    @once
    def pages(self) -> Pages:
        """What people look at. Needs no setting."""
        from shared.adapters.pages import Pages

        return Pages()

    @property
    def mended(self) -> Settings:
        """The settings, with defaults for those that are wrong: health looks at Azure all the same."""
        try:
            return self.settings
        except SettingsError as wrong:
            return wrong.settings

    @once
    def azure(self) -> AzureClient:
        """One for all that is asked of Azure: tokens are kept in it."""
        from shared.adapters.azure_client import AzureClient

        azure = self.mended.azure
        return AzureClient(
            management=azure.management,
            logs=azure.logs,
            client_id=azure.client_id,
            managed="IDENTITY_ENDPOINT" in self._env,  # set by the platform where the app has an identity
            clock=self.clock,
        )

    @once
    def graph(self) -> GraphClient:
        """Azure Resource Graph over FLEET_SCOPES."""
        from shared.adapters.resource_graph import GraphClient

        return GraphClient(self.azure, self.mended.azure.scope, self.clock)

    @once
    def arm(self) -> ArmClient:
        """Azure Resource Manager."""
        from shared.adapters.resource_manager import ArmClient

        return ArmClient(self.azure)

    @once
    def logs(self) -> LogsClient:
        """Log Analytics; it remembers the plans of tables."""
        from shared.adapters.log_analytics import LogsClient

        return LogsClient(self.azure, self.arm, self.clock)

    @once
    def monitor(self) -> MonitorClient:
        """Azure Monitor: the alert rules in ALERT_RESOURCE_GROUP."""
        from shared.adapters.azure_monitor import MonitorClient

        return MonitorClient(self.azure, self.mended.alerts.group)
