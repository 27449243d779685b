"""Airflow's APIs, put together with their routes analysed at once and with that put off: see describe_apis.py."""

import json

import pytest

pytestmark = pytest.mark.image


@pytest.fixture
def stock(apis):
    return apis[0]


@pytest.fixture
def deferred(apis):
    return apis[1]


def statuses(answers):
    return {status for status, _ in answers.values()}


def test_it_is_put_off(stock, deferred):
    assert stock["pending"] == 0
    assert deferred["pending"] > 100


def test_documents_are_the_same_to_the_byte(stock, deferred):
    assert list(stock["documents"]) == list(deferred["documents"])
    for name, document in stock["documents"].items():
        assert document == deferred["documents"][name], name
    sizes = {name: len(json.loads(document)["paths"]) for name, document in stock["documents"].items()}
    assert sizes["core"] > 80
    assert sizes["auth"] > 1
    assert len(sizes) > 8
    assert all(size > 15 for name, size in sizes.items() if name != "auth")


def test_routes_are_the_same_in_the_same_order(stock, deferred):
    assert len(stock["routes"]) > 300
    assert stock["routes"] == deferred["routes"]
    assert any("get_user" in str(route) or "inner" in str(route) for route in stock["routes"])


def test_requests_have_the_same_answers(stock, deferred):
    assert {200, 201, 204, 401, 404, 405, 409, 422} <= statuses(stock["answers"])
    assert 500 not in statuses(stock["answers"])
    assert stock["answers"] == deferred["answers"]


def test_tasks_have_the_same_answers_in_every_version(stock, deferred):
    for answers in stock["tasks"].values():
        assert {200, 201, 404, 422} <= statuses(answers)
    assert stock["tasks"] == deferred["tasks"]
