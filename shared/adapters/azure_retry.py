"""What Azure answered to a request in; whether it is asked again, and after how long, out. Policies of azure-core.

Law: every POST that Fluxwatch makes here only reads, and a PUT or DELETE says the whole of what shall be; so all may be
repeated, but nobody waits without end.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import RetryPolicy, SansIOHTTPPolicy

REPEATED = frozenset({408, 429, 500, 502, 503, 504})
QUOTA_RESETS = "x-ms-user-quota-resets-after"  # hh:mm:ss, on every answer of Resource Graph
LONGEST = 30.0  # seconds: who asks to wait longer is told to the next run instead
BUDGET = 60.0  # seconds that the waits of one request may add up to
PATIENCE = 120  # seconds for one request with all its repeats
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

log = logging.getLogger(__name__)


def quota_resets(text: str | None) -> float | None:
    """Seconds in an hh:mm:ss header; None for anything else."""
    try:
        hours, minutes, seconds = (text or "").split(":")
        found = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found < float("inf") else None


class Loopback(SansIOHTTPPolicy[Any, Any]):
    """Tokens go over plain http to this machine only. azure-core takes the permission for each call, not for a client."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """See azure-core."""
        url = urlsplit(request.http_request.url)
        if url.scheme == "http" and url.hostname in _LOOPBACK:
            request.context.options["enforce_https"] = False


class ReadingRetry(RetryPolicy[Any, Any]):
    """Throttling, faults of the server and of the connection, for any method. `final` are statuses that are not repeated,
    `also` others that are.

    azure-core as it comes hardly repeats a POST, does not know Resource Graph's quota, repeats the first time without a pause,
    and sleeps as long as it is told to. One instance serves many threads: what changes is in `settings`, a dict of one call.
    """

    def __init__(
        self,
        sleep: Callable[[float], None],
        *,
        final: Iterable[int] = (),
        also: Iterable[int] = (),
        reads: int = 1,  # repeats after no answer in time: each may cost as much again
        patience: int = PATIENCE,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        super().__init__(retry_total=4, retry_status=4, retry_connect=2, retry_read=reads, timeout=patience)
        self._sleep, self._jitter, self._repeated = sleep, jitter, (REPEATED | frozenset(also)) - frozenset(final)

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """See azure-core."""
        settings = super().configure_retries(options)
        return settings | {"methods": frozenset({*settings["methods"], "POST"}), "left": BUDGET}

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Seconds: of Retry-After (a number or a date), retry-after-ms, x-ms-retry-after-ms, else when the quota is reset."""
        try:
            asked = super().get_retry_after(response)
        except (ValueError, TypeError, OverflowError):  # neither a number nor a date
            asked = None
        if asked is None and response.http_response.status_code == 429:
            asked = quota_resets(response.http_response.headers.get(QUOTA_RESETS))
        return None if asked is None else max(0.0, asked)

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """See azure-core."""
        if response.http_response.status_code not in self._repeated or settings["total"] <= 0:
            return False
        return bool((self.get_retry_after(response) or 0.0) <= min(LONGEST, settings["left"]))

    def increment(self, settings: dict[str, Any], response: Any = None, error: Exception | None = None) -> bool:
        """See azure-core."""
        if isinstance(error, ServiceRequestError) and error.inner_exception is None:
            return False  # refused before anything was sent, as a token over plain http is: that never gets better
        return super().increment(settings, response=response, error=error) is True

    def sleep(self, settings: dict[str, Any], transport: Any, response: PipelineResponse[Any, Any] | None = None) -> None:
        """See azure-core. A little more than asked: everybody who is throttled is told the same moment."""
        asked = self.get_retry_after(response) if response is not None else None
        wait = self._backoff(settings) if asked is None else asked + self._jitter(0.0, 0.5)
        wait = min(wait, settings["left"])
        settings["left"] -= wait
        log.info("Azure is asked again in %.1f s: %s", wait, response.http_response.status_code if response else "no answer")
        self._sleep(wait)

    def _backoff(self, settings: dict[str, Any]) -> float:
        """About 1, 2, 4 … seconds."""
        return min(2.0 ** max(0, len(settings["history"]) - 1), LONGEST) * self._jitter(0.75, 1.25)


class Allowance:
    """Seconds that all repeats of a client's requests may take together within `SPAN`. Safe for threads."""

    SPAN = timedelta(seconds=30)
    CALL = 1.0  # what a repeated request takes besides its wait, when Azure is slow

    def __init__(self, seconds: float, now: Callable[[], datetime]) -> None:
        self._seconds, self._now, self._lock = seconds, now, threading.Lock()
        self._spent: list[tuple[datetime, float]] = []

    @property
    def left(self) -> float:
        """Of waiting, when the repeat is paid for; 0 or less: nothing is repeated now."""
        with self._lock:
            since = self._now() - self.SPAN
            self._spent = [one for one in self._spent if one[0] > since]
            return self._seconds - self.CALL - sum(seconds for _, seconds in self._spent)

    def spend(self, wait: float) -> None:
        """For one repeat after that wait."""
        with self._lock:
            self._spent.append((self._now(), wait + self.CALL))


class RuleRetry(ReadingRetry):
    """The same for alert rules: also 409, which Azure says while another write of the same rule is under way.

    A plan has a dozen writes, and Event Grid waits 30 s for the whole of it: so their repeats share one allowance.
    """

    def __init__(self, sleep: Callable[[float], None], allowance: Allowance, **more: Any) -> None:
        super().__init__(sleep, also=(409,), **more)
        self._allowance = allowance

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """See azure-core."""
        settings["left"] = min(settings["left"], self._allowance.left)
        return settings["left"] > 0 and super().is_retry(settings, response)

    def increment(self, settings: dict[str, Any], response: Any = None, error: Exception | None = None) -> bool:
        """See azure-core."""
        settings["left"] = min(settings["left"], self._allowance.left)
        return settings["left"] > 0 and super().increment(settings, response=response, error=error)

    def sleep(self, settings: dict[str, Any], transport: Any, response: PipelineResponse[Any, Any] | None = None) -> None:
        """See azure-core."""
        before = settings["left"]
        super().sleep(settings, transport, response)
        self._allowance.spend(before - settings["left"])
