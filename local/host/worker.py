"""An app's folder in; its functions, indexed and callable, out. Microsoft's worker library does the work, in this process.

One app per process: the library keeps its registry of names in module state.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.host.functions import Function
from local.host.ledger import Finished, Ledger
from local.host.protos import PROTOS, Message, request

log = logging.getLogger(__package__)


class IndexingError(Exception):
    """The app has no functions that could be run; Azure would show none, and no reason either."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one invocation ended; `returned` is a TypedData or None."""

    ok: bool
    returned: Message | None = None
    error: str | None = None
    stack: str = ""

    @classmethod
    def of(cls, response: Any) -> Result:
        """From the library's InvocationResponse."""
        if response.result.status == PROTOS.StatusResult.Success:
            return cls(ok=True, returned=response.return_value)
        failure = getattr(response.result, "exception", None)
        return cls(ok=False, error=failure.message if failure else "failed", stack=failure.stack_trace if failure else "")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which repetition of a failed run this is, and why the last one failed."""

    number: int = 0
    limit: int = 0
    error: Message | None = None


FIRST = Attempt()


class Worker:
    """Runs invocations on an event loop of its own; synchronous functions on the library's threads."""

    def __init__(self, app_dir: Path, ledger: Ledger, *, timeout: float | None) -> None:
        self._app_dir = str(app_dir)
        self._ledger = ledger
        self._timeout = timeout
        self._loop = asyncio.new_event_loop()
        self._library: Any = None

    def invocation_id(self) -> str | None:
        """Of the invocation in which the caller is; for log records."""
        value: str | None = self._library.invocation_id_cv.get()
        return value

    def load(self) -> None:
        """Imports the library, with the app's folder last on sys.path as in Azure: an installed package wins over it."""
        home = Path(__file__).parents[2]
        sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != home]
        sys.path.append(self._app_dir)
        os.chdir(self._app_dir)
        import azure_functions_runtime  # type: ignore[import-untyped]  # here, because it notes sys.path, and takes its time

        self._library = azure_functions_runtime

    def index(self) -> list[Any]:
        """The app's `RpcFunctionMetadata`. Raises `IndexingError` with the reason and the place."""
        self._library.start_threadpool_executor()  # obeys PYTHON_THREADPOOL_THREAD_COUNT
        threading.Thread(target=self._loop.run_forever, name="worker", daemon=True).start()
        content = Message(capabilities={}, function_app_directory=self._app_dir)
        init = self._ask("worker_init_request", worker_init_request=content)
        if init.result.status != PROTOS.StatusResult.Success:
            raise IndexingError(f"{init.result.exception.message}\n{init.result.exception.stack_trace.rstrip()}")
        found = self._ask("functions_metadata_request", functions_metadata_request=Message()).function_metadata_results
        if not found:
            raise IndexingError("no functions: function_app.py is missing, or registers none")
        return list(found)

    def invoke(self, function: Function, data: Message, attempt: Attempt = FIRST) -> Result:
        """Runs the function to its end, however long that takes."""
        return self.submit(function, data, attempt).result()

    def submit(self, function: Function, data: Message, attempt: Attempt = FIRST) -> Future[Result]:
        """Starts the function. The future never raises: what the function raises is in the result."""
        invocation_id = str(uuid.uuid4())
        self._ledger.started(invocation_id, function.name)
        content = Message(
            invocation_id=invocation_id,
            function_id=function.id,
            input_data=[PROTOS.ParameterBinding(name=function.trigger["name"], data=data)],
            trigger_metadata={},  # none of the triggers that run here reads it
            trace_context=Message(trace_parent=_trace_parent(), trace_state="", attributes={}),
            retry_context=Message(retry_count=attempt.number, max_retry_count=attempt.limit, exception=attempt.error),
        )
        return asyncio.run_coroutine_threadsafe(self._run(function.name, content), self._loop)

    async def _run(self, name: str, content: Message) -> Result:
        self._library.invocation_id_cv.set(content.invocation_id)  # the library does so for synchronous functions only
        began = time.perf_counter()
        overdue = self._loop.call_later(self._timeout, _report_overdue, name) if self._timeout else None
        try:
            result = Result.of(await self._library.invocation_request(request(invocation_request=content)))
        except BaseException as error:  # SystemExit would end the loop, and every later call would hang
            result = Result(ok=False, error=f"{type(error).__name__}: {error}")
        if overdue:
            overdue.cancel()
        seconds = time.perf_counter() - began
        with self._ledger.busy():  # who reads that it ended finds it in the ledger, and the host does not end before it is said
            self._ledger.ended(content.invocation_id, Finished(name, result.ok, seconds, result.error))
            _report(name, result, seconds)
        return result

    def _ask(self, entry: str, **content: Any) -> Any:
        async def ask() -> Any:
            try:
                return await getattr(self._library, entry)(request(**content))
            except BaseException as error:
                raise IndexingError(f"{type(error).__name__}: {error}") from error

        return asyncio.run_coroutine_threadsafe(ask(), self._loop).result()


def _trace_parent() -> str:
    random = os.urandom(24).hex()
    return f"00-{random[:32]}-{random[32:]}-00"  # W3C Trace Context


def _report(name: str, result: Result, seconds: float) -> None:
    if result.ok:
        log.info("ok %.0f ms", seconds * 1000, extra={"function": name})
        return
    log.info("failed %.0f ms %s", seconds * 1000, (result.error or "").partition("\n")[0], extra={"function": name})
    for line in result.stack.splitlines():
        log.info("  %s", line, extra={"function": name})


def _report_overdue(name: str) -> None:
    log.warning(
        "runs longer than functionTimeout: Azure would now end the worker, with every call in it", extra={"function": name}
    )
