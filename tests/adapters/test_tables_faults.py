"""Storage that is away, refuses or talks nonsense in; one named fault out, which tells nothing that is secret."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import pytest

from local.azurite import Azurite
from shared.adapters.table_client import PATIENCE, Storage, table_client
from shared.adapters.table_incidents import MANY
from shared.adapters.tables import TableStore
from shared.core.finding import Run
from shared.core.inventory import ClusterInfo
from shared.core.told import Ledger
from shared.ports import Mark, Stored, StoreUnavailable
from tests.examples import START, cluster, incident, subject
from tests.parts import Answering, connection_string

KEY = "bm90LWEta2V5LWJ1dC1sb25nLWVub3VnaC10by1iZS1vbmU="  # base64, as an account's key
SIGNATURE = "c2lnbmF0dXJlLW5vYm9keS1tYXktc2Vl"

METHODS: dict[str, Callable[[TableStore], object]] = {
    "load": lambda store: store.load(subject()),
    "save": lambda store: store.save(incident(), None),
    "update": lambda store: store.save(incident(), 'W/"1"'),
    "ledger": lambda store: store.ledger(START),
    "tracked": lambda store: store.tracked(START),
    "messages": lambda store: store.messages(["incident:1"]),
    "record": lambda store: store.record(Ledger(), {}),
    "sweep": lambda store: store.sweep(START),
    "clusters": lambda store: store.clusters([cluster().key]),
    "put_clusters": lambda store: store.put_clusters([ClusterInfo(cluster())]),
    "drop_clusters": lambda store: store.drop_clusters([cluster().key]),
    "inventory": lambda store: store.inventory(),
    "failing": lambda store: store.failing(),
    "find": lambda store: store.find([subject()]),
    "find many": lambda store: store.find([subject(name=f"apps-{number}") for number in range(MANY + 1)]),
    "save_all": lambda store: store.save_all([Stored(incident(), None)]),
    "runs": lambda store: store.runs(),
    "put_run": lambda store: store.put_run(Run("sweep_errors", START)),
    "marks": lambda store: store.marks(),
    "advance": lambda store: store.advance(Mark("/a", "flux_errors"), START),
    "advance again": lambda store: store.advance(Mark("/a", "flux_errors", START, 'W/"1"'), START),
    "incidents": lambda store: store.incidents(),
    "create": lambda store: store.create(),
}


AGAIN = {"update", "find many", "advance again"}  # a method of the store in another way


def public(of: type) -> set[str]:
    return {name for name in dir(of) if not name.startswith("_")}


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def shared_access(endpoint: str) -> str:
    return f"TableEndpoint={endpoint}/devstoreaccount1;SharedAccessSignature=sv=2026-01-01&sp=raud&sig={SIGNATURE}"


def store_at(text: str) -> TableStore:
    """As patient as in Azure, but without the pauses."""
    return TableStore(table_client(Storage(text), patience={**PATIENCE, "retry_backoff_factor": 0}))


def answer(status: str, body: str = "", *more: str) -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close", *more]
    return "\r\n".join([*head, "", body]).encode()


def test_every_method_of_the_store_is_in_the_table_above() -> None:
    assert public(TableStore) == set(METHODS) - AGAIN


@pytest.mark.filterwarnings(
    "ignore:Testing an element's truth value:DeprecationWarning"
)  # the SDK's, on XML that Azurite sends
@pytest.mark.parametrize("call", METHODS.values(), ids=METHODS)
def test_a_wrong_key_is_a_fault_that_is_named(storage: Azurite, call: Callable[[TableStore], object]) -> None:
    endpoint = storage.connection_string.split("TableEndpoint=")[1].partition("/devstoreaccount1")[0]
    with pytest.raises(StoreUnavailable) as fault:
        call(store_at(connection_string(endpoint, key=KEY)))
    assert str(fault.value) in ("Table storage answered 403", "Table storage answered 403 AuthorizationFailure")


@pytest.mark.parametrize("name", ["load", "save", "record", "save_all"])
@pytest.mark.parametrize("form", [lambda at: connection_string(at, key=KEY), shared_access], ids=["key", "shared-access"])
def test_storage_that_is_away_is_a_fault_without_address_key_or_signature(
    name: str, form: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # whatever another test did to it
    address = nobody()
    with pytest.raises(StoreUnavailable) as fault:
        METHODS[name](store_at(form(address)))
    assert str(fault.value) == "Table storage cannot be reached (ServiceRequestError)"
    assert fault.value.__suppress_context__  # a traceback would show the SDK's text
    for secret in (KEY, SIGNATURE):
        assert secret not in caplog.text
    assert address.rpartition(":")[2] not in str(fault.value)


def test_no_log_holds_the_signature_of_storage_that_answers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "urllib3")  # whatever another test did to it
    with Answering(answer("403 Forbidden")) as server, pytest.raises(StoreUnavailable):
        METHODS["load"](store_at(shared_access(f"http://127.0.0.1:{server.port}")))
    assert SIGNATURE.encode() in server.heard[0]
    assert SIGNATURE not in caplog.text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (answer("500 Internal Server Error", "sig=secret", "Retry-After: 0"), "Table storage answered 500"),
        (
            answer("503 Busy", '{"odata.error": {"code": "ServerBusy"}}', "Retry-After: 0"),
            "Table storage answered 503 ServerBusy",
        ),
        (
            answer("403 Forbidden", '{"odata.error": {"code": "AuthorizationPermissionMismatch"}}'),
            "Table storage answered 403 AuthorizationPermissionMismatch",
        ),
        (answer("200 OK", "<html>a portal that wants a password"), "Table storage answered 200"),
        (b"no HTTP at all\r\n\r\n", "Table storage cannot be reached (ServiceResponseError)"),
        (b"", "Table storage cannot be reached (ServiceResponseError)"),
    ],
    ids=["500", "503", "403", "html", "nonsense", "silence"],
)
def test_whatever_storage_says_is_one_fault(said: bytes, text: str) -> None:
    with Answering(said) as server, pytest.raises(StoreUnavailable) as fault:
        METHODS["load"](store_at(connection_string(f"http://127.0.0.1:{server.port}", key=KEY)))
    assert str(fault.value) == text


def test_use_development_storage_is_the_emulator_at_its_usual_port() -> None:
    client = table_client(Storage(" usedevelopmentstorage=TRUE "))
    assert client.url == "http://127.0.0.1:10002/devstoreaccount1"
    assert client.table_name == "fluxwatch"


def test_the_identity_form_goes_to_the_accounts_table_service() -> None:
    with table_client(Storage(endpoint="https://contoso.table.core.windows.net", client_id="an-id")) as client:
        assert client.url == "https://contoso.table.core.windows.net"


def test_a_repr_of_the_settings_holds_no_secret() -> None:
    assert KEY not in repr(Storage(connection_string("https://x", key=KEY)))
    assert repr(Storage(endpoint="https://contoso.table.core.windows.net/?sig=1")) == "Storage(contoso.table.core.windows.net)"


def test_what_is_no_connection_string_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="onnection string"):
        table_client(Storage("AccountKey=1"))


def test_storage_that_hangs_is_given_up_well_before_flux_gives_up() -> None:
    """Flux waits for 60 s as shipped, and has to come again within them; an instance has few threads to wait on."""
    tries, longest = PATIENCE["retry_total"] + 1, PATIENCE["connection_timeout"] + PATIENCE["read_timeout"]
    pauses = sum(PATIENCE["retry_backoff_factor"] * 2**number for number in range(tries))
    assert tries * longest + pauses < 30


def test_storage_that_hangs_is_a_fault() -> None:
    impatient = {**PATIENCE, "read_timeout": 0.2, "retry_total": 0}
    with Answering(b"", then=lambda _: server.released.wait()) as server, pytest.raises(StoreUnavailable) as fault:
        METHODS["load"](
            TableStore(table_client(Storage(connection_string(f"http://127.0.0.1:{server.port}")), patience=impatient))
        )
    assert str(fault.value) == "Table storage cannot be reached (ServiceResponseTimeoutError)"
