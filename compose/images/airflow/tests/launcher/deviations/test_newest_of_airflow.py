"""The API that tasks use, made whole at once and its newest version first: see describe_tasks_api.py."""

import json

import pytest

pytestmark = pytest.mark.image


@pytest.fixture(scope="module")
def both(python):
    return python.run_both("describe_tasks_api.py", ["stock"], ["newest"])


def test_the_whole_is_made_for_an_older_version_alone(both):
    stock, newest = both
    assert all(stock["is_whole"])
    assert newest["is_whole"][:2] == [False, False]
    assert newest["is_whole"][3:] == [True] * 5


def test_requests_of_every_version_have_the_same_answers(both):
    stock, newest = both
    assert {200, 201, 404, 422} <= {status for _, _, status, _, _ in stock["told"]}
    assert stock["told"] == newest["told"]


def test_documents_are_the_same_to_the_byte(both):
    stock, newest = both
    assert stock["documents"] == newest["documents"]
    assert all(len(json.loads(text)["paths"]) > 15 for text in stock["documents"].values())


def test_the_newest_version_is_the_same_alone(both):
    documents = both[0]["documents"]
    assert documents["alone"] == documents[both[0]["newest"]]
