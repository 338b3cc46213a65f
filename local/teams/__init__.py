"""Webhook calls in; a Teams channel that can be looked at out. Stands for Teams and Power Automate on a machine without either.

It answers as a Workflows webhook does, and keeps its silence too: 202 says that a run is queued, and the run may still fail.
"""

from local.teams.faults import Fault
from local.teams.flow import Post, Run
from local.teams.pacing import REAL, UNPACED, Limit, Limits
from local.teams.server import TeamsServer
from local.teams.tenant import Call

__all__ = ["REAL", "UNPACED", "Call", "Fault", "Limit", "Limits", "Post", "Run", "TeamsServer"]
