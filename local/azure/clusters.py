"""What becomes of clusters, extensions and agents, in; an estate whose agents report what they see, out.

No clock: every `at` is an argument, and aware.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from local.azure.fleet import STATES, FluxConfiguration, Member
from local.azure.monitoring import Monitoring
from local.azure.status import pushed


class Clusters(Monitoring):
    """An estate that runs, or does not. Azure shows of Flux what the agents last pushed."""

    def report(self, at: datetime, clusters: Iterable[Member] | None = None) -> None:
        """The agents push what they see; the silent, and those of clusters that do not run or have no extension, do not."""
        with self.changing():
            for member in self.members.values() if clusters is None else clusters:
                if member.runs and not member.silent and member.extension:
                    for configuration in member.configurations:
                        configuration.shown = pushed(configuration, at)
                        configuration.moved = False
                if member.runs:
                    member.last_connected = at

    def silence_agent(self, member: Member) -> None:
        """Its last word stays in Azure: a Compliant that means nothing."""
        with self.changing():
            member.silent = True

    def wake_agent(self, member: Member) -> None:
        """It speaks at the next `report`."""
        with self.changing():
            member.silent = False

    def stop_cluster(self, member: Member) -> None:
        """AKS: Stopped. Others: Offline."""
        with self.changing():
            member.state = STATES[member.cluster.type][1]

    disconnect = stop_cluster

    def start_cluster(self, member: Member) -> None:
        """AKS: Running. Others: Connected."""
        with self.changing():
            member.state = STATES[member.cluster.type][0]

    def fail_extension(self, member: Member, message: str, state: str = "Failed") -> None:
        """No message and state Succeeded: it is well."""
        with self.changing():
            if member.extension:
                member.extension.provisioning, member.extension.error = state, message
                self.wrote(member)

    def upgrade_extension(self, member: Member, version: str) -> None:
        """To that version."""
        with self.changing():
            if member.extension:
                member.extension.version = version
                self.wrote(member)

    def fail_configuration(self, configuration: FluxConfiguration, message: str, at: datetime, state: str = "Failed") -> None:
        """Azure could not bring it to the cluster. No message and state Succeeded: it can again."""
        with self.changing():
            configuration.provisioning, configuration.error = state, message
