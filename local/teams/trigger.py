"""One call of a Workflows webhook in; the answer that Power Automate gives out.

Pure: no I/O. Statuses and codes are Microsoft's (see docs of Logic Apps and the issues named); wording of messages may differ.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

INVOKE = re.compile(r"(?:/powerautomate/automations/direct)?/workflows/([^/]+)/triggers/manual/paths/invoke")
"""The path of a webhook, in the long form of api.powerplatform.com and in the short one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back on the wire. A code makes the body that Power Automate sends with every refusal; none makes it empty."""

    status: int
    code: str = ""
    message: str = ""
    retry_after: str = ""

    def body(self) -> bytes:
        """`{"error": {"code", "message"}}` or nothing."""
        return json.dumps({"error": {"code": self.code, "message": self.message}}).encode() if self.code else b""


QUEUED = Answer(202)
NO_API_VERSION = Answer(
    400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."
)
TWO_AUTHORIZATIONS = Answer(
    400,
    "DirectApiRequestHasMoreThanOneAuthorization",
    "The request has SAS authentication scheme and another authorization scheme. Only one scheme should be used.",
)
NO_SIGNATURE = Answer(401, "DirectApiAuthorizationRequired", "The request must be authenticated only by Shared Access scheme.")
WRONG_SIGNATURE = Answer(401, "AuthorizationFailed", "The authentication credentials are not valid.")
SWITCHED_OFF = Answer(
    400,
    "WorkflowTriggerIsNotEnabled",
    "Could not execute workflow trigger 'manual' with state 'Disabled': trigger is not enabled.",
)


def not_found(flow_id: str) -> Answer:
    """Deleted flows look the same as flows that never were."""
    return Answer(404, "WorkflowNotFound", f"The workflow '{flow_id}' could not be found.")


def too_many(seconds: int) -> Answer:
    """`Retry-After` in whole seconds. The code is (unverified); clients go by the status."""
    return Answer(429, "TooManyRequests", f"Rate limit is exceeded. Try again in {seconds} seconds.", str(seconds))


def refusal(signature: str, query: str, authorization: str | None) -> Answer | None:
    """None if the caller may go on. Which of two faults is named first is (unverified)."""
    given = parse_qs(query)
    if "api-version" not in given:
        return NO_API_VERSION
    if "sig" not in given:
        return NO_SIGNATURE
    if authorization:
        return TWO_AUTHORIZATIONS  # Azure/logicapps#1157
    return None if given["sig"] == [signature] else WRONG_SIGNATURE


def attachments(body: bytes) -> list[Any] | Answer:
    """The cards of a message, or why the body does not fit the schema of "When a Teams webhook request is received"."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return _mismatch("Invalid type. Expected Object but got Null.")
    if not isinstance(message, dict):
        return _mismatch("Invalid type. Expected Object.")
    if message.get("type") != "message":
        return _mismatch("Value of 'type' is not 'message'.")
    if not isinstance(message.get("attachments"), list):
        return _mismatch("Required properties are missing from object: attachments.")
    return list(message["attachments"])


def _mismatch(details: str) -> Answer:
    schema = "The input body for trigger 'manual' of type 'Request' did not match its schema definition."
    return Answer(400, "TriggerInputSchemaMismatch", f"{schema} Error details: '{details}'")
