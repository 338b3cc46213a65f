"""A swept storage (in the settings) and a number of looks in; what the fleet function took for each, as JSON, out.

Law: the function as Azure calls it, headers and all; only the host is not there. A process of its own.
"""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass

import azure.functions as func

import function_app
from bench.own_process import peak_mb, told

ADDRESS = "https://fluxwatch.example.com/api/fleet"
FORMATS = ("html", "json")


@dataclass(frozen=True, slots=True)
class Look:
    """One answer. `size` in bytes, as it goes over the wire before any compression."""

    seconds: float
    cpu: float
    size: int
    clusters: int  # that it names, as a check that it is the page of that fleet


def main() -> None:
    """Both formats in turn, a first time and then as often as wanted."""
    runs = int(sys.argv[1])
    looks = [{name: asdict(look(name)) for name in FORMATS} for _ in range(runs + 1)]
    told({"first": looks[0], "later": looks[1:], "peak_mb": peak_mb()})


def look(form: str) -> Look:
    """Raises AssertionError unless it is answered 200."""
    request = func.HttpRequest("GET", ADDRESS, params={"format": form}, body=b"")
    begin, worked = time.perf_counter(), time.process_time()
    answer = function_app.fleet(request)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - worked
    assert answer.status_code == 200, f"the fleet function answered {answer.status_code}"
    body = answer.get_body()
    return Look(seconds, cpu, len(body), body.count(MARKS[form]))


MARKS = {"html": b'in the Azure portal">Portal</a>', "json": b'"azure_state":'}
"""What there is once in the body for each cluster."""


if __name__ == "__main__":
    main()
