"""Nothing in; the tables of Log Analytics and of Resource Graph out."""

from __future__ import annotations

import pytest

from local.kql import Database


@pytest.fixture(scope="session")
def logs() -> Database:
    return Database("loganalytics")


@pytest.fixture(scope="session")
def graph() -> Database:
    return Database("resourcegraph")
