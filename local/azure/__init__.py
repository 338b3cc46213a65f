"""A simulated fleet in; an Azure that answers about it, on this machine, out.

It speaks the protocols of the managed identity, Resource Graph, Resource Manager and Log Analytics, executes the KQL, and keeps
alert rules as Azure Monitor does.
"""

from local.azure.failures import failure_of
from local.azure.faults import FAULTS, Fault
from local.azure.generate import generate
from local.azure.resource_graph import QUOTA, Limits
from local.azure.server import AzureServer
from local.azure.world import MISSING, World

__all__ = ["FAULTS", "MISSING", "QUOTA", "AzureServer", "Fault", "Limits", "World", "failure_of", "generate"]
