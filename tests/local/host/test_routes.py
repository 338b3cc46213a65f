"""Route templates and paths in; functions and route values out."""

from __future__ import annotations

import pytest

pytest.importorskip("azure_functions_runtime", reason="Microsoft's worker library exists for Python 3.13 and newer")

from local.host.functions import Function
from local.host.routes import BadRoute, Route, Routes


def function(name: str, route: str | None = None, *methods: str) -> Function:
    trigger = {"type": "httpTrigger", "route": route, "methods": list(methods)}
    return Function(name, name, [trigger], trigger)


def routes(*functions: Function, prefix: str = "api") -> Routes:
    return Routes(Route.of(one, prefix) for one in functions)


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("a/{x}", "/api/a/1", {"x": "1"}),
        ("a/{x}", "/api/a/1/", {"x": "1"}),
        ("a/{x}", "/api/a/%C3%BC%2Fb", {"x": "ü%2Fb"}),
        ("a/{x}", "/api/a", None),
        ("a/{x}", "/api/a/", None),
        ("a/{x}", "/api/a/1/2", None),
        ("a/{x?}", "/api/a", {}),
        ("a/{x?}", "/api/a/1", {"x": "1"}),
        ("a/{x:int}", "/api/a/-12", {"x": "-12"}),
        ("a/{x:int}", "/api/a/twelve", None),
        ("a/{x:guid}", "/api/a/00000000-0000-0000-0000-00000000000F", {"x": "00000000-0000-0000-0000-00000000000F"}),
        ("a/{*rest}", "/api/a/b/c", {"rest": "b/c"}),
        ("a/{*rest}", "/api/a", {}),
        ("v{major:int}.{minor:int}/x", "/api/V1.2/X", {"major": "1", "minor": "2"}),
        ("a.b", "/api/aXb", None),
        ("health", "/api/%68EALTH", {}),
    ],
)
def test_a_path_fits_its_template_or_not(template: str, path: str, values: dict[str, str] | None) -> None:
    found = routes(function("f", template)).find("GET", path)
    assert (found and found[1]) == values


def test_the_more_specific_route_is_tried_first_whatever_the_order() -> None:
    table = routes(
        function("rest", "{*all}"), function("any", "a/{x}"), function("number", "a/{x:int}"), function("literal", "a/b")
    )
    found = {path: table.find("GET", path) for path in ("/api/a/b", "/api/a/1", "/api/a/c", "/api/z")}
    assert {path: hit and hit[0].name for path, hit in found.items()} == {
        "/api/a/b": "literal",
        "/api/a/1": "number",
        "/api/a/c": "any",
        "/api/z": "rest",
    }


def test_two_functions_may_share_a_path_with_different_methods() -> None:
    table = routes(function("read", "x", "get"), function("write", "x", "POST"))
    found = [table.find(method, "/api/x") for method in ("GET", "POST", "DELETE")]
    assert [hit and hit[0].name for hit in found] == ["read", "write", None]


def test_the_prefix_may_be_empty() -> None:
    assert routes(function("f", "x"), prefix="").find("GET", "/x") is not None


@pytest.mark.parametrize("template", ["{x:colour}", "{x}/{x}", "{x=1}", "a{"])
def test_a_template_that_is_not_understood_is_an_error(template: str) -> None:
    with pytest.raises(BadRoute):
        routes(function("f", template))
