"""Workspaces that do not answer, rows that cannot be read and lines with secrets in; all that can be known, and findings, out.

Law: what fails hinders nothing else, and is said without a secret.
"""

from __future__ import annotations

import logging

import pytest

from shared.core.inventory import ClusterInfo
from shared.core.log_windows import QUERIES
from shared.core.trouble import REMEDIES, Trouble
from tests.core.test_redact import SECRETS
from tests.examples import after, cluster
from tests.log_sweeps import END, STORM, Stage, storm, troubles
from tests.logs import OTHER_WORKSPACE, WORKSPACE, controller_row, error_row, event_row, pod_row, stalled_row


@pytest.mark.parametrize("trouble", list(Trouble))
def test_a_workspace_that_does_not_answer_hinders_no_other(trouble: Trouble) -> None:
    stage = storm(Stage(workspaces=(OTHER_WORKSPACE, WORKSPACE)))
    stage.logs.always |= {(OTHER_WORKSPACE, query): trouble for query in QUERIES}
    run = stage.run()
    assert stage.open == STORM
    assert troubles(run) == [("logs of rg-logs/log-neu", f"{trouble}: flux_pods, flux_events, flux_errors, flux_stalled")]
    assert run.findings[0].remedy == REMEDIES[trouble]


def test_a_table_that_is_missing_hinders_no_other_query() -> None:
    stage = storm(Stage())
    stage.logs.always[WORKSPACE, "flux_pods"] = Trouble.NO_TABLE
    assert troubles(stage.run()) == [("logs of rg-logs/log-weu", "no-table: flux_pods")]
    assert stage.open == {name: cause for name, cause in STORM.items() if name != "source-controller"}


def test_bad_rows_are_counted_and_named_once_and_the_others_are_read(caplog: pytest.LogCaptureFixture) -> None:
    stage = storm(Stage())
    stage.add("flux_errors", error_row(after(minutes=-20), Name="no name at all"))
    stage.add("flux_events", event_row(after(minutes=-20), _ResourceId="secret=hunter2"))
    run = stage.run()
    assert (run.counts["bad_rows"], stage.open) == (2, STORM)
    detail = (
        "2 could not be read: flux_errors: Kind, Namespace and Name are no Kubernetes names (1);"
        " flux_events: _ResourceId is not a cluster's (1)"
    )
    assert troubles(run) == [("rows of logs", detail)]
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        f"rows of logs: {detail}"
    ]


def test_clusters_outside_of_the_inventory_are_watched_and_named() -> None:
    stage = storm(Stage())
    stage.store.infos = {one.cluster.key: one for one in [ClusterInfo(cluster())]}
    assert stage.run().findings == ()
    stage.add("flux_errors", error_row(END, on=cluster("arc-9", kind="connectedClusters"), Name="beyond"))
    assert troubles(stage.run(minutes=10)) == [("clusters of logs", "logs of 1 clusters outside FLEET_SCOPES")]
    assert "beyond" in stage.open


def test_no_secret_of_any_log_line_is_stored_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    for number, (leaked, _) in enumerate(SECRETS):
        text = f"clone failed: {leaked}"
        stage.add("flux_errors", error_row(after(minutes=-20), text, Name=f"a{number}", Revision=leaked))
        stage.add("flux_errors", controller_row(after(minutes=-20), text, Controller=f"c{number}"))
        stage.add("flux_events", event_row(after(minutes=-20), text, Name=f"e{number}", Reason=leaked))
        stage.add("flux_pods", pod_row(after(minutes=-20), Controller=f"p{number}", LastTermination=leaked, Container=leaked))
        stage.add("flux_stalled", stalled_row(after(minutes=-20), Name=f"s{number}", SampleText=text))
    with caplog.at_level(logging.DEBUG):
        stage.run()
    assert len(stage.open) == 5 * len(SECRETS)
    for one in stage.all.values():
        number = int(one.subject.name[1:])
        kept = f"{one.message} {one.detail} {one.reason} {one.revision} {one.origin} {one.fingerprint}"
        assert SECRETS[number][0] not in kept
    assert all(leaked not in caplog.text for leaked, _ in SECRETS)
